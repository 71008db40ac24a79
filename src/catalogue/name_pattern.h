// Rules for collection and alias names, and '*' patterns that match names.
#pragma once

#include <string_view>

#include "base/result.h"

namespace trine::catalogue {

inline constexpr std::string_view kHiddenPrefix = ".items-";

// '*' matches any sequence of bytes, every other byte matches itself. The worst-case time is proportional to
// the product of the lengths.
bool MatchesPattern(std::string_view pattern, std::string_view text);

// kCollectionName, with `where` = the name and the details "problem" (one word), "bytes" and "limit".
Status CheckCollectionName(std::string_view name, bool hidden);
// The same rules, but upper case is allowed. kAliasName, with the same details.
Status CheckAliasName(std::string_view name);

}  // namespace trine::catalogue
