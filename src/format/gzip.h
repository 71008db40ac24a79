// Incremental decompression of gzip (RFC 1952, zlib inside).
#pragma once

#include <zlib.h>

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace trine::format {

// Decompresses a sequence of gzip members, which follow each other without a gap and are one stream. Not
// thread-safe.
class GzipDecoder {
 public:
  GzipDecoder();
  ~GzipDecoder();
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  // Removes bytes from the front of `in` and writes what they decompress to, until `in` is empty or `room`
  // bytes are written. Returns the number of bytes written. When they fill `room`, more may come of the same
  // input, so the next call may have an empty `in`. kCorrupt when the input is not gzip, after which the
  // decoder is useless; kInternal when zlib gets no memory. Requires room > 0.
  Result<size_t> Decode(std::string_view* in, char* out, size_t room);
  // Whether the input so far consists of whole members, and of at least one.
  bool complete() const { return any_ && !in_member_; }

 private:
  z_stream zlib_{};
  const bool ready_;
  bool in_member_ = false;
  bool any_ = false;
};

}  // namespace trine::format
