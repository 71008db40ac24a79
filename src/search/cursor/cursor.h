// Cursor: walks the matching rows of one segment in ascending order.
#pragma once

#include <cstdint>
#include <memory>

#include "index/reader.h"

namespace trine::search {

using index::kNoMoreRows;

// A new cursor stands on its first row; row() is kNoMoreRows at the end. Deleted rows are included:
// the collector filters. Not thread-safe; lives no longer than the segment it was opened on.
class Cursor {
 public:
  virtual ~Cursor() = default;
  Row row() const { return row_; }
  virtual Row Next() = 0;               // the next row; not called at the end
  virtual Row Advance(Row target) = 0;  // the first row >= target; nothing happens when target <= row()
  // The score of row(): what the clause gives, 0 for a filter. Finite, not negative, no NaN. May be
  // called once or often.
  virtual float Score() { return 0; }
  // About how many rows it will give; a conjunction is led by its cheapest.
  virtual uint64_t cost() const = 0;
  // True when Test answers for any row at once and finding the next row is what costs (columns).
  virtual bool tests() const { return false; }
  // Only when tests(): whether `row` matches. Does not move the cursor.
  virtual bool Test(Row) { return false; }

 protected:
  Row row_ = kNoMoreRows;
};
// nullptr stands for "no rows" wherever a cursor is returned.
using CursorPtr = std::unique_ptr<Cursor>;

}  // namespace trine::search
