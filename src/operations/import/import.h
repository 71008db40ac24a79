// Import: reads the rows of a CSV or NDJSON stream as events, users, items or documents. It accepts files as
// shops export them: CP949, byte order marks, "12,900원", "2026.11.22", times without a zone, category paths
// with '>'. Used by import jobs and by `trine import`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "format/csv.h"
#include "operations/import/file_notes.h"
#include "operations/import/import_options.h"
#include "operations/import/imported_row.h"

namespace trine::operations {

struct ImportCounts {
  uint64_t rows = 0, kept = 0, rejected = 0, bytes = 0;
  uint64_t unread = 0;       // values of optional columns that could not be parsed and were skipped
  std::string first_unread;  // "line 17: EVENT_VALUE '-'"
  uint64_t broken = 0;       // kept rows with bytes that could not be decoded, which became U+FFFD
  std::string first_broken;  // "line 17: TITLE"
  uint64_t left_out = 0;     // rows that the conditions of the options exclude; not in `rows`
  FileNotes notes;
  std::vector<ColumnNote> columns;  // set when the import ends
};

// The callbacks of an import, all called on the thread that runs it.
//   row       receives each row in order. An error of kind kInvalid rejects the row; others stop the import.
//   reject    receives the line number, text and error of each rejected row. An error stops the import. May
//             be empty.
//   progress  receives the counts every 10,000 rows and at the end. May be empty.
struct ImportSinks {
  std::function<Status(ImportedRow)> row;
  std::function<Status(uint64_t line, const std::string& raw, const Error&)> reject;
  std::function<void(const ImportCounts&)> progress;
};
// Reads all of `source`. A name in `columns` or `where` of the options that the file does not have is
// kMissingColumn, with the nearest name; for NDJSON, a name that none of the first 500 rows has. If the
// options leave the format open, the ending of `name` or else the first byte decides the format. Up to
// `max_rejects` rejected rows are counted and are not an error. If the header lacks a required column, the
// error lists the columns in the header. Bytes that cannot be decoded become U+FFFD; a row whose id contains
// such bytes is rejected, because ids could become equal. Soon after `stop` is requested, the import returns
// kStopped; rows that `row` has accepted by then stay accepted.
Result<ImportCounts> Import(std::unique_ptr<format::ByteSource> source, const std::string& name,
                            const ImportOptions& options, const ImportSinks& sinks, std::stop_token stop);

}  // namespace trine::operations
