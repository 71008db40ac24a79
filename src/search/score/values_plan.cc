// Plans for clauses on single values: ranges and sets over columns and terms. All rows of a plan have the
// same score.
#include <algorithm>
#include <cmath>
#include <memory>

#include "base/check.h"
#include "base/text.h"
#include "index/empty_text.h"
#include "search/cursor/column.h"
#include "search/cursor/terms.h"
#include "search/score/nodes.h"

namespace trine::search {
namespace {

using index::SegmentReader;

bool StartsWithAnyCase(std::string_view term, const std::string& lower_prefix) {
  if (term.size() < lower_prefix.size()) return false;
  for (size_t i = 0; i < lower_prefix.size(); ++i) {
    if (ToLowerAscii(term[i]) != lower_prefix[i]) return false;
  }
  return true;
}

// Returns the rows of the terms that `visit(terms, found)` appends to `found`.
template <typename Visit>
CursorPtr RowsOfVisited(const SegmentReader& segment, const std::string& field, float score, Visit visit) {
  const index::FieldTerms* terms = segment.terms(field);
  if (terms == nullptr) return nullptr;
  std::vector<index::TermStats> found;
  visit(*terms, &found);
  if (found.empty()) return nullptr;
  return std::make_unique<BitsCursor>(RowsOfTerms(*terms, found, segment.rows()), score);
}

// Returns the first ordinal whose value satisfies `inside`. This is a binary search: in byte order of the
// values, `inside` must be false up to some value and true from there on.
template <typename Inside>
uint32_t FirstOrdinal(const index::KeywordColumn& column, Inside inside) {
  uint32_t low = 0, high = column.value_count();
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (inside(column.value(middle))) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

CursorPtr RowsOfOrdinals(const SegmentReader& segment, const index::KeywordColumn* column, uint32_t begin,
                         uint32_t end, float score) {
  if (begin >= end) return nullptr;
  TRINE_DCHECK_LE(end, column->value_count());
  return MakeColumnCursor(segment.rows(), score, [column, begin, end](Row row) {
    for (size_t i = 0, n = column->count(row); i < n; ++i) {
      const uint32_t ordinal = column->ordinal(row, i);
      if (ordinal >= begin && ordinal < end) return true;
    }
    return false;
  });
}

CursorPtr RowsOfOrdinals(const SegmentReader& segment, const index::KeywordColumn* column,
                         std::vector<uint32_t> ordinals, float score) {
  if (ordinals.empty()) return nullptr;
  TRINE_DCHECK(std::is_sorted(ordinals.begin(), ordinals.end()));
  return MakeColumnCursor(segment.rows(), score, [column, ordinals = std::move(ordinals)](Row row) {
    for (size_t i = 0, n = column->count(row); i < n; ++i) {
      if (std::binary_search(ordinals.begin(), ordinals.end(), column->ordinal(row, i))) return true;
    }
    return false;
  });
}

ConstantPlan::Opener Opener(const TermSet& set) {
  return [set](const SegmentContext& segment, float score) -> CursorPtr {
    if (segment.reader.terms(set.field) == nullptr) {
      const index::KeywordColumn* column = segment.reader.keywords(set.field);
      if (column == nullptr) return nullptr;
      std::vector<uint32_t> ordinals;
      for (const std::string& term : set.terms) {
        if (const auto ordinal = column->OrdinalOf(term)) ordinals.push_back(*ordinal);
      }
      return RowsOfOrdinals(segment.reader, column, std::move(ordinals), score);
    }
    return RowsOfVisited(segment.reader, set.field, score,
                         [&set](const index::FieldTerms& terms, auto* found) {
                           for (const std::string& term : set.terms) {
                             if (const auto stats = terms.Find(term)) found->push_back(*stats);
                           }
                         });
  };
}

ConstantPlan::Opener Opener(const TermRange& range) {
  return [range](const SegmentContext& segment, float score) -> CursorPtr {
    auto below_upper = [&range](std::string_view term) {
      return !range.upper || (range.upper_inclusive ? term <= *range.upper : term < *range.upper);
    };
    auto above_lower = [&range](std::string_view term) {
      return !range.lower || (range.lower_inclusive ? term >= *range.lower : term > *range.lower);
    };
    const index::KeywordColumn* column = segment.reader.keywords(range.field);
    if (column != nullptr) {
      const uint32_t begin = FirstOrdinal(*column, above_lower);
      const uint32_t end = FirstOrdinal(*column, [&](std::string_view term) { return !below_upper(term); });
      return RowsOfOrdinals(segment.reader, column, begin, end, score);
    }
    return RowsOfVisited(
        segment.reader, range.field, score, [&](const index::FieldTerms& terms, auto* found) {
          terms.Visit(range.lower.value_or(""), [&](std::string_view term, const index::TermStats& stats) {
            if (!below_upper(term)) return false;
            if (above_lower(term)) found->push_back(stats);
            return true;
          });
        });
  };
}

// Returns the rows with a value that matches `prefix`. Finds them in the column, because the field has no
// postings.
CursorPtr RowsOfPrefix(const SegmentReader& segment, const index::KeywordColumn* column,
                       const TermPrefix& prefix, float score) {
  if (!prefix.any_case) {
    const uint32_t begin =
        FirstOrdinal(*column, [&](std::string_view value) { return value >= prefix.prefix; });
    const uint32_t end = FirstOrdinal(*column, [&](std::string_view value) {
      return value > prefix.prefix && (prefix.whole || !value.starts_with(prefix.prefix));
    });
    return RowsOfOrdinals(segment, column, begin, end, score);
  }
  std::vector<uint32_t> ordinals;
  for (uint32_t i = 0; i < column->value_count(); ++i) {
    const std::string_view value = column->value(i);
    if (prefix.whole && value.size() != prefix.prefix.size()) continue;
    if (StartsWithAnyCase(value, prefix.prefix)) ordinals.push_back(i);
  }
  return RowsOfOrdinals(segment, column, std::move(ordinals), score);
}

ConstantPlan::Opener Opener(const TermPrefix& prefix) {
  return [prefix](const SegmentContext& segment, float score) -> CursorPtr {
    const index::KeywordColumn* column = segment.reader.keywords(prefix.field);
    if (column != nullptr && segment.reader.terms(prefix.field) == nullptr) {
      return RowsOfPrefix(segment.reader, column, prefix, score);
    }
    return RowsOfVisited(
        segment.reader, prefix.field, score, [&](const index::FieldTerms& terms, auto* found) {
          terms.Visit(prefix.any_case ? "" : prefix.prefix,
                      [&](std::string_view term, const index::TermStats& stats) {
                        const bool starts = prefix.any_case ? StartsWithAnyCase(term, prefix.prefix)
                                                            : term.starts_with(prefix.prefix);
                        if (!starts) return prefix.any_case;
                        if (!prefix.whole || term.size() == prefix.prefix.size()) found->push_back(stats);
                        return true;
                      });
        });
  };
}

// Returns the rows with a value for which `inside` is true. `get(column, row, i)` reads a value.
template <typename Get, typename Inside>
CursorPtr RowsOfNumbers(const SegmentReader& segment, const std::string& field, float score, Get get,
                        Inside inside) {
  const index::NumberColumn* column = segment.numbers(field);
  if (column == nullptr) return nullptr;
  return MakeColumnCursor(segment.rows(), score, [column, get, inside](Row row) {
    for (size_t i = 0, n = column->count(row); i < n; ++i) {
      if (inside(get(*column, row, i))) return true;
    }
    return false;
  });
}
int64_t IntegerAt(const index::NumberColumn& column, Row row, size_t i) { return column.integer(row, i); }
double RealAt(const index::NumberColumn& column, Row row, size_t i) { return column.real(row, i); }

ConstantPlan::Opener Opener(const IntegerRange& range) {
  return [range](const SegmentContext& segment, float score) {
    return RowsOfNumbers(
        segment.reader, range.field, score, IntegerAt,
        [low = range.lower, high = range.upper](int64_t v) { return v >= low && v <= high; });
  };
}
ConstantPlan::Opener Opener(const RealRange& range) {
  return [range](const SegmentContext& segment, float score) {
    return RowsOfNumbers(segment.reader, range.field, score, RealAt,
                         [low = range.lower, high = range.upper](double v) { return v >= low && v <= high; });
  };
}
ConstantPlan::Opener Opener(const IntegerSet& set) {
  return [set](const SegmentContext& segment, float score) {
    return RowsOfNumbers(segment.reader, set.field, score, IntegerAt, [&set](int64_t v) {
      return std::binary_search(set.values.begin(), set.values.end(), v);
    });
  };
}
ConstantPlan::Opener Opener(const RealSet& set) {
  return [set](const SegmentContext& segment, float score) {
    return RowsOfNumbers(segment.reader, set.field, score, RealAt, [&set](double v) {
      return std::binary_search(set.values.begin(), set.values.end(), v);
    });
  };
}

// A row has a text field if its norm is not 0 or, in a field without norms, if it has any term; or if it has
// a value without a token.
CursorPtr RowsWithText(const SegmentReader& segment, const std::string& field, float score) {
  const index::FieldTerms* empty_texts = segment.terms(index::kEmptyTextField);
  const auto empty = empty_texts == nullptr ? std::nullopt : empty_texts->Find(field);
  const index::FieldTerms* terms = segment.terms(field);
  if (terms != nullptr && terms->has_norms() && !empty) {
    return MakeColumnCursor(segment.rows(), score, [terms](Row row) { return terms->norm(row) != 0; });
  }
  std::vector<index::TermStats> found;
  if (terms != nullptr && !terms->has_norms()) {
    terms->Visit("", [&found](std::string_view, const index::TermStats& stats) {
      found.push_back(stats);
      return true;
    });
  }
  RowBits bits = found.empty() ? RowBits(segment.rows()) : RowsOfTerms(*terms, found, segment.rows());
  if (empty) {
    const RowBits more = RowsOfTerms(*empty_texts, {*empty}, segment.rows());
    for (Row row = more.NextSet(0); row != kNoMoreRows; row = more.NextSet(row + 1)) bits.Set(row);
  }
  for (Row row = 0; terms != nullptr && terms->has_norms() && row < segment.rows(); ++row) {
    if (terms->norm(row) != 0) bits.Set(row);
  }
  return std::make_unique<BitsCursor>(std::move(bits), score);
}

ConstantPlan::Opener Opener(const FieldExists& has) {
  return [has](const SegmentContext& context, float score) -> CursorPtr {
    const SegmentReader& segment = context.reader;
    if (const index::NumberColumn* column = segment.numbers(has.field)) {
      return MakeColumnCursor(segment.rows(), score, [column](Row row) { return column->count(row) > 0; });
    }
    if (const index::KeywordColumn* column = segment.keywords(has.field)) {
      return MakeColumnCursor(segment.rows(), score, [column](Row row) { return column->count(row) > 0; });
    }
    if (const index::VectorColumn* column = segment.vectors(has.field)) {
      return MakeColumnCursor(segment.rows(), score,
                              [column](Row row) { return column->Find(row) != nullptr; });
    }
    return RowsWithText(segment, has.field, score);
  };
}

ConstantPlan::Opener Opener(const IdSet& ids) {
  return [ids](const SegmentContext& segment, float score) -> CursorPtr {
    RowBits bits(segment.reader.rows());
    bool any = false;
    for (const std::string& id : ids.ids) {
      const auto row = segment.reader.Find(id);
      if (row) bits.Set(*row);
      any |= row.has_value();
    }
    return any ? std::make_unique<BitsCursor>(std::move(bits), score) : nullptr;
  };
}

// A term on a boolean field scores like a term of a keyword field. Boolean fields have no postings, so the
// statistics come from the column.
float BooleanTermScore(const IntegerRange& range, float boost, CollectionStatistics& statistics) {
  uint64_t with_term = 0;
  FieldStatistics stats;
  for (const auto& segment : statistics.reader().segments()) {
    const index::NumberColumn* column = segment->numbers(range.field);
    if (column == nullptr) continue;
    for (Row row = 0; row < segment->rows(); ++row) {
      bool has = false;
      const size_t n = column->count(row);
      for (size_t i = 0; i < n; ++i) has |= column->integer(row, i) == range.lower;
      stats.rows += n > 0 ? 1 : 0;
      // As in postings without frequencies, each distinct value counts once. The values of a row are sorted:
      // the first and last differ if there are two distinct ones.
      stats.length += n == 0 ? 0 : column->integer(row, 0) == column->integer(row, n - 1) ? 1 : 2;
      with_term += has ? 1 : 0;
    }
  }
  if (with_term == 0) return 0;
  return Bm25(boost, Idf(with_term, stats.rows), MakeInverseNorms(stats.AverageLength())).Score(1, kNoNorm);
}

class AllPlan final : public ConstantPlan {
 public:
  AllPlan(float boost, bool scoring)
      : ConstantPlan("*:*", boost, scoring, [](const SegmentContext& segment, float score) -> CursorPtr {
          return std::make_unique<AllRowsCursor>(segment.reader.rows(), score);
        }) {}
  std::optional<uint64_t> Count(const SegmentReader& segment, size_t) const override {
    return segment.live_rows();
  }
};

}  // namespace

Explanation ConstantPlan::Explain(const SegmentContext& segment, Row row) const {
  const CursorPtr cursor = Open(segment);
  if (cursor != nullptr && cursor->Advance(row) == row) return Matched(score_, text_);
  return NotMatched(text_ + " doesn't match id " + std::to_string(row));
}

PlanPtr CompileValues(const Clause& clause, float boost, bool scoring, CollectionStatistics& statistics) {
  const std::string text = ToText(clause);
  auto constant = [&](const auto& node) -> PlanPtr {
    return std::make_unique<ConstantPlan>(text, boost, scoring, Opener(node));
  };
  if (clause.As<AllRows>() != nullptr) return std::make_unique<AllPlan>(boost, scoring);
  if (const auto* node = clause.As<TermSet>()) return constant(*node);
  if (const auto* node = clause.As<TermRange>()) return constant(*node);
  if (const auto* node = clause.As<TermPrefix>()) return constant(*node);
  if (const auto* node = clause.As<RealRange>()) return constant(*node);
  if (const auto* node = clause.As<IntegerSet>()) return constant(*node);
  if (const auto* node = clause.As<RealSet>()) return constant(*node);
  if (const auto* node = clause.As<FieldExists>()) return constant(*node);
  if (const auto* node = clause.As<IdSet>()) return constant(*node);
  if (const auto* node = clause.As<IntegerRange>()) {
    const float score = node->is_term && scoring ? BooleanTermScore(*node, boost, statistics) : boost;
    return std::make_unique<ConstantPlan>(text, score, scoring, Opener(*node));
  }
  return std::make_unique<ConstantPlan>(text, boost, scoring,
                                        [](const SegmentContext&, float) -> CursorPtr { return nullptr; });
}

}  // namespace trine::search
