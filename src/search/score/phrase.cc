#include "search/score/phrase.h"

#include <algorithm>

namespace trine::search {
namespace {

constexpr uint32_t kRowsBetweenLooks = 16;  // at the clock: a row of long texts may take milliseconds

// The rows and merged positions of the alternatives at one position.
class Part {
 public:
  explicit Part(PhrasePart part) : part_(std::move(part)) {}
  Row row() const {
    Row first = kNoMoreRows;
    for (const auto& p : part_.postings) first = std::min(first, p->row());
    return first;
  }
  Row Advance(Row target) {
    for (const auto& p : part_.postings) {
      if (p->row() < target) p->Advance(target);
    }
    return row();
  }
  PhrasePlace Place(Row at) {
    if (part_.postings.size() == 1) return {&part_.postings.front()->positions(), part_.offset, &part_.terms};
    merged_.clear();
    for (const auto& p : part_.postings) {
      if (p->row() != at) continue;
      const auto& positions = p->positions();
      merged_.insert(merged_.end(), positions.begin(), positions.end());
    }
    std::sort(merged_.begin(), merged_.end());
    return {&merged_, part_.offset, &part_.terms};
  }
  uint64_t cost() const { return part_.cost; }

 private:
  PhrasePart part_;
  std::vector<uint32_t> merged_;
};

class PhraseCursor final : public Cursor {
 public:
  PhraseCursor(std::vector<PhrasePart> parts, uint32_t slop, const index::FieldTerms& field, Bm25 bm25,
               Run* run)
      : slop_(slop), field_(field), has_norms_(field.has_norms()), bm25_(std::move(bm25)), run_(*run) {
    for (PhrasePart& part : parts) parts_.emplace_back(std::move(part));
    for (Part& part : parts_) by_cost_.push_back(&part);
    std::stable_sort(by_cost_.begin(), by_cost_.end(),
                     [](Part* a, Part* b) { return a->cost() < b->cost(); });
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
      if (++looked_at_ % kRowsBetweenLooks == 0 && run_.deadline.Passed()) {
        run_.cut_short = true;
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
    places_.clear();
    for (Part& part : parts_) places_.push_back(part.Place(row));
    return slop_ == 0 ? static_cast<float>(ExactPhraseCount(places_)) : SloppyPhraseFrequency(places_, slop_);
  }

  const uint32_t slop_;
  const index::FieldTerms& field_;
  const bool has_norms_;
  const Bm25 bm25_;
  Run& run_;
  uint32_t looked_at_ = 0;
  std::vector<Part> parts_;     // in phrase order
  std::vector<Part*> by_cost_;  // the rarest first
  std::vector<PhrasePlace> places_;
  float frequency_ = 0;
};

}  // namespace

uint32_t ExactPhraseCount(const std::vector<PhrasePlace>& places) {
  uint32_t count = 0;
  std::vector<size_t> at(places.size(), 0);
  for (const uint32_t word : *places.front().words) {
    const uint64_t start = word;  // offsets count from the first position, which is 0
    bool all = true;
    for (size_t i = 1; i < places.size() && all; ++i) {
      const auto& words = *places[i].words;
      while (at[i] < words.size() && words[at[i]] < start + places[i].offset) ++at[i];
      if (at[i] == words.size()) return count;
      all = words[at[i]] == start + places[i].offset;
    }
    if (all) ++count;
  }
  return count;
}

CursorPtr PhraseRows(std::vector<PhrasePart> parts, uint32_t slop, const index::FieldTerms& field, Bm25 bm25,
                     Run* run) {
  return std::make_unique<PhraseCursor>(std::move(parts), slop, field, std::move(bm25), run);
}

float PhraseFrequency(const Cursor& phrase) { return static_cast<const PhraseCursor&>(phrase).frequency(); }

}  // namespace trine::search
