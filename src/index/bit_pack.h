// Bit packing of blocks of 128 integers, in four interleaved lanes so that one 128-bit operation
// works on four values (the vertical layout of Lemire and Boytsov, "Decoding billions of integers
// per second through vectorization", 2015, section 4).
//
// Value i lies in lane i % 4; each lane is a stream of 32 values of `width` bits, low bits first, cut
// into 32-bit words; word w of the four lanes is stored at bytes 16 w .. 16 w + 15. A block of width b
// therefore takes exactly 16 b bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace trine::index {

inline constexpr size_t kPackedValues = 128;

// Returns the number of bits in the largest of the 128 values: 0 to 32.
int PackedWidth(const uint32_t* values);
constexpr size_t PackedBytes(int width) { return 16u * static_cast<size_t>(width); }

// Appends PackedBytes(width) bytes. Requires 0 <= width <= 32 and 128 values, each below 2^width.
void Pack(const uint32_t* values, int width, std::string* out);
// Reads PackedBytes(width) bytes at `in`, in any alignment, into 128 values. Requires 0 <= width <= 32.
void Unpack(const char* in, int width, uint32_t* values);
// Like Unpack, for packed distances: values[i] becomes base plus the sum of the unpacked values 0 to i,
// modulo 2^32.
void UnpackDeltas(const char* in, int width, uint32_t base, uint32_t* values);

}  // namespace trine::index
