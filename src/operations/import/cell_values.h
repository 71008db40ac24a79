// Cell values: the text of a cell as a value, by the column of a schema or by the form of a whole column.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "format/json.h"
#include "history/schema.h"

namespace trine::operations {

// Reads a cell as the type of its schema column. Numbers may also be money ("12,900원"), and numeric columns
// named
// ...TIMESTAMP may hold dates, which become seconds since the epoch, read at `offset_minutes` from UTC.
Result<format::Json> TypedCell(const history::Column& column, std::string_view text, int offset_minutes);

// Reads a time in any form that shops write. A number is seconds or milliseconds since the epoch by its size,
// but 8, 12 or 14 digits that form a date of 1990 to 2099 are one (20261122). "26.11.22" is in 2026.
std::optional<Millis> TimeCell(std::string_view text, int offset_minutes);
// Reads a number or an amount of money.
std::optional<double> NumberCell(std::string_view text);

// Guesses the type of an untyped column from a sample of its cells: boolean, number, time or text. Not
// thread-safe.
class ColumnTypeGuess {
 public:
  // Columns named ...ID, ...CODE, ...NO and the like are text, whatever their cells look like.
  explicit ColumnTypeGuess(std::string_view name);
  void Observe(std::string_view text);
  // Reads a cell as the guessed type; null for an empty cell. An error when the cell does not have the type.
  Result<format::Json> Read(std::string_view text, int offset_minutes) const;

 private:
  std::string name_;
  bool is_time_ = false;  // named ...TIMESTAMP
  bool any_ = false;
  bool may_be_bool_ = true, may_be_number_ = true, all_whole_ = true, may_be_time_ = true, plain_time_ = true;
};

}  // namespace trine::operations
