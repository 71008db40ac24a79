#include "format/gzip.h"

#include <algorithm>
#include <string>

#include "base/check.h"

namespace trine::format {
namespace {

constexpr int kGzipOnly = 15 + 16;     // zlib windowBits: a 32 KiB window (15), gzip framing only (16)
constexpr size_t kMaxStep = 1u << 30;  // bytes per call of inflate, which counts in 32 bits

}  // namespace

GzipDecoder::GzipDecoder() : ready_(inflateInit2(&zlib_, kGzipOnly) == Z_OK) {}
GzipDecoder::~GzipDecoder() { inflateEnd(&zlib_); }

Result<size_t> GzipDecoder::Decode(std::string_view* in, char* out, size_t room) {
  TRINE_DCHECK_GT(room, 0u);
  if (!ready_) return Error(ErrorCode::kInternal, "zlib cannot allocate memory");
  size_t written = 0;
  do {
    // Tapes and some tools fill the last block with zero bytes, which gzip(1) ignores, too.
    if (complete()) in->remove_prefix(std::min(in->find_first_not_of('\0'), in->size()));
    if (complete() && in->empty()) return written;
    const size_t offered = std::min(in->size(), kMaxStep), space = std::min(room - written, kMaxStep);
    zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in->data()));
    zlib_.avail_in = static_cast<uInt>(offered);
    zlib_.next_out = reinterpret_cast<Bytef*>(out + written);
    zlib_.avail_out = static_cast<uInt>(space);
    if (offered > 0) in_member_ = any_ = true;
    const int code = inflate(&zlib_, Z_NO_FLUSH);
    in->remove_prefix(offered - zlib_.avail_in);
    written += space - zlib_.avail_out;
    if (code == Z_STREAM_END) {
      in_member_ = false;
      inflateReset(&zlib_);
    } else if (code != Z_OK && code != Z_BUF_ERROR) {  // Z_BUF_ERROR only means: needs more input or space
      return Error(ErrorCode::kCorrupt, std::string("the gzip stream is corrupt: ") +
                                            (zlib_.msg != nullptr ? zlib_.msg : "invalid data"));
    }
  } while (!in->empty() && written < room);
  return written;
}

}  // namespace trine::format
