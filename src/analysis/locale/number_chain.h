// Digits with commas and full stops between them: one number, a list, a date or a version.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace trine::analysis {

// A maximal sequence of ASCII digits in which single commas and full stops separate groups of digits. The
// rules were taken from 17,000 such sequences in product titles and articles (docs/decisions/0002):
//
//   1,200  12,900.50    the first group has one to three digits and no leading zero, and every comma is
//                       followed by exactly three digits: thousands separators, one number
//   44,55,66  1,2       every other comma separates the elements of a list
//   10.1  0.5           one full stop in an element is a decimal point: one number
//   1.2.3  2024.01.15   more full stops: a version, a date or an address, with parts of its own
//   2024.01             a year from 1900 to 2099 with a month of two digits: a date, too
//   95,100,105          three or more groups with thousands separators can also be a list: one number with
//                       parts of its own
struct NumberChain {
  size_t end = 0;            // the byte after its last digit
  bool commas_join = false;  // whether its commas belong to a number; otherwise they separate words
  bool stops_join = false;   // the same for its full stops; false only if there are too many
};

// Requires an ASCII digit at `at`, with no digit before it. Takes time linear in the chain.
NumberChain ReadNumberChain(std::string_view text, size_t at);

// The ranges of bytes [start, end) of `number` that are terms of their own, in ascending order; empty if the
// number has no parts. Requires one number, date or version of a chain, such as "1.2.3".
struct NumberPart {
  uint32_t start = 0;
  uint32_t end = 0;
};
std::vector<NumberPart> NumberParts(std::string_view number);

// The lengths in bytes of the beginnings of a version or date that are terms, too: "1.2" of "1.2.3".
std::vector<uint32_t> NumberBeginnings(std::string_view number);

}  // namespace trine::analysis
