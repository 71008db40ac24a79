#include "operations/import/cell_values.h"

#include <array>
#include <cmath>

#include "base/text.h"
#include "base/utf8.h"
#include "format/quantity_text.h"
#include "format/text.h"
#include "operations/mapping/dynamic_rules.h"

namespace trine::operations {
namespace {

using format::Json;

// Whether the text is digits with an optional sign and dot. Codes like 007 and 1E5 are not plain numbers.
bool IsPlainNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || text.find_first_not_of("0123456789.") != std::string_view::npos) return false;
  if (text.size() > 1 && text[0] == '0' && text[1] != '.') return false;
  return format::ParseDouble(text).has_value();
}

// Whether the text is a number with a currency or with commas between groups of digits.
bool IsMoney(std::string_view text) {
  return text.find_first_of("0123456789") != std::string_view::npos && !IsPlainNumber(text) &&
         text.find_first_not_of("0123456789.-") != std::string_view::npos &&
         format::ParseMoney(text).has_value();
}

// The currency of an amount with a sign; empty for other texts.
std::string CurrencyOf(std::string_view text) {
  const auto money = IsMoney(text) ? format::FindMoney(text) : std::nullopt;
  return money ? money->currency : "";
}

// Whether the text is a date from 1990 to 2099 written as 8, 12 or 14 digits (20261122, 202611221305,
// 20261122130500). As a time since the epoch, such a number would mean 1970, 1976 or a year after 2600, which
// no shop intends.
bool IsCompactDate(std::string_view text) {
  if (text.size() != 8 && text.size() != 12 && text.size() != 14) return false;
  if (text.find_first_not_of("0123456789") != std::string_view::npos) return false;
  return text.substr(0, 4) >= "1990" && text.substr(0, 4) <= "2099";
}

// Whether the text begins with a two-digit year, as Korean cash registers print it ("26.11.22 13:05",
// "26년 11월 22일").
bool HasShortYear(std::string_view text) {
  return text.size() > 3 && IsAsciiDigit(text[0]) && IsAsciiDigit(text[1]) &&
         (text[2] == '.' || text.substr(2).starts_with("년"));
}

// Whether `digits` begins with a date of two-digit year, month and day, followed by an hour, a minute and a
// second if there are more digits.
bool IsShortCompactDate(std::string_view digits) {
  constexpr std::array<int, 6> kLowest = {0, 1, 1, 0, 0, 0}, kHighest = {99, 12, 31, 23, 59, 59};
  for (size_t i = 0; i * 2 < digits.size(); ++i) {
    const int value = (digits[i * 2] - '0') * 10 + (digits[i * 2 + 1] - '0');
    if (value < kLowest[i] || value > kHighest[i]) return false;
  }
  return true;
}

// Says what a number is, if it is more probably a date in another notation than a time since the epoch; empty
// if it is not. The epoch values that this excludes are some hours and days of 1970, the years after 2033 for
// ten digits, and 1970 to 1986 for twelve.
std::string LooksLikeAnotherNotation(std::string_view text) {
  constexpr double kFirstSerial = 32874, kEndOfSerials = 73051;  // Excel's days of 1990-01-01 and 2100-01-01
  constexpr double kSerialOfEpoch = 25569, kSecondsOfDay = 86'400;
  if (text.empty() || text.find_first_not_of("0123456789.") != std::string_view::npos) return "";
  if (IsCompactDate(text) && !format::ParseTime(text))
    return "the digits look like a date, but it does not exist";
  const double number = format::ParseDouble(text).value_or(0);
  if (number >= kFirstSerial && number < kEndOfSerials) {
    const auto seconds = static_cast<int64_t>(std::round((number - kSerialOfEpoch) * kSecondsOfDay));
    return "the number looks like a serial date of Excel (" +
           format::FormatTime(Millis{seconds * 1000}).substr(0, 16) + ")";
  }
  const bool short_date = text.size() == 6 || (text.size() == 10 && text > "2000000000") ||
                          (text.size() == 12 && text < "500000000000");
  if (!short_date || text.find('.') != std::string_view::npos || !IsShortCompactDate(text)) return "";
  return "the number looks like a date with a year of two digits (yymmdd)";
}

Json WholeIfWhole(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::floor(value) == value && std::abs(value) < kExact) return Json(static_cast<int64_t>(value));
  return Json(value);
}

// Whether the text is a whole number beyond 64 bits, such as a long card number, which no number keeps.
bool IsBeyondInt64(std::string_view text) {
  return text.find_first_not_of("-0123456789") == std::string_view::npos && !format::ParseInt(text);
}
bool IsWhole(std::string_view text) {
  return format::ParseInt(text) || WholeIfWhole(NumberCell(text).value_or(0.5)).is_int();
}

bool IsTimeName(std::string_view name) { return ToUpperAscii(name).ends_with("TIMESTAMP"); }

bool IsNumeric(history::ColumnType type) {
  using enum history::ColumnType;
  return type == kInt || type == kLong || type == kFloat || type == kDouble;
}

// Whether a column with this name holds codes: its last word is ID, CODE or the like ("user_id",
// "stockCode").
bool IsCodeName(std::string_view name) {
  constexpr std::array<std::string_view, 11> kCodes = {"ID",  "CODE", "NO",   "ZIP",  "PHONE", "SKU",
                                                       "EAN", "ISBN", "UUID", "번호", "코드"};
  const std::string upper = ToUpperAscii(name);
  for (const std::string_view ending : kCodes) {
    if (!upper.ends_with(ending)) continue;
    const size_t at = name.size() - ending.size();
    if (at == 0 || static_cast<unsigned char>(ending[0]) >= 0x80) return true;
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const bool camel = name[at - 1] >= 'a' && name[at - 1] <= 'z' && name[at] >= 'A' && name[at] <= 'Z';
    if (!is_letter(name[at - 1]) || camel) return true;
  }
  return false;
}

}  // namespace

Result<Millis> TimeCell(std::string_view text, int offset_minutes) {
  text = Trim(text);
  if (IsCompactDate(text)) {
    if (const std::optional<Millis> date = format::ParseTime(text, offset_minutes)) return *date;
  }
  std::string ambiguous = LooksLikeAnotherNotation(text);
  if (ambiguous.empty()) {
    std::optional<Millis> time = format::ParseTime(text, offset_minutes, format::Epoch::kGuess);
    if (!time && HasShortYear(text)) time = format::ParseTime("20" + std::string(text), offset_minutes);
    if (time) return *time;
  }
  return Error(ErrorCode::kCellValue, std::move(ambiguous))
      .Expected("seconds since the epoch or a date such as 2026-11-22 13:05")
      .Got(std::string(CutUtf8(text, 100)));
}

std::optional<double> NumberCell(std::string_view text) {
  text = Trim(text);
  std::optional<double> number = format::ParseDouble(text);
  if (!number) number = format::ParseMoney(text);
  if (number && !std::isfinite(*number)) return std::nullopt;
  return number;
}

namespace {

// Reads a cell of a column called ...TIMESTAMP as seconds since the epoch.
Result<Json> SecondsCell(std::string_view column, std::string_view text, int offset_minutes) {
  Result<Millis> time = TimeCell(text, offset_minutes);
  if (time.ok()) return Json(static_cast<int64_t>(std::floor(static_cast<double>(time->value) / 1000)));
  Error error = std::move(time).error();
  error.message = "cannot parse " + std::string(column) + (error.message.empty() ? "" : ": " + error.message);
  return error;
}

}  // namespace

Result<Json> TypedCell(const history::Column& column, std::string_view text, int offset_minutes) {
  const bool is_string = column.type == history::ColumnType::kString;
  if (IsNumeric(column.type) && IsTimeName(column.name) && !IsBlank(text)) {
    TRINE_ASSIGN(const Json seconds, SecondsCell(column.name, text, offset_minutes));
    return history::ParseCell(column, std::to_string(seconds.integer()));
  }
  Result<Json> strict = history::ParseCell(column, is_string ? text : Trim(text));
  if (strict.ok() || !IsNumeric(column.type)) return strict;
  const std::optional<double> number = NumberCell(text);
  if (!number) return strict;
  if (column.type == history::ColumnType::kFloat || column.type == history::ColumnType::kDouble)
    return Json(*number);
  const Json whole = WholeIfWhole(*number);
  if (!whole.is_int()) return strict;
  return history::ParseCell(column, std::to_string(whole.integer()));
}

Status ColumnCurrency::Check(std::string_view column, std::string_view text, uint64_t line) {
  text = Trim(text);
  const bool plain = text.find_first_not_of("0123456789.-") == std::string_view::npos;
  const std::string currency = plain ? "" : CurrencyOf(text);
  if (currency.empty()) return ++unsigned_, Ok();
  const auto place = [&] {
    return "on line " + std::to_string(line) + ": " + std::string(CutUtf8(text, 100));
  };
  if (first_sign_.empty()) first_sign_ = place();
  if (code_.empty()) code_ = currency;
  if (currency == code_) return ++signed_, Ok();
  ++others_[currency];
  if (first_other_.empty()) first_other_ = place();
  return Error(ErrorCode::kCellValue, "a cell of column " + std::string(column) + " is in another currency")
      .Expected("amounts in " + code_)
      .Got(std::string(CutUtf8(text, 100)));
}

std::string ColumnCurrency::Others() const {
  std::map<std::string, uint64_t> counts = others_;
  if (!code_.empty() && code().empty()) counts[code_] += signed_;  // most cells have no sign
  std::string text;
  for (const auto& [currency, count] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " in " + currency;
  if (text.empty()) return text;
  return text + ", the first " + (code().empty() ? first_sign_ : first_other_);
}

ColumnTypeGuess::ColumnTypeGuess(std::string_view name, std::optional<DeclaredType> declared)
    : name_(name), declared_(declared), is_code_(IsCodeName(name)) {
  if (is_code_) may_be_bool_ = may_be_number_ = may_be_time_ = false;
  is_time_ = IsTimeName(name);
  if (!declared) return;
  is_time_ = may_be_bool_ = may_be_time_ = false;
  may_be_number_ = *declared == DeclaredType::kNumber;
}

void ColumnTypeGuess::Observe(std::string_view text, uint64_t line) {
  text = Trim(text);
  if (text.empty()) return;
  ++cells_;
  const std::string currency = CurrencyOf(text);
  if (currency_.empty()) currency_ = currency;
  // Amounts in several currencies cannot be compared as numbers.
  const bool number = (IsMoney(text) || (IsPlainNumber(text) && !IsBeyondInt64(text))) &&
                      (currency.empty() || currency == currency_);
  numbers_ += number;
  if (!number && offending_line_ == 0) {
    offender_ = CutUtf8(text, 100);
    offending_line_ = line;
  }
  if (declared_) {
    if (number) all_whole_ = all_whole_ && IsWhole(text);
    return;
  }
  may_be_bool_ = may_be_bool_ && (text == "true" || text == "false");
  may_be_number_ = may_be_number_ && number;
  all_whole_ = all_whole_ && may_be_number_ && IsWhole(text);
  may_be_time_ = may_be_time_ && (is_time_ ? TimeCell(text, 0).ok() : format::ParseTime(text).has_value());
  const std::optional<catalogue::Field> field = InferField(name_, Json(text), true);
  plain_time_ = plain_time_ && field && field->type == catalogue::FieldType::kDate;
}

Result<Json> ColumnTypeGuess::Read(std::string_view text, int offset_minutes) const {
  const std::string_view trimmed = Trim(text);
  if (trimmed.empty()) return Json();
  const auto unlike = [&](std::string_view expected) {
    return Error(ErrorCode::kCellValue,
                 declared_ ? "a cell of column " + name_ + " is not a number, as the mapping requires"
                           : "a cell of column " + name_ + " differs in type from the column's other cells")
        .Expected(std::string(expected))
        .Got(std::string(CutUtf8(trimmed, 100)));
  };
  if (cells_ == 0 && !declared_) return Json(text);
  if (is_time_ && (may_be_time_ || !LooksLikeAnotherNotation(trimmed).empty()))
    return SecondsCell(name_, trimmed, offset_minutes);
  if (may_be_bool_) {
    if (trimmed != "true" && trimmed != "false") return unlike("true or false");
    return Json(trimmed == "true");
  }
  if (may_be_number_) {
    const std::optional<double> number = NumberCell(trimmed);
    if (!number) return unlike("numbers");
    if (const auto whole = format::ParseInt(trimmed)) return all_whole_ ? Json(*whole) : Json(*number);
    if (IsBeyondInt64(trimmed)) return Json(trimmed);  // the text keeps its digits
    return all_whole_ ? WholeIfWhole(*number) : Json(*number);
  }
  if (may_be_time_ && !plain_time_) {
    const std::optional<Millis> time = format::ParseTime(trimmed, offset_minutes);
    if (!time) return unlike("times");
    return Json(format::FormatTime(*time));
  }
  return Json(text);
}

std::string ColumnTypeGuess::type() const {
  if (declared_) return may_be_number_ ? "number" : "text";
  if (cells_ == 0) return "empty";
  if (may_be_bool_) return "boolean";
  if (may_be_number_ && !(is_time_ && may_be_time_)) return "number";
  return may_be_time_ ? "time" : "text";
}

std::string ColumnTypeGuess::Remark() const {
  if (type() != "text" || is_code_ || declared_ || offending_line_ == 0 || numbers_ * 2 < cells_) return "";
  return "line " + std::to_string(offending_line_) + " has '" + offender_ + "'; " + std::to_string(numbers_) +
         " of " + std::to_string(cells_) + " cells in the sample are numbers";
}

}  // namespace trine::operations
