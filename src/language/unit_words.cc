#include "language/unit_words.h"

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "base/text.h"

namespace trine::language {
namespace {

// Units that mean the same; the first is the name of the group. Words in common use in Korean and English
// shops.
using Units = std::array<std::string_view, 10>;
constexpr std::array kUnits = {
    Units{"kg", "킬로", "킬로그램", "키로", "키로그램", "kgs", "kilo", "kilos", "kilogram", "kilograms"},
    Units{"g", "그램", "그람", "gram", "grams"},
    Units{"mg"},
    Units{"lb", "lbs", "pound", "pounds"},
    Units{"oz", "ounce", "ounces"},
    Units{kFluidOunce, "fl. oz", "floz", "fluid oz", "fluid ounce", "fluid ounces"},
    Units{"인용", "인", "명", "인분", "p", "person", "persons", "people", "man"},
    Units{"인치", "inch", "inches", "in", "형"},
    Units{"cm", "센티", "센티미터", "센치"},
    Units{"mm", "밀리", "밀리미터"},
    Units{"m", "미터", "meter", "meters", "metre", "metres"},
    Units{"km"},
    Units{"l", "리터", "ℓ", "liter", "liters", "litre", "litres"},
    Units{"ml", "밀리리터", "cc"},
    Units{"gb", "기가", "기가바이트"},
    Units{"tb", "테라"},
    Units{"mah"},
    Units{"w", "와트", "watt", "watts"},
    Units{"v", "볼트"},
    Units{"hz"},
    Units{"%", "퍼센트", "percent"},
    Units{"점", "별", "star", "stars", "points"},
    Units{"개", "개입", "pcs", "pieces", "pack", "ea"},
    Units{"세트", "set", "sets"},
    Units{"팩"},
    Units{"병", "bottles"},
    Units{"박스", "상자", "box", "boxes"},
    Units{"장", "매", "sheets"},
    Units{"켤레", "pairs"},
    Units{"호"},
    Units{"단", "tier", "tiers"},
    Units{"구"},
    Units{"년", "년식", "year", "years"},
    Units{"개월", "month", "months"},
    Units{"일", "day", "days"},
    Units{"시간", "hour", "hours"},
    Units{"분", "minute", "minutes"},
    Units{"도", "°c", "℃"},
    Units{"평"},
    Units{"살", "세"},
    Units{kSizeUnit, "size"},
};

struct Unit {
  std::string_view word;
  const Units* group;
};

// The units that begin with a byte, longest first.
const std::vector<Unit>& UnitsWithFirst(char byte) {
  static const auto* const kByFirst = [] {
    auto* table = new std::array<std::vector<Unit>, 256>;
    for (const Units& group : kUnits) {
      for (const std::string_view word : group) {
        if (!word.empty()) (*table)[static_cast<unsigned char>(word.front())].push_back({word, &group});
      }
    }
    for (auto& units : *table)
      std::ranges::stable_sort(units, std::greater(), [](const Unit& unit) { return unit.word.size(); });
    return table;
  }();
  return (*kByFirst)[static_cast<unsigned char>(byte)];
}

const Units* GroupOf(std::string_view word) {
  if (word.empty()) return nullptr;
  const auto& units = UnitsWithFirst(word.front());
  const auto found = std::ranges::find(units, word, &Unit::word);
  return found == units.end() ? nullptr : found->group;
}

bool IsLatin(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::string_view UnitAt(std::string_view text) {
  if (text.empty()) return {};
  for (const auto& [unit, group] : UnitsWithFirst(text.front())) {
    if (!text.starts_with(unit)) continue;
    const bool inside = IsLatin(unit.back()) && unit.size() < text.size() &&
                        (IsLatin(text[unit.size()]) || IsAsciiDigit(text[unit.size()]));
    if (!inside) return unit;
  }
  return {};
}

bool IsSameUnit(std::string_view a, std::string_view b) {
  const Units* group = GroupOf(a);
  return group != nullptr && group == GroupOf(b);
}

}  // namespace trine::language
