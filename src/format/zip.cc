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

Result<std::string> Inflate(std::string_view packed, size_t size) {
  z_stream zlib{};
  constexpr int kRawDeflate = -15;  // zlib windowBits: no header
  if (inflateInit2(&zlib, kRawDeflate) != Z_OK)
    return Error(ErrorCode::kInternal, "zlib cannot allocate memory");
  std::string out(size, '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  zlib.avail_in = static_cast<uInt>(packed.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  const int code = inflate(&zlib, Z_FINISH);
  const bool whole = zlib.total_out == size;
  inflateEnd(&zlib);
  if (code != Z_STREAM_END || !whole) return Damaged("a member cannot be decompressed");
  return out;
}

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

Result<std::string> ZipArchive::Read(const std::string& name, size_t max_bytes) const {
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
  const std::string_view packed = bytes_.substr(begin, member.packed);
  std::string content;
  constexpr uint16_t kStored = 0, kDeflated = 8;
  if (member.method == kStored) {
    content = packed;
  } else if (member.method == kDeflated) {
    TRINE_ASSIGN(content, Inflate(packed, member.size));
  } else {
    return Error(ErrorCode::kUnsupported, "a member of the ZIP archive has an unsupported compression")
        .Where(name);
  }
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
  if (content.size() != member.size || crc != member.crc) return Damaged("a checksum does not match");
  return content;
}

}  // namespace trine::format
