// TermTable: interns strings for the buffer and the column builders. Distinct strings are numbered from 0
// in the order of their first Intern. Strings are copied into an arena; lookups compare a 32-bit hash
// first.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace trine::index {

// The views that at() returns stay valid until the table is destroyed. Not thread-safe.
class TermTable {
 public:
  // Returns the number of `text`; assigns the next number if it is new.
  uint32_t Intern(std::string_view text);
  // Requires number < size().
  std::string_view at(uint32_t number) const {
    TRINE_DCHECK_LT(number, entries_.size());
    return {entries_[number].text, entries_[number].length};
  }
  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }
  // Returns all numbers, in the byte order of their strings.
  std::vector<uint32_t> Sorted() const;
  size_t bytes() const { return arena_bytes_ + entries_.size() * sizeof(Entry) + slots_.size() * 4; }

 private:
  struct Entry {
    const char* text;
    uint32_t length;
    uint32_t hash;
  };
  void Grow();
  const char* Keep(std::string_view text);

  std::vector<Entry> entries_;
  std::vector<uint32_t> slots_;  // number + 1, or 0 for a free slot; the size is a power of two
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* chunk_ = nullptr;
  size_t chunk_left_ = 0;
  size_t arena_bytes_ = 0;
};

}  // namespace trine::index
