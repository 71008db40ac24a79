// The files of a RocksDB store by their names and types, without opening one. Only for the RocksDB
// implementation of KeyValue.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace trine::storage {

// Whether a file has the name of a manifest: "MANIFEST-" and a number.
bool IsManifestName(std::string_view name);

// Returns the name of the newest manifest in the folder, or an empty string.
std::string NewestManifest(const std::string& path);

// Whether the folder contains a table or a log that is not empty. A store whose creation was interrupted has
// neither.
bool HoldsData(const std::string& path);

// kCorrupt if a file that opening the store reads is a pipe, a socket, a device or a folder, with the file as
// `where`: opening a pipe waits until another process writes to it. A link without a target counts as a
// missing file, and so is not an error. CheckTableTypes looks at the tables, CheckFileTypes at all other
// files.
Status CheckFileTypes(const std::string& path);
Status CheckTableTypes(const std::string& path);

}  // namespace trine::storage
