#include "operations/mapping/field_sink.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "index/empty_text.h"
#include "operations/mapping/field_values.h"
#include "operations/mapping/first_dates.h"

namespace trine::operations {
namespace {

using catalogue::Field;
using catalogue::FieldType;
using format::Json;

constexpr int64_t kPositionGap = 100;  // between values, so that no phrase spans two of them

Error NotScalar(const Json& value) {
  return Error(ErrorCode::kValueType, "not a string").Expected("text").Got(std::string(value.type_name()));
}

size_t Utf16Length(std::string_view utf8) {
  size_t units = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    units += (byte & 0xc0) != 0x80 ? (byte >= 0xf0 ? 2 : 1) : 0;
  }
  return units;
}

}  // namespace

index::FieldContent& FieldSink::Content(const PlannedField& leaf) {
  if (leaf.ordinal >= slots_.size()) {
    slots_.resize(leaf.ordinal + 1, -1);
    positions_.resize(leaf.ordinal + 1, -1);
  }
  TRINE_DCHECK_EQ(slots_.size(), positions_.size());
  int32_t& slot = slots_[leaf.ordinal];
  if (slot < 0) {
    slot = static_cast<int32_t>(document_.fields.size());
    document_.fields.emplace_back().field = leaf.path;
  }
  return document_.fields[static_cast<size_t>(slot)];
}

Status FieldSink::AddTerm(index::FieldContent* content, std::string term, uint32_t position) {
  if (term.size() > limits::kMaxTermBytes) {
    return Error(ErrorCode::kTermTooLong,
                 "a term has more than " + std::to_string(limits::kMaxTermBytes) + " bytes")
        .Where(content->field);
  }
  term_bytes_ += sizeof(index::Occurrence) + term.size();
  if (term_bytes_ > limits::kMaxDocumentTermBytes) {
    return Error(ErrorCode::kLimit, "the document has more than " +
                                        std::to_string(limits::kMaxDocumentTermBytes >> 20) + " MiB of terms")
        .Where(content->field);
  }
  content->occurrences.push_back({std::move(term), position});
  return Ok();
}

// Records that the document has a value in a text field although the value has no token, for queries on the
// existence of a value.
Status FieldSink::MarkEmptyText(const PlannedField& leaf) {
  if (empty_texts_ < 0) {
    empty_texts_ = static_cast<int32_t>(document_.fields.size());
    index::FieldContent& content = document_.fields.emplace_back();
    content.field = index::kEmptyTextField;
    content.has_terms = true;
  }
  index::FieldContent& content = document_.fields[static_cast<size_t>(empty_texts_)];
  ++comparisons_;
  if (leaf.path.size() > limits::kMaxTermBytes || !marked_empty_.insert(leaf.ordinal).second) return Ok();
  ++content.length;
  return AddTerm(&content, leaf.path, 0);
}

Status FieldSink::AddText(const PlannedField& leaf, const Json& value) {
  std::optional<std::string> text;
  if (!value.is_string()) {
    text = ScalarText(value);
    if (!text) return NotScalar(value);
  }
  if (!leaf.field->index) return Ok();
  index::FieldContent& content = Content(leaf);
  content.has_terms = true;
  content.with_norms = leaf.field->norms;
  content.with_positions = true;
  tokens_.clear();
  TRINE_DCHECK_NE(leaf.analyzer, nullptr);
  leaf.analyzer->Analyze(text ? *text : value.string(), &tokens_);
  int64_t& last = positions_[leaf.ordinal];
  const int64_t base = last + 1;
  int64_t previous = -1;
  for (analysis::Token& token : tokens_) {
    TRINE_DCHECK_GE(static_cast<int64_t>(token.position), previous);  // analyzers emit positions in order
    if (static_cast<int64_t>(token.position) != previous) ++content.length;
    previous = token.position;
    last = base + token.position;
    TRINE_TRY(AddTerm(&content, std::move(token.term), static_cast<uint32_t>(last)));
  }
  last += kPositionGap;
  return tokens_.empty() ? MarkEmptyText(leaf) : Ok();
}

// Whether a keyword field does not have the term yet. The caller then adds it.
bool FieldSink::IsNewTerm(const PlannedField& leaf, const index::FieldContent& content,
                          const std::string& term) {
  const std::vector<index::Occurrence>& there = content.occurrences;
  if (there.size() < kScannedTerms) {
    comparisons_ += there.size();
    return std::none_of(there.begin(), there.end(),
                        [&](const index::Occurrence& o) { return o.term == term; });
  }
  ++comparisons_;
  std::unordered_set<std::string>& known = terms_[leaf.ordinal];
  if (known.empty()) {
    for (const index::Occurrence& o : there) known.insert(o.term);
  }
  return known.insert(term).second;
}

Status FieldSink::AddKeyword(const PlannedField& leaf, const Json& value) {
  std::optional<std::string> text = ScalarText(value);
  if (!text) return NotScalar(value);
  const Field& field = *leaf.field;
  if (!field.index && !field.doc_values) return Ok();
  if (field.ignore_above >= 0 && Utf16Length(*text) > static_cast<size_t>(field.ignore_above)) return Ok();
  if (leaf.analyzer != nullptr) {
    tokens_.clear();
    leaf.analyzer->Analyze(*text, &tokens_);
    text->clear();
    for (const analysis::Token& token : tokens_) *text += token.term;
  }
  index::FieldContent& content = Content(leaf);
  if (field.index && IsNewTerm(leaf, content, *text)) {
    TRINE_TRY(AddTerm(&content, *text, 0));
    content.length = static_cast<uint32_t>(content.occurrences.size());
  }
  content.has_terms = field.index;
  if (field.doc_values) {
    content.has_keywords = true;
    content.keywords.push_back(std::move(*text));
  }
  return Ok();
}

void FieldSink::AddInteger(const PlannedField& leaf, int64_t value) {
  if (!leaf.field->index && !leaf.field->doc_values) return;
  index::FieldContent& content = Content(leaf);
  content.has_numbers = true;
  if (leaf.field->type == FieldType::kUnsignedLong) content.number_kind = index::NumberKind::kUnsigned;
  content.integers.push_back(value);
}

Status FieldSink::AddNumber(const PlannedField& leaf, const Json& value) {
  TRINE_ASSIGN(const std::optional<NumberValue> number, ReadNumber(*leaf.field, value));
  if (!number) return Ok();
  if (!number->is_double) {
    AddInteger(leaf, number->integer);
  } else if (leaf.field->index || leaf.field->doc_values) {
    index::FieldContent& content = Content(leaf);
    content.has_numbers = true;
    content.number_kind = index::NumberKind::kDouble;
    content.doubles.push_back(number->real);
  }
  return Ok();
}

Status FieldSink::AddDate(const PlannedField& leaf, const Json& value) {
  TRINE_CHECK(leaf.date.has_value());  // the plan of a date field has its format
  Result<int64_t> millis = ReadDate(leaf.path, *leaf.field, *leaf.date, value);
  if (!millis.ok() && stored_ && !value.is_bool()) {
    const std::optional<std::string> text = ScalarText(value);
    if (const auto first = text ? ReadFirstDate(leaf.field->format, *text) : std::nullopt)
      millis = first->value;
  }
  TRINE_TRY(millis);
  AddInteger(leaf, *millis);
  return Ok();
}

Status FieldSink::Add(const PlannedField& leaf, const Json& value) {
  TRINE_DCHECK(!leaf.is_object());
  TRINE_DCHECK(!value.is_null());
  switch (leaf.field->type) {
    case FieldType::kText:
      return AddText(leaf, value);
    case FieldType::kKeyword:
      return AddKeyword(leaf, value);
    case FieldType::kBoolean: {
      TRINE_ASSIGN(const bool yes, ReadBoolean(value));
      AddInteger(leaf, yes ? 1 : 0);
      return Ok();
    }
    case FieldType::kDate:
      return AddDate(leaf, value);
    case FieldType::kKnnVector: {
      TRINE_ASSIGN(std::vector<float> vector, ReadVector(*leaf.field, value));
      if (leaf.field->index || leaf.field->doc_values) Content(leaf).vector = std::move(vector);
      return Ok();
    }
    case FieldType::kObject:
      TRINE_CHECK(false);
      return Ok();
    default:
      return AddNumber(leaf, value);
  }
}

}  // namespace trine::operations
