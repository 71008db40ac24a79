// BodyFields: reads the members of one object of a chat request. Members that are null count as absent, as
// the services that clients are written for treat them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json.h"

namespace trine::api::chat {

// Refers to the JSON, which must outlive it. The functions return kInvalid, with `where` = the path of the
// member, for a member of another type or outside its range. Not thread-safe.
class BodyFields {
 public:
  // kInvalid unless `json` is an object. `where` is its path, "" for the body itself.
  static Result<BodyFields> Of(const format::Json& json, std::string where);

  // kInvalid if there is a member that is not one of `known`.
  Status OnlyKnown(std::span<const std::string_view> known) const;
  const format::Json* Find(std::string_view key) const;  // nullptr: absent or null
  Result<std::string> Text(std::string_view key, bool required) const;
  Result<bool> Flag(std::string_view key, bool otherwise) const;
  Result<std::optional<double>> Number(std::string_view key, double least, double most) const;
  // A positive integer; nullopt if absent.
  Result<std::optional<size_t>> Count(std::string_view key) const;
  // An array with at most `most` elements; nullptr if absent.
  Result<const format::Json::Array*> List(std::string_view key, size_t most) const;
  // Non-empty strings. A single string counts as a list if `or_one`.
  Result<std::vector<std::string>> Texts(std::string_view key, size_t most, bool or_one) const;
  Result<const format::Json*> Object(std::string_view key) const;  // nullptr if absent

  Error Wrong(std::string_view key, std::string expected) const;
  std::string Path(std::string_view key) const;

 private:
  BodyFields(const format::Json& json, std::string where) : json_(&json), where_(std::move(where)) {}
  const format::Json* json_;
  std::string where_;
};

// Parses a body as an object. kJsonSyntax and its like for a text that is not JSON.
Result<format::Json> ParseBody(std::string_view body);

}  // namespace trine::api::chat
