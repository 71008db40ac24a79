// Splits a byte stream into lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "format/csv.h"

namespace trine::format {

// Reads line by line. Lines end with LF or CRLF; the last line may lack its ending. Holds at most one line in
// memory. Owns its source. Not thread-safe.
class LineReader {
 public:
  // `max_bytes` bounds a line without its LF.
  LineReader(std::unique_ptr<ByteSource> source, size_t max_bytes)
      : source_(std::move(source)), max_bytes_(max_bytes) {}

  // Fills `line`, without its ending, and returns true; false at the end of the stream. A line that is too
  // long is kLimit, `line` is then empty and too_long() true; the next call reads the line after it. Other
  // errors are those of the source.
  Result<bool> Next(std::string* line);
  // Whether the last call of Next() failed because the line is too long.
  bool too_long() const { return too_long_; }
  // The number of the last line, counted from 1; 0 before the first.
  uint64_t line() const { return line_; }

 private:
  // Appends the rest of the current line to `out`, unless that is nullptr. Stops when `out` gets too long.
  Status ReadLine(std::string* out, bool* any);

  const std::unique_ptr<ByteSource> source_;
  const size_t max_bytes_;
  std::string_view piece_;  // what was received from the source and is not consumed
  bool too_long_ = false;
  uint64_t line_ = 0;
};

}  // namespace trine::format
