// The fields of an index, as its mapping lists them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/connection.h"

namespace trine::cli {

// Returns the path and the OpenSearch type of every field and sub-field, in the order of the mapping; for an
// alias, those of all its indexes. kNotFound if there is no such index.
Result<std::vector<std::pair<std::string, std::string>>> IndexFields(Connection& connection,
                                                                     const std::string& index);

// Splits the value of --fields ("title^3,brand"). kUsage if it names a field that `known` lacks; the message
// names the nearest one. A pattern with '*' must match a field.
Result<std::vector<std::string>> SplitFields(const std::string& text,
                                             const std::vector<std::pair<std::string, std::string>>& known);

}  // namespace trine::cli
