#include "api/mcp/tools.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "format/text.h"

namespace trine::api::mcp {
namespace {

using format::Json;

enum class Type { kText, kCount, kTexts };

constexpr int64_t kMaxCount = 100;   // rows of one result, which a model has to read
constexpr size_t kMaxItemIds = 100;  // the limit of /_trine/reason

// One argument of a tool.
struct Argument {
  const char* name;
  Type type;
  bool required;
  const char* about;
  size_t most_bytes = limits::kMaxIdBytes;  // kText
};

struct Tool {
  const char* name;
  const char* about;
  std::span<const Argument> arguments;
  const char* result;  // the member of the result that is always there
};

constexpr Argument kSearch[] = {
    {"index", Type::kText, true, "The index to search."},
    {"query", Type::kText, true, "The words to search for.", limits::kMaxQuestionBytes},
    {"size", Type::kCount, false, "The number of results, 10 by default."},
};
constexpr Argument kRecommend[] = {
    {"campaign", Type::kText, true, "The name or ARN of the campaign."},
    {"user_id", Type::kText, false, "The person to recommend for."},
    {"item_id", Type::kText, false, "The item to which others are similar."},
    {"size", Type::kCount, false, "The number of items, 10 by default."},
};
constexpr Argument kAsk[] = {
    {"index", Type::kText, true, "The index of the products."},
    {"question", Type::kText, true, "The question, in Korean or English.", limits::kMaxQuestionBytes},
    {"user_id", Type::kText, false, "The person who asks."},
    {"campaign", Type::kText, false, "The campaign that personalises the answer."},
    {"size", Type::kCount, false, "The number of items, 5 by default."},
};
constexpr Argument kExplain[] = {
    {"index", Type::kText, true, "The index of the products."},
    {"user_id", Type::kText, true, "The person for whom the items are explained."},
    {"item_ids", Type::kTexts, true, "The items to explain."},
    {"question", Type::kText, false, "The question that the items answer.", limits::kMaxQuestionBytes},
};
constexpr Tool kTools[] = {
    {"search", "Searches an index by words and returns the documents that match best.", kSearch, "items"},
    {"recommend", "Recommends items for a person, or items similar to one.", kRecommend, "items"},
    {"ask", "Answers a shopper's question with items and the reason for each.", kAsk, "items"},
    {"explain", "Explains why items suit a person.", kExplain, "items"},
};

Json SchemaOf(const Argument& argument) {
  Json schema;
  switch (argument.type) {
    case Type::kText:
      schema.Set("type", "string");
      schema.Set("minLength", argument.required ? 1 : 0);
      schema.Set("maxLength", static_cast<uint64_t>(argument.most_bytes));
      break;
    case Type::kCount:
      schema.Set("type", "integer");
      schema.Set("minimum", 1);
      schema.Set("maximum", kMaxCount);
      break;
    case Type::kTexts: {
      Json item;
      item.Set("type", "string");
      schema.Set("type", "array");
      schema.Set("items", std::move(item));
      schema.Set("minItems", 1);
      schema.Set("maxItems", static_cast<uint64_t>(kMaxItemIds));
      break;
    }
  }
  schema.Set("description", argument.about);
  return schema;
}

Json ToolJson(const Tool& tool) {
  Json properties, required(Json::Array{}), input, output, results, list, one;
  for (const Argument& argument : tool.arguments) {
    properties.Set(argument.name, SchemaOf(argument));
    if (argument.required) required.Push(argument.name);
  }
  input.Set("type", "object");
  input.Set("properties", std::move(properties));
  input.Set("required", std::move(required));
  input.Set("additionalProperties", false);
  list.Set("type", "array");
  results.Set(tool.result, std::move(list));
  output.Set("type", "object");
  output.Set("properties", std::move(results));
  output.Set("required", Json(Json::Array{Json(tool.result)}));
  one.Set("name", tool.name);
  one.Set("description", tool.about);
  one.Set("inputSchema", std::move(input));
  one.Set("outputSchema", std::move(output));
  one.Set("annotations", Json(Json::Object{{"readOnlyHint", true}}));
  return one;
}

bool Fits(const Argument& argument, const Json& value) {
  switch (argument.type) {
    case Type::kText:
      return value.is_string() && value.string().size() <= argument.most_bytes &&
             (!argument.required || !value.string().empty());
    case Type::kCount:
      return value.is_int() && value.integer() >= 1 && value.integer() <= kMaxCount;
    case Type::kTexts:
      return value.is_array() && !value.array().empty() && value.array().size() <= kMaxItemIds &&
             std::all_of(value.array().begin(), value.array().end(),
                         [](const Json& one) { return one.is_string() && !one.string().empty(); });
  }
  FailCheck(__FILE__, __LINE__, "a type outside its enumeration");
}

Status Check(const Tool& tool, const Json& arguments) {
  if (!arguments.is_object())
    return Error(ErrorCode::kInvalid, "the arguments are not an object").Where("arguments");
  for (const auto& [name, value] : arguments.object()) {
    const auto known = std::find_if(tool.arguments.begin(), tool.arguments.end(),
                                    [&](const Argument& argument) { return name == argument.name; });
    if (known == tool.arguments.end())
      return Error(ErrorCode::kInvalid, "unknown argument").Got(name.substr(0, 60)).Where("arguments");
    if (!Fits(*known, value))
      return Error(ErrorCode::kInvalid, "the argument does not fit the schema of the tool")
          .Expected(format::ToString(SchemaOf(*known)))
          .Where(std::string("arguments.") + known->name);
  }
  for (const Argument& argument : tool.arguments) {
    if (argument.required && arguments.Find(argument.name) == nullptr)
      return Error(ErrorCode::kInvalid, "a required argument is missing")
          .Where(std::string("arguments.") + argument.name);
  }
  return Ok();
}

ToolRequest SearchRequest(const Json& arguments) {
  Json match, query, body;
  match.Set("query", *arguments.Find("query"));
  match.Set("type", "most_fields");
  match.Set("fields", Json(Json::Array{Json("*")}));
  match.Set("lenient", true);
  query.Set("multi_match", std::move(match));
  body.Set("query", std::move(query));
  if (const Json* size = arguments.Find("size"); size != nullptr) body.Set("size", *size);
  return {"/" + format::PercentEncode(arguments.Find("index")->string()) + "/_search", std::move(body)};
}

ToolRequest RecommendRequest(const Json& arguments) {
  Json body;
  const std::string& campaign = arguments.Find("campaign")->string();
  const bool is_arn = campaign.starts_with("arn:");
  // An ARN is found by its resource part.
  body.Set("campaignArn",
           is_arn ? campaign : "arn:aws:personalize:us-east-1:000000000000:campaign/" + campaign);
  const std::pair<const char*, const char*> kNames[] = {
      {"user_id", "userId"}, {"item_id", "itemId"}, {"size", "numResults"}};
  for (const auto& [ours, theirs] : kNames) {
    if (const Json* value = arguments.Find(ours); value != nullptr) body.Set(theirs, *value);
  }
  if (arguments.Find("size") == nullptr) body.Set("numResults", 10);
  return {"/recommendations", std::move(body)};
}

Json Row(Json id, const Json* score) {
  Json row;
  row.Set("item_id", std::move(id));
  row.Set("score", score != nullptr ? *score : Json());
  return row;
}

}  // namespace

Json ToolsJson() {
  Json list(Json::Array{});
  for (const Tool& tool : kTools) list.Push(ToolJson(tool));
  return list;
}

Result<ToolRequest> RequestOf(std::string_view name, const Json& arguments) {
  const auto* tool =
      std::find_if(std::begin(kTools), std::end(kTools), [&](const Tool& one) { return name == one.name; });
  if (tool == std::end(kTools))
    return Error(ErrorCode::kNotFound, "unknown tool").Expected("search, recommend, ask or explain");
  TRINE_TRY(Check(*tool, arguments));
  if (name == "search") {
    // Several indexes at once, or patterns, are not offered.
    const std::string& index = arguments.Find("index")->string();
    if (index.starts_with('_') || index.find_first_of("*,") != std::string::npos)
      return Error(ErrorCode::kInvalid, "not the name of one index").Where("arguments.index");
    return SearchRequest(arguments);
  }
  if (name == "recommend") return RecommendRequest(arguments);
  return ToolRequest{name == "ask" ? "/_trine/ask" : "/_trine/reason", arguments};
}

Json StructuredContent(std::string_view tool, const Json& answer) {
  TRINE_DCHECK(answer.is_object());
  if (tool != "search" && tool != "recommend") return answer;
  Json out, items(Json::Array{});
  const Json* list = answer.FindPath(tool == "search" ? "hits.hits" : "itemList");
  for (size_t i = 0; list != nullptr && list->is_array() && i < list->array().size(); ++i) {
    const Json& one = list->array()[i];
    const Json* id = one.Find(tool == "search" ? "_id" : "itemId");
    if (id == nullptr) continue;
    Json row = Row(*id, one.Find(tool == "search" ? "_score" : "score"));
    if (const Json* source = one.Find("_source"); source != nullptr) row.Set("source", *source);
    items.Push(std::move(row));
  }
  if (const Json* total = answer.FindPath("hits.total.value"); total != nullptr) out.Set("total", *total);
  out.Set("items", std::move(items));
  return out;
}

}  // namespace trine::api::mcp
