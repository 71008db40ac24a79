#include "base/nearest_name.h"

#include <algorithm>

#include "base/text.h"
#include "base/utf8.h"

namespace trine {
namespace {

constexpr size_t kMaxNameBytes = 256;  // bounds the time of one comparison
constexpr size_t kSharePerEdit = 3;    // one edit is allowed for this many characters, and at least one

// The characters that are compared; empty for a name that is never near.
std::u32string Folded(std::string_view name) {
  std::u32string folded;
  if (name.size() > kMaxNameBytes || !IsValidUtf8(name)) return folded;
  for (size_t at = 0; at < name.size();) {
    const char32_t c = DecodeUtf8(name, &at);
    if (c == U'_' || c == U'-' || c == U' ') continue;
    folded.push_back(c < 0x80 ? static_cast<char32_t>(ToLowerAscii(static_cast<char>(c))) : c);
  }
  return folded;
}

size_t EditDistance(const std::u32string& a, const std::u32string& b) {
  std::vector<size_t> two_before(b.size() + 1), before(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    two_before.swap(before);
    before.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({change, before[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], two_before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string NearestName(std::string_view name, const std::vector<std::string>& known) {
  const std::u32string wanted = Folded(name);
  std::string nearest;
  size_t least = SIZE_MAX;
  for (const std::string& candidate : known) {
    const std::u32string folded = Folded(candidate);
    if (wanted.empty() || folded.empty()) continue;
    const size_t allowed = std::max<size_t>(1, std::max(wanted.size(), folded.size()) / kSharePerEdit);
    const size_t distance = EditDistance(wanted, folded);
    if (distance > allowed || distance >= least || distance >= wanted.size()) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

std::string NearestNameHint(std::string_view name, const std::vector<std::string>& known) {
  const std::string nearest = NearestName(name, known);
  return nearest.empty() ? std::string() : "; did you mean '" + nearest + "'?";
}

}  // namespace trine
