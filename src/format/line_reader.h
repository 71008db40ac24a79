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

  // Fills `line`, without its ending, and returns true, or returns false at the end of the stream. If a line
  // is too long, returns kLimit with `line` empty and too_long() true; the next call reads the line after it.
  // Other errors come from the source.
  Result<bool> Next(std::string* line);
  // Returns true if the last call of Next() failed because the line is too long.
  bool too_long() const { return too_long_; }
  // Returns the number of the last line that was read, counted from 1; 0 before the first.
  uint64_t line() const { return line_; }

 private:
  // Reads the rest of the current line and appends it to `out`, unless that is nullptr. Returns kLimit if
  // `out` would get too long. Sets `any` if there is anything to read.
  Status ReadLine(std::string* out, bool* any);

  const std::unique_ptr<ByteSource> source_;
  const size_t max_bytes_;
  std::string_view piece_;  // the part of the source's last piece that is not consumed yet
  bool too_long_ = false;
  uint64_t line_ = 0;
};

}  // namespace trine::format
