// BodyReader: reads the members of one JSON object strictly. Every member must be read: a member that no
// one read is an error that names it, so that nothing a client sends is silently ignored.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json.h"

namespace trine::api::opensearch {

// Errors are kQuerySyntax with `where` = the path of the member. The first error is kept and later reads
// give defaults, so that a caller checks once, with Done(). Not thread-safe. `json` outlives the reader.
class BodyReader {
 public:
  // `what` names the construct in messages: "match", "search".
  BodyReader(const format::Json& json, std::string_view what, std::string where);

  bool Has(std::string_view key) const;
  const format::Json* Raw(std::string_view key);  // nullptr when absent; marks it as read
  std::string Text(std::string_view key, std::string otherwise = "");  // numbers and booleans as text
  double Number(std::string_view key, double otherwise);               // numeric text too
  int64_t Int(std::string_view key, int64_t otherwise, int64_t least, int64_t most);
  bool Flag(std::string_view key, bool otherwise);  // "true" and "false" too
  // An array, or one value standing for an array of one.
  std::vector<const format::Json*> List(std::string_view key);
  void Ignore(std::string_view key) { seen_.insert(std::string(key)); }
  bool Seen(std::string_view key) const { return seen_.find(key) != seen_.end(); }  // read already

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
// kQuerySyntax at a path of the body.
Error ParsingError(std::string message, std::string where);

}  // namespace trine::api::opensearch
