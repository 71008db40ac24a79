#include "analysis/pattern.h"

#include <string_view>
#include <utility>

namespace trine::analysis {
namespace {

// Whether the pattern contains \C outside a literal part (\Q...\E).
bool MatchesSingleBytes(std::string_view pattern) {
  for (size_t i = 0; i + 1 < pattern.size(); ++i) {
    if (pattern[i] != '\\') continue;
    ++i;
    if (pattern[i] == 'C') return true;
    if (pattern[i] != 'Q') continue;
    const size_t end = pattern.find("\\E", i);
    if (end == std::string_view::npos) return false;
    i = end + 1;
  }
  return false;
}

}  // namespace

Result<std::unique_ptr<RE2>> CompilePattern(const std::string& pattern, bool ignore_case) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!ignore_case);
  auto compiled = std::make_unique<RE2>(pattern, options);
  if (!compiled->ok()) {
    return Error(ErrorCode::kInvalid, "cannot compile option \"pattern\": " + compiled->error())
        .Expected("a regular expression in RE2 syntax")
        .Got(pattern);
  }
  if (MatchesSingleBytes(pattern)) {
    return Error(ErrorCode::kInvalid,
                 "cannot use \\C in option \"pattern\": it can match part of a character")
        .Expected("a regular expression without \\C")
        .Got(pattern);
  }
  return compiled;
}

}  // namespace trine::analysis
