// The units of quantities in Korean and English shops, except those of money.
//
// All functions are thread-safe and take folded text (analysis::Fold).
#pragma once

#include <string_view>

namespace trine::language {

// Of a number that names a size: "66사이즈". Products state sizes without it.
inline constexpr std::string_view kSizeUnit = "사이즈";
// A volume, unlike "oz".
inline constexpr std::string_view kFluidOunce = "fl oz";

// The longest unit that `text` begins with; empty if there is none. A Latin unit must not be part of a longer
// word.
std::string_view UnitAt(std::string_view text);

// Whether two units mean the same ("인용", "person"). False for texts that are not units.
bool IsSameUnit(std::string_view a, std::string_view b);

}  // namespace trine::language
