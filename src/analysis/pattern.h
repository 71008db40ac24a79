// Compiles the regular expressions in analysis settings and finds their matches.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/utf8.h"
#include "base/check.h"
#include "base/result.h"

namespace trine::analysis {

// Compiles the value of the option "pattern" (RE2 syntax). kInvalid if it is not a regular expression or
// contains \C, which matches a single byte, so a match could end inside a character.
Result<std::unique_ptr<RE2>> CompilePattern(const std::string& pattern, bool ignore_case);

// Calls `visit(from, to)` for each match in `text`, from left to right and without overlaps: `from` and `to`
// are its byte range, and `groups` holds the match and its groups. After an empty match, the search continues
// at the next character. Requires a pattern from CompilePattern and well-formed UTF-8; `groups` must have at
// least one element and at most one more than the pattern has groups.
template <typename Visit>
void ForEachMatch(const RE2& pattern, std::string_view text, std::vector<re2::StringPiece>* groups,
                  Visit visit) {
  TRINE_DCHECK(!groups->empty());
  TRINE_DCHECK_LE(groups->size(), static_cast<size_t>(pattern.NumberOfCapturingGroups()) + 1);
  const re2::StringPiece input(text.data(), text.size());
  for (size_t at = 0; at <= text.size();) {
    if (!pattern.Match(input, at, text.size(), RE2::UNANCHORED, groups->data(),
                       static_cast<int>(groups->size())))
      return;
    const size_t from = static_cast<size_t>(groups->front().data() - text.data());
    const size_t to = from + groups->front().size();
    TRINE_DCHECK_LE(at, from);
    visit(from, to);
    at = to;
    if (from != to) continue;
    if (at == text.size()) return;
    static_cast<void>(DecodeUtf8(text, &at));
  }
}

}  // namespace trine::analysis
