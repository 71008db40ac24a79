// ItemFacts: what of a catalogue record says what kind of thing an item is: categorical values, price
// bands, and the tokens of its texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "catalogue/catalogue.h"
#include "format/json.h"

namespace trine::recommend {

struct ItemFacts {
  // (column, value), each once: ("BRAND", "Nike"), ("PRICE", "20000-50000"), ("CATEGORY", "패션>여성").
  std::vector<std::pair<std::string, std::string>> values;
  std::vector<std::string> tokens;  // of titles and descriptions, each once, in order
  std::optional<Millis> created;
};

// Bounds of one item: a hostile record costs no more than a usual one.
inline constexpr size_t kMaxItemValues = 48;
inline constexpr size_t kMaxItemTokens = 24;
inline constexpr size_t kMaxValueBytes = 64;  // longer strings are texts, not categories

// Columns are named as the group's items know them (the binding's attribute names), else by the
// record's own path in upper case.
ItemFacts ReadItemFacts(const format::Json& source, const catalogue::Binding& binding);

// Words of ASCII letters and digits in lower case; other scripts as overlapping pairs of characters,
// so that Korean needs no dictionary here. Appends to `tokens` up to `limit`, each once.
void AddTokens(std::string_view text, size_t limit, std::vector<std::string>* tokens);

// A number as a readable band with edges 1, 2, 5, 10, 20, 50 ...: 34900 is "20000-50000".
std::string NumberBand(double value);

// What of a user's attributes can be compared: (COLUMN, value), ages in bands, other numbers in
// NumberBand. At most `limit` pairs.
std::vector<std::pair<std::string, std::string>> ReadUserFacts(const format::Json& attributes, size_t limit);

// Columns that say where somebody is: REGION, CITY, COUNTRY, 지역 ...
bool IsRegionColumn(std::string_view column);

}  // namespace trine::recommend
