// DirectoryCheck: reads every file of a data directory and reports those that cannot be used.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "server/data_directory.h"

namespace trine::server {

struct DirectoryReport {
  std::vector<std::string> broken;  // one sentence per unusable file, with advice on what to do
  std::vector<std::string> lost;    // likewise, of models and the pinned embedder (server/kept_files.h)
  std::vector<std::string> notes;   // files that are not in use: left over, set aside or unknown
};

// Verifies all checksums of an open data directory. Changes nothing. `korean_dictionary` as in
// AnalyzersOptions. Returns an error only if the directory cannot be read at all; damage is in the report.
Result<DirectoryReport> CheckDirectory(DataDirectory& directory, const std::string& korean_dictionary);

// Checks the facts, the models and the pinned embedder only: all that a backup copies and that cannot be
// built again.
Result<DirectoryReport> CheckKeptFiles(DataDirectory& directory, const std::string& korean_dictionary);

// Returns DirectoryReport::lost only.
Result<std::vector<std::string>> FindLostModels(DataDirectory& directory,
                                                const std::string& korean_dictionary);

// Returns the number of collections, hidden ones included. Changes nothing.
Result<size_t> CountCollections(const DataDirectory& directory);

}  // namespace trine::server
