// FieldStatistics: what the values of one field look like; CatalogueStatistics: those of every field of a
// collection, from a sample of its records. Roles are inferred from them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>

#include "format/json.h"

namespace trine::catalogue {

// Counts of values; an element of a list is one value.
struct FieldStatistics {
  uint32_t values = 0;                         // not null and not an empty text
  uint32_t numbers = 0;                        // numbers, and texts that are or contain one amount
  uint32_t money = 0;                          // texts with an amount and a currency sign
  uint32_t masses = 0;                         // texts such as "950g"
  uint32_t codes = 0;                          // currency codes
  uint32_t sizes = 0;                          // clothing sizes: S, M, XL ...
  uint32_t links = 0;                          // URLs, and among them:
  uint32_t pictures = 0;                       // names of picture files
  uint32_t paths = 0;                          // texts with '>'
  uint32_t prose = 0;                          // longer texts and whole sentences
  uint32_t texts = 0;                          // strings
  uint32_t spaced = 0;                         // strings of several words
  uint32_t coded = 0;                          // strings of one word that has a digit
  uint64_t bytes = 0;                          // of all strings
  std::map<std::string, uint32_t> currencies;  // ISO code -> values with its sign or code
  // Texts that a delimiter splits into short pieces, by delimiter, and the pieces.
  struct Pieces {
    uint32_t lists = 0, pieces = 0;
    std::unordered_set<uint64_t> distinct;
  };
  std::map<char, Pieces> delimited;
  std::unordered_set<uint64_t> distinct;  // hashes of the strings; at most kMaxDistinct

  // The share of the values that `count` of them are; 0 if there are no values.
  double Share(uint32_t count) const { return values == 0 ? 0 : static_cast<double>(count) / values; }
  bool IsProse() const;
  // The delimiter of a list of tags ("여름|린넨", "camping, chair"); '\0' if the field holds single values. A
  // delimiter separates tags if a tenth of the values have it, their pieces are short, and pieces repeat.
  char Delimiter() const;
};

// Not thread-safe while records are added; afterwards immutable.
class CatalogueStatistics {
 public:
  // Records that describe a collection well enough; the caller adds no more.
  static constexpr size_t kSampleRecords = 2000;

  // Adds one record. Fields beyond the first kMaxFields and nesting beyond kMaxDepth are ignored.
  void Add(const format::Json& source);
  // nullptr: no record has a value in the field.
  const FieldStatistics* Find(std::string_view path) const;
  size_t records() const { return records_; }

 private:
  static constexpr size_t kMaxFields = 1000;
  static constexpr size_t kMaxDepth = 4;
  void AddValue(const format::Json& value, const std::string& path, size_t depth);
  std::map<std::string, FieldStatistics, std::less<>> fields_;
  size_t records_ = 0;
};

}  // namespace trine::catalogue
