// QueryContext: the state that one search shares between its plans, cursors and collectors.
#pragma once

#include <optional>

#include "base/deadline.h"
#include "base/result.h"

namespace trine::search {

// Owned by the search, and outlives its plans and cursors. Not thread-safe. Cursors cannot return errors, so
// they record them here; the code that drives cursors checks `error` and `incomplete` after each batch.
struct QueryContext {
  Deadline deadline;
  std::optional<Error> error;  // set by a cursor that failed, for example because a row has no value to score
  bool incomplete = false;     // set by a cursor that ended at the deadline: rows may be missing
};

}  // namespace trine::search
