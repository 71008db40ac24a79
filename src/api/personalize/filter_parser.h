// Filter expressions: the service's language of filters, parsed into the filters of our own.
//
//   expressions := expression ('|' expression)*
//   expression  := (INCLUDE | EXCLUDE) ItemID WHERE any [IF all]
//   any         := all (OR all)*
//   all         := comparison (AND comparison)*
//   comparison  := dataset '.' field (IN | NOT IN) '(' value (',' value)* ')'
//                | dataset '.' field ('=' | '!=' | '<' | '<=' | '>' | '>=') value
//   dataset     := Items | Interactions | CurrentUser | CurrentItem
//   value       := "text" | number | true | false | $PARAMETER | CurrentUser.field | CurrentItem.field
//
// Words compare without regard to case. IF takes conditions about CurrentUser, joined by AND.
#pragma once

#include <string_view>

#include "base/result.h"
#include "recommend/rank/filter.h"

namespace trine::api::personalize {

// kFilterSyntax says what was expected, what came and at which character;
// kUnsupported for filters of actions and users.
Result<recommend::Filter> ParseFilter(std::string_view expression);

// A request's values of one parameter: "\"Comedy\",\"Drama\"" or "20,30". kInvalid with code
// "filter_value".
Result<std::vector<std::string>> ParseFilterValue(std::string_view text);

}  // namespace trine::api::personalize
