// CRC-32C with the SSE4.2 instruction if the build targets it, otherwise with a table.
#include <array>
#include <cstring>

#include "storage/directory.h"

#ifdef __SSE4_2__
#include <nmmintrin.h>
#endif

namespace trine::storage {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // Castagnoli polynomial, bits reversed

constexpr std::array<uint32_t, 256> MakeTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    table[i] = crc;
  }
  return table;
}
constexpr auto kTable = MakeTable();

uint32_t ByTable(uint32_t crc, const char* p, size_t n) {
  for (size_t i = 0; i < n; ++i) crc = kTable[(crc ^ static_cast<unsigned char>(p[i])) & 0xff] ^ (crc >> 8);
  return crc;
}

#ifdef __SSE4_2__
uint32_t Update(uint32_t crc, const char* p, size_t n) {
  uint64_t wide = crc;
  for (; n >= 8; p += 8, n -= 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  return ByTable(static_cast<uint32_t>(wide), p, n);
}
#else
uint32_t Update(uint32_t crc, const char* p, size_t n) { return ByTable(crc, p, n); }
#endif

}  // namespace

uint32_t Crc32c(std::string_view bytes, uint32_t seed) { return ~Update(~seed, bytes.data(), bytes.size()); }

}  // namespace trine::storage
