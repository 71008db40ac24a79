#include "test/support/small_shop.h"

#include <algorithm>
#include <sstream>

#include "format/text.h"

namespace trine::test {
namespace {

using catalogue::Field;
using catalogue::FieldType;
using format::Json;

class PlainAnalyzer final : public analysis::Analyzer {
 public:
  explicit PlainAnalyzer(bool whole) : whole_(whole) {}
  void Analyze(std::string_view text, std::vector<analysis::Token>* tokens) const override {
    std::string lower(text);
    for (char& c : lower) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (whole_) {
      tokens->push_back({lower, 0, 0, 0, {}});
      return;
    }
    std::istringstream words(lower);
    uint32_t position = 0;
    for (std::string word; words >> word; ++position) {
      std::istringstream alternatives(word);
      for (std::string term; std::getline(alternatives, term, '|');) {
        tokens->push_back({term, 0, 0, position, {}});
      }
    }
  }

 private:
  const bool whole_;
};

class PlainAnalyzers final : public analysis::Analyzers {
 public:
  using Ptr = std::shared_ptr<const analysis::Analyzer>;
  Result<Ptr> Find(std::string_view) const override { return Ptr(std::make_shared<PlainAnalyzer>(false)); }
  Result<Ptr> Build(std::string_view name, const analysis::AnalysisSettings&) const override {
    return Find(name);
  }
  Result<Ptr> BuildChain(const analysis::AnalyzerSpec& spec,
                         const analysis::AnalysisSettings&) const override {
    return Ptr(std::make_shared<PlainAnalyzer>(spec.tokenizer == "keyword"));
  }
  Result<std::vector<std::string>> ReadWordFile(std::string_view) const override {
    return Error(ErrorCode::kInvalid, "there are no word files");
  }
  bool has_korean_dictionary() const override { return false; }
};

void AddText(const std::string& text, index::FieldContent* content) {
  std::vector<analysis::Token> tokens;
  PlainAnalyzer(false).Analyze(text, &tokens);
  uint32_t base = content->occurrences.empty() ? 0 : content->occurrences.back().position + 101;
  int64_t previous = -1;
  for (const analysis::Token& token : tokens) {
    content->occurrences.push_back({token.term, base + token.position});
    if (static_cast<int64_t>(token.position) != previous) ++content->length;
    previous = token.position;
  }
}

void AddValue(const Field& field, const Json& value, index::FieldContent* content) {
  switch (field.type) {
    case FieldType::kText:
      content->has_terms = content->with_norms = content->with_positions = true;
      AddText(value.string(), content);
      return;
    case FieldType::kKeyword: {
      const std::string text = value.is_string() ? value.string() : format::ToString(value);
      content->has_keywords = true;
      content->keywords.push_back(text);
      if (!field.index) return;
      content->has_terms = true;
      const bool known = std::any_of(content->occurrences.begin(), content->occurrences.end(),
                                     [&](const auto& o) { return o.term == text; });
      if (!known) content->occurrences.push_back({text, 0});
      content->length = static_cast<uint32_t>(content->occurrences.size());
      return;
    }
    case FieldType::kBoolean:
      content->has_numbers = true;
      content->integers.push_back(value.boolean() ? 1 : 0);
      return;
    case FieldType::kDate:
      content->has_numbers = true;
      content->integers.push_back(value.is_int() ? value.integer()
                                                 : format::ParseTime(value.string()).value().value);
      return;
    case FieldType::kDouble:
    case FieldType::kFloat:
    case FieldType::kHalfFloat:
    case FieldType::kScaledFloat:
      content->has_numbers = true;
      content->number_kind = index::NumberKind::kDouble;
      content->doubles.push_back(field.type == FieldType::kFloat
                                     ? static_cast<double>(static_cast<float>(value.number()))
                                     : value.number());
      return;
    case FieldType::kUnsignedLong:
      content->has_numbers = true;
      content->number_kind = index::NumberKind::kUnsigned;
      content->integers.push_back(catalogue::StoredUnsigned(value.unsigned_integer()));
      return;
    case FieldType::kKnnVector:
      content->vector.push_back(static_cast<float>(value.number()));
      return;
    default:
      content->has_numbers = true;
      content->integers.push_back(value.integer());
  }
}

}  // namespace

std::unique_ptr<analysis::Analyzers> MakePlainAnalyzers() { return std::make_unique<PlainAnalyzers>(); }

std::shared_ptr<catalogue::Collection> MakeCollection(const std::string& name, const std::string& fields) {
  auto collection = std::make_shared<catalogue::Collection>();
  collection->name = name;
  std::istringstream in(fields);
  for (std::string entry; in >> entry;) {
    const size_t colon = entry.find(':');
    Field field;
    field.name = entry.substr(0, colon);
    field.index = entry.back() != '!';
    if (!field.index) entry.pop_back();
    field.type = *catalogue::FieldTypeNamed(entry.substr(colon + 1));
    field.dimension = field.type == FieldType::kKnnVector ? 2 : 0;
    collection->mapping.properties.push_back(field);
  }
  return collection;
}

index::IndexDocument MakeDocument(const catalogue::Collection& collection, const std::string& id,
                                  uint64_t seq_no, const Json& source) {
  index::IndexDocument document;
  document.id = id;
  document.seq_no = SeqNo{seq_no};
  for (const Field& field : collection.mapping.properties) {
    const Json* value = source.Find(field.name);
    if (value == nullptr || value->is_null()) continue;
    index::FieldContent content;
    content.field = field.name;
    if (value->is_array()) {
      for (const Json& one : value->array()) AddValue(field, one, &content);
    } else {
      AddValue(field, *value, &content);
    }
    document.fields.push_back(std::move(content));
  }
  return document;
}

}  // namespace trine::test
