// Keys and batches: the parts of KeyValue that all implementations share.
#include "storage/key_value.h"

namespace trine::storage {
namespace {

template <typename T>
void AppendBigEndian(T v, std::string* out) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    *out += static_cast<char>((v >> shift) & 0xff);
  }
}

template <typename T>
bool TakeBigEndian(std::string_view* rest, T* v) {
  if (rest->size() < sizeof(T)) return false;
  uint64_t sum = 0;
  for (size_t i = 0; i < sizeof(T); ++i) sum = sum << 8 | static_cast<unsigned char>((*rest)[i]);
  *v = static_cast<T>(sum);
  rest->remove_prefix(sizeof(T));
  return true;
}

}  // namespace

void WriteBatch::Append(WriteBatch other) {
  ops_.insert(ops_.end(), std::make_move_iterator(other.ops_.begin()),
              std::make_move_iterator(other.ops_.end()));
}

Result<RowsRead> ReadEveryRow(const KeyValue& kv) {
  RowsRead read;
  for (int family = 0; family < kFamilyCount; ++family) {
    const auto cursor = kv.Scan(static_cast<Family>(family));
    for (cursor->Seek(""); cursor->Valid(); cursor->Next()) ++read.rows;
    TRINE_TRY(cursor->status());
    read.skipped += cursor->skipped();
  }
  return read;
}

KeyBuilder& KeyBuilder::U16(uint16_t v) { return AppendBigEndian(v, &key_), *this; }
KeyBuilder& KeyBuilder::U32(uint32_t v) { return AppendBigEndian(v, &key_), *this; }
KeyBuilder& KeyBuilder::U64(uint64_t v) { return AppendBigEndian(v, &key_), *this; }

KeyBuilder& KeyBuilder::Text(std::string_view v) {
  TRINE_CHECK_LE(v.size(), size_t{UINT16_MAX});
  U16(static_cast<uint16_t>(v.size()));
  return Tail(v);
}

KeyBuilder& KeyBuilder::Tail(std::string_view v) {
  key_ += v;
  return *this;
}

bool KeyReader::U16(uint16_t* v) { return TakeBigEndian(&rest_, v); }
bool KeyReader::U32(uint32_t* v) { return TakeBigEndian(&rest_, v); }
bool KeyReader::U64(uint64_t* v) { return TakeBigEndian(&rest_, v); }

bool KeyReader::Text(std::string_view* v) {
  std::string_view rest = rest_;
  uint16_t size = 0;
  if (!TakeBigEndian(&rest, &size) || rest.size() < size) return false;
  *v = rest.substr(0, size);
  rest_ = rest.substr(size);
  return true;
}

}  // namespace trine::storage
