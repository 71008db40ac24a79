// TermTable: the set of strings seen so far, numbered in the order they came. Strings lie in an
// arena; lookups compare a 32-bit hash first. What the buffer and the column builders intern into.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace trine::index {

// Not thread-safe. Views stay valid until the table is destroyed.
class TermTable {
 public:
  // The number of `text`, given now when it is new.
  uint32_t Intern(std::string_view text);
  std::string_view at(uint32_t number) const { return {entries_[number].text, entries_[number].length}; }
  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }
  // Numbers in byte order of their strings.
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
  std::vector<uint32_t> slots_;  // number + 1, 0: free; the size is a power of two
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* chunk_ = nullptr;
  size_t chunk_left_ = 0;
  size_t arena_bytes_ = 0;
};

}  // namespace trine::index
