// Readers: an immutable view of an index at one refresh. Everything here is thread-safe and never
// waits for writers. Pointers and views live as long as the reader.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace trine::index {

inline constexpr Row kNoMoreRows = std::numeric_limits<Row>::max();
inline constexpr uint32_t kBlockSize = 128;  // postings in one block

// Walks the rows of one term in ascending order. Deleted rows are included: the caller filters by
// SegmentReader::live. Not thread-safe. `row()` is kNoMoreRows at the end; a new cursor stands on its
// first row.
class PostingCursor {
 public:
  virtual ~PostingCursor() = default;
  virtual Row row() const = 0;
  virtual Row Next() = 0;                  // the next row
  virtual Row Advance(Row target) = 0;     // the first row >= target; target >= row()
  virtual uint32_t frequency() const = 0;  // occurrences in row()
  // Positions in row(), ascending; empty when the field has none. Valid until the cursor moves.
  virtual const std::vector<uint32_t>& positions() = 0;
  virtual uint32_t cost() const = 0;  // rows in all
  // For pruning: the last row of the block that holds `target` (>= row()), and the largest frequency
  // and smallest norm byte in it. Does not move the cursor.
  struct BlockBound {
    Row last = kNoMoreRows;
    uint32_t max_frequency = 0;
    uint8_t min_norm = 0;
  };
  virtual BlockBound BlockAt(Row target) = 0;
  // Copies postings from row() on, at most `capacity`, and moves past them: one call a block in hot loops.
  // Returns how many; 0 only at the end.
  virtual size_t NextBatch(Row* rows, uint32_t* frequencies, size_t capacity) {
    size_t n = 0;
    for (; n < capacity && row() != kNoMoreRows; Next(), ++n) {
      rows[n] = row();
      frequencies[n] = frequency();
    }
    return n;
  }
};

struct TermStats {
  uint32_t row_count = 0;  // rows with the term (deleted ones included, as Lucene counts)
  uint64_t total_frequency = 0;
  uint32_t max_frequency = 0;  // over the whole term
  uint8_t min_norm = 0;
  uint64_t handle = 0;  // opens the postings; private to the segment
};

// The terms of one field in one segment.
class FieldTerms {
 public:
  virtual ~FieldTerms() = default;
  virtual uint32_t row_count() const = 0;     // rows that have the field
  virtual uint64_t total_length() const = 0;  // sum of total term frequencies
  virtual bool has_norms() const = 0;
  virtual bool has_positions() const = 0;
  // The length of the field in `row` as Lucene's SmallFloat.intToByte4; 0 when the row has none.
  virtual uint8_t norm(Row row) const = 0;
  // One norm byte a row when every row has one, else nullptr (then ask norm). For hot loops.
  virtual const uint8_t* dense_norms() const { return nullptr; }
  virtual std::optional<TermStats> Find(std::string_view term) const = 0;
  virtual std::unique_ptr<PostingCursor> Open(const TermStats& term, bool with_positions) const = 0;
  // Terms in byte order from `from` on; `visit` returns false to stop.
  virtual void Visit(std::string_view from,
                     const std::function<bool(std::string_view term, const TermStats&)>& visit) const = 0;
  virtual uint64_t term_count() const = 0;
};

// Numbers of one field: 0..n values a row, each row's values ascending.
class NumberColumn {
 public:
  virtual ~NumberColumn() = default;
  virtual bool is_double() const = 0;
  virtual size_t count(Row row) const = 0;
  virtual int64_t integer(Row row, size_t i) const = 0;  // !is_double()
  virtual double real(Row row, size_t i) const = 0;      // either, as double
};

// Keywords of one field: 0..n ordinals a row, ascending; ordinals follow byte order of the values.
class KeywordColumn {
 public:
  virtual ~KeywordColumn() = default;
  virtual size_t count(Row row) const = 0;
  virtual uint32_t ordinal(Row row, size_t i) const = 0;
  virtual std::string_view value(uint32_t ordinal) const = 0;
  virtual uint32_t value_count() const = 0;
  virtual std::optional<uint32_t> OrdinalOf(std::string_view value) const = 0;
};

// Vectors of one field: at most one a row.
class VectorColumn {
 public:
  virtual ~VectorColumn() = default;
  virtual uint32_t dimension() const = 0;
  virtual size_t size() const = 0;               // vectors in all
  virtual Row row_at(size_t i) const = 0;        // ascending in i
  virtual const float* at(size_t i) const = 0;   // dimension() floats, 32-byte aligned or not
  virtual const float* Find(Row row) const = 0;  // nullptr: none
};

class SegmentReader {
 public:
  virtual ~SegmentReader() = default;
  virtual uint32_t rows() const = 0;  // deleted ones included
  virtual uint32_t live_rows() const = 0;
  virtual bool live(Row row) const = 0;
  // One bit a row (1 = live), 64 rows a word; nullptr when every row is live.
  virtual const uint64_t* live_words() const = 0;
  virtual SeqNo seq_no(Row row) const = 0;  // ascending in row
  virtual std::string_view id(Row row) const = 0;
  virtual std::optional<Row> Find(std::string_view id) const = 0;  // the live row of an id
  // nullptr when no row of the segment has the field that way.
  virtual const FieldTerms* terms(std::string_view field) const = 0;
  virtual const NumberColumn* numbers(std::string_view field) const = 0;
  virtual const KeywordColumn* keywords(std::string_view field) const = 0;
  virtual const VectorColumn* vectors(std::string_view field) const = 0;
  virtual uint64_t bytes() const = 0;
  virtual std::string name() const = 0;  // "_3" or "memory"
};

// The segments at one refresh, oldest first: (segment, row) order is seq_no order.
class IndexReader {
 public:
  virtual ~IndexReader() = default;
  virtual const std::vector<std::shared_ptr<const SegmentReader>>& segments() const = 0;
  virtual uint64_t live_rows() const = 0;
  virtual uint64_t deleted_rows() const = 0;
  virtual uint64_t generation() const = 0;  // grows with every refresh that changed something
  virtual SeqNo end_seq_no() const = 0;     // every operation below it is in this view
};
using IndexReaderPtr = std::shared_ptr<const IndexReader>;

}  // namespace trine::index
