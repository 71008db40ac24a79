#include "index/live_bits.h"

#include <bit>

#include "index/bytes.h"
#include "storage/directory.h"

namespace trine::index {
namespace {
constexpr std::string_view kMagic = "TRNLIV01";
}

std::string EncodeLiveBits(const LiveBits& bits) {
  std::string out(kMagic);
  PutFixed<uint32_t>(&out, bits.rows);
  PutFixed<uint32_t>(&out, bits.live);
  for (uint64_t word : bits.words) PutFixed<uint64_t>(&out, word);
  PutFixed<uint32_t>(&out, storage::Crc32c(out));
  return out;
}

Result<LiveBitsPtr> DecodeLiveBits(std::string_view bytes, uint32_t rows) {
  const auto corrupt = [](const char* what) {
    return Error(ErrorCode::kCorrupt, std::string("live bits are not what was written: ") + what);
  };
  auto bits = std::make_shared<LiveBits>(rows);
  const size_t size = kMagic.size() + 8 + 8 * bits->words.size();
  if (bytes.size() != size + 4 || bytes.substr(0, kMagic.size()) != kMagic)
    return corrupt("wrong size or magic");
  if (Load<uint32_t>(bytes.data() + size) != storage::Crc32c(bytes.substr(0, size)))
    return corrupt("wrong checksum");
  ByteReader in(bytes.substr(kMagic.size()));
  if (in.Fixed<uint32_t>() != rows) return corrupt("another number of rows");
  const auto live = in.Fixed<uint32_t>();
  uint32_t counted = 0;
  for (uint64_t& word : bits->words) {
    const uint64_t possible = word;
    word = in.Fixed<uint64_t>();
    if ((word & ~possible) != 0) return corrupt("bits past the last row");
    counted += static_cast<uint32_t>(std::popcount(word));
  }
  if (counted != live) return corrupt("another number of live rows");
  bits->live = live;
  return LiveBitsPtr(std::move(bits));
}

}  // namespace trine::index
