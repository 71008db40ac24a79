// Strict reader for request bodies: every member must be known, typed and within bounds.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json.h"

namespace trine::api::native {

// Reads the members of one JSON object. After an invalid member, reading continues with its default value,
// and Done() returns the first error, with the expected value, the value received and the path. `json`
// outlives the reader. Not thread-safe.
class BodyReader {
 public:
  // `where` is the path of the object in the request, for errors; empty for the body itself.
  explicit BodyReader(const format::Json& json, std::string where = "");
  // Returns a member of any type and marks the member as read; nullptr if the member is absent.
  const format::Json* Raw(std::string_view key);
  // Returns a string member; an empty string if it is absent. A string of more than `most` bytes is an error.
  // If `required`, an absent or empty string is an error too.
  std::string Text(std::string_view key, bool required, size_t most = 4096);
  // Returns a number; nullopt if the member is absent. The bounds `least` and `most` are inclusive.
  std::optional<double> Number(std::string_view key, double least, double most);
  // Returns an integer; `otherwise` if the member is absent. The bounds `least` and `most` are inclusive.
  int64_t Int(std::string_view key, int64_t otherwise, int64_t least, int64_t most);
  bool Flag(std::string_view key, bool otherwise);
  // Returns a list of at most `most` non-empty strings, each of at most limits::kMaxIdBytes.
  std::vector<std::string> Texts(std::string_view key, bool required, size_t most);
  const format::Json::Array& List(std::string_view key, bool required, size_t most);
  // Returns an object member; nullptr if it is absent.
  const format::Json* Object(std::string_view key);

  // Reports an error that the caller found in a member. Done() returns the first error.
  void Fail(Error error);
  // The error for a member that is missing or not `expected`.
  Error Wrong(std::string_view key, std::string expected) const;
  // Ends reading. Returns the first error, else kInvalid if a member was never read. Called once.
  Status Done();

 private:
  const format::Json& json_;
  std::string where_;
  std::set<std::string, std::less<>> seen_;
  std::optional<Error> error_;
  bool done_ = false;
};

}  // namespace trine::api::native
