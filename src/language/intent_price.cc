// Reads amounts of money in three steps: format::FindAmounts finds the numbers with their currencies, two of
// them may be the ends of a range, and the words around an amount say what it bounds. An amount whose words
// are not understood is returned without bounds, so that an answer can name it.
#include "language/intent_price.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "base/check.h"
#include "base/text.h"
#include "format/quantity_text.h"
#include "language/amount_text.h"
#include "language/bound_negation.h"
#include "language/unit_words.h"

namespace trine::language {
namespace {

constexpr size_t kMaxPrices = 8;         // of one question
constexpr double kMaxAmount = 1e15;      // a larger one is not a price, and its digits are not exact
constexpr double kMinBareAmount = 1000;  // a smaller number without a currency is rarely a price
constexpr double kAboutShare = 0.2;      // "만원짜리" allows a fifth on both sides: 9,900 counts as one

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

// The value of a Korean numeral below a thousand, such as "이십오" or "백"; 1 for an empty one.
int SpelledValue(std::string_view numeral) {
  static constexpr std::array<std::string_view, 9> kDigits = {"일", "이", "삼", "사", "오",
                                                              "육", "칠", "팔", "구"};
  if (numeral.empty()) return 1;
  int sum = 0, digit = 0;
  for (size_t i = 0; i + 3 <= numeral.size(); i += 3) {
    const std::string_view syllable = numeral.substr(i, 3);
    const auto it = std::find(kDigits.begin(), kDigits.end(), syllable);
    if (it != kDigits.end()) {
      digit = static_cast<int>(it - kDigits.begin()) + 1;
      continue;
    }
    sum += std::max(digit, 1) * (syllable == "백" ? 100 : 10);
    digit = 0;
  }
  return sum + digit;
}

using format::AmountPlace;

// Adds a currency that follows an amount after a suffix: "50k won".
void AddCurrency(std::string_view text, AmountPlace* amount) {
  if (!amount->money.currency.empty()) return;
  for (const std::string_view name :
       {" won", "won", "원", " 원", " krw", " dollars", " usd", " bucks", " euros"}) {
    const std::string_view tail = text.substr(amount->end);
    if (!tail.starts_with(name) || (tail.size() > name.size() && IsLower(tail[name.size()]))) continue;
    amount->end += name.size();
    amount->money.currency = format::CurrencyCode(Trim(name));
    return;
  }
}

// Whether a hyphen before an amount is a minus sign: "-5만원", but not "후디-5만원" or "후디 - 5만원".
bool IsNegative(std::string_view text, size_t begin) {
  return begin > 0 && text[begin - 1] == '-' && (begin == 1 || text[begin - 2] == ' ');
}

// The amounts of a text. Adds what only questions have: "50k", and amounts that cannot be what they say.
std::vector<AmountPlace> AmountsOf(std::string_view text) {
  static const RE2 kExponent(R"(^e[+-]?[0-9]+(?:[^a-z0-9]|$))");
  std::vector<AmountPlace> amounts = format::FindAmounts(text);
  for (AmountPlace& amount : amounts) {
    const std::string_view written = text.substr(amount.begin, amount.end - amount.begin);
    const size_t dot = written.find('.');
    const bool grouped = dot != std::string_view::npos && written.size() > dot + 3 &&
                         std::all_of(written.begin() + static_cast<ptrdiff_t>(dot) + 1,
                                     written.begin() + static_cast<ptrdiff_t>(dot) + 4, IsAsciiDigit);
    // "$29.900" may be 29,900 or 29.9.
    if (grouped && !format::HasNoCents(amount.money.currency)) amount.is_read = false;
    if (amount.money.amount > kMaxAmount) amount.is_read = false;
    if (RE2::PartialMatch(Piece(text.substr(amount.end)), kExponent)) {
      amount.is_read = false;
      ++amount.end;
      while (amount.end < text.size() &&
             (IsAsciiDigit(text[amount.end]) || text[amount.end] == '+' || text[amount.end] == '-'))
        ++amount.end;
      AddCurrency(text, &amount);
      continue;
    }
    const bool thousands = amount.scale == 1 && amount.end < text.size() && text[amount.end] == 'k' &&
                           (amount.end + 1 == text.size() || text.substr(amount.end + 1).starts_with("won") ||
                            (!IsLower(text[amount.end + 1]) && !IsAsciiDigit(text[amount.end + 1])));
    if (!thousands) continue;
    amount.scale = 1000;
    amount.money.amount *= amount.scale;
    ++amount.end;
    AddCurrency(text, &amount);
  }
  return amounts;
}

// Reads the conditions of one question. Use once.
class PriceReader {
 public:
  explicit PriceReader(std::string_view question)
      : question_(question),
        text_(WithJoinedGroups(WithoutFalseUnits(question))),
        amounts_(AmountsOf(text_)) {
    TRINE_DCHECK_EQ(text_.size(), question_.size());
  }

  std::vector<PriceCondition> Read() {
    for (size_t i = 0; i < amounts_.size() && out_.size() < kMaxPrices;) i += ReadAt(i);
    AddSpelledEnglish();
    std::sort(out_.begin(), out_.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    for (size_t i = 0; i + 1 < out_.size(); ++i) ReadAlternatives(&out_[i], &out_[i + 1]);
    return std::move(out_);
  }

 private:
  // Reads the condition that begins at an amount. Returns the number of amounts that belong to it.
  size_t ReadAt(size_t i) {
    if (i + 1 < amounts_.size()) {
      if (auto range = RangeAt(amounts_[i], amounts_[i + 1])) {
        Add(*std::move(range), false);
        return 2;
      }
    }
    const AmountPlace& amount = amounts_[i];
    PriceCondition condition;
    condition.currency = amount.money.currency;
    condition.begin = amount.begin;
    condition.end = amount.end;
    const bool money = !condition.currency.empty() || amount.scale >= 1e4;
    const bool negative = IsNegative(text_, amount.begin);
    if (negative) --condition.begin;
    if (SetWordBounds(amount, money, &condition)) {
      if (negative || !amount.is_read) condition.bounds = {};
      Add(std::move(condition), true);
      return 1;
    }
    const bool bounded = amount.is_read && !negative && money &&
                         (SetAbout(amount, &condition) || SetAffordable(amount, &condition));
    if (bounded || !condition.currency.empty()) Add(std::move(condition), false);
    return 1;
  }

  // "2만원 이하 또는 10만원 이상": the conditions are not met together, so that neither sets a bound. A
  // negation of one of two that "or" joins directly applies to both: "nothing under 2 or over 5".
  void ReadAlternatives(PriceCondition* first, PriceCondition* second) const {
    if (first->end > second->begin) return;
    const std::string_view between = std::string_view(text_).substr(first->end, second->begin - first->end);
    if (first->bounds.empty() || second->bounds.empty() || !AreAlternatives(between)) return;
    static const RE2 kOr(R"(\s*(?:or|nor|또는|혹은|이나|나|이거나|거나)\s*)");
    const bool direct = RE2::FullMatch(Piece(between), kOr);
    if (direct && first->negated != second->negated) {
      PriceCondition* plain = first->negated ? second : first;
      // In Korean the negation follows both, in English it precedes both.
      const bool korean = HasHangulAt(between);
      const auto inverted = Inverted(plain->bounds);
      if (korean == second->negated && inverted) {
        plain->bounds = *inverted;
        plain->negated = true;
        if (!korean) plain->begin = first->end;  // with the conjunction
        return;
      }
    }
    first->bounds = second->bounds = {};
  }
  static bool HasHangulAt(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  }

  std::string_view After(size_t end) const { return std::string_view(text_).substr(end); }

  // Copies what a word says of an amount. The bounds stay as they are if the word is not understood.
  static void Apply(const BoundWord& word, PriceCondition* condition) {
    condition->begin = std::min(condition->begin, word.begin);
    condition->end = std::max(condition->end, word.end);
    condition->apart_begin = word.apart_begin;
    condition->apart_end = word.apart_end;
    condition->negated = word.negated;
  }

  // The word that bounds an amount. A bound that "or" joins directly to a negated one is read by itself: see
  // ReadAlternatives.
  std::optional<BoundWord> WordAt(const AmountPlace& amount) const {
    if (out_.empty() || !out_.back().negated) return FindBoundWord(text_, amount.begin, amount.end);
    static const RE2 kOr(R"(^\s*n?or\s)");
    const size_t before = out_.back().end;
    if (!RE2::PartialMatch(Piece(After(before)), kOr)) return FindBoundWord(text_, amount.begin, amount.end);
    std::string rest = text_;
    std::fill_n(rest.begin(), After(before).find("or") + 2 + before, ' ');
    return FindBoundWord(rest, amount.begin, amount.end);
  }

  // Finds the words that make a bound of an amount: "대", "이하", "under".
  bool SetWordBounds(const AmountPlace& amount, bool money, PriceCondition* condition) const {
    if (money && SetBand(amount, condition)) return true;
    const auto word = WordAt(amount);
    if (!word || word->time) return false;
    if (!money && !IsPriceWord(*word, amount)) return false;
    condition->bounds = word->Of(amount.money.amount);
    Apply(*word, condition);
    // "10만원 이상 후디는 빼고" may be about the hoodies or about the amount.
    const bool least = condition->bounds.min && !condition->bounds.max;
    if (least && !word->negated && FindRejectedNoun(text_, condition->end)) condition->bounds = {};
    return true;
  }

  // Whether a number without a currency is an amount of money because of the word that bounds it, unless a
  // unit or a noun follows: beside a word that is said of prices or after one, and beside any word from a
  // thousand on.
  bool IsPriceWord(const BoundWord& word, const AmountPlace& amount) const {
    if (word.word.starts_with("예산") || word.word.starts_with("budget")) return true;
    if (amount.scale == 1000) return true;  // "under 50k"
    constexpr std::array<std::string_view, 16> kPrices = {"cheaper than",
                                                          "less expensive than",
                                                          "more expensive than",
                                                          "pricier than",
                                                          "dearer than",
                                                          "costlier than",
                                                          "or cheaper",
                                                          "싼",
                                                          "싸",
                                                          "저렴",
                                                          "비싼",
                                                          "비싸",
                                                          "<",
                                                          "<=",
                                                          "≤",
                                                          "below"};
    constexpr std::array<std::string_view, 3> kOfPrices = {"under", "less than", "below"};
    const auto among = [&word](const auto& words) {
      return std::find(words.begin(), words.end(), word.word) != words.end();
    };
    if (!EndsAfter(amount, word)) return false;
    if (among(kPrices) || among(kOfPrices) || FollowsPrice(amount)) return true;
    return amount.money.amount >= kMinBareAmount && !IsYear(amount.money.amount) && !FollowsMeasure(amount);
  }

  // Whether a word of price stands before an amount: "price max 30", "가격은 최대 900".
  bool FollowsPrice(const AmountPlace& amount) const {
    static const RE2 kPrice(
        R"((?:^|[^a-z가-힣])(?:가격|가격대|판매가|금액|prices?|priced|costs?|costing|pay|paying|spend|spending)(?:은|는|이|가)?(?:\s*[:,])?(?:\s+(?:of|is|be|over|above|under|below|more|less|than|at|least|most|up|to|no|not|min|max|maximum|minimum|limit|최대|최소))*\s*$)");
    return RE2::PartialMatch(Piece(std::string_view(text_).substr(0, amount.begin)), kPrice);
  }

  // Whether no unit and no noun follows an amount.
  bool EndsAfter(const AmountPlace& amount, const BoundWord& word) const {
    const std::string_view after = After(amount.end);
    const size_t blanks = std::min(after.find_first_not_of(" -"), after.size());
    if (!UnitAt(after.substr(blanks)).empty()) return false;
    if (!word.before) return true;  // the word follows the amount
    static const RE2 kEnd(
        R"(\s*$|\s*[^0-9a-z.%\s"']|\s+(?:for|and|with|please|that|which|or|in|to|max|but)\b)");
    re2::StringPiece rest = Piece(after);
    return RE2::Consume(&rest, kEnd);
  }

  static bool IsYear(double amount) {
    return amount >= 1950 && amount <= 2050 && amount == std::floor(amount);
  }

  // Whether the word before an amount says that it measures something else: "배터리 10000 이상".
  bool FollowsMeasure(const AmountPlace& amount) const {
    static const RE2 kMeasure(
        R"((?:^|[^a-z가-힣])(?:배터리|용량|해상도|화소|무게|중량|길이|높이|너비|폭|두께|크기|사이즈|치수|조각|피스|평점|별점|리뷰|후기|조회수|판매량|주문|출력|밝기|속도|감도|dpi|rpm|battery|capacity|resolution|weight|length|height|width|depth|size|pieces|rating|reviews?|model|speed|power|brightness|iso)(?:은|는|이|가|수|수가|수는)?(?:\s+(?:of|is|over|above|under|below|more|less|than|at|least|most|up|to|min|max|최소|최대))*\s*$)");
    return RE2::PartialMatch(Piece(std::string_view(text_).substr(0, amount.begin)), kMeasure);
  }

  // "3만원대" is 30,000 to 39,999, "3만5천원대" 35,000 to 35,999: the last digit that is not zero counts.
  static double BandStep(double amount) {
    double step = 1;
    while (amount >= step * 10 && std::fmod(amount, step * 10) == 0) step *= 10;
    return step;
  }
  size_t BandEnd(size_t end) const {
    static const RE2 kBand(R"(\s*대(?:[의로인에는은도만]|[^가-힣]|$))");
    re2::StringPiece rest = Piece(After(end));
    if (!RE2::Consume(&rest, kBand)) return end;
    return text_.find("대", end) + std::string_view("대").size();
  }
  bool SetBand(const AmountPlace& amount, PriceCondition* condition) const {
    const size_t end = BandEnd(amount.end);
    if (end == amount.end || amount.money.amount < 10 || !amount.is_read) return false;
    const double low = amount.money.amount, high = low + BandStep(low) - 1;
    condition->bounds = {low, high, false, false};
    condition->end = end;
    // "3만원대 이하" is at most 39,999, "3만원대 미만" less than 30,000.
    if (const auto word = FindBoundWord(text_, amount.begin, end); word && !word->time) {
      condition->bounds = word->Of(word->upper == word->exclusive ? low : high);
      Apply(*word, condition);
    } else if (const Negation negation = FindNegation(text_, amount.begin, end, false);
               negation.kind != Negation::Kind::kNone) {
      condition->bounds = {};
      condition->begin = negation.begin;
      condition->end = negation.end;
    }
    return true;
  }

  bool SetAbout(const AmountPlace& amount, PriceCondition* condition) const {
    static const RE2 kAfter(R"(\s*(?:짜리|정도|쯤|안팎|내외|전후|가량|or so\b|or thereabouts|give or take))");
    static const RE2 kBefore(
        R"((?:^|[^a-z가-힣])((?:around|about|approximately|roughly|approx\.?|약|대략)\s*)$)");
    re2::StringPiece rest = Piece(After(condition->end)), before;
    if (RE2::Consume(&rest, kAfter)) {
      condition->end = text_.size() - rest.size();
      // "5만원 정도 이하" is an upper bound.
      if (const auto word = FindBoundWord(text_, condition->begin, condition->end); word && !word->time) {
        condition->bounds = word->Of(amount.money.amount);
        Apply(*word, condition);
        return true;
      }
    } else if (RE2::PartialMatch(Piece(std::string_view(text_).substr(0, condition->begin)), kBefore,
                                 &before)) {
      condition->begin = static_cast<size_t>(before.data() - text_.data());
    } else {
      return false;
    }
    condition->bounds.min = std::round(amount.money.amount * (1 - kAboutShare));
    condition->bounds.max = std::round(amount.money.amount * (1 + kAboutShare));
    return true;
  }

  // "5만원으로 살 수 있는": at most.
  bool SetAffordable(const AmountPlace& amount, PriceCondition* condition) const {
    static const RE2 kBuy(R"((?:으로|로|에)\s*(?:살\s*수\s*있는|살\s*만한|구매\s*가능한|구입\s*가능한))");
    re2::StringPiece rest = Piece(After(amount.end));
    if (!RE2::Consume(&rest, kBuy)) return false;
    condition->end = text_.size() - rest.size();
    condition->bounds.max = amount.money.amount;
    return true;
  }

  // The first amount of a range in the unit of the second: the 1 of "1~2만원" is 10,000.
  static double InUnitOf(const AmountPlace& low, const AmountPlace& high) {
    const bool bare = low.money.currency.empty() && low.scale == 1;
    const double scaled = low.money.amount * high.scale;
    return bare && high.scale > 1 && scaled <= high.money.amount ? scaled : low.money.amount;
  }

  // "1만원에서 2만원", "30,000~50,000원", "between 20 and 40", "from 30000 to 50000 won".
  std::optional<PriceCondition> RangeAt(const AmountPlace& low, const AmountPlace& high) const {
    static const RE2 kBetween(R"((?:^|[^a-z])(between\s+)$)");
    static const RE2 kFrom(R"((?:^|[^a-z])(from\s+)$)");
    const std::string_view head = std::string_view(text_).substr(0, low.begin);
    const std::string_view join = std::string_view(text_).substr(low.end, high.begin - low.end);
    re2::StringPiece word;
    const bool between = RE2::PartialMatch(Piece(head), kBetween, &word) && Trim(join) == "and";
    if (!IsRange(text_, low.begin, low.end, high.begin, high.end)) return std::nullopt;
    const bool money = !low.money.currency.empty() || !high.money.currency.empty() || high.scale > 1 ||
                       IsBareRange(low, high);
    const bool bare_between = between && UnitAt(After(high.end)).empty() &&
                              UnitAt(After(std::min(high.end + 1, text_.size()))).empty();
    if (!money && !bare_between) return std::nullopt;
    PriceCondition condition;
    condition.begin = low.begin;
    condition.end = high.end;
    if (between || RE2::PartialMatch(Piece(head), kFrom, &word))
      condition.begin = static_cast<size_t>(word.data() - text_.data());
    condition.currency = high.money.currency.empty() ? low.money.currency : high.money.currency;
    SetRange(low, high, &condition);
    return condition;
  }

  // "50000-60000": two numbers that can be prices, and no unit.
  bool IsBareRange(const AmountPlace& low, const AmountPlace& high) const {
    const auto may_be_price = [](const AmountPlace& amount) {
      return amount.is_read && amount.money.amount >= kMinBareAmount && !IsYear(amount.money.amount);
    };
    const std::string_view after = After(high.end);
    const size_t blanks = std::min(after.find_first_not_of(" -"), after.size());
    // Three numbers with hyphens are a telephone number or an id.
    const bool alone = (low.begin == 0 || text_[low.begin - 1] != '-') &&
                       !(after.size() > 1 && after[0] == '-' && IsAsciiDigit(after[1]));
    return may_be_price(low) && may_be_price(high) && low.money.amount <= high.money.amount && alone &&
           UnitAt(after.substr(blanks)).empty() && (after.empty() || !IsLower(after[0])) &&
           !FollowsMeasure(low);
  }

  // Sets the bounds of a range. Leaves them empty if the range is none that is understood.
  void SetRange(const AmountPlace& low, const AmountPlace& high, PriceCondition* condition) const {
    const bool mixed = !low.money.currency.empty() && !high.money.currency.empty() &&
                       low.money.currency != high.money.currency;
    const double min = InUnitOf(low, high), max = high.money.amount;
    static const RE2 kWithin(R"(\s*사이(?:의|로|에서|에)?)");
    re2::StringPiece rest = Piece(After(condition->end));
    if (const size_t band = BandEnd(condition->end); band > condition->end) {
      condition->end = band;
      if (!mixed && low.is_read && high.is_read && min <= max)
        condition->bounds = {min, max + BandStep(max) - 1, false, false};
      return;
    }
    Bounds bounds{min, max, false, false};
    if (RE2::Consume(&rest, kWithin)) {
      condition->end = text_.size() - rest.size();
    } else if (const auto word = FindBoundWord(text_, high.begin, high.end); word && !word->before) {
      condition->end = word->end;
      if (!word->upper || !word->understood || word->negated) return;
      bounds.max_exclusive = word->exclusive;
    }
    if (!mixed && low.is_read && high.is_read && min <= max) condition->bounds = bounds;
  }

  // Adds a condition. A negation of a range or of one amount ("3만원에서 5만원 말고") is not understood; that
  // of a word that sets one bound has been read with the word (`of_word`).
  void Add(PriceCondition condition, bool of_word) {
    if (!of_word) {
      const Negation negation = FindNegation(text_, condition.begin, condition.end, false);
      if (negation.kind != Negation::Kind::kNone) condition.bounds = {};
      condition.begin = std::min(condition.begin, negation.begin);
      condition.end = std::max(condition.end, negation.end);
      if (IsRejected(text_, &condition.begin, &condition.end)) condition.bounds = {};
    }
    const bool follows =
        !out_.empty() && out_.back().end <= condition.begin &&
        AreAlternatives(std::string_view(text_).substr(out_.back().end, condition.begin - out_.back().end));
    if (!follows && IsAlternative(text_, condition.begin)) condition.bounds = {};
    condition.text = Trim(question_.substr(condition.begin, condition.end - condition.begin));
    TRINE_DCHECK(!condition.bounds.min || !condition.bounds.max ||
                 *condition.bounds.min <= *condition.bounds.max);
    out_.push_back(std::move(condition));
  }

  // Amounts in English words ("fifty thousand won") are found, and not read.
  void AddSpelledEnglish() {
    static const RE2 kSpelled(
        R"((?:^|[^a-z])((?:(?:under|over|below|above|up to|less than|more than|at most|at least|around|about)\s+)?)"
        R"((?:(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million)[\s-]+)+)"
        R"((won|krw|dollars?|usd|bucks|euros?|yen)\b))");
    re2::StringPiece rest(text_), all, currency;
    while (out_.size() < kMaxPrices && RE2::FindAndConsume(&rest, kSpelled, &all, &currency)) {
      PriceCondition condition;
      condition.begin = static_cast<size_t>(all.data() - text_.data());
      condition.end = condition.begin + all.size();
      condition.currency = format::CurrencyCode(std::string_view(currency.data(), currency.size()));
      Add(std::move(condition), false);
    }
  }

  std::string_view question_;
  std::string text_;  // the question without false units, of the same length
  std::vector<AmountPlace> amounts_;
  std::vector<PriceCondition> out_;
};

}  // namespace

std::string WithDigits(std::string_view folded) {
  static const RE2 kSpelled(
      R"((^|[^0-9가-힣]|[0-9]\s*만\s*)([일이삼사오육칠팔구]?백?[일이삼사오육칠팔구]?십?[일이삼사오육칠팔구]?)(만|천)(\s*(?:원|[일이삼사오육칠팔구]천|[0-9]+\s*천|이상|이하|미만|이내|초과|대)))");
  std::string text(folded);
  // Each round converts one numeral; a question contains few.
  for (int round = 0; round < 8; ++round) {
    re2::StringPiece before, numeral, unit, after;
    if (!RE2::PartialMatch(text, kSpelled, &before, &numeral, &unit, &after)) break;
    const size_t at = static_cast<size_t>(numeral.data() - text.data());
    const std::string digits = std::to_string(SpelledValue({numeral.data(), numeral.size()}));
    text.replace(at, numeral.size(), digits);
  }
  return text;
}

std::vector<PriceCondition> FindPrices(std::string_view text) { return PriceReader(text).Read(); }

std::string WithoutMoney(std::string_view text) {
  std::string out(text);
  for (const PriceCondition& price : FindPrices(text))
    std::fill_n(out.begin() + static_cast<ptrdiff_t>(price.begin), price.end - price.begin, ' ');
  return out;
}

bool IsMoneyWord(std::string_view folded) {
  static const RE2 kMoney(
      R"([₩$€£]?[0-9,.~]*[일이삼사오육칠팔구십백]*(?:만|천)?[0-9일이삼사오육칠팔구]*천?(?:원|달러|유로)(?:대|짜리|정도|쯤|에서|부터|까지|이하|미만|이상|이내|으로|로|선|보다)*)"
      R"(|[0-9,.~]+(?:만|천)(?:대|에서|부터|까지|이하|미만|이상|이내|짜리)*|[일이삼사오육칠팔구십백]+만(?:대|이하|이상|미만))");
  // A bare "원" also matches.
  return RE2::FullMatch(Piece(folded), kMoney);
}

}  // namespace trine::language
