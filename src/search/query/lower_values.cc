// Lowers queries on single values: term, terms, range, prefix, exists and knn.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "catalogue/metadata_fields.h"
#include "search/query/date_math.h"
#include "search/query/lower_fields.h"

namespace trine::search {
namespace {

using catalogue::Field;
using format::Json;

constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

ClausePtr Nothing(std::string why) { return MakeClause(NoRows{std::move(why)}); }

// A query on "_index" matches every row of a collection or none.
ClausePtr AllRowsIf(bool named) { return named ? MakeClause(AllRows{}) : Nothing("another index"); }

Error NotOnMetadata(const std::string& field, const std::string& query) {
  return Error(ErrorCode::kFieldType, "the metadata field \"" + field + "\" does not support this query")
      .Got(query)
      .Where(field)
      .Detail("type", field);
}

Status RequireSearchable(const std::string& path, const Field& field) {
  if (IsSearchable(field)) return Ok();
  return WrongFieldType(path, field.type, "an indexed field", "index: false");
}

// Whether a term of a keyword field scores by BM25; without this parameter every match scores 1.
bool UsesSimilarity(const Field& field) {
  return std::ranges::any_of(field.client_parameters, [](const auto& parameter) {
    const auto& [name, value] = parameter;
    return name == "use_similarity" && (value == Json(true) || value == Json("true"));
  });
}

Result<ClausePtr> KeywordTerm(const Term& term, const Field& field, const Schema& schema) {
  TRINE_ASSIGN(std::string text, TermText(term.value, term.field));
  const bool is_keyword = KindOf(field.type) == ValueKind::kKeyword;
  if (is_keyword) {
    TRINE_ASSIGN(text, schema.Normalize(field, text));
  }
  if (term.case_insensitive) {
    return MakeClause(TermPrefix{term.field, ToLowerAscii(text), true, true});
  }
  if (!field.index)
    return MakeClause(ConstantScoreClause{MakeClause(TermSet{term.field, {std::move(text)}})});
  ClausePtr clause = MakeClause(TermClause{term.field, {std::move(text)}, !is_keyword});
  return is_keyword && !UsesSimilarity(field) ? MakeClause(ConstantScoreClause{std::move(clause)}) : clause;
}

DateOptions OptionsOf(const Field& field, const Schema& schema, const std::string& format,
                      const format::TimeZone& zone, bool round_up) {
  return {format.empty() ? std::string_view(field.format) : std::string_view(format), zone, schema.now(),
          round_up};
}

Error WithField(Error error, const std::string& path) { return std::move(error).Where(path); }

// A date term matches the whole period that its text denotes: "2026-11-22" matches the day.
Result<ClausePtr> DateTerm(const std::string& path, const Field& field, const Json& value,
                           const Schema& schema) {
  const auto lower = ParseDateValue(value, OptionsOf(field, schema, "", {}, false));
  if (!lower.ok()) return WithField(lower.error(), path);
  const auto upper = ParseDateValue(value, OptionsOf(field, schema, "", {}, true));
  if (!upper.ok()) return WithField(upper.error(), path);
  return MakeClause(IntegerRange{path, lower->value, upper->value});
}

// Parses one bound of an integer range and makes it inclusive. Returns false if no value can satisfy the
// bound.
Result<bool> IntegerBound(const Json& value, bool inclusive, bool is_lower, const std::string& path,
                          const Field& field, int64_t* bound) {
  TRINE_ASSIGN(const IntegerValue v, ParseInteger(value, path, field.type));
  // A lower bound below all values of the field, or an upper bound above them, excludes nothing.
  if (!v.inside) return v.below == is_lower;
  *bound = v.value;
  if (is_lower && (!inclusive || !v.exact)) {
    if (*bound == kHighest) return false;
    ++*bound;
  } else if (!is_lower && !inclusive && v.exact) {
    if (*bound == kLowest) return false;
    --*bound;
  }
  return true;
}

Result<ClausePtr> IntegerRangeOf(const Range& r, const Field& field) {
  IntegerRange out{r.field, kLowest, kHighest};
  out.is_unsigned = field.type == catalogue::FieldType::kUnsignedLong;
  if (!r.gt.is_null() || !r.gte.is_null()) {
    const bool inclusive = r.gt.is_null();
    TRINE_ASSIGN(const bool some,
                 IntegerBound(inclusive ? r.gte : r.gt, inclusive, true, r.field, field, &out.lower));
    if (!some) return Nothing("no value above the bound");
  }
  if (!r.lt.is_null() || !r.lte.is_null()) {
    const bool inclusive = r.lt.is_null();
    TRINE_ASSIGN(const bool some,
                 IntegerBound(inclusive ? r.lte : r.lt, inclusive, false, r.field, field, &out.upper));
    if (!some) return Nothing("no value below the bound");
  }
  if (out.lower > out.upper) return Nothing("empty range");
  return MakeClause(std::move(out));
}

Result<ClausePtr> RealRangeOf(const Range& r, const Field& field) {
  RealRange out{r.field, -kInfinity, kInfinity};
  const bool single =
      field.type == catalogue::FieldType::kFloat || field.type == catalogue::FieldType::kHalfFloat;
  // Turns an exclusive bound `v` into an inclusive one: returns the number next to `v`, in the precision of
  // the field.
  auto next = [single](double v, double towards) {
    if (single)
      return static_cast<double>(std::nextafter(static_cast<float>(v), static_cast<float>(towards)));
    return std::nextafter(v, towards);
  };
  if (!r.gt.is_null() || !r.gte.is_null()) {
    TRINE_ASSIGN(out.lower, ParseRealBound(r.gt.is_null() ? r.gte : r.gt, r.field, field));
    if (!r.gt.is_null()) out.lower = next(out.lower, kInfinity);
  }
  if (!r.lt.is_null() || !r.lte.is_null()) {
    TRINE_ASSIGN(out.upper, ParseRealBound(r.lt.is_null() ? r.lte : r.lt, r.field, field));
    if (!r.lt.is_null()) out.upper = next(out.upper, -kInfinity);
  }
  if (out.lower > out.upper) return Nothing("empty range");
  return MakeClause(std::move(out));
}

Result<ClausePtr> DateRangeOf(const Range& r, const Field& field, const Schema& schema) {
  const auto zone = ParseTimeZone(r.time_zone);
  if (!zone.ok()) return WithField(zone.error(), r.field);
  IntegerRange out{r.field, kLowest, kHighest};
  auto parse = [&](const Json& value, bool round_up) {
    return ParseDateValue(value, OptionsOf(field, schema, r.format, *zone, round_up));
  };
  if (!r.gt.is_null() || !r.gte.is_null()) {
    const auto time = parse(r.gt.is_null() ? r.gte : r.gt, !r.gt.is_null());
    if (!time.ok()) return WithField(time.error(), r.field);
    out.lower = time->value + (r.gt.is_null() ? 0 : 1);
  }
  if (!r.lt.is_null() || !r.lte.is_null()) {
    const auto time = parse(r.lt.is_null() ? r.lte : r.lt, r.lt.is_null());
    if (!time.ok()) return WithField(time.error(), r.field);
    out.upper = time->value - (r.lt.is_null() ? 0 : 1);
  }
  if (out.lower > out.upper) return Nothing("empty range");
  return MakeClause(std::move(out));
}

Result<ClausePtr> TermRangeOf(const Range& r, const Field& field, const Schema& schema) {
  TermRange out;
  out.field = r.field;
  auto text = [&](const Json& value) -> Result<std::string> {
    TRINE_ASSIGN(std::string raw, TermText(value, r.field));
    if (KindOf(field.type) != ValueKind::kKeyword) return raw;
    return schema.Normalize(field, raw);
  };
  if (!r.gt.is_null() || !r.gte.is_null()) {
    TRINE_ASSIGN(out.lower, text(r.gt.is_null() ? r.gte : r.gt));
    out.lower_inclusive = r.gt.is_null();
  }
  if (!r.lt.is_null() || !r.lte.is_null()) {
    TRINE_ASSIGN(out.upper, text(r.lt.is_null() ? r.lte : r.lt));
    out.upper_inclusive = r.lt.is_null();
  }
  return MakeClause(std::move(out));
}

Result<ClausePtr> BooleanRangeOf(const Range& r) {
  IntegerRange out{r.field, 0, 1};
  if (!r.gt.is_null() || !r.gte.is_null()) {
    TRINE_ASSIGN(const bool v, ParseBoolean(r.gt.is_null() ? r.gte : r.gt, r.field));
    out.lower = (v ? 1 : 0) + (r.gt.is_null() ? 0 : 1);
  }
  if (!r.lt.is_null() || !r.lte.is_null()) {
    TRINE_ASSIGN(const bool v, ParseBoolean(r.lt.is_null() ? r.lte : r.lt, r.field));
    out.upper = (v ? 1 : 0) - (r.lt.is_null() ? 0 : 1);
  }
  if (out.lower > out.upper) return Nothing("empty range");
  return MakeClause(std::move(out));
}

template <typename T>
void SortUnique(std::vector<T>* values) {
  std::sort(values->begin(), values->end());
  values->erase(std::unique(values->begin(), values->end()), values->end());
}

Result<ClausePtr> IntegerTerms(const Terms& terms, const Field& field) {
  IntegerSet set{terms.field, {}};
  set.is_unsigned = field.type == catalogue::FieldType::kUnsignedLong;
  for (const Json& value : terms.values) {
    if (KindOf(field.type) == ValueKind::kBoolean) {
      TRINE_ASSIGN(const bool v, ParseBoolean(value, terms.field));
      set.values.push_back(v ? 1 : 0);
      continue;
    }
    TRINE_ASSIGN(const IntegerValue v, ParseInteger(value, terms.field, field.type));
    if (v.inside && v.exact) set.values.push_back(v.value);
  }
  SortUnique(&set.values);
  if (set.values.empty()) return Nothing("no value in the list fits the field");
  return MakeClause(std::move(set));
}

Result<ClausePtr> KeywordTerms(const Terms& terms, const Field& field, const Schema& schema) {
  TermSet set{terms.field, {}};
  for (const Json& value : terms.values) {
    TRINE_ASSIGN(std::string text, TermText(value, terms.field));
    if (KindOf(field.type) == ValueKind::kKeyword) {
      TRINE_ASSIGN(text, schema.Normalize(field, text));
    }
    set.terms.push_back(std::move(text));
  }
  SortUnique(&set.terms);
  return MakeClause(std::move(set));
}

Result<ClausePtr> DateTerms(const Terms& terms, const Field& field, const Schema& schema) {
  if (terms.values.size() > limits::kMaxClauses) {
    return Error(ErrorCode::kTooManyClauses, "a terms query has too many dates")
        .Expected("at most " + std::to_string(limits::kMaxClauses))
        .Got(std::to_string(terms.values.size()))
        .Where(terms.field);
  }
  BooleanClause any;
  for (const Json& value : terms.values) {
    TRINE_ASSIGN(ClausePtr one, DateTerm(terms.field, field, value, schema));
    any.should.push_back(std::move(one));
  }
  return MakeClause(ConstantScoreClause{MakeClause(std::move(any))});
}

}  // namespace

const Field* FindLeaf(const Schema& schema, const std::string& path) {
  const Field* field = schema.Find(path);
  return field == nullptr || KindOf(field->type) == ValueKind::kObject ? nullptr : field;
}

bool IsSearchable(const Field& field) {
  return field.index || (field.doc_values && KindOf(field.type) != ValueKind::kText);
}

Result<ClausePtr> LowerUnmapped(const std::string& field) {
  // Queries on "_id" and "_index" are supported where they can match.
  if (IsNameOfRow(field) || catalogue::FindMetadataField(field) == nullptr)
    return Nothing("no field " + field);
  return Error(ErrorCode::kUnsupported, "queries on this metadata field are not supported").Where(field);
}

Status CheckQueriedId(std::string_view id) {
  if (!id.empty()) return Ok();
  return Error(ErrorCode::kInvalidQuery, "the id of a record cannot be empty")
      .Where("_id")
      .Detail("empty_id", "true");
}

Result<ClausePtr> LowerTerm(const Term& term, const Schema& schema) {
  if (term.field == "_index") {
    TRINE_ASSIGN(const std::string name, TermText(term.value, term.field));
    return AllRowsIf(schema.IsNamed(term.case_insensitive ? ToLowerAscii(name) : name));
  }
  if (term.field == "_id") {
    TRINE_ASSIGN(std::string id, TermText(term.value, term.field));
    TRINE_TRY(CheckQueriedId(id));
    return MakeClause(IdSet{{std::move(id)}});
  }
  const Field* field = FindLeaf(schema, term.field);
  if (field == nullptr) return LowerUnmapped(term.field);
  TRINE_TRY(RequireSearchable(term.field, *field));
  switch (KindOf(field->type)) {
    case ValueKind::kText:
    case ValueKind::kKeyword:
      return KeywordTerm(term, *field, schema);
    case ValueKind::kDate:
      return DateTerm(term.field, *field, term.value, schema);
    case ValueKind::kBoolean: {
      TRINE_ASSIGN(const bool v, ParseBoolean(term.value, term.field));
      return MakeClause(IntegerRange{term.field, v ? 1 : 0, v ? 1 : 0, true});
    }
    case ValueKind::kInteger: {
      TRINE_ASSIGN(const IntegerValue v, ParseInteger(term.value, term.field, field->type));
      if (!v.inside || !v.exact) return Nothing("no such value in an integer field");
      const bool is_unsigned = field->type == catalogue::FieldType::kUnsignedLong;
      return MakeClause(IntegerRange{term.field, v.value, v.value, false, is_unsigned});
    }
    case ValueKind::kDouble: {
      TRINE_ASSIGN(const double v, ParseReal(term.value, term.field, *field));
      return MakeClause(RealRange{term.field, v, v});
    }
    default:
      return WrongFieldType(term.field, field->type, "a field with scalar values", "term");
  }
}

Result<ClausePtr> LowerTerms(const Terms& terms, const Schema& schema) {
  if (terms.values.empty()) return Nothing("an empty list of terms");
  if (terms.field == "_index") {
    bool named = false;
    for (const Json& value : terms.values) {
      TRINE_ASSIGN(const std::string name, TermText(value, terms.field));
      named = named || schema.IsNamed(name);
    }
    return AllRowsIf(named);
  }
  if (terms.field == "_id") {
    IdSet ids;
    for (const Json& value : terms.values) {
      TRINE_ASSIGN(std::string id, TermText(value, terms.field));
      TRINE_TRY(CheckQueriedId(id));
      ids.ids.push_back(std::move(id));
    }
    return MakeClause(std::move(ids));
  }
  const Field* field = FindLeaf(schema, terms.field);
  if (field == nullptr) return LowerUnmapped(terms.field);
  TRINE_TRY(RequireSearchable(terms.field, *field));
  switch (KindOf(field->type)) {
    case ValueKind::kText:
    case ValueKind::kKeyword:
      return KeywordTerms(terms, *field, schema);
    case ValueKind::kInteger:
    case ValueKind::kBoolean:
      return IntegerTerms(terms, *field);
    case ValueKind::kDate:
      return DateTerms(terms, *field, schema);
    case ValueKind::kDouble: {
      RealSet set{terms.field, {}};
      for (const Json& value : terms.values) {
        TRINE_ASSIGN(const double v, ParseReal(value, terms.field, *field));
        set.values.push_back(v);
      }
      SortUnique(&set.values);
      return MakeClause(std::move(set));
    }
    default:
      return WrongFieldType(terms.field, field->type, "a field with scalar values", "terms");
  }
}

Result<ClausePtr> LowerRange(const Range& range, const Schema& schema) {
  if (range.field == "_id" || range.field == "_index") return NotOnMetadata(range.field, "range");
  const Field* field = FindLeaf(schema, range.field);
  if (field == nullptr) return LowerUnmapped(range.field);
  TRINE_TRY(RequireSearchable(range.field, *field));
  switch (KindOf(field->type)) {
    case ValueKind::kInteger:
      return IntegerRangeOf(range, *field);
    case ValueKind::kDouble:
      return RealRangeOf(range, *field);
    case ValueKind::kDate:
      return DateRangeOf(range, *field, schema);
    case ValueKind::kBoolean:
      return BooleanRangeOf(range);
    case ValueKind::kText:
    case ValueKind::kKeyword:
      return TermRangeOf(range, *field, schema);
    default:
      return WrongFieldType(range.field, field->type, "a field with ordered values", "range");
  }
}

Result<ClausePtr> LowerPrefix(const Prefix& prefix, const Schema& schema) {
  if (prefix.field == "_id") return NotOnMetadata(prefix.field, "prefix");
  if (prefix.field == "_index") {
    return AllRowsIf(
        schema.IsNamed((prefix.case_insensitive ? ToLowerAscii(prefix.value) : prefix.value) + "*"));
  }
  const Field* field = FindLeaf(schema, prefix.field);
  if (field == nullptr) return LowerUnmapped(prefix.field);
  TRINE_TRY(RequireSearchable(prefix.field, *field));
  const ValueKind kind = KindOf(field->type);
  if (kind != ValueKind::kText && kind != ValueKind::kKeyword) {
    return WrongFieldType(prefix.field, field->type, "a keyword or text field", "prefix");
  }
  std::string text = prefix.value;
  if (kind == ValueKind::kKeyword) {
    TRINE_ASSIGN(text, schema.Normalize(*field, text));
  }
  if (prefix.case_insensitive) text = ToLowerAscii(text);
  return MakeClause(TermPrefix{prefix.field, std::move(text), prefix.case_insensitive});
}

Result<ClausePtr> LowerExists(const Exists& exists, const Schema& schema) {
  if (exists.field == "_id" || exists.field == "_index")
    return MakeClause(ConstantScoreClause{MakeClause(AllRows{})});
  const auto leaves = schema.LeavesAt(exists.field);
  if (leaves.empty()) return LowerUnmapped(exists.field);
  if (leaves.size() == 1) return MakeClause(FieldExists{leaves.front().first, leaves.front().second->type});
  BooleanClause any;
  for (const auto& [path, field] : leaves) any.should.push_back(MakeClause(FieldExists{path, field->type}));
  return MakeClause(ConstantScoreClause{MakeClause(std::move(any))});
}

Result<ClausePtr> LowerKnn(const Knn& knn, ClausePtr filter, const Schema& schema) {
  const Field* field = schema.Find(knn.field);
  if (field == nullptr) return LowerUnmapped(knn.field);
  if (KindOf(field->type) != ValueKind::kVector) {
    return WrongFieldType(knn.field, field->type, "a knn_vector field", "knn");
  }
  if (knn.vector.size() != field->dimension) {
    return Error(ErrorCode::kVectorDimension, "the query vector does not have the dimension of the field")
        .Expected(std::to_string(field->dimension))
        .Got(std::to_string(knn.vector.size()))
        .Where(knn.field);
  }
  const bool zero = std::all_of(knn.vector.begin(), knn.vector.end(), [](float v) { return v == 0; });
  if (field->space == catalogue::VectorSpace::kCosine && zero) {
    return Error(ErrorCode::kZeroVector, "the cosine similarity of a zero vector is undefined")
        .Where(knn.field);
  }
  return MakeClause(NearestClause{knn.field, field->space, knn.vector, knn.k, knn.min_score, knn.max_distance,
                                  std::move(filter)});
}

}  // namespace trine::search
