// Sorting by columns: resolves sort keys against a schema, reads their values for each row, and compares rows
// by these values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/reader.h"
#include "search/collect/sort_key.h"
#include "search/collect/top_rows.h"
#include "search/query/schema.h"

namespace trine::search {

// One value of a sort key. `text` points into a column, to the id of a row, or into a key's `missing_text`.
// The index reader and the SortOrder must outlive it.
struct SortKeyValue {
  enum class Kind : uint8_t { kInteger, kReal, kText } kind = Kind::kInteger;
  int8_t missing = 0;  // for text: 0 if there is a value; otherwise -1 (always first) or 1 (always last)
  int64_t integer = 0;
  double real = 0;
  std::string_view text;
};

// A sort key, resolved for one target.
struct ResolvedSortKey {
  enum class Source { kScore, kIndexOrder, kId, kNumbers, kKeywords, kNothing } source = Source::kNothing;
  std::string field;
  bool descending = false;
  SortKey::Mode mode = SortKey::Mode::kDefault;
  bool is_date = false;
  SortKeyValue::Kind kind = SortKeyValue::Kind::kInteger;
  bool is_unsigned = false;  // integers are catalogue::StoredUnsigned
  bool is_narrow = false;    // the field has at most 32 bits, and a missing value is a limit of 32 bits
  // The type of real values, which decides their precision and how they print.
  enum class RealType { kDouble, kSingle } real_type = RealType::kDouble;
  SortKeyValue missing;      // the sort value of rows that have no value
  std::string missing_text;  // holds the characters of `missing.text`
};

// The sort keys of a request, resolved for one target. Cannot be copied, because key values point to text
// inside it. Must not be moved once a KeyReader refers to it.
class SortOrder {
 public:
  SortOrder() = default;
  SortOrder(SortOrder&&) = default;
  SortOrder& operator=(SortOrder&&) = default;

  // Fails with kUnmappedSortField, kUnsortableField (a type without an order) or kInvalidQuery.
  static Result<SortOrder> Resolve(const std::vector<SortKey>& keys, const Schema& schema);
  // Parses the sort values of an earlier hit, after which the results start. Fails with kSearchAfter. The
  // result refers to the text in `values` and in this object.
  Result<std::vector<SortKeyValue>> ParseAfter(const std::vector<SortValue>& values,
                                               const Schema& schema) const;

  bool needs_scores() const;
  size_t size() const { return keys_.size(); }
  const std::vector<ResolvedSortKey>& keys() const { return keys_; }

 private:
  std::vector<ResolvedSortKey> keys_;
};

// Reads the sort values of the rows of one segment. The order and the segment must outlive it.
class KeyReader {
 public:
  // `row_base` is the number of rows in the earlier segments of the target.
  KeyReader(const SortOrder& order, const index::SegmentReader& segment, uint64_t row_base);
  void Read(Row row, float score, std::vector<SortKeyValue>* values) const;

 private:
  SortKeyValue ValueOf(size_t key, Row row, float score) const;
  struct Columns {
    const index::NumberColumn* numbers = nullptr;
    const index::KeywordColumn* keywords = nullptr;
  };
  const SortOrder& order_;
  const index::SegmentReader& segment_;
  const uint64_t row_base_;
  std::vector<Columns> columns_;
};

// Returns <0, 0 or >0: the order of `a` and `b` by the keys and their directions. Requires one value per key.
int CompareKeys(const SortOrder& order, const std::vector<SortKeyValue>& a,
                const std::vector<SortKeyValue>& b);

// Converts a value to the form in which a hit reports it. A float32 is printed with the fewest digits that
// identify it. ParseAfter converts every value back without loss.
SortValue ToSortValue(const SortKeyValue& value, const ResolvedSortKey& key);

// A row and its sort values. TopSorted keeps the best rows; they must be offered in ascending order of
// location.
struct SortedRow {
  RowLocation at;
  float score = 0;
  std::vector<SortKeyValue> values;
};
class TopSorted {
 public:
  // `order` can belong to any target, because the directions are the same in all of them.
  TopSorted(const SortOrder& order, size_t capacity) : order_(order), capacity_(capacity) {}
  void Offer(RowLocation at, float score, const std::vector<SortKeyValue>& values);
  std::vector<SortedRow> Take();

 private:
  bool Before(const SortedRow& a, const SortedRow& b) const;
  const SortOrder& order_;
  const size_t capacity_;
  std::vector<SortedRow> heap_;  // a heap; the row that sorts last is on top
};

}  // namespace trine::search
