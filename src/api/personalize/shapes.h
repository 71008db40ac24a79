// Shapes: what the members of a request must look like, as data, and the one function that holds a
// request against them. Texts of violations are the service's own.
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
// Immutable; lives as long as the program. What does not apply to a type stays at its default.
struct Shape {
  enum class Type { kText, kInteger, kNumber, kBoolean, kTime, kList, kMap, kStructure, kAny };
  Type type = Type::kText;
  // Characters of a text, entries of a list or map, or the value of a number.
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool (*matches)(std::string_view) = nullptr;  // the pattern, as a function
  std::string_view pattern = {};                // the same in words, for the message
  std::vector<std::string_view> values = {};    // an enumeration
  const Shape* key = nullptr;                   // of a map
  const Shape* element = nullptr;               // of a list; the value of a map
  std::vector<Member> members = {};             // of a structure
};

// Members that the shape does not name are ignored, and null is as good as absent, as the service has
// it. A wrong JSON type is kSerialization; violated constraints are all told in one
// kShapeValidation.
Status Validate(const format::Json& input, const Shape& shape);

}  // namespace trine::api::personalize
