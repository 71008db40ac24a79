#include "recommend/train/snapshot_file.h"

#include <cstring>

#include "base/bytes.h"
#include "base/check.h"
#include "base/varint.h"

namespace trine::recommend {
namespace {

constexpr std::string_view kMagic = "TRINESNP1";
constexpr size_t kChunkBytes = 1u << 20;      // a chunk is written when it reaches this size
constexpr size_t kMaxChunkBytes = 64u << 20;  // one row may exceed kChunkBytes

Error Broken(const char* what) {
  return Error(ErrorCode::kCorrupt, std::string("corrupt training snapshot: ") + what);
}

bool GetU32(std::string_view* in, uint32_t* v) {
  if (in->size() < sizeof *v) return false;
  std::memcpy(v, in->data(), sizeof *v);
  in->remove_prefix(sizeof *v);
  return true;
}

}  // namespace

Result<SnapshotWriter> SnapshotWriter::Create(storage::Directory& dir, const std::string& name) {
  SnapshotWriter writer;
  TRINE_ASSIGN(writer.file_, dir.Create(name));
  TRINE_TRY(writer.file_->Append(kMagic));
  return writer;
}

Status SnapshotWriter::Add(std::string_view row) {
  TRINE_DCHECK(file_ != nullptr);
  AppendLengthPrefixed(row, &chunk_);
  ++rows_;
  return chunk_.size() >= kChunkBytes ? Flush() : Ok();
}

Status SnapshotWriter::Flush() {
  if (chunk_.empty()) return Ok();
  std::string head;
  AppendFixed<uint32_t>(static_cast<uint32_t>(chunk_.size()), &head);
  AppendFixed<uint32_t>(storage::Crc32c(chunk_), &head);
  TRINE_TRY(file_->Append(head));
  TRINE_TRY(file_->Append(chunk_));
  chunk_.clear();
  return Ok();
}

Status SnapshotWriter::Finish() {
  TRINE_TRY(Flush());
  const std::string count(reinterpret_cast<const char*>(&rows_), sizeof rows_);
  std::string end;
  AppendFixed<uint32_t>(0, &end);
  AppendFixed<uint32_t>(storage::Crc32c(count), &end);
  TRINE_TRY(file_->Append(end + count));
  TRINE_TRY(file_->Sync());
  return file_->Close();
}

Result<uint64_t> ReadSnapshotBytes(std::string_view bytes,
                                   const std::function<Status(std::string_view)>& visit) {
  if (!bytes.starts_with(kMagic)) return Broken("unexpected magic number");
  bytes.remove_prefix(kMagic.size());
  uint64_t rows = 0;
  while (true) {
    uint32_t size = 0, crc = 0;
    if (!GetU32(&bytes, &size) || !GetU32(&bytes, &crc)) return Broken("the end marker is missing");
    if (size == 0) {
      uint64_t count = 0;
      if (bytes.size() != sizeof count || storage::Crc32c(bytes) != crc)
        return Broken("checksum mismatch in the end marker");
      std::memcpy(&count, bytes.data(), sizeof count);
      if (count != rows) return Broken("rows are missing");
      return rows;
    }
    if (size > kMaxChunkBytes || size > bytes.size()) return Broken("a chunk is truncated");
    std::string_view chunk = bytes.substr(0, size);
    if (storage::Crc32c(chunk) != crc) return Broken("checksum mismatch in a chunk");
    bytes.remove_prefix(size);
    while (!chunk.empty()) {
      std::string_view row;
      if (!ConsumeLengthPrefixed(&chunk, &row)) return Broken("a row is truncated");
      ++rows;
      TRINE_TRY(visit(row));
    }
  }
}

Result<uint64_t> ReadSnapshot(storage::Directory& dir, const std::string& name,
                              const std::function<Status(std::string_view)>& visit) {
  TRINE_ASSIGN(const auto file, dir.Open(name));
  auto rows = ReadSnapshotBytes(file->bytes(), visit);
  if (!rows.ok() && rows.error().kind() == ErrorKind::kCorrupt) {
    return Error(rows.error()).Where(dir.path() + "/" + name);
  }
  return rows;
}

}  // namespace trine::recommend
