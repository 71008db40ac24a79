// Char filters: change the text before it is cut, and remember where each place came from.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analysis/component.h"
#include "base/result.h"

namespace trine::analysis {

using CharFilterPtr = std::shared_ptr<const CharFilter>;

// Rules "from => to"; the longest `from` at each place wins; \n, \t, \r, \\ and \uXXXX are read.
// kInvalid names the rule that cannot be read.
Result<CharFilterPtr> NewMappingCharFilter(const std::vector<std::string>& rules);
// Replaces each match; $1 to $9 and $0 stand for groups, \ takes the next character as it is. kInvalid when
// RE2 refuses the pattern or the replacement names a group that is not there.
Result<CharFilterPtr> NewPatternReplaceCharFilter(const std::string& pattern, const std::string& replacement,
                                                  bool ignore_case);
// Removes tags, comments, scripts and styles; block tags become line breaks; reads the usual entities.
CharFilterPtr NewHtmlStripCharFilter(const std::vector<std::string>& escaped_tags);

}  // namespace trine::analysis
