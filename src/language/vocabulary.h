// Vocabulary: the words of a catalogue, and VocabularyBuilder, which builds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "analysis/analyzer.h"

namespace trine::language {

// The kind of the values of a field, as far as the reading of questions depends on it.
enum class FieldKind { kOther, kCategory, kBrand };

// The words of a catalogue: its facet values, the words of its titles, and the words of different scripts
// that name the same products. Built by VocabularyBuilder. Immutable, thread-safe.
class Vocabulary {
 public:
  static constexpr size_t kMaxMarkedWords = 4;

  struct Value {
    std::string field, value;
    uint32_t count = 0;  // products that have the value; at least 1
  };
  // The facet values that have the name `folded`: as the whole value, as one level of a path, or as the last
  // word of the last level ("이어폰" finds "블루투스 이어폰"). Ignores spaces, apostrophes and English
  // plurals. Empty if no value has that name.
  std::vector<Value> FindValues(std::string_view folded) const;
  // The number of products with the word in a title, in the singular or the plural; 0 for an unknown word.
  uint32_t TitleCount(std::string_view term) const;
  // Whether titles begin with these words, the first of which is a mark of refusal (refusal_marks.h), and the
  // last one is in no other title: then they are a name ("no bull"), and not a refusal. Also whether a title
  // says by two words that something is absent: "sulfate free", "non slip". Takes two to kMaxMarkedWords
  // words with one blank between them.
  bool IsMarkedName(std::string_view folded) const;
  // Whether a word is a noun that says what products are: it is the head (title_head.h) of at least half of
  // the titles that have it.
  bool NamesProducts(std::string_view term) const;
  // Whether at least half of the titles with this head state a volume ("50ml"), so that ounces of the product
  // may be fluid ones.
  bool IsSoldByVolume(std::string_view term) const;
  // Words of the other script that share products with `term`, closest first, each with the cosine between
  // the two words' sets of products ("체어": "chair"). At most `limit` of them.
  std::vector<std::pair<std::string, double>> Related(std::string_view term, size_t limit) const;
  // kOther for a field without a kind.
  FieldKind KindOf(std::string_view field) const;
  uint32_t product_count() const { return product_count_; }
  // Whether one of the first product names (some hundreds) has the text, which is folded and without spaces.
  bool HasInNames(std::string_view text) const;
  // The longest product name (folded, without spaces) that occurs in `folded_question`. Names of fewer than
  // 8 bytes are never found, because they are too often ordinary words.
  std::optional<std::string> NamedProduct(std::string_view folded_question) const;

 private:
  friend class VocabularyBuilder;
  Vocabulary() = default;

  std::map<std::string, FieldKind, std::less<>> kinds_;
  std::vector<Value> values_;
  std::unordered_map<std::string, std::vector<size_t>> values_by_name_;  // indexes into values_
  std::unordered_map<std::string, uint32_t> title_counts_;               // word -> products
  std::unordered_map<std::string, std::vector<std::pair<std::string, double>>> related_;
  // The longest product name that `text` begins with; empty if there is none.
  std::string_view NameAt(std::string_view text) const;

  std::vector<std::string> product_names_;                  // sorted
  std::vector<uint64_t> product_name_heads_;                // the first 8 bytes of each
  std::unordered_map<std::string, uint32_t> marked_names_;  // beginnings of titles with a mark -> products
  std::unordered_set<std::string> absences_;                // "sulfate free"
  struct Head {
    uint32_t products = 0, with_volume = 0;  // with_volume: those of which the title states a volume
  };
  std::unordered_map<std::string, Head> heads_;  // heads of titles, in the singular
  uint32_t product_count_ = 0;
};

// Collects a catalogue's texts, product by product. Not thread-safe. `analyzers` must outlive it.
class VocabularyBuilder {
 public:
  explicit VocabularyBuilder(const analysis::Analyzers& analyzers);
  ~VocabularyBuilder();
  void SetKind(const std::string& field, FieldKind kind);
  // Adds one product. `titles` are its names in any language; `facets` are pairs of field and value
  // ("category", "패션>여성"). Only the first 40 words of the titles count.
  void Add(const std::vector<std::string>& titles,
           const std::vector<std::pair<std::string, std::string>>& facets);
  // Call once, after the last Add.
  std::shared_ptr<const Vocabulary> Build();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trine::language
