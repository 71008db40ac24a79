#include "language/amount_text.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

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

}  // namespace

size_t EndOfParticles(std::string_view folded, size_t end) {
  static const RE2 kParticles(
      R"(^(으로|로|은|는|이|가|을|를|에|의|에서|까지|부터|짜리|정도|쯤|인|이고|이면|라면|이라면|면|도|만|씩|어치|선|선에서|한|로만|으로만|대로)(?:[^가-힣]|$))");
  TRINE_DCHECK_LE(end, folded.size());
  re2::StringPiece particle;
  const re2::StringPiece rest(folded.data() + end, folded.size() - end);
  return RE2::PartialMatch(rest, kParticles, &particle) ? end + particle.size() : end;
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
