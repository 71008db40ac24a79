// Top-k over a disjunction of terms without looking at every posting.
//
// Problem: "camping chair" matches thousands of rows, and the ten best are wanted. Once ten rows are kept,
// another row must exceed the score of the tenth, which is the threshold. Every block of 128 postings stores
// its largest frequency and smallest norm, which bound the scores in the block.
//
// Method: take a window of rows. The blocks of a term that overlap the window bound the score of the term in
// every row of the window. Order the terms by these bounds; the longest prefix whose bounds together do not
// exceed the threshold is "not essential": a row that has only those terms cannot be in the result. Essential
// terms are read block by block into an array of sums; for each row found there, the other terms are looked
// up, largest bound first, for as long as the row can still exceed the threshold. When no term is essential,
// the whole window is skipped unread.
//
// Example: the threshold is 5 and the bounds are 2 for chair and 4 for camping. The prefix (chair) is not
// essential, because 2 <= 5. The prefix (chair, camping) is too long, because 2 + 4 > 5, so camping is
// essential: only its rows are read, and chair is looked up for them.
//
// Why not WAND: it moves cursor by cursor, with one virtual call and one heap update per posting. Windows of
// sums are plain array loops, and without a threshold they are the fastest way to count and score all rows.
// Bounds are rounded up before they are compared, and ties lose against rows that are already kept, so pruned
// and unpruned searches return the same rows with the same scores.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/check.h"
#include "search/score/batches.h"

namespace trine::search {
namespace {

constexpr Row kWindow = Batch::kRows;

// The postings of one term with their scores. A block is decoded only when its rows are read in sequence;
// until then, its bound comes from the block table of the postings.
class ScoredPostings {
 public:
  explicit ScoredPostings(ScoredTerm term) : term_(std::move(term)), has_norms_(term_.field->has_norms()) {
    TRINE_CHECK(term_.postings != nullptr);
    if (has_norms_) norms_ = term_.field->dense_norms();
  }
  Row row() const { return at_ < size_ ? rows_[at_] : term_.postings->row(); }
  float Score() const {
    if (at_ < size_) return ScoreAt(at_);
    return ScoreOf(term_.postings->row(), term_.postings->frequency());
  }
  void Advance(Row target) {
    if (at_ < size_ && rows_[size_ - 1] >= target) {
      at_ = static_cast<uint32_t>(std::lower_bound(rows_ + at_, rows_ + size_, target) - rows_);
      return;
    }
    at_ = size_;
    if (term_.postings->row() < target) term_.postings->Advance(target);
  }
  // Adds the scores of all rows below `end` to sums[row - base] and sets their bits. Afterwards row() >= end.
  // Requires row() >= base.
  void AddTo(Row base, Row end, double* sums, uint64_t* bits) {
    while (row() < end) {
      if (at_ == size_) Fill();
      const uint32_t stop = StopBefore(end);
      TRINE_DCHECK_GE(rows_[at_], base);
      for (uint32_t i = at_; i < stop; ++i) {
        const Row offset = rows_[i] - base;
        sums[offset] += static_cast<double>(ScoreAt(i));
        bits[offset >> 6] |= uint64_t{1} << (offset & 63);
      }
      at_ = stop;
    }
  }
  // Writes the rest of the decoded block, or the next block if nothing is left. Returns the number of rows.
  size_t Take(Row* rows, float* scores) {
    if (at_ == size_) Fill();
    size_t n = 0;
    for (; at_ < size_; ++at_, ++n) {
      rows[n] = rows_[at_];
      scores[n] = ScoreAt(at_);
    }
    return n;
  }
  // Returns a bound on the scores of the rows in [from, *last]. *last is at least end - 1. Requires from <
  // end.
  float BoundOver(Row from, Row end, Row* last) {
    TRINE_DCHECK_LT(from, end);
    float bound = 0;
    Row at = std::max(from, row());
    if (at_ < size_ && rows_[size_ - 1] >= at) {
      bound = DecodedBound();
      *last = rows_[size_ - 1];
      at = *last + 1;
      if (at >= end) return bound;
    }
    while (true) {
      at = std::max(at, term_.postings->row());
      if (at == kNoMoreRows) {
        *last = kNoMoreRows - 1;
        return bound;
      }
      const auto block = term_.postings->BlockAt(at);
      if (block.max_frequency > 0) bound = std::max(bound, BoundOf(block.max_frequency, block.min_norm));
      *last = block.last == kNoMoreRows ? kNoMoreRows - 1 : block.last;
      at = *last + 1;
      if (at >= end) return bound;
    }
  }
  float MaxScore() const { return BoundOf(term_.max_frequency, term_.min_norm); }

 private:
  float ScoreAt(uint32_t i) const { return ScoreOf(rows_[i], frequencies_[i]); }
  float ScoreOf(Row row, uint32_t frequency) const {
    const uint8_t norm = norms_ != nullptr ? norms_[row] : has_norms_ ? term_.field->norm(row) : kNoNorm;
    return term_.bm25.Score(term_.frequencies ? static_cast<float>(frequency) : 1.0f, norm);
  }
  float BoundOf(uint32_t frequency, uint8_t norm) const {
    return term_.bm25.Score(term_.frequencies ? static_cast<float>(frequency) : 1.0f,
                            has_norms_ ? norm : kNoNorm);
  }
  void Fill() {
    size_ = static_cast<uint32_t>(term_.postings->NextBatch(rows_, frequencies_, index::kBlockSize));
    at_ = 0;
    TRINE_DCHECK_LE(size_, index::kBlockSize);
    decoded_bound_ = -1;
  }
  uint32_t StopBefore(Row end) const {
    if (rows_[size_ - 1] < end) return size_;
    return static_cast<uint32_t>(std::lower_bound(rows_ + at_, rows_ + size_, end) - rows_);
  }
  float DecodedBound() {
    if (decoded_bound_ < 0) {
      for (uint32_t i = at_; i < size_; ++i) decoded_bound_ = std::max(decoded_bound_, ScoreAt(i));
    }
    return decoded_bound_;
  }

  ScoredTerm term_;
  const bool has_norms_;
  const uint8_t* norms_ = nullptr;
  uint32_t at_ = 0, size_ = 0;
  float decoded_bound_ = -1;  // largest score left in the decoded block; -1: not computed
  Row rows_[index::kBlockSize];
  uint32_t frequencies_[index::kBlockSize];
};

class SingleTermSource final : public BatchSource {
 public:
  explicit SingleTermSource(ScoredTerm term) : stream_(std::move(term)) {}
  bool Next(Batch* batch) override {
    batch->size = 0;
    if (threshold_ < 0) {
      while (batch->size + index::kBlockSize <= kWindow && stream_.row() != kNoMoreRows) {
        batch->size += stream_.Take(&batch->rows[batch->size], &batch->scores[batch->size]);
      }
      return batch->size > 0;
    }
    if (stream_.MaxScore() <= threshold_) return false;
    for (Row row = stream_.row(); row != kNoMoreRows; row = stream_.row()) {
      Row last = 0;
      if (stream_.BoundOver(row, row + 1, &last) > threshold_) {
        batch->size = stream_.Take(batch->rows.data(), batch->scores.data());
        return true;
      }
      stream_.Advance(last + 1);
    }
    return false;
  }
  void RaiseThreshold(float threshold) override {
    TRINE_DCHECK_GE(threshold, threshold_);
    threshold_ = threshold;
  }

 private:
  ScoredPostings stream_;
  float threshold_ = -1;
};

class MaxScoreSource final : public BatchSource {
 public:
  explicit MaxScoreSource(std::vector<ScoredTerm> terms) : sums_(kWindow), bits_(kWindow / 64) {
    streams_.reserve(terms.size());
    for (ScoredTerm& term : terms) streams_.push_back(std::make_unique<ScoredPostings>(std::move(term)));
    order_.resize(streams_.size());
    bounds_.resize(streams_.size());
    prefix_.resize(streams_.size() + 1);
  }
  bool Next(Batch* batch) override {
    batch->size = 0;
    Row base = kNoMoreRows;
    for (const auto& stream : streams_) base = std::min(base, stream->row());
    base = std::max(base, from_);
    if (base == kNoMoreRows || Finished()) return false;
    if (threshold_ < 0) {
      const Row end = base > kNoMoreRows - kWindow ? kNoMoreRows : base + kWindow;
      for (const auto& stream : streams_) stream->AddTo(base, end, sums_.data(), bits_.data());
      Emit(base, batch);
      return true;
    }
    PrunedWindow(base, batch);
    return true;
  }
  void RaiseThreshold(float threshold) override {
    TRINE_DCHECK_GE(threshold, threshold_);
    threshold_ = threshold;
  }

 private:
  // Pruned windows are smaller, because that makes their bounds tighter, and skipping a window costs little.
  static constexpr Row kPrunedWindow = 2048;

  // Rounds a sum of float32 bounds up, so that it is not below any sum of scores within the bounds. Scores
  // and bounds are added in different orders; the factor covers the rounding errors, because 1,024 additions
  // have a relative error of less than 2e-13.
  static float RoundUp(double sum) { return static_cast<float>(sum * (1 + 1e-12)); }
  // Whether no remaining row can exceed the threshold, or no row remains.
  bool Finished() const {
    double sum = 0;
    bool any = false;
    for (const auto& stream : streams_) {
      if (stream->row() == kNoMoreRows) continue;
      any = true;
      sum += static_cast<double>(stream->MaxScore());
    }
    return !any || (threshold_ >= 0 && RoundUp(sum) <= threshold_);
  }

  void PrunedWindow(Row base, Batch* batch) {
    Row end = base > kNoMoreRows - kPrunedWindow ? kNoMoreRows : base + kPrunedWindow;
    Row holds_to = kNoMoreRows - 1;
    for (size_t i = 0; i < streams_.size(); ++i) {
      Row last = kNoMoreRows - 1;
      bounds_[i] = streams_[i]->row() == kNoMoreRows ? 0 : streams_[i]->BoundOver(base, end, &last);
      holds_to = std::min(holds_to, last);
    }
    // The bounds hold for all rows before `covered`. `covered` lies beyond the end of the window if,
    // for every term, the last block that BoundOver read ends beyond it.
    const Row covered = holds_to + 1;
    std::iota(order_.begin(), order_.end(), size_t{0});
    std::sort(order_.begin(), order_.end(), [&](size_t a, size_t b) { return bounds_[a] < bounds_[b]; });
    prefix_[0] = 0;
    for (size_t i = 0; i < order_.size(); ++i) {
      prefix_[i + 1] = prefix_[i] + static_cast<double>(bounds_[order_[i]]);
    }
    size_t first_essential = 0;
    while (first_essential < order_.size() && RoundUp(prefix_[first_essential + 1]) <= threshold_) {
      ++first_essential;
    }
    if (first_essential == order_.size()) {
      from_ = std::max(end, covered);
      return;
    }
    end = std::min(end, std::max(covered, base + 1));
    for (size_t i = first_essential; i < order_.size(); ++i) {
      ScoredPostings& stream = *streams_[order_[i]];
      stream.Advance(base);
      stream.AddTo(base, end, sums_.data(), bits_.data());
    }
    Complete(base, end, first_essential);
    from_ = end;
    Emit(base, batch);
  }

  // Adds the scores of the terms that are not essential to the rows found, and removes the rows that cannot
  // exceed the threshold.
  void Complete(Row base, Row end, size_t first_essential) {
    if (first_essential == 0) return;
    for (size_t word = 0; word < (end - base + 63) / 64; ++word) {
      for (uint64_t left = bits_[word]; left != 0; left &= left - 1) {
        const size_t offset = word * 64 + static_cast<size_t>(std::countr_zero(left));
        const Row row = base + static_cast<Row>(offset);
        for (size_t i = first_essential; i-- > 0;) {
          if (RoundUp(sums_[offset] + prefix_[i + 1]) <= threshold_) {
            bits_[word] &= ~(uint64_t{1} << (offset & 63));
            sums_[offset] = 0;
            break;
          }
          ScoredPostings& stream = *streams_[order_[i]];
          stream.Advance(row);
          if (stream.row() == row) sums_[offset] += static_cast<double>(stream.Score());
        }
      }
    }
  }

  void Emit(Row base, Batch* batch) {
    size_t n = 0;
    for (size_t word = 0; word < bits_.size(); ++word) {
      for (uint64_t left = bits_[word]; left != 0; left &= left - 1) {
        const size_t offset = word * 64 + static_cast<size_t>(std::countr_zero(left));
        batch->rows[n] = base + static_cast<Row>(offset);
        batch->scores[n++] = static_cast<float>(sums_[offset]);
        sums_[offset] = 0;
      }
      bits_[word] = 0;
    }
    TRINE_DCHECK_LE(n, Batch::kRows);
    batch->size = n;
  }

  std::vector<std::unique_ptr<ScoredPostings>> streams_;
  std::vector<double> sums_;    // all zero between windows
  std::vector<uint64_t> bits_;  // likewise
  float threshold_ = -1;
  Row from_ = 0;  // all rows before from_ are done
  std::vector<size_t> order_;
  std::vector<float> bounds_;
  std::vector<double> prefix_;
};

}  // namespace

BatchSourcePtr TermBatches(std::vector<ScoredTerm> terms) {
  TRINE_CHECK(!terms.empty());
  if (terms.size() == 1) return std::make_unique<SingleTermSource>(std::move(terms.front()));
  return std::make_unique<MaxScoreSource>(std::move(terms));
}

}  // namespace trine::search
