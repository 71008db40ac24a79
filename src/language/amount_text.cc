#include "language/amount_text.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "format/quantity_text.h"
#include "language/bounds.h"
#include "language/unit_words.h"

namespace trine::language {
namespace {

// The end of the number that begins at `begin`. A comma belongs to it only before groups of three digits, and
// a point only once, so that "44,55,66" is three numbers and "2024.01.15" does not begin with a fraction.
size_t NumberEnd(std::string_view text, size_t begin) {
  const auto digits_end = [text](size_t at) {
    while (at < text.size() && IsAsciiDigit(text[at])) ++at;
    return at;
  };
  const auto is = [text](size_t at, char c) { return at < text.size() && text[at] == c; };
  size_t end = digits_end(begin);
  if (end - begin <= 3) {
    while (is(end, ',') && digits_end(end + 1) == end + 4) end += 4;
  }
  if (!is(end, '.')) return end;
  const size_t fraction = digits_end(end + 1);
  const bool more = is(fraction, '.') && digits_end(fraction + 1) > fraction + 1;
  return fraction > end + 1 && !more ? fraction : end;
}

// Whether digits [begin, end) of a text, of which commas have replaced the blanks, are one number.
bool IsOneNumber(std::string_view joined, size_t begin, size_t end) {
  const std::string_view digits = joined.substr(begin, end - begin);
  const size_t groups = static_cast<size_t>(std::count(digits.begin(), digits.end(), ','));
  bool zeros = true;
  for (size_t at = digits.find(','); at != std::string_view::npos; at = digits.find(',', at + 1))
    zeros = zeros && digits.substr(at + 1).starts_with("000");
  const auto word = FindBoundWord(joined, begin, end);
  const bool after_word = word && word->before && !word->time;
  for (const format::AmountPlace& amount : format::FindAmounts(joined)) {
    if (amount.end <= begin || amount.begin > begin || amount.money.currency.empty()) continue;
    return zeros || after_word || groups > 1 || amount.begin < begin ||
           format::HasNoCents(amount.money.currency);
  }
  const std::string_view after = joined.substr(end);
  const bool unit = !UnitAt(after.substr(std::min(after.find_first_not_of(' '), after.size()))).empty();
  return (zeros && (unit || (word && !word->time))) || after_word;
}

}  // namespace

std::string WithJoinedGroups(std::string text) {
  static const RE2 kGroups(R"((?:^|[^0-9.,])([0-9]{1,3}(?: [0-9]{3})+)(?:[^0-9,]|$))");
  for (size_t from = 0; from < text.size();) {
    re2::StringPiece rest(text.data() + from, text.size() - from), groups;
    if (!RE2::PartialMatch(rest, kGroups, &groups)) break;
    const size_t begin = static_cast<size_t>(groups.data() - text.data()), end = begin + groups.size();
    std::string joined = text;
    std::replace(joined.begin() + static_cast<ptrdiff_t>(begin), joined.begin() + static_cast<ptrdiff_t>(end),
                 ' ', ',');
    if (groups[0] != '0' && IsOneNumber(joined, begin, end)) text = std::move(joined);
    from = end;
  }
  return text;
}

std::string WithPlainSeparators(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t length = 0;
    // U+00A0, U+2009, U+202F, U+2019 and the ASCII apostrophe.
    for (const std::string_view mark : {"\u00a0", "\u2009", "\u202f", "\u2019", "'"})
      length = text.substr(i).starts_with(mark) ? mark.size() : length;
    const std::string_view after = text.substr(std::min(i + length, text.size()));
    const bool group = length > 0 && i > 0 && IsAsciiDigit(text[i - 1]) && after.size() >= 3 &&
                       std::all_of(after.begin(), after.begin() + 3, IsAsciiDigit) &&
                       (after.size() == 3 || !IsAsciiDigit(after[3]));
    out += group ? std::string(",") : std::string(text.substr(i, std::max<size_t>(length, 1)));
    i += std::max<size_t>(length, 1);
  }
  return out;
}

std::vector<std::string_view> SizesOf(std::string_view number,
                                      const std::function<bool(std::string_view)>& is_size) {
  std::vector<std::string_view> sizes;
  for (size_t at = 0; at <= number.size();) {
    const size_t comma = std::min(number.find(',', at), number.size());
    sizes.push_back(number.substr(at, comma - at));
    at = comma + 1;
  }
  if (sizes.size() < 2) return {};
  const auto value = [](std::string_view digits) {
    int sum = 0;
    for (const char c : digits) sum = sum * 10 + (c - '0');
    return sum;
  };
  bool steps = true;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const bool digits = sizes[i].size() >= 2 && sizes[i].size() <= 3 &&
                        std::all_of(sizes[i].begin(), sizes[i].end(), IsAsciiDigit) && sizes[i][0] != '0';
    if (!digits) return {};
    const int step = i == 0 ? 5 : value(sizes[i]) - value(sizes[i - 1]);
    steps = steps && step > 0 && step <= 20 && step % 5 == 0;
  }
  if (steps) return sizes;
  return is_size && std::all_of(sizes.begin(), sizes.end(), is_size) ? sizes
                                                                     : std::vector<std::string_view>{};
}

size_t EndOfParticles(std::string_view folded, size_t end) {
  static const RE2 kParticles(
      R"(^(으로|로|은|는|이|가|을|를|에|의|에서|까지|부터|짜리|정도|쯤|인|이고|이면|라면|이라면|면|도|만|씩|어치|선|선에서|한|로만|으로만|대로|이거나|거나|이나|나)(?:[^가-힣]|$))");
  TRINE_DCHECK_LE(end, folded.size());
  re2::StringPiece particle;
  const re2::StringPiece rest(folded.data() + end, folded.size() - end);
  return RE2::PartialMatch(rest, kParticles, &particle) ? end + particle.size() : end;
}

size_t BeginOfMeasure(std::string_view folded, size_t begin) {
  static const RE2 kMeasure(
      R"((?:^|[\s,])((?:(?:가격대|가격|값|금액|판매가|무게|중량)(?:은|는|이|가|도|만)?|(?:price|prices|priced|cost|costs|costing|weight|weighs|weighing|must|should|shall|rather)(?:\s+(?:must|should|shall|can|could|would|will|may|is|are|that|at|of|to|has|have|be|do|does))*)\s+)$)");
  TRINE_DCHECK_LE(begin, folded.size());
  re2::StringPiece words;
  const re2::StringPiece head(folded.data(), begin);
  return RE2::PartialMatch(head, kMeasure, &words) ? begin - words.size() : begin;
}

std::string_view NumberAt(std::string_view text) { return text.substr(0, NumberEnd(text, 0)); }

std::string WithoutFalseUnits(std::string_view folded) {
  // These may follow a unit without a blank: particles and bounds (the standard grammar of Korean, 체언 뒤의
  // 조사와 접미사), and the numerals and units that continue an amount.
  static const RE2 kFalse(R"((?:[0-9]|만|천|백|억)\s*(원|만|천|엔|불)([가-힣]+))");
  static const RE2 kSuffix(
      R"((?:대|짜리|정도|쯤|에|부터|까지|이|미만|초과|으로|로|선|보다|을|은|의|도|만|안|밑|아래|넘|내외|권|한도|제한|급|인|입|하|할인|어치|가|씩|남짓|전후|근처|사이|와|과|나|든).*)");
  static const RE2 kNumeral(
      R"((?:원|만|천|백|억|십|일|이|삼|사|오|육|칠|팔|구|엔|불|달러|유로|위안|루피).*)");
  std::string out(folded);
  re2::StringPiece rest(folded.data(), folded.size()), unit, tail;
  while (RE2::FindAndConsume(&rest, kFalse, &unit, &tail)) {
    const bool is_scale = unit == "만" || unit == "천";
    const bool continues = RE2::FullMatch(tail, kSuffix) || (is_scale && RE2::FullMatch(tail, kNumeral));
    // U+3147, a consonant by itself, has three bytes like the syllables and is not a unit.
    if (!continues) out.replace(static_cast<size_t>(unit.data() - folded.data()), unit.size(), "ㅇ");
    rest = re2::StringPiece(unit.data(), static_cast<size_t>(folded.data() + folded.size() - unit.data()));
    rest.remove_prefix(unit.size());
  }
  return out;
}

}  // namespace trine::language
