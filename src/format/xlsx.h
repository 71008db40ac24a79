// Reads Excel workbooks (.xlsx, ECMA-376).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "format/csv.h"

namespace trine::format {

// Opens a workbook, whose bytes the source owns, and returns the first visible sheet as CSV: comma, doubled
// quotes, LF. Row N of the sheet is line N if no cell contains a line break; all rows have as many cells as
// the widest one. Dates become "2026-11-22" or "2026-11-22 13:05:00", other numbers their shortest decimal;
// formulas have the value that was stored with them.
//
// The sheet is decompressed twice: once here, for its width and to find damage, and again piece by piece
// while the source is read. Only the texts that its cells share stay in memory. kCorrupt if `bytes` is not a
// workbook, kUnsupported for an encrypted one, kLimit if the sheet has more than 512 MiB of XML, another part
// more than 128 MiB, a row more than 16 MiB, or the CSV more than 256 MiB: a small workbook may repeat a long
// text in many cells. `reserve` is called with the bytes of memory, besides `bytes`, before they are taken,
// here or while the source is read; its error is returned.
Result<std::unique_ptr<ByteSource>> XlsxToCsv(std::string bytes,
                                              const std::function<Status(size_t more)>& reserve = {});

}  // namespace trine::format
