// Cell values: the text of a cell as what it means, by a schema's column or by what a whole column looks
// like.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "format/json.h"
#include "history/schema.h"

namespace trine::operations {

// By the schema; besides its strict forms numbers may be written as money ("12,900원"), and columns
// named ...TIMESTAMP as dates (then seconds since 1970, read at `offset_minutes` from UTC).
Result<format::Json> TypedCell(const history::Column& column, std::string_view text, int offset_minutes);

// A time in any form that shops write; epoch numbers are seconds or milliseconds by their size. 8, 12 or 14
// digits that read as a date of 1990 to 2099 are one (20261122); "26.11.22" is of 2026.
std::optional<Millis> TimeCell(std::string_view text, int offset_minutes);
// A number, or money.
std::optional<double> NumberCell(std::string_view text);

// What a column of text looks like, from the cells seen so far. Starts knowing nothing.
class ColumnTypeGuess {
 public:
  // Names like ...ID, ...CODE, ...NO are text whatever their cells look like.
  explicit ColumnTypeGuess(std::string_view name);
  void Observe(std::string_view text);
  // The cell as the guessed type; null for an empty one. kCellValue when it does not fit the
  // guess.
  Result<format::Json> Read(std::string_view text, int offset_minutes) const;

 private:
  std::string name_;
  bool is_time_ = false;  // named ...TIMESTAMP
  bool any_ = false;
  bool may_be_bool_ = true, may_be_number_ = true, all_whole_ = true, may_be_time_ = true, plain_time_ = true;
};

}  // namespace trine::operations
