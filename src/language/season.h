// Seasons as catalogues name them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trine::language {

// The season that is called exactly `folded` ("가을", "fall"): "spring" "summer" "autumn" "winter"; empty:
// none.
std::string ParseSeason(std::string_view folded);
// What a season is called, Korean and English; empty for an unknown one.
std::vector<std::string> SeasonNames(std::string_view season);

}  // namespace trine::language
