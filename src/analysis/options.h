// OptionReader: reads the options of one component. Invalid values, and options of OpenSearch that would
// change tokens but are not implemented, become errors that name the option. Other unknown options are
// ignored, as in OpenSearch.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trine::analysis {

// Read every option that a component supports, then call Finish(). A reading function returns its fallback if
// the option is absent or invalid; Finish() reports the first invalid value. Both constructor arguments must
// outlive the reader. Not thread-safe.
class OptionReader {
 public:
  OptionReader(std::string_view component, const std::map<std::string, std::string>& options)
      : component_(component), options_(options) {}

  bool Has(std::string_view name);
  // A whole number from `lowest` to `highest`. Requires lowest <= highest <= INT_MAX.
  uint32_t Uint(std::string_view name, uint32_t fallback, uint32_t lowest, uint32_t highest);
  int Int(std::string_view name, int fallback, int lowest, int highest);
  bool Bool(std::string_view name, bool fallback);  // "true" or "false"
  std::string Text(std::string_view name, std::string_view fallback);
  // The non-empty lines of the value; nullopt if the option is absent.
  std::optional<std::vector<std::string>> List(std::string_view name);
  // One of `choices`.
  std::string Choice(std::string_view name, std::string_view fallback,
                     const std::vector<std::string_view>& choices);
  // Records that the option's value is not `expected`, unless an error is already recorded.
  void Fail(std::string_view name, std::string_view expected);
  // Accepts an option only with the value that describes what the component does anyway.
  void Only(std::string_view name, std::string_view value);
  // Returns the first recorded error; otherwise an error if `options` contains an option that is not
  // implemented and that no call has read.
  Status Finish() const;

 private:
  const std::string* Find(std::string_view name);
  std::string_view component_;
  const std::map<std::string, std::string>& options_;
  std::set<std::string, std::less<>> known_;
  std::optional<Error> error_;
};

}  // namespace trine::analysis
