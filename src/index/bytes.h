// Little-endian integers and varints in byte strings. Every file format of the index is built from them.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/varint.h"

namespace trine::index {

static_assert(std::endian::native == std::endian::little,
              "file formats are little-endian and mapped as they are");

// Unaligned load. Requires sizeof(T) readable bytes at `p`.
template <typename T>
inline T Load(const char* p) {
  T v;
  std::memcpy(&v, p, sizeof(T));
  return v;
}

template <typename T>
inline void PutFixed(std::string* out, T v) {
  out->append(reinterpret_cast<const char*>(&v), sizeof(T));
}

inline void PutVarint(std::string* out, uint64_t v) { AppendVarint(v, out); }

inline void PutText(std::string* out, std::string_view text) {
  PutVarint(out, text.size());
  out->append(text);
}

// Reads a varint at *p and moves *p behind it, never past `end`. Returns 0 and sets *p = end when it is cut
// off or longer than 64 bits. Requires *p <= end.
inline uint64_t ReadVarint(const char** p, const char* end) {
  TRINE_DCHECK(*p <= end);
  uint64_t v = 0;
  const char* const next = ParseVarint(*p, end, &v);
  *p = next == nullptr ? end : next;
  return v;
}

// The format version in `bytes`, which begin with `prefix` and two decimal digits and have at least 4 bytes
// more; nullopt when they do not.
inline std::optional<uint64_t> VersionInMagic(std::string_view bytes, std::string_view prefix) {
  if (bytes.size() < prefix.size() + 6 || !bytes.starts_with(prefix)) return std::nullopt;
  const char tens = bytes[prefix.size()], ones = bytes[prefix.size() + 1];
  if (tens < '0' || tens > '9' || ones < '0' || ones > '9') return std::nullopt;
  return static_cast<uint64_t>(10 * (tens - '0') + (ones - '0'));
}

// Reads a structure front to back. Every read is bounds-checked; after the first failure ok() is false and
// every read returns zeros. Not thread-safe. Views stay valid as long as the bytes.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : p_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const { return ok_; }
  size_t left() const { return static_cast<size_t>(end_ - p_); }
  void Fail() { ok_ = false; }

  template <typename T>
  T Fixed() {
    if (!ok_ || left() < sizeof(T)) return ok_ = false, T{};
    const T v = Load<T>(p_);
    p_ += sizeof(T);
    return v;
  }
  uint64_t Varint() {
    uint64_t v = 0;
    const char* const next = ok_ ? ParseVarint(p_, end_, &v) : nullptr;
    if (next == nullptr) return ok_ = false, 0;
    p_ = next;
    return v;
  }
  // Fails for a varint that does not fit in 32 bits.
  uint32_t Varint32() {
    const uint64_t v = Varint();
    if (v > UINT32_MAX) return ok_ = false, 0;
    return static_cast<uint32_t>(v);
  }
  std::string_view Bytes(uint64_t n) {
    if (!ok_ || left() < n) return ok_ = false, std::string_view();
    const std::string_view v(p_, n);
    p_ += n;
    return v;
  }
  std::string_view Text() { return Bytes(Varint()); }

 private:
  const char* p_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace trine::index
