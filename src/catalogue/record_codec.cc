#include "catalogue/record_codec.h"

#include <zstd.h>

#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/varint.h"
#include "storage/format_version.h"
#include "storage/key_value.h"

namespace trine::catalogue {
namespace {

constexpr uint8_t kRecordFormat = 1, kIdFormat = 1;
// Bits of the flag byte. They reach disk; never reuse a bit.
constexpr uint8_t kDeleted = 1, kCompressed = 2, kPutIndividually = 4;
constexpr size_t kWorthCompressing = 128;  // shorter sources rarely get smaller
// zstd level. Level 3 would make the output a tenth smaller but take twice as long, and clients wait for
// writes.
constexpr int kLevel = 1;

Error Corrupt(const char* what) {
  return Error(ErrorCode::kCorrupt, std::string("a stored record is damaged: ") + what);
}

// Format versions begin at 1, so a 0 means damage. A missing byte reads as 0 and is therefore damage too.
Status CheckFormat(std::string_view what, uint8_t found, uint8_t supported) {
  if (found == supported) return Ok();
  if (found == 0) return Corrupt("it has no format version");
  return storage::UnsupportedFormatVersion(what, found, supported);
}

// zstd contexts, one per thread, because creating a context costs more than compressing a small source.
ZSTD_CCtx* Compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> kContext(ZSTD_createCCtx(),
                                                                                   ZSTD_freeCCtx);
  return kContext.get();
}
ZSTD_DCtx* Decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> kContext(ZSTD_createDCtx(),
                                                                                   ZSTD_freeDCtx);
  return kContext.get();
}

// Returns an empty string unless compression saves at least an eighth.
std::string Compressed(std::string_view source) {
  if (source.size() < kWorthCompressing) return "";
  std::string out(ZSTD_compressBound(source.size()), '\0');
  const size_t size =
      ZSTD_compressCCtx(Compressor(), out.data(), out.size(), source.data(), source.size(), kLevel);
  if (ZSTD_isError(size) != 0 || size > source.size() - source.size() / 8) return "";
  out.resize(size);
  return out;
}

Result<std::string> Decompressed(std::string_view bytes, uint64_t size) {
  if (size > limits::kMaxBodyBytes) return Corrupt("its source is larger than any request body");
  std::string out(size, '\0');
  const size_t got = ZSTD_decompressDCtx(Decompressor(), out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(got) != 0 || got != size) return Corrupt("its source cannot be decompressed");
  return out;
}

}  // namespace

std::string RecordKey(CollectionId c, SeqNo seq_no) {
  return storage::KeyBuilder().U32(c.value).U64(seq_no.value).Take();
}
std::string IdKey(CollectionId c, std::string_view id) {
  return storage::KeyBuilder().U32(c.value).Tail(id).Take();
}
std::string CollectionKey(CollectionId c) { return storage::KeyBuilder().U32(c.value).Take(); }
std::string EndOfCollection(CollectionId c) {
  if (c.value == UINT32_MAX) return std::string(16, '\xff');
  return storage::KeyBuilder().U32(c.value + 1).Take();
}

std::string EncodeRecord(const Record& record, uint64_t live_count) {
  TRINE_CHECK(!record.id.empty());
  TRINE_CHECK(!record.deleted || record.source.empty());  // a tombstone has no source
  const std::string compressed = record.deleted ? "" : Compressed(record.source);
  std::string out;
  out += static_cast<char>(kRecordFormat);
  out += static_cast<char>((record.deleted ? kDeleted : 0) | (compressed.empty() ? 0 : kCompressed) |
                           (record.put_individually ? kPutIndividually : 0));
  AppendVarint(record.version, &out);
  AppendVarint(record.primary_term, &out);
  AppendVarint(live_count, &out);
  AppendLengthPrefixed(record.id, &out);
  AppendLengthPrefixed(record.routing, &out);
  if (compressed.empty()) {
    out += record.source;
  } else {
    AppendVarint(record.source.size(), &out);
    out += compressed;
  }
  return out;
}

Result<StoredRecord> DecodeRecord(SeqNo seq_no, std::string_view value, bool with_source) {
  ByteReader in(value);
  TRINE_TRY(CheckFormat("a stored record", in.Fixed<uint8_t>(), kRecordFormat));
  const uint8_t flags = in.Fixed<uint8_t>();
  StoredRecord stored;
  Record& record = stored.record;
  record.seq_no = seq_no;
  record.deleted = (flags & kDeleted) != 0;
  record.put_individually = (flags & kPutIndividually) != 0;
  record.version = in.Varint();
  record.primary_term = in.Varint();
  stored.live_count = in.Varint();
  record.id = std::string(in.Text());
  record.routing = std::string(in.Text());
  const uint64_t size = (flags & kCompressed) != 0 ? in.Varint() : 0;
  if (!in.ok()) return Corrupt("it is truncated");
  if (!with_source) return stored;
  if ((flags & kCompressed) == 0) {
    record.source = std::string(in.Bytes(in.left()));
  } else {
    TRINE_ASSIGN(record.source, Decompressed(in.Bytes(in.left()), size));
  }
  return stored;
}

std::string EncodeIdEntry(const IdEntry& entry) {
  std::string out;
  TRINE_CHECK(!(entry.version.deleted && entry.version.put_individually));
  out += static_cast<char>(kIdFormat);
  out += static_cast<char>((entry.version.deleted ? kDeleted : 0) |
                           (entry.version.put_individually ? kPutIndividually : 0));
  AppendVarint(entry.version.seq_no.value, &out);
  AppendVarint(entry.version.version, &out);
  AppendVarint(entry.version.primary_term, &out);
  out += entry.item_id;
  return out;
}

Result<IdEntry> DecodeIdEntry(std::string_view value) {
  ByteReader in(value);
  TRINE_TRY(CheckFormat("a stored record id", in.Fixed<uint8_t>(), kIdFormat));
  IdEntry entry;
  const uint8_t flags = in.Fixed<uint8_t>();
  entry.version.deleted = (flags & kDeleted) != 0;
  entry.version.put_individually = (flags & kPutIndividually) != 0;
  entry.version.seq_no = SeqNo{in.Varint()};
  entry.version.version = in.Varint();
  entry.version.primary_term = in.Varint();
  if (!in.ok()) return Corrupt("its id entry is truncated");
  entry.item_id = std::string(in.Bytes(in.left()));
  return entry;
}

std::string EncodeSupersededMark(const SupersededMark& mark) {
  std::string out;
  AppendVarint(mark.seq_no.value, &out);
  if (mark.by_delete) out += static_cast<char>(kDeleted);
  return out;
}

Result<SupersededMark> DecodeSupersededMark(std::string_view value) {
  ByteReader in(value);
  SupersededMark mark{SeqNo{in.Varint()}};
  if (in.ok() && in.left() != 0) mark.by_delete = in.Fixed<uint8_t>() == kDeleted;
  if (!in.ok() || in.left() != 0) return Corrupt("its superseded mark is truncated or too long");
  return mark;
}

}  // namespace trine::catalogue
