#include "search/cursor/boolean.h"

#include <algorithm>

#include "base/check.h"

namespace trine::search {
namespace {

// The cheapest cursor leads, and the other cursors are moved to its row. A filter with random access that
// does not lead stays where it is: it is only asked whether it matches the row.
class ConjunctionCursor final : public Cursor {
 public:
  ConjunctionCursor(std::vector<CursorPtr> scoring, std::vector<CursorPtr> filters)
      : scoring_(std::move(scoring)), filters_(std::move(filters)) {
    std::vector<Cursor*> all;
    for (const CursorPtr& c : scoring_) all.push_back(c.get());
    for (const CursorPtr& c : filters_) all.push_back(c.get());
    TRINE_CHECK(!all.empty());
    for (const Cursor* c : all) TRINE_CHECK(c != nullptr);
    std::stable_sort(all.begin(), all.end(), [](Cursor* a, Cursor* b) { return a->cost() < b->cost(); });
    lead_ = all.front();
    for (size_t i = 1; i < all.size(); ++i) {
      const bool scores = std::any_of(scoring_.begin(), scoring_.end(),
                                      [&](const CursorPtr& c) { return c.get() == all[i]; });
      // A cursor that scores must be moved even if it has random access: it scores the row that it is on.
      (all[i]->random_access() && !scores ? random_access_cursors_ : followers_).push_back(all[i]);
    }
    Align(lead_->row());
  }
  Row Next() override { return Align(lead_->Next()); }
  Row Advance(Row target) override { return target <= row_ ? row_ : Align(lead_->Advance(target)); }
  float Score() override {
    double sum = 0;
    for (const CursorPtr& c : scoring_) sum += static_cast<double>(c->Score());
    return static_cast<float>(sum);
  }
  uint64_t cost() const override { return lead_->cost(); }

 private:
  // Moves to the first row >= `candidate` that all cursors match. Requires `candidate` to be the row of the
  // lead.
  Row Align(Row candidate) {
    while (candidate != kNoMoreRows) {
      const Row agreed = Follow(candidate);
      if (agreed == candidate) return row_ = candidate;
      if (agreed == kNoMoreRows) break;
      candidate = lead_->Advance(agreed);
    }
    return row_ = kNoMoreRows;
  }
  // Returns `candidate` if all other cursors match it, otherwise a later row to try.
  Row Follow(Row candidate) {
    for (Cursor* c : followers_) {
      const Row at = c->Advance(candidate);
      if (at != candidate) return at;
    }
    for (Cursor* c : random_access_cursors_) {
      if (!c->Matches(candidate)) return candidate + 1;
    }
    return candidate;
  }

  const std::vector<CursorPtr> scoring_, filters_;
  Cursor* lead_ = nullptr;
  std::vector<Cursor*> followers_, random_access_cursors_;
};

// A heap of cursors, ordered by row.
class DisjunctionCursor final : public Cursor {
 public:
  DisjunctionCursor(std::vector<CursorPtr> cursors, DisjunctionScore score_mode, float tie_breaker,
                    int at_least)
      : cursors_(std::move(cursors)),
        score_mode_(score_mode),
        tie_breaker_(tie_breaker),
        at_least_(at_least) {
    TRINE_CHECK_GE(at_least_, 1);
    for (const CursorPtr& c : cursors_) {
      cost_ += c->cost();
      if (c->row() != kNoMoreRows) heap_.push_back(c.get());
    }
    std::make_heap(heap_.begin(), heap_.end(), Later);
    FindMatch();
  }
  Row Next() override {
    while (!heap_.empty() && heap_.front()->row() == row_) {
      heap_.front()->Next();
      SiftTop();
    }
    return FindMatch();
  }
  Row Advance(Row target) override {
    if (target <= row_) return row_;
    MoveTo(target);
    return FindMatch();
  }
  float Score() override {
    double best = 0, others = 0;
    Visit(0, [&](Cursor* c) {
      const double score = static_cast<double>(c->Score());
      if (score_mode_ == DisjunctionScore::kSum) {
        best += score;
      } else if (score >= best) {
        others += best;
        best = score;
      } else {
        others += score;
      }
    });
    return static_cast<float>(
        score_mode_ == DisjunctionScore::kSum ? best : best + others * static_cast<double>(tie_breaker_));
  }
  uint64_t cost() const override { return cost_; }

 private:
  static bool Later(const Cursor* a, const Cursor* b) { return a->row() > b->row(); }
  void MoveTo(Row target) {
    while (!heap_.empty() && heap_.front()->row() < target) {
      heap_.front()->Advance(target);
      SiftTop();
    }
  }
  // Restores the heap after its top has moved. Removes the top if it is exhausted.
  void SiftTop() {
    if (heap_.front()->row() == kNoMoreRows) {
      heap_.front() = heap_.back();
      heap_.pop_back();
      if (heap_.empty()) return;
    }
    Cursor* const moved = heap_.front();
    const size_t size = heap_.size();
    size_t i = 0;
    while (true) {
      size_t child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && heap_[child + 1]->row() < heap_[child]->row()) ++child;
      if (heap_[child]->row() >= moved->row()) break;
      heap_[i] = heap_[child];
      i = child;
    }
    heap_[i] = moved;
  }
  // Calls `f` for each cursor that is on the same row as the top. These cursors form a subtree of the heap
  // that contains the root.
  template <typename F>
  void Visit(size_t i, const F& f) {
    if (i >= heap_.size() || heap_[i]->row() != heap_.front()->row()) return;
    f(heap_[i]);
    Visit(2 * i + 1, f);
    Visit(2 * i + 2, f);
  }
  Row FindMatch() {
    while (!heap_.empty()) {
      row_ = heap_.front()->row();
      if (at_least_ <= 1) return row_;
      int matching = 0;
      Visit(0, [&](Cursor*) { ++matching; });
      if (matching >= at_least_) return row_;
      MoveTo(row_ + 1);
    }
    return row_ = kNoMoreRows;
  }

  const std::vector<CursorPtr> cursors_;
  std::vector<Cursor*> heap_;
  const DisjunctionScore score_mode_;
  const float tie_breaker_;
  const int at_least_;
  uint64_t cost_ = 0;
};

class AndNotCursor final : public Cursor {
 public:
  AndNotCursor(CursorPtr required, CursorPtr excluded)
      : required_(std::move(required)), excluded_(std::move(excluded)) {
    SkipExcluded(required_->row());
  }
  Row Next() override { return SkipExcluded(required_->Next()); }
  Row Advance(Row target) override {
    return target <= row_ ? row_ : SkipExcluded(required_->Advance(target));
  }
  float Score() override { return required_->Score(); }
  uint64_t cost() const override { return required_->cost(); }

 private:
  Row SkipExcluded(Row row) {
    while (row != kNoMoreRows && Excluded(row)) row = required_->Next();
    return row_ = row;
  }
  bool Excluded(Row row) {
    return excluded_->random_access() ? excluded_->Matches(row) : excluded_->Advance(row) == row;
  }
  const CursorPtr required_, excluded_;
};

class AndMaybeCursor final : public Cursor {
 public:
  AndMaybeCursor(CursorPtr required, CursorPtr optional)
      : required_(std::move(required)), optional_(std::move(optional)) {
    row_ = required_->row();
  }
  Row Next() override { return row_ = required_->Next(); }
  Row Advance(Row target) override { return row_ = required_->Advance(target); }
  float Score() override {
    const float score = required_->Score();
    return optional_->Advance(row_) == row_ ? score + optional_->Score() : score;
  }
  uint64_t cost() const override { return required_->cost(); }

 private:
  const CursorPtr required_, optional_;
};

}  // namespace

CursorPtr Conjunction(std::vector<CursorPtr> scoring, std::vector<CursorPtr> filters) {
  if (scoring.size() == 1 && filters.empty()) return std::move(scoring.front());
  return std::make_unique<ConjunctionCursor>(std::move(scoring), std::move(filters));
}

CursorPtr Disjunction(std::vector<CursorPtr> cursors, DisjunctionScore score_mode, float tie_breaker,
                      int at_least) {
  std::erase(cursors, nullptr);
  if (static_cast<int>(cursors.size()) < at_least || cursors.empty()) return nullptr;
  if (cursors.size() == 1) return std::move(cursors.front());
  return std::make_unique<DisjunctionCursor>(std::move(cursors), score_mode, tie_breaker, at_least);
}

CursorPtr AndNot(CursorPtr required, CursorPtr excluded) {
  if (required == nullptr || excluded == nullptr) return required;
  return std::make_unique<AndNotCursor>(std::move(required), std::move(excluded));
}

CursorPtr AndMaybe(CursorPtr required, CursorPtr optional) {
  if (required == nullptr || optional == nullptr) return required;
  return std::make_unique<AndMaybeCursor>(std::move(required), std::move(optional));
}

}  // namespace trine::search
