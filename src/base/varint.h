// Variable-length integers and length-prefixed strings. Integers are LEB128: seven bits per byte, low bits
// first, with the high bit set on all bytes but the last. Every file format and stored value that contains a
// varint uses this encoding. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trine {

inline constexpr int kMaxVarintBytes = 10;  // 64 bits

inline void AppendVarint(uint64_t v, std::string* out) {
  while (v >= 0x80) {
    out->push_back(static_cast<char>(v | 0x80));
    v >>= 7;
  }
  out->push_back(static_cast<char>(v));
}

// Reads one varint from [p, end) into `v` and returns the position after it. Returns nullptr, with `v`
// unchanged, if the varint is truncated or longer than kMaxVarintBytes.
inline const char* ParseVarint(const char* p, const char* end, uint64_t* v) {
  uint64_t result = 0;
  for (int shift = 0; shift < 7 * kMaxVarintBytes && p < end; shift += 7) {
    const auto byte = static_cast<uint8_t>(*p++);
    result |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *v = result;
      return p;
    }
  }
  return nullptr;
}

// Removes one varint from the front of `in`. Returns false, with both arguments unchanged, if `in` does not
// begin with a valid varint.
inline bool ConsumeVarint(std::string_view* in, uint64_t* v) {
  const char* const end = in->data() + in->size();
  const char* const next = ParseVarint(in->data(), end, v);
  if (next == nullptr) return false;
  *in = std::string_view(next, static_cast<size_t>(end - next));
  return true;
}

// Appends a string preceded by its length as a varint.
inline void AppendLengthPrefixed(std::string_view text, std::string* out) {
  AppendVarint(text.size(), out);
  out->append(text);
}

// Removes a length-prefixed string from the front of `in`; `text` points into the bytes of `in`. Returns
// false, with both arguments unchanged, if the string is truncated.
inline bool ConsumeLengthPrefixed(std::string_view* in, std::string_view* text) {
  std::string_view rest = *in;
  uint64_t size = 0;
  if (!ConsumeVarint(&rest, &size) || size > rest.size()) return false;
  *text = rest.substr(0, size);
  rest.remove_prefix(size);
  *in = rest;
  return true;
}

}  // namespace trine
