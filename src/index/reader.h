// Readers: an immutable view of an index at one refresh. Everything except cursors is thread-safe and never
// waits for writers. Pointers and views stay valid as long as the IndexReader that they came from.
//
// The classes are abstract because search runs on two implementations: segments (segment.h, columns.h) and
// in-memory documents (test/support/memory_reader.h).
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
#include "index/document.h"

namespace trine::index {

inline constexpr Row kNoMoreRows = std::numeric_limits<Row>::max();
inline constexpr uint32_t kBlockSize = 128;  // postings in one block

// Visits the rows of one term in ascending order. Deleted rows are included; the caller filters them with
// SegmentReader::live. A new cursor is on its first row; at the end row() is kNoMoreRows, and Next and
// Advance keep it there. Not thread-safe.
class PostingCursor {
 public:
  virtual ~PostingCursor() = default;
  virtual Row row() const = 0;
  virtual Row Next() = 0;  // moves to the next row and returns it
  // Moves to the first row >= target and returns it. Does not move if row() >= target.
  virtual Row Advance(Row target) = 0;
  virtual uint32_t frequency() const = 0;  // occurrences of the term in row(); 0 at the end
  // Positions in row(), ascending; empty if the field has none, if the cursor was opened without them, and at
  // the end. Valid until the cursor moves.
  virtual const std::vector<uint32_t>& positions() = 0;
  virtual uint32_t cost() const = 0;  // number of rows in the whole list
  // For pruning: returns the last row, the largest frequency and the smallest norm byte of the block that
  // contains the first row >= target; a default BlockBound if there is no such row. Requires target >= row().
  // Does not move the cursor.
  struct BlockBound {
    Row last = kNoMoreRows;
    uint32_t max_frequency = 0;
    uint8_t min_norm = 0;
  };
  virtual BlockBound BlockAt(Row target) = 0;
  // Copies postings from row() on and moves past them, so that a hot loop needs one call per block. Returns
  // the number of postings copied, at most `capacity`; 0 only at the end. Requires capacity >= 1.
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
  uint32_t row_count = 0;  // rows with the term, deleted ones included, as in Lucene's docFreq
  uint64_t total_frequency = 0;
  uint32_t max_frequency = 0;  // largest frequency in one row
  uint8_t min_norm = 0;
  uint64_t handle = 0;  // where the postings are; meaningful only to the segment that returned it
};

// The terms of one field in one segment.
class FieldTerms {
 public:
  virtual ~FieldTerms() = default;
  virtual uint32_t row_count() const = 0;     // rows that have the field
  virtual uint64_t total_length() const = 0;  // sum of the total frequencies of all terms
  virtual bool has_norms() const = 0;
  virtual bool has_positions() const = 0;
  // The length of the field in `row`, encoded as in norm.h; 0 if the row does not have the field.
  virtual uint8_t norm(Row row) const = 0;
  // For hot loops: returns an array with the norm byte of every row if all rows have the field. Otherwise
  // returns nullptr, and the caller must use norm().
  virtual const uint8_t* dense_norms() const { return nullptr; }
  // nullopt: no row has the term.
  virtual std::optional<TermStats> Find(std::string_view term) const = 0;
  // Requires statistics from Find or Visit of this object.
  virtual std::unique_ptr<PostingCursor> Open(const TermStats& term, bool with_positions) const = 0;
  // Visits the terms >= from in byte order, until `visit` returns false.
  virtual void Visit(std::string_view from,
                     const std::function<bool(std::string_view term, const TermStats&)>& visit) const = 0;
  virtual uint64_t term_count() const = 0;
};

// The numbers of one field in one segment: any number of values per row, ascending within a row. Methods with
// an `i` require i < count(row).
class NumberColumn {
 public:
  virtual ~NumberColumn() = default;
  virtual NumberKind kind() const = 0;
  bool is_double() const { return kind() == NumberKind::kDouble; }
  virtual size_t count(Row row) const = 0;
  virtual int64_t integer(Row row, size_t i) const = 0;  // requires !is_double()
  virtual double real(Row row, size_t i) const = 0;      // integers are converted, unsigned ones as such
};

// Keywords of one field: any number of distinct ordinals per row, ascending within a row. Ordinals 0 to
// value_count() - 1 number the values in byte order. Requires i < count(row) and ordinal < value_count().
class KeywordColumn {
 public:
  virtual ~KeywordColumn() = default;
  virtual size_t count(Row row) const = 0;
  virtual uint32_t ordinal(Row row, size_t i) const = 0;
  virtual std::string_view value(uint32_t ordinal) const = 0;
  virtual uint32_t value_count() const = 0;
  // nullopt: no row of the segment has the value.
  virtual std::optional<uint32_t> OrdinalOf(std::string_view value) const = 0;
};

// Vectors of one field: at most one per row, addressed by index 0 to size() - 1 in ascending order of rows.
// Search scans them one by one. Requires i < size().
class VectorColumn {
 public:
  virtual ~VectorColumn() = default;
  virtual uint32_t dimension() const = 0;
  virtual size_t size() const = 0;
  virtual Row row_at(size_t i) const = 0;
  virtual const float* at(size_t i) const = 0;   // dimension() floats, aligned only as float
  virtual const float* Find(Row row) const = 0;  // nullptr: the row has no vector
};

// One segment at one refresh. Rows are numbered from 0, in ascending order of seq_no. Requires row < rows()
// where a row is passed, except for live().
class SegmentReader {
 public:
  virtual ~SegmentReader() = default;
  virtual uint32_t rows() const = 0;  // deleted ones included
  virtual uint32_t live_rows() const = 0;
  virtual bool live(Row row) const = 0;  // false for rows that do not exist
  // One bit per row (1 = live), 64 rows per word; nullptr if every row is live.
  virtual const uint64_t* live_words() const = 0;
  virtual SeqNo seq_no(Row row) const = 0;
  virtual std::string_view id(Row row) const = 0;
  virtual std::optional<Row> Find(std::string_view id) const = 0;  // the live row of an id, or nullopt
  // nullptr if no row of the segment has the field in this form.
  virtual const FieldTerms* terms(std::string_view field) const = 0;
  virtual const NumberColumn* numbers(std::string_view field) const = 0;
  virtual const KeywordColumn* keywords(std::string_view field) const = 0;
  virtual const VectorColumn* vectors(std::string_view field) const = 0;
  virtual uint64_t bytes() const = 0;    // size of the segment's file or heap copy
  virtual std::string name() const = 0;  // "_3" for file _3.seg; "memory" for a segment on the heap
};

// The segments at one refresh, oldest first: the order of (segment, row) is the order of seq_nos. Shared by
// every search that began on it; segments that were merged away in the meantime live until the last reader is
// released.
class IndexReader {
 public:
  virtual ~IndexReader() = default;
  virtual const std::vector<std::shared_ptr<const SegmentReader>>& segments() const = 0;
  virtual uint64_t live_rows() const = 0;
  virtual uint64_t deleted_rows() const = 0;
  // Grows with every refresh or merge that changed the segments or their deletes.
  virtual uint64_t generation() const = 0;
  virtual SeqNo end_seq_no() const = 0;  // operations with a smaller seq_no are part of this view
  // Names the damaged files whose rows are left out, in sentences without a full stop; empty if there are
  // none.
  virtual const std::string& damage() const = 0;
};
using IndexReaderPtr = std::shared_ptr<const IndexReader>;

}  // namespace trine::index
