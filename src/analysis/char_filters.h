// Character filters: they change the text before it is tokenized and record where each part came from.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analysis/component.h"
#include "base/result.h"

namespace trine::analysis {

using CharFilterPtr = std::shared_ptr<const CharFilter>;

// Applies replacement rules "from => to"; at each place, the longest matching `from` wins. Rules may contain
// the escapes \n \r \t \b \f \\ and \uXXXX. kInvalid if a rule cannot be parsed, has an empty `from`, or has
// the same `from` as another rule.
Result<CharFilterPtr> NewMappingCharFilter(const std::vector<std::string>& rules);
// Replaces each match of a regular expression (RE2 syntax, without \C). In the replacement, $0 is the match,
// $1 to $9 are its groups, and \ makes the next character literal. kInvalid if the pattern does not compile
// or a $ does not refer to one of its groups.
Result<CharFilterPtr> NewPatternReplaceCharFilter(const std::string& pattern, const std::string& replacement,
                                                  bool ignore_case);
// Removes HTML tags, comments, scripts and styles, except the tags in `escaped_tags`. Block tags become line
// breaks. Numeric entities and the common named ones are decoded; other entities are left unchanged.
CharFilterPtr NewHtmlStripCharFilter(const std::vector<std::string>& escaped_tags);

}  // namespace trine::analysis
