// How a sentence is judged.
//
// A sentence makes claims: numbers, amounts of money, names, properties. Each claim has a place, and is about
// the items that the sentence names there (sentence_subjects.h). Example:
//
//   items: a "Linen Shirt" 40 USD, white; b "Cotton Shirt" 25 USD, blue
//   "The Linen Shirt costs $40 and the Cotton Shirt $25."   supported: each amount follows its item
//   "The Linen Shirt costs $25."                            the price of another item
//   "The blue Linen Shirt is nice."                         blue is not an attribute of it
//   "Both go well with jeans."                              makes no claim that could be wrong, so it passes
//
// 1. Links, addresses, HTML, requests for secrets, claimed actions and talk about instructions are never
//    supported, whatever the material says: the material is written by others.
// 2. The price of an item is its price field alone. A title, a description or a document that says another
//    amount does not support a sentence; an amount that is marked as something else (shipping, a former
//    price) needs the text of the item.
// 3. Any other claim is supported by the item that it is about, or by one passage that names this item and
//    has all claims and names of the sentence that the items do not support.
// 4. Names (quotations, capitalised words, model numbers, Korean topics) must occur in the material or in the
//    question.
//
// The rules can only drop sentences, so a mistake costs a sentence and never adds one. A second language
// model as a judge was not used, because it would read the same untrusted text.
#include "language/sentence_judge.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "analysis/analyzer.h"
#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "catalogue/role.h"
#include "language/plain_text.h"
#include "language/sentence_splitter.h"
#include "language/text_markup.h"
#include "language/word_match.h"

namespace trine::language {
namespace {

using catalogue::Role;

constexpr size_t kMaxMaterialBytes = 400'000;  // of documents and facts; the rest supports nothing
constexpr size_t kMaxPassages = 4000;
constexpr size_t kMaxPassageBytes = 4000;  // a longer paragraph is divided
constexpr size_t kMaxQuotableBytes = 160;  // as the built-in answer quotes reasons
constexpr size_t kMinQuotableBytes = 12;   // a shorter text proves nothing
constexpr size_t kMaxToldNames = 200;
constexpr size_t kMaxListNumber = 20;  // of a list that numbers something other than the items
constexpr double kTolerance = 1e-6;

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

bool Equal(double a, double b) { return std::abs(a - b) <= kTolerance * std::max(std::abs(a), std::abs(b)); }

// Whether the sentence uses the amount as a bound. 1: at most, -1: at least, 0: neither; `inclusive` for
// both.
int BoundOf(std::string_view lower, const StatedNumber& said) {
  static const RE2 kUpperAfter(
      R"(^\s*(?:대)?\s*(?:이하|미만|이내|내로|안쪽|아래|안에|안에서|안으로|밑|넘지|을 넘지|를 넘지|을 밑|를 밑|보다 (?:저렴|싸|낮|적)|or (?:less|under|below)|and (?:under|below)|max))");
  static const RE2 kLowerAfter(
      R"(^\s*(?:대)?\s*(?:이상|초과|부터|을 넘|를 넘|이 넘|가 넘|보다 (?:비싸|비싼|높)|or more|and (?:up|above|over)))");
  static const RE2 kUpperBefore(
      R"((?:\b(?:under|below|beneath|less than|lower than|cheaper than|up to|within|at most|not more than|no more than|maximum of|max|limit of)(?: (?:a|an|the|your|our) )?(?:budget of |limit of |price of )?)\s*$)");
  static const RE2 kLowerBefore(
      R"((?:\b(?:over|above|more than|at least|from|exceeds?|exceeding|starting at|higher than|more expensive than)(?: your)?(?: budget of)?)\s*$)");
  const std::string_view before = lower.substr(0, said.begin), after = lower.substr(said.end);
  if (RE2::PartialMatch(Piece(after), kUpperAfter) || RE2::PartialMatch(Piece(before), kUpperBefore))
    return 1;
  if (RE2::PartialMatch(Piece(after), kLowerAfter) || RE2::PartialMatch(Piece(before), kLowerBefore))
    return -1;
  return 0;
}

// Whether the words before the amount say that it is not the price: "배송비 3,000원", "$5 shipping".
bool IsAside(std::string_view lower, const StatedNumber& said) {
  static const RE2 kAfter(
      R"(^\s*(?:의\s*)?(?:배송비|적립|쿠폰|할인|off\b|discount|shipping|delivery|coupon|for shipping|for delivery))");
  static const RE2 kBefore(
      R"((?:배송비|배송료|택배비|운임|적립금|적립|포인트|쿠폰|보증금|설치비|수수료|shipping|delivery|postage|deposit|coupon|points|fee|tax|정가|소비자가|원가|시중가|출시가|할인 전|원래|list price|msrp|regular price|regularly|originally|original price|was)\s*(?:은|는|이|가|:|is|was|costs?|of|at)?\s*(?:가격\s*)?$)");
  const std::string_view before = lower.substr(0, said.begin), after = lower.substr(said.end);
  return RE2::PartialMatch(Piece(after), kAfter) || RE2::PartialMatch(Piece(before), kBefore);
}

bool IsCounter(std::string_view unit) {
  static constexpr std::array<std::string_view, 17> kCounters = {"개", "가지", "종", "번", "순위", "위",
                                                                 "st", "nd",   "rd", "th", "상품", "제품",
                                                                 "벌", "켤레", "대", "점", "권"};
  static const RE2 kOther(R"(^(?:개월|번호|종료|대나|대략).*)");
  return !RE2::FullMatch(Piece(unit), kOther) &&
         std::any_of(kCounters.begin(), kCounters.end(),
                     [&](std::string_view counter) { return unit.starts_with(counter); });
}

}  // namespace

SentenceJudge::SentenceJudge(const GroundingMaterial& material)
    : material_(material),
      mentions_(material_.items),
      vocabulary_(material_.items),
      question_(material_.question) {
  for (const AnswerItem& item : material_.items) AddItem(item);
  AddPassages(material_.documents);
  AddPassages(material_.facts);
  for (const std::string& fact : material_.facts) quotable_.push_back(PlainLine(fact, kMaxQuotableBytes));
  AddToldNames();
  for (const Item& item : items_) known_ += item.facts.folded() + "\n";
  for (const StatedFacts& passage : passages_) known_ += passage.folded() + "\n";
  known_ += question_.folded();
}

void SentenceJudge::AddItem(const AnswerItem& item) {
  Item prepared{StatedFacts(item.title + "\n" + item.id + "\n" + item.reason),
                {},
                item.price.has_value(),
                analysis::Fold(item.title)};
  const std::string currency = item.price ? item.price->currency : "";
  for (const auto& [name, value] : item.attributes) {
    prepared.facts.AddColumn(name, value, currency);
    const auto role = catalogue::RoleOfName(name);
    const bool address = role && (role->role == Role::kUrl || role->role == Role::kImage);
    if (address && value.find_first_of(" \t\n<>\"'") == std::string::npos) links_.push_back(value);
  }
  if (item.price) {
    StatedNumber price;
    price.value = item.price->amount;
    price.currency = item.price->currency;
    price.is_price = true;
    prepared.prices.push_back(price);
    prepared.facts.Add(price);
  }
  if (item.grams) {
    StatedNumber mass;
    mass.value = *item.grams;
    mass.unit = "g";
    mass.grams = *item.grams;
    prepared.facts.Add(mass);
  }
  if (item.reason.size() >= kMinQuotableBytes) quotable_.push_back(PlainLine(item.reason, kMaxQuotableBytes));
  const std::string title(
      Trim(std::string_view(prepared.title).substr(0, prepared.title.find_first_of("([{"))));
  heads_.push_back(title.substr(title.find_last_of(' ') + 1));
  items_.push_back(std::move(prepared));
}

// Facts and reasons quote the titles of other items, such as those that the shopper viewed. One word in
// quotation marks may be a property, and is not masked.
void SentenceJudge::AddToldNames() {
  static const RE2 kQuoted("‘([^‘’]+ [^‘’]+)’");
  for (const std::string& text : quotable_) {
    re2::StringPiece rest(text), name;
    while (told_names_.size() < kMaxToldNames && RE2::FindAndConsume(&rest, kQuoted, &name))
      told_names_.emplace_back(name.data(), name.size());
  }
}

void SentenceJudge::AddPassages(const std::vector<std::string>& texts) {
  size_t bytes = 0;
  for (const std::string& text : texts) {
    std::string_view rest = CutUtf8(text, kMaxMaterialBytes - std::min(bytes, kMaxMaterialBytes));
    bytes += rest.size();
    // A paragraph is one passage: its sentences are about the same thing.
    while (!rest.empty() && passages_.size() < kMaxPassages) {
      const size_t end = std::min(rest.find("\n\n"), rest.size());
      std::string_view passage = CutUtf8(rest.substr(0, end), kMaxPassageBytes);
      if (passage.empty()) passage = rest.substr(0, std::min(end + 2, rest.size()));
      AddPassage(passage);
      rest.remove_prefix(passage.size() == end ? std::min(end + 2, rest.size()) : passage.size());
    }
  }
}

void SentenceJudge::AddPassage(std::string_view passage) {
  if (IsBlank(passage)) return;
  const std::string folded = analysis::Fold(passage);
  const auto named = std::count_if(items_.begin(), items_.end(), [&](const Item& item) {
    return !item.title.empty() && folded.find(item.title) != std::string::npos;
  });
  if (named < 2) {
    passages_.emplace_back(passage);
    return;
  }
  // A paragraph about several items says of each only the sentences that name it.
  SentenceSplitter splitter;
  auto sentences = splitter.Add(passage);
  for (auto& rest : splitter.Finish()) sentences.push_back(std::move(rest));
  for (const auto& sentence : sentences) {
    if (!IsBlank(sentence.text)) passages_.emplace_back(sentence.text);
  }
}

SentenceJudge::Verdict SentenceJudge::Judge(std::string_view sentence,
                                            const std::vector<size_t>& context) const {
  Verdict verdict;
  verdict.mentions = mentions_.Find(sentence);
  SentenceParts parts(sentence, verdict.mentions, context, items_.size());
  verdict.named = parts.NamedItems();
  verdict.why = WhyNever(parts);
  if (!verdict.why.empty()) return verdict;
  // Reasons and facts may be repeated as they are.
  for (const std::string& text : quotable_) {
    if (text.size() < kMinQuotableBytes) continue;
    const size_t at = parts.text.find(text);
    if (at == std::string::npos) continue;
    std::fill_n(parts.masked.begin() + static_cast<ptrdiff_t>(at), text.size(), ' ');
  }
  for (const std::string& name : told_names_) {
    for (size_t at = parts.masked.find(name); at != std::string::npos; at = parts.masked.find(name, at + 1))
      std::fill_n(parts.masked.begin() + static_cast<ptrdiff_t>(at), name.size(), ' ');
  }
  const std::vector<Failure> failures = FailuresOf(parts);
  if (!failures.empty() && !IsExcused(parts, failures)) verdict.why = failures.front().why;
  return verdict;
}

std::string SentenceJudge::WhyNever(const SentenceParts& parts) const {
  // The names of items may have a full stop or an order in them, but never a link.
  std::string why = WhyUnsafe(parts.text, links_, known_);
  if (why.empty()) why = WhyForbidden(parts.text, parts.masked);
  // A title that is such a sentence is not shown either.
  for (const Mention& mention : parts.mentions) {
    const std::string_view name =
        std::string_view(parts.text).substr(mention.begin, mention.end - mention.begin);
    if (why.empty()) why = WhyForbidden(name, name);
  }
  return why;
}

std::vector<SentenceJudge::Failure> SentenceJudge::FailuresOf(const SentenceParts& parts) const {
  std::vector<Failure> failures;
  CheckNumbers(parts, &failures);
  CheckWords(parts, &failures);
  CheckNames(parts, &failures);
  CheckIds(parts, &failures);
  CheckSizes(parts, &failures);
  CheckListLine(parts, &failures);
  // A wrong price explains more than what it leads to.
  std::stable_sort(failures.begin(), failures.end(),
                   [](const Failure& a, const Failure& b) { return a.is_hard && !b.is_hard; });
  return failures;
}

std::string SentenceJudge::Said(const SentenceParts& parts, const StatedNumber& number) {
  TRINE_CHECK_LE(number.end, parts.masked.size());
  return "\"" + parts.masked.substr(number.begin, number.end - number.begin) + "\"";
}

bool SentenceJudge::IsCount(const SentenceParts& parts, const StatedNumber& said) const {
  if (!said.is_read || !said.currency.empty()) return false;
  if (said.value < 0 || !Equal(said.value, std::floor(said.value))) return false;
  const std::string_view masked = parts.masked;
  const std::string_view after = masked.substr(said.end);
  const bool line_mark = !said.is_spelled &&
                         (after.starts_with('.') || after.starts_with(')') || after.starts_with(']')) &&
                         IsBlank(masked.substr(0, said.begin), " \t\r\n-*#([");
  static const RE2 kOrdinal(
      R"((?:\b(?:option|choice|pick|item|product|number|no\.?)|#|추천|상품|후보|옵션|선택지)\s*$)");
  const bool ordinal =
      said.unit.empty() &&
      RE2::PartialMatch(Piece(std::string_view(parts.lower).substr(0, said.begin)), kOrdinal);
  if (ordinal) return said.value <= static_cast<double>(items_.size());
  if (line_mark) return said.value <= static_cast<double>(std::max(items_.size(), kMaxListNumber));
  if (said.value > static_cast<double>(items_.size())) return false;
  if (!said.unit.empty()) return IsCounter(said.unit) && !IsMeasure(said.unit);
  static const RE2 kNouns(
      R"(products?|items?|options?|choices?|picks?|recommendations?|results?|matches|pieces?|candidates?|suggestions?|of|that|which|more|other|good|great|best|left|close)");
  if (RE2::FullMatch(said.next_word, kNouns)) return true;
  // "two shirts": the noun is in a title.
  return said.next_word.size() > 2 && std::any_of(items_.begin(), items_.end(), [&](const Item& item) {
           const std::string_view noun = said.next_word;
           return HasWord(item.facts.folded(), noun) ||
                  (noun.ends_with('s') && HasWord(item.facts.folded(), noun.substr(0, noun.size() - 1)));
         });
}

void SentenceJudge::CheckNumbers(const SentenceParts& parts, std::vector<Failure>* failures) const {
  std::vector<StatedNumber> numbers = FindNumbers(parts.masked), amounts;
  std::copy_if(numbers.begin(), numbers.end(), std::back_inserter(amounts),
               [](const StatedNumber& number) { return !number.currency.empty(); });
  for (const StatedNumber& said : numbers) {
    if (!said.currency.empty()) {
      CheckMoney(parts, said, amounts, failures);
      continue;
    }
    if (IsCount(parts, said)) continue;
    // "two of them", "one-piece": words for small numbers count nothing that is known.
    static const RE2 kCounted(R"(products?|items?|options?|choices?|picks?|recommendations?|results?)");
    const bool counts = IsCounter(said.unit) || RE2::FullMatch(said.next_word, kCounted);
    if (said.is_spelled && !counts && !IsMeasure(said.unit)) continue;
    const auto subjects = parts.SubjectsAt(said.begin, said.end, nullptr);
    const auto states = [&](size_t item) { return items_[item].facts.States(said); };
    const auto holds = [&](const Subject& subject) {
      return std::any_of(subject.begin(), subject.end(), states);
    };
    const bool by_question =
        question_.States(said) && (subjects.empty() || parts.mentions.empty() || parts.negated ||
                                   parts.repeats_wish || parts.is_question);
    bool supported = by_question;
    if (subjects.empty()) {
      for (size_t item = 0; item < items_.size() && !supported; ++item) supported = states(item);
    } else {
      supported = supported || std::all_of(subjects.begin(), subjects.end(), holds);
    }
    if (supported) continue;
    failures->push_back({Failure::Kind::kNumber,
                         said,
                         {},
                         false,
                         "the number " + Said(parts, said) + " is not in the " +
                             (subjects.empty() ? "items and documents" : "item that the sentence names")});
  }
}

bool SentenceJudge::HoldsPrice(const SentenceParts& parts, size_t item, const StatedNumber& said) const {
  TRINE_CHECK_LT(item, items_.size());
  const Item& one = items_[item];
  if (!one.has_price) return one.facts.States(said);
  if (IsAside(parts.lower, said)) return one.facts.States(said);
  const StatedNumber& price = one.prices.front();
  if (!price.currency.empty() && price.currency != said.currency) return false;
  if (!said.is_read) return false;
  const int bound = BoundOf(parts.lower, said);
  if (bound > 0) return price.value <= said.value * (1 + kTolerance);
  if (bound < 0) return price.value >= said.value * (1 - kTolerance);
  const std::string_view after = std::string_view(parts.lower).substr(said.end);
  if (after.starts_with("대") && said.scale > 1)
    return price.value >= said.value && price.value < said.value + said.scale;
  return Equal(price.value, said.value);
}

bool SentenceJudge::IsTotal(const SentenceParts& parts, const StatedNumber& said) const {
  static const RE2 kTotal(
      R"(합계|합쳐|합치|합하|총|모두 사|전부 사|\b(?:total|together|combined|altogether|in all|sum)\b)");
  if (!RE2::PartialMatch(parts.lower, kTotal)) return false;
  std::vector<size_t> some = parts.NamedItems(), all;
  for (size_t item = 0; item < items_.size(); ++item) all.push_back(item);
  if (some.empty()) some = parts.context;
  for (const std::vector<size_t>& items : {some, all}) {
    double sum = 0;
    bool known = items.size() > 1;
    for (const size_t item : items) {
      known = known && items_[item].has_price && items_[item].prices[0].currency == said.currency;
      sum += known ? items_[item].prices[0].value : 0;
    }
    if (known && Equal(sum, said.value)) return true;
  }
  return false;
}

// "A is $5 cheaper than B", "A가 B보다 5,000원 비싸요".
bool SentenceJudge::IsDifference(const SentenceParts& parts, const StatedNumber& said) const {
  static const RE2 kLess(R"(저렴|싸요|쌉니다|싼 |낮|\b(?:cheaper|less)\b)"),
      kMore(R"(비싸|비쌉|비싼|높|\bmore\b)");
  const Mention* subject = nullptr;
  const Mention* compared = nullptr;
  for (const Mention& mention : parts.mentions) (mention.compared ? compared : subject) = &mention;
  if (subject == nullptr || compared == nullptr || parts.mentions.size() != 2) return false;
  const std::string_view after = std::string_view(parts.lower).substr(said.end);
  const bool more = RE2::PartialMatch(Piece(after), kMore),
             less = !more && RE2::PartialMatch(Piece(after), kLess);
  const Item &one = items_[subject->items[0]], &other = items_[compared->items[0]];
  if (less == more || !one.has_price || !other.has_price) return false;
  const StatedNumber &a = one.prices[0], &b = other.prices[0];
  if (a.currency != said.currency || b.currency != said.currency) return false;
  return Equal(less ? b.value - a.value : a.value - b.value, said.value);
}

void SentenceJudge::CheckMoney(const SentenceParts& parts, const StatedNumber& said,
                               const std::vector<StatedNumber>& amounts,
                               std::vector<Failure>* failures) const {
  const auto holds_item = [&](size_t item) { return HoldsPrice(parts, item, said); };
  if (IsTotal(parts, said) || IsDifference(parts, said)) return;
  const auto subjects = parts.SubjectsAt(said.begin, said.end, &amounts);
  const int bound = BoundOf(parts.lower, said);
  const bool asked = question_.States(said);
  if (subjects.empty()) {
    // A bound of the question is repeated; another one must hold for all items.
    if (asked) return;
    for (size_t item = 0; item < items_.size(); ++item) {
      if (bound == 0 && holds_item(item)) return;
    }
    if (bound != 0 && !items_.empty() &&
        std::all_of(material_.items.begin(), material_.items.end(), [&](const AnswerItem& item) {
          return holds_item(static_cast<size_t>(&item - material_.items.data()));
        }))
      return;
  } else {
    const bool holds = std::all_of(subjects.begin(), subjects.end(), [&](const Subject& subject) {
      return std::any_of(subject.begin(), subject.end(), holds_item);
    });
    if (holds) return;
    // The wish of the shopper, said beside an item: "your budget of $50"; denied: "not under $50".
    const bool wish = asked && (parts.negated || parts.is_question || (bound == 0 && parts.repeats_wish) ||
                                (parts.mentions.empty() && !parts.about_all && bound != 0));
    if (wish) return;
  }
  const bool priced = std::any_of(subjects.begin(), subjects.end(), [&](const Subject& subject) {
    return std::any_of(subject.begin(), subject.end(), [&](size_t item) { return items_[item].has_price; });
  });
  const bool aside = IsAside(parts.lower, said);
  failures->push_back({Failure::Kind::kNumber,
                       said,
                       {},
                       priced && !aside,
                       subjects.empty()
                           ? "the amount " + Said(parts, said) + " is not in the items and documents"
                           : "the amount " + Said(parts, said) + " is not that of the item"});
}

void SentenceJudge::CheckWords(const SentenceParts& parts, std::vector<Failure>* failures) const {
  const std::string lower = ToLowerAscii(parts.masked);
  for (const FoundClaim& claim : vocabulary_.Find(lower)) {
    const auto says = [&](const StatedFacts& facts) {
      return std::any_of(claim.words.begin(), claim.words.end(),
                         [&](const std::string& word) { return facts.Says(word); });
    };
    const auto subjects = parts.SubjectsAt(claim.begin, claim.end, nullptr);
    const auto of_item = [&](size_t item) { return says(items_[item].facts); };
    const auto holds = [&](const Subject& subject) {
      return std::any_of(subject.begin(), subject.end(), of_item);
    };
    // The question may also refuse the word, which a sentence may repeat.
    const bool asked =
        says(question_) ||
        (parts.negated && std::any_of(claim.words.begin(), claim.words.end(), [&](const std::string& word) {
           return HasWord(question_.folded(), word);
         }));
    if (IsDenied(lower, claim.begin, claim.end)) {
      // What an item is said to be, a sentence may not deny.
      const bool wrong = !parts.mentions.empty() && !subjects.empty() &&
                         std::all_of(subjects.begin(), subjects.end(), holds);
      if (wrong && !asked)
        failures->push_back(
            {Failure::Kind::kWords, {}, claim.words, true, "the item is \"" + claim.words[0] + "\""});
      continue;
    }
    if (parts.is_question && parts.mentions.empty()) continue;
    if (asked && (parts.mentions.empty() || parts.negated || parts.repeats_wish)) continue;
    bool supported = false;
    if (subjects.empty()) {
      for (size_t item = 0; item < items_.size() && !supported; ++item) supported = of_item(item);
    } else {
      supported = std::all_of(subjects.begin(), subjects.end(), holds);
      // "One is white, the other is blue": without a name, any item may be meant.
      const bool unnamed = parts.mentions.empty() && !parts.about_all && parts.context.size() > 1;
      for (size_t item = 0; item < items_.size() && unnamed && !supported; ++item) supported = of_item(item);
    }
    if (!supported)
      failures->push_back({Failure::Kind::kWords,
                           {},
                           claim.words,
                           false,
                           "\"" + claim.words[0] + "\" is not said of the item"});
  }
}

bool SentenceJudge::IsKnownName(std::string_view folded) const {
  if (IsCommonWord(folded)) return true;
  if (HasHangul(folded)) {
    if (known_.find(folded) != std::string::npos) return true;
    const size_t stem = analysis::LengthWithoutParticle(folded);
    const std::string_view noun = folded.substr(0, stem);
    if (IsCommonWord(noun) || (stem > 3 && known_.find(noun) != std::string::npos)) return true;
    // A compound of known words: "캠핑용품" after "캠핑".
    for (size_t size = 6; size + 3 <= noun.size(); size += 3) {
      if (known_.find(noun.substr(0, size)) != std::string::npos) return true;
    }
    return false;
  }
  if (HasWord(known_, folded)) return true;
  return folded.ends_with('s') && HasWord(known_, folded.substr(0, folded.size() - 1));
}

void SentenceJudge::CheckNames(const SentenceParts& parts, std::vector<Failure>* failures) const {
  using Kind = SentenceName::Kind;
  const std::vector<StatedNumber> numbers = FindNumbers(parts.masked);
  const bool claims_number = std::any_of(numbers.begin(), numbers.end(),
                                         [&](const StatedNumber& number) { return !IsCount(parts, number); });
  for (const SentenceName& name : FindNames(parts.masked, heads_)) {
    const std::string folded = analysis::Fold(Trim(name.text, " .,!?"));
    // The unit of a number is not a name.
    const bool in_number = std::any_of(numbers.begin(), numbers.end(), [&](const StatedNumber& number) {
      return name.kind == Kind::kCapitalised && name.begin >= number.begin && name.end <= number.end;
    });
    if (folded.empty() || in_number) continue;
    bool known = false;
    std::string why;
    switch (name.kind) {
      case Kind::kQuotation: {
        // Blanks are mentions, which are known.
        known = known_.find(folded) != std::string::npos;
        if (!known) {
          known = true;
          for (const WrittenWord& word : SplitAtBlanks(folded))
            known = known && IsKnownName(std::string_view(folded).substr(word.begin, word.end - word.begin));
        }
        why = "it quotes \"" + folded + "\"";
        break;
      }
      case Kind::kIdentifier: {
        const auto subjects = parts.SubjectsAt(name.begin, name.end, nullptr);
        const auto holds = [&](const Subject& subject) {
          return std::any_of(subject.begin(), subject.end(),
                             [&](size_t item) { return HasWord(items_[item].facts.folded(), folded); });
        };
        known =
            subjects.empty() || parts.mentions.empty()
                ? HasWord(known_, folded)
                : std::all_of(subjects.begin(), subjects.end(), holds) || HasWord(question_.folded(), folded);
        why = "the identifier \"" + name.text + "\" is not in the item";
        break;
      }
      case Kind::kCapitalised:
      case Kind::kModifier:
        known = IsKnownName(folded);
        why = "the name \"" + name.text + "\" is not in the items and documents";
        break;
      case Kind::kTopic:
        // Only a topic of which something is claimed must be known; the recommended thing always.
        known = IsKnownName(folded) ||
                (!claims_number &&
                 std::string_view(parts.masked).substr(name.end, 12).find("추천") == std::string_view::npos);
        why = "\"" + name.text + "\" is not in the items and documents";
        break;
    }
    if (!known) failures->push_back({Failure::Kind::kName, {}, {folded}, false, why});
  }
}

// An id beside a title must be that of the same item: "Linen Shirt (SH-1001)", "model SH-1001".
void SentenceJudge::CheckIds(const SentenceParts& parts, std::vector<Failure>* failures) const {
  static const RE2 kApposition(
      R"((?i)(?:[(\[]|\b(?:model|item|id|sku|no\.?|number|code)|상품\s*번호|상품\s*코드|모델(?:명|번호)?|제품\s*번호)\s*[:：]?\s*(?:no\.?\s*)?$)");
  for (size_t i = 1; i < parts.mentions.size(); ++i) {
    const Mention& id = parts.mentions[i];
    const Mention& before = parts.mentions[i - 1];
    const std::string_view gap = std::string_view(parts.text).substr(before.end, id.begin - before.end);
    if (!id.is_id || !RE2::PartialMatch(Piece(gap), kApposition)) continue;
    const bool same = std::any_of(id.items.begin(), id.items.end(), [&](size_t item) {
      return std::find(before.items.begin(), before.items.end(), item) != before.items.end();
    });
    if (same) continue;
    const std::string said = parts.text.substr(id.begin, id.end - id.begin);
    failures->push_back({Failure::Kind::kName,
                         {},
                         {analysis::Fold(said)},
                         true,
                         "\"" + said + "\" is the id of another item"});
  }
}

// Sizes in letters, which are too short to be found as words: "size XL", "L 사이즈".
void SentenceJudge::CheckSizes(const SentenceParts& parts, std::vector<Failure>* failures) const {
  static const RE2 kSize(
      R"((?i)(?:\bsizes?|사이즈(?:는|가)?)\s+((?:[2-5]?x{0,3}[sl]|m|free))\b|\b((?:[2-5]?x{0,3}[sl]|m|free))\s*(?:size\b|사이즈))");
  re2::StringPiece rest(parts.masked), behind, before;
  while (RE2::FindAndConsume(&rest, kSize, &behind, &before)) {
    const re2::StringPiece& size = behind.empty() ? before : behind;
    const size_t begin = static_cast<size_t>(size.data() - parts.masked.data());
    const std::string folded = ToLowerAscii(std::string_view(size.data(), size.size()));
    const auto subjects = parts.SubjectsAt(begin, begin + size.size(), nullptr);
    const auto of_item = [&](size_t item) { return items_[item].facts.Says(folded); };
    const bool holds =
        !subjects.empty() && std::all_of(subjects.begin(), subjects.end(), [&](const Subject& subject) {
          return std::any_of(subject.begin(), subject.end(), of_item);
        });
    bool of_any = false;
    for (size_t item = 0; item < items_.size() && subjects.empty(); ++item) of_any = of_any || of_item(item);
    const bool asked =
        question_.Says(folded) && (parts.mentions.empty() || parts.negated || parts.is_question);
    if (!holds && !of_any && !asked && !parts.negated)
      failures->push_back({Failure::Kind::kWords,
                           {},
                           {folded},
                           false,
                           "the size \"" + folded + "\" is not said of the item"});
  }
}

void SentenceJudge::CheckListLine(const SentenceParts& parts, std::vector<Failure>* failures) const {
  static const RE2 kLine(
      R"(^\s*(?:[0-9]{1,2}[.)]|[-•*])\s+([^(:—–\-|,\d]{2,120}?)\s*(?:\(|:|—|–|-|\||,|[$₩€£]?[0-9]))");
  re2::StringPiece head;
  if (!parts.mentions.empty() || items_.empty() || !RE2::PartialMatch(Piece(parts.masked), kLine, &head))
    return;
  const auto numbers = FindNumbers(parts.masked);
  if (std::none_of(numbers.begin(), numbers.end(),
                   [](const StatedNumber& one) { return !one.currency.empty(); }))
    return;
  const std::string folded = analysis::Fold(std::string_view(head.data(), head.size()));
  for (const WrittenWord& word : SplitAtBlanks(folded)) {
    const std::string_view one = std::string_view(folded).substr(word.begin, word.end - word.begin);
    if (IsKnownName(one)) continue;
    failures->push_back(
        {Failure::Kind::kName, {}, {std::string(one)}, true, "\"" + folded + "\" is not an item"});
    return;
  }
}

bool SentenceJudge::IsExcused(const SentenceParts& parts, const std::vector<Failure>& failures) const {
  if (std::any_of(failures.begin(), failures.end(), [](const Failure& failure) { return failure.is_hard; }))
    return false;
  std::vector<std::string> names;
  for (const Mention& mention : parts.subjects)
    names.push_back(
        analysis::Fold(std::string_view(parts.text).substr(mention.begin, mention.end - mention.begin)));
  for (const SentenceName& name : FindNames(parts.masked, heads_)) {
    if (name.kind == SentenceName::Kind::kModifier) continue;
    std::string folded = analysis::Fold(name.text);
    folded.resize(analysis::LengthWithoutParticle(folded));
    if (!IsCommonWord(folded)) names.push_back(std::move(folded));
  }
  return std::any_of(passages_.begin(), passages_.end(), [&](const StatedFacts& passage) {
    const bool about = std::all_of(names.begin(), names.end(),
                                   [&](const std::string& name) { return passage.Contains(name); });
    // A sentence that goes on about an item needs a passage about it.
    const bool goes_on = parts.mentions.empty() && !parts.context.empty() && names.empty();
    const bool same = !goes_on || std::any_of(parts.context.begin(), parts.context.end(), [&](size_t item) {
      return passage.Contains(items_[item].title);
    });
    // General terms of the shop name no item: "Returns are accepted within 14 days."
    const bool general = goes_on && std::none_of(items_.begin(), items_.end(), [&](const Item& item) {
                           return passage.Contains(item.title);
                         });
    return about && (same || general) &&
           std::all_of(failures.begin(), failures.end(), [&](const Failure& failure) {
             switch (failure.kind) {
               case Failure::Kind::kNumber:
                 return passage.States(failure.number);
               case Failure::Kind::kWords:
                 return std::any_of(failure.words.begin(), failure.words.end(),
                                    [&](const std::string& word) { return passage.Says(word); });
               case Failure::Kind::kName:
                 return passage.Contains(failure.words[0]);
             }
             return false;
           });
  });
}

bool SentenceJudge::StatesNumber(double number) const {
  if (number >= 0 && number <= static_cast<double>(items_.size())) return true;
  const auto states = [&](const StatedFacts& facts) { return facts.States(number); };
  return states(question_) || std::any_of(passages_.begin(), passages_.end(), states) ||
         std::any_of(items_.begin(), items_.end(), [&](const Item& item) { return states(item.facts); });
}

bool SentenceJudge::MayHavePrice(const std::vector<std::string>& names, double amount) const {
  bool named = false;
  for (size_t i = 0; i < items_.size(); ++i) {
    const AnswerItem& item = material_.items[i];
    const bool match = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return name == item.id || name == item.title;
    });
    if (!match || !item.price) continue;
    named = true;
    if (Equal(item.price->amount, amount)) return true;
  }
  return !named;
}

}  // namespace trine::language
