#include "net/gzip.h"

#include <zlib.h>

#include <algorithm>

#include "base/check.h"
#include "format/gzip.h"

namespace trine::net {
namespace {

constexpr int kGzipWindow = 15 + 16;  // in zlib: gzip framing, 32 KiB window
constexpr size_t kFirstStep = 16u << 10;
constexpr size_t kMaxStep = 4u << 20;
constexpr size_t kMaxPackedStep = 1u << 30;  // zlib counts in 32 bits
constexpr int kFastLevel = 3;                // the default http.compression_level of OpenSearch

Error Broken(const char* why) {
  return Error(ErrorCode::kInvalid, std::string("the gzip body is invalid: ") + why);
}

Error TooLarge(size_t max_bytes) {
  return Error(ErrorCode::kBodyTooLarge, "the decompressed body is too large")
      .Expected("at most " + std::to_string(max_bytes) + " bytes");
}

}  // namespace

Result<std::string> Gunzip(std::string_view packed, size_t max_bytes,
                           const std::function<Status(size_t more)>& reserve) {
  format::GzipDecoder decoder;
  std::string out;
  size_t used = 0;
  size_t step = kFirstStep;
  while (!packed.empty() || !decoder.complete()) {
    if (used == out.size()) {
      if (used > max_bytes) return TooLarge(max_bytes);
      const size_t more =
          std::min(step, max_bytes + 1 - used);  // one extra byte shows that the limit is exceeded
      if (reserve) TRINE_TRY(reserve(more));
      out.resize(used + more);
      step = std::min(step * 2, kMaxStep);
    }
    const Result<size_t> written = decoder.Decode(&packed, out.data() + used, out.size() - used);
    if (!written.ok()) {
      return written.error().kind() == ErrorKind::kCorrupt ? Broken("not gzip data") : written.error();
    }
    used += *written;
    if (packed.empty() && used < out.size() && !decoder.complete()) return Broken("it is truncated");
  }
  if (used > max_bytes) return TooLarge(max_bytes);
  out.resize(used);
  return out;
}

std::string Gzip(std::string_view bytes) {
  z_stream z{};
  TRINE_CHECK(deflateInit2(&z, kFastLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&z, bytes.size()), '\0');
  size_t used = 0;
  for (int code = Z_OK; code != Z_STREAM_END;) {
    const size_t given = std::min(bytes.size(), kMaxPackedStep);
    const size_t room = std::min(out.size() - used, kMaxPackedStep);
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    z.avail_in = static_cast<uInt>(given);
    z.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    z.avail_out = static_cast<uInt>(room);
    code = deflate(&z, given == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    TRINE_CHECK(code == Z_OK || code == Z_STREAM_END);
    TRINE_CHECK_LE(z.avail_in, given);
    used += room - z.avail_out;
    bytes.remove_prefix(given - z.avail_in);
  }
  deflateEnd(&z);
  out.resize(used);
  return out;
}

}  // namespace trine::net
