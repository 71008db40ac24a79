// Fuzzes the segment reader: any bytes are either rejected or read without leaving their bounds. The first
// byte chooses whether the checksums are corrected first, to reach the code behind them.
#include <cstdint>
#include <cstring>
#include <string>

#include "index/segment.h"
#include "storage/directory.h"
#include "test/support/naive_index.h"

namespace {

using trine::index::kSegmentFooterBytes;

// Writes the correct checksums of the table of contents and the body into the footer.
void MakeChecksumsRight(std::string* bytes) {
  if (bytes->size() < kSegmentFooterBytes) return;
  char* footer = bytes->data() + bytes->size() - kSegmentFooterBytes;
  uint64_t offset = 0, length = 0;
  std::memcpy(&offset, footer, 8);
  std::memcpy(&length, footer + 8, 8);
  const uint64_t room = bytes->size() - kSegmentFooterBytes;
  if (offset > room || length > room - offset) return;
  const std::string_view all(*bytes);
  const uint32_t toc = trine::storage::Crc32c(all.substr(offset, length));
  const uint32_t body = trine::storage::Crc32c(all.substr(0, offset));
  std::memcpy(footer + 16, &toc, 4);
  std::memcpy(footer + 20, &body, 4);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 1) != 0) MakeChecksumsRight(&bytes);
  const auto segment = trine::index::Segment::OpenHeap(std::move(bytes), "memory");
  if (!segment.ok()) return 0;
  static_cast<void>((*segment)->VerifyBody().ok());
  trine::test::TouchAll(trine::index::SegmentView(*segment, nullptr));
  return 0;
}
