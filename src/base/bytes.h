// Writes little-endian fixed-size values to byte strings, and reads them back together with varints and
// length-prefixed strings. All file formats use these helpers. Thread-safe unless noted otherwise.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/varint.h"

namespace trine {

static_assert(std::endian::native == std::endian::little,
              "file formats are little-endian and mapped without conversion");

// Unaligned load. Requires sizeof(T) readable bytes at `p`.
template <typename T>
inline T Load(const char* p) {
  T v;
  std::memcpy(&v, p, sizeof(T));
  return v;
}

// Appends the bytes of `v`.
template <typename T>
inline void AppendFixed(T v, std::string* out) {
  out->append(reinterpret_cast<const char*>(&v), sizeof(T));
}

// Reads a structure front to back. Every read is bounds-checked; after the first failure ok() is false and
// every read returns zero or an empty view. Views point into the bytes. Not thread-safe.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : p_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const { return ok_; }
  size_t left() const { return static_cast<size_t>(end_ - p_); }
  // Makes ok() false, for a caller that finds a value out of range.
  void Fail() { ok_ = false; }

  template <typename T>
  T Fixed() {
    if (!ok_ || left() < sizeof(T)) return ok_ = false, T{};
    const T v = Load<T>(p_);
    p_ += sizeof(T);
    return v;
  }
  // Fails for a varint that is truncated or longer than kMaxVarintBytes.
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
  // Reads a string preceded by its length (AppendLengthPrefixed).
  std::string_view Text() { return Bytes(Varint()); }

 private:
  const char* p_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace trine
