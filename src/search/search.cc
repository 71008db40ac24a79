#include "search/search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "base/limits.h"
#include "search/prepare.h"
#include "search/query/check.h"

namespace trine::search {
namespace {

// One search, from its targets to its hits.
class SearchExecution {
 public:
  SearchExecution(const std::vector<Target>& targets, const SearchRequest& request,
                  const analysis::Analyzers& analyzers, Millis now, const Deadline& deadline)
      : request_(request), context_{deadline, std::nullopt} {
    for (const Target& target : targets) {
      TRINE_CHECK(target.collection != nullptr && target.reader != nullptr);
      prepared_.push_back(std::make_unique<PreparedTarget>(target, analyzers, now));
    }
  }

  Result<SearchResult> Run() {
    TRINE_TRY(Check(request_.query));
    TRINE_TRY(Check(request_.post_filter));
    TRINE_TRY(CheckWindow());
    if (request_.post_filter != nullptr && TopLevelHybrid(*request_.post_filter) != nullptr) {
      return Error(ErrorCode::kHybridQuery, "a hybrid query cannot be a post filter");
    }
    const Hybrid* hybrid = request_.query == nullptr ? nullptr : TopLevelHybrid(*request_.query);
    if (hybrid != nullptr && !SortsByField()) return RunHybrid(*hybrid);
    if (hybrid != nullptr) {
      if (request_.track_scores) {
        return Error(ErrorCode::kHybridQuery, "a hybrid query that is sorted by fields cannot track scores")
            .Where("track_scores");
      }
      return RunPlain(UnionOfSubQueries(*hybrid));
    }
    return RunPlain(request_.query);
  }

 private:
  Status CheckWindow() const;
  // Whether any sort key is not the score.
  bool SortsByField() const {
    return std::any_of(request_.sort.begin(), request_.sort.end(),
                       [](const SortKey& key) { return key.by != SortKey::By::kScore; });
  }
  bool SortsByScoreOnly() const {
    return request_.sort.empty() ||
           (request_.sort.size() == 1 && request_.sort[0].by == SortKey::By::kScore &&
            request_.sort[0].descending);
  }
  // Returns a query for all rows that the hybrid matches. Used if hits are sorted by fields: the scores of
  // the hybrid are then not needed.
  static QueryPtr UnionOfSubQueries(const Hybrid& hybrid) {
    Bool any;
    for (const QueryPtr& one : hybrid.queries) any.should.push_back(WithCommonFilter(one, hybrid.filter));
    any.minimum_should_match = "1";
    return MakeQuery(std::move(any));
  }

  CollectOptions Options(size_t keep) const {
    CollectOptions options;
    options.keep = keep;
    options.track_total = request_.track_total_hits;
    options.min_score = request_.min_score;
    options.terminate_after = request_.terminate_after;
    return options;
  }

  // Runs any search other than a hybrid.
  Result<SearchResult> RunPlain(const QueryPtr& query);
  Status PreparePlain(const QueryPtr& query, bool scoring);
  Status PrepareOrders();
  Status CollectPlain(bool scoring, SearchResult* result);
  Status FillFromScores(std::vector<TopRow> rows, SearchResult* result);
  Status FillFromSorted(std::vector<SortedRow> rows, bool scoring, SearchResult* result);

  // Runs a hybrid search: one list per sub-query.
  Result<SearchResult> RunHybrid(const Hybrid& hybrid);
  size_t WindowOf(const PreparedTarget& target, const Hybrid& hybrid) const;
  Result<std::vector<TopRow>> CollectOne(const QueryPtr& query, const Hybrid& hybrid, UniqueRows* unique,
                                         SearchResult* result, std::vector<PreparedQuery>* queries);

  Result<Hit> MakeHit(const RowLocation& at, float score, const PreparedQuery& query, SearchResult* result);
  std::vector<PlannedTarget> Planned(const std::vector<PreparedQuery>& queries) const;

  const SearchRequest& request_;
  QueryContext context_;
  std::vector<std::unique_ptr<PreparedTarget>> prepared_;
  std::vector<PreparedQuery> queries_, post_filters_;  // one per target
  std::vector<SortOrder> orders_;
  std::vector<std::vector<SortKeyValue>> afters_;
};

Status SearchExecution::CheckWindow() const {
  for (const auto& target : prepared_) {
    const size_t most = target->target().collection->settings.max_result_window;
    if (request_.from > most || request_.size > most || request_.from + request_.size > most) {
      return Error(ErrorCode::kResultWindow, "the result window (from + size) is too large")
          .Expected("at most " + std::to_string(most))
          .Got(std::to_string(request_.from + request_.size))
          .Detail("maximum", std::to_string(most));
    }
  }
  if (!request_.search_after.empty() && request_.from > 0) {
    return Error(ErrorCode::kSearchAfter, "search_after cannot be combined with from")
        .Expected("from 0")
        .Got(std::to_string(request_.from))
        .Detail("from", std::to_string(request_.from));
  }
  return Ok();
}

Result<SearchResult> SearchExecution::RunPlain(const QueryPtr& query) {
  const bool by_score = SortsByScoreOnly() && request_.search_after.empty();
  const bool sorts_by_score = std::any_of(request_.sort.begin(), request_.sort.end(),
                                          [](const SortKey& key) { return key.by == SortKey::By::kScore; });
  const bool scoring = (SortsByScoreOnly() && request_.size > 0) || sorts_by_score || request_.track_scores ||
                       request_.min_score.has_value();
  SearchResult result;
  TRINE_TRY(PreparePlain(query, scoring));
  if (by_score) {
    TRINE_TRY(CollectPlain(scoring, &result));
  } else {
    TRINE_TRY(PrepareOrders());
    TRINE_TRY(CollectPlain(scoring, &result));
  }
  if (result.timed_out && result.hits.empty() && result.total == 0) {
    return Error(ErrorCode::kTimeout, "the deadline passed before any hit was found");
  }
  return result;
}

Status SearchExecution::PreparePlain(const QueryPtr& query, bool scoring) {
  for (const auto& target : prepared_) {
    TRINE_ASSIGN(PreparedQuery prepared, target->Prepare(query, {}, scoring, context_));
    queries_.push_back(std::move(prepared));
    if (request_.post_filter == nullptr) continue;
    TRINE_ASSIGN(PreparedQuery filter, target->Prepare(request_.post_filter, {}, false, context_));
    post_filters_.push_back(std::move(filter));
  }
  return Ok();
}

Status SearchExecution::PrepareOrders() {
  std::vector<SortKey> keys = request_.sort;
  if (keys.empty()) {
    keys.emplace_back();
    keys.back().by = SortKey::By::kScore;
    keys.back().descending = true;
  }
  for (const auto& target : prepared_) {
    TRINE_ASSIGN(SortOrder order, SortOrder::Resolve(keys, target->schema()));
    orders_.push_back(std::move(order));
  }
  if (request_.search_after.empty()) return Ok();
  for (size_t i = 0; i < prepared_.size(); ++i) {
    TRINE_ASSIGN(auto after, orders_[i].ParseAfter(request_.search_after, prepared_[i]->schema()));
    afters_.push_back(std::move(after));
  }
  return Ok();
}

std::vector<PlannedTarget> SearchExecution::Planned(const std::vector<PreparedQuery>& queries) const {
  TRINE_CHECK_EQ(queries.size(), prepared_.size());
  TRINE_CHECK(orders_.empty() || orders_.size() == prepared_.size());
  std::vector<PlannedTarget> planned;
  for (size_t i = 0; i < prepared_.size(); ++i) {
    PlannedTarget target;
    target.reader = prepared_[i]->target().reader.get();
    target.plan = queries[i].plan.get();
    if (!post_filters_.empty()) target.post_filter = post_filters_[i].plan.get();
    if (!orders_.empty()) target.order = &orders_[i];
    if (!afters_.empty()) target.after = afters_[i];
    planned.push_back(std::move(target));
  }
  return planned;
}

void SetTotals(const Totals& totals, SearchResult* result) {
  result->total = totals.total;
  result->total_is_lower_bound = totals.is_lower_bound;
  result->timed_out = totals.timed_out;
  result->terminated_early = totals.terminated_early;
}

Status SearchExecution::CollectPlain(bool scoring, SearchResult* result) {
  const std::vector<PlannedTarget> planned = Planned(queries_);
  const CollectOptions options = Options(request_.size == 0 ? 0 : request_.from + request_.size);
  Totals totals;
  if (orders_.empty()) {
    TRINE_ASSIGN(auto rows, CollectByScore(planned, options, context_, &totals));
    SetTotals(totals, result);
    if (scoring && request_.size > 0) result->max_score = totals.best_score;
    TRINE_TRY(FillFromScores(std::move(rows), result));
  } else {
    TRINE_ASSIGN(auto rows, CollectSorted(planned, options, context_, &totals));
    SetTotals(totals, result);
    if (scoring && request_.size > 0 && (request_.track_scores || !SortsByField())) {
      result->max_score = totals.best_score;
    }
    TRINE_TRY(FillFromSorted(std::move(rows), scoring, result));
  }
  if (request_.explain) {
    for (const PreparedQuery& query : queries_) result->plan.push_back(ToText(*query.clause));
  }
  return Ok();
}

Status SearchExecution::FillFromScores(std::vector<TopRow> rows, SearchResult* result) {
  for (size_t i = request_.from; i < rows.size(); ++i) {
    const RowLocation& at = rows[i].at;
    TRINE_ASSIGN(Hit hit, MakeHit(at, rows[i].score, queries_[at.target], result));
    if (!request_.sort.empty()) hit.sort.push_back(SortValue::Float(hit.score));
    result->hits.push_back(std::move(hit));
  }
  return Ok();
}

Status SearchExecution::FillFromSorted(std::vector<SortedRow> rows, bool scoring, SearchResult* result) {
  const bool scores_shown = scoring && (request_.track_scores || !SortsByField() || request_.sort.empty());
  for (size_t i = request_.from; i < rows.size(); ++i) {
    const SortedRow& row = rows[i];
    const bool by_score_too = orders_[row.at.target].needs_scores();
    const float score = scores_shown || by_score_too ? row.score : std::numeric_limits<float>::quiet_NaN();
    TRINE_ASSIGN(Hit hit, MakeHit(row.at, score, queries_[row.at.target], result));
    for (size_t k = 0; k < row.values.size(); ++k) {
      hit.sort.push_back(ToSortValue(row.values[k], orders_[row.at.target].keys()[k]));
    }
    result->hits.push_back(std::move(hit));
  }
  return Ok();
}

Result<Hit> SearchExecution::MakeHit(const RowLocation& at, float score, const PreparedQuery& query,
                                     SearchResult* result) {
  TRINE_CHECK_LT(at.target, prepared_.size());
  PreparedTarget& target = *prepared_[at.target];
  const index::SegmentReader& segment = *target.target().reader->segments()[at.segment];
  Hit hit;
  hit.target = at.target;
  hit.segment = at.segment;
  hit.row = at.row;
  hit.seq_no = segment.seq_no(at.row);
  hit.id = std::string(segment.id(at.row));
  hit.score = score;
  if (query.named.empty() && !request_.explain) return hit;
  // Matched names and explanations run queries again for every hit. After the deadline, hits are returned
  // without names and explanations.
  if (context_.deadline.Passed()) {
    result->timed_out = true;
    return hit;
  }
  if (!query.named.empty()) {
    TRINE_ASSIGN(hit.matched_queries, target.MatchedNames(query, at, context_));
  }
  if (request_.explain) {
    hit.explanation =
        std::make_shared<const Explanation>(query.plan->Explain({segment, at.segment, context_}, at.row));
  }
  return hit;
}

size_t SearchExecution::WindowOf(const PreparedTarget& target, const Hybrid& hybrid) const {
  if (hybrid.pagination_depth > 0) return hybrid.pagination_depth;
  if (request_.hybrid_window > 0) return request_.hybrid_window;
  const size_t window = target.target().collection->settings.fusion_window;
  return window > 0 ? window : request_.from + request_.size;
}

Result<std::vector<TopRow>> SearchExecution::CollectOne(const QueryPtr& query, const Hybrid& hybrid,
                                                        UniqueRows* unique, SearchResult* result,
                                                        std::vector<PreparedQuery>* queries) {
  for (const auto& target : prepared_) {
    TRINE_ASSIGN(PreparedQuery prepared, target->Prepare(WithCommonFilter(query, hybrid.filter),
                                                         {request_.post_filter}, true, context_));
    queries->push_back(std::move(prepared));
  }
  // As each shard does in OpenSearch, each target keeps a full window of hits. Then the lists are merged.
  std::vector<TopRow> all;
  const std::vector<PlannedTarget> planned = Planned(*queries);
  for (size_t i = 0; i < planned.size(); ++i) {
    CollectOptions options = Options(WindowOf(*prepared_[i], hybrid));
    options.min_score.reset();  // the caller applies min_score to the fused scores
    options.positive_only = true;
    std::vector<PlannedTarget> one{planned[i]};
    Totals totals;
    TRINE_ASSIGN(auto rows, CollectSubQuery(one, options, context_, &unique[i], &totals));
    for (TopRow& row : rows) row.at.target = static_cast<uint32_t>(i);
    all.insert(all.end(), rows.begin(), rows.end());
    result->timed_out |= totals.timed_out;
    result->terminated_early |= totals.terminated_early;
  }
  std::stable_sort(all.begin(), all.end(), Better);
  return all;
}

Result<SearchResult> SearchExecution::RunHybrid(const Hybrid& hybrid) {
  SearchResult result;
  result.hybrid = true;
  std::vector<UniqueRows> unique(prepared_.size());
  for (const QueryPtr& query : hybrid.queries) {
    std::vector<PreparedQuery> queries;
    TRINE_ASSIGN(const auto rows, CollectOne(query, hybrid, unique.data(), &result, &queries));
    auto& list = result.lists.emplace_back();
    list.reserve(rows.size());
    for (const TopRow& row : rows) {
      TRINE_ASSIGN(Hit hit, MakeHit(row.at, row.score, queries[row.at.target], &result));
      list.push_back(std::move(hit));
    }
    if (!rows.empty()) result.max_score = std::max(result.max_score.value_or(0), rows.front().score);
    if (request_.explain) {
      for (const PreparedQuery& prepared : queries) result.plan.push_back(ToText(*prepared.clause));
    }
  }
  for (const UniqueRows& rows : unique) result.total += rows.count();
  const int64_t most = request_.track_total_hits;
  if (most >= 0 && result.total > static_cast<uint64_t>(most)) {
    result.total = static_cast<uint64_t>(most);
    result.total_is_lower_bound = true;
  }
  const bool none =
      std::all_of(result.lists.begin(), result.lists.end(), [](const auto& l) { return l.empty(); });
  if (result.timed_out && none) {
    return Error(ErrorCode::kTimeout, "the deadline passed before any hit was found");
  }
  return result;
}

}  // namespace

Result<SearchResult> Searcher::Search(const std::vector<Target>& targets, const SearchRequest& request,
                                      const Deadline& deadline) const {
  return SearchExecution(targets, request, analyzers_, clock_.Now(), deadline).Run();
}

Result<uint64_t> Searcher::Count(const std::vector<Target>& targets, const QueryPtr& query,
                                 const Deadline& deadline) const {
  SearchRequest request;
  request.query = query;
  request.size = 0;
  request.track_total_hits = -1;
  TRINE_ASSIGN(const SearchResult result, Search(targets, request, deadline));
  if (result.timed_out)
    return Error(ErrorCode::kTimeout, "the deadline passed before all records were counted");
  return result.total;
}

Result<Explanation> Searcher::Explain(const Target& target, const QueryPtr& query, std::string_view id,
                                      const Deadline& deadline) const {
  TRINE_TRY(Check(query));
  QueryContext context{deadline, std::nullopt};
  PreparedTarget prepared(target, analyzers_, clock_.Now());
  const auto& segments = target.reader->segments();
  std::vector<QueryPtr> queries{query};
  const Hybrid* hybrid = query == nullptr ? nullptr : TopLevelHybrid(*query);
  if (hybrid != nullptr) {
    queries.clear();
    for (const QueryPtr& one : hybrid->queries) queries.push_back(WithCommonFilter(one, hybrid->filter));
  }
  for (size_t i = segments.size(); i-- > 0;) {
    const auto row = segments[i]->Find(id);
    if (!row) continue;
    std::vector<Explanation> parts;
    double sum = 0;
    for (const QueryPtr& one : queries) {
      TRINE_ASSIGN(const PreparedQuery ready, prepared.Prepare(one, {}, true, context));
      Explanation e = ready.plan->Explain({*segments[i], i, context}, *row);
      if (hybrid == nullptr) return e;
      if (!e.match) continue;
      sum += static_cast<double>(e.value);
      parts.push_back(std::move(e));
    }
    const bool any = !parts.empty();
    return Explanation{static_cast<float>(sum), any ? "combined score of:" : "no matching clause",
                       std::move(parts), any};
  }
  return Error(ErrorCode::kDocumentMissing, "no record has this id").Got(std::string(id));
}

Result<std::string> Searcher::Validate(const Target& target, const QueryPtr& query) const {
  TRINE_TRY(Check(query));
  PreparedTarget prepared(target, analyzers_, clock_.Now());
  const Hybrid* hybrid = query == nullptr ? nullptr : TopLevelHybrid(*query);
  std::vector<QueryPtr> queries{query};
  if (hybrid != nullptr) queries = hybrid->queries;
  std::string text;
  for (const QueryPtr& one : queries) {
    const QueryPtr limited = hybrid != nullptr ? WithCommonFilter(one, hybrid->filter) : one;
    TRINE_ASSIGN(const LoweredQuery lowered,
                 Lower(Filtered(limited, {target.alias_filter}), prepared.schema()));
    text += (text.empty() ? "" : ", ") + ToText(*Rewrite(lowered.clause, true, nullptr));
  }
  return hybrid == nullptr ? text : "hybrid(" + text + ")";
}

}  // namespace trine::search
