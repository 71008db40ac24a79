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
#include "operations/import/import_options.h"

namespace trine::operations {

// One row. CSV fills `cells`, one per column of the header; NDJSON fills `object`.
struct RawRow {
  uint64_t line = 0;  // on which it begins, from 1
  std::string raw;    // as it was read, for the file of rejected rows
  std::vector<std::string> cells;
  format::Json object;
};

// An interface with two implementations, for CSV and for NDJSON. Not thread-safe.
class RowReader {
 public:
  virtual ~RowReader() = default;
  // Reads the next row; false at the end. A row that cannot be read is the error kBadRow: `row` has its line,
  // and reading may go on. After any other error it may not.
  virtual Result<bool> Next(RawRow* row) = 0;
  // The header of a CSV file; empty for NDJSON, whose rows name their values.
  virtual const std::vector<std::string>& header() const = 0;
  virtual uint64_t bytes() const = 0;  // read from the source so far, before decompression
};

// Opens a stream: decompresses gzip (recognised by its first bytes), decodes it, and finds out its format, as
// far as the options leave these open.
Result<std::unique_ptr<RowReader>> OpenRows(std::unique_ptr<format::ByteSource> source,
                                            const std::string& name, const ImportOptions& options);

}  // namespace trine::operations
