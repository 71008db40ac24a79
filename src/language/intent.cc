#include "language/intent.h"

#include <re2/re2.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/utf8.h"
#include "format/quantity_text.h"
#include "format/text.h"
#include "language/amount_text.h"
#include "language/catalogue_names.h"
#include "language/filler.h"
#include "language/intent_price.h"
#include "language/intent_rules.h"
#include "language/plain_text.h"
#include "language/quantity.h"
#include "language/question_reader.h"
#include "language/title_head.h"
#include "language/unit_words.h"
#include "language/word_reader.h"

namespace trine::language {
namespace {

// These bound the query that is built from an intent.
constexpr size_t kMaxKeywords = kMaxQuestionWords, kMaxExpansions = 8;

// A spelling names goods if at least kMinGoodsTitles titles contain it, and at least kGoodsRatio times as
// many as contain the catalogue's words for the wish. For example, "light" in a lamp shop is not a wish.
constexpr uint32_t kGoodsRatio = 4, kMinGoodsTitles = 8;
// Removes the wishes that have such a spelling, and returns all spellings of the removed wishes.
std::vector<std::string> RemoveWishesNamingGoods(std::vector<Wish>* wishes, const Vocabulary* vocabulary) {
  std::vector<std::string> goods_words;
  if (vocabulary == nullptr) return goods_words;
  std::erase_if(*wishes, [&](const Wish& wish) {
    uint32_t wished = 0, named = 0;
    for (const std::string& word : wish.catalogue_words)
      wished += vocabulary->TitleCount(analysis::Fold(word));
    for (const std::string& word : wish.matched_spellings)
      named = std::max(named, vocabulary->TitleCount(word));
    if (named < kMinGoodsTitles || named < kGoodsRatio * wished) return false;
    goods_words.insert(goods_words.end(), wish.matched_spellings.begin(), wish.matched_spellings.end());
    return true;
  });
  return goods_words;
}

void AddExcluded(const Vocabulary::Value& value, FacetValues* excluded) {
  auto it =
      std::find_if(excluded->begin(), excluded->end(), [&](const auto& f) { return f.first == value.field; });
  if (it == excluded->end()) it = excluded->insert(it, {value.field, {}});
  it->second.push_back(value.value);
}

// Adds the values that refused phrases name to `excluded`, and removes them from the facets. Words that name
// no value are added to `excluded_words`.
void Exclude(const ReadResult& read, const Vocabulary* vocabulary, const std::vector<std::string>& ids,
             QueryIntent* intent) {
  for (const std::vector<QuestionWord>& words : read.refused) {
    TRINE_DCHECK(!words.empty());
    if (words.size() == 1 && std::find(ids.begin(), ids.end(), words[0].text) != ids.end()) {
      intent->excluded_ids.push_back(words[0].text);
      continue;
    }
    std::optional<Phrase> phrase;
    if (vocabulary != nullptr) phrase = FindPhrase(*vocabulary, words, 0, words.size(), true);
    if (phrase) {
      if (FindGender(words.back().text)) KeepOneGender(*vocabulary, &phrase->values);
      for (const auto& value : phrase->values) AddExcluded(value, &intent->excluded);
    } else {
      for (const QuestionWord& word : words) intent->excluded_words.push_back(word.text);
    }
  }
  intent->excluded_words.insert(intent->excluded_words.end(), read.refused_together.begin(),
                                read.refused_together.end());
  for (const std::string& text : read.unclear)
    intent->unchecked.push_back({text, text, UncheckedPart::About::kRefusal});
  for (const auto& [field, values] : intent->excluded) {
    for (auto& [named, wanted] : intent->facets) {
      if (named == field)
        std::erase_if(wanted, [&values = values](const std::string& v) {
          return std::find(values.begin(), values.end(), v) != values.end();
        });
    }
  }
  std::erase_if(intent->facets, [](const auto& f) { return f.second.empty(); });
}

// Finds the wishes of what the question wants, with their words. Those of refused opposites have the refusal
// as their word: "무겁지 않은".
std::vector<Wish> WantedWishes(const ReadResult& read, std::string_view wanted,
                               const Vocabulary* vocabulary) {
  std::vector<Wish> wishes = FindWishes(wanted);
  RemoveWishesNamingGoods(&wishes, vocabulary);
  const auto is_spelling = [](const Wish& wish, const std::string& form) {
    return std::any_of(wish.matched_spellings.begin(), wish.matched_spellings.end(),
                       [&](const std::string& s) {
                         return static_cast<unsigned char>(s[0]) < 0x80 ? form == s : form.starts_with(s);
                       });
  };
  const auto set_surface = [&](const std::vector<std::string>& forms, const std::string& surface) {
    for (Wish& wish : wishes) {
      if (std::none_of(forms.begin(), forms.end(), [&](const auto& form) { return is_spelling(wish, form); }))
        continue;
      if (wish.surface.empty()) wish.surface = surface;
      return;
    }
  };
  for (const ReadResult::PlainWord& word : read.plain) set_surface(word.forms, word.surface);
  for (const auto& [spelling, surface] : read.opposites) set_surface({spelling}, surface);
  return wishes;
}

// Whether a quantity consists of the word, so that it is checked by itself.
bool IsMeasured(const QueryIntent& intent, const std::string& word) {
  return std::any_of(intent.quantities.begin(), intent.quantities.end(), [&](const Quantity& quantity) {
    return !quantity.unit.empty() && quantity.text.find(word) != std::string::npos;
  });
}

// Whether a word is a Korean verb or adjective that the catalogue does not have: "30만원까지 가능해요". Such
// a predicate names no product. Without the Korean dictionary it is told by its ending (한국어 문법 총론:
// 종결 어미 and 연결 어미 -고, in the polite forms of daily speech).
bool IsPredicate(const QuestionWord& word, const Vocabulary* vocabulary) {
  static constexpr std::string_view kEndings[] = {"해요", "어요", "아요", "여요", "돼요", "네요",
                                                  "나요", "까요", "을까", "세요", "데요", "지요",
                                                  "니다", "할게", "해줘", "하고"};
  static constexpr std::string_view kVerbalSuffixes[] = {"해", "합", "할", "하는", "하면", "되", "돼", "됩"};
  if (!HasHangul(word.text) || !word.synonyms.empty() || IsName(vocabulary, word.text)) return false;
  const bool verb = std::any_of(
      word.lookup_forms.begin(), word.lookup_forms.end(),
      [&](const std::string& form) { return form != word.text && form.size() > 3 && form.ends_with("다"); });
  const bool verbal = std::any_of(std::begin(kVerbalSuffixes), std::end(kVerbalSuffixes),
                                  [&](std::string_view suffix) { return word.ending.starts_with(suffix); });
  return verb || verbal ||
         std::any_of(std::begin(kEndings), std::end(kEndings), [&](std::string_view ending) {
           return word.text.size() > ending.size() && word.text.ends_with(ending);
         });
}

// Whether a folded word has only single letters of Hangul, as in chats ("ㄱㄱ", "ㅋㅋㅋ"): it names nothing.
bool IsChatter(const QuestionWord& word) {
  if (word.text.empty() || word.text.size() % 3 != 0) return false;
  for (size_t at = 0; at < word.text.size(); at += 3) {
    // Folding replaces letters by those of the block Hangul Jamo, U+1100 to U+11FF.
    const std::string_view letter = std::string_view(word.text).substr(at, 3);
    if (letter < "\xE1\x84\x80" || letter > "\xE1\x87\xBF") return false;
  }
  return true;
}

// Whether two neighbours are offered as a choice: by "or", or as colours or goods of a list that ends with
// "or" ("red, blue or green"). A colour and a product are not
// alternatives ("블랙 후디나 화이트 티셔츠"), and alternatives among facet values are in the facets already.
bool IsChoice(const QuestionWord& one, const QuestionWord& next) {
  if (one.segment != next.segment || one.covered_by_facet || next.covered_by_facet) return false;
  const bool goods = !GoodsSynonyms(one.text).empty(), next_goods = !GoodsSynonyms(next.text).empty();
  if (goods != next_goods) return false;
  if (one.or_next) return true;
  return one.joined_to_next && !one.synonyms.empty() && !next.synonyms.empty();
}

// Whether two neighbours are a name of two words, as the titles show: "sorella bay".
bool IsNameOfTwo(const QuestionWord& one, const QuestionWord& next, const Vocabulary* vocabulary) {
  if (vocabulary == nullptr || one.segment != next.segment || one.joined_to_next || one.or_next) return false;
  const uint32_t count = vocabulary->TitleCount(one.text);
  return count > 0 && count == vocabulary->TitleCount(next.text) &&
         vocabulary->HasInNames(one.text + next.text);
}

// Gives each of the words that "or" joins the words of the others. A name of several words is one of them:
// "sorella bay or verdanne shampoo".
void AddAlternatives(const std::vector<QuestionWord>& words, const Vocabulary* vocabulary,
                     QueryIntent* intent) {
  TRINE_DCHECK_LE(words.size(), intent->terms.size());
  for (size_t last = words.size(); last-- > 1;) {
    if (!words[last - 1].or_next) continue;
    size_t first = last;
    while (first > 0 && IsChoice(words[first - 1], words[first])) --first;
    if (first == last) continue;
    // The places of the words of each member.
    std::vector<std::pair<size_t, size_t>> members;
    for (size_t i = first; i <= last; ++i) members.emplace_back(i, i + 1);
    while (members.front().first > 0 &&
           IsNameOfTwo(words[members.front().first - 1], words[members.front().first], vocabulary))
      --members.front().first;
    size_t& end = members.back().second;
    while (end < words.size() && !intent->terms[end].is_head && !words[end].covered_by_facet &&
           IsNameOfTwo(words[end - 1], words[end], vocabulary))
      ++end;
    for (const auto& member : members) {
      for (const auto& other : members) {
        if (other == member) continue;
        std::vector<std::string> names = {words[other.first].text};
        for (size_t at = other.first + 1; at < other.second; ++at) names.front() += " " + words[at].text;
        if (other.second - other.first == 1)
          names.insert(names.end(), intent->terms[other.first].synonyms.begin(),
                       intent->terms[other.first].synonyms.end());
        for (size_t at = member.first; at < member.second; ++at) {
          std::vector<std::string>& alternatives = intent->terms[at].alternatives;
          alternatives.insert(alternatives.end(), names.begin(), names.end());
        }
      }
    }
    last = std::min(last, members.front().first + 1);
  }
}

// Adds a term for each keyword and each wish, and marks the head.
void AddTerms(const std::vector<QuestionWord>& words, const std::vector<Wish>& wishes,
              const Vocabulary* vocabulary, QueryIntent* intent) {
  for (const QuestionWord& word : words) {
    IntentTerm term{word.text, {}, word.covered_by_facet, false, false};
    term.synonyms = word.lookup_forms;
    term.synonyms.insert(term.synonyms.end(), word.synonyms.begin(), word.synonyms.end());
    std::erase(term.synonyms, term.surface);
    intent->terms.push_back(std::move(term));
  }
  // The head is the last noun of the first segment that names neither a purpose nor a number. If a facet
  // value covers the head, a product with that value need not contain the word.
  TRINE_DCHECK_EQ(intent->terms.size(), words.size());
  for (size_t i = words.size(); i-- > 0;) {
    if (words[i].segment != words.front().segment || IsUseWord(words[i].text)) continue;
    if (!words[i].covered_by_facet && IsMeasured(*intent, words[i].text)) continue;
    if (i > 0 && IsPredicate(words[i], vocabulary)) continue;
    // "양말 세트", "shirt navy or gray"
    if (i > 0 && !words[i].covered_by_facet && IsTitleTail(words[i].text)) continue;
    intent->terms[i].is_head = !words[i].covered_by_facet;
    break;
  }
  AddAlternatives(words, vocabulary, intent);
  for (const Wish& wish : wishes) {
    // "lightest" asks only for an order by weight: the lightest product need not contain the word.
    if (!wish.surface.empty() && wish.surface != "lightest")
      intent->terms.push_back({wish.surface, wish.catalogue_words, false, true, false, wish.name == "light"});
  }
}

// Ounces of a product that is sold by volume may be fluid ones, so that they are neither applied nor checked
// as a mass.
void DoubtOunces(const Vocabulary* vocabulary, QueryIntent* intent) {
  if (vocabulary == nullptr) return;
  const auto is_fluid = [vocabulary](const IntentTerm& term) {
    return vocabulary->IsSoldByVolume(term.surface) ||
           std::any_of(term.synonyms.begin(), term.synonyms.end(),
                       [vocabulary](const std::string& word) { return vocabulary->IsSoldByVolume(word); });
  };
  for (Quantity& quantity : intent->quantities) {
    if (!IsSameUnit(quantity.unit, "oz") ||
        std::none_of(intent->terms.begin(), intent->terms.end(), is_fluid))
      continue;
    quantity.may_be_volume = true;
    quantity.grams = {};
    std::erase_if(intent->unchecked, [&](const UncheckedPart& part) { return part.key == quantity.text; });
    if (quantity.bounded)
      intent->unchecked.push_back({quantity.text, quantity.text, UncheckedPart::About::kQuantity});
  }
}

// A quantity is checked by itself, so the words that it consists of need not occur in the product too.
void DropMeasuredTerms(QueryIntent* intent) {
  std::erase_if(intent->terms, [&](const IntentTerm& term) {
    return !term.covered_by_facet && IsMeasured(*intent, term.surface);
  });
}

// Whether a category is among the facets.
bool NamesCategory(const Vocabulary& vocabulary, const FacetValues& facets) {
  return std::any_of(facets.begin(), facets.end(), [&](const auto& facet) {
    return vocabulary.KindOf(facet.first) == FieldKind::kCategory;
  });
}

void AddOutfitFacets(const Vocabulary& vocabulary, QueryIntent* intent) {
  // Adds the garment values of one field only: the field with the fewest garment values. If several fields
  // have equally few, takes the one whose values are shortest, because short values are top-level categories
  // and long ones are whole paths.
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
  // Added in front, because the first facet must list the kinds of garments that an outfit combines.
  intent->facets.insert(intent->facets.begin(), *fewest);
}

bool IsModelNumber(std::string_view word) {
  bool letter = false, digit = false;
  for (char c : word) {
    letter = letter || (c >= 'a' && c <= 'z');
    digit = digit || (c >= '0' && c <= '9');
  }
  return letter && digit && word.size() >= 4;
}

// The degree to which the question narrows the catalogue down, from 0 to 1, with weights chosen by judgement.
double Specificity(std::string_view folded, const std::vector<QuestionWord>& words,
                   const Vocabulary* vocabulary, const QueryIntent& intent) {
  if (intent.outfit) return 0.05;
  if (vocabulary == nullptr)
    return words.empty() ? 0.1 : std::min(0.6, 0.15 * static_cast<double>(words.size()));
  if (vocabulary->NamedProduct(folded)) return 1;
  double s = 0.1;
  bool category = false, brand = false;
  for (const auto& [field, values] : intent.facets) {
    category = category || vocabulary->KindOf(field) == FieldKind::kCategory;
    brand = brand || vocabulary->KindOf(field) == FieldKind::kBrand;
  }
  if (category) s += 0.15;
  if (brand) s += 0.3;
  for (const QuestionWord& word : words) {
    if (IsModelNumber(word.text)) s += 0.4;
    // A word that few titles contain narrows the question further.
    const uint32_t count = vocabulary->TitleCount(word.text);
    if (count > 0 && count * 50 <= vocabulary->product_count() + 50)
      s += 0.15;
    else if (count > 0)
      s += 0.05;
  }
  if (!intent.price.empty()) s += 0.05;
  return std::min(s, 0.95);
}

void AddUnique(std::string word, size_t most, std::vector<std::string>* words) {
  if (words->size() < most && !IsStopWord(word) &&
      std::find(words->begin(), words->end(), word) == words->end())
    words->push_back(std::move(word));
}

void Blank(size_t begin, size_t end, std::string* text) {
  TRINE_DCHECK_LE(end, text->size());
  std::fill_n(text->begin() + static_cast<ptrdiff_t>(begin), end - begin, ' ');
}

bool IsForeign(const std::string& currency, const IntentOptions& options) {
  const auto& others = options.other_currencies;
  if (currency.empty()) return false;
  return options.currency.empty() ? std::find(others.begin(), others.end(), currency) != others.end()
                                  : currency != options.currency;
}

// Whether the prices may be in the currency of an amount and in another one.
bool IsUnsure(const std::string& currency, const IntentOptions& options) {
  const auto& possible = options.possible_currencies;
  return !currency.empty() && options.currency.empty() && !possible.empty() &&
         (possible.size() > 1 || possible.front() != currency);
}

// Adds the bounds of one condition to those of the price. False if the price has such a bound already.
bool AddBounds(const Bounds& more, Bounds* price) {
  if ((more.min && price->min) || (more.max && price->max)) return false;
  if (more.min) price->min = more.min;
  if (more.max) price->max = more.max;
  price->min_exclusive = price->min_exclusive || more.min_exclusive;
  price->max_exclusive = price->max_exclusive || more.max_exclusive;
  return true;
}

// Reads the amounts of money and replaces them with blanks. An amount that sets no bound is not dropped
// without a word.
void SetPrice(const std::vector<PriceCondition>& prices, const IntentOptions& options, std::string* text,
              QueryIntent* intent) {
  using About = UncheckedPart::About;
  std::vector<UncheckedPart> applied;
  for (const PriceCondition& price : prices) {
    if (intent->currency.empty()) intent->currency = price.currency;
    // Currencies are not converted, so an amount in any currency but the catalogue's sets no bound.
    if (IsForeign(price.currency, options)) {
      intent->price_ignored = true;
      intent->unchecked.push_back({price.text, price.text, About::kCurrency, price.currency});
    } else if (price.bounds.empty() || !options.has_price || !AddBounds(price.bounds, &intent->price)) {
      intent->unchecked.push_back({price.text, price.text, About::kPrice});
    } else {
      applied.push_back({price.text, price.text, About::kPrice});
      if (IsUnsure(price.currency, options))
        intent->unchecked.push_back({price.text, price.text, About::kUnknownCurrency, price.currency});
      if (!price.currency.empty()) intent->currency = price.currency;
    }
    Blank(BeginOfMeasure(*text, price.begin), EndOfParticles(*text, price.end), text);
    Blank(price.apart_begin, price.apart_end, text);
  }
  // Two bounds that no price can meet were not meant.
  if (!intent->price.min || !intent->price.max || *intent->price.min <= *intent->price.max) return;
  intent->price = {};
  intent->unchecked.insert(intent->unchecked.end(), applied.begin(), applied.end());
}

// Reads the quantities, replaces those that name nothing with blanks, and sets aside those that this
// catalogue cannot check. Runs after SetPrice.
void SetQuantities(std::vector<Quantity> quantities, const IntentOptions& options, std::string* text,
                   QueryIntent* intent) {
  using About = UncheckedPart::About;
  for (Quantity& quantity : quantities) {
    if (quantity.bounded || quantity.rejected)
      Blank(BeginOfMeasure(*text, quantity.begin), EndOfParticles(*text, quantity.end), text);
    Blank(quantity.apart_begin, quantity.apart_end, text);
    if (quantity.rejected && !quantity.bounded) {
      intent->excluded_quantities.push_back(std::move(quantity));
      continue;
    }
    if (quantity.is_mass() ? !options.has_weight : quantity.bounded && !quantity.is_judged())
      intent->unchecked.push_back(
          {quantity.text, quantity.text, quantity.is_mass() ? About::kWeight : About::kQuantity});
    intent->quantities.push_back(std::move(quantity));
  }
}

// Clears the bounds of a price and of a quantity that "or" joins: "2kg 이하 또는 5만원 이하". A product need
// not meet both.
void ClearAlternatives(std::string_view text, std::vector<PriceCondition>* prices,
                       std::vector<Quantity>* quantities) {
  const auto joined = [text](size_t first_end, size_t second_begin) {
    return first_end <= second_begin && AreAlternatives(text.substr(first_end, second_begin - first_end));
  };
  for (PriceCondition& price : *prices) {
    for (Quantity& quantity : *quantities) {
      if (!quantity.bounded) continue;
      if (!joined(price.end, quantity.begin) && !joined(quantity.end, price.begin)) continue;
      price.bounds = quantity.bounds = quantity.grams = {};
    }
  }
}

// Reads the numbers of a question: amounts of money and quantities.
void SetNumbers(const IntentOptions& options, const Vocabulary* vocabulary, std::string* text,
                QueryIntent* intent) {
  const auto is_size = [vocabulary](std::string_view number) {
    return vocabulary != nullptr && !vocabulary->FindValues(std::string(number)).empty();
  };
  std::string read = *text;
  for (const WrittenWord& name : FindNames(*text, vocabulary, options.ids))
    Blank(name.begin, name.end, &read);
  std::vector<PriceCondition> prices = FindPrices(read);
  std::vector<Quantity> quantities = FindQuantities(read, is_size);
  ClearAlternatives(*text, &prices, &quantities);
  SetPrice(prices, options, text, intent);
  SetQuantities(std::move(quantities), options, text, intent);
}

// Sets what the question asks about the catalogue as a whole: stock, age, popularity.
void SetOrders(std::string_view folded, const IntentOptions& options, QueryIntent* intent) {
  using Sort = QueryIntent::Sort;
  using About = UncheckedPart::About;
  if (AsksForStock(folded)) {
    intent->in_stock = options.has_stock;
    if (!options.has_stock) intent->unchecked.push_back({kStockPart, "", About::kStock});
  }
  if (intent->sort == Sort::kNewest && !options.has_created)
    intent->unchecked.push_back({"", "", About::kNewest});
  if (intent->sort == Sort::kPopular && !options.has_popularity)
    intent->unchecked.push_back({"", "", About::kPopular});
  if ((intent->sort == Sort::kPriceAsc || intent->sort == Sort::kPriceDesc) && !options.has_price)
    intent->unchecked.push_back({kPricePart, "", About::kPrice});
  if (intent->sort == Sort::kLightest && !options.has_weight)
    intent->unchecked.push_back({"", "", About::kWeight});
}

// A number that sets no bound is searched for like a word: "55 원피스" prefers a dress that has 55. A number
// with a unit in one word ("2인용") is a keyword already.
void AddNumbers(QueryIntent* intent) {
  for (const Quantity& quantity : intent->quantities) {
    if (quantity.bounded) continue;
    std::vector<std::string> numbers;
    for (std::string_view rest = quantity.text; !rest.empty();) {
      const std::string number(IsAsciiDigit(rest.front()) ? NumberAt(rest) : "");
      rest.remove_prefix(std::max<size_t>(number.size(), 1));
      if (!number.empty()) numbers.push_back(number);
    }
    // "240,250" are two numbers if the quantity has two.
    if (numbers.size() < quantity.others.size() + 1) {
      numbers = {format::ShortestDouble(quantity.number)};
      for (const double other : quantity.others) numbers.push_back(format::ShortestDouble(other));
    }
    for (const std::string& number : numbers) {
      const bool said =
          std::any_of(intent->keywords.begin(), intent->keywords.end(),
                      [&](const std::string& word) { return word.find(number) != std::string::npos; });
      if (!said && intent->keywords.size() < kMaxKeywords) intent->keywords.push_back(number);
    }
  }
}

// Whether the question is one number and nothing else.
bool IsNumberOnly(std::string_view folded, const QueryIntent& intent) {
  return intent.quantities.size() == 1 && !intent.quantities.front().bounded &&
         Trim(folded) == intent.quantities.front().text;
}

// Adds the catalogue's words for the wishes, then those for the keywords.
void AddExpansions(const std::vector<QuestionWord>& words, const std::vector<Wish>& wishes,
                   const Vocabulary* vocabulary, QueryIntent* intent) {
  for (const Wish& wish : wishes) {
    for (const std::string& word : wish.catalogue_words) {
      if (vocabulary == nullptr || vocabulary->TitleCount(analysis::Fold(word)) > 0)
        AddUnique(word, kMaxExpansions, &intent->expansions);
    }
  }
  if (vocabulary == nullptr) return;
  for (const QuestionWord& word : words) {
    for (const std::string& other : word.synonyms) {
      if (other != word.text && vocabulary->TitleCount(other) > 0)
        AddUnique(other, kMaxExpansions, &intent->expansions);
    }
    for (auto& [other, closeness] : vocabulary->Related(word.text, 2))
      AddUnique(std::move(other), kMaxExpansions, &intent->expansions);
  }
}

}  // namespace

void JudgeCurrency(const PriceSummary& prices, IntentOptions* options) {
  options->possible_currencies = prices.PossibleCurrencies();
  const auto& possible = options->possible_currencies;
  for (const std::string_view code : JudgedCurrencies()) {
    if (std::find(possible.begin(), possible.end(), code) == possible.end())
      options->other_currencies.emplace_back(code);
  }
  // The prices alone do not show whether they are in yen, yuan or the like.
  for (const char* code :
       {"JPY", "CNY", "INR", "HKD", "TWD", "SGD", "AUD", "CAD", "CHF", "THB", "VND", "IDR"})
    options->other_currencies.emplace_back(code);
}

QueryIntent ParseIntent(std::string_view question, const Vocabulary* vocabulary,
                        const analysis::Analyzers& analyzers, const IntentOptions& options) {
  question = CutUtf8(question, limits::kMaxQuestionBytes);
  const std::string folded = analysis::Fold(WithPlainSeparators(question));
  QueryIntent intent;
  intent.provider = "builtin";
  intent.language = options.language == "ko" || options.language == "en"
                        ? options.language
                        : std::string(analysis::DominantLanguage(question));
  // The question without what is read as prices and bounds: the words that name something.
  std::string text = WithDigits(folded);
  SetNumbers(options, vocabulary, &text, &intent);
  BlankStockRequest(&text);
  // A size of letters with its noun in one word: "m사이즈".
  RE2::GlobalReplace(&text, R"(([a-z])(사이즈|싸이즈|치수))", R"(\1 \2)");
  BlankCounts([vocabulary](std::string_view name) { return IsName(vocabulary, name); }, &text);
  std::vector<Wish> wishes = FindWishes(text);
  const std::vector<std::string> goods_words = RemoveWishesNamingGoods(&wishes, vocabulary);
  ReadResult read = ReadQuestion(text, vocabulary, analyzers, goods_words, options.ids);
  std::string wanted = read.wanted_text;
  for (const auto& [spelling, surface] : read.opposites) wanted += " " + spelling;
  const RequestedSort order = FindSort(wanted);
  intent.sort = order.sort;
  intent.superlative = order.superlative;
  SetOrders(folded, options, &intent);
  // Amounts and quantities do not matter here, so that the whole question counts if it refuses nothing.
  if (read.refuses) intent.wanted_text = read.wanted_text;
  const std::string& purpose = read.refuses ? read.wanted_text : folded;
  intent.use = FindUse(purpose);
  intent.season = FindSeason(purpose, options.season_now);
  intent.outfit = AsksForOutfit(purpose);
  wishes = WantedWishes(read, wanted, vocabulary);
  std::vector<QuestionWord>& words = read.words;
  std::erase_if(words, IsChatter);
  for (const QuestionWord& word : words) intent.keywords.push_back(word.text);
  if (vocabulary != nullptr) {
    FindFacets(*vocabulary, &words, &intent.facets);
    if (intent.outfit && !NamesCategory(*vocabulary, intent.facets)) AddOutfitFacets(*vocabulary, &intent);
  }
  Exclude(read, vocabulary, options.ids, &intent);
  AddTerms(words, wishes, vocabulary, &intent);
  DropMeasuredTerms(&intent);
  DoubtOunces(vocabulary, &intent);
  for (const Wish& wish : wishes) intent.wants.push_back(wish.name);
  AddExpansions(words, wishes, vocabulary, &intent);
  intent.specificity = Specificity(purpose, words, vocabulary, intent);
  TRINE_DCHECK(intent.specificity >= 0 && intent.specificity <= 1);
  TRINE_DCHECK_LE(intent.expansions.size(), kMaxExpansions);
  intent.open = !intent.outfit && intent.use.empty() && intent.facets.empty() && intent.wants.empty() &&
                intent.specificity < 1 && !IsNumberOnly(folded, intent) &&
                std::all_of(intent.keywords.begin(), intent.keywords.end(), IsBrowsingWord);
  if (intent.open) {
    intent.keywords.clear();
    intent.expansions.clear();
    intent.terms.clear();
  } else {
    AddNumbers(&intent);
  }
  TRINE_DCHECK_LE(intent.keywords.size(), kMaxKeywords);
  return intent;
}

}  // namespace trine::language
