// Detects how a CSV text is written: its delimiter, its line ends, how it escapes quotes, and how many lines
// precede its header.
#pragma once

#include <string_view>

#include "format/csv.h"

namespace trine::format {

// Returns the options with which CsvReader should read a text that begins with `sample`.
//   delimiter          named by a line `sep=;` as Excel writes it; otherwise the one of , tab ; | that occurs
//                      most often in the header line, or `fixed` unless that is 0
//   backslash_escapes  false if quotes are doubled in the sample and never escaped with a backslash
//   cr_lines           true if there is a CR but no LF
//   skip_lines         1 for the line `sep=;`, plus the lines of a preamble (a title, a period) before the
//                      header: lines with at most a quarter of the cells of the lines that follow
CsvOptions DetectCsvDialect(std::string_view sample, char fixed = 0);

}  // namespace trine::format
