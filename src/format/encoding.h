// Utf8Source: converts a byte stream in a named or a detected character encoding to UTF-8.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/csv.h"

namespace trine::format {

// Drops a leading byte order mark. Byte sequences that cannot be decoded become U+FFFD and are counted. Owns
// its source. Not thread-safe.
//
// With the encoding "auto", ASCII passes through until the first other byte. The encoding is then detected
// from the following bytes, at most 1 MiB: a byte order mark, UTF-16 without one, ISO-2022, UTF-8 with few
// broken characters, Shift_JIS, EUC-JP, CP949 or windows-1252.
class Utf8Source final : public ByteSource {
 public:
  // `encoding`, in any case: "auto", "utf-8", "utf-16", "cp949", "shift_jis", "latin-1" and so on. kInvalid
  // for an unknown name; the error lists the known ones.
  static Result<std::unique_ptr<Utf8Source>> Open(std::unique_ptr<ByteSource> source,
                                                  std::string_view encoding);
  ~Utf8Source() override;

  // Besides the errors of the source, returns kInvalid if the encoding cannot be detected, or if more than a
  // fifth of the characters outside ASCII could not be decoded. The error names the position of the first
  // such byte and the encodings that were tried.
  Result<std::string_view> Next() override;
  // The name of the encoding, for example "cp949"; "utf-8" while only ASCII was read.
  const std::string& encoding() const;
  // The number of byte sequences that have become U+FFFD, and the position of the first in the source.
  uint64_t broken() const;
  uint64_t first_broken() const;

 private:
  struct Impl;
  explicit Utf8Source(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace trine::format
