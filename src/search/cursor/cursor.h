// Cursor: visits the matching rows of one segment in ascending order.
#pragma once

#include <cstdint>
#include <memory>

#include "index/reader.h"

namespace trine::search {

using index::kNoMoreRows;

// A new cursor is on its first row; row() is kNoMoreRows at the end. Deleted rows are included: the collector
// drops them. Not thread-safe. The segment that it was opened on must outlive it. The interface is abstract
// because every kind of clause has its own implementation. Rows that are read in batches need no virtual call
// per row.
class Cursor {
 public:
  virtual ~Cursor() = default;
  Row row() const { return row_; }
  // Moves to the next row and returns it. Requires row() != kNoMoreRows.
  virtual Row Next() = 0;
  // Moves to the first row >= target and returns it. Does nothing if target <= row().
  virtual Row Advance(Row target) = 0;
  // Returns the score of row(); 0 for a filter. Not negative and not NaN. Requires row() != kNoMoreRows. Can
  // be called several times for a row.
  virtual float Score() { return 0; }
  // Returns an estimate of the number of rows to visit or test. The cheapest cursor leads a conjunction.
  virtual uint64_t cost() const = 0;
  // Whether Matches can be called. True for columns, where testing a given row is cheap but finding the next
  // match is not.
  virtual bool random_access() const { return false; }
  // Returns whether `row` matches, without moving the cursor. Requires random_access().
  virtual bool Matches(Row) { return false; }

 protected:
  Row row_ = kNoMoreRows;
};
// Wherever a cursor is returned, nullptr means that no row matches.
using CursorPtr = std::unique_ptr<Cursor>;

}  // namespace trine::search
