// Names of the seasons in questions and catalogues.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trine::language {

// The season that `folded` names ("가을", "fall"), as "spring", "summer", "autumn" or "winter"; empty if it
// does not name a season.
std::string ParseSeason(std::string_view folded);
// The Korean and English names of a season; empty for an unknown one.
std::vector<std::string> SeasonNames(std::string_view season);

}  // namespace trine::language
