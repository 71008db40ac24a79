#include "search/collect/collect.h"

#include <algorithm>

#include "base/check.h"

namespace trine::search {
namespace {

// Removes the deleted rows from a batch.
void DropDeletedRows(const index::SegmentReader& segment, Batch* batch) {
  const uint64_t* words = segment.live_words();
  if (words == nullptr) return;
  size_t kept = 0;
  for (size_t i = 0; i < batch->size; ++i) {
    const Row row = batch->rows[i];
    if ((words[row >> 6] >> (row & 63) & 1) == 0) continue;
    batch->rows[kept] = row;
    batch->scores[kept++] = batch->scores[i];
  }
  batch->size = kept;
}

void DropLowScores(float min_score, bool inclusive, Batch* batch) {
  size_t kept = 0;
  for (size_t i = 0; i < batch->size; ++i) {
    const float score = batch->scores[i];
    if (inclusive ? score < min_score : score <= min_score) continue;
    batch->rows[kept] = batch->rows[i];
    batch->scores[kept++] = score;
  }
  batch->size = kept;
}

// Visits targets, segments and batches in order, filters the rows, and passes each batch to the sink. `Sink`
// has:
//   void BeginSegment(const PlannedTarget&, const index::SegmentReader&, uint64_t row_base)
//   void Add(const PlannedTarget&, RowLocation segment, const Batch&)
//   std::optional<float> Threshold()   if set, rows with this score or less can be skipped
template <typename Sink>
class SegmentCollector {
 public:
  SegmentCollector(const CollectOptions& options, QueryContext& context, Totals* totals, Sink* sink)
      : options_(options), context_(context), totals_(totals), sink_(sink) {}

  Status Run(const std::vector<PlannedTarget>& targets) {
    for (uint32_t i = 0; i < targets.size(); ++i) {
      if (!Target(targets[i], i)) break;
    }
    if (context_.error) return *context_.error;
    return Ok();
  }

 private:
  // Returns false to stop the whole search.
  bool Target(const PlannedTarget& target, uint32_t number) {
    given_ = 0;
    uint64_t row_base = 0;
    const auto& segments = target.reader->segments();
    for (uint32_t i = 0; i < segments.size(); ++i) {
      if (context_.error) return false;
      if (context_.deadline.Passed()) {
        totals_->timed_out = true;
        return false;
      }
      if (!Segment(target, *segments[i], {number, i, 0}, row_base)) {
        return !context_.error && !totals_->timed_out;
      }
      row_base += segments[i]->rows();
    }
    return true;
  }

  // Returns false to skip the remaining segments of this target.
  bool Segment(const PlannedTarget& target, const index::SegmentReader& segment, RowLocation place,
               uint64_t row_base) {
    const SegmentContext segment_context{segment, place.segment, context_};
    BatchSourcePtr source = target.plan->OpenBatches(segment_context);
    TRINE_CHECK(source != nullptr);
    if (target.post_filter != nullptr) {
      CursorPtr filter = target.post_filter->Open(segment_context);
      if (filter == nullptr) return true;
      source = FilteredBatches(std::move(source), std::move(filter), nullptr);
    }
    sink_->BeginSegment(target, segment, row_base);
    while (true) {
      if (const auto threshold = sink_->Threshold()) source->RaiseThreshold(*threshold);
      const bool more = source->Next(&batch_);
      TRINE_DCHECK_LE(batch_.size, Batch::kRows);
      if (context_.incomplete) return totals_->timed_out = true, false;
      if (!more) return true;
      DropDeletedRows(segment, &batch_);
      if (options_.min_score) DropLowScores(*options_.min_score, true, &batch_);
      if (options_.positive_only) DropLowScores(0, false, &batch_);
      const bool cut = LimitToTerminateAfter();
      sink_->Add(target, place, batch_);
      if (cut) return totals_->terminated_early = true, false;
      if (context_.error) return false;
      if (context_.deadline.Passed()) return totals_->timed_out = true, false;
    }
  }

  // Keeps only as many rows as terminate_after still allows. Returns whether the limit is reached.
  bool LimitToTerminateAfter() {
    if (options_.terminate_after == 0) return false;
    TRINE_DCHECK_LE(given_, options_.terminate_after);
    const size_t left = options_.terminate_after - given_;
    batch_.size = std::min(batch_.size, left);
    given_ += batch_.size;
    return given_ == options_.terminate_after;
  }

  const CollectOptions& options_;
  QueryContext& context_;
  Totals* const totals_;
  Sink* const sink_;
  Batch batch_;
  size_t given_ = 0;
};

// An estimate of the number of matching rows, made before any row is read. `at_least` is the exact number if
// `exact` is true, otherwise a lower bound.
struct TotalEstimate {
  bool exact = false;
  uint64_t at_least = 0;
};
TotalEstimate EstimateTotal(const std::vector<PlannedTarget>& targets, const CollectOptions& options) {
  TotalEstimate known{true, 0};
  if (options.min_score || options.terminate_after > 0 || options.positive_only) return {};
  for (const PlannedTarget& target : targets) {
    if (target.post_filter != nullptr) return {};
    const auto& segments = target.reader->segments();
    for (size_t i = 0; i < segments.size(); ++i) {
      if (const auto count = target.plan->Count(*segments[i], i)) {
        known.at_least += *count;
        continue;
      }
      known.exact = false;
      if (segments[i]->live_rows() == segments[i]->rows()) {
        known.at_least += target.plan->CountAtLeast(*segments[i], i);
      }
    }
  }
  return known;
}

class ScoreSink {
 public:
  ScoreSink(const CollectOptions& options, TotalEstimate known, UniqueRows* unique)
      : options_(options), known_(known), unique_(unique), top_(options.keep) {}

  void BeginSegment(const PlannedTarget&, const index::SegmentReader& segment, uint64_t) {
    rows_in_segment_ = segment.rows();
  }
  void Add(const PlannedTarget&, RowLocation place, const Batch& batch) {
    seen_ += batch.size;
    for (size_t i = 0; i < batch.size; ++i) {
      if (!(batch.scores[i] > top_.threshold())) continue;
      place.row = batch.rows[i];
      top_.Offer(batch.scores[i], place);
    }
    if (unique_ == nullptr) return;
    for (size_t i = 0; i < batch.size; ++i) {
      place.row = batch.rows[i];
      unique_->Add(place, rows_in_segment_);
    }
  }
  // Returns the score that a row must exceed to be kept. Returns nullopt, so that no row is skipped, until
  // the heap is full and no more rows have to be counted.
  std::optional<float> Threshold() {
    if (!options_.may_prune || !top_.full()) return std::nullopt;
    if (!pruned_ && !TotalSettled()) return std::nullopt;
    pruned_ = true;
    return top_.threshold();
  }
  bool pruned() const { return pruned_; }
  uint64_t seen() const { return seen_; }
  TopRows& top() { return top_; }

 private:
  bool TotalSettled() const {
    if (options_.track_total == 0 || known_.exact) return true;
    if (options_.track_total < 0) return false;
    const auto enough = static_cast<uint64_t>(options_.track_total);
    const uint64_t counted = unique_ == nullptr ? seen_ : unique_->count();
    return counted > enough || known_.at_least > enough;
  }

  const CollectOptions& options_;
  const TotalEstimate known_;
  UniqueRows* const unique_;
  TopRows top_;
  Row rows_in_segment_ = 0;
  uint64_t seen_ = 0;
  bool pruned_ = false;
};

class SortSink {
 public:
  SortSink(const CollectOptions& options, const SortOrder& order) : top_(order, options.keep) {}

  void BeginSegment(const PlannedTarget& target, const index::SegmentReader& segment, uint64_t row_base) {
    reader_.emplace(*target.order, segment, row_base);
  }
  void Add(const PlannedTarget& target, RowLocation place, const Batch& batch) {
    seen_ += batch.size;
    for (size_t i = 0; i < batch.size; ++i) {
      const float score = batch.scores[i];
      if (target.plan->scoring()) best_ = best_ ? std::max(*best_, score) : score;
      reader_->Read(batch.rows[i], score, &values_);
      if (!target.after.empty() && CompareKeys(*target.order, values_, target.after) <= 0) continue;
      place.row = batch.rows[i];
      top_.Offer(place, score, values_);
    }
  }
  std::optional<float> Threshold() const { return std::nullopt; }
  uint64_t seen() const { return seen_; }
  std::optional<float> best() const { return best_; }
  TopSorted& top() { return top_; }

 private:
  TopSorted top_;
  std::optional<KeyReader> reader_;
  std::vector<SortKeyValue> values_;
  uint64_t seen_ = 0;
  std::optional<float> best_;
};

void SetTotal(uint64_t seen, const CollectOptions& options, TotalEstimate known, bool pruned,
              Totals* totals) {
  totals->total = known.exact ? known.at_least : std::max(seen, pruned ? known.at_least : 0);
  if (options.track_total < 0) return;
  const auto most = static_cast<uint64_t>(options.track_total);
  if (totals->total > most) {
    totals->total = most;
    totals->is_lower_bound = true;
  } else if (pruned && !known.exact) {
    totals->is_lower_bound = true;
  }
}

Result<std::vector<TopRow>> Collect(const std::vector<PlannedTarget>& targets, const CollectOptions& options,
                                    QueryContext& context, UniqueRows* unique, Totals* totals) {
  const TotalEstimate known = unique == nullptr ? EstimateTotal(targets, options) : TotalEstimate{};
  ScoreSink sink(options, known, unique);
  const bool only_total = options.keep == 0 && unique == nullptr && (known.exact || options.track_total == 0);
  if (!only_total) TRINE_TRY((SegmentCollector<ScoreSink>(options, context, totals, &sink).Run(targets)));
  std::vector<TopRow> top = sink.top().Take();
  if (!top.empty()) totals->best_score = top.front().score;
  // The total is set even after a timeout: if it was computed exactly before the search, it is still valid.
  if (unique == nullptr) SetTotal(sink.seen(), options, known, sink.pruned(), totals);
  return top;
}

}  // namespace

void UniqueRows::Add(const RowLocation& at, Row rows_in_segment) {
  if (bits_.size() <= at.target) bits_.resize(at.target + 1);
  auto& segments = bits_[at.target];
  while (segments.size() <= at.segment) segments.emplace_back(0);
  RowBits& bits = segments[at.segment];
  TRINE_DCHECK_LT(at.row, rows_in_segment);
  if (bits.end() == 0) bits = RowBits(rows_in_segment);
  if (bits.Get(at.row)) return;
  bits.Set(at.row);
  ++count_;
}

Result<std::vector<TopRow>> CollectByScore(const std::vector<PlannedTarget>& targets,
                                           const CollectOptions& options, QueryContext& context,
                                           Totals* totals) {
  return Collect(targets, options, context, nullptr, totals);
}

Result<std::vector<TopRow>> CollectSubQuery(const std::vector<PlannedTarget>& targets,
                                            const CollectOptions& options, QueryContext& context,
                                            UniqueRows* unique, Totals* totals) {
  return Collect(targets, options, context, unique, totals);
}

Result<std::vector<SortedRow>> CollectSorted(const std::vector<PlannedTarget>& targets,
                                             const CollectOptions& options, QueryContext& context,
                                             Totals* totals) {
  if (targets.empty()) return std::vector<SortedRow>();
  for (const PlannedTarget& target : targets) TRINE_CHECK(target.order != nullptr);
  SortSink sink(options, *targets.front().order);
  TRINE_TRY((SegmentCollector<SortSink>(options, context, totals, &sink).Run(targets)));
  totals->best_score = sink.best();
  SetTotal(sink.seen(), options, {}, false, totals);
  return sink.top().Take();
}

}  // namespace trine::search
