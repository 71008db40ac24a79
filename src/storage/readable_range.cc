// Keys are compared as byte strings, so they are fractions in base 256: "ab" is 0.ab, and shorter keys have
// zeros at their end. A damaged block spans an interval of them. Seeking inside it fails, and seeking outside
// it works, so bisection finds its edge. The fractions get more digits than the longest key: then no key can
// be between two neighbouring fractions.
#include "storage/readable_range.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace trine::storage {
namespace {

// More digits than the keys next to the damage are longer than the point where the search began.
constexpr size_t kExtraDigits = 64;

// Returns the middle of two fractions, with `digits` digits.
std::string Middle(std::string a, std::string b, size_t digits) {
  a.resize(digits, '\0');
  b.resize(digits, '\0');
  std::string sum(digits, '\0');
  unsigned carry = 0;
  for (size_t i = digits; i-- > 0;) {
    const unsigned s = static_cast<unsigned char>(a[i]) + static_cast<unsigned char>(b[i]) + carry;
    sum[i] = static_cast<char>(s & 0xff);
    carry = s >> 8;
  }
  for (size_t i = 0; i < digits; ++i) {
    const unsigned s = carry * 256 + static_cast<unsigned char>(sum[i]);
    sum[i] = static_cast<char>(s >> 1);
    carry = s & 1;
  }
  return sum;
}

// Returns the smallest prefix-like string above every string that begins with `prefix`; nullopt if there is
// none.
std::optional<std::string> After(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

// Moves `good` and `bad` towards each other until they are neighbours. Both get `digits` digits, so that a
// seek to either may find another key than before: as a fraction, "ab" equals "ab" and some zeros, but as a
// key, "ab" is before them.
void Bisect(std::string* bad, std::string* good, size_t digits,
            const std::function<SeekOutcome(const std::string&)>& seek) {
  bad->resize(digits, '\0');
  good->resize(digits, '\0');
  while (true) {
    std::string middle = Middle(*bad, *good, digits);
    if (middle == *bad || middle == *good) return;
    (seek(middle) == SeekOutcome::kDamaged ? *bad : *good) = std::move(middle);
  }
}

}  // namespace

SeekOutcome SeekPastDamage(std::string from, const std::function<SeekOutcome(const std::string&)>& seek) {
  if (from.empty()) {
    from.assign(1, '\0');
    if (const SeekOutcome found = seek(from); found != SeekOutcome::kDamaged) return found;
  }
  // Find a point after the damage: skip ever more keys, at first those with the same long prefix and at the
  // end all with the same first byte.
  std::string bad = from, prefix = std::move(from);
  while (std::optional<std::string> good = After(prefix)) {
    if (seek(*good) != SeekOutcome::kDamaged) {
      Bisect(&bad, &*good, std::max(bad.size(), good->size()) + kExtraDigits, seek);
      if (seek(bad) != SeekOutcome::kDamaged) good = bad;
      while (good->ends_with('\0') && seek(good->substr(0, good->size() - 1)) != SeekOutcome::kDamaged)
        good->pop_back();
      return seek(*good);
    }
    bad = prefix = *std::move(good);
    if (prefix.size() > 1) prefix.pop_back();
  }
  return SeekOutcome::kEnd;
}

SeekOutcome SeekBeforeDamage(const std::string& from,
                             const std::function<SeekOutcome(const std::string&)>& seek) {
  std::string bad = from, good = from;
  while (!good.empty()) {
    good.pop_back();
    if (seek(good) == SeekOutcome::kDamaged) {
      bad = good;
      continue;
    }
    Bisect(&bad, &good, bad.size() + kExtraDigits, seek);
    while (good.ends_with('\0') && (good >= from || seek(good) == SeekOutcome::kDamaged)) good.pop_back();
    return seek(good);
  }
  return SeekOutcome::kEnd;
}

}  // namespace trine::storage
