// Character filters: they change the text before it is tokenized and record where each part came from.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analysis/component.h"
#include "base/result.h"

namespace trine::analysis {

using CharFilterPtr = std::shared_ptr<const CharFilter>;

// Replaces by rules "from => to"; at each place the longest `from` applies. The escapes \n \r \t \b \f \\ and
// \uXXXX are understood. kInvalid when a rule cannot be parsed, has an empty `from`, or repeats one.
Result<CharFilterPtr> NewMappingCharFilter(const std::vector<std::string>& rules);
// Replaces each match of a regular expression (RE2 syntax, without \C). In the replacement, $0 is the match,
// $1 to $9 are its groups, and \ makes the next character literal. kInvalid when the pattern does not compile
// or the replacement names a group that the pattern does not have.
Result<CharFilterPtr> NewPatternReplaceCharFilter(const std::string& pattern, const std::string& replacement,
                                                  bool ignore_case);
// Removes HTML tags, comments, scripts and styles, except the tags of `escaped_tags`. Block tags become line
// breaks; numeric entities and the common named ones are decoded, others stay as they are.
CharFilterPtr NewHtmlStripCharFilter(const std::vector<std::string>& escaped_tags);

}  // namespace trine::analysis
