// NearestName: finds the known name that a caller probably meant, for messages about unknown names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trine {

// Returns the known name with the smallest edit distance to `name`; of several, the first. The distance
// ignores ASCII case, '_', '-' and blanks, and an exchange of two neighbouring characters counts as one edit
// (Damerau 1964, restricted form). Returns an empty string if every known name differs in more than a third
// of the characters of the longer one. Names that are not valid UTF-8, or longer than 256 bytes, are never
// near.
std::string NearestName(std::string_view name, const std::vector<std::string>& known);

// Returns "; did you mean 'NAME'?" for the nearest name, or an empty string if there is none. Append it to
// the message about the unknown name.
std::string NearestNameHint(std::string_view name, const std::vector<std::string>& known);

}  // namespace trine
