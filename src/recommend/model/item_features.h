// ItemFeatures: the features of an item, read from its catalogue record: categorical values, price bands and
// text tokens. Also reads the attributes by which users are compared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "catalogue/catalogue.h"
#include "catalogue/roles.h"
#include "format/json.h"

namespace trine::recommend {

struct ItemFeatures {
  // (column, value) pairs without duplicates: ("BRAND", "Nike"), ("PRICE", "20000-50000"),
  // ("CATEGORY", "패션>여성").
  std::vector<std::pair<std::string, std::string>> values;
  std::vector<std::string> tokens;        // tokens of titles, then of other texts; no duplicates
  std::vector<std::string> text_columns;  // the columns that tokens were read from; may contain duplicates
  std::optional<Millis> created;          // from the column with the role "created"
};

// Maximum number of values and tokens per item, so that a hostile record costs little more than others.
inline constexpr size_t kMaxItemValues = 48;
inline constexpr size_t kMaxItemTokens = 24;
inline constexpr size_t kMaxValueBytes = 64;  // a longer string is treated as text, not as a category

// The contribution of a column, by its role: the declared one, or else that of its name (catalogue/role.h).
enum class ColumnUse {
  kValue,    // values of columns without a role, and of categories, brands, colours ...
  kTitle,    // tokens, before those of other texts
  kText,     // tokens
  kBand,     // prices and weights: the band of the number
  kCreated,  // the time from which an item is new
  kNone      // images and links
};
using DeclaredFields = std::vector<std::pair<catalogue::Role, std::string>>;  // (role, path of a field)
// Returns the declarations that hold: those of the binding and, for roles that it does not declare, those of
// the mapping's `_meta`.
DeclaredFields DeclaredFieldsOf(const catalogue::RoleDeclarations& binding,
                                const catalogue::Mapping& mapping);

// Remembers the uses of columns, because looking up a name costs microseconds. Not thread-safe.
class ColumnUses {
 public:
  struct Entry {
    ColumnUse use = ColumnUse::kValue;
    size_t rank = 0;  // of the name within its role; the lowest is preferred
  };
  ColumnUses() = default;
  // A declared field has its role whatever its name is, and no other field has this role.
  explicit ColumnUses(DeclaredFields declared) : declared_(std::move(declared)) {}
  // `name` is the attribute that the binding assigns to the field at `path`, or else the path.
  Entry Of(const std::string& name, const std::string& path);

 private:
  Entry Find(const std::string& name, const std::string& path) const;
  DeclaredFields declared_;                    // few, so they are searched one by one
  static constexpr size_t kMaxKnown = 10'000;  // far more than an index has fields; hostile records have more
  std::unordered_map<std::string, Entry> known_;  // by path
};

// A column is named after the attribute that the binding assigns to its field, or else after the field's
// path, in upper case with '_' for '.'. Never fails: unusable members are ignored.
ItemFeatures ReadItemFeatures(const format::Json& source, const catalogue::Binding& binding,
                              ColumnUses* uses);

// Appends the tokens of `text` that are not in `tokens` yet, until `tokens` contains `limit` elements. Runs
// of two or more ASCII letters and digits become lower-case words; other scripts become overlapping pairs of
// characters, so that Korean needs no dictionary here. Invalid UTF-8 is allowed.
void AddTokens(std::string_view text, size_t limit, std::vector<std::string>* tokens);

// Returns the number's band, with edges 1, 2, 5, 10, 20, 50 ...: 34900 is in "20000-50000". Empty for NaN and
// infinities.
std::string NumberBand(double value);

// Returns the attributes by which users are compared, as at most `limit` (COLUMN, value) pairs. Ages become
// bands (18-24, 25-34 ...), other numbers the bands of NumberBand; attributes that are not scalars are
// ignored.
std::vector<std::pair<std::string, std::string>> ReadUserAttributes(const format::Json& attributes,
                                                                    size_t limit);

// Returns the form in which column names are compared: ASCII letters in upper case.
std::string UpperColumn(std::string_view name);

// Returns true for columns that hold a person's location: REGION, CITY, COUNTRY, 지역 ...
bool IsRegionColumn(std::string_view column);

}  // namespace trine::recommend
