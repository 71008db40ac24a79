#include "search/score/phrase.h"

#include <algorithm>

#include "base/check.h"

namespace trine::search {
namespace {

constexpr uint32_t kRowsPerDeadlineCheck = 16;  // rows with long texts can take milliseconds each

// The rows of one slot, and the merged positions of its alternatives.
class SlotCursor {
 public:
  explicit SlotCursor(PhraseSlot slot) : slot_(std::move(slot)) {}
  Row row() const {
    Row first = kNoMoreRows;
    for (const auto& p : slot_.postings) first = std::min(first, p->row());
    return first;
  }
  Row Advance(Row target) {
    for (const auto& p : slot_.postings) {
      if (p->row() < target) p->Advance(target);
    }
    return row();
  }
  SlotOccurrences Occurrences(Row at) {
    if (slot_.postings.size() == 1) return {&slot_.postings.front()->positions(), slot_.offset, &slot_.terms};
    merged_.clear();
    for (const auto& p : slot_.postings) {
      if (p->row() != at) continue;
      const auto& positions = p->positions();
      merged_.insert(merged_.end(), positions.begin(), positions.end());
    }
    std::sort(merged_.begin(), merged_.end());
    return {&merged_, slot_.offset, &slot_.terms};
  }
  uint64_t cost() const { return slot_.cost; }

 private:
  PhraseSlot slot_;
  std::vector<uint32_t> merged_;
};

class PhraseCursor final : public Cursor {
 public:
  PhraseCursor(std::vector<PhraseSlot> slots, uint32_t slop, const index::FieldTerms& field, Bm25 bm25,
               QueryContext& context)
      : slop_(slop), field_(field), has_norms_(field.has_norms()), bm25_(std::move(bm25)), context_(context) {
    TRINE_CHECK(!slots.empty());
    for (PhraseSlot& slot : slots) slots_.emplace_back(std::move(slot));
    for (SlotCursor& slot : slots_) by_cost_.push_back(&slot);
    std::stable_sort(by_cost_.begin(), by_cost_.end(),
                     [](SlotCursor* a, SlotCursor* b) { return a->cost() < b->cost(); });
    Find(by_cost_.front()->row());
  }
  Row Next() override { return Find(row_ + 1); }
  Row Advance(Row target) override { return target <= row_ ? row_ : Find(target); }
  float Score() override { return bm25_.Score(frequency_, has_norms_ ? field_.norm(row_) : kNoNorm); }
  uint64_t cost() const override { return by_cost_.front()->cost(); }
  float frequency() const { return frequency_; }

 private:
  Row Find(Row from) {
    while (from != kNoMoreRows) {
      const Row candidate = by_cost_.front()->Advance(from);
      if (candidate == kNoMoreRows) break;
      const Row agreed = Agree(candidate);
      if (agreed != candidate) {
        from = agreed;
        continue;
      }
      if (++rows_checked_ % kRowsPerDeadlineCheck == 0 && context_.deadline.Passed()) {
        context_.incomplete = true;
        break;
      }
      frequency_ = Frequency(candidate);
      if (frequency_ > 0) return row_ = candidate;
      from = candidate + 1;
    }
    return row_ = kNoMoreRows;
  }
  Row Agree(Row candidate) {
    for (size_t i = 1; i < by_cost_.size(); ++i) {
      const Row at = by_cost_[i]->Advance(candidate);
      if (at != candidate) return at;
    }
    return candidate;
  }
  float Frequency(Row row) {
    occurrences_.clear();
    for (SlotCursor& slot : slots_) occurrences_.push_back(slot.Occurrences(row));
    return slop_ == 0 ? static_cast<float>(ExactPhraseCount(occurrences_))
                      : SloppyPhraseFrequency(occurrences_, slop_);
  }

  const uint32_t slop_;
  const index::FieldTerms& field_;
  const bool has_norms_;
  const Bm25 bm25_;
  QueryContext& context_;
  uint32_t rows_checked_ = 0;
  std::vector<SlotCursor> slots_;     // in phrase order
  std::vector<SlotCursor*> by_cost_;  // the rarest first
  std::vector<SlotOccurrences> occurrences_;
  float frequency_ = 0;
};

}  // namespace

uint32_t ExactPhraseCount(const std::vector<SlotOccurrences>& slots) {
  TRINE_DCHECK(!slots.empty() && slots.front().offset == 0);
  uint32_t count = 0;
  std::vector<size_t> at(slots.size(), 0);
  for (const uint32_t first : *slots.front().positions) {
    const uint64_t start = first;  // where the phrase would start, as the first slot has offset 0
    bool all = true;
    for (size_t i = 1; i < slots.size() && all; ++i) {
      const auto& positions = *slots[i].positions;
      while (at[i] < positions.size() && positions[at[i]] < start + slots[i].offset) ++at[i];
      if (at[i] == positions.size()) return count;
      all = positions[at[i]] == start + slots[i].offset;
    }
    if (all) ++count;
  }
  return count;
}

CursorPtr MakePhraseCursor(std::vector<PhraseSlot> slots, uint32_t slop, const index::FieldTerms& field,
                           Bm25 bm25, QueryContext& context) {
  return std::make_unique<PhraseCursor>(std::move(slots), slop, field, std::move(bm25), context);
}

float PhraseFrequency(const Cursor& phrase) { return static_cast<const PhraseCursor&>(phrase).frequency(); }

}  // namespace trine::search
