// Copies the files of a data directory that cannot be built again, and verifies the copies.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "server/data_directory.h"

namespace trine::server {

struct CopyOptions {
  // Copies the facts although models or the pinned embedder are lost (server/kept_files.h).
  bool allow_lost = false;
};
struct CopyReport {
  // The paths of entries that are not files, such as pipes and folders. They are never opened.
  std::vector<std::string> skipped;
  std::vector<std::string> lost;  // files that the copy lacks or has damaged: as DirectoryReport::lost
};

// Copies the facts, the models and the pinned embedder into the folder `to`, which must exist, and writes the
// format mark last, so that an incomplete copy is not a data directory. Each file is read back from the disk
// and compared with what was read from the source, and the copied store is opened and verified. On return
// everything is on stable storage. kCorrupt if the source is damaged or, unless allowed, lacks a model or the
// embedder (then nothing is copied), or if a copy differs from its source; kIo and kNoSpace from the file
// system. After an error the caller removes `to`, and `report` is unchanged; it may be nullptr.
Status CopyKeptFiles(DataDirectory& from, const std::string& korean_dictionary, const std::string& to,
                     const CopyOptions& options = {}, CopyReport* report = nullptr);

}  // namespace trine::server
