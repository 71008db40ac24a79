// Strict reading of native request bodies: every member is known, typed and bounded; the error says
// what was expected, what came, and where.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json.h"

namespace trine::api::native {

// The first error is kept and given by Done(); reads after it give defaults. Not thread-safe; `json`
// outlives it.
class BodyReader {
 public:
  explicit BodyReader(const format::Json& json, std::string where = "");
  bool Has(std::string_view key) const { return json_.Find(key) != nullptr; }
  const format::Json* Raw(std::string_view key);
  // Longer texts than `most` bytes are an error.
  std::string Text(std::string_view key, bool required, size_t most = 4096);
  std::optional<double> Number(std::string_view key, double least, double most);
  int64_t Int(std::string_view key, int64_t otherwise, int64_t least, int64_t most);
  bool Flag(std::string_view key, bool otherwise);
  std::vector<std::string> Texts(std::string_view key, bool required, size_t most);
  const format::Json::Array& List(std::string_view key, bool required, size_t most);
  const format::Json* Object(std::string_view key);
  void Fail(Error error);
  Error Wrong(std::string_view key, std::string expected) const;
  Status Done();

 private:
  const format::Json& json_;
  std::string where_;
  std::set<std::string, std::less<>> seen_;
  std::optional<Error> error_;
};

}  // namespace trine::api::native
