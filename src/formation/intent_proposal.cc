#include "formation/intent_proposal.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "analysis/analyzer.h"
#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/nearest_name.h"
#include "base/text.h"
#include "base/utf8.h"
#include "format/json.h"
#include "format/quantity_text.h"
#include "language/intent_price.h"
#include "language/plain_text.h"
#include "language/word_match.h"

namespace trine::formation {
namespace {

using format::Json;
using language::QueryIntent;
using language::UncheckedPart;
using language::Vocabulary;

constexpr size_t kMaxWordBytes = 64;
constexpr size_t kMaxAdoptedExpansions = 8;  // each is one more query; the closest words come first
constexpr size_t kMaxValuesPerField = 50;    // as for the built-in rules; bounds the query
// Shorter words are too often near to each other by chance: "nike" and "nine", 나이키 and 나이스.
constexpr size_t kMinCloseLatin = 5, kMinCloseHangul = 4;
constexpr format::JsonLimits kLimits{.max_depth = 8, .max_bytes = 16u << 10, .max_values = 500};

Error Rubbish(std::string problem) {
  return Error(ErrorCode::kInvalid, std::move(problem))
      .Expected("an object with values, excluded, price and expansions");
}

Result<std::vector<std::string>> WordsOf(const Json& object, const char* member) {
  std::vector<std::string> words;
  const Json* list = object.Find(member);
  if (list == nullptr || list->is_null()) return words;
  if (!list->is_array()) return Rubbish("\"" + std::string(member) + "\" is not a list");
  for (const Json& one : list->array()) {
    if (!one.is_string()) return Rubbish("\"" + std::string(member) + "\" has an element that is not a text");
    if (words.size() >= IntentProposal::kMaxWords) break;
    const std::string& text = one.string();
    if (text.size() > kMaxWordBytes || !IsValidUtf8(text)) continue;
    std::string folded(Trim(analysis::Fold(text)));
    if (!folded.empty()) words.push_back(std::move(folded));
  }
  return words;
}

Result<std::optional<double>> BoundOf(const Json& price, const char* member) {
  const Json* bound = price.Find(member);
  if (bound == nullptr || bound->is_null()) return std::optional<double>();
  if (!bound->is_number() || !std::isfinite(bound->number()))
    return Rubbish("\"price." + std::string(member) + "\" is not a number");
  return std::optional<double>(bound->number());
}

bool Among(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string Quoted(std::string_view text) { return "\"" + language::PlainLine(text, kMaxWordBytes) + "\""; }

// The common prefix of fields that hold one attribute at several levels or in several languages.
std::string_view FamilyOf(std::string_view field) {
  return field.substr(0, field.find_first_of("_.0123456789"));
}

bool HasFamily(const language::FacetValues& facets, std::string_view field) {
  return std::any_of(facets.begin(), facets.end(),
                     [&](const auto& facet) { return FamilyOf(facet.first) == FamilyOf(field); });
}

void AddValue(const Vocabulary::Value& value, language::FacetValues* facets) {
  auto at =
      std::find_if(facets->begin(), facets->end(), [&](const auto& f) { return f.first == value.field; });
  if (at == facets->end()) at = facets->insert(at, {value.field, {}});
  if (at->second.size() < kMaxValuesPerField && !Among(at->second, value.value))
    at->second.push_back(value.value);
}

// Adds parts of one proposal to one intent. Use once.
class Adoption {
 public:
  Adoption(std::string_view question, const Vocabulary* vocabulary, QueryIntent* intent)
      : question_(analysis::Fold(question)),
        wanted_(intent->wanted_text.empty() ? question_ : intent->wanted_text),
        vocabulary_(vocabulary),
        intent_(*intent) {}

  void AddPrice(std::optional<double> min, std::optional<double> max);
  void AddWanted(const std::string& word);
  void AddExcluded(const std::string& word);
  void AddExpansion(const std::string& word);
  std::vector<std::string> TakeKept() { return std::move(kept_); }

 private:
  bool IsKnown(std::string_view word) const {
    return vocabulary_->TitleCount(word) > 0 || !vocabulary_->FindValues(word).empty();
  }
  // The wanted word of the question that `word` corrects; empty if there is none.
  std::string MistakeFor(const std::string& word) const;
  // Whether the question refuses the word, or a value that it names.
  bool IsRefused(const std::string& word) const;
  std::vector<Vocabulary::Value> NewValues(const std::string& word) const;

  const std::string question_, wanted_;
  const Vocabulary* const vocabulary_;
  QueryIntent& intent_;
  size_t expansions_ = 0;
  std::vector<std::string> kept_;
};

void Adoption::AddPrice(std::optional<double> min, std::optional<double> max) {
  if ((!min && !max) || !intent_.price.empty() || intent_.price_ignored) return;
  if (min && max && *min > *max) return;
  std::vector<double> said;
  std::string currency, text;
  for (const UncheckedPart& part : intent_.unchecked) {
    if (part.about == UncheckedPart::About::kCurrency || part.about == UncheckedPart::About::kUnknownCurrency)
      return;
    if (part.about != UncheckedPart::About::kPrice) continue;
    for (const format::AmountPlace& amount :
         format::FindAmounts(language::WithDigits(analysis::Fold(part.text)))) {
      if (!amount.is_read) return;
      said.push_back(amount.money.amount);
      if (!amount.money.currency.empty()) currency = amount.money.currency;
    }
    text = part.text;
  }
  std::vector<double> proposed;
  for (const auto& bound : {min, max}) {
    if (bound) proposed.push_back(*bound);
  }
  std::sort(said.begin(), said.end());
  // Several amounts, of which the model names one, may be alternatives.
  if (said.empty() || said != proposed) return;
  intent_.price.min = min;
  intent_.price.max = max;
  if (intent_.currency.empty()) intent_.currency = currency;
  std::erase_if(intent_.unchecked,
                [](const UncheckedPart& part) { return part.about == UncheckedPart::About::kPrice; });
  kept_.push_back("the amount " + Quoted(text) + " as " +
                  (min && max ? "a range"
                   : min      ? "a minimum"
                              : "a maximum"));
}

std::string Adoption::MistakeFor(const std::string& word) const {
  const size_t least = language::HasHangul(word) ? kMinCloseHangul : kMinCloseLatin;
  if (CountCodePoints(word) < least) return "";
  for (const language::WrittenWord& written : language::SplitAtBlanks(wanted_)) {
    const std::string_view whole =
        std::string_view(wanted_).substr(written.begin, written.end - written.begin);
    const std::string_view stem = whole.substr(0, analysis::LengthWithoutParticle(whole));
    for (const std::string_view form : {whole, stem}) {
      if (CountCodePoints(form) < least || IsKnown(form)) continue;
      if (!NearestName(form, {word}).empty()) return std::string(form);
    }
  }
  return "";
}

bool Adoption::IsRefused(const std::string& word) const {
  if (language::HasWord(question_, word) && !language::HasWord(wanted_, word)) return true;
  for (const std::string& refused : intent_.excluded_words) {
    if (language::HasWord(refused, word) || language::HasWord(word, refused)) return true;
  }
  for (const UncheckedPart& part : intent_.unchecked) {
    if (part.about == UncheckedPart::About::kRefusal && language::HasWord(analysis::Fold(part.text), word))
      return true;
  }
  for (const Vocabulary::Value& value : vocabulary_->FindValues(word)) {
    for (const auto& [field, values] : intent_.excluded) {
      if (field == value.field && Among(values, value.value)) return true;
    }
  }
  return false;
}

// The values that a word names, of the kinds of which the question has none yet.
std::vector<Vocabulary::Value> Adoption::NewValues(const std::string& word) const {
  std::vector<Vocabulary::Value> values = vocabulary_->FindValues(word);
  std::erase_if(values, [this](const auto& value) { return HasFamily(intent_.facets, value.field); });
  return values;
}

void Adoption::AddWanted(const std::string& word) {
  if (vocabulary_ == nullptr || !IsKnown(word) || IsRefused(word)) return;
  const bool named = language::HasWord(wanted_, word);
  const std::string mistake = named ? "" : MistakeFor(word);
  if (!named && mistake.empty()) return;
  const std::vector<Vocabulary::Value> values = NewValues(word);
  for (const Vocabulary::Value& value : values) AddValue(value, &intent_.facets);
  if (!mistake.empty()) {
    if (!Among(intent_.keywords, word)) intent_.keywords.push_back(word);
    for (language::IntentTerm& term : intent_.terms) {
      if (analysis::Fold(term.surface) != mistake) continue;
      term.synonyms.push_back(word);
      if (values.empty()) continue;
      term.covered_by_facet = true;
      term.is_head = false;
    }
    kept_.push_back("the word " + Quoted(mistake) + " as " + Quoted(word));
  } else if (!values.empty()) {
    // The term of a word that the catalogue knows stays a condition of its own.
    kept_.push_back("the value " + Quoted(word));
  }
}

void Adoption::AddExcluded(const std::string& word) {
  if (vocabulary_ == nullptr || !IsKnown(word) || Among(intent_.keywords, word)) return;
  const auto part =
      std::find_if(intent_.unchecked.begin(), intent_.unchecked.end(), [&](const UncheckedPart& p) {
        return p.about == UncheckedPart::About::kRefusal && language::HasWord(analysis::Fold(p.text), word);
      });
  if (part == intent_.unchecked.end()) return;
  const std::vector<Vocabulary::Value> values = vocabulary_->FindValues(word);
  for (const Vocabulary::Value& value : values) {
    for (const auto& [field, wanted] : intent_.facets) {
      if (field == value.field && Among(wanted, value.value)) return;
    }
  }
  for (const Vocabulary::Value& value : values) AddValue(value, &intent_.excluded);
  if (values.empty()) intent_.excluded_words.push_back(word);
  if (analysis::Fold(part->text) == word) intent_.unchecked.erase(part);
  kept_.push_back("the refusal of " + Quoted(word));
}

void Adoption::AddExpansion(const std::string& word) {
  // An open question names no product for which there could be other words.
  if (vocabulary_ == nullptr || intent_.open || expansions_ >= kMaxAdoptedExpansions) return;
  if (!IsKnown(word) || IsRefused(word)) return;
  if (Among(intent_.keywords, word) || Among(intent_.expansions, word)) return;
  intent_.expansions.push_back(word);
  ++expansions_;
  kept_.push_back("the expansion " + Quoted(word));
}

}  // namespace

std::string_view IntentProposalSchema() {
  return R"({"type":"object","additionalProperties":false,"required":["values","excluded","price","expansions"],)"
         R"("properties":{"values":{"type":"array","maxItems":16,"items":{"type":"string","maxLength":64}},)"
         R"("excluded":{"type":"array","maxItems":16,"items":{"type":"string","maxLength":64}},)"
         R"("price":{"type":"object","additionalProperties":false,"required":["min","max"],"properties":)"
         R"({"min":{"type":["number","null"]},"max":{"type":["number","null"]}}},)"
         R"("expansions":{"type":"array","maxItems":8,"items":{"type":"string","maxLength":64}}}})";
}

Result<IntentProposal> ReadIntentProposal(std::string_view answer) {
  const size_t begin = answer.find('{'), end = answer.rfind('}');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin)
    return Rubbish("there is no JSON object in the answer");
  auto parsed = format::ParseJson(answer.substr(begin, end + 1 - begin), kLimits);
  if (!parsed.ok()) return Rubbish("the answer is not JSON: " + parsed.error().message);
  if (!parsed->is_object()) return Rubbish("the answer is not a JSON object");
  IntentProposal out;
  TRINE_ASSIGN(out.values, WordsOf(*parsed, "values"));
  TRINE_ASSIGN(out.excluded, WordsOf(*parsed, "excluded"));
  TRINE_ASSIGN(out.expansions, WordsOf(*parsed, "expansions"));
  const Json* price = parsed->Find("price");
  if (price != nullptr && !price->is_null()) {
    if (!price->is_object()) return Rubbish("\"price\" is not an object");
    TRINE_ASSIGN(out.min_price, BoundOf(*price, "min"));
    TRINE_ASSIGN(out.max_price, BoundOf(*price, "max"));
  }
  return out;
}

std::vector<std::string> AdoptProposal(std::string_view question, const IntentProposal& proposal,
                                       const Vocabulary* vocabulary, bool has_price, QueryIntent* intent) {
  TRINE_CHECK(intent != nullptr);
  Adoption adoption(question, vocabulary, intent);
  if (has_price) adoption.AddPrice(proposal.min_price, proposal.max_price);
  for (const std::string& word : proposal.excluded) adoption.AddExcluded(word);
  for (const std::string& word : proposal.values) adoption.AddWanted(word);
  for (const std::string& word : proposal.expansions) adoption.AddExpansion(word);
  return adoption.TakeKept();
}

}  // namespace trine::formation
