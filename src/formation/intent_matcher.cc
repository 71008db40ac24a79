#include "formation/intent_matcher.h"

#include <algorithm>

#include "analysis/analyzer.h"
#include "language/season.h"

namespace trine::formation {
namespace {

using catalogue::FacetTexts;
using catalogue::TextsAt;
using format::Json;
using language::SaysAnyOf;
using language::SaysTerm;

// The name of a field without its language suffix.
std::string_view WithoutLanguage(std::string_view field) {
  for (std::string_view tail : {"_en", "_ko"}) {
    if (field.size() > tail.size() && field.substr(field.size() - tail.size()) == tail)
      return field.substr(0, field.size() - tail.size());
  }
  return field;
}

bool HasAny(const catalogue::Roles& roles, const Json& source, const std::string& field,
            const std::vector<std::string>& values) {
  const auto texts = FacetTexts(roles, source, field);
  return std::any_of(values.begin(), values.end(), [&](const std::string& v) {
    return std::find(texts.begin(), texts.end(), v) != texts.end();
  });
}

std::string FoldedFacets(const catalogue::Roles& roles, const Json& source) {
  std::string out;
  for (const catalogue::FacetField& facet : roles.facets) {
    for (const std::string& text : FacetTexts(source, facet)) out += analysis::Fold(text) + "\n";
  }
  return out;
}

std::string FoldedAt(const Json& source, const std::vector<std::string>& fields) {
  std::string out;
  for (const std::string& field : fields) {
    for (const std::string& text : TextsAt(source, field)) out += analysis::Fold(text) + "\n";
  }
  return out;
}

// Whether a word of the question names the last level of a category ("체어" in "캠핑>체어"), not only a level
// above it.
bool NamesLastPart(const language::QueryIntent& intent, const std::string& value) {
  const std::string folded = analysis::Fold(value);
  const size_t part = folded.find_last_of(">/|");
  const std::string last = part == std::string::npos ? folded : folded.substr(part + 1);
  return std::any_of(intent.terms.begin(), intent.terms.end(), [&](const language::IntentTerm& term) {
    return term.covered_by_facet && SaysTerm(last, term);
  });
}

}  // namespace

IntentMatcher::IntentMatcher(const language::QueryIntent& intent, const catalogue::Roles& roles,
                             const language::Vocabulary* vocabulary)
    : intent_(intent), roles_(roles) {
  for (const language::IntentTerm& term : intent.terms) {
    if (term.is_head) head_ = &term;
  }
  if (head_ == nullptr || vocabulary == nullptr) return;
  // Do not require the head word if a category value already names the product and no title contains the head
  // word, as in "체어 부모님이 쓰실" ("a chair for my parents to use").
  bool category = false, single = true;
  for (const auto& [field, values] : intent.facets) {
    if (!roles.IsCategory(field)) continue;
    category = category || NamesLastPart(intent, values.front());
    single = single && values.size() == 1;
  }
  if (category && single && vocabulary->TitleCount(head_->surface) == 0) head_ = nullptr;
}

bool IntentMatcher::HasNamedFacet(const Json& source, std::string_view field) const {
  return std::any_of(intent_.facets.begin(), intent_.facets.end(), [&](const auto& twin) {
    return WithoutLanguage(twin.first) == WithoutLanguage(field) &&
           HasAny(roles_, source, twin.first, twin.second);
  });
}

bool IntentMatcher::IsCalled(const Json& source) const {
  if (head_ == nullptr) return false;
  const std::string named = FoldedAt(source, roles_.titles) + FoldedFacets(roles_, source);
  return SaysAnyOf(named, *head_) &&
         std::all_of(intent_.terms.begin(), intent_.terms.end(), [&](const language::IntentTerm& term) {
           return !term.covered_by_facet || SaysAnyOf(named, term);
         });
}

bool IntentMatcher::HasNamedCategories(const Json& source) const {
  // A field and its translation name one thing; a path and its levels must all be met.
  const bool all = std::all_of(intent_.facets.begin(), intent_.facets.end(), [&](const auto& facet) {
    return !roles_.IsCategory(facet.first) || HasNamedFacet(source, facet.first);
  });
  return all || IsCalled(source);
}

bool IntentMatcher::HasNamedFacets(const Json& source) const {
  bool other_category = false;
  for (const auto& [field, values] : intent_.facets) {
    if (HasNamedFacet(source, field)) continue;
    if (!roles_.IsCategory(field)) return false;
    other_category = true;
  }
  return !other_category || IsCalled(source);
}

bool IntentMatcher::Matches(const Json& source) const {
  if (!intent_.facets.empty() && !HasNamedFacets(source)) return false;
  if (intent_.outfit || (!intent_.facets.empty() && head_ == nullptr)) return true;
  std::vector<const language::IntentTerm*> asked;
  for (const language::IntentTerm& term : intent_.terms) {
    if (!term.is_wish) asked.push_back(&term);
  }
  if (asked.empty()) return true;
  const std::string named = FoldedAt(source, roles_.titles) + FoldedFacets(roles_, source);
  const bool head = head_ == nullptr || SaysAnyOf(named, *head_);
  if (!intent_.facets.empty()) return head;
  const auto count = [&asked](std::string_view text) {
    return static_cast<size_t>(std::count_if(
        asked.begin(), asked.end(), [&](const language::IntentTerm* t) { return SaysAnyOf(text, *t); }));
  };
  if (head && 2 * count(named) >= asked.size()) return true;
  // Words in descriptions count only if, together with them, the record contains every word of the question.
  return count(named + FoldedAt(source, roles_.texts)) == asked.size();
}

int IntentMatcher::Relatedness(const Json& source) const {
  const std::string named = FoldedAt(source, roles_.titles) + FoldedFacets(roles_, source);
  const auto says = [&named](const language::IntentTerm& term) { return SaysAnyOf(named, term); };
  const auto& terms = intent_.terms;
  if (std::any_of(terms.begin(), terms.end(), [&](const auto& term) { return term.is_head && says(term); }))
    return 3;
  const bool category = std::any_of(intent_.facets.begin(), intent_.facets.end(),
                                    [this](const auto& facet) { return roles_.IsCategory(facet.first); });
  if (category) return HasNamedCategories(source) ? 2 : 0;
  const bool names_nothing =
      std::all_of(terms.begin(), terms.end(), [](const auto& term) { return term.is_wish; });
  return names_nothing || std::any_of(terms.begin(), terms.end(),
                                      [&](const auto& term) { return !term.is_wish && says(term); })
             ? 1
             : 0;
}

bool IntentMatcher::StatesNumbers(const Json& source) const {
  return language::StatesNumbers(intent_, FactsOf(source));
}

language::ProductFacts IntentMatcher::FactsOf(const Json& source) const {
  language::ProductFacts facts;
  facts.named = FoldedAt(source, roles_.titles);
  facts.title_bytes = facts.named.size();
  facts.named += FoldedFacets(roles_, source);
  facts.text = FoldedAt(source, roles_.texts);
  if (const auto price = catalogue::PriceOf(roles_, source))
    facts.price = language::ItemPrice{price->amount, price->currency};
  facts.grams = catalogue::GramsOf(roles_, source);
  facts.in_stock = catalogue::InStock(roles_, source);
  facts.has_named_facets = HasNamedFacets(source);
  return facts;
}

std::string IntentMatcher::CategoriesOf(const Json& source) const {
  std::string out;
  for (const std::string& field : roles_.categories) {
    for (const std::string& text : FacetTexts(roles_, source, field)) out += analysis::Fold(text) + "\n";
  }
  return out;
}

std::vector<std::string> IntentMatcher::MatchedWords(const Json& source) const {
  const std::string named = FoldedAt(source, roles_.titles) + FoldedFacets(roles_, source);
  std::vector<std::string> out;
  for (const language::IntentTerm& term : intent_.terms) {
    if (SaysTerm(named, term) && std::find(out.begin(), out.end(), term.surface) == out.end())
      out.push_back(term.surface);
  }
  return out;
}

double SeasonFactor(const Json& source, const catalogue::Roles& roles, std::string_view season,
                    double other_season_factor) {
  if (season.empty()) return 1;
  bool other = false;
  for (const catalogue::FacetField& facet : roles.facets) {
    for (const std::string& text : FacetTexts(source, facet)) {
      const std::string named = language::ParseSeason(analysis::Fold(text));
      if (named == season) return 1;
      other = other || !named.empty();
    }
  }
  return other ? other_season_factor : 1;
}

}  // namespace trine::formation
