// Copies the files of a data directory that cannot be built again, and verifies the copies.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "server/data_directory.h"

namespace trine::server {

// Copies the facts, the models and the pinned embedder into the folder `to`, which must exist, and writes the
// format mark last, so that an incomplete copy is not a data directory. Each file is read back from the disk
// and compared with what was read from the source, and the copied store is opened and verified. On return
// everything is on stable storage. kCorrupt if the source is damaged (then nothing is copied) or if a copy
// differs from its source; kIo and kNoSpace from the file system. After an error the caller removes `to`.
// Entries that are not files, such as pipes and folders, are not part of the facts or models: they are never
// opened, and their paths are added to `skipped`.
Status CopyKeptFiles(DataDirectory& from, const std::string& korean_dictionary, const std::string& to,
                     std::vector<std::string>* skipped = nullptr);

}  // namespace trine::server
