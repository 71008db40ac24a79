#include "index/live_bits.h"

#include <bit>

#include "base/check.h"
#include "index/bytes.h"
#include "storage/directory.h"
#include "storage/format_version.h"

namespace trine::index {
namespace {
constexpr std::string_view kMagicPrefix = "TRNLIV";  // then two digits, the format version
constexpr std::string_view kMagic = "TRNLIV01";
constexpr uint64_t kVersion = 1;
}  // namespace

std::string EncodeLiveBits(const LiveBits& bits) {
  TRINE_CHECK_EQ(bits.words.size(), (size_t{bits.rows} + 63) / 64);
  TRINE_CHECK_LE(bits.live, bits.rows);
  std::string out(kMagic);
  AppendFixed<uint32_t>(bits.rows, &out);
  AppendFixed<uint32_t>(bits.live, &out);
  for (uint64_t word : bits.words) AppendFixed<uint64_t>(word, &out);
  AppendFixed<uint32_t>(storage::Crc32c(out), &out);
  return out;
}

Result<LiveBitsPtr> DecodeLiveBits(std::string_view bytes, uint32_t rows) {
  const auto corrupt = [](const char* what) {
    return Error(ErrorCode::kCorrupt, std::string("a live bits file is damaged: ") + what);
  };
  if (const auto version = VersionInMagic(bytes, kMagicPrefix); version && *version != kVersion) {
    // Every version ends with a checksum of all bytes before it.
    const size_t body = bytes.size() - sizeof(uint32_t);
    if (Load<uint32_t>(bytes.data() + body) == storage::Crc32c(bytes.substr(0, body))) {
      return storage::UnsupportedFormatVersion("a live bits file", *version, kVersion);
    }
  }
  auto bits = std::make_shared<LiveBits>(rows);
  const size_t size = kMagic.size() + 8 + 8 * bits->words.size();
  if (bytes.size() != size + 4 || bytes.substr(0, kMagic.size()) != kMagic)
    return corrupt("its size or its magic bytes are wrong");
  if (Load<uint32_t>(bytes.data() + size) != storage::Crc32c(bytes.substr(0, size)))
    return corrupt("its checksum is wrong");
  ByteReader in(bytes.substr(kMagic.size()));
  if (in.Fixed<uint32_t>() != rows) return corrupt("its number of rows differs from that of its segment");
  const auto live = in.Fixed<uint32_t>();
  uint32_t counted = 0;
  for (uint64_t& word : bits->words) {
    const uint64_t possible = word;
    word = in.Fixed<uint64_t>();
    if ((word & ~possible) != 0) return corrupt("a bit after the last row is set");
    counted += static_cast<uint32_t>(std::popcount(word));
  }
  if (counted != live) return corrupt("the number of live rows is wrong");
  bits->live = live;
  return LiveBitsPtr(std::move(bits));
}

}  // namespace trine::index
