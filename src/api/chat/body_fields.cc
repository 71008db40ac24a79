#include "api/chat/body_fields.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"

namespace trine::api::chat {

using format::Json;

namespace {
constexpr size_t kMaxShownBytes = 60;  // bytes of a value that an error quotes
}

Result<BodyFields> BodyFields::Of(const Json& json, std::string where) {
  if (!json.is_object())
    return Error(ErrorCode::kInvalid, "not a JSON object").Got(std::string(json.type_name())).Where(where);
  return BodyFields(json, std::move(where));
}

Status BodyFields::OnlyKnown(std::span<const std::string_view> known) const {
  for (const auto& [key, value] : json_->object()) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      return Error(ErrorCode::kInvalid,
                   "unrecognized request argument: " + std::string(CutUtf8(key, kMaxShownBytes)))
          .Where(Path(CutUtf8(key, kMaxShownBytes)));
  }
  return Ok();
}

const Json* BodyFields::Find(std::string_view key) const {
  const Json* found = json_->Find(key);
  return found != nullptr && !found->is_null() ? found : nullptr;
}

Result<std::string> BodyFields::Text(std::string_view key, bool required) const {
  const Json* found = Find(key);
  if (found == nullptr && !required) return std::string();
  if (found == nullptr || !found->is_string() || (required && found->string().empty()))
    return Wrong(key, required ? "a non-empty string" : "a string");
  return found->string();
}

Result<bool> BodyFields::Flag(std::string_view key, bool otherwise) const {
  const Json* found = Find(key);
  if (found == nullptr) return otherwise;
  if (!found->is_bool()) return Wrong(key, "true or false");
  return found->boolean();
}

Result<std::optional<double>> BodyFields::Number(std::string_view key, double least, double most) const {
  TRINE_DCHECK_LE(least, most);
  const Json* found = Find(key);
  if (found == nullptr) return std::optional<double>();
  if (!found->is_number() || !(found->number() >= least && found->number() <= most))
    return Wrong(key,
                 "a number from " + format::ToString(Json(least)) + " to " + format::ToString(Json(most)));
  return std::optional<double>(found->number());
}

Result<std::optional<size_t>> BodyFields::Count(std::string_view key) const {
  const Json* found = Find(key);
  if (found == nullptr) return std::optional<size_t>();
  if (!found->is_int() || found->integer() < 1) return Wrong(key, "an integer of at least 1");
  return std::optional<size_t>(static_cast<size_t>(found->integer()));
}

Result<const Json::Array*> BodyFields::List(std::string_view key, size_t most) const {
  const Json* found = Find(key);
  if (found == nullptr) return static_cast<const Json::Array*>(nullptr);
  if (!found->is_array() || found->array().size() > most)
    return Wrong(key, "a list of at most " + std::to_string(most) + " elements");
  return &found->array();
}

Result<std::vector<std::string>> BodyFields::Texts(std::string_view key, size_t most, bool or_one) const {
  const Json* found = Find(key);
  std::vector<std::string> texts;
  if (found == nullptr) return texts;
  if (or_one && found->is_string()) return std::vector<std::string>{found->string()};
  TRINE_ASSIGN(const Json::Array* const list, List(key, most));
  for (const Json& one : *list) {
    if (!one.is_string() || one.string().empty()) return Wrong(key, "non-empty strings");
    texts.push_back(one.string());
  }
  return texts;
}

Result<const Json*> BodyFields::Object(std::string_view key) const {
  const Json* found = Find(key);
  if (found != nullptr && !found->is_object()) return Wrong(key, "an object");
  return found;
}

Error BodyFields::Wrong(std::string_view key, std::string expected) const {
  const Json* found = json_->Find(key);
  std::string got = found == nullptr ? "nothing" : format::ToString(*found);
  if (got.size() > kMaxShownBytes) got = std::string(CutUtf8(got, kMaxShownBytes)) + "...";
  return Error(ErrorCode::kInvalid, "invalid value of " + Path(key))
      .Expected(std::move(expected))
      .Got(std::move(got))
      .Where(Path(key));
}

std::string BodyFields::Path(std::string_view key) const {
  return where_.empty() ? std::string(key) : where_ + "." + std::string(key);
}

Result<Json> ParseBody(std::string_view body) {
  TRINE_ASSIGN(Json json, format::ParseJson(body));
  if (!json.is_object())
    return Error(ErrorCode::kInvalid, "the body is not a JSON object").Got(std::string(json.type_name()));
  return json;
}

}  // namespace trine::api::chat
