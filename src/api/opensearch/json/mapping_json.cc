#include "api/opensearch/json/mapping_json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include "api/opensearch/errors/error_text.h"
#include "api/opensearch/errors/errors.h"
#include "api/opensearch/request/body_reader.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/utf8.h"
#include "catalogue/settings_view.h"
#include "format/date_format.h"
#include "format/text.h"
#include "operations/mapping/field_values.h"

namespace trine::api::opensearch {
namespace {

using catalogue::Dynamic;
using catalogue::Field;
using catalogue::FieldType;
using catalogue::Mapping;
using format::Json;

constexpr std::array kTypesNotBuilt = {"match_only_text",
                                       "search_as_you_type",
                                       "wildcard",
                                       "constant_keyword",
                                       "date_nanos",
                                       "ip",
                                       "nested",
                                       "flat_object",
                                       "geo_point",
                                       "geo_shape",
                                       "xy_point",
                                       "xy_shape",
                                       "binary",
                                       "alias",
                                       "completion",
                                       "token_count",
                                       "join",
                                       "percolator",
                                       "rank_feature",
                                       "rank_features",
                                       "sparse_vector",
                                       "semantic",
                                       "integer_range",
                                       "long_range",
                                       "float_range",
                                       "double_range",
                                       "date_range",
                                       "ip_range",
                                       "star_tree",
                                       "derived",
                                       "version",
                                       "annotated_text",
                                       "icu_collation_keyword"};

Error MappingError(std::string message, const std::string& path) {
  return Error(ErrorCode::kMappingSyntax, std::move(message)).Where(path);
}
// A parameter that is known but has a value that cannot be used.
Error ParameterValueError(std::string message, const std::string& path,
                          std::string_view exception = "illegal_argument_exception") {
  return MappingError(std::move(message), path).Detail("exception", std::string(exception));
}

// Reads one field's parameters by name.
class FieldReader {
 public:
  FieldReader(const Json& json, Field* field, std::string path)
      : json_(json), field_(field), path_(std::move(path)) {}

  const Json* Take(std::string_view key) {
    taken_.emplace_back(key);
    return json_.Find(key);
  }
  Result<bool> Flag(std::string_view key, bool otherwise) {
    const Json* value = Take(key);
    if (value == nullptr) return otherwise;
    if (value->is_bool()) return value->boolean();
    if (value->is_string() && value->string() == "true") return true;
    if (value->is_string() && value->string() == "false") return false;
    return ParameterError(key, *value, "true or false");
  }
  Result<std::string> Text(std::string_view key) {
    const Json* value = Take(key);
    if (value == nullptr || value->is_null()) return std::string();
    if (value->is_array() || value->is_object()) return ParameterError(key, *value, "a string");
    return ScalarText(*value);
  }
  Result<int64_t> Int(std::string_view key, int64_t otherwise, int64_t least, int64_t most) {
    const Json* value = Take(key);
    if (value == nullptr) return otherwise;
    const auto number = value->is_int()      ? std::optional<int64_t>(value->integer())
                        : value->is_string() ? format::ParseInt(value->string())
                                             : std::nullopt;
    if (!number || *number < least || *number > most)
      return ParameterError(key, *value,
                            "an integer from " + std::to_string(least) + " to " + std::to_string(most));
    return *number;
  }
  // Accepts parameters that GET _mapping returns but that have no effect here.
  void Idle(std::initializer_list<const char*> keys) {
    for (const char* key : keys) taken_.emplace_back(key);
  }
  // Accepts a parameter only if it has this value, which describes what the engine always does.
  Status Only(std::string_view key, std::string_view value) {
    const Json* given = Take(key);
    if (given == nullptr || given->is_null()) return Ok();
    const std::string text = ScalarText(*given);
    if (text == value) return Ok();
    const auto number = format::ParseDouble(text);  // 1.0 is 1
    if (number && number == format::ParseDouble(value)) return Ok();
    return NotSupported("[" + std::string(key) + "] on field [" + path_ + "]");
  }
  Error ParameterError(std::string_view key, const Json& got, const std::string& expected) const {
    return ParameterValueError("[" + std::string(key) + "] of field [" + path_ + "] must be " + expected +
                                   ", got [" + format::ToString(got).substr(0, 100) + "]",
                               path_);
  }
  // Checks `meta`, which may hold a few short texts.
  Status CheckMeta(const Json* meta) const {
    constexpr size_t kMaxEntries = 5, kMaxKey = 20, kMaxValue = 50;  // OpenSearch's, in characters
    if (meta == nullptr) return Ok();
    const std::string subject = "[meta] ", field = " for field [" + field_->name + "]";
    if (!meta->is_object()) return MappingError(subject + "must be an object" + field, path_);
    if (meta->object().size() > kMaxEntries)
      return MappingError(subject + "can't have more than 5 entries, but got " +
                              std::to_string(meta->object().size()) + field,
                          path_);
    for (const auto& [key, value] : meta->object()) {
      if (CountCodePoints(key) > kMaxKey)
        return MappingError(subject + "keys can't be longer than 20 chars, but got [" + key + "]" + field,
                            path_);
      if (!value.is_string())
        return MappingError(
            subject + "values can only be strings, but got [" + format::ToString(value) + "]" + field, path_);
      if (CountCodePoints(value.string()) > kMaxValue)
        return MappingError(
            subject + "values can't be longer than 50 chars, but got [" + value.string() + "]" + field,
            path_);
    }
    return Ok();
  }
  // Fails if a parameter was not read, because it is then unknown. Keeps the parameters for GET _mapping.
  Status Done() {
    for (const auto& [key, value] : json_.object()) {
      if (key == "type" || key == "properties" || key == "fields") continue;
      if (std::find(taken_.begin(), taken_.end(), key) == taken_.end())
        return MappingError("unknown parameter [" + key + "] on mapper [" + field_->name + "] of type [" +
                                std::string(catalogue::Name(field_->type)) + "]",
                            path_);
      field_->client_parameters.emplace_back(key, value);
    }
    return Ok();
  }
  const std::string& path() const { return path_; }

 private:
  const Json& json_;
  Field* field_;
  const std::string path_;
  std::vector<std::string> taken_;
};

class MappingParser {
 public:
  MappingParser(const catalogue::CollectionSettings& settings, const analysis::Analyzers& analyzers)
      : settings_(settings), analyzers_(analyzers), limits_(catalogue::MappingLimitsOf(settings)) {}

  Status Properties(const Json& given, const std::string& path, int depth, std::vector<Field>* fields);
  static Result<Dynamic> DynamicOf(const Json& value);

 private:
  Result<Field> ParseField(const std::string& name, const Json& given, const std::string& path, int depth);
  Result<FieldType> TypeOf(const Json& given, const std::string& path) const;
  Status ReadCommon(FieldReader* r, Field* field) const;
  Status ReadText(FieldReader* r, Field* field) const;
  Status ReadKeyword(FieldReader* r, Field* field) const;
  Status ReadNumber(FieldReader* r, Field* field) const;
  Status ReadDate(FieldReader* r, Field* field) const;
  Status ReadVector(FieldReader* r, Field* field) const;
  Status ReadVectorMethod(const Json& method, FieldReader* r, std::string* space) const;
  Status ReadObject(FieldReader* r, Field* field) const;
  Status CheckAnalyzer(const std::string& name, const std::string& path) const;
  static Status CheckNullValue(const Field& field, const std::string& path);

  const catalogue::CollectionSettings& settings_;
  const analysis::Analyzers& analyzers_;
  const catalogue::MappingLimits limits_;
  size_t count_ = 0;
};

Result<Dynamic> MappingParser::DynamicOf(const Json& value) {
  const std::string text = value.is_string() || value.is_bool() ? ScalarText(value) : "";
  if (text == "true") return Dynamic::kTrue;
  if (text == "false") return Dynamic::kFalse;
  if (text == "strict") return Dynamic::kStrict;
  if (text == "strict_allow_templates" || text == "false_allow_templates")
    return NotSupported("[dynamic: " + text + "]");
  return ParameterValueError(
      "Could not convert [dynamic] to one of true, false, strict: [" + format::ToString(value) + "]",
      "dynamic");
}

Status MappingParser::Properties(const Json& given, const std::string& path, int depth,
                                 std::vector<Field>* fields) {
  if (depth > static_cast<int>(limits_.depth))
    return IllegalArgument("Limit of mapping depth [" + std::to_string(limits_.depth) +
                           "] has been exceeded due to object field [" + path + "]");
  if (!given.is_object())
    return MappingError("Expected map for property [properties] on field [" + path + "]", path);
  for (const auto& [name, value] : given.object()) {
    if (IsBlank(name, " ")) return MappingError("field name cannot be an empty string", path);
    if (name.front() == '.' || name.back() == '.')
      return MappingError("field name cannot start or end with a dot [" + name + "]", path);
    if (++count_ > limits_.fields)
      return IllegalArgument("Limit of total fields [" + std::to_string(limits_.fields) +
                             "] has been exceeded");
    const size_t dot = name.find('.');
    if (dot != std::string::npos) {  // "a.b" means an object a with a field b
      Json inner, outer;
      inner.Set(name.substr(dot + 1), value);
      outer.Set("properties", std::move(inner));
      TRINE_ASSIGN(Field field, ParseField(name.substr(0, dot), outer, path, depth));
      fields->push_back(std::move(field));
      continue;
    }
    TRINE_ASSIGN(Field field, ParseField(name, value, path, depth));
    fields->push_back(std::move(field));
  }
  return Ok();
}

Result<FieldType> MappingParser::TypeOf(const Json& given, const std::string& path) const {
  const Json* type = given.Find("type");
  if (type == nullptr) {
    if (given.Find("properties") != nullptr || given.Find("enabled") != nullptr ||
        given.Find("dynamic") != nullptr)
      return FieldType::kObject;
    return MappingError("No type specified for field [" + path + "]", path);
  }
  if (!type->is_string()) return MappingError("No type specified for field [" + path + "]", path);
  const auto known = catalogue::FieldTypeNamed(type->string());
  if (known) return *known;
  for (const char* name : kTypesNotBuilt) {
    if (type->string() == name) return NotSupported("field type [" + type->string() + "] of [" + path + "]");
  }
  return MappingError("No handler for type [" + type->string() + "] declared on field [" + path + "]", path);
}

Result<Field> MappingParser::ParseField(const std::string& name, const Json& given, const std::string& parent,
                                        int depth) {
  const std::string path = parent.empty() ? name : parent + "." + name;
  if (!given.is_object())
    return MappingError("Expected map for property [fields] on field [" + path + "] but got a " +
                            std::string(given.type_name()),
                        path);
  Field field;
  field.name = name;
  TRINE_ASSIGN(field.type, TypeOf(given, path));
  FieldReader r(given, &field, path);
  switch (field.type) {
    case FieldType::kText:
      TRINE_TRY(ReadText(&r, &field));
      break;
    case FieldType::kKeyword:
      TRINE_TRY(ReadKeyword(&r, &field));
      break;
    case FieldType::kDate:
      TRINE_TRY(ReadDate(&r, &field));
      break;
    case FieldType::kKnnVector:
      TRINE_TRY(ReadVector(&r, &field));
      break;
    case FieldType::kObject:
      TRINE_TRY(ReadObject(&r, &field));
      break;
    case FieldType::kBoolean:
      TRINE_TRY(ReadCommon(&r, &field));
      break;
    default:
      TRINE_TRY(ReadNumber(&r, &field));
  }
  TRINE_TRY(r.Done());
  TRINE_TRY(CheckNullValue(field, path));
  if (const Json* properties = given.Find("properties"); properties != nullptr) {
    if (field.type != FieldType::kObject)
      return MappingError("unknown parameter [properties] on mapper [" + name + "] of type [" +
                              std::string(catalogue::Name(field.type)) + "]",
                          path);
    TRINE_TRY(Properties(*properties, path, depth + 1, &field.properties));
  }
  if (const Json* fields = given.Find("fields"); fields != nullptr) {
    if (field.type == FieldType::kObject)
      return MappingError("unknown parameter [fields] on mapper [" + name + "] of type [object]", path);
    TRINE_TRY(Properties(*fields, path, depth + 1, &field.fields));
    for (const Field& sub : field.fields) {
      if (sub.type == FieldType::kObject)
        return MappingError("Type [object] cannot be used in multi field [" + path + "]", path);
    }
  }
  return field;
}

Status MappingParser::ReadCommon(FieldReader* r, Field* field) const {
  TRINE_ASSIGN(field->index, r->Flag("index", true));
  TRINE_ASSIGN(field->doc_values, r->Flag("doc_values", true));
  if (const Json* null_value = r->Take("null_value"); null_value != nullptr) field->null_value = *null_value;
  if (const Json* copy = r->Take("copy_to"); copy != nullptr) {
    const auto add = [&](const Json& one) -> Status {
      if (!one.is_string()) return r->ParameterError("copy_to", one, "a field or a list of fields");
      field->copy_to.push_back(one.string());
      return Ok();
    };
    if (copy->is_array()) {
      for (const Json& one : copy->array()) TRINE_TRY(add(one));
    } else {
      TRINE_TRY(add(*copy));
    }
  }
  TRINE_TRY(r->CheckMeta(r->Take("meta")));
  // `similarity` and `index_options` are ignored on types that have no such parameter, as in OpenSearch.
  r->Idle({"store", "index_options", "similarity"});
  TRINE_TRY(r->Only("ignore_malformed", "false"));
  return r->Only("boost", "1");
}

Status MappingParser::CheckAnalyzer(const std::string& name, const std::string& path) const {
  if (name.empty() || analyzers_.Build(name, settings_.analysis).ok()) return Ok();
  return ParameterValueError("analyzer [" + name + "] has not been configured in mappings", path);
}

// The null_value must be a value that a document may have in the field.
Status MappingParser::CheckNullValue(const Field& field, const std::string& path) {
  if (field.null_value.is_null()) return Ok();
  const auto wrong = [&](const std::string& why, std::string_view exception = "illegal_argument_exception") {
    return ParameterValueError("Error parsing [null_value] on field [" + field.name + "]: " + why, path,
                               exception);
  };
  const std::string text = ScalarText(field.null_value);
  std::optional<Error> problem;
  switch (field.type) {
    case FieldType::kText:
    case FieldType::kKnnVector:
      return MappingError("unknown parameter [null_value] on mapper [" + field.name + "] of type [" +
                              std::string(catalogue::Name(field.type)) + "]",
                          path);
    case FieldType::kKeyword:
      if (field.null_value.is_array() || field.null_value.is_object()) return wrong("expected a string");
      return Ok();
    case FieldType::kBoolean:
      if (text.empty()) return wrong("Failed to parse value [] as only [true] or [false] are allowed.");
      if (const auto read = operations::ReadBoolean(field.null_value); !read.ok()) problem = read.error();
      break;
    case FieldType::kDate: {
      TRINE_ASSIGN(const format::DateFormat format, format::DateFormat::Compile(field.format));
      const auto read = operations::ReadDate(field.name, field, format, field.null_value);
      if (!read.ok()) problem = read.error();
      break;
    }
    default: {
      const auto read = operations::ReadNumber(field, field.null_value);
      if (!read.ok()) problem = read.error();
      if (read.ok() && !read->has_value()) return wrong("empty String", "number_format_exception");
      // A document may have 5.7 in an integer field; the fraction of a null_value is refused, as in
      // OpenSearch.
      const auto real = format::ParseDouble(text);
      if (read.ok() && !(*read)->is_double && real && *real != std::floor(*real))
        return wrong("Value [" + text + "] has a decimal part");
    }
  }
  if (!problem) return Ok();
  return wrong(FieldValueText(*problem), problem->code == ErrorCode::kNumberSyntax
                                             ? "number_format_exception"
                                             : "illegal_argument_exception");
}

Status MappingParser::ReadText(FieldReader* r, Field* field) const {
  TRINE_TRY(ReadCommon(r, field));
  TRINE_ASSIGN(field->analyzer, r->Text("analyzer"));
  TRINE_ASSIGN(field->search_analyzer, r->Text("search_analyzer"));
  TRINE_ASSIGN(field->norms, r->Flag("norms", true));
  TRINE_TRY(CheckAnalyzer(field->analyzer, r->path()));
  TRINE_TRY(CheckAnalyzer(field->search_analyzer, r->path()));
  TRINE_TRY(r->Only("fielddata", "false"));
  TRINE_TRY(r->Only("similarity", "BM25"));
  TRINE_TRY(r->Only("position_increment_gap", "100"));
  if (const Json* options = r->Take("index_options"); options != nullptr) {
    const std::string text = ScalarText(*options);
    if (text == "docs" || text == "freqs") return NotSupported("[index_options: " + text + "]");
    if (text != "positions" && text != "offsets")
      return r->ParameterError("index_options", *options, "one of docs, freqs, positions, offsets");
  }
  r->Idle({"term_vector", "index_phrases", "index_prefixes", "eager_global_ordinals",
           "fielddata_frequency_filter"});
  return r->Only("search_quote_analyzer", field->search_analyzer);
}

Status MappingParser::ReadKeyword(FieldReader* r, Field* field) const {
  TRINE_TRY(ReadCommon(r, field));
  TRINE_ASSIGN(field->ignore_above, r->Int("ignore_above", -1, 0, 2147483647));
  TRINE_ASSIGN(field->normalizer, r->Text("normalizer"));
  if (!field->normalizer.empty() && field->normalizer != "lowercase" &&
      !settings_.analysis.normalizers.contains(field->normalizer))
    return MappingError("normalizer [" + field->normalizer + "] not found for field [" + field->name + "]",
                        r->path());
  TRINE_ASSIGN(field->norms, r->Flag("norms", false));
  TRINE_TRY(r->Flag("use_similarity", false));  // read by queries, from the client's parameters
  TRINE_TRY(r->Only("split_queries_on_whitespace", "false"));
  TRINE_TRY(r->Only("similarity", "BM25"));
  if (const Json* options = r->Take("index_options"); options != nullptr) {
    const std::string text = ScalarText(*options);
    if (text != "docs" && text != "freqs")
      return MappingError(
          "Unknown value [" + text + "] for field [index_options] - accepted values are [docs, freqs]",
          r->path());
  }
  r->Idle({"eager_global_ordinals"});
  return Ok();
}

Status MappingParser::ReadNumber(FieldReader* r, Field* field) const {
  TRINE_TRY(ReadCommon(r, field));
  TRINE_TRY(r->Only("coerce", "true"));
  if (field->type != FieldType::kScaledFloat) return Ok();
  const Json* factor = r->Take("scaling_factor");
  if (factor == nullptr) return ParameterValueError("Field [scaling_factor] is required", r->path());
  const auto value = factor->is_number()   ? std::optional<double>(factor->number())
                     : factor->is_string() ? format::ParseDouble(factor->string())
                                           : std::nullopt;
  if (!value || !(*value > 0) || *value > 1e300)
    return r->ParameterError("scaling_factor", *factor, "a positive number");
  field->scaling_factor = *value;
  return Ok();
}

Status MappingParser::ReadDate(FieldReader* r, Field* field) const {
  TRINE_TRY(ReadCommon(r, field));
  const Json* given = r->Take("format");
  TRINE_ASSIGN(field->format, r->Text("format"));
  if (given != nullptr && !given->is_null() && field->format.empty()) field->format = " ";  // no pattern
  const auto format = format::DateFormat::Compile(field->format);
  if (!format.ok())
    return ParameterValueError(
        "Error parsing [format] on field [" + field->name + "]: " + ErrorText(format.error()).value_or(""),
        r->path());
  TRINE_ASSIGN(const std::string locale, r->Text("locale"));
  const bool english = locale.empty() || ToLowerAscii(locale) == "root" || ToLowerAscii(locale) == "en" ||
                       ToLowerAscii(locale).starts_with("en_") || ToLowerAscii(locale).starts_with("en-");
  if (!english && format->HasWords())
    return NotSupported("[locale: " + locale +
                        "] with names of months, days or halves of the day on field [" + r->path() + "]");
  r->Idle({"print_format"});
  return Ok();
}

Status MappingParser::ReadVectorMethod(const Json& method, FieldReader* r, std::string* space) const {
  if (!method.is_object()) return r->ParameterError("method", method, "an object");
  for (const auto& [key, value] : method.object()) {
    if (key == "space_type" && value.is_string()) {
      *space = value.string();
    } else if (key == "name" && value.is_string()) {
      const std::string& name = value.string();
      if (name != "hnsw" && name != "flat" && name != "ivf")
        return r->ParameterError("method.name", value, "hnsw, ivf or flat");
    } else if (key == "engine" && value.is_string()) {
      const std::string& engine = value.string();
      if (engine != "faiss" && engine != "lucene" && engine != "nmslib")
        return r->ParameterError("method.engine", value, "faiss, lucene or nmslib");
    } else if (key != "parameters") {
      return MappingError("Invalid parameter for method: " + key, r->path());
    }
  }
  return Ok();
}

Status MappingParser::ReadVector(FieldReader* r, Field* field) const {
  TRINE_TRY(ReadCommon(r, field));
  if (r->Take("dimension") == nullptr)
    return MappingError("Dimension value missing for vector: " + field->name, r->path());
  TRINE_ASSIGN(const int64_t dimension,
               r->Int("dimension", 0, 1, static_cast<int64_t>(limits::kMaxVectorDimension)));
  field->dimension = static_cast<uint32_t>(dimension);
  TRINE_TRY(r->Only("data_type", "float"));
  TRINE_TRY(r->Only("model_id", ""));
  TRINE_ASSIGN(std::string space, r->Text("space_type"));
  if (const Json* method = r->Take("method"); method != nullptr) {
    TRINE_TRY(ReadVectorMethod(*method, r, &space));
    field->vector_method = *method;
  }
  r->Idle({"mode", "compression_level"});
  static const std::map<std::string_view, catalogue::VectorSpace> kSpaces = {
      {"", catalogue::VectorSpace::kL2},
      {"l2", catalogue::VectorSpace::kL2},
      {"cosinesimil", catalogue::VectorSpace::kCosine},
      {"innerproduct", catalogue::VectorSpace::kInnerProduct},
      {"l1", catalogue::VectorSpace::kL1},
      {"linf", catalogue::VectorSpace::kLinf}};
  const auto found = kSpaces.find(space);
  if (found == kSpaces.end()) {
    if (space == "hamming") return NotSupported("[space_type: hamming]");
    return r->ParameterError("space_type", Json(space), "one of l2, cosinesimil, innerproduct, l1, linf");
  }
  field->space = found->second;
  return Ok();
}

Status MappingParser::ReadObject(FieldReader* r, Field* field) const {
  TRINE_ASSIGN(field->enabled, r->Flag("enabled", true));
  if (const Json* dynamic = r->Take("dynamic"); dynamic != nullptr) {
    TRINE_ASSIGN(field->dynamic, DynamicOf(*dynamic));
  }
  return Ok();
}

// Whether the value of a metadata field says what is the case without it.
bool OffByDefault(std::string_view key, const Json& value) {
  constexpr std::pair<std::string_view, std::string_view> kOff[] = {
      {"_routing", R"({"required":false})"},
      {"_size", R"({"enabled":false})"},
      {"_field_names", R"({"enabled":true})"},
      {"_data_stream_timestamp", R"({"enabled":false})"}};
  return std::ranges::any_of(kOff, [&](const auto& off) {
    return key == off.first && (format::ToString(value) == off.second || format::ToString(value) == "{}");
  });
}

}  // namespace

Result<Mapping> ParseMapping(const Json& given, const catalogue::CollectionSettings& settings,
                             const analysis::Analyzers& analyzers) {
  Mapping mapping;
  if (given.is_null()) return mapping;
  if (!given.is_object()) return MappingError("a mapping must be an object", "");
  MappingParser parser(settings, analyzers);
  for (const auto& [key, value] : given.object()) {
    if (key == "properties") {
      TRINE_TRY(parser.Properties(value, "", 1, &mapping.properties));
    } else if (key == "dynamic") {
      TRINE_ASSIGN(mapping.dynamic, MappingParser::DynamicOf(value));
    } else if (key == "date_detection") {
      if (!value.is_bool()) return MappingError("[date_detection] must be true or false", key);
      mapping.date_detection = value.boolean();
    } else if (key == "_meta") {
      mapping.meta = value;
    } else if (key == "dynamic_templates") {
      if (!value.is_array() || !value.array().empty())
        return NotSupported("[dynamic_templates] in a mapping");
    } else if (key == "numeric_detection") {
      if (!value.is_bool() || value.boolean()) return NotSupported("[numeric_detection] in a mapping");
    } else if (key == "_source") {
      const Json* enabled = value.Find("enabled");
      const bool plain =
          value.is_object() && (value.object().empty() || (value.object().size() == 1 && enabled != nullptr &&
                                                           enabled->is_bool() && enabled->boolean()));
      if (!plain) return NotSupported("[_source] in a mapping");
    } else if (OffByDefault(key, value)) {
      continue;
    } else if (key == "_routing" || key == "dynamic_date_formats" || key == "_size" || key == "derived" ||
               key == "runtime" || key == "_field_names" || key == "_data_stream_timestamp") {
      return NotSupported("[" + key + "] in a mapping");
    } else {
      return MappingError("Root mapping definition has unsupported parameters:  [" + key + " : " +
                              format::ToString(value).substr(0, 200) + "]",
                          key);
    }
  }
  return mapping;
}

Json PrintField(const Field& field) {
  Json out(Json::Object{});
  const bool bare = field.type == FieldType::kObject && !field.properties.empty();
  if (!bare) out.Set("type", catalogue::Name(field.type));
  for (const auto& [key, value] : field.client_parameters) out.Set(key, value);
  const auto print = [](const std::vector<Field>& fields) {
    Json object(Json::Object{});
    for (const Field& one : fields) object.Set(one.name, PrintField(one));
    return object;
  };
  if (!field.properties.empty()) out.Set("properties", print(field.properties));
  if (!field.fields.empty()) out.Set("fields", print(field.fields));
  return out;
}

Json PrintMapping(const Mapping& mapping) {
  Json out(Json::Object{}), properties(Json::Object{});
  if (mapping.dynamic == Dynamic::kFalse) out.Set("dynamic", "false");
  if (mapping.dynamic == Dynamic::kStrict) out.Set("dynamic", "strict");
  if (!mapping.date_detection) out.Set("date_detection", false);
  if (!mapping.meta.is_null()) out.Set("_meta", mapping.meta);
  for (const Field& field : mapping.properties) properties.Set(field.name, PrintField(field));
  if (!mapping.properties.empty()) out.Set("properties", std::move(properties));
  return out;
}

}  // namespace trine::api::opensearch
