#include "index/bit_pack.h"

#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace trine::index {
namespace {

// Four lanes of 32 bits. GCC and Clang compile operations on this type to SSE2 or NEON, and to scalar code on
// other processors.
typedef uint32_t Lanes __attribute__((vector_size(16)));

inline Lanes LoadLanes(const char* p) {
  Lanes v;
  std::memcpy(&v, p, sizeof(v));
  return v;
}

template <int kWidth>
void UnpackWidth(const char* in, uint32_t* values) {
  if constexpr (kWidth == 0) {
    std::memset(values, 0, kPackedValues * sizeof(uint32_t));
  } else {
    constexpr uint32_t kMask = kWidth == 32 ? UINT32_MAX : (1u << kWidth) - 1;
    const Lanes mask = {kMask, kMask, kMask, kMask};
    Lanes word = LoadLanes(in);
    int shift = 0;
#pragma GCC unroll 32
    for (int i = 0; i < 32; ++i) {
      Lanes v = word >> static_cast<uint32_t>(shift);
      shift += kWidth;
      if (shift >= 32) {
        shift -= 32;
        in += 16;
        if (i != 31) {
          word = LoadLanes(in);
          if (shift != 0) v |= word << static_cast<uint32_t>(kWidth - shift);
        }
      }
      v &= mask;
      std::memcpy(values + size_t{4} * i, &v, sizeof(v));
    }
  }
}

using Unpacker = void (*)(const char*, uint32_t*);

template <size_t... kWidths>
constexpr std::array<Unpacker, sizeof...(kWidths)> MakeUnpackers(std::index_sequence<kWidths...>) {
  return {&UnpackWidth<static_cast<int>(kWidths)>...};
}
constexpr auto kUnpackers = MakeUnpackers(std::make_index_sequence<33>());

}  // namespace

int PackedWidth(const uint32_t* values) {
  uint32_t all = 0;
  for (size_t i = 0; i < kPackedValues; ++i) all |= values[i];
  return static_cast<int>(std::bit_width(all));
}

void Pack(const uint32_t* values, int width, std::string* out) {
  TRINE_DCHECK_GE(width, PackedWidth(values));
  TRINE_CHECK_LE(width, 32);
  if (width == 0) return;
  uint32_t words[kPackedValues] = {};
  for (size_t i = 0; i < kPackedValues; ++i) {
    const size_t lane = i % 4;
    const size_t bit = (i / 4) * static_cast<size_t>(width);
    const size_t word = bit / 32, shift = bit % 32;
    words[4 * word + lane] |= values[i] << shift;
    if (shift + static_cast<size_t>(width) > 32) words[4 * (word + 1) + lane] |= values[i] >> (32 - shift);
  }
  out->append(reinterpret_cast<const char*>(words), PackedBytes(width));
}

void Unpack(const char* in, int width, uint32_t* values) {
  TRINE_DCHECK_GE(width, 0);
  TRINE_DCHECK_LT(static_cast<size_t>(width), kUnpackers.size());
  kUnpackers[static_cast<size_t>(width)](in, values);
}

void UnpackDeltas(const char* in, int width, uint32_t base, uint32_t* values) {
  Unpack(in, width, values);
  const Lanes zero = {0, 0, 0, 0};
  Lanes carry = {base, base, base, base};
  for (size_t i = 0; i < kPackedValues; i += 4) {
    Lanes v;
    std::memcpy(&v, values + i, sizeof(v));
    v += __builtin_shufflevector(zero, v, 0, 4, 5, 6);
    v += __builtin_shufflevector(zero, v, 0, 1, 4, 5);
    v += carry;
    std::memcpy(values + i, &v, sizeof(v));
    carry = __builtin_shufflevector(v, v, 3, 3, 3, 3);
  }
}

}  // namespace trine::index
