// Fuzzes the readers of manifests and live bits: accepted input must encode to the same bytes.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "index/bytes.h"
#include "index/live_bits.h"
#include "index/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto manifest = trine::index::DecodeManifest(bytes);
  if (manifest.ok()) TRINE_CHECK(trine::index::EncodeManifest(*manifest) == bytes);
  // The server takes the number of rows from the manifest; here it comes from the input and is kept small.
  const uint32_t rows = size < 12 ? 0 : trine::Load<uint32_t>(bytes.data() + 8) % 10'000;
  const auto live = trine::index::DecodeLiveBits(bytes, rows);
  if (live.ok()) TRINE_CHECK(trine::index::EncodeLiveBits(**live) == bytes);
  return 0;
}
