#include "format/zip.h"

#include <zlib.h>

#include <algorithm>
#include <optional>

#include "base/check.h"

namespace trine::format {
namespace {

constexpr size_t kEndBytes = 22, kEntryBytes = 46, kLocalBytes = 30;
constexpr size_t kMaxComment = 65'535;

Error Damaged(const char* what) {
  return Error(ErrorCode::kCorrupt, "the ZIP archive is damaged: " + std::string(what));
}

// The little-endian number of `bytes` bytes at `at`. Requires that they are inside the text.
uint32_t Number(std::string_view text, size_t at, size_t bytes) {
  TRINE_CHECK_LE(at + bytes, text.size());
  uint32_t value = 0;
  for (size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(text[at + i]);
  return value;
}

// Decompresses one member, and compares its size and its checksum at the end.
class MemberSource final : public ByteSource {
 public:
  MemberSource(std::string_view packed, bool deflated, size_t size, uint32_t crc)
      : packed_(packed), deflated_(deflated), size_(size), crc_(crc) {
    constexpr int kRawDeflate = -15;  // zlib windowBits: no header
    ready_ = deflated && inflateInit2(&zlib_, kRawDeflate) == Z_OK;
    zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed_.data()));
    zlib_.avail_in = static_cast<uInt>(packed_.size());
    if (ready_) out_.resize(kPieceBytes);
  }
  ~MemberSource() override {
    if (ready_) inflateEnd(&zlib_);
  }
  Result<std::string_view> Next() override {
    if (deflated_ && !ready_) return Error(ErrorCode::kInternal, "zlib cannot allocate memory");
    std::string_view piece;
    if (deflated_) {
      TRINE_ASSIGN(piece, Inflate());
    } else {
      piece = packed_.substr(0, kPieceBytes);
      packed_.remove_prefix(piece.size());
    }
    read_ += piece.size();
    if (!piece.empty())  // without data, crc32 begins again
      seen_crc_ =
          crc32(seen_crc_, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(piece.size()));
    if (read_ > size_) return Damaged("a member is longer than the directory says");
    if (piece.empty() && (read_ != size_ || seen_crc_ != crc_)) return Damaged("a checksum does not match");
    return piece;
  }

 private:
  static constexpr size_t kPieceBytes = 64u << 10;

  // Empty at the end.
  Result<std::string_view> Inflate() {
    if (ended_) return std::string_view();
    zlib_.next_out = reinterpret_cast<Bytef*>(out_.data());
    zlib_.avail_out = static_cast<uInt>(out_.size());
    const int code = inflate(&zlib_, Z_NO_FLUSH);
    ended_ = code == Z_STREAM_END;
    const size_t made = out_.size() - zlib_.avail_out;
    if ((code != Z_OK && !ended_) || (made == 0 && !ended_))
      return Damaged("a member cannot be decompressed");
    return std::string_view(out_.data(), made);
  }

  std::string_view packed_;  // what is left of a stored member
  const bool deflated_;
  const size_t size_;
  const uint32_t crc_;
  z_stream zlib_{};
  bool ready_ = false, ended_ = false;
  std::string out_;
  size_t read_ = 0;
  uLong seen_crc_ = 0;
};

}  // namespace

Result<ZipArchive> ZipArchive::Open(std::string_view bytes) {
  // The end record is followed by a comment of any length, so it is searched from the back.
  if (bytes.size() < kEndBytes) return Damaged("it is too short");
  const size_t last = bytes.size() - kEndBytes;
  const size_t at = bytes.rfind("PK\x05\x06", last);
  if (at == std::string_view::npos || last - at > kMaxComment) return Damaged("it has no directory");
  const size_t count = Number(bytes, at + 10, 2);
  size_t entry = Number(bytes, at + 16, 4);
  ZipArchive archive(bytes);
  for (size_t i = 0; i < count; ++i) {
    if (entry > bytes.size() || bytes.size() - entry < kEntryBytes || bytes.substr(entry, 4) != "PK\x01\x02")
      return Damaged("its directory is incomplete");
    Member member;
    member.flags = static_cast<uint16_t>(Number(bytes, entry + 8, 2));
    member.method = static_cast<uint16_t>(Number(bytes, entry + 10, 2));
    member.crc = Number(bytes, entry + 16, 4);
    member.packed = Number(bytes, entry + 20, 4);
    member.size = Number(bytes, entry + 24, 4);
    member.offset = Number(bytes, entry + 42, 4);
    const size_t name = Number(bytes, entry + 28, 2);
    const size_t extra = Number(bytes, entry + 30, 2) + Number(bytes, entry + 32, 2);
    if (bytes.size() - entry - kEntryBytes < name + extra) return Damaged("its directory is incomplete");
    archive.members_[std::string(bytes.substr(entry + kEntryBytes, name))] = member;
    entry += kEntryBytes + name + extra;
  }
  return archive;
}

Result<std::unique_ptr<ByteSource>> ZipArchive::Stream(const std::string& name, size_t max_bytes) const {
  const auto found = members_.find(name);
  if (found == members_.end())
    return Error(ErrorCode::kNotFound, "the ZIP archive has no member " + name).Where(name);
  const Member& member = found->second;
  if (member.size > max_bytes)
    return Error(ErrorCode::kLimit, "a member of the ZIP archive is too large")
        .Expected("at most " + std::to_string(max_bytes) + " bytes")
        .Got(std::to_string(member.size))
        .Where(name);
  if ((member.flags & 1) != 0) return Error(ErrorCode::kUnsupported, "the ZIP archive is encrypted");
  if (member.offset > bytes_.size() || bytes_.size() - member.offset < kLocalBytes)
    return Damaged("a member is missing");
  // Only the directory has the right sizes; the local header tells where the content begins.
  const size_t begin = member.offset + kLocalBytes + Number(bytes_, member.offset + 26, 2) +
                       Number(bytes_, member.offset + 28, 2);
  if (begin > bytes_.size() || bytes_.size() - begin < member.packed)
    return Damaged("a member is incomplete");
  constexpr uint16_t kStored = 0, kDeflated = 8;
  if (member.method != kStored && member.method != kDeflated) {
    return Error(ErrorCode::kUnsupported, "a member of the ZIP archive has an unsupported compression")
        .Where(name);
  }
  return std::unique_ptr<ByteSource>(std::make_unique<MemberSource>(
      bytes_.substr(begin, member.packed), member.method == kDeflated, member.size, member.crc));
}

Result<std::string> ZipArchive::Read(const std::string& name, size_t max_bytes) const {
  TRINE_ASSIGN(const std::unique_ptr<ByteSource> source, Stream(name, max_bytes));
  std::string content;
  for (;;) {
    TRINE_ASSIGN(const std::string_view piece, source->Next());
    if (piece.empty()) return content;
    content += piece;
  }
}

}  // namespace trine::format
