// Plans for terms and phrases: BM25 over postings.
#include <algorithm>
#include <map>

#include "base/check.h"
#include "format/text.h"
#include "search/cursor/terms.h"
#include "search/score/nodes.h"
#include "search/score/phrase.h"

namespace trine::search {
namespace {

// The rows of one term with their scores.
class ScoredTermCursor final : public Cursor {
 public:
  ScoredTermCursor(std::unique_ptr<index::PostingCursor> postings, uint32_t row_count,
                   const index::FieldTerms& field, Bm25 bm25, bool frequencies)
      : term_(std::move(postings), row_count),
        field_(field),
        has_norms_(field.has_norms()),
        norms_(has_norms_ ? field.dense_norms() : nullptr),
        bm25_(std::move(bm25)),
        frequencies_(frequencies) {
    row_ = term_.row();
  }
  Row Next() override { return row_ = term_.Next(); }
  Row Advance(Row target) override { return row_ = term_.Advance(target); }
  float Score() override {
    const uint8_t norm = norms_ != nullptr ? norms_[row_] : has_norms_ ? field_.norm(row_) : kNoNorm;
    return bm25_.Score(frequencies_ ? static_cast<float>(term_.frequency()) : 1.0f, norm);
  }
  uint64_t cost() const override { return term_.cost(); }

 private:
  TermCursor term_;
  const index::FieldTerms& field_;
  const bool has_norms_;
  const uint8_t* const norms_;
  const Bm25 bm25_;
  const bool frequencies_;
};

// The rows of alternatives that count as one term: their frequencies are added before they are scored.
class AlternativesCursor final : public Cursor {
 public:
  AlternativesCursor(std::vector<std::unique_ptr<TermCursor>> terms, const index::FieldTerms& field,
                     std::optional<Bm25> bm25, bool frequencies)
      : terms_(std::move(terms)), field_(field), bm25_(std::move(bm25)), frequencies_(frequencies) {
    UpdateRow();
  }
  Row Next() override {
    for (const auto& term : terms_) {
      if (term->row() == row_) term->Next();
    }
    return UpdateRow();
  }
  Row Advance(Row target) override {
    if (target <= row_) return row_;
    for (const auto& term : terms_) {
      if (term->row() != kNoMoreRows) term->Advance(target);
    }
    return UpdateRow();
  }
  float frequency() const {
    float sum = 0;
    for (const auto& term : terms_) {
      if (term->row() == row_) sum += frequencies_ ? static_cast<float>(term->frequency()) : 1.0f;
    }
    return sum;
  }
  float Score() override {
    if (!bm25_) return 0;
    return bm25_->Score(frequency(), field_.has_norms() ? field_.norm(row_) : kNoNorm);
  }
  uint64_t cost() const override {
    uint64_t sum = 0;
    for (const auto& term : terms_) sum += term->cost();
    return sum;
  }

 private:
  Row UpdateRow() {
    row_ = kNoMoreRows;
    for (const auto& term : terms_) row_ = std::min(row_, term->row());
    return row_;
  }
  const std::vector<std::unique_ptr<TermCursor>> terms_;
  const index::FieldTerms& field_;
  const std::optional<Bm25> bm25_;
  const bool frequencies_;
};

std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string WeightOf(const std::string& what, Row row) {
  return "weight(" + what + " in " + std::to_string(row) + ") [PerFieldSimilarity], result of:";
}

}  // namespace

Explanation ExplainIdf(float idf, uint64_t rows_with_term, uint64_t rows) {
  return Matched(idf, "idf, computed as log(1 + (N - n + 0.5) / (n + 0.5)) from:",
                 {CountOfDocuments(rows_with_term, "n, number of documents containing term"),
                  CountOfDocuments(rows, "N, total number of documents with field")});
}

Explanation ExplainBm25(const Bm25& bm25, float frequency, uint8_t norm, float boost, Explanation idf,
                        const FieldStatistics& stats) {
  const float tf = 1.0f - 1.0f / (1.0f + frequency * bm25.inverse()[norm]);
  std::vector<Explanation> factors;
  if (boost != 1) factors.push_back(Matched(boost, "boost"));
  factors.push_back(std::move(idf));
  factors.push_back(Matched(tf, "tf, computed as freq / (freq + k1 * (1 - b + b * dl / avgdl)) from:",
                            {Matched(frequency, "freq, occurrences of term within document"),
                             Matched(kBm25K1, "k1, term saturation parameter"),
                             Matched(kBm25B, "b, length normalization parameter"),
                             Matched(static_cast<float>(LengthOfNorm(norm)),
                                     norm < 40 ? "dl, length of field" : "dl, length of field (approximate)"),
                             Matched(stats.AverageLength(), "avgdl, average length of field")}));
  return Matched(bm25.Score(frequency, norm),
                 "score(freq=" + format::JavaFloat(frequency) + "), computed as boost * idf * tf from:",
                 std::move(factors));
}

TermPlan::TermPlan(const TermClause& clause, float boost, bool scoring, CollectionStatistics& statistics)
    : Plan(scoring),
      field_(clause.field),
      words_(clause.terms),
      frequencies_(clause.frequencies),
      boost_(boost) {
  for (const std::string& word : words_) {
    TermStatistics term = statistics.TermOf(field_, word);
    if (term.rows == 0) continue;
    rows_with_term_ = std::max(rows_with_term_, term.rows);
    terms_.push_back(std::move(term));
  }
  if (!scoring || terms_.empty()) return;
  const CollectionStatistics::Field* field = statistics.FieldOf(field_);
  TRINE_CHECK(field != nullptr);  // some row has one of the terms, so it also has the field
  field_stats_ = field->stats;
  bm25_.emplace(boost_, Idf(rows_with_term_, field_stats_.rows), field->inverse);
}

uint64_t TermPlan::RowsIn(size_t ordinal) const {
  uint64_t sum = 0;
  for (const TermStatistics& term : terms_) {
    TRINE_CHECK_LT(ordinal, term.segments.size());
    if (term.segments[ordinal]) sum += term.segments[ordinal]->row_count;
  }
  return sum;
}

CursorPtr TermPlan::Open(const SegmentContext& segment) const {
  const index::FieldTerms* field = segment.reader.terms(field_);
  if (field == nullptr) return nullptr;
  std::vector<std::unique_ptr<TermCursor>> cursors;
  for (const TermStatistics& term : terms_) {
    const auto& here = term.segments[segment.ordinal];
    if (!here) continue;
    if (is_single() && bm25_) {
      return std::make_unique<ScoredTermCursor>(field->Open(*here, false), here->row_count, *field, *bm25_,
                                                frequencies_);
    }
    cursors.push_back(std::make_unique<TermCursor>(field->Open(*here, false), here->row_count));
  }
  if (cursors.empty()) return nullptr;
  if (cursors.size() == 1 && !bm25_) return std::move(cursors.front());
  return std::make_unique<AlternativesCursor>(std::move(cursors), *field, bm25_, frequencies_);
}

std::optional<ScoredTerm> TermPlan::OpenScored(const SegmentContext& segment) const {
  if (!is_single() || !bm25_) return std::nullopt;
  const auto& here = terms_.front().segments[segment.ordinal];
  const index::FieldTerms* field = segment.reader.terms(field_);
  if (!here || field == nullptr) return std::nullopt;
  return ScoredTerm{field->Open(*here, false), field,         *bm25_, frequencies_,
                    here->max_frequency,       here->min_norm};
}

BatchSourcePtr TermPlan::OpenBatches(const SegmentContext& segment) const {
  auto scored = OpenScored(segment);
  if (!scored) return BatchesFromCursor(Open(segment), scoring_);
  std::vector<ScoredTerm> terms;
  terms.push_back(std::move(*scored));
  return TermBatches(std::move(terms));
}

std::optional<uint64_t> TermPlan::Count(const index::SegmentReader& segment, size_t ordinal) const {
  if (terms_.empty()) return 0;
  if (!is_single() || segment.live_rows() != segment.rows()) return std::nullopt;
  return RowsIn(ordinal);
}

Explanation TermPlan::Explain(const SegmentContext& segment, Row row) const {
  const std::string what =
      words_.size() == 1 ? field_ + ":" + words_.front() : "Synonym(" + field_ + ":" + Joined(words_) + ")";
  const index::FieldTerms* field = segment.reader.terms(field_);
  float frequency = 0;
  for (const TermStatistics& term : terms_) {
    if (field == nullptr || !term.segments[segment.ordinal]) continue;
    TermCursor cursor(field->Open(*term.segments[segment.ordinal], false),
                      term.segments[segment.ordinal]->row_count);
    if (cursor.Advance(row) == row) frequency += frequencies_ ? static_cast<float>(cursor.frequency()) : 1.0f;
  }
  if (frequency == 0) return NotMatched("no matching term");
  if (!bm25_) return Matched(0, what);
  const uint8_t norm = field->has_norms() ? field->norm(row) : kNoNorm;
  Explanation idf = ExplainIdf(Idf(rows_with_term_, field_stats_.rows), rows_with_term_, field_stats_.rows);
  Explanation score = ExplainBm25(*bm25_, frequency, norm, boost_, std::move(idf), field_stats_);
  const float value = score.value;
  return Matched(value, WeightOf(what, row), {std::move(score)});
}

PhrasePlan::PhrasePlan(const PhraseClause& clause, float boost, bool scoring,
                       CollectionStatistics& statistics)
    : Plan(scoring), clause_(clause), boost_(boost) {
  TRINE_CHECK_GE(clause_.positions.size(), 2u);
  const CollectionStatistics::Field* field = statistics.FieldOf(clause_.field);
  std::map<std::string, uint32_t> ids;
  double idf = 0;
  for (const auto& [offset, words] : clause_.positions) {
    TRINE_CHECK(!words.empty());
    auto& terms = terms_.emplace_back();
    auto& term_ids = term_ids_.emplace_back();
    for (const std::string& word : words) {
      terms.push_back(statistics.TermOf(clause_.field, word));
      term_ids.push_back(ids.emplace(word, static_cast<uint32_t>(ids.size())).first->second);
      if (field != nullptr && terms.back().rows > 0) {
        idf += static_cast<double>(Idf(terms.back().rows, field->stats.rows));
      }
    }
    std::sort(term_ids.begin(), term_ids.end());
  }
  if (field == nullptr) return;
  idf_ = static_cast<float>(idf);
  field_stats_ = field->stats;
  bm25_.emplace(boost_, idf_, field->inverse);
}

CursorPtr PhrasePlan::Open(const SegmentContext& segment) const {
  const index::FieldTerms* field = segment.reader.terms(clause_.field);
  if (field == nullptr || !bm25_ || !field->has_positions()) return nullptr;
  std::vector<PhraseSlot> slots;
  std::map<std::string_view, std::shared_ptr<index::PostingCursor>>
      opened;  // slots that repeat a word share its cursor
  for (size_t i = 0; i < terms_.size(); ++i) {
    PhraseSlot slot;
    slot.offset = clause_.positions[i].first;
    slot.terms = term_ids_[i];
    for (size_t k = 0; k < terms_[i].size(); ++k) {
      const auto& stats = terms_[i][k].segments[segment.ordinal];
      if (!stats) continue;
      auto& cursor = opened[clause_.positions[i].second[k]];
      if (cursor == nullptr) cursor = field->Open(*stats, true);
      slot.postings.push_back(cursor);
      slot.cost += stats->row_count;
    }
    if (slot.postings.empty()) return nullptr;
    slots.push_back(std::move(slot));
  }
  return MakePhraseCursor(std::move(slots), clause_.slop, *field, *bm25_, segment.query);
}

Explanation PhrasePlan::Explain(const SegmentContext& segment, Row row) const {
  const CursorPtr cursor = Open(segment);
  if (cursor == nullptr || cursor->Advance(row) != row) return NotMatched("no matching phrase");
  const index::FieldTerms* field = segment.reader.terms(clause_.field);
  std::vector<Explanation> idfs;
  std::string words;
  for (size_t i = 0; i < terms_.size(); ++i) {
    words += (words.empty() ? "" : " ") + Joined(clause_.positions[i].second);
    for (const TermStatistics& term : terms_[i]) {
      if (term.rows == 0) continue;
      idfs.push_back(ExplainIdf(Idf(term.rows, field_stats_.rows), term.rows, field_stats_.rows));
    }
  }
  const uint8_t norm = field->has_norms() ? field->norm(row) : kNoNorm;
  Explanation score = ExplainBm25(*bm25_, PhraseFrequency(*cursor), norm, boost_,
                                  Matched(idf_, "idf, sum of:", std::move(idfs)), field_stats_);
  const float value = score.value;
  return Matched(value, WeightOf(clause_.field + ":\"" + words + "\"", row), {std::move(score)});
}

}  // namespace trine::search
