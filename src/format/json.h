// Json: an owned JSON value, its parser (simdjson) and its writer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

namespace trine::format {

// A JSON value. Objects keep the order of their members; parsed objects have no duplicate keys (the last one
// wins). Integers are stored exactly in 64 bits and other numbers as doubles. A parsed number that these
// would not print as it was written (1.10, 1e3, an integer beyond 64 bits) keeps its text, so that every
// parsed number is printed as it was written. Value semantics; const access is thread-safe.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;                                     // null
  Json(std::nullptr_t) {}                               // NOLINT: implicit
  Json(bool v) : value_(v) {}                           // NOLINT: implicit
  Json(int v) : value_(static_cast<int64_t>(v)) {}      // NOLINT: implicit
  Json(int64_t v) : value_(v) {}                        // NOLINT: implicit
  Json(uint64_t v);                                     // NOLINT: implicit; above INT64_MAX stays unsigned
  Json(double v) : value_(v) {}                         // NOLINT: implicit
  Json(const char* v) : value_(std::string(v)) {}       // NOLINT: implicit
  Json(std::string v) : value_(std::move(v)) {}         // NOLINT: implicit
  Json(std::string_view v) : value_(std::string(v)) {}  // NOLINT: implicit
  Json(Array v) : value_(std::move(v)) {}               // NOLINT: implicit
  Json(Object v) : value_(std::move(v)) {}              // NOLINT: implicit
  // A float32. It is written as the shortest decimal that reads back as the same float, without the extra
  // digits of its double value.
  static Json Float(float v);
  // The number that `token` denotes, printed as `token`. Requires the grammar of a JSON number.
  static Json Number(std::string_view token);

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_int() const { return std::holds_alternative<int64_t>(value_) || is_minus_zero(); }
  bool is_integer() const { return is_int() || std::holds_alternative<uint64_t>(value_); }
  bool is_number() const;
  // Whether this is a number without fraction and exponent, of any size: -5 and 2^70, but not 5.0 or 5e0.
  bool is_whole_number() const;
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }
  std::string_view type_name() const;  // "null" "boolean" "number" "string" "array" "object"

  // Each requires the matching is_*(); otherwise it throws std::bad_variant_access.
  bool boolean() const { return std::get<bool>(value_); }
  int64_t integer() const;            // requires is_int()
  uint64_t unsigned_integer() const;  // requires is_integer() and a value of at least 0
  double number() const;              // requires is_number(); rounds large integers
  const std::string& string() const { return std::get<std::string>(value_); }
  std::string& string() { return std::get<std::string>(value_); }
  const Array& array() const { return std::get<Array>(value_); }
  Array& array() { return std::get<Array>(value_); }
  const Object& object() const { return std::get<Object>(value_); }
  Object& object() { return std::get<Object>(value_); }

  // Returns the member named `key`, or nullptr if there is none or this is not an object.
  const Json* Find(std::string_view key) const;
  Json* Find(std::string_view key);
  // Replaces or appends a member and returns the stored value. Requires an object, or null, which becomes an
  // object.
  Json& Set(std::string_view key, Json value);
  // Removes a member. Returns false if there is none with that name or this is not an object.
  bool Remove(std::string_view key);
  // Follows "a.b.c" through nested objects; nullptr if there is no such path. A member whose name itself
  // contains the dots ("a.b") takes precedence.
  const Json* FindPath(std::string_view dotted) const;
  // Appends an element and returns it. Requires an array, or null, which becomes an array.
  Json& Push(Json value);

  // Compares numbers by value, whatever their type and without rounding, and objects regardless of member
  // order.
  friend bool operator==(const Json& a, const Json& b);

 private:
  friend class JsonWriter;
  struct Float32 {
    float value;
  };
  struct NumberText {
    std::string text;
  };
  bool is_minus_zero() const;  // the integer -0, which is kept as text
  std::variant<std::nullptr_t, bool, int64_t, uint64_t, double, Float32, NumberText, std::string, Array,
               Object>
      value_;
};

struct JsonLimits {
  size_t max_depth = limits::kMaxJsonDepth;
  size_t max_bytes = limits::kMaxBodyBytes;
  // Limits the number of values, scalars and containers together. Needed because a parsed value takes more
  // memory than its text.
  size_t max_values = limits::kMaxJsonValues;
};

// Parses one JSON document (RFC 8259, UTF-8; a leading BOM is skipped). Returns kJsonSyntax with `where` =
// "line L, column C" (both from 1, columns in bytes) for anything else, and kJsonDepth, kJsonBytes or
// kJsonValues if a limit is exceeded. A number beyond double's range is kJsonSyntax. A lone surrogate escape
// ("\\ud83d", which JavaScript programs send when they cut a string) becomes U+FFFD. A max_depth above 512
// counts as 512. Thread-safe.
Result<Json> ParseJson(std::string_view text, const JsonLimits& limits = {});

// The format of doubles and float32. kJava matches Java's toString: 1.0, 5.0E-4, 1.0E7.
enum class NumberStyle { kShortest, kJava };

struct WriteOptions {
  bool pretty = false;  // two-space indent and " : " after keys, as OpenSearch prints with ?pretty
  NumberStyle numbers = NumberStyle::kShortest;
};

// Appends JSON text to a string, token by token. The caller must follow the grammar: inside an object, keys
// and values alternate, and the innermost container is closed first. Only debug builds check this
// (TRINE_DCHECK). NaN is written as null, infinities as the strings "Infinity" and "-Infinity". A double or
// float32 without a fraction is written with ".0", so that it reads back as a double. `out` must outlive the
// writer. Not thread-safe.
class JsonWriter {
 public:
  explicit JsonWriter(std::string* out, WriteOptions options = {}) : out_(out), options_(options) {}
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view utf8);  // invalid sequences become U+FFFD
  JsonWriter& Int(int64_t v);
  JsonWriter& Uint(uint64_t v);
  JsonWriter& Double(double v);
  JsonWriter& Float(float v);
  JsonWriter& Bool(bool v);
  JsonWriter& Null();
  JsonWriter& Value(const Json& v);
  JsonWriter& Raw(std::string_view json);  // one value as JSON text; it is not validated

 private:
  void BeginValue();
  void BeginContainer(char open);
  JsonWriter& EndContainer(char close);
  void WriteSeparator();
  void NewLine();
  std::string* out_;
  WriteOptions options_;
  int depth_ = 0;
  bool first_ = true;
  bool after_key_ = false;
#ifdef TRINE_ENABLE_DCHECKS
  std::string open_;  // '{' or '[' per open container
#endif
};

std::string ToString(const Json& value, WriteOptions options = {});

}  // namespace trine::format
