// Arguments of `trine import`, and the check of imported events.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "operations/import/import.h"

namespace trine::cli {

// The arguments of `trine import`. Plain data.
struct ImportArguments {
  std::string file, type = "interactions", group, index, reject_file, encoding = "auto", time_zone, analyzer;
  std::vector<std::string> map, constants;  // "OURS=THEIRS", "OURS=TEXT"
};

// The offset from UTC in minutes of "KST", "UTC" or "+09:00". Empty is UTC. kUsage for anything else.
Result<int> ParseTimeZone(const std::string& zone);

// kUsage, with the option to correct, for arguments that are not valid.
Result<operations::ImportOptions> ToImportOptions(const ImportArguments& arguments);

// Applies the limits of POST /_trine/events to one event. That request rejects a whole batch because of one
// event; an import rejects such an event alone, as kBadRow.
Status CheckEvent(const history::Event& event);

}  // namespace trine::cli
