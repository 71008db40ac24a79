// BodyReader: reads the members of a request body by name and reports the first mistake.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json.h"

namespace trine::api::bedrock {

// Reads one JSON object, which must outlive the reader. A member that is null counts as absent. After the
// first mistake the other calls return empty values, and Finish returns it. Not thread-safe.
class BodyReader {
 public:
  // How the service words the mistakes of a body: kPlain "max_tokens: Field required", as Claude models do
  // and as Trine does for Converse; kSchema "Malformed input request: #: required key [prompt] not found,
  // please reformat your input and try again.", as the other families do.
  enum class Wording { kPlain, kSchema };

  // `where` is the path of the object in the body, "" for the body itself.
  BodyReader(const format::Json& object, Wording wording, std::string where = "");

  bool Has(const char* name);                  // whether the member is there
  const format::Json* Raw(const char* name);   // nullptr: absent
  const format::Json* Need(const char* name);  // the same, but absence is a mistake
  // An array of any values; nullptr: absent. `Object` is the same for an object.
  const format::Json::Array* List(const char* name, size_t most);
  const format::Json* Object(const char* name);
  std::string Text(const char* name);  // required
  std::optional<std::string> OptionalText(const char* name);
  std::optional<int64_t> Int(const char* name, int64_t least, int64_t most);
  std::optional<double> Number(const char* name, double least, double most);
  std::optional<bool> Flag(const char* name);
  std::vector<std::string> Texts(const char* name, size_t most);  // of non-empty strings
  // One of the given names; "" if absent.
  std::string Choice(const char* name, const std::vector<std::string_view>& names);
  // Accepts a member that changes nothing.
  void Ignore(const char* name) { static_cast<void>(Raw(name)); }

  // Records a mistake that the caller found.
  void Fail(Error error);
  bool ok() const { return !error_; }
  // Returns the first mistake, if there was one. With `strict`, members that were not read are mistakes.
  Status Finish(bool strict = true);

 private:
  std::string PathOf(std::string_view name) const;
  // "NAME: problem" or "Malformed input request: #/NAME: problem, please ...".
  void Wrong(std::string_view name, const std::string& problem);

  const format::Json& object_;
  const Wording wording_;
  const std::string where_;
  std::vector<std::string_view> known_;
  std::optional<Error> error_;
};

}  // namespace trine::api::bedrock
