// The data directory: its format mark, and opening its store of facts.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "formation/pinned_embedder.h"
#include "server/options.h"
#include "storage/directory.h"
#include "storage/key_value.h"

namespace trine::server {

// The pinned embedder (formation/pinned_embedder.h): its key in the family `kMeta`, and its file in the
// folder of models.
inline constexpr const char* kPinnedEmbedderKey = formation::kPinnedEmbedderKey;
inline constexpr const char* kPinnedEmbedderFile = formation::kPinnedEmbedderFile;

struct DataDirectory {
  std::unique_ptr<storage::Directory> root;
  std::unique_ptr<storage::KeyValue> facts;
};

// Opens a data directory for writing. A folder that is missing or empty becomes a data directory, and so does
// one whose creation was interrupted: the store of facts is created first and the format mark last. In a
// folder with the mark, a missing store means that data was lost or is not mounted: kNotFound, with the
// missing file as `where`, and no file is created or changed. kInUse if another process has the directory
// open; kInvalid if the folder contains other files or an incompatible version wrote it; the errors of
// OpenKeyValue. The messages about facts that are damaged or missing end with AdviceForFacts.
Result<DataDirectory> OpenDataDirectory(const std::string& path, const storage::KeyValueOptions& options,
                                        const OpenFacts& open_facts = storage::OpenKeyValue);

// Advice to an operator whose facts cannot be opened for this reason.
const char* AdviceForFacts(const Error& error);

// Opens an existing data directory without changing any file, and keeps writers out as long as the result
// lives. Same errors as OpenDataDirectory, and kUsage if the folder is not a data directory.
Result<DataDirectory> OpenDataDirectoryReadOnly(const std::string& path);

// Ok if the folder has the format mark of this version; kUsage without a mark, kInvalid for another version.
Status RequireDataDirectory(const std::string& path);

}  // namespace trine::server
