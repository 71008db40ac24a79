#include "catalogue/role.h"

#include <algorithm>

#include "analysis/analyzer.h"
#include "base/check.h"
#include "base/text.h"
#include "format/quantity_text.h"

namespace trine::catalogue {
namespace {

struct TableEntry {
  Role role;
  std::string_view name, source;
  bool inverse, general;
};
constexpr TableEntry kNames[] = {
#define ROLE_NAME(role, name, source) TableEntry{Role::role, name, source, false, false},
#define INVERSE_ROLE_NAME(role, name, source) TableEntry{Role::role, name, source, true, false},
#define GENERAL_ROLE_NAME(role, name, source) TableEntry{Role::role, name, source, false, true},
#include "catalogue/role_names.inc"
#undef ROLE_NAME
#undef INVERSE_ROLE_NAME
#undef GENERAL_ROLE_NAME
};

// Words at the end of a name that do not change its role: languages, levels, units and forms.
constexpr std::string_view kSuffixes[] = {"en",  "ko",   "kr",   "kor",   "eng",  "ja",      "jp",  "zh",
                                          "cn",  "l",    "lv",   "level", "1",    "2",       "3",   "4",
                                          "5",   "in",   "of",   "html",  "text", "keyword", "raw", "value",
                                          "url", "영문", "국문", "한글",  "pc",   "모바일"};
// Words at its beginning: they only say that the field belongs to a product.
constexpr std::string_view kPrefixes[] = {"product", "item", "goods", "variant",
                                          "sku",     "main", "상품",  "제품"};

// Parts of a path that take their role from the object that they belong to.
constexpr std::string_view kGenericParts[] = {"name", "title", "value", "amount", "label", "text"};

template <size_t N>
bool Among(const std::string_view (&words)[N], std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

// The words of a name, folded: "Weight (kg)" has weight and kg, "categoryL1" category, l and 1.
std::vector<std::string> WordsOf(std::string_view name) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (std::string folded = analysis::Fold(word); !folded.empty()) words.push_back(std::move(folded));
    word.clear();
  };
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i], last = i > 0 ? name[i - 1] : ' ';
    const bool part = IsLetter(c) || IsAsciiDigit(c);
    const bool kind = IsAsciiDigit(c) != IsAsciiDigit(last) && IsLetter(c) != IsLetter(last);
    if (!part || kind || (IsUpper(c) && IsLower(last))) end_word();
    if (part) word += c;
  }
  end_word();
  return words;
}

std::string Joined(const std::vector<std::string>& words, size_t first, size_t last) {
  std::string out;
  for (size_t i = first; i < last; ++i) out += words[i];
  return out;
}

const TableEntry* Find(std::string_view name) {
  const auto it =
      std::find_if(std::begin(kNames), std::end(kNames), [&](const TableEntry& e) { return e.name == name; });
  return it == std::end(kNames) ? nullptr : it;
}

// Looks up the words without up to all of their suffixes and prefixes, the longest form first.
const TableEntry* FindWords(const std::vector<std::string>& words) {
  size_t last = words.size();
  while (last > 0) {
    for (size_t first = 0; first < last; ++first) {
      const std::string name = Joined(words, first, last);
      if (const TableEntry* found = Find(name)) return found;
      for (const std::string_view prefix : {"상품", "제품"}) {
        if (!name.starts_with(prefix)) continue;
        if (const TableEntry* found = Find(std::string_view(name).substr(prefix.size()))) return found;
      }
      if (!Among(kPrefixes, words[first]) && format::CurrencyCode(words[first]).empty()) break;
    }
    const std::string& tail = words[last - 1];
    const bool suffix =
        Among(kSuffixes, tail) || format::GramsPer(tail) || !format::CurrencyCode(tail).empty();
    if (!suffix) break;
    --last;
  }
  return nullptr;
}

}  // namespace

std::string_view Name(Role role) {
  switch (role) {
    case Role::kTitle:
      return "title";
    case Role::kText:
      return "text";
    case Role::kPrice:
      return "price";
    case Role::kCurrency:
      return "currency";
    case Role::kCategory:
      return "category";
    case Role::kBrand:
      return "brand";
    case Role::kColour:
      return "colour";
    case Role::kSize:
      return "size";
    case Role::kWeight:
      return "weight";
    case Role::kImage:
      return "image";
    case Role::kUrl:
      return "url";
    case Role::kStock:
      return "stock";
    case Role::kVisible:
      return "visible";
    case Role::kCreated:
      return "created";
  }
  FailCheck(__FILE__, __LINE__, "a role outside its enumeration");
}

std::optional<Role> RoleNamed(std::string_view name) {
  if (EqualsIgnoreCase(name, "color")) return Role::kColour;
  for (const Role role : kAllRoles) {
    if (EqualsIgnoreCase(name, Name(role))) return role;
  }
  return std::nullopt;
}

std::vector<std::string> RoleNames() {
  std::vector<std::string> names;
  names.reserve(std::size(kAllRoles));
  for (const Role role : kAllRoles) names.emplace_back(Name(role));
  return names;
}

std::optional<NamedRole> RoleOfName(std::string_view path) {
  const size_t dot = path.rfind('.');
  std::string_view name = dot == std::string_view::npos ? path : path.substr(dot + 1);
  if (dot != std::string_view::npos && Among(kGenericParts, analysis::Fold(name))) {
    // "brand.name" is a brand, and "seller.name" no title of a product.
    const std::string_view parent = path.substr(0, dot);
    const std::string last = analysis::Fold(parent.substr(parent.rfind('.') + 1));
    if (!Among(kPrefixes, last)) return RoleOfName(parent);
  }
  const std::vector<std::string> words = WordsOf(name);
  const TableEntry* found = FindWords(words);
  if (found == nullptr) return std::nullopt;
  NamedRole named{found->role,   static_cast<size_t>(found - kNames), found->source, found->inverse, {}, {},
                  found->general};
  for (const std::string& word : words) {
    if (named.role == Role::kWeight && format::GramsPer(word)) named.unit = word;
    if (named.role == Role::kPrice && named.currency.empty()) named.currency = format::CurrencyCode(word);
  }
  return named;
}

}  // namespace trine::catalogue
