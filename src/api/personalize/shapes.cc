#include "api/personalize/shapes.h"

#include <cmath>

#include "base/utf8.h"
#include "format/text.h"

namespace trine::api::personalize {
namespace {

using format::Json;

constexpr size_t kMaxViolations = 20;  // most violations in one message; the count in it includes the rest
constexpr size_t kMaxShownBytes = 300;

// The violated constraints of a request.
class Violations {
 public:
  // `value` is shown as the caller wrote it, shortened if it is long; empty: not shown.
  void Add(const std::string& where, const std::string& value, const std::string& constraint) {
    if (++count_ > kMaxViolations) return;
    if (!text_.empty()) text_ += "; ";
    text_ += "Value " + (value.empty() ? "" : "'" + Cut(value) + "' ") + "at '" + where +
             "' failed to satisfy constraint: " + constraint;
  }
  Status ToStatus() const {
    if (count_ == 0) return Ok();
    return Error(ErrorCode::kShapeValidation, std::to_string(count_) + " validation error" +
                                                  (count_ == 1 ? "" : "s") + " detected: " + text_);
  }

 private:
  static std::string Cut(std::string_view value) {
    if (value.size() <= kMaxShownBytes) return std::string(value);
    const std::string_view head = value.substr(0, kMaxShownBytes);
    return std::string(head.substr(0, ValidUtf8Prefix(head))) + "...";
  }
  size_t count_ = 0;
  std::string text_;
};

std::string ValueText(const Json& value) {
  return value.is_string() ? value.string() : format::ToString(value);
}

std::string JoinValues(const std::vector<std::string_view>& values) {
  std::string text;
  for (const std::string_view value : values) text.append(text.empty() ? "" : ", ").append(value);
  return "[" + text + "]";
}

bool HasType(const Json& value, Shape::Type type) {
  switch (type) {
    case Shape::Type::kText:
      return value.is_string();
    case Shape::Type::kInteger:
      return value.is_int() || (value.is_number() && std::trunc(value.number()) == value.number() &&
                                std::abs(value.number()) < 9e15);
    case Shape::Type::kNumber:
      return value.is_number();
    case Shape::Type::kBoolean:
      return value.is_bool();
    case Shape::Type::kTime:
      return value.is_number() || value.is_string();
    case Shape::Type::kList:
      return value.is_array();
    case Shape::Type::kMap:
    case Shape::Type::kStructure:
      return value.is_object();
    case Shape::Type::kAny:
      return true;
  }
  return false;
}

std::string_view TypeName(Shape::Type type) {
  switch (type) {
    case Shape::Type::kText:
      return "a string";
    case Shape::Type::kInteger:
      return "an integer";
    case Shape::Type::kNumber:
      return "a number";
    case Shape::Type::kBoolean:
      return "a boolean";
    case Shape::Type::kTime:
      return "a timestamp";
    case Shape::Type::kList:
      return "a list";
    case Shape::Type::kMap:
    case Shape::Type::kStructure:
      return "an object";
    case Shape::Type::kAny:
      break;
  }
  return "a value";
}

void CheckBounds(const Json& value, const Shape& shape, const std::string& where, Violations* found) {
  double size = 0;
  const char* what = "length";
  switch (shape.type) {
    case Shape::Type::kText:
      size = static_cast<double>(CountCodePoints(value.string()));
      break;
    case Shape::Type::kList:
      size = static_cast<double>(value.array().size());
      break;
    case Shape::Type::kMap:
      size = static_cast<double>(value.object().size());
      break;
    case Shape::Type::kInteger:
    case Shape::Type::kNumber:
      size = value.number();
      what = "value";
      break;
    default:
      return;
  }
  const auto bound = [](double number) {
    return std::abs(number) < 9e15 && std::trunc(number) == number
               ? std::to_string(static_cast<int64_t>(number))
               : format::ShortestDouble(number);
  };
  if (size < shape.min)
    found->Add(where, ValueText(value),
               std::string("Member must have ") + what + " greater than or equal to " + bound(shape.min));
  if (size > shape.max)
    found->Add(where, ValueText(value),
               std::string("Member must have ") + what + " less than or equal to " + bound(shape.max));
}

void CheckText(const std::string& text, const Shape& shape, const std::string& where, Violations* found) {
  if (!shape.values.empty()) {
    for (const std::string_view value : shape.values) {
      if (value == text) return;
    }
    found->Add(where, text, "Member must satisfy enum value set: " + JoinValues(shape.values));
    return;
  }
  TRINE_DCHECK_EQ(shape.matches != nullptr, !shape.pattern.empty());
  if (shape.matches != nullptr && !shape.matches(text))
    found->Add(where, text, "Member must satisfy regular expression pattern: " + std::string(shape.pattern));
}

Status Check(const Json& value, const Shape& shape, const std::string& where, Violations* found);

Status CheckMembers(const Json& value, const Shape& shape, const std::string& where, Violations* found) {
  for (const Member& member : shape.members) {
    const std::string path =
        where.empty() ? std::string(member.name) : where + "." + std::string(member.name);
    TRINE_DCHECK(member.shape != nullptr);
    const Json* given = value.Find(member.name);
    if (given == nullptr || given->is_null()) {
      if (member.required) found->Add(path, "null", "Member must not be null");
      continue;
    }
    TRINE_TRY(Check(*given, *member.shape, path, found));
  }
  return Ok();
}

Status Check(const Json& value, const Shape& shape, const std::string& where, Violations* found) {
  TRINE_DCHECK_LE(shape.min, shape.max);
  if (!HasType(value, shape.type)) {
    return Error(ErrorCode::kSerialization, "the request cannot be read: a member has the wrong type")
        .Expected(std::string(TypeName(shape.type)))
        .Got("a " + std::string(value.type_name()))
        .Where(where.empty() ? "the body" : where);
  }
  CheckBounds(value, shape, where, found);
  switch (shape.type) {
    case Shape::Type::kText:
      CheckText(value.string(), shape, where, found);
      return Ok();
    case Shape::Type::kList:
      TRINE_CHECK(shape.element != nullptr);
      for (size_t i = 0; i < value.array().size(); ++i) {
        const Json& element = value.array()[i];
        const std::string path = where + "." + std::to_string(i + 1) + ".member";
        if (element.is_null()) {
          found->Add(path, "null", "Member must not be null");
        } else {
          TRINE_TRY(Check(element, *shape.element, path, found));
        }
      }
      return Ok();
    case Shape::Type::kMap:
      TRINE_CHECK(shape.element != nullptr);
      for (const auto& [key, element] : value.object()) {
        const std::string path = where + "." + key.substr(0, ValidUtf8Prefix(key.substr(0, 64)));
        if (shape.key != nullptr) TRINE_TRY(Check(Json(key), *shape.key, path + ".key", found));
        if (!element.is_null()) TRINE_TRY(Check(element, *shape.element, path + ".value", found));
      }
      return Ok();
    case Shape::Type::kStructure:
      return CheckMembers(value, shape, where, found);
    default:
      return Ok();
  }
}

}  // namespace

Status Validate(const Json& input, const Shape& shape) {
  Violations found;
  TRINE_TRY(Check(input, shape, "", &found));
  return found.ToStatus();
}

}  // namespace trine::api::personalize
