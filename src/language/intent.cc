#include "language/intent.h"

#include <algorithm>
#include <set>

#include "analysis/locale/korean.h"
#include "base/limits.h"
#include "language/intent_parts.h"
#include "language/words.h"

namespace trine::language {
namespace {

constexpr size_t kMostKeywords = 12, kMostExpansions = 8, kLongestPhrase = 3;
constexpr size_t kMostFacetValues = 50;

// One content word of the question, and whether a facet has claimed it.
struct Word {
  std::string text;
};

std::string ChooseForm(const WordGroup& group, const Vocabulary* vocabulary) {
  // The form that the catalogue writes; else the longest, which is nearest to what was said.
  if (vocabulary != nullptr) {
    for (auto it = group.forms.rbegin(); it != group.forms.rend(); ++it) {
      if (vocabulary->TitleCount(*it) > 0 || !vocabulary->FindValues(*it).empty()) return *it;
    }
  }
  return group.forms.front();
}

// A shop of lamps means a thing by "light", not a wish: its titles write the word far more often than
// all the words that say the wish. Decided by the catalogue, for every spelling that was said.
constexpr uint32_t kThingRatio = 4, kThingLeast = 8;
std::vector<std::string> FindThings(std::vector<Wish>* wishes, const Vocabulary* vocabulary) {
  std::vector<std::string> things;
  if (vocabulary == nullptr) return things;
  std::erase_if(*wishes, [&](const Wish& wish) {
    uint32_t wished = 0, named = 0;
    for (const std::string& word : wish.words) wished += vocabulary->TitleCount(analysis::Fold(word));
    for (const std::string& word : wish.said) named = std::max(named, vocabulary->TitleCount(word));
    if (named < kThingLeast || named < kThingRatio * wished) return false;
    things.insert(things.end(), wish.said.begin(), wish.said.end());
    return true;
  });
  return things;
}

// `things` look like wishes and are none here.
std::vector<Word> ContentWords(std::string_view question, const Vocabulary* vocabulary,
                               const analysis::Analyzers& analyzers, const std::vector<std::string>& things) {
  const auto says_nothing = [&](const std::string& form) {
    if (std::find(things.begin(), things.end(), form) != things.end()) return false;
    return IsStopWord(form) || IsWishWord(form);
  };
  std::vector<Word> words;
  std::set<std::string> seen;
  for (const WordGroup& group : ReadWords(question, analyzers)) {
    if (std::any_of(group.forms.begin(), group.forms.end(), says_nothing)) continue;
    std::string form = ChooseForm(group, vocabulary);
    if (words.size() < kMostKeywords && seen.insert(form).second) words.push_back({std::move(form)});
  }
  return words;
}

void AddFacet(const Vocabulary::Value& value, Intent* intent) {
  auto it = std::find_if(intent->facets.begin(), intent->facets.end(),
                         [&](const auto& f) { return f.first == value.field; });
  if (it == intent->facets.end()) it = intent->facets.insert(it, {value.field, {}});
  auto& values = it->second;
  if (values.size() < kMostFacetValues &&
      std::find(values.begin(), values.end(), value.value) == values.end())
    values.push_back(value.value);
}

// Values that the question names, longest phrases first; a word that a longer phrase used names nothing more.
void FindFacets(const std::vector<Word>& words, const Vocabulary& vocabulary, Intent* intent) {
  std::vector<bool> used(words.size(), false);
  for (size_t length = std::min(kLongestPhrase, words.size()); length > 0; --length) {
    for (size_t start = 0; start + length <= words.size(); ++start) {
      if (std::any_of(used.begin() + static_cast<ptrdiff_t>(start),
                      used.begin() + static_cast<ptrdiff_t>(start + length), [](bool u) { return u; }))
        continue;
      std::string phrase;
      for (size_t i = start; i < start + length; ++i) phrase += words[i].text;
      const auto values = vocabulary.FindValues(phrase);
      if (values.empty()) continue;
      for (const auto& value : values) AddFacet(value, intent);
      std::fill(used.begin() + static_cast<ptrdiff_t>(start),
                used.begin() + static_cast<ptrdiff_t>(start + length), true);
    }
  }
}

// A field holds what was named together: a product is of one category, so two names of one field narrow
// each other where some values carry both ("캠핑", "체어": "캠핑>체어").
void NarrowFacets(const std::vector<Word>& words, const Vocabulary& vocabulary, Intent* intent) {
  for (auto& [field, values] : intent->facets) {
    for (const Word& word : words) {
      std::vector<std::string> both;
      for (const auto& value : vocabulary.FindValues(word.text)) {
        if (value.field == field && std::find(values.begin(), values.end(), value.value) != values.end())
          both.push_back(value.value);
      }
      if (!both.empty() && both.size() < values.size()) values = std::move(both);
    }
  }
}

void AddOutfitFacets(const Vocabulary& vocabulary, Intent* intent) {
  // One field is enough, the one whose values are fewest and whole: a top level, not a path.
  std::vector<std::pair<std::string, std::vector<std::string>>> fields;
  for (const std::string& word : GarmentWords()) {
    for (const auto& value : vocabulary.FindValues(word)) {
      auto it =
          std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.first == value.field; });
      if (it == fields.end()) it = fields.insert(it, {value.field, {}});
      if (std::find(it->second.begin(), it->second.end(), value.value) == it->second.end())
        it->second.push_back(value.value);
    }
  }
  std::erase_if(fields, [](const auto& f) { return f.second.size() < 2; });
  if (fields.empty()) return;
  const auto size_of = [](const auto& field) {
    size_t bytes = 0;
    for (const std::string& value : field.second) bytes += value.size();
    return std::pair(field.second.size(), bytes);
  };
  const auto fewest = std::min_element(fields.begin(), fields.end(),
                                       [&](const auto& a, const auto& b) { return size_of(a) < size_of(b); });
  intent->facets = {*fewest};
}

bool IsModelNumber(std::string_view word) {
  bool letter = false, digit = false;
  for (char c : word) {
    letter = letter || (c >= 'a' && c <= 'z');
    digit = digit || (c >= '0' && c <= '9');
  }
  return letter && digit && word.size() >= 4;
}

double Specificity(std::string_view folded, const std::vector<Word>& words, const Vocabulary* vocabulary,
                   const Intent& intent) {
  if (intent.outfit) return 0.05;
  if (vocabulary == nullptr)
    return words.empty() ? 0.1 : std::min(0.6, 0.15 * static_cast<double>(words.size()));
  if (vocabulary->NamedProduct(folded)) return 1;
  double s = 0.1;
  bool category = false, brand = false;
  for (const auto& [field, values] : intent.facets) {
    category = category || field.find("categ") != std::string::npos;
    brand = brand || field.find("brand") != std::string::npos || field.find("maker") != std::string::npos;
  }
  if (category) s += 0.15;
  if (brand) s += 0.3;
  for (const Word& word : words) {
    if (IsModelNumber(word.text)) s += 0.4;
    // A rare word of the catalogue names few products.
    const uint32_t count = vocabulary->TitleCount(word.text);
    if (count > 0 && count * 50 <= vocabulary->product_count() + 50)
      s += 0.15;
    else if (count > 0)
      s += 0.05;
  }
  if (intent.price_min || intent.price_max) s += 0.05;
  return std::min(s, 0.95);
}

void AddUnique(std::string word, size_t most, std::vector<std::string>* words) {
  if (words->size() < most && std::find(words->begin(), words->end(), word) == words->end())
    words->push_back(std::move(word));
}

}  // namespace

Intent ParseIntent(std::string_view question, const Vocabulary* vocabulary,
                   const analysis::Analyzers& analyzers, const IntentOptions& options) {
  question = CutUtf8(question, limits::kMaxQuestionBytes);
  const std::string folded = analysis::Fold(question);
  Intent intent;
  intent.provider = "builtin";
  intent.language = options.language == "ko" || options.language == "en"
                        ? options.language
                        : std::string(analysis::DominantLanguage(question));
  const PriceBounds price = FindPrice(folded);
  intent.price_min = price.min;
  intent.price_max = price.max;
  intent.sort = FindSort(folded);
  intent.use = FindUse(folded);
  intent.season = FindSeason(folded, options.season_now);
  intent.outfit = AsksForOutfit(folded);
  std::vector<Wish> wishes = FindWishes(folded);
  const std::vector<std::string> things = FindThings(&wishes, vocabulary);
  std::vector<Word> words = ContentWords(question, vocabulary, analyzers, things);
  std::erase_if(words,
                [](const Word& w) { return w.text.find_first_not_of("0123456789,.") == std::string::npos; });
  for (const Word& word : words) intent.keywords.push_back(word.text);
  for (const Wish& wish : wishes) {
    intent.wants.push_back(wish.name);
    for (const std::string& word : wish.words) {
      if (vocabulary == nullptr || vocabulary->TitleCount(analysis::Fold(word)) > 0)
        AddUnique(word, kMostExpansions, &intent.expansions);
    }
  }
  if (vocabulary != nullptr) {
    FindFacets(words, *vocabulary, &intent);
    NarrowFacets(words, *vocabulary, &intent);
    if (intent.outfit && intent.facets.empty()) AddOutfitFacets(*vocabulary, &intent);
    for (const Word& word : words) {
      for (auto& [other, closeness] : vocabulary->Related(word.text, 2))
        AddUnique(std::move(other), kMostExpansions, &intent.expansions);
    }
  }
  intent.specificity = Specificity(folded, words, vocabulary, intent);
  return intent;
}

}  // namespace trine::language
