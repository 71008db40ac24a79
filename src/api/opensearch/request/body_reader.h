// BodyReader: reads the members of one JSON object strictly. A member that was never read is an error that
// names it, so that nothing a client sends is silently ignored.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json.h"

namespace trine::api::opensearch {

// Errors are kQuerySyntax with the member's path as `where`. After an error, reads return defaults and Done()
// returns the first error, so a caller checks only once. Not thread-safe. `json` outlives the reader.
class BodyReader {
 public:
  // `what` names the construct in messages: "match", "search".
  BodyReader(const format::Json& json, std::string_view what, std::string where);

  bool Has(std::string_view key) const;
  const format::Json* Raw(std::string_view key);                       // nullptr if absent; marks it as read
  std::string Text(std::string_view key, std::string otherwise = "");  // accepts numbers and booleans too
  double Number(std::string_view key, double otherwise);               // accepts numeric strings too
  int64_t Int(std::string_view key, int64_t otherwise, int64_t least, int64_t most);
  bool Flag(std::string_view key, bool otherwise);  // accepts "true" and "false" too, and "" as false
  // Returns the elements of an array. A value that is not an array is treated as an array of one.
  std::vector<const format::Json*> List(std::string_view key);
  void Ignore(std::string_view key) { seen_.insert(std::string(key)); }
  bool Seen(std::string_view key) const { return seen_.find(key) != seen_.end(); }  // already read

  void Fail(Error error);
  Error Wrong(std::string_view key, std::string_view expected, const format::Json& got) const;
  // The first error, or an error that names the first member that was not read.
  Status Done();
  const std::string& what() const { return what_; }
  const std::string& where() const { return where_; }
  std::string At(std::string_view key) const { return where_ + "." + std::string(key); }

 private:
  const format::Json& json_;
  std::string what_, where_;
  std::set<std::string, std::less<>> seen_;
  std::optional<Error> error_;
};

// A scalar as text: strings unchanged, numbers and booleans as JSON writes them.
std::string ScalarText(const format::Json& value);
// The name of a value's first token in OpenSearch's parser: "START_OBJECT", "VALUE_STRING" ...
std::string TokenName(const format::Json& value);
// A kQuerySyntax error at a path in the body.
Error ParsingError(std::string message, std::string where);

}  // namespace trine::api::opensearch
