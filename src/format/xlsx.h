// Reads Excel workbooks (.xlsx, ECMA-376).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace trine::format {

// Returns the first visible sheet of a workbook as CSV: comma, doubled quotes, LF. Row N of the sheet is line
// N if no cell contains a line break; all rows have as many cells as the widest one. Dates become
// "2026-11-22" or "2026-11-22 13:05:00", other numbers their shortest decimal; formulas have the value that
// was stored with them. kCorrupt if `bytes` is not a workbook, kUnsupported for an encrypted one, kLimit if a
// part has more than 128 MiB.
Result<std::string> XlsxToCsv(std::string_view bytes);

}  // namespace trine::format
