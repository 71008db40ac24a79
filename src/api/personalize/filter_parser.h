// Personalize filter expressions, parsed into recommend::Filter.
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
// Keywords and field names are not case-sensitive. IF accepts only conditions on CurrentUser.
#pragma once

#include <string_view>

#include "base/result.h"
#include "recommend/rank/filter.h"

namespace trine::api::personalize {

// Fails with kFilterSyntax and the expected token, the received token and its byte position, or with
// kUnsupported for filters on actions and users. Column names are not checked here: they depend on the
// dataset group.
Result<recommend::Filter> ParseFilter(std::string_view expression);

// Parses the values of one request parameter: `"Comedy","Drama"` or `20,30`. Quotes may be double or single,
// and a backslash escapes the next character. kFilterValue for an unterminated quote, an empty unquoted
// value, or text after a quoted value.
Result<std::vector<std::string>> ParseFilterValue(std::string_view text);

}  // namespace trine::api::personalize
