// Sorting by columns: keys resolved by a schema, their values read per row, rows compared by them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "search/collect/top_rows.h"
#include "search/query/schema.h"
#include "search/search.h"

namespace trine::search {

// One value of a sort key. Text points into a column, at the id of a row, or into the key that substitutes
// it.
struct KeyValue {
  enum class Kind : uint8_t { kInteger, kReal, kText } kind = Kind::kInteger;
  int8_t missing = 0;  // text only: -1 before all, 1 after all, whatever the direction
  int64_t integer = 0;
  double real = 0;
  std::string_view text;
};

// A sort key for one target.
struct ResolvedKey {
  enum class Source { kScore, kPlace, kId, kNumbers, kKeywords, kNothing } source = Source::kNothing;
  std::string field;
  bool descending = false;
  SortKey::Mode mode = SortKey::Mode::kDefault;
  bool is_date = false;
  KeyValue::Kind kind = KeyValue::Kind::kInteger;
  // Of reals: which of them the key can have, and how they print.
  enum class Reals { kDouble, kSingle, kUnsigned } reals = Reals::kDouble;
  KeyValue missing;          // stands for a row without a value
  std::string missing_text;  // what `missing.text` points to
};

// A list of keys as it was asked for, for one target. Movable only while no row was read.
class SortOrder {
 public:
  // kUnmappedSortField or kUnsortableField (not mapped, or of a type without order) or kInvalidQuery.
  static Result<SortOrder> Resolve(const std::vector<SortKey>& keys, const Schema& schema);
  // Values to start after, as an earlier hit had them. kSearchAfter. Values are
  // copied; the result lives as long as `values` and this.
  Result<std::vector<KeyValue>> ParseAfter(const std::vector<SortValue>& values, const Schema& schema) const;

  bool needs_scores() const;
  size_t size() const { return keys_.size(); }
  const std::vector<ResolvedKey>& keys() const { return keys_; }

 private:
  std::vector<ResolvedKey> keys_;
};

// Reads the values of rows of one segment.
class KeyReader {
 public:
  // `first_place`: of the segment's row 0 in its target.
  KeyReader(const SortOrder& order, const index::SegmentReader& segment, uint64_t first_place);
  void Read(Row row, float score, std::vector<KeyValue>* values) const;

 private:
  KeyValue ValueOf(size_t key, Row row, float score) const;
  struct Columns {
    const index::NumberColumn* numbers = nullptr;
    const index::KeywordColumn* keywords = nullptr;
  };
  const SortOrder& order_;
  const index::SegmentReader& segment_;
  const uint64_t first_place_;
  std::vector<Columns> columns_;
};

// <0, 0, >0: which comes first by the keys' directions.
int CompareKeys(const SortOrder& order, const std::vector<KeyValue>& a, const std::vector<KeyValue>& b);

// As a hit shows it, so that ParseAfter gives the same value back: a float32 in its shortest form.
SortValue ToSortValue(const KeyValue& value, const ResolvedKey& key);

// The best rows by sort keys. Rows must be offered in the order of their places.
struct SortedRow {
  RowPlace at;
  float score = 0;
  std::vector<KeyValue> values;
};
class TopSorted {
 public:
  // `order` is of any target: directions are the same in all.
  TopSorted(const SortOrder& order, size_t capacity) : order_(order), capacity_(capacity) {}
  void Offer(RowPlace at, float score, const std::vector<KeyValue>& values);
  std::vector<SortedRow> Take();

 private:
  bool Before(const SortedRow& a, const SortedRow& b) const;
  const SortOrder& order_;
  const size_t capacity_;
  std::vector<SortedRow> heap_;  // the last on top
};

}  // namespace trine::search
