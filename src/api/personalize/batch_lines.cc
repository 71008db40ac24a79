#include "api/personalize/batch_lines.h"

#include "api/personalize/call.h"
#include "api/personalize/filter_parser.h"
#include "base/id_text.h"
#include "base/limits.h"

namespace trine::api::personalize {
namespace {

using format::Json;
using operations::BatchQuery;

constexpr size_t kMaxIdBytes = 1024;  // room for 256 characters: each has at most 4 bytes in UTF-8

// Reads an id. Integers are accepted too, because some programs write ids as numbers.
Result<std::string> IdOf(const Json& value, const char* member) {
  std::string id = value.is_string() ? value.string() : value.is_integer() ? format::ToString(value) : "";
  TRINE_TRY(CheckIdText(id, member));
  if (!id.empty() && id.size() <= kMaxIdBytes) return id;
  return Invalid(std::string("the line's ") + member + " must be a string of 1 to 1024 bytes or an integer");
}

Result<BatchQuery> Read(std::string_view line) {
  TRINE_ASSIGN(const Json json, format::ParseJson(line));
  if (!json.is_object()) return Invalid("a line must be a JSON object");
  BatchQuery query;
  if (const Json* user = FindMember(json, "userId")) {
    TRINE_ASSIGN(query.user_id, IdOf(*user, "userId"));
  }
  if (const Json* item = FindMember(json, "itemId")) {
    TRINE_ASSIGN(query.item_id, IdOf(*item, "itemId"));
  }
  if (const Json* list = FindMember(json, "itemList")) {
    if (!list->is_array() || list->array().size() > limits::kMaxResults)
      return Invalid("itemList must be a list of at most " + std::to_string(limits::kMaxResults) + " ids");
    for (const Json& entry : list->array()) {
      TRINE_ASSIGN(std::string id, IdOf(entry, "itemList"));
      query.items.push_back(std::move(id));
    }
  }
  const Json* filter_values = FindMember(json, "filterValues");
  if (filter_values == nullptr) return query;
  if (!filter_values->is_object()) return Invalid("filterValues must be an object of strings");
  for (const auto& [name, value] : filter_values->object()) {
    if (!value.is_string()) return Invalid("the line's filterValues." + name + " must be a string");
    TRINE_ASSIGN(std::vector<std::string> values, ParseFilterValue(value.string()));
    query.filter_values.emplace_back(name, std::move(values));
  }
  return query;
}

std::string Write(std::string_view line, const Result<recommend::Recommendation>& answer) {
  Json out = Json::Object{};
  Result<Json> input = format::ParseJson(line);
  out.Set("input", input.ok() ? *std::move(input) : Json(line));
  if (!answer.ok()) {
    out.Set("output", nullptr);
    out.Set("error", answer.error().ToString());
    return format::ToString(out);
  }
  Json& output = out.Set("output", Json::Object{});
  Json items = Json::Array{}, scores = Json::Array{};
  for (const recommend::RecommendedItem& item : answer->items) {
    items.Push(item.item_id);
    scores.Push(item.known ? Json(item.score) : Json());
  }
  output.Set("recommendedItems", std::move(items));
  output.Set("scores", std::move(scores));
  out.Set("error", nullptr);
  return format::ToString(out);
}

}  // namespace

operations::BatchCodec NewBatchCodec() {
  operations::BatchCodec codec;
  codec.read = &Read;
  codec.write = &Write;
  codec.filter = [](const recommend::Resource& filter) {
    return ParseFilter(TextOf(filter.spec, "expression"));
  };
  return codec;
}

}  // namespace trine::api::personalize
