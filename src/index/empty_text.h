// The mark of a text without tokens.
#pragma once

#include <string_view>

namespace trine::index {

// A field of the index, not of any mapping: its terms are the paths of the text fields in which the record
// has a value without a token ("" or "-"). No field of a record can have this name, because of its dot.
inline constexpr std::string_view kEmptyTextField = ".empty";

}  // namespace trine::index
