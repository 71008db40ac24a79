// Additions to base/bytes.h for the index file formats: a bounds-checked varint reader, and a parser for
// magic numbers that contain a version.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "base/varint.h"

namespace trine::index {

// Reads a varint at *p and moves *p past it, but never past `end`. Returns 0 and sets *p = end if the varint
// is truncated or longer than 64 bits. Requires *p <= end.
inline uint64_t ReadVarint(const char** p, const char* end) {
  TRINE_DCHECK(*p <= end);
  uint64_t v = 0;
  const char* const next = ParseVarint(*p, end, &v);
  *p = next == nullptr ? end : next;
  return v;
}

// Returns the format version from `bytes`, which must begin with `prefix` and two decimal digits and contain
// at least 4 more bytes; nullopt if they do not.
inline std::optional<uint64_t> VersionInMagic(std::string_view bytes, std::string_view prefix) {
  if (bytes.size() < prefix.size() + 6 || !bytes.starts_with(prefix)) return std::nullopt;
  const char tens = bytes[prefix.size()], ones = bytes[prefix.size() + 1];
  if (tens < '0' || tens > '9' || ones < '0' || ones > '9') return std::nullopt;
  return static_cast<uint64_t>(10 * (tens - '0') + (ones - '0'));
}

}  // namespace trine::index
