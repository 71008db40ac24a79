#include "format/date_pattern.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"

namespace trine::format {
namespace {

using Part = DatePattern::Part;
using Kind = Part::Kind;

constexpr size_t kMaxNumberDigits = 18;  // the most digits that always fit 64 bits

// English names, as the root locale of java.time has them.
constexpr auto kMonths =
    std::to_array<std::string_view>({"January", "February", "March", "April", "May", "June", "July", "August",
                                     "September", "October", "November", "December"});
constexpr auto kShortMonths = std::to_array<std::string_view>(
    {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});
constexpr auto kMonthLetters =
    std::to_array<std::string_view>({"J", "F", "M", "A", "M", "J", "J", "A", "S", "O", "N", "D"});
constexpr auto kDays = std::to_array<std::string_view>(
    {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"});
constexpr auto kShortDays =
    std::to_array<std::string_view>({"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"});
constexpr auto kDayLetters = std::to_array<std::string_view>({"M", "T", "W", "T", "F", "S", "S"});
constexpr auto kQuarters =
    std::to_array<std::string_view>({"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"});
constexpr auto kShortQuarters = std::to_array<std::string_view>({"Q1", "Q2", "Q3", "Q4"});
constexpr auto kQuarterLetters = std::to_array<std::string_view>({"1", "2", "3", "4"});
constexpr auto kHalves = std::to_array<std::string_view>({"AM", "PM"});
constexpr auto kEras = std::to_array<std::string_view>({"Before Christ", "Anno Domini"});
constexpr auto kShortEras = std::to_array<std::string_view>({"BC", "AD"});
constexpr auto kEraLetters = std::to_array<std::string_view>({"B", "A"});

struct NameTables {
  DateField field;
  int64_t first;
  std::span<const std::string_view> in_short, in_full, narrow;
};
constexpr NameTables kNameTables[] = {
    {DateField::kMonth, 1, kShortMonths, kMonths, kMonthLetters},
    {DateField::kDayOfWeek, 1, kShortDays, kDays, kDayLetters},
    {DateField::kQuarter, 1, kShortQuarters, kQuarters, kQuarterLetters},
    {DateField::kAmPm, 0, kHalves, kHalves, kHalves},
    {DateField::kEra, 0, kShortEras, kEras, kEraLetters},
};

// The meaning of the number of repetitions of a letter.
enum class Shape {
  kYear,          // 2: the last two digits; from 4: a sign if there are more digits
  kNumber,        // the least number of digits, up to `most`
  kNumberOrText,  // 1 and 2: a number; 3 short, 4 full, 5 narrow
  kText,          // 1 to 3 short, 4 full, 5 narrow
  kHalf,          // 1
  kFraction,      // the number of digits
  kZone,
};
struct Letter {
  char letter;
  DateField field;
  Shape shape;
  uint8_t most;    // the most repetitions
  uint8_t digits;  // kNumber, kNumberOrText: the most digits; 0: as many as fit
};
constexpr Letter kLetters[] = {
    {'G', DateField::kEra, Shape::kText, 5, 0},
    {'u', DateField::kYear, Shape::kYear, 19, 0},
    {'y', DateField::kYearOfEra, Shape::kYear, 19, 0},
    {'Y', DateField::kWeekYear, Shape::kYear, 19, 0},
    {'Q', DateField::kQuarter, Shape::kNumberOrText, 5, 2},
    {'q', DateField::kQuarter, Shape::kNumberOrText, 5, 2},
    {'M', DateField::kMonth, Shape::kNumberOrText, 5, 2},
    {'L', DateField::kMonth, Shape::kNumberOrText, 5, 2},
    {'w', DateField::kWeek, Shape::kNumber, 2, 2},
    {'W', DateField::kWeekOfMonth, Shape::kNumber, 1, 2},
    {'d', DateField::kDay, Shape::kNumber, 2, 2},
    {'D', DateField::kDayOfYear, Shape::kNumber, 3, 3},
    {'F', DateField::kAlignedWeek, Shape::kNumber, 1, 2},
    {'g', DateField::kJulianDay, Shape::kNumber, 19, 0},
    {'E', DateField::kDayOfWeek, Shape::kText, 5, 0},
    {'e', DateField::kDayOfWeek, Shape::kNumberOrText, 5, 2},
    {'c', DateField::kDayOfWeek, Shape::kNumberOrText, 5, 2},
    {'a', DateField::kAmPm, Shape::kHalf, 1, 0},
    {'B', DateField::kAmPm, Shape::kText, 5, 0},  // the root locale has no other parts of the day
    {'h', DateField::kHalfClock, Shape::kNumber, 2, 2},
    {'K', DateField::kHalfHour, Shape::kNumber, 2, 2},
    {'k', DateField::kClockHour, Shape::kNumber, 2, 2},
    {'H', DateField::kHour, Shape::kNumber, 2, 2},
    {'m', DateField::kMinute, Shape::kNumber, 2, 2},
    {'s', DateField::kSecond, Shape::kNumber, 2, 2},
    {'S', DateField::kNanos, Shape::kFraction, 9, 0},
    {'A', DateField::kMilliOfDay, Shape::kNumber, 19, 0},
    {'n', DateField::kNanos, Shape::kNumber, 19, 0},
    {'N', DateField::kNanoOfDay, Shape::kNumber, 19, 0},
    {'V', DateField::kOffset, Shape::kZone, 2, 0},
    {'v', DateField::kOffset, Shape::kZone, 4, 0},
    {'z', DateField::kOffset, Shape::kZone, 4, 0},
    {'O', DateField::kOffset, Shape::kZone, 4, 0},
    {'X', DateField::kOffset, Shape::kZone, 5, 0},
    {'x', DateField::kOffset, Shape::kZone, 5, 0},
    {'Z', DateField::kOffset, Shape::kZone, 5, 0},
};

const Letter* FindLetter(char c) {
  const auto* at = std::find_if(std::begin(kLetters), std::end(kLetters),
                                [c](const Letter& known) { return known.letter == c; });
  return at == std::end(kLetters) ? nullptr : at;
}

// How UTC is printed.
std::string_view UtcText(char letter, size_t count) {
  switch (letter) {
    case 'X':
      return "Z";
    case 'x':
      return count == 1 ? "+00" : count % 2 == 0 ? "+0000" : "+00:00";
    case 'Z':
      return count == 5 ? "Z" : count == 4 ? "GMT" : "+0000";
    case 'O':
      return "GMT";
    default:
      return "UTC";
  }
}

class Compiler {
 public:
  Compiler(std::string_view pattern, bool extended) : all_(pattern), rest_(pattern), extended_(extended) {}

  Result<std::vector<Part>> Compile() {
    while (!rest_.empty()) {
      const char c = rest_[0];
      if (ToLowerAscii(c) >= 'a' && ToLowerAscii(c) <= 'z') {
        TRINE_TRY(Letters(c));
      } else if (c == '\'') {
        TRINE_TRY(Quoted());
      } else if (c == '[') {
        TRINE_TRY(Open());
      } else if (c == ']') {
        if (open_.empty())
          return Fail(std::string("Pattern invalid as it contains ") + ']' + " without previous " + '[');
        rest_.remove_prefix(1);
        Close();
      } else if (c == '{' || c == '}' || c == '#') {
        return Fail(std::string("Pattern includes reserved character: '") + c + "'");
      } else {
        AddLiteral(std::string(1, c));
        rest_.remove_prefix(1);
      }
    }
    while (!open_.empty()) Close();
    return std::move(parts_);
  }

 private:
  Error Fail(const std::string& problem) const {
    return Error(ErrorCode::kDateFormat, "invalid date pattern: " + problem)
        .Got(std::string(all_))
        .Detail("problem", problem);
  }
  Error TooMany(char letter) const { return Fail(std::string("Too many pattern letters: ") + letter); }

  void AddLiteral(std::string text) {
    if (!parts_.empty() && parts_.back().kind == Kind::kLiteral) {
      parts_.back().literal += text;
      return;
    }
    Part part;
    part.literal = std::move(text);
    parts_.push_back(std::move(part));
  }

  Status Open() {
    constexpr size_t kMaxOptionalParts = 64;  // each one is a further choice when a text is matched
    if (++optional_parts_ > kMaxOptionalParts) return Fail("Pattern has too many optional parts");
    rest_.remove_prefix(1);
    open_.push_back(parts_.size());
    Part part;
    part.kind = Kind::kOpen;
    parts_.push_back(std::move(part));
    return Ok();
  }

  void Close() {
    parts_[open_.back()].close = parts_.size();
    open_.pop_back();
    Part part;
    part.kind = Kind::kClose;
    parts_.push_back(std::move(part));
  }

  // 'text', in which '' is an apostrophe.
  Status Quoted() {
    std::string text;
    size_t i = 1;
    for (;; ++i) {
      if (i >= rest_.size())
        return Fail("Pattern ends with an incomplete string literal: " + std::string(all_));
      if (rest_[i] != '\'') {
        text += rest_[i];
      } else if (i + 1 < rest_.size() && rest_[i + 1] == '\'') {
        text += rest_[i++];
      } else {
        break;
      }
    }
    AddLiteral(i == 1 ? "'" : std::move(text));
    rest_.remove_prefix(i + 1);
    return Ok();
  }

  size_t TakeRun(char c) {
    const size_t count = std::min(rest_.find_first_not_of(c), rest_.size());
    rest_.remove_prefix(count);
    return count;
  }

  Status Letters(char c) {
    size_t count = TakeRun(c);
    if (c == 'p') {
      Part pad;
      pad.kind = Kind::kPad;
      if (count > UINT8_MAX) return TooMany(c);
      pad.max = static_cast<uint8_t>(count);
      if (rest_.empty() || FindLetter(rest_[0]) == nullptr) {
        return Fail("Pad letter 'p' must be followed by valid pad pattern: " + std::string(all_));
      }
      parts_.push_back(std::move(pad));
      return Ok();
    }
    const Letter* letter = FindLetter(c);
    if (letter == nullptr) return Fail(std::string("Unknown pattern letter: ") + c);
    if (c == 'V' && count != 2) return Fail("Pattern letter count must be 2: V");
    if (c == 'O' && count != 1 && count != 4) return Fail("Pattern letter count must be 1 or 4: O");
    if (c == 'v' && count != 1 && count != 4) return Fail("Wrong number of pattern letters: v");
    if (c == 'B' && count != 1 && count != 4 && count != 5) return Fail("Wrong number of pattern letters: B");
    if (c == 'c' && count == 2) return Fail("Invalid pattern \"cc\"");
    if (count > letter->most) return TooMany(c);
    Part part;
    part.field = letter->field;
    ShapePart(*letter, count, &part);
    if (extended_) TRINE_TRY(Digits(&part));
    parts_.push_back(std::move(part));
    return Ok();
  }

  static void ShapePart(const Letter& letter, size_t count, Part* part) {
    const auto digits = static_cast<uint8_t>(std::min(count, kMaxNumberDigits));
    part->kind = Kind::kNumber;
    part->min = digits;
    part->max = letter.digits == 0 ? static_cast<uint8_t>(kMaxNumberDigits) : letter.digits;
    switch (letter.shape) {
      case Shape::kYear:
        part->is_year = true;
        part->two_digit_year = count == 2;
        part->sign_if_longer = count >= 4;
        if (count == 2) part->max = 2;
        return;
      case Shape::kNumber:
        return;
      case Shape::kFraction:
        part->kind = Kind::kFraction;
        part->max = digits;
        return;
      case Shape::kZone:
        part->kind = Kind::kZone;
        part->literal = UtcText(letter.letter, count);
        if (letter.letter == 'V') part->zone_names = Part::ZoneNames::kRegions;
        if (letter.letter == 'v' || letter.letter == 'z') part->zone_names = Part::ZoneNames::kAll;
        return;
      case Shape::kNumberOrText:
        if (count <= 2) return;
        break;
      case Shape::kText:
      case Shape::kHalf:
        break;
    }
    part->kind = Kind::kText;
    for (const NameTables& tables : kNameTables) {
      if (tables.field != letter.field) continue;
      part->first = tables.first;
      part->names = count <= 3 ? tables.in_short : count == 4 ? tables.in_full : tables.narrow;
    }
    TRINE_CHECK(!part->names.empty());
  }

  // "{1,2}" after a run of letters.
  Status Digits(Part* part) {
    if (!rest_.starts_with('{')) return Ok();
    TRINE_CHECK(rest_.size() >= 5 && rest_[2] == ',' && rest_.find('}') != std::string_view::npos);
    int most = 0;
    for (size_t i = 3; rest_[i] != '}'; ++i) most = most * 10 + (rest_[i] - '0');
    part->min = static_cast<uint8_t>(rest_[1] - '0');
    part->max = static_cast<uint8_t>(most);
    part->sign_if_longer = false;
    rest_.remove_prefix(rest_.find('}') + 1);
    return Ok();
  }

  const std::string_view all_;
  std::string_view rest_;
  const bool extended_;
  std::vector<Part> parts_;
  std::vector<size_t> open_;
  size_t optional_parts_ = 0;
};

size_t DigitsAt(std::string_view text) {
  return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), IsAsciiDigit) - text.begin());
}

int64_t ToInt(std::string_view digits) {
  TRINE_DCHECK_LE(digits.size(), kMaxNumberDigits);
  int64_t value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

// Matches parts against text by backtracking: tries each optional part first, and skips it if the rest then
// does not match.
class Matcher {
 public:
  explicit Matcher(const std::vector<Part>& parts) : parts_(parts) {}

  bool Match(size_t i, std::string_view rest) {
    if (steps_left_ == 0) return false;
    --steps_left_;
    if (i == parts_.size()) return rest.empty();
    const Part& part = parts_[i];
    switch (part.kind) {
      case Kind::kNumber:
        return MatchNumber(i, rest);
      case Kind::kFraction:
        return MatchFraction(i, rest);
      case Kind::kText:
        return MatchText(i, rest);
      case Kind::kLiteral:
        return rest.starts_with(part.literal) && Match(i + 1, rest.substr(part.literal.size()));
      case Kind::kZone:
        return MatchZone(i, rest);
      case Kind::kPad:
        while (rest.starts_with(' ')) rest.remove_prefix(1);
        return Match(i + 1, rest);
      case Kind::kOpen:
        return Match(i + 1, rest) || Match(part.close + 1, rest);
      case Kind::kClose:
        return Match(i + 1, rest);
    }
    return false;
  }
  const DateFields& fields() const { return fields_; }

 private:
  // Matches the rest with the field of part `i` set. A field that the text names twice must have one value.
  bool MatchWith(size_t i, int64_t value, std::string_view rest) {
    const DateField field = parts_[i].field;
    if (const auto known = fields_.Get(field)) return *known == value && Match(i + 1, rest);
    fields_.Set(field, value);
    if (Match(i + 1, rest)) return true;
    fields_.Clear(field);
    return false;
  }

  bool MatchZone(size_t i, std::string_view rest) {
    std::string_view after = rest;
    if (const auto offset = TimeZone::TakeOffset(&after);
        offset && MatchWith(i, *offset->fixed_offset(), after))
      return true;
    using Names = Part::ZoneNames;
    std::optional<TimeZone> zone;
    if (parts_[i].zone_names != Names::kNone) zone = TimeZone::TakeRegion(&rest);
    if (!zone && parts_[i].zone_names == Names::kAll) zone = TimeZone::TakeEnglishName(&rest);
    if (!zone || (fields_.zone() && *fields_.zone() != *zone)) return false;
    const auto before = fields_.zone();
    fields_.SetZone(zone);
    if (Match(i + 1, rest)) return true;
    fields_.SetZone(before);
    return false;
  }

  bool MatchNumber(size_t i, std::string_view rest) {
    const Part& part = parts_[i];
    const bool negative = part.is_year && !part.two_digit_year && rest.starts_with('-');
    const bool plus = part.sign_if_longer && rest.starts_with('+');
    if (negative || plus) rest.remove_prefix(1);
    const size_t least = part.min + (plus ? 1U : 0U);
    if (part.sign_if_longer && !plus && !negative && DigitsOfYear(i, rest) > part.min) return false;
    const size_t most = part.sign_if_longer && !plus && !negative ? part.min : part.max;
    for (size_t n = std::min(DigitsAt(rest), most); n >= least && n > 0; --n) {
      const int64_t value = ToInt(rest.substr(0, n)) + (part.two_digit_year ? 2000 : 0);
      if (MatchWith(i, negative ? -value : value, rest.substr(n))) return true;
      if (!PrecedesFixedDigits(i)) return false;
    }
    return false;
  }

  // The digits that a year without a sign takes, as java.time counts them: all but those of the numbers of
  // fixed width that follow at once. If a number of variable width follows them, it takes all digits, so that
  // "YYYYMMDD" reads no date instead of a wrong one.
  size_t DigitsOfYear(size_t i, std::string_view rest) const {
    size_t reserved = 0;
    for (size_t next = i + 1; next < parts_.size(); ++next) {
      const Part& part = parts_[next];
      if (part.kind != Kind::kNumber && part.kind != Kind::kFraction) break;
      if (part.min != part.max) {
        reserved = 0;
        break;
      }
      reserved += part.max;
    }
    const size_t digits = DigitsAt(rest);
    return digits - std::min(digits, reserved);
  }

  // Only before a number of fixed width does a number leave digits to the next part: "yyyyMMdd".
  bool PrecedesFixedDigits(size_t i) const {
    if (i + 1 == parts_.size()) return false;
    const Part& next = parts_[i + 1];
    return (next.kind == Kind::kNumber || next.kind == Kind::kFraction) && next.min == next.max;
  }

  bool MatchFraction(size_t i, std::string_view rest) {
    const Part& part = parts_[i];
    for (size_t n = std::min<size_t>(DigitsAt(rest), part.max); n >= part.min && n > 0; --n) {
      std::string digits(rest.substr(0, n));
      digits.resize(9, '0');
      if (MatchWith(i, ToInt(digits), rest.substr(n))) return true;
    }
    return false;
  }

  bool MatchText(size_t i, std::string_view rest) {
    const Part& part = parts_[i];
    for (size_t k = 0; k < part.names.size(); ++k) {
      const std::string_view name = part.names[k];
      if (!rest.starts_with(name)) continue;
      const bool ambiguous = std::count(part.names.begin(), part.names.end(), name) > 1;
      if (!ambiguous && MatchWith(i, part.first + static_cast<int64_t>(k), rest.substr(name.size())))
        return true;
    }
    return false;
  }

  const std::vector<Part>& parts_;
  DateFields fields_;
  size_t steps_left_ = 20'000;  // far more than any date needs
};

std::string PrintNumber(const Part& part, int64_t value) {
  if (part.two_digit_year) value = (value % 100 + 100) % 100;
  std::string digits = std::to_string(value < 0 ? -value : value);
  if (digits.size() < part.min) digits.insert(0, part.min - digits.size(), '0');
  if (value < 0) return "-" + digits;
  return part.sign_if_longer && digits.size() > part.min ? "+" + digits : digits;
}

std::string PrintFraction(const Part& part, int64_t nanos) {
  std::string digits = std::to_string(nanos);
  digits.insert(0, 9 - digits.size(), '0');
  digits.resize(part.min == part.max ? part.max : std::max<size_t>(part.min, 3));
  return digits;
}

}  // namespace

Result<DatePattern> DatePattern::Compile(std::string_view pattern, bool extended) {
  DatePattern compiled;
  TRINE_ASSIGN(compiled.parts_, Compiler(pattern, extended).Compile());
  return compiled;
}

std::optional<DateFields> DatePattern::Parse(std::string_view text) const {
  Matcher matcher(parts_);
  if (!matcher.Match(0, text)) return std::nullopt;
  return matcher.fields();
}

std::string DatePattern::Print(const DateFields& fields) const {
  std::string out;
  size_t pad = 0;
  for (const Part& part : parts_) {
    std::string piece;
    const int64_t value =
        fields.Get(part.field == DateField::kCount ? DateField::kYear : part.field).value_or(0);
    switch (part.kind) {
      case Kind::kNumber:
        piece = PrintNumber(part, value);
        break;
      case Kind::kFraction:
        piece = PrintFraction(part, value);
        break;
      case Kind::kText:
        piece = part.names[static_cast<size_t>(value - part.first)];
        break;
      case Kind::kLiteral:
      case Kind::kZone:
        piece = part.literal;
        break;
      case Kind::kPad:
        pad = part.max;
        continue;
      case Kind::kOpen:
      case Kind::kClose:
        continue;
    }
    if (piece.size() < pad) out.append(pad - piece.size(), ' ');
    pad = 0;
    out += piece;
  }
  return out;
}

bool DatePattern::HasWords() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.kind == Kind::kText; });
}

}  // namespace trine::format
