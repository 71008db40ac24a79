// Plans of clauses on single values: ranges and sets over columns and terms, all with one score.
#include <algorithm>
#include <cmath>
#include <memory>

#include "search/cursor/column.h"
#include "search/cursor/terms.h"
#include "search/score/nodes.h"

namespace trine::search {
namespace {

using index::SegmentReader;

bool StartsWithAnyCase(std::string_view term, const std::string& lower_prefix) {
  if (term.size() < lower_prefix.size()) return false;
  for (size_t i = 0; i < lower_prefix.size(); ++i) {
    const char c = term[i] >= 'A' && term[i] <= 'Z' ? static_cast<char>(term[i] - 'A' + 'a') : term[i];
    if (c != lower_prefix[i]) return false;
  }
  return true;
}

// A cursor over the rows of the terms that `visit` hands to its callback.
template <typename Visit>
CursorPtr RowsOfVisited(const SegmentReader& segment, const std::string& field, float score, Visit visit) {
  const index::FieldTerms* terms = segment.terms(field);
  if (terms == nullptr) return nullptr;
  std::vector<index::TermStats> found;
  visit(*terms, &found);
  if (found.empty()) return nullptr;
  return std::make_unique<BitsCursor>(RowsOfTerms(*terms, found, segment.rows()), score);
}

// The first ordinal whose value is `inside`. Ordinals follow byte order: those after it are too.
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
  return MakeColumnCursor(segment.rows(), score, [column, ordinals = std::move(ordinals)](Row row) {
    for (size_t i = 0, n = column->count(row); i < n; ++i) {
      if (std::binary_search(ordinals.begin(), ordinals.end(), column->ordinal(row, i))) return true;
    }
    return false;
  });
}

ConstantPlan::Opener Opener(const TermSet& set) {
  return [set](const Opening& at, float score) -> CursorPtr {
    if (at.segment.terms(set.field) == nullptr) {
      const index::KeywordColumn* column = at.segment.keywords(set.field);
      if (column == nullptr) return nullptr;
      std::vector<uint32_t> ordinals;
      for (const std::string& term : set.terms) {
        if (const auto ordinal = column->OrdinalOf(term)) ordinals.push_back(*ordinal);
      }
      return RowsOfOrdinals(at.segment, column, std::move(ordinals), score);
    }
    return RowsOfVisited(at.segment, set.field, score, [&set](const index::FieldTerms& terms, auto* found) {
      for (const std::string& term : set.terms) {
        if (const auto stats = terms.Find(term)) found->push_back(*stats);
      }
    });
  };
}

ConstantPlan::Opener Opener(const TermRange& range) {
  return [range](const Opening& at, float score) -> CursorPtr {
    auto below_upper = [&range](std::string_view term) {
      return !range.upper || (range.upper_inclusive ? term <= *range.upper : term < *range.upper);
    };
    auto above_lower = [&range](std::string_view term) {
      return !range.lower || (range.lower_inclusive ? term >= *range.lower : term > *range.lower);
    };
    const index::KeywordColumn* column = at.segment.keywords(range.field);
    if (column != nullptr) {
      const uint32_t begin = FirstOrdinal(*column, above_lower);
      const uint32_t end = FirstOrdinal(*column, [&](std::string_view term) { return !below_upper(term); });
      return RowsOfOrdinals(at.segment, column, begin, end, score);
    }
    return RowsOfVisited(at.segment, range.field, score, [&](const index::FieldTerms& terms, auto* found) {
      terms.Visit(range.lower.value_or(""), [&](std::string_view term, const index::TermStats& stats) {
        if (!below_upper(term)) return false;
        if (above_lower(term)) found->push_back(stats);
        return true;
      });
    });
  };
}

// Of a field without terms: by its column.
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
  return [prefix](const Opening& at, float score) -> CursorPtr {
    const index::KeywordColumn* column = at.segment.keywords(prefix.field);
    if (column != nullptr && at.segment.terms(prefix.field) == nullptr) {
      return RowsOfPrefix(at.segment, column, prefix, score);
    }
    return RowsOfVisited(at.segment, prefix.field, score, [&](const index::FieldTerms& terms, auto* found) {
      terms.Visit(
          prefix.any_case ? "" : prefix.prefix, [&](std::string_view term, const index::TermStats& stats) {
            const bool starts =
                prefix.any_case ? StartsWithAnyCase(term, prefix.prefix) : term.starts_with(prefix.prefix);
            if (!starts) return prefix.any_case;
            if (!prefix.whole || term.size() == prefix.prefix.size()) found->push_back(stats);
            return true;
          });
    });
  };
}

// Rows with a value for which `inside` holds; values are read by `get(column, row, i)`.
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
  return [range](const Opening& at, float score) {
    return RowsOfNumbers(
        at.segment, range.field, score, IntegerAt,
        [low = range.lower, high = range.upper](int64_t v) { return v >= low && v <= high; });
  };
}
ConstantPlan::Opener Opener(const RealRange& range) {
  return [range](const Opening& at, float score) {
    return RowsOfNumbers(at.segment, range.field, score, RealAt,
                         [low = range.lower, high = range.upper](double v) { return v >= low && v <= high; });
  };
}
ConstantPlan::Opener Opener(const IntegerSet& set) {
  return [set](const Opening& at, float score) {
    return RowsOfNumbers(at.segment, set.field, score, IntegerAt, [&set](int64_t v) {
      return std::binary_search(set.values.begin(), set.values.end(), v);
    });
  };
}
ConstantPlan::Opener Opener(const RealSet& set) {
  return [set](const Opening& at, float score) {
    return RowsOfNumbers(at.segment, set.field, score, RealAt, [&set](double v) {
      return std::binary_search(set.values.begin(), set.values.end(), v);
    });
  };
}

// A row has a text field when it has a norm there; without norms, when it has any of its terms.
CursorPtr RowsWithTerms(const SegmentReader& segment, const std::string& field, float score) {
  const index::FieldTerms* terms = segment.terms(field);
  if (terms == nullptr) return nullptr;
  if (terms->has_norms()) {
    return MakeColumnCursor(segment.rows(), score, [terms](Row row) { return terms->norm(row) != 0; });
  }
  return RowsOfVisited(segment, field, score, [](const index::FieldTerms& all, auto* found) {
    all.Visit("", [found](std::string_view, const index::TermStats& stats) {
      found->push_back(stats);
      return true;
    });
  });
}

ConstantPlan::Opener Opener(const HasField& has) {
  return [has](const Opening& at, float score) -> CursorPtr {
    const SegmentReader& segment = at.segment;
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
    return RowsWithTerms(segment, has.field, score);
  };
}

ConstantPlan::Opener Opener(const RowIds& ids) {
  return [ids](const Opening& at, float score) -> CursorPtr {
    RowBits bits(at.segment.rows());
    bool any = false;
    for (const std::string& id : ids.ids) {
      const auto row = at.segment.Find(id);
      if (row) bits.Set(*row);
      any |= row.has_value();
    }
    return any ? std::make_unique<BitsCursor>(std::move(bits), score) : nullptr;
  };
}

// A boolean's term scores like a keyword's; its column stands for the postings.
float BooleanTermScore(const IntegerRange& range, float boost, Statistics& statistics) {
  uint64_t with_term = 0;
  FieldStats stats;
  for (const auto& segment : statistics.reader().segments()) {
    const index::NumberColumn* column = segment->numbers(range.field);
    if (column == nullptr) continue;
    for (Row row = 0; row < segment->rows(); ++row) {
      bool has = false;
      const size_t n = column->count(row);
      for (size_t i = 0; i < n; ++i) has |= column->integer(row, i) == range.lower;
      stats.rows += n > 0 ? 1 : 0;
      // A row counts once a distinct value: postings without frequencies.
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
      : ConstantPlan("*:*", boost, scoring, [](const Opening& at, float score) -> CursorPtr {
          return std::make_unique<AllCursor>(at.segment.rows(), score);
        }) {}
  std::optional<uint64_t> Count(const SegmentReader& segment, size_t) const override {
    return segment.live_rows();
  }
};

}  // namespace

PlanPtr CompileValues(const Clause& clause, float boost, bool scoring, Statistics& statistics) {
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
  if (const auto* node = clause.As<HasField>()) return constant(*node);
  if (const auto* node = clause.As<RowIds>()) return constant(*node);
  if (const auto* node = clause.As<IntegerRange>()) {
    const float score = node->is_term && scoring ? BooleanTermScore(*node, boost, statistics) : boost;
    return std::make_unique<ConstantPlan>(text, score, scoring, Opener(*node));
  }
  return std::make_unique<ConstantPlan>(text, boost, scoring,
                                        [](const Opening&, float) -> CursorPtr { return nullptr; });
}

}  // namespace trine::search
