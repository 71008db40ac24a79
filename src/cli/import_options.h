// Arguments of `trine import`, and validation of imported events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalogue/roles.h"
#include "operations/import/import.h"

namespace trine::cli {

// The arguments of `trine import`. Plain data.
struct ImportArguments {
  std::string file, type = "interactions", group, index, reject_file, encoding = "auto", time_zone, analyzer;
  uint64_t allow_rejects = 0;               // more rejected rows make the command fail, after the import
  std::vector<std::string> map, constants;  // values of --map ("OURS=THEIRS") and --set ("OURS=TEXT")
  std::vector<std::string> where;           // values of --where ("COLUMN!=VALUE|VALUE")
  std::vector<std::string> roles;           // values of --role ("NAME=COLUMN")
};

// Returns the offset from UTC in minutes of a zone such as "KST", "UTC" or "+09:00"; an empty `zone` is UTC.
// kUsage for anything else.
Result<int> ParseTimeZone(const std::string& zone);

// kUsage for an invalid argument; the error names the option.
Result<operations::ImportOptions> ToImportOptions(const ImportArguments& arguments);

// Reads the values of --role. `columns` are the names of the file's columns or members. Returns the fields
// that the columns are stored in, by role. kUsage for an unknown role or column, naming the nearest known
// one.
Result<catalogue::RoleDeclarations> ReadRoleArguments(const ImportArguments& arguments,
                                                      const std::vector<std::string>& columns);

// Applies the limits of POST /_trine/events to one event. The request rejects a whole batch because of one
// invalid event; an import rejects only that event, with kBadRow.
Status CheckEvent(const history::Event& event);

}  // namespace trine::cli
