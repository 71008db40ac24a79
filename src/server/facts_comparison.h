// Comparison of the derived files of a data directory with its facts.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "server/data_directory.h"

namespace trine::server {

// Returns one sentence for each index or checkpoint of counters that contains more than the facts, or other
// documents: the facts are then an older copy, or lost their newest part. Reads the manifests, the headers
// and a sample of rows, and changes nothing. Files that cannot be read are left out; CheckDirectory names
// them. Returns an error if the facts cannot be read.
Result<std::vector<std::string>> FindFilesAheadOfFacts(DataDirectory& directory);

}  // namespace trine::server
