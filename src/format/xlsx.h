// Reads Excel workbooks (.xlsx, ECMA-376).
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trine::format {

// Returns the first visible sheet of a workbook as CSV: comma, doubled quotes, LF. Row N of the sheet is line
// N if no cell contains a line break; all rows have as many cells as the widest one. Dates become
// "2026-11-22" or "2026-11-22 13:05:00", other numbers their shortest decimal; formulas have the value that
// was stored with them. kCorrupt if `bytes` is not a workbook, kUnsupported for an encrypted one, kLimit if a
// part has more than 128 MiB or the CSV more than 256 MiB: a small workbook may repeat a long text in many
// cells. `reserve` is called with the bytes of memory before they are taken; its error is returned.
Result<std::string> XlsxToCsv(std::string_view bytes, const std::function<Status(size_t more)>& reserve = {});

}  // namespace trine::format
