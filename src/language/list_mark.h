// The marks at the beginning of a line of a list: "- ", "1. ", "(1) ", "① ", "a) ", "가. ".
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace trine::language {

struct ListMark {
  enum class Kind {
    kBullet,  // "-", "•", "▶"
    kNumber,  // "1.", "(1)", "[1]", "①", "1번."
    kLetter   // "a)", "A.", "가.", "㉠", "iv.": also how a sentence or a name may begin
  } kind = Kind::kBullet;
  std::string label;  // the number or letter; empty for a bullet
  int ordinal = 0;    // the place of a letter in its alphabet, from 1; 0: not a letter
  size_t size = 0;    // bytes with the blanks after it; the text of the line follows
};
// The mark that a line without blanks at its ends begins with; nullopt if there is none, or no text after it.
std::optional<ListMark> ListMarkAt(std::string_view line);

}  // namespace trine::language
