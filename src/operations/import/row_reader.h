// RowReader: reads the rows of a CSV or NDJSON stream, whatever its encoding and compression.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/csv.h"
#include "format/json.h"
#include "operations/import/file_notes.h"
#include "operations/import/import_options.h"

namespace trine::operations {

// One row. CSV fills `cells`, one per header column; NDJSON fills `object`.
struct RawRow {
  uint64_t line = 0;  // on which the row begins, from 1
  std::string raw;    // the text of the row, for the reject file
  std::vector<std::string> cells;
  format::Json object;
  bool broken = false;  // the row contains U+FFFD where bytes could not be decoded
};

// An interface with two implementations, for CSV and for NDJSON. Not thread-safe.
class RowReader {
 public:
  virtual ~RowReader() = default;
  // Reads the next row; returns false at the end. Returns kBadRow for a row that cannot be parsed:
  // `row->line` is set, and the caller may call Next again. After any other error, Next must not be called.
  virtual Result<bool> Next(RawRow* row) = 0;
  // The header of a CSV file; empty for NDJSON, whose rows contain the names of their values.
  virtual const std::vector<std::string>& header() const = 0;
  virtual uint64_t bytes() const = 0;   // read from the source so far, before decompression
  virtual FileNotes notes() const = 0;  // of the part that was read so far
};

// Opens a stream. Gzip is recognised by its first bytes and decompressed. The encoding and the format are
// detected if the options leave them open, and so are the delimiter of CSV, its escapes and lines before its
// header. The first visible sheet of an Excel workbook
// (.xlsx, at most 64 MiB) is read like CSV. kUnsupported for the older format of Excel.
Result<std::unique_ptr<RowReader>> OpenRows(std::unique_ptr<format::ByteSource> source,
                                            const std::string& name, const ImportOptions& options);

}  // namespace trine::operations
