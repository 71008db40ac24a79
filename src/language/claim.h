// Claims: whether a product meets a question, and which parts of the question nobody can check. Questions
// about a catalogue and prompts that list products are judged by these rules.
//
// All functions are thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "language/answer.h"
#include "language/query_intent.h"
#include "language/vocabulary.h"
#include "language/word_match.h"

namespace trine::language {

// The known facts of one product. The texts are folded.
struct ProductFacts {
  std::string named;       // titles and facet values, one per line
  size_t title_bytes = 0;  // the bytes of `named` that hold the titles
  std::string text;        // descriptions
  std::optional<ItemPrice> price;
  std::optional<double> grams;
  std::optional<bool> in_stock;
  bool has_named_facets = true;  // has the facet values that the question names
  bool is_other_kind = false;    // see TellKinds
};

// Whether the text has the term's word or one of its synonyms.
bool SaysTerm(std::string_view folded_text, const IntentTerm& term);
// The same, or one of the words that the question offers in its place: "네이비나 레드".
bool SaysAnyOf(std::string_view folded_text, const IntentTerm& term);

// The parts of the question, in its words, that the product does not meet or of which it does not say that it
// meets them: words, quantities, bounds, exclusions. Empty: the product fits.
std::vector<std::string> UnmetParts(const QueryIntent& intent, const ProductFacts& product);

// Whether nothing is known about a part that UnmetParts returned; false if the product is known not to meet
// it.
bool IsUnknown(const std::string& part, const QueryIntent& intent, const ProductFacts& product);

// Whether the product has an excluded quantity. A bare number counts in titles and facet values only.
bool HasExcluded(const Quantity& quantity, const ProductFacts& product);

// Whether a title or a facet value says an excluded word, or another word for the same colour, goods or
// gender. A name that denies it does not: "기모 없는 후디", "tent without a footprint".
bool HasExcludedWord(const std::string& word, const ProductFacts& product);

// The excluded word and other words for the same colour, goods or gender, by which HasExcludedWord finds it.
// Left out are single letters and syllables, which an index may have as a part of another word.
std::vector<std::string> NamesOfExcluded(const std::string& word);

// Whether the product has every number of the question that sets no bound ("55", "2인용").
bool StatesNumbers(const QueryIntent& intent, const ProductFacts& product);

// Adds to `intent->unchecked` every word and quantity that none of the products meets and that is not in the
// vocabulary (nullptr: none), because nothing is known about it; excluded words and quantities that none has;
// and the stock, unless some product says that it is in stock or all say that they are not. Words as in the
// question, which is not folded.
void AddUncheckedParts(std::string_view question, const std::vector<ProductFacts>& products,
                       const Vocabulary* vocabulary, QueryIntent* intent);

// Sets `is_other_kind` of the products that have the head of the question in their titles and are something
// else: a pouch for a notebook, a set of drill bits. A word behind the head tells: it is the head of the
// title if the product's category says so, or if the catalogue calls products by it
// (Vocabulary::NamesProducts; for nullptr every word does). Then such products do not fit if others are
// called by the head of the question; if none is, and no category decides, the question is added to
// `intent->unchecked`. `categories_of` returns the folded categories of the i-th product, one per line.
void TellKinds(std::string_view question, const std::function<std::string(size_t)>& categories_of,
               const Vocabulary* vocabulary, std::vector<ProductFacts>* products, QueryIntent* intent);

// The conditions that the products of an outfit must meet: without the words for its purpose ("주말에 입을")
// and soft wishes, and without a head, because the question names no product.
QueryIntent OutfitConditions(QueryIntent intent);

// Whether the answer may say that the product fits: all parts that it does not meet are unchecked ones, and
// its title or a facet value has the head of the question.
bool Fits(const QueryIntent& intent, const ProductFacts& product);

}  // namespace trine::language
