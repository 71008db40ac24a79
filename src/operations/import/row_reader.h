// RowReader: the rows of a CSV or NDJSON stream under one face, whatever their encoding and packing.
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

// One row. CSV fills `cells`, one for each column of the header; NDJSON fills `object`.
struct RawRow {
  uint64_t line = 0;  // on which it begins, from 1
  std::string raw;    // as it was read, for reject files
  std::vector<std::string> cells;
  format::Json object;
};

// Not thread-safe.
class RowReader {
 public:
  virtual ~RowReader() = default;
  // False at the end. A row that cannot be read is kBadRow; `row` has its line and reading
  // may go on. Any other error ends the stream.
  virtual Result<bool> Next(RawRow* row) = 0;
  // The header of a CSV file; empty for NDJSON, whose rows name their values themselves.
  virtual const std::vector<std::string>& header() const = 0;
  virtual uint64_t bytes() const = 0;  // of the source, packed as it came
};

// Unpacks gzip (by its first bytes), decodes, and finds out the format as the options say.
Result<std::unique_ptr<RowReader>> OpenRows(std::unique_ptr<format::ByteSource> source,
                                            const std::string& name, const ImportOptions& options);

}  // namespace trine::operations
