#include "index/term_table.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/check.h"
#include "base/hash.h"

namespace trine::index {
namespace {
// Sizes of the arena's chunks in bytes. A new chunk doubles the arena until kLargestChunk is reached: small
// fields stay small, and large ones need few allocations.
constexpr size_t kFirstChunk = 1u << 10;
constexpr size_t kLargestChunk = 64u << 10;
}  // namespace

uint32_t TermTable::Intern(std::string_view text) {
  TRINE_CHECK_LE(text.size(), UINT32_MAX);
  TRINE_DCHECK_LT(entries_.size(), UINT32_MAX);
  if ((entries_.size() + 1) * 4 > slots_.size() * 3) Grow();  // at most three quarters full
  const auto hash = static_cast<uint32_t>(Hash64(text));
  const size_t mask = slots_.size() - 1;
  size_t slot = hash & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const Entry& entry = entries_[slots_[slot] - 1];
    if (entry.hash == hash && entry.length == text.size() &&
        (text.empty() || std::memcmp(entry.text, text.data(), text.size()) == 0)) {
      return slots_[slot] - 1;
    }
  }
  entries_.push_back({Keep(text), static_cast<uint32_t>(text.size()), hash});
  slots_[slot] = static_cast<uint32_t>(entries_.size());
  return slots_[slot] - 1;
}

void TermTable::Grow() {
  slots_.assign(slots_.empty() ? 16 : slots_.size() * 2, 0);
  const size_t mask = slots_.size() - 1;
  for (size_t i = 0; i < entries_.size(); ++i) {
    size_t slot = entries_[i].hash & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = static_cast<uint32_t>(i + 1);
  }
}

const char* TermTable::Keep(std::string_view text) {
  if (text.size() > chunk_left_) {
    const size_t size = std::max(text.size(), std::clamp(arena_bytes_, kFirstChunk, kLargestChunk));
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    chunk_ = chunks_.back().get();
    chunk_left_ = size;
    arena_bytes_ += size;
  }
  TRINE_DCHECK_LE(text.size(), chunk_left_);
  char* kept = chunk_;
  if (!text.empty()) std::memcpy(kept, text.data(), text.size());
  chunk_ += text.size();
  chunk_left_ -= text.size();
  return kept;
}

std::vector<uint32_t> TermTable::Sorted() const {
  std::vector<uint32_t> numbers(entries_.size());
  std::iota(numbers.begin(), numbers.end(), 0u);
  std::sort(numbers.begin(), numbers.end(), [this](uint32_t a, uint32_t b) { return at(a) < at(b); });
  return numbers;
}

}  // namespace trine::index
