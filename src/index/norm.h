// Norm: the length of a field in one byte, encoded like Lucene's SmallFloat.intToByte4: lengths up to 39 are
// exact, longer ones keep four significant bits. Reaches disk; the encoding never changes.
#pragma once

#include <bit>
#include <cstdint>

namespace trine::index {

// Lengths below this are stored unchanged. It is 255 minus the code of INT32_MAX, so that the largest length
// gets the byte 255.
inline constexpr uint32_t kExactLengths = 24;

// Lengths above INT32_MAX count as INT32_MAX.
constexpr uint8_t EncodeLength(uint32_t length) {
  if (length > 0x7fffffffu) length = 0x7fffffffu;
  if (length < kExactLengths) return static_cast<uint8_t>(length);
  const uint32_t rest = length - kExactLengths;
  const int bits = static_cast<int>(std::bit_width(rest));
  if (bits < 4) return static_cast<uint8_t>(kExactLengths + rest);
  const int shift = bits - 4;
  const uint32_t code = ((rest >> shift) & 7u) | (static_cast<uint32_t>(shift + 1) << 3);
  return static_cast<uint8_t>(kExactLengths + code);
}

// The smallest length that has this code.
constexpr uint32_t DecodeLength(uint8_t norm) {
  if (norm < kExactLengths) return norm;
  const uint32_t code = norm - kExactLengths;
  const uint32_t bits = code & 7u;
  const uint32_t shift = code >> 3;
  const uint64_t rest = shift == 0 ? bits : static_cast<uint64_t>(bits | 8u) << (shift - 1);
  return static_cast<uint32_t>(kExactLengths + rest);
}

}  // namespace trine::index
