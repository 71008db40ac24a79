#include "operations/write/record_id.h"

#include <array>

#include "base/hash.h"

namespace trine::operations {

std::string RecordIds::Next() {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const uint64_t time = static_cast<uint64_t>(clock_.Now().value);
  const uint32_t count = counter_.fetch_add(1);
  std::array<unsigned char, 15> bytes;
  for (size_t i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(time >> (40 - 8 * i));
  for (size_t i = 0; i < 5; ++i) bytes[6 + i] = static_cast<unsigned char>(process_ >> (8 * i));
  for (size_t i = 0; i < 4; ++i) bytes[11 + i] = static_cast<unsigned char>(count >> (24 - 8 * i));
  std::string id;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const uint32_t three = static_cast<uint32_t>(bytes[i]) << 16 | static_cast<uint32_t>(bytes[i + 1]) << 8 |
                           static_cast<uint32_t>(bytes[i + 2]);
    for (int shift = 18; shift >= 0; shift -= 6) id += kAlphabet[three >> shift & 63];
  }
  return id;
}

}  // namespace trine::operations
