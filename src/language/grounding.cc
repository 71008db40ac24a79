// How a sentence is judged.
//
// A sentence makes claims: numbers, identifiers, quoted and capitalised names, properties of goods. Each
// claim stands at a place, and is about the product that the sentence names there: the nearest one named
// before it, or else the first one behind it, or else the products of the sentence before. The claim is
// supported if that product says it, or a passage of a document that names the product, or a fact. A sentence
// about no product is supported if a single piece of the material states all its claims. Example:
//
//   items: a "Linen Shirt" 40 USD, b "Cotton Shirt" 25 USD
//   "The Linen Shirt costs $40 and the Cotton Shirt $25."   supported
//   "The Linen Shirt costs $25."                            $25 is not said of the Linen Shirt
//   "Both go well with jeans."                              makes no claim that could be wrong, so it passes
//
// Sentences that ask for secrets, claim actions, speak about instructions or contain a link that is not in
// the material are never supported. A model of its own could judge more, but would have to be trusted in
// turn; these rules can only drop sentences.
#include "language/grounding.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "analysis/analyzer.h"
#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "format/quantity_text.h"
#include "format/text.h"
#include "language/list_mark.h"
#include "language/plain_text.h"
#include "language/sentence_splitter.h"
#include "language/stated_facts.h"
#include "language/synonyms.h"
#include "language/word_match.h"

namespace trine::language {
namespace {

constexpr size_t kMaxMaterialBytes = 400'000;  // of all documents and facts; the rest supports nothing
constexpr size_t kMaxPassages = 4'000;
constexpr size_t kMaxValueBytes =
    40;  // the longest attribute that a sentence may claim; longer ones are prose
constexpr size_t kLeastNameBytes = 3;  // the shortest id that is recognised within a sentence

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

RE2::Options IgnoreCase() {
  RE2::Options options;
  options.set_case_sensitive(false);
  return options;
}

// Words of which a sentence may say one only if the material says one.
const std::vector<std::vector<std::string>>& ClaimWords() {
  static const std::vector<std::vector<std::string>> kWords = {
#define CLAIM_WORDS(...) {__VA_ARGS__},
#include "language/claim_words.inc"
#undef CLAIM_WORDS
  };
  return kWords;
}

struct Forbidden {
  std::string what;
  RE2 pattern;
};
// Why a sentence is never supported; empty if nothing is wrong with it.
std::string WhyForbidden(std::string_view sentence) {
  static const auto* const kPatterns = [] {
    auto* patterns = new std::vector<std::unique_ptr<Forbidden>>;
#define FORBIDDEN_CLAIM(what, pattern) \
  patterns->push_back(std::unique_ptr<Forbidden>(new Forbidden{what, RE2(pattern, IgnoreCase())}));
#include "language/forbidden_claims.inc"
#undef FORBIDDEN_CLAIM
    return patterns;
  }();
  for (const auto& forbidden : *kPatterns) {
    TRINE_DCHECK(forbidden->pattern.ok());
    if (RE2::PartialMatch(Piece(sentence), forbidden->pattern)) return "it " + forbidden->what;
  }
  return "";
}

// The sentence as plain text: without tags of HTML, emphasis and code marks of Markdown, and control
// characters. Angle brackets that are left become '/', as in PlainLine.
std::string Plain(std::string_view sentence) {
  std::string text;
  AppendSanitizedUtf8(sentence, &text);
  static const RE2 kTag(R"(</?[A-Za-z!][^<>\n]*>)"), kEmphasis(R"(\*\*|__|`+|~~)"),
      kHeading(R"(^\s{0,3}#{1,6}\s+)"), kLink(R"(!?\[([^\[\]\n]*)\]\(([^()\s]*)\))");
  RE2::GlobalReplace(&text, kLink, R"(\1 \2)");
  RE2::GlobalReplace(&text, kTag, "");
  RE2::GlobalReplace(&text, kEmphasis, "");
  RE2::Replace(&text, kHeading, "");
  std::string out;
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
    if (!control && c != 0x7f) out += c == '<' || c == '>' ? '/' : c;
  }
  return out;
}

bool IsWordByte(char c) {
  const char lower = ToLowerAscii(c);
  return (lower >= 'a' && lower <= 'z') || IsAsciiDigit(c) || static_cast<unsigned char>(c) >= 0x80;
}
bool IsLatinOrDigit(char c) { return IsWordByte(c) && static_cast<unsigned char>(c) < 0x80; }

// A place where a sentence names an item.
struct Mention {
  size_t item = 0, begin = 0, end = 0;
};

// One checkable statement of a sentence.
struct Claim {
  enum class Kind { kNumber, kName, kWord } kind = Kind::kNumber;
  StatedNumber number;             // kNumber
  std::vector<std::string> words;  // kWord: any of them; kName: the folded name
  size_t at = 0;                   // byte of the sentence
  std::string said;                // for the explanation
};

void AddClaim(Claim::Kind kind, std::string_view said, size_t at, std::vector<std::string> words,
              std::vector<Claim>* claims) {
  Claim claim;
  claim.kind = kind;
  claim.words = std::move(words);
  claim.at = at;
  claim.said = std::string(said);
  claims->push_back(std::move(claim));
}

// Adds the identifiers and the names in quotation marks. `masked` is the sentence without titles.
void AddQuotedNames(std::string_view sentence, std::string_view masked, std::vector<Claim>* claims) {
  // Identifiers: letters with digits, and digits that are joined like those of a telephone number.
  static const RE2 kId(R"(([A-Za-z][A-Za-z]*[-_]?\d[\w-]*|\d[\dA-Za-z]*(?:[-_][\dA-Za-z]+){2,}|\w+_\w+))");
  static const RE2 kQuoted(
      R"re(“([^“”\n]+)”|‘([^‘’\n]+)’|"([^"\n]+)"|「([^「」\n]+)」|『([^『』\n]+)』|《([^《》\n]+)》)re");
  re2::StringPiece rest = Piece(masked), word;
  while (RE2::FindAndConsume(&rest, kId, &word)) {
    const std::string_view id(word.data(), word.size());
    AddClaim(Claim::Kind::kName, id, static_cast<size_t>(word.data() - masked.data()), {analysis::Fold(id)},
             claims);
  }
  rest = Piece(sentence);
  std::array<re2::StringPiece, 6> quoted;
  while (RE2::FindAndConsume(&rest, kQuoted, &quoted[0], &quoted[1], &quoted[2], &quoted[3], &quoted[4],
                             &quoted[5])) {
    for (const re2::StringPiece& one : quoted) {
      if (one.empty()) continue;
      const std::string_view name = Trim(std::string_view(one.data(), one.size()), " .,!?");
      if (!name.empty())
        AddClaim(Claim::Kind::kName, name, static_cast<size_t>(one.data() - sentence.data()),
                 {analysis::Fold(name)}, claims);
    }
  }
}

// Adds the Latin words of a Korean sentence, and the capitalised words of another one.
void AddLatinNames(std::string_view sentence, std::string_view masked, std::vector<Claim>* claims) {
  static const RE2 kLatin(R"(([A-Za-z][A-Za-z&'’]*[A-Za-z]))");
  const bool korean = HasHangul(sentence);
  re2::StringPiece rest = Piece(masked), word;
  while (RE2::FindAndConsume(&rest, kLatin, &word)) {
    const std::string_view latin(word.data(), word.size());
    const size_t at = static_cast<size_t>(word.data() - masked.data());
    if (at > 0 && (IsLatinOrDigit(masked[at - 1]) || masked[at - 1] == '\'')) continue;
    static constexpr std::array<std::string_view, 26> kCommon = {
        "monday",  "tuesday",   "wednesday", "thursday", "friday",   "saturday", "sunday",
        "january", "february",  "march",     "april",    "may",      "june",     "july",
        "august",  "september", "october",   "november", "december", "ok",       "vs",
        "id",      "i'm",       "i’m",       "i'd",      "hi"};
    const std::string folded = ToLowerAscii(latin);
    if (!format::CurrencyCode(latin).empty()) continue;
    if (std::find(kCommon.begin(), kCommon.end(), folded) != kCommon.end()) continue;
    // In an English sentence the first word, and one behind a mark, is capitalised for another reason.
    size_t before = at;
    while (before > 0 && (masked[before - 1] == ' ' || masked[before - 1] == '\0')) --before;
    const bool first = before == 0 || !IsWordByte(masked[before - 1]);
    const bool capital = latin.front() >= 'A' && latin.front() <= 'Z';
    if (korean || (capital && !first && before == at - 1))
      AddClaim(Claim::Kind::kName, latin, at, {analysis::Fold(latin)}, claims);
  }
}

}  // namespace

struct SentenceChecker::State {
  struct Item {
    std::string title, id;  // as ASCII lower case, for finding them in sentences
    StatedFacts facts{""};
    std::vector<size_t> passages;  // that name the item
  };

  GroundingMaterial material;
  std::vector<Item> items;
  std::vector<StatedFacts> passages;  // of documents
  std::vector<StatedFacts> facts;
  StatedFacts question{""};
  std::vector<std::string> values;  // folded attribute values that may be claimed
  SentenceSplitter splitter;
  std::vector<size_t> last_named;  // items
  size_t released_units = 0;

  explicit State(GroundingMaterial given);
  void AddItem(const AnswerItem& item);
  void AddPassages(std::string_view document, std::vector<StatedFacts>* to);

  struct Verdict {
    std::vector<Mention> mentions;
    std::vector<size_t> named;  // the products that the sentence is about
    std::string why;            // empty: supported
  };
  Verdict Judge(std::string_view sentence, const std::vector<size_t>& named_before) const;
  CheckedSentence Check(const SentenceSplitter::Sentence& sentence);

  std::vector<Mention> FindMentions(std::string_view sentence) const;
  std::optional<size_t> ItemOfListLine(std::string_view sentence) const;
  std::vector<Claim> FindClaims(std::string_view sentence, std::string_view masked) const;
  bool IsCount(const Claim& claim, std::string_view masked) const;
  bool IsSupportedBy(const Claim& claim, const StatedFacts& facts, bool negated) const;
  bool IsSaidOf(size_t item, const Claim& claim, bool negated) const;
  bool IsSaidByQuestion(const Claim& claim, std::string_view sentence, bool named) const;
  bool IsSaidOfAny(const Claim& claim, bool negated) const;
  bool AreSaidTogether(const std::vector<Claim>& claims, const std::vector<size_t>& named_before,
                       bool negated) const;
  std::string WhyNotSaidOf(const Verdict& verdict, const std::vector<Claim>& claims, bool negated) const;
  std::string WhyUnnamed(std::string_view sentence) const;
  std::string WhyLinked(std::string_view sentence) const;
};

SentenceChecker::State::State(GroundingMaterial given) : material(std::move(given)) {
  size_t bytes = 0;
  const auto add_all = [&](const std::vector<std::string>& texts, std::vector<StatedFacts>* to) {
    for (const std::string& text : texts) {
      if (bytes > kMaxMaterialBytes) return;
      const std::string_view part = CutUtf8(text, kMaxMaterialBytes - std::min(bytes, kMaxMaterialBytes));
      AddPassages(part, to);
      bytes += part.size();
    }
  };
  add_all(material.documents, &passages);
  add_all(material.facts, &facts);
  question = StatedFacts(CutUtf8(material.question, kMaxMaterialBytes));
  for (const AnswerItem& item : material.items) AddItem(item);
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

void SentenceChecker::State::AddPassages(std::string_view document, std::vector<StatedFacts>* to) {
  // A paragraph is one passage: its sentences are about the same thing.
  for (size_t begin = 0; begin < document.size() && to->size() < kMaxPassages;) {
    size_t end = document.find("\n\n", begin);
    end = std::min(end, document.size());
    const std::string_view passage = Trim(document.substr(begin, end - begin));
    if (!passage.empty()) to->emplace_back(passage);
    begin = end + 2;
  }
}

void SentenceChecker::State::AddItem(const AnswerItem& item) {
  std::string text = item.title + "\n" + item.id + "\n" + item.reason;
  for (const auto& [name, value] : item.attributes) {
    text += "\n" + value;
    std::string folded = analysis::Fold(value);
    const bool number = folded.find_first_not_of("0123456789.,- ") == std::string::npos;
    if (!folded.empty() && folded.size() <= kMaxValueBytes && !number) values.push_back(std::move(folded));
  }
  Item prepared{ToLowerAscii(item.title), ToLowerAscii(item.id), StatedFacts(text), {}};
  if (item.price) {
    StatedNumber price;
    price.value = item.price->amount;
    price.currency = item.price->currency;
    prepared.facts.Add(price);
  }
  if (item.grams) {
    StatedNumber mass;
    mass.value = *item.grams;
    mass.unit = "g";
    mass.grams = *item.grams;
    prepared.facts.Add(mass);
  }
  const std::string folded_title = analysis::Fold(item.title);
  for (size_t i = 0; i < passages.size() && !folded_title.empty(); ++i) {
    if (passages[i].Contains(folded_title)) prepared.passages.push_back(i);
  }
  items.push_back(std::move(prepared));
}

// The places where titles and ids occur, the longest ones first, without overlaps, in their order.
std::vector<Mention> SentenceChecker::State::FindMentions(std::string_view sentence) const {
  const std::string lower = ToLowerAscii(sentence);
  std::vector<Mention> found;
  const auto find = [&](size_t item, const std::string& name, bool is_id) {
    if (name.empty() || (is_id && name.size() < kLeastNameBytes)) return;
    for (size_t at = lower.find(name); at != std::string::npos; at = lower.find(name, at + name.size())) {
      const size_t end = at + name.size();
      // Particles follow Korean names at once; a Latin letter or a digit continues another word.
      const bool continues =
          end < lower.size() && IsLatinOrDigit(lower[end]) && IsLatinOrDigit(lower[end - 1]);
      const bool continued = at > 0 && IsLatinOrDigit(lower[at - 1]) && IsLatinOrDigit(lower[at]);
      if (!continues && !continued) found.push_back({item, at, end});
    }
  };
  for (size_t i = 0; i < items.size(); ++i) {
    find(i, items[i].title, false);
    if (items[i].id != items[i].title) find(i, items[i].id, true);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Mention& a, const Mention& b) { return a.end - a.begin > b.end - b.begin; });
  std::vector<Mention> kept;
  for (const Mention& one : found) {
    const bool overlaps = std::any_of(kept.begin(), kept.end(), [&](const Mention& other) {
      return one.begin < other.end && other.begin < one.end &&
             !(one.begin == other.begin && one.end == other.end);
    });
    const bool same = std::any_of(kept.begin(), kept.end(), [&](const Mention& other) {
      return one.begin == other.begin && one.end == other.end;
    });
    if (!overlaps && !same) kept.push_back(one);
  }
  std::sort(kept.begin(), kept.end(), [](const Mention& a, const Mention& b) { return a.begin < b.begin; });
  return kept;
}

// The only item whose title has all words of the head of a list line: "1. Camp Chair - light and small".
std::optional<size_t> SentenceChecker::State::ItemOfListLine(std::string_view sentence) const {
  const std::string_view line = Trim(sentence);
  const auto mark = ListMarkAt(line);
  if (!mark) return std::nullopt;
  std::string_view head = line.substr(mark->size);
  for (const std::string_view separator : {" - ", " – ", " — ", ":", "(", ","})
    head = head.substr(0, head.find(separator));
  const std::string folded = analysis::Fold(head);
  std::optional<size_t> only;
  for (size_t i = 0; i < items.size(); ++i) {
    const std::string title = analysis::Fold(material.items[i].title);
    size_t words = 0;
    bool all = true;
    for (const WrittenWord& word : SplitAtBlanks(folded)) {
      ++words;
      all = all && HasWord(title, std::string_view(folded).substr(word.begin, word.end - word.begin));
    }
    if (words == 0 || !all) continue;
    if (only) return std::nullopt;
    only = i;
  }
  return only;
}

std::vector<Claim> SentenceChecker::State::FindClaims(std::string_view sentence,
                                                      std::string_view masked) const {
  std::vector<Claim> claims;
  for (StatedNumber& number : FindNumbers(masked)) {
    Claim claim;
    claim.at = number.begin;
    claim.said = std::string(masked.substr(number.begin, number.end - number.begin));
    claim.number = std::move(number);
    claims.push_back(std::move(claim));
  }
  AddQuotedNames(sentence, masked, &claims);
  AddLatinNames(sentence, masked, &claims);
  const std::string folded = analysis::Fold(masked);
  for (const auto& words : ClaimWords()) {
    for (const std::string& one : words) {
      const auto found = FindWord(folded, one, 0);
      if (!found) continue;
      AddClaim(Claim::Kind::kWord, one, std::min(found->first, masked.size()), words, &claims);
      break;
    }
  }
  for (const std::string& value : values) {
    const auto found = FindWord(folded, value, 0);
    if (!found) continue;
    std::vector<std::string> words = ColourSynonyms(value);
    words.push_back(value);
    AddClaim(Claim::Kind::kWord, value, std::min(found->first, masked.size()), std::move(words), &claims);
  }
  return claims;
}

// Whether a number counts the items or is the mark of a list line.
bool SentenceChecker::State::IsCount(const Claim& claim, std::string_view masked) const {
  const StatedNumber& number = claim.number;
  if (claim.kind != Claim::Kind::kNumber || !number.is_read || !number.currency.empty()) return false;
  const double most = static_cast<double>(std::max<size_t>(items.size(), 1));
  if (number.value < 1 || number.value > most ||
      number.value != static_cast<double>(static_cast<size_t>(number.value)))
    return false;
  const std::string_view after = masked.substr(std::min(number.end, masked.size()));
  if (number.unit.empty())
    return IsBlank(masked.substr(0, number.begin), " \t\r\n-*([\0") || !after.starts_with('.') ||
           after.size() < 2 || after[1] == ' ';
  static constexpr std::array<std::string_view, 8> kCounters = {"개", "가지", "종", "번",
                                                                "위", "순위", "st", "nd"};
  return std::any_of(kCounters.begin(), kCounters.end(),
                     [&](std::string_view counter) { return number.unit.starts_with(counter); });
}

bool SentenceChecker::State::IsSupportedBy(const Claim& claim, const StatedFacts& stated,
                                           bool negated) const {
  switch (claim.kind) {
    case Claim::Kind::kNumber:
      return stated.States(claim.number);
    case Claim::Kind::kName:
      TRINE_DCHECK_EQ(claim.words.size(), 1u);
      return stated.Contains(claim.words[0]);
    case Claim::Kind::kWord:
      return std::any_of(claim.words.begin(), claim.words.end(),
                         [&](const std::string& word) { return stated.Says(word, negated); });
  }
  return false;
}

bool SentenceChecker::State::IsSaidOf(size_t item, const Claim& claim, bool negated) const {
  TRINE_DCHECK_LT(item, items.size());
  if (IsSupportedBy(claim, items[item].facts, negated)) return true;
  return std::any_of(items[item].passages.begin(), items[item].passages.end(),
                     [&](size_t i) { return IsSupportedBy(claim, passages[i], negated); });
}

// The shopper's own bounds and words may be repeated; but a number is not the price of a product because the
// shopper said it, nor is a product waterproof because that was asked for.
bool SentenceChecker::State::IsSaidByQuestion(const Claim& claim, std::string_view sentence,
                                              bool named) const {
  if (!IsSupportedBy(claim, question, true)) return false;
  if (claim.kind == Claim::Kind::kName) return true;
  static const RE2 kBound(
      R"((?i)이하|이상|미만|초과|이내|까지|안쪽|넘|예산|대의|대에서|찾으시|말씀|원하시|\b(?:under|below|less|within|up to|over|above|more|most|least|budget|between|asked|looking for|you want)\b)");
  if (RE2::PartialMatch(Piece(sentence), kBound)) return true;
  return claim.kind == Claim::Kind::kWord && !named;
}

// Why a sentence that recommends something without naming an item of the material is not supported.
std::string SentenceChecker::State::WhyUnnamed(std::string_view sentence) const {
  static const RE2 kRecommends(
      R"((?i)추천|권해|권합|어떠세요|어떨까요|골라\s*보|\b(?:recommend|suggest|try|consider|go with|check out)\b)");
  static const RE2 kRefers(
      R"((?i)이\s|그\s|두\s|세\s|위\s|아래|다음|모두|둘|상품|제품|것|이런|그런|조건|검색|문의|\b(?:this|these|those|them|both|all|following|products?|items?|options?|one|ones|it|here|search|again|different|other|wider|broader)\b)");
  if (items.empty() || !RE2::PartialMatch(Piece(sentence), kRecommends)) return "";
  if (RE2::PartialMatch(Piece(sentence), kRefers)) return "";
  for (const WrittenWord& word : SplitAtBlanks(sentence)) {
    std::string_view one = sentence.substr(word.begin, word.end - word.begin);
    one = one.substr(0, analysis::LengthWithoutParticle(one));
    const std::string folded = analysis::Fold(one);
    if (folded.size() < kLeastNameBytes) continue;
    for (const AnswerItem& item : material.items) {
      if (HasWord(analysis::Fold(item.title), folded)) return "";
    }
    if (question.Contains(folded)) return "";
  }
  return "it recommends something that is not among the items";
}

// Why a sentence has a link that neither an item nor a fact has; empty if it has none.
std::string SentenceChecker::State::WhyLinked(std::string_view sentence) const {
  static const RE2 kLink(
      R"((?i)((?:https?|ftp)://[^\s)\]]+|\b(?:mailto|tel|javascript|data):[^\s)\]]+|\bwww\.[^\s)\]]+)"
      R"(|[\w.+-]+@[\w-]+\.[\w.-]+)"
      R"(|\b[a-z0-9-]+\.(?:com|net|org|io|shop|store|app|xyz|info|biz|me|ly|gg|to|co|kr|jp|cn|ru)\b(?:/[^\s)\]]*)?))");
  re2::StringPiece rest = Piece(sentence), link;
  while (RE2::FindAndConsume(&rest, kLink, &link)) {
    const std::string folded = analysis::Fold(std::string_view(link.data(), link.size()));
    const auto has = [&](const StatedFacts& stated) { return stated.Contains(folded); };
    const bool known =
        std::any_of(items.begin(), items.end(), [&](const Item& item) { return has(item.facts); });
    if (!known && std::none_of(facts.begin(), facts.end(), has))
      return "it has a link that is not in the items";
  }
  return "";
}

// Why the claims of a sentence about certain products are not supported; empty if they are.
std::string SentenceChecker::State::WhyNotSaidOf(const Verdict& verdict, const std::vector<Claim>& claims,
                                                 bool negated) const {
  TRINE_DCHECK(!verdict.named.empty());
  std::vector<const Claim*> numbers;
  bool only_numbers = true;
  const Claim* failed = nullptr;
  for (const Claim& claim : claims) {
    size_t item = verdict.named[0];
    for (const Mention& one : verdict.mentions) {
      if (one.begin <= claim.at) item = one.item;
    }
    if (claim.kind == Claim::Kind::kNumber) numbers.push_back(&claim);
    if (IsSaidOf(item, claim, negated)) continue;
    // A quoted name or a brand may be that of any product.
    if (claim.kind == Claim::Kind::kName && IsSaidOfAny(claim, negated)) continue;
    only_numbers = only_numbers && claim.kind == Claim::Kind::kNumber;
    failed = failed != nullptr ? failed : &claim;
  }
  if (failed == nullptr) return "";
  // "A and B cost $40 and $25": the numbers follow the order of the names.
  bool in_order = only_numbers && numbers.size() == verdict.named.size();
  for (size_t i = 0; in_order && i < numbers.size(); ++i)
    in_order = IsSaidOf(verdict.named[i], *numbers[i], negated);
  return in_order ? "" : "\"" + failed->said + "\" is not said of this item";
}

bool SentenceChecker::State::IsSaidOfAny(const Claim& claim, bool negated) const {
  return std::any_of(items.begin(), items.end(),
                     [&](const Item& item) { return IsSupportedBy(claim, item.facts, negated); });
}

// Whether one piece of the material supports all claims of a sentence that names no product. It may go on
// about the products of the sentence before it.
bool SentenceChecker::State::AreSaidTogether(const std::vector<Claim>& claims,
                                             const std::vector<size_t>& named_before, bool negated) const {
  const auto all_by = [&](const auto& says) { return std::all_of(claims.begin(), claims.end(), says); };
  const auto of_item = [&](size_t item) {
    return all_by([&](const Claim& claim) { return IsSaidOf(item, claim, negated); });
  };
  if (std::any_of(named_before.begin(), named_before.end(), of_item)) return true;
  if (named_before.empty()) {
    for (size_t item = 0; item < items.size(); ++item) {
      if (of_item(item)) return true;
    }
  }
  const bool in_passage = std::any_of(passages.begin(), passages.end(), [&](const StatedFacts& passage) {
    return all_by([&](const Claim& claim) { return IsSupportedBy(claim, passage, negated); });
  });
  // Words without a number may be those of several products: "one is white, the other is blue".
  return in_passage || all_by([&](const Claim& claim) {
           return claim.kind != Claim::Kind::kNumber && IsSaidOfAny(claim, negated);
         });
}

SentenceChecker::State::Verdict SentenceChecker::State::Judge(std::string_view sentence,
                                                              const std::vector<size_t>& named_before) const {
  Verdict verdict;
  verdict.mentions = FindMentions(sentence);
  verdict.why = WhyForbidden(sentence);
  if (verdict.why.empty()) verdict.why = WhyLinked(sentence);
  if (!verdict.why.empty()) return verdict;
  // Titles are names, whose numbers and words claim nothing.
  std::string masked(sentence);
  for (const Mention& one : verdict.mentions) {
    TRINE_DCHECK_LE(one.end, masked.size());
    std::fill(masked.begin() + static_cast<ptrdiff_t>(one.begin),
              masked.begin() + static_cast<ptrdiff_t>(one.end), '\0');
    if (std::find(verdict.named.begin(), verdict.named.end(), one.item) == verdict.named.end())
      verdict.named.push_back(one.item);
  }
  if (verdict.named.empty()) {
    if (const auto listed = ItemOfListLine(sentence)) verdict.named.push_back(*listed);
  }
  const bool negated = HasNegation(analysis::Fold(masked));
  std::vector<Claim> claims = FindClaims(sentence, masked);
  std::erase_if(claims, [&](const Claim& claim) {
    if (IsCount(claim, masked) || IsSaidByQuestion(claim, sentence, !verdict.named.empty())) return true;
    return std::any_of(facts.begin(), facts.end(),
                       [&](const StatedFacts& fact) { return IsSupportedBy(claim, fact, negated); });
  });
  if (!verdict.named.empty()) {
    verdict.why = WhyNotSaidOf(verdict, claims, negated);
  } else if (!claims.empty() && !AreSaidTogether(claims, named_before, negated)) {
    verdict.why = "\"" + claims[0].said + "\" is not in the items and documents";
  } else {
    verdict.why = WhyUnnamed(sentence);
  }
  return verdict;
}

CheckedSentence SentenceChecker::State::Check(const SentenceSplitter::Sentence& sentence) {
  CheckedSentence checked;
  checked.text = Plain(sentence.text);
  if (sentence.cut) {
    checked.why = "it is longer than " + std::to_string(SentenceSplitter::kMaxSentenceBytes) + " bytes";
    return checked;
  }
  Verdict verdict = Judge(checked.text, last_named);
  if (!verdict.named.empty()) last_named = verdict.named;
  checked.why = std::move(verdict.why);
  checked.supported = checked.why.empty();
  if (!checked.supported) return checked;
  for (const Mention& one : verdict.mentions) {
    const std::string_view text = checked.text;
    checked.citations.push_back({material.items[one.item].id,
                                 released_units + Utf16Length(text.substr(0, one.begin)),
                                 released_units + Utf16Length(text.substr(0, one.end))});
  }
  released_units += Utf16Length(checked.text);
  return checked;
}

SentenceChecker::SentenceChecker(GroundingMaterial material)
    : state_(std::make_unique<State>(std::move(material))) {}
SentenceChecker::~SentenceChecker() = default;

std::vector<CheckedSentence> SentenceChecker::Add(std::string_view part) {
  std::vector<CheckedSentence> out;
  for (const auto& sentence : state_->splitter.Add(part)) out.push_back(state_->Check(sentence));
  return out;
}

std::vector<CheckedSentence> SentenceChecker::Finish() {
  std::vector<CheckedSentence> out;
  for (const auto& sentence : state_->splitter.Finish()) out.push_back(state_->Check(sentence));
  return out;
}

std::string SentenceChecker::WhyUnsupported(std::string_view text) const {
  SentenceSplitter splitter;
  auto sentences = splitter.Add(text);
  for (auto& rest : splitter.Finish()) sentences.push_back(std::move(rest));
  std::vector<size_t> named;
  for (const auto& sentence : sentences) {
    if (sentence.cut)
      return "it is longer than " + std::to_string(SentenceSplitter::kMaxSentenceBytes) + " bytes";
    State::Verdict verdict = state_->Judge(Plain(sentence.text), named);
    if (!verdict.why.empty()) return verdict.why;
    if (!verdict.named.empty()) named = std::move(verdict.named);
  }
  return "";
}

bool SentenceChecker::StatesNumber(double number) const {
  if (number >= 0 && number <= static_cast<double>(state_->items.size())) return true;
  const auto states = [&](const StatedFacts& stated) { return stated.States(number); };
  const State& state = *state_;
  return states(state.question) || std::any_of(state.passages.begin(), state.passages.end(), states) ||
         std::any_of(state.facts.begin(), state.facts.end(), states) ||
         std::any_of(state.items.begin(), state.items.end(),
                     [&](const auto& item) { return states(item.facts); });
}

}  // namespace trine::language
