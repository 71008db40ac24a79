// Shapes: request types and constraints as data, and the function that validates a request against them.
// Violations are reported with Personalize's texts.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json.h"

namespace trine::api::personalize {

struct Shape;
struct Member {
  std::string_view name;
  const Shape* shape;
  bool required = false;
};
// Immutable; shapes live as long as the program. Members that do not apply to `type` keep their defaults.
struct Shape {
  enum class Type { kText, kInteger, kNumber, kBoolean, kTime, kList, kMap, kStructure, kAny };
  Type type = Type::kText;
  // Inclusive bounds on a string's characters, on a list's or map's entries, or on a number.
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool (*matches)(std::string_view) = nullptr;  // implements `pattern`
  std::string_view pattern = {};                // the regular expression as shown in error messages
  std::vector<std::string_view> values = {};    // the values of an enumeration
  const Shape* key = nullptr;                   // shape of a map's keys
  const Shape* element = nullptr;               // shape of a list's elements or a map's values
  std::vector<Member> members = {};             // members of a structure
};

// Checks `input` against a shape. As in Personalize, members that are not in the shape are ignored, and null
// counts as absent. Fails with kSerialization for a wrong JSON type, and with kShapeValidation for violated
// constraints; its message lists the first 20 of them.
Status Validate(const format::Json& input, const Shape& shape);

}  // namespace trine::api::personalize
