#include "language/claim.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "analysis/analyzer.h"
#include "format/quantity_text.h"
#include "language/intent_rules.h"
#include "language/plain_text.h"
#include "language/quantity.h"
#include "language/refusal_marks.h"
#include "language/title_head.h"
#include "language/word_reader.h"

namespace trine::language {
namespace {

constexpr double kSameMass =
    0.02;  // relative difference below which two masses are the same ("1kg": 1,012 g)
constexpr size_t kMaxUnchecked = 12;

bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

bool Meets(const Quantity& quantity, const ProductFacts& product) {
  if (quantity.is_mass()) return product.grams && quantity.grams.Contains(*product.grams);
  if (quantity.is_judged()) return IsWithin(product.named, quantity).value_or(false);
  if (StatesQuantity(product.named, quantity) || StatesQuantity(product.text, quantity)) return true;
  const auto grams = format::GramsPer(quantity.unit);
  if (!grams || quantity.bounded || quantity.may_be_volume || !product.grams) return false;
  const auto same = [&](double number) {
    return std::abs(*product.grams - number * *grams) <= kSameMass * number * *grams;
  };
  return same(quantity.number) || std::any_of(quantity.others.begin(), quantity.others.end(), same);
}

bool IsOtherCurrency(const QueryIntent& intent, const ItemPrice& price) {
  return !intent.currency.empty() && !price.currency.empty() && intent.currency != price.currency;
}

bool WithinPrice(const QueryIntent& intent, const ProductFacts& product) {
  if (intent.price.empty()) return true;
  if (!product.price) return false;
  return !IsOtherCurrency(intent, *product.price) && intent.price.Contains(product.price->amount);
}

bool Meets(const IntentTerm& term, const ProductFacts& product) {
  if (term.covered_by_facet && product.has_named_facets) return true;
  if (term.by_weight && product.grams) return true;
  return SaysAnyOf(product.named, term) || (!term.covered_by_facet && SaysAnyOf(product.text, term));
}

IntentTerm ExcludedTerm(const std::string& word) {
  IntentTerm term{word, ColourSynonyms(word)};
  if (term.synonyms.empty()) term.synonyms = GoodsSynonyms(word);
  if (const auto gender = FindGender(word)) term.synonyms = gender->words;
  return term;
}

// Whether the text after a word denies it: "기모 [없는]", "leather-[free]".
bool IsDeniedAfter(std::string_view text, size_t end) {
  for (std::string_view particle : {"이 ", "가 ", "은 ", "는 ", "도 "}) {
    if (text.substr(end).starts_with(particle)) end += particle.size();
  }
  end = std::min(text.find_first_not_of(" -", end), text.size());
  return MarkAt(text, end, kName).has_value();
}

// Whether the text before a word denies it: "[without] a hood", "[non-]slip", "[안] 매운".
bool IsDeniedBefore(std::string_view text, size_t begin) {
  std::string_view head = text.substr(0, begin);
  for (std::string_view skipped : {"", " a", " an", " the"}) {
    if (head.ends_with(skipped)) head.remove_suffix(skipped.size());
    head = head.substr(0, head.find_last_not_of(" -") + 1);
  }
  for (const std::string_view negation : {"안", "못"}) {
    if (head == negation || (head.ends_with(negation) && IsAscii(head[head.size() - negation.size() - 1])))
      return true;
  }
  return MarkBefore(text, head.size(), kName).has_value();
}

// The text with blanks in place of the mentions of a word that deny it: "기모 없는", "without hood".
std::string WithoutDenials(std::string_view text, const std::string& word) {
  std::string out(text);
  if (word.empty()) return out;
  for (size_t at = out.find(word); at != std::string::npos; at = out.find(word, at + word.size())) {
    if (IsDeniedAfter(out, at + word.size()) || IsDeniedBefore(out, at))
      std::fill_n(out.begin() + static_cast<ptrdiff_t>(at), word.size(), ' ');
  }
  return out;
}

bool Affirms(std::string_view text, const IntentTerm& term) {
  if (!SaysTerm(text, term)) return false;
  std::string rest = WithoutDenials(text, term.surface);
  for (const std::string& word : term.synonyms) rest = WithoutDenials(rest, analysis::Fold(word));
  return SaysTerm(rest, term);
}

// Whether a description says an excluded word. Goods are told by names only: a description of a bag may
// mention a case.
bool IsDescribedAs(const std::string& word, const ProductFacts& product) {
  return GoodsSynonyms(word).empty() && Affirms(product.text, ExcludedTerm(word));
}

// The word as it is written in the question.
std::string AsWritten(std::string_view question, const std::string& folded_word) {
  const std::string folded = analysis::Fold(question);
  const size_t at = folded.find(folded_word);
  if (at == std::string::npos || folded.size() != question.size()) return folded_word;
  return std::string(question.substr(at, folded_word.size()));
}

bool IsKnown(const Vocabulary& vocabulary, const IntentTerm& term) {
  const auto known = [&](const std::string& word) {
    return vocabulary.TitleCount(word) > 0 || !vocabulary.FindValues(word).empty();
  };
  return known(term.surface) || std::any_of(term.synonyms.begin(), term.synonyms.end(),
                                            [&](const std::string& w) { return known(analysis::Fold(w)); });
}

// The use of a term, its synonyms or its alternatives in the titles of a product that says the most.
WordInTitle UseOf(const IntentTerm& term, std::string_view titles) {
  WordInTitle most = UseInTitle(titles, term.surface);
  for (const auto* words : {&term.synonyms, &term.alternatives}) {
    for (const std::string& word : *words) {
      if (most.use == TitleUse::kHead) return most;
      const WordInTitle use = UseInTitle(titles, analysis::Fold(word));
      if (use.use > most.use) most = use;
    }
  }
  return most;
}

// Whether a word names a property of products and not what they are: a colour, a wish, a purpose.
bool IsProperty(std::string_view word) {
  return !ColourSynonyms(word).empty() || FindGender(word).has_value() || IsWishWord(word) || IsUseWord(word);
}

// The last levels of categories, one per line: "문구>파우치" has 파우치.
std::string LastLevels(std::string_view categories) {
  std::string out;
  for (size_t at = 0; at < categories.size();) {
    const size_t end = std::min(categories.find('\n', at), categories.size());
    const std::string_view category = categories.substr(at, end - at);
    const size_t level = category.find_last_of(">/|");
    out += std::string(level == std::string_view::npos ? category : category.substr(level + 1)) + "\n";
    at = end + 1;
  }
  return out;
}

bool IsUnchecked(const QueryIntent& intent, const std::string& key) {
  return std::any_of(intent.unchecked.begin(), intent.unchecked.end(),
                     [&](const UncheckedPart& part) { return part.key == key; });
}

}  // namespace

bool SaysTerm(std::string_view folded_text, const IntentTerm& term) {
  return HasWord(folded_text, term.surface) ||
         std::any_of(term.synonyms.begin(), term.synonyms.end(),
                     [&](const std::string& word) { return HasWord(folded_text, analysis::Fold(word)); });
}

bool SaysAnyOf(std::string_view folded_text, const IntentTerm& term) {
  const auto says = [folded_text](const std::string& word) {
    return HasWord(folded_text, analysis::Fold(word));
  };
  return SaysTerm(folded_text, term) || std::any_of(term.alternatives.begin(), term.alternatives.end(), says);
}

std::vector<std::string> UnmetParts(const QueryIntent& intent, const ProductFacts& product) {
  std::vector<std::string> unmet;
  for (const IntentTerm& term : intent.terms) {
    if (!Meets(term, product)) unmet.push_back(term.surface);
  }
  for (const Quantity& quantity : intent.quantities) {
    if (!Meets(quantity, product)) unmet.push_back(quantity.text);
  }
  for (const std::string& word : intent.excluded_words) {
    if (HasExcludedWord(word, product) || IsDescribedAs(word, product)) unmet.push_back(word);
  }
  for (const Quantity& quantity : intent.excluded_quantities) {
    if (HasExcluded(quantity, product)) unmet.push_back(quantity.text);
  }
  if (!WithinPrice(intent, product)) unmet.push_back(kPricePart);
  if (intent.in_stock && !product.in_stock.value_or(false)) unmet.push_back(kStockPart);
  return unmet;
}

bool StatesNumbers(const QueryIntent& intent, const ProductFacts& product) {
  return std::all_of(intent.quantities.begin(), intent.quantities.end(),
                     [&](const Quantity& quantity) { return quantity.bounded || Meets(quantity, product); });
}

void AddUncheckedParts(std::string_view question, const std::vector<ProductFacts>& products,
                       const Vocabulary* vocabulary, QueryIntent* intent) {
  const auto add = [&](const std::string& key) {
    if (IsUnchecked(*intent, key) || intent->unchecked.size() >= kMaxUnchecked) return;
    intent->unchecked.push_back({key, AsWritten(question, key), UncheckedPart::About::kWord});
  };
  const auto any = [&products](const auto& part) {
    return std::any_of(products.begin(), products.end(),
                       [&](const ProductFacts& p) { return Meets(part, p); });
  };
  for (const IntentTerm& term : intent->terms) {
    if (term.covered_by_facet || any(term) || (vocabulary != nullptr && IsKnown(*vocabulary, term))) continue;
    add(term.surface);
  }
  for (const Quantity& quantity : intent->quantities) {
    if (quantity.is_mass() || any(quantity)) continue;
    // Products that are known to be outside of a bound show that it can be checked.
    const bool known = quantity.is_judged() &&
                       std::any_of(products.begin(), products.end(),
                                   [&](const auto& p) { return IsWithin(p.named, quantity).has_value(); });
    if (!known) add(quantity.text);
  }
  // That no product states what is not wanted does not say that none has it.
  for (const std::string& word : intent->excluded_words) {
    const IntentTerm term = ExcludedTerm(word);
    const bool known = vocabulary != nullptr && IsKnown(*vocabulary, term);
    if (!known && std::none_of(products.begin(), products.end(),
                               [&](const ProductFacts& p) { return SaysTerm(p.named, term); }))
      add(word);
  }
  for (const Quantity& quantity : intent->excluded_quantities) {
    const bool known = std::any_of(products.begin(), products.end(),
                                   [&](const ProductFacts& p) { return HasExcluded(quantity, p); });
    if (!known) add(quantity.text);
  }
  const auto in_stock = [](const ProductFacts& p) { return p.in_stock.value_or(false); };
  const auto stock_unknown = [](const ProductFacts& p) { return !p.in_stock.has_value(); };
  if (intent->in_stock && std::none_of(products.begin(), products.end(), in_stock) &&
      std::any_of(products.begin(), products.end(), stock_unknown) && !IsUnchecked(*intent, kStockPart))
    intent->unchecked.push_back({kStockPart, "", UncheckedPart::About::kStock});
}

void TellKinds(std::string_view question, const std::function<std::string(size_t)>& categories_of,
               const Vocabulary* vocabulary, std::vector<ProductFacts>* products, QueryIntent* intent) {
  const auto head =
      std::find_if(intent->terms.begin(), intent->terms.end(), [](const auto& term) { return term.is_head; });
  if (head == intent->terms.end() || IsUnchecked(*intent, head->surface) || IsProperty(head->surface)) return;
  // A word that the question says too, or that names a property, does not name another thing.
  const auto is_condition = [intent](std::string_view word) {
    return IsProperty(word) || std::any_of(intent->terms.begin(), intent->terms.end(),
                                           [word](const auto& term) { return SaysTerm(word, term); });
  };
  bool any_is = false;
  std::vector<ProductFacts*> unclear;
  for (size_t i = 0; i < products->size(); ++i) {
    ProductFacts& product = (*products)[i];
    const WordInTitle in_title = UseOf(*head, std::string_view(product.named).substr(0, product.title_bytes));
    any_is = any_is || in_title.use == TitleUse::kHead;
    if (in_title.use == TitleUse::kHead || in_title.use == TitleUse::kAbsent) continue;
    const std::string levels = LastLevels(categories_of(i));
    if (SaysAnyOf(levels, *head)) continue;
    if (in_title.use == TitleUse::kFollowed && is_condition(in_title.last)) {
      any_is = true;
      continue;
    }
    if (in_title.use == TitleUse::kDescribes || HasWord(levels, in_title.last))
      product.is_other_kind = true;
    else if (vocabulary == nullptr || vocabulary->NamesProducts(in_title.last))
      unclear.push_back(&product);
    else
      any_is = true;
  }
  for (ProductFacts* product : unclear) product->is_other_kind = any_is;
  if (any_is || unclear.empty() || intent->unchecked.size() >= kMaxUnchecked) return;
  intent->unchecked.push_back(
      {head->surface, AsWritten(question, head->surface), UncheckedPart::About::kKind});
}

bool IsUnknown(const std::string& part, const QueryIntent& intent, const ProductFacts& product) {
  if (part == kPricePart) return !product.price || IsOtherCurrency(intent, *product.price);
  if (part == kStockPart) return !product.in_stock;
  for (const Quantity& quantity : intent.quantities) {
    if (quantity.text != part) continue;
    if (quantity.is_judged()) return !IsWithin(product.named, quantity);
    return !quantity.is_mass() || !product.grams;
  }
  const auto excludes = [&](const Quantity& quantity) { return quantity.text == part; };
  return std::find(intent.excluded_words.begin(), intent.excluded_words.end(), part) ==
             intent.excluded_words.end() &&
         std::none_of(intent.excluded_quantities.begin(), intent.excluded_quantities.end(), excludes);
}

bool HasExcludedWord(const std::string& word, const ProductFacts& product) {
  return Affirms(product.named, ExcludedTerm(word));
}

std::vector<std::string> NamesOfExcluded(const std::string& word) {
  std::vector<std::string> names = ExcludedTerm(word).synonyms;
  std::erase_if(names, [&](const std::string& name) {
    return name == word || name.size() <= (HasHangul(name) ? 3u : 1u);
  });
  names.insert(names.begin(), word);
  return names;
}

bool HasExcluded(const Quantity& quantity, const ProductFacts& product) {
  return StatesQuantity(product.named, quantity) || (!quantity.unit.empty() && Meets(quantity, product));
}

QueryIntent OutfitConditions(QueryIntent intent) {
  std::erase_if(intent.terms, [](const IntentTerm& term) {
    return term.is_wish || IsUseWord(term.surface) || AsksForOutfit(term.surface);
  });
  for (IntentTerm& term : intent.terms) term.is_head = false;
  return intent;
}

bool Fits(const QueryIntent& intent, const ProductFacts& product) {
  // A condition may be unchecked for products that do not state it, and known for others.
  if (intent.in_stock && product.in_stock && !*product.in_stock) return false;
  if (product.is_other_kind) return false;
  for (const IntentTerm& term : intent.terms) {
    // A description may mention other things ("not a snack"), so that the product itself must be called it.
    if (term.is_head && !SaysAnyOf(product.named, term)) return false;
  }
  const std::vector<std::string> unmet = UnmetParts(intent, product);
  return std::all_of(unmet.begin(), unmet.end(),
                     [&](const std::string& part) { return IsUnchecked(intent, part); });
}

}  // namespace trine::language
