#include "api/native/body_reader.h"

#include <cmath>

namespace trine::api::native {

using format::Json;

BodyReader::BodyReader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
  if (!json.is_object())
    Fail(Error(ErrorCode::kInvalid, "not a JSON object")
             .Expected("object")
             .Got(std::string(json.type_name()))
             .Where(where_.empty() ? "body" : where_));
}

void BodyReader::Fail(Error error) {
  if (!error_) error_ = std::move(error);
}

const Json* BodyReader::Raw(std::string_view key) {
  seen_.insert(std::string(key));
  return json_.Find(key);
}

Error BodyReader::Wrong(std::string_view key, std::string expected) const {
  const Json* value = json_.Find(key);
  const std::string where = where_.empty() ? std::string(key) : where_ + "." + std::string(key);
  std::string got = "nothing";
  if (value != nullptr) {
    got = format::ToString(*value);
    if (got.size() > 80)
      got = std::string(value->type_name()) + " of " + std::to_string(got.size()) + " bytes";
  }
  return Error(ErrorCode::kInvalid,
               "member \"" + std::string(key) + "\" is " + (value == nullptr ? "missing" : "not valid"))
      .Expected(std::move(expected))
      .Got(std::move(got))
      .Where(where);
}

std::string BodyReader::Text(std::string_view key, bool required, size_t most) {
  const Json* value = Raw(key);
  if (value == nullptr && !required) return "";
  if (value == nullptr || !value->is_string() || (required && value->string().empty()) ||
      value->string().size() > most) {
    return Fail(Wrong(key, "a string of at most " + std::to_string(most) + " bytes")), "";
  }
  return value->string();
}

std::optional<double> BodyReader::Number(std::string_view key, double least, double most) {
  const Json* value = Raw(key);
  TRINE_DCHECK_LE(least, most);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number() || !(value->number() >= least && value->number() <= most)) {
    return Fail(Wrong(key, "a number from " + format::ToString(Json(least)) + " to " +
                               format::ToString(Json(most)))),
           std::nullopt;
  }
  return value->number();
}

int64_t BodyReader::Int(std::string_view key, int64_t otherwise, int64_t least, int64_t most) {
  const Json* value = Raw(key);
  TRINE_DCHECK_LE(least, otherwise);
  TRINE_DCHECK_LE(otherwise, most);
  if (value == nullptr) return otherwise;
  if (!value->is_int() || value->integer() < least || value->integer() > most) {
    return Fail(Wrong(key, "an integer from " + std::to_string(least) + " to " + std::to_string(most))),
           otherwise;
  }
  return value->integer();
}

bool BodyReader::Flag(std::string_view key, bool otherwise) {
  const Json* value = Raw(key);
  if (value == nullptr) return otherwise;
  if (!value->is_bool()) return Fail(Wrong(key, "true or false")), otherwise;
  return value->boolean();
}

const Json::Array& BodyReader::List(std::string_view key, bool required, size_t most) {
  static const Json::Array kNone;
  const Json* value = Raw(key);
  if (value == nullptr && !required) return kNone;
  if (value == nullptr || !value->is_array() || (required && value->array().empty()) ||
      value->array().size() > most) {
    return Fail(Wrong(key, "a list with a maximum length of " + std::to_string(most))), kNone;
  }
  return value->array();
}

std::vector<std::string> BodyReader::Texts(std::string_view key, bool required, size_t most) {
  std::vector<std::string> out;
  for (const Json& one : List(key, required, most)) {
    if (!one.is_string() || one.string().empty() || one.string().size() > limits::kMaxIdBytes)
      return Fail(Wrong(key, "a list of non-empty strings")), out;
    out.push_back(one.string());
  }
  return out;
}

const Json* BodyReader::Object(std::string_view key) {
  const Json* value = Raw(key);
  if (value != nullptr && !value->is_object()) return Fail(Wrong(key, "an object")), nullptr;
  return value;
}

Status BodyReader::Done() {
  TRINE_CHECK(!done_);
  done_ = true;
  if (error_) return std::move(*error_);
  for (const auto& [key, value] : json_.object()) {
    if (seen_.find(key) == seen_.end())
      return Error(ErrorCode::kInvalid, "unknown member \"" + key + "\"")
          .Where(where_.empty() ? key : where_ + "." + key);
  }
  return Ok();
}

}  // namespace trine::api::native
