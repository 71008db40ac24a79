// The `sort` of a search, from its body or its URL.
#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/json/search_body.h"
#include "api/opensearch/request/body_reader.h"

namespace trine::api::opensearch {
namespace {

using format::Json;
using search::SortKey;

constexpr size_t kMaxKeys = 32;

SortKey::By ByOf(const std::string& field) {
  return field == "_score" ? SortKey::By::kScore
         : field == "_doc" ? SortKey::By::kIndexOrder
         : field == "_id"  ? SortKey::By::kId
                           : SortKey::By::kField;
}

Result<bool> OrderOf(const std::string& text, const std::string& field) {
  if (text == "asc" || text == "ASC") return false;
  if (text == "desc" || text == "DESC") return true;
  return IllegalArgument("Unknown SortOrder [" + text + "] for [" + field + "]");
}

Result<SortKey> KeyOf(const std::string& field) {
  if (field == "_geo_distance" || field == "_script") return NotSupported("sort [" + field + "]");
  SortKey key;
  key.by = ByOf(field);
  key.field = field;
  key.descending = key.by == SortKey::By::kScore;  // the default
  key.missing = Json("_last");
  return key;
}

Status ReadOptions(const Json& options, SortKey* key) {
  BodyReader r(options, "field_sort", "sort." + key->field);
  if (r.Has("order")) {
    TRINE_ASSIGN(key->descending, OrderOf(r.Text("order"), key->field));
  }
  if (const Json* missing = r.Raw("missing"); missing != nullptr) {
    if (missing->is_array() || missing->is_object() || missing->is_null())
      r.Fail(r.Wrong("missing", "_first, _last or a value", *missing));
    else
      key->missing = *missing;
  }
  key->unmapped_type = r.Text("unmapped_type");
  if (r.Has("mode")) {
    const std::string mode = r.Text("mode");
    if (mode == "min")
      key->mode = SortKey::Mode::kMin;
    else if (mode == "max")
      key->mode = SortKey::Mode::kMax;
    else if (mode == "avg")
      key->mode = SortKey::Mode::kAvg;
    else if (mode == "sum")
      key->mode = SortKey::Mode::kSum;
    else if (mode == "median")
      return NotSupported("sort mode [median]");
    else
      return IllegalArgument("Unknown SortMode [" + mode + "]");
  }
  for (const char* unbuilt : {"nested", "nested_path", "nested_filter", "numeric_type", "format"}) {
    if (const Json* value = r.Raw(unbuilt); value != nullptr && !value->is_null())
      return NotSupported("sort option [" + std::string(unbuilt) + "]");
  }
  return r.Done();
}

Status Add(const Json& given, std::vector<SortKey>* keys) {
  if (keys->size() >= kMaxKeys)
    return Error(ErrorCode::kLimit, "too many sort keys").Expected("at most " + std::to_string(kMaxKeys));
  if (given.is_string()) {
    TRINE_ASSIGN(SortKey key, KeyOf(given.string()));
    keys->push_back(std::move(key));
    return Ok();
  }
  if (!given.is_object())
    return IllegalArgument(
        "malformed sort format, within the sort array, an object, or an actual string are "
        "allowed");
  for (const auto& [field, options] : given.object()) {
    TRINE_ASSIGN(SortKey key, KeyOf(field));
    if (options.is_string()) {
      TRINE_ASSIGN(key.descending, OrderOf(options.string(), field));
    } else if (options.is_object()) {
      TRINE_TRY(ReadOptions(options, &key));
    } else {
      return IllegalArgument("malformed sort format, either start array, start object, or an actual string");
    }
    keys->push_back(std::move(key));
  }
  return Ok();
}

}  // namespace

Result<std::vector<SortKey>> ParseSort(const Json& given) {
  std::vector<SortKey> keys;
  if (given.is_array()) {
    for (const Json& one : given.array()) TRINE_TRY(Add(one, &keys));
  } else {
    TRINE_TRY(Add(given, &keys));
  }
  return keys;
}

}  // namespace trine::api::opensearch
