// Converts cell text to a value of the schema column's type, or of a guessed type.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.h"
#include "base/result.h"
#include "format/json.h"
#include "history/schema.h"
#include "operations/import/import_options.h"

namespace trine::operations {

// Reads a cell as the type of its schema column. A number may also be an amount of money ("12,900원"). A
// numeric column whose name ends in TIMESTAMP is read by TimeCell, and its values become seconds since the
// epoch.
Result<format::Json> TypedCell(const history::Column& column, std::string_view text, int offset_minutes);

// Reads a time in any notation that shops use. A number of 8, 12 or 14 digits that forms a date from 1990 to
// 2099 is read as that date (20261122). Any other number is seconds or milliseconds since the epoch,
// depending on its magnitude. "26.11.22" is in 2026.
// kCellValue for anything else, and for numbers that are more probably dates in a notation that cannot be
// told from others: serial dates of Excel (45244.6) and digits with a year of two digits (231114). Read as
// seconds they would be in 1970. The message says what such a number looks like; it is empty in the other
// cases.
Result<Millis> TimeCell(std::string_view text, int offset_minutes);
// Reads a number or an amount of money.
std::optional<double> NumberCell(std::string_view text);

// Guesses the type of an untyped column from a sample of its cells: boolean, number, time or text. Not
// thread-safe.
class ColumnTypeGuess {
 public:
  // A column whose name ends in ID, CODE, NO or the like is text, whatever its cells contain. `declared`
  // overrides every guess.
  ColumnTypeGuess(std::string_view name, std::optional<DeclaredType> declared);
  void Observe(std::string_view text, uint64_t line);
  // Reads a cell as the guessed type; null for an empty cell. Fails if the cell does not have that type.
  // Whole numbers are exact.
  Result<format::Json> Read(std::string_view text, int offset_minutes) const;
  // "boolean", "number", "time" or "text"; "empty" if the sample has no cell.
  std::string type() const;
  // If most cells of a text column are numbers, the first that is not: "line 7 has '품절'; 498 of 500 cells
  // are numbers". Otherwise empty.
  std::string Remark() const;

 private:
  std::string name_;
  std::optional<DeclaredType> declared_;
  bool is_code_ = false;
  bool is_time_ = false;  // named ...TIMESTAMP
  bool may_be_bool_ = true, may_be_number_ = true, all_whole_ = true, may_be_time_ = true, plain_time_ = true;
  uint64_t cells_ = 0, numbers_ = 0;  // observed, without empty ones
  std::string offender_;              // the first cell that is not a number
  uint64_t offending_line_ = 0;
  std::string currency_;  // of the first cell with a currency sign
};

// The currency (ISO 4217) of the amounts of a column of numbers: "12,900원" becomes the number 12,900, which
// does not say it. Amounts in several currencies cannot be compared as numbers, so the first amount with a
// sign decides, in whichever row it is, unless the currency is known before. Not thread-safe.
class ColumnCurrency {
 public:
  explicit ColumnCurrency(std::string known = {}) : code_(std::move(known)), known_(!code_.empty()) {}
  // Counts a cell that was read as a number. kCellValue if it is an amount in another currency.
  Status Check(std::string_view column, std::string_view text, uint64_t line);
  // Empty if no cell has a sign, or if more cells have none than have one: those say nothing about the
  // others.
  std::string code() const { return known_ || signed_ >= unsigned_ ? code_ : ""; }
  std::string Others() const;  // see ColumnNote::other_currencies

 private:
  std::string code_;
  bool known_ = false;  // before the first cell
  uint64_t signed_ = 0, unsigned_ = 0;
  std::map<std::string, uint64_t> others_;
  std::string first_sign_, first_other_;  // "on line 1203: $5"
};

}  // namespace trine::operations
