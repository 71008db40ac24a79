// The terms of one field in byte order, prefix-compressed in blocks of 32, with an index of the first term
// of each block for binary search. Layout: docs/formats/segment.md, "Dictionary".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "index/reader.h"

namespace trine::index {

inline constexpr uint32_t kTermsInBlock = 32;
inline constexpr size_t kTermIndexEntryBytes = 16;  // block offset (uint64), first 8 bytes of its first term

// Writes a dictionary. Not thread-safe.
class TermDictionaryWriter {
 public:
  explicit TermDictionaryWriter(bool with_norms) : with_norms_(with_norms) {}
  // Requires strictly ascending terms, handles that do not decrease, and row_count >= 1.
  void Add(std::string_view term, const TermStats& stats);
  uint64_t count() const { return count_; }
  const std::string& blocks() const { return blocks_; }
  const std::string& index() const { return index_; }

 private:
  const bool with_norms_;
  uint64_t count_ = 0;
  uint64_t handle_before_ = 0;
  std::string before_;
  std::string blocks_;
  std::string index_;
};

// Reads what TermDictionaryWriter wrote. A view over the segment's bytes; immutable and thread-safe.
// Damaged blocks end a lookup or an iteration early.
class TermDictionary {
 public:
  TermDictionary() = default;
  // Returns nullopt if the sizes and block offsets contradict each other.
  static std::optional<TermDictionary> Open(std::string_view blocks, std::string_view index, uint64_t count,
                                            bool with_norms);
  std::optional<TermStats> Find(std::string_view term) const;
  uint64_t count() const { return count_; }

  // Visits terms in ascending order. term, stats and Next require Valid(). Not thread-safe; the dictionary
  // and the segment's bytes must outlive it.
  class Iterator {
   public:
    // Starts on the first term >= `from`.
    Iterator(const TermDictionary& dictionary, std::string_view from);
    bool Valid() const { return valid_; }
    const std::string& term() const {
      TRINE_DCHECK(valid_);
      return term_;
    }
    const TermStats& stats() const {
      TRINE_DCHECK(valid_);
      return stats_;
    }
    void Next();

   private:
    friend class TermDictionary;
    void LoadBlock(size_t block);
    const TermDictionary* dictionary_;
    const char* p_ = nullptr;
    const char* end_ = nullptr;
    size_t block_ = 0;
    uint32_t left_ = 0;  // terms of the block that are not read yet
    bool valid_ = false;
    std::string term_;
    TermStats stats_;
  };

 private:
  size_t blocks() const { return index_.size() / kTermIndexEntryBytes; }
  std::string_view BlockBytes(size_t block) const;
  // Returns the last block whose first term is <= `term`; 0 if there is none. Requires at least one block.
  size_t BlockOf(std::string_view term) const;

  std::string_view blocks_;
  std::string_view index_;
  uint64_t count_ = 0;
  bool with_norms_ = false;
};

}  // namespace trine::index
