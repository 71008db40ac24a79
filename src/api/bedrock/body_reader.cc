#include "api/bedrock/body_reader.h"

#include <algorithm>

#include "api/bedrock/errors.h"

namespace trine::api::bedrock {
namespace {

using format::Json;

constexpr std::string_view kMalformed = "Malformed input request: ";
constexpr std::string_view kReformat = ", please reformat your input and try again.";

}  // namespace

BodyReader::BodyReader(const Json& object, Wording wording, std::string where)
    : object_(object), wording_(wording), where_(std::move(where)) {
  if (object_.is_object()) return;
  const std::string problem = "expected type: JSONObject, found: " + std::string(object_.type_name());
  error_ = wording_ == Wording::kSchema
               ? Invalid(std::string(kMalformed) + "#" + problem + std::string(kReformat), where_)
               : Invalid((where_.empty() ? "body" : where_) + ": Input should be an object", where_);
}

std::string BodyReader::PathOf(std::string_view name) const {
  return where_.empty() ? std::string(name) : where_ + "." + std::string(name);
}

void BodyReader::Wrong(std::string_view name, const std::string& problem) {
  TRINE_DCHECK(!name.empty());
  const std::string path = PathOf(name);
  if (wording_ == Wording::kPlain) return Fail(Invalid(path + ": " + problem, path));
  std::string pointer = path;
  std::replace(pointer.begin(), pointer.end(), '.', '/');
  Fail(Invalid(std::string(kMalformed) + "#/" + pointer + ": " + problem + std::string(kReformat), path));
}

void BodyReader::Fail(Error error) {
  if (!error_) error_ = std::move(error);
}

const Json* BodyReader::Raw(const char* name) {
  TRINE_DCHECK(name != nullptr && *name != '\0');
  known_.push_back(name);
  if (error_) return nullptr;
  const Json* value = object_.Find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool BodyReader::Has(const char* name) { return Raw(name) != nullptr; }

const Json* BodyReader::Need(const char* name) {
  const Json* value = Raw(name);
  if (value != nullptr || error_) return value;
  if (wording_ == Wording::kPlain) {
    Wrong(name, "Field required");
  } else {
    Fail(Invalid(std::string(kMalformed) + "#" + (where_.empty() ? "" : "/" + where_) + ": required key [" +
                     name + "] not found" + std::string(kReformat),
                 PathOf(name)));
  }
  return nullptr;
}

const Json::Array* BodyReader::List(const char* name, size_t most) {
  const Json* value = Raw(name);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) return Wrong(name, "Input should be a list"), nullptr;
  if (value->array().size() > most)
    return Wrong(name, "List should have at most " + std::to_string(most) + " items"), nullptr;
  return &value->array();
}

const Json* BodyReader::Object(const char* name) {
  const Json* value = Raw(name);
  if (value == nullptr || value->is_object()) return value;
  Wrong(name, "Input should be an object");
  return nullptr;
}

std::string BodyReader::Text(const char* name) {
  const Json* value = Need(name);
  if (value == nullptr) return "";
  if (!value->is_string()) return Wrong(name, "Input should be a string"), "";
  if (value->string().empty()) return Wrong(name, "expected minLength: 1, actual: 0"), "";
  return value->string();
}

std::optional<std::string> BodyReader::OptionalText(const char* name) {
  const Json* value = Raw(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) return Wrong(name, "Input should be a string"), std::nullopt;
  return value->string();
}

std::optional<int64_t> BodyReader::Int(const char* name, int64_t least, int64_t most) {
  TRINE_DCHECK_LE(least, most);
  const Json* value = Raw(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_int() && value->integer() >= least && value->integer() <= most) return value->integer();
  Wrong(name, "Input should be an integer from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::optional<double> BodyReader::Number(const char* name, double least, double most) {
  TRINE_DCHECK_LE(least, most);
  const Json* value = Raw(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_number() && value->number() >= least && value->number() <= most) return value->number();
  Wrong(name, "Input should be a number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::optional<bool> BodyReader::Flag(const char* name) {
  const Json* value = Raw(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_bool()) return value->boolean();
  Wrong(name, "expected type: Boolean, found: " + std::string(value->type_name()));
  return std::nullopt;
}

std::vector<std::string> BodyReader::Texts(const char* name, size_t most) {
  std::vector<std::string> texts;
  const Json::Array* list = List(name, most);
  if (list == nullptr) return texts;
  for (const Json& one : *list) {
    if (!one.is_string() || one.string().empty())
      return Wrong(name, "Input should be a list of non-empty strings"), std::vector<std::string>{};
    texts.push_back(one.string());
  }
  return texts;
}

std::string BodyReader::Choice(const char* name, const std::vector<std::string_view>& names) {
  const Json* value = Raw(name);
  if (value == nullptr) return "";
  if (value->is_string() && std::find(names.begin(), names.end(), value->string()) != names.end())
    return value->string();
  std::string listed;
  for (const std::string_view one : names) listed += (listed.empty() ? "" : ", ") + std::string(one);
  Wrong(name, "Input should be one of: " + listed);
  return "";
}

Status BodyReader::Finish(bool strict) {
  if (error_) return *error_;
  if (!strict) return Ok();
  for (const auto& [key, value] : object_.object()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    if (wording_ == Wording::kPlain)
      return Invalid(PathOf(key) + ": Extra inputs are not permitted", PathOf(key));
    return Invalid(std::string(kMalformed) + "#" + (where_.empty() ? "" : "/" + where_) +
                       ": extraneous key [" + key + "] is not permitted" + std::string(kReformat),
                   PathOf(key));
  }
  return Ok();
}

}  // namespace trine::api::bedrock
