// Incremental gzip decompression (RFC 1952), implemented with zlib.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace trine::format {

// Decompresses a stream of gzip members that follow each other. Zero bytes after a member are skipped. Not
// thread-safe.
class GzipDecoder {
 public:
  GzipDecoder();
  ~GzipDecoder();
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  // Removes bytes from the front of `in` and writes the decompressed bytes, until `in` is empty or `room`
  // bytes are written. Returns the number of bytes written. If that number equals `room`, call again, even if
  // `in` is empty: more output may be pending. Returns kCorrupt if the input is not gzip, after which the
  // decoder must not be used; kInternal if zlib cannot allocate memory. Requires room > 0.
  Result<size_t> Decode(std::string_view* in, char* out, size_t room);
  // Returns true if the input so far consists of one or more whole members.
  bool complete() const { return any_ && !in_member_; }

 private:
  z_stream zlib_{};
  const bool ready_;
  bool in_member_ = false;
  bool any_ = false;
};

}  // namespace trine::format
