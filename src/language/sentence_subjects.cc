#include "language/sentence_subjects.h"

#include <re2/re2.h>

#include <algorithm>

#include "analysis/analyzer.h"
#include "base/check.h"
#include "base/text.h"

namespace trine::language {
namespace {

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

// Whether the text between a claim and the mention behind it keeps both in one noun phrase.
bool IsAdnominalGap(std::string_view gap) {
  static const RE2 kGap(
      R"((?i)\s*(?:(?:색|색상|컬러|소재|재질|브랜드|가격|가격대)?(?:의|인|짜리|로 만든|으로 만든|에 판매되는|에 판매 중인|이 되는|가 되는|되는|가 있는|이 있는)?|for (?:the |an? )?|on (?:the |an? )?|[,]?\s*the|\(|coloured|colored)\s*["'‘“「]?\s*)");
  return RE2::FullMatch(Piece(gap), kGap);
}

// Whether two mentions are coordinated: "A and B", "A와 B".
bool IsAndGap(std::string_view gap) {
  static const RE2 kGap(
      R"((?i)["'’”」]?\s*(?:와|과|랑|이랑|하고|및|,|·|/|&|and|or|,\s*and|그리고|,\s*그리고)\s*(?:the\s+)?["'‘“「]?)");
  static const RE2 kBlank(R"(\s*)");
  return RE2::FullMatch(Piece(gap), kGap) && !RE2::FullMatch(Piece(gap), kBlank);
}

Subject SubjectOf(const Mention& mention) { return mention.items; }

}  // namespace

SentenceParts::SentenceParts(std::string_view sentence, std::vector<Mention> found,
                             const std::vector<size_t>& before, size_t count)
    : text(sentence),
      lower(ToLowerAscii(sentence)),
      mentions(std::move(found)),
      context(before),
      items(count) {
  static const RE2 kAll(
      R"(모두|둘 다|둘다|셋 다|전부|각각|(?:두|세|네) (?:상품|제품|가지|아이템) (?:다|모두)|\b(?:all|both|each|every)\b)");
  static const RE2 kOthers(R"(다른 |나머지|\b(?:other|others|another|the rest)\b)");
  static const RE2 kWish(
      R"(찾으시|찾으신|찾고|찾는|원하시|원하신|원하는|말씀하|요청|예산|질문|문의|필요하|조건|관심|\b(?:you asked|you want|you need|you're looking|you’re looking|you are looking|looking for|your|budget|requested?|if you|asked for)\b)");
  masked = WithoutMentions(text, mentions);
  for (const Mention& mention : mentions) {
    TRINE_CHECK_LE(mention.end, text.size());
    if (!mention.compared) subjects.push_back(mention);
  }
  if (subjects.empty()) subjects = mentions;
  const std::string rest = ToLowerAscii(masked);
  negated = HasNegation(rest);
  about_all = RE2::PartialMatch(rest, kAll);
  // "Both" means two items; which of more, the sentence does not say.
  static const RE2 kBoth(R"(둘 다|둘다|\bboth\b)");
  if (RE2::PartialMatch(rest, kBoth) && subjects.size() != 2 && context.size() != 2 && items != 2)
    about_all = false;
  about_others = RE2::PartialMatch(rest, kOthers);
  repeats_wish = RE2::PartialMatch(rest, kWish);
  const std::string_view trimmed = Trim(text, " \t\r\n\"'”’)");
  is_question = trimmed.ends_with('?') || trimmed.ends_with("？");
}

std::vector<Subject> SentenceParts::SubjectsAt(size_t begin, size_t end,
                                               const std::vector<StatedNumber>* amounts) const {
  TRINE_DCHECK_LE(begin, end);
  const std::string_view view = text;
  size_t next = 0;
  while (next < subjects.size() && subjects[next].begin < begin) ++next;
  if (next < subjects.size() && subjects[next].begin >= end) {
    const std::string_view gap = view.substr(end, subjects[next].begin - end);
    // "$39 for A" is about A, but in "A costs $39, B $59" the amount follows its item.
    const bool free = next == 0 || !IsBlank(gap);
    if (IsAdnominalGap(gap) && free) return {SubjectOf(subjects[next])};
  }
  if (next == 0) {
    if (!subjects.empty()) return {SubjectOf(subjects[0])};
    std::vector<Subject> out;
    if (about_all) {
      if (context.size() > 1) {
        for (const size_t item : context) out.push_back({item});
      } else {
        for (size_t i = 0; i < items; ++i) out.push_back({i});
      }
      return out;
    }
    if (about_others) {
      Subject any;
      for (size_t i = 0; i < items; ++i) any.push_back(i);
      if (!any.empty()) out.push_back(any);
      return out;
    }
    if (!context.empty()) out.push_back(context);
    return out;
  }
  size_t first = next - 1;
  while (first > 0 &&
         IsAndGap(view.substr(subjects[first - 1].end, subjects[first].begin - subjects[first - 1].end)))
    --first;
  const size_t group = next - first;
  if (amounts != nullptr && group > 1) {
    const size_t stop = next < subjects.size() ? subjects[next].begin : text.size();
    size_t count = 0, rank = 0;
    for (const StatedNumber& amount : *amounts) {
      if (amount.begin < subjects[next - 1].end || amount.begin >= stop) continue;
      if (amount.begin < begin) ++rank;
      ++count;
    }
    if (count == group && rank < group) return {SubjectOf(subjects[first + rank])};
  }
  std::vector<Subject> out;
  for (size_t i = first; i < next; ++i) out.push_back(SubjectOf(subjects[i]));
  return out;
}

std::vector<size_t> SentenceParts::NamedItems() const {
  std::vector<size_t> out;
  for (const Mention& mention : subjects) {
    for (const size_t item : mention.items) {
      if (std::find(out.begin(), out.end(), item) == out.end()) out.push_back(item);
    }
  }
  return out;
}

}  // namespace trine::language
