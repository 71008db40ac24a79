// OptionReader: reads the options of one component; anything unknown or mistyped becomes an error naming it.
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

// Read every option a component knows, then ask Finish(). Keeps the first error. Both arguments
// must outlive it. Not thread-safe.
class OptionReader {
 public:
  OptionReader(std::string_view component, const std::map<std::string, std::string>& options)
      : component_(component), options_(options) {}

  bool Has(std::string_view name);
  uint32_t Uint(std::string_view name, uint32_t fallback, uint32_t lowest, uint32_t highest);
  int Int(std::string_view name, int fallback, int lowest, int highest);
  bool Bool(std::string_view name, bool fallback);  // "true" or "false"
  std::string Text(std::string_view name, std::string_view fallback);
  // Items are one a line; nullopt when the option is absent.
  std::optional<std::vector<std::string>> List(std::string_view name);
  // One of `choices`.
  std::string Choice(std::string_view name, std::string_view fallback,
                     const std::vector<std::string_view>& choices);
  // Records a fault of another kind.
  void Fail(std::string_view name, std::string_view expected);
  // The first error, or that of an option nobody read.
  Status Finish() const;

 private:
  const std::string* Find(std::string_view name);
  std::string_view component_;
  const std::map<std::string, std::string>& options_;
  std::set<std::string, std::less<>> known_;
  std::optional<Error> error_;
};

}  // namespace trine::analysis
