// Finds the keys next to a damaged block of a sorted table, by bisection over all byte strings.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace trine::storage {

// The result of a seek.
enum class SeekOutcome { kKey, kEnd, kDamaged };

// Requires that seeking to `from` is kDamaged, and that `seek(x)` finds the first key >= x unless a damaged
// block is in between. Calls `seek` until it stands on the first key after the damage that contains `from`;
// returns kEnd if there is no such key. The number of calls grows with the length of the keys, not with
// their number.
SeekOutcome SeekPastDamage(std::string from, const std::function<SeekOutcome(const std::string&)>& seek);

// The mirror image: `seek(x)` finds the last key <= x, and the result is the last key before the damage.
SeekOutcome SeekBeforeDamage(const std::string& from,
                             const std::function<SeekOutcome(const std::string&)>& seek);

}  // namespace trine::storage
