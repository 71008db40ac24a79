// ItemFeatures: the members of a catalogue record that describe what kind of thing an item is: categorical
// values, price bands, and the tokens of its texts. Also the comparable attributes of a user.
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

struct ItemFeatures {
  // (column, value) pairs without duplicates: ("BRAND", "Nike"), ("PRICE", "20000-50000"),
  // ("CATEGORY", "패션>여성").
  std::vector<std::pair<std::string, std::string>> values;
  std::vector<std::string> tokens;  // of titles, then of other texts, without duplicates
  std::optional<Millis> created;    // from CREATION_TIMESTAMP
};

// Bounds per item, so that a hostile record costs no more than a usual one.
inline constexpr size_t kMaxItemValues = 48;
inline constexpr size_t kMaxItemTokens = 24;
inline constexpr size_t kMaxValueBytes = 64;  // a longer string is treated as text, not as a category

// Columns are named by the binding's attribute names, or by the record's path in upper case for a field that
// the binding does not name. Never fails: a member that cannot be used is ignored.
ItemFeatures ReadItemFeatures(const format::Json& source, const catalogue::Binding& binding);

// Appends the tokens of a text that `tokens` does not hold yet, until it holds `limit`. Runs of ASCII
// letters and digits become words in lower case (of two characters or more); other scripts become
// overlapping pairs of characters, so that Korean needs no dictionary here. Invalid UTF-8 is allowed.
void AddTokens(std::string_view text, size_t limit, std::vector<std::string>* tokens);

// The band of a number, with edges 1, 2, 5, 10, 20, 50 ...: 34900 is in "20000-50000". Empty for NaN and
// infinities.
std::string NumberBand(double value);

// The attributes of a user that can be compared, as (COLUMN, value) pairs: ages in bands (18-24, 25-34 ...),
// other numbers as NumberBand. At most `limit` pairs; attributes that are not scalars are ignored.
std::vector<std::pair<std::string, std::string>> ReadUserAttributes(const format::Json& attributes,
                                                                    size_t limit);

// A column name as it is compared: ASCII letters in upper case.
std::string UpperColumn(std::string_view name);

// True for columns that say where a person is: REGION, CITY, COUNTRY, 지역 ...
bool IsRegionColumn(std::string_view column);

}  // namespace trine::recommend
