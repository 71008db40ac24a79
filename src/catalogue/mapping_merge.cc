// Merging mappings: new fields are added; existing fields keep their type and every parameter that their
// index depends on.
#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "base/limits.h"
#include "catalogue/mapping.h"
#include "format/json.h"

namespace trine::catalogue {
namespace {

Error Conflict(const std::string& path, const char* parameter, const std::string& from,
               const std::string& to) {
  return Error(ErrorCode::kMappingConflict, std::string("cannot change parameter ") + parameter +
                                                " of a mapped field from " + from + " to " + to)
      .Where(path)
      .Detail("parameter", parameter)
      .Detail("from", from)
      .Detail("to", to);
}

std::string Text(bool v) { return v ? "true" : "false"; }
std::string Text(const std::string& v) { return v.empty() ? "default" : v; }
std::string Text(uint32_t v) { return std::to_string(v); }
std::string Text(double v) { return format::ToString(format::Json(v)); }
std::string Text(const format::Json& v) { return format::ToString(v); }
std::string Text(VectorSpace v) {
  constexpr const char* kNames[] = {"", "l2", "cosinesimil", "innerproduct", "l1", "linf"};
  TRINE_CHECK_LT(static_cast<size_t>(v), std::size(kNames));
  return kNames[static_cast<int>(v)];
}

Status CheckFixed(const Field& base, const Field& more, const std::string& path) {
  if (base.type != more.type) {
    const std::string from(Name(base.type)), to(Name(more.type));
    return Error(ErrorCode::kMappingConflict,
                 "cannot change the type of a mapped field from " + from + " to " + to)
        .Where(path)
        .Detail("from", from)
        .Detail("to", to);
  }
  const auto same = [&](const char* parameter, const auto& from, const auto& to) -> Status {
    if (from == to) return Ok();
    return Conflict(path, parameter, Text(from), Text(to));
  };
  TRINE_TRY(same("index", base.index, more.index));
  TRINE_TRY(same("doc_values", base.doc_values, more.doc_values));
  TRINE_TRY(same("norms", base.norms, more.norms));
  TRINE_TRY(same("analyzer", base.analyzer, more.analyzer));
  TRINE_TRY(same("normalizer", base.normalizer, more.normalizer));
  TRINE_TRY(same("scaling_factor", base.scaling_factor, more.scaling_factor));
  TRINE_TRY(same("format", base.format, more.format));
  TRINE_TRY(same("null_value", base.null_value, more.null_value));
  TRINE_TRY(same("dimension", base.dimension, more.dimension));
  TRINE_TRY(same("space_type", base.space, more.space));
  return same("method", base.vector_method, more.vector_method);
}

// Parameters that the client sent again replace the old ones; those that it did not repeat stay.
void MergeClientParameters(const Field& more, Field* field) {
  for (const auto& [name, value] : more.client_parameters) {
    const auto same = [&name = name](const auto& member) { return member.first == name; };
    const auto there = std::find_if(field->client_parameters.begin(), field->client_parameters.end(), same);
    if (there == field->client_parameters.end()) {
      field->client_parameters.emplace_back(name, value);
    } else {
      there->second = value;
    }
  }
}

Status MergeFields(const std::vector<Field>& more, const std::string& prefix, std::vector<Field>* fields);

Status MergeObject(const Field& more, const std::string& path, Field* field) {
  // Compare `enabled` only if the client sent it. Otherwise `more` may be merely the parent of a new field
  // and have the default value.
  const bool says_enabled = std::any_of(more.client_parameters.begin(), more.client_parameters.end(),
                                        [](const auto& member) { return member.first == "enabled"; });
  if (says_enabled && more.enabled != field->enabled) {
    return Conflict(path, "enabled", Text(field->enabled), Text(more.enabled));
  }
  if (more.dynamic) field->dynamic = more.dynamic;
  return MergeFields(more.properties, path + ".", &field->properties);
}

Status MergeField(const Field& more, const std::string& path, Field* field) {
  TRINE_DCHECK_EQ(more.name, field->name);
  if (field->type == FieldType::kObject && more.type == FieldType::kObject) {
    TRINE_TRY(MergeObject(more, path, field));
  } else {
    TRINE_TRY(CheckFixed(*field, more, path));
    field->search_analyzer = more.search_analyzer;
    field->ignore_above = more.ignore_above;
    field->copy_to = more.copy_to;
    TRINE_TRY(MergeFields(more.fields, path + ".", &field->fields));
  }
  MergeClientParameters(more, field);
  return Ok();
}

Status MergeFields(const std::vector<Field>& more, const std::string& prefix, std::vector<Field>* fields) {
  for (const Field& field : more) {
    const auto there = std::find_if(fields->begin(), fields->end(),
                                    [&field](const Field& other) { return other.name == field.name; });
    if (there == fields->end()) {
      fields->push_back(field);
    } else {
      TRINE_TRY(MergeField(field, prefix + field.name, &*there));
    }
  }
  return Ok();
}

}  // namespace

Result<Mapping> Merge(const Mapping& base, const Mapping& more) {
  Mapping merged = base;
  merged.dynamic = more.dynamic;
  merged.date_detection = more.date_detection;
  if (!more.meta.is_null()) merged.meta = more.meta;
  TRINE_TRY(MergeFields(more.properties, "", &merged.properties));
  TRINE_CHECK_GE(merged.properties.size(), base.properties.size());
  if (merged.FieldCount() > limits::kMaxMappingFields) {
    return Error(ErrorCode::kMappingFieldLimit, "the mapping has too many fields")
        .Expected("at most " + std::to_string(limits::kMaxMappingFields))
        .Detail("limit", std::to_string(limits::kMaxMappingFields));
  }
  return merged;
}

}  // namespace trine::catalogue
