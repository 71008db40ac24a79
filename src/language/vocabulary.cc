#include "language/vocabulary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "base/check.h"
#include "base/text.h"
#include "language/plain_text.h"
#include "language/word_reader.h"

namespace trine::language {
namespace {

constexpr double kMinRelatedCosine = 0.45;  // least cosine between the product sets of two related words
constexpr uint32_t kMinSharedProducts = 2;  // one shared product may be chance
constexpr size_t kMaxRelatedWords = 4;      // kept per word
constexpr size_t kMinNameBytes = 8;         // shorter product names are too often ordinary words
constexpr size_t kMaxTitleWords = 40;       // per product; bounds the pairs that are counted

std::string WithoutSpaces(std::string_view folded) {
  std::string out;
  for (char c : folded) {
    if (c != ' ') out += c;
  }
  return out;
}

// The form in which names are compared: words in the singular, without spaces.
std::string NameKey(std::string_view folded) {
  std::string out;
  for (size_t start = 0; start < folded.size();) {
    const size_t end = std::min(folded.find(' ', start), folded.size());
    if (end > start) out += Singular(folded.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

// The names of a facet value: the whole value, each level of its path, and the last word of its last level.
std::set<std::string> NamesOf(std::string_view value) {
  const std::string folded = analysis::Fold(value);
  std::set<std::string> names = {NameKey(folded)};
  size_t start = 0;
  std::string last = folded;
  while (start <= folded.size()) {
    const size_t end = std::min(folded.find_first_of(">/|", start), folded.size());
    const std::string part(Trim(std::string_view(folded).substr(start, end - start), " "));
    if (!part.empty()) {
      names.insert(NameKey(part));
      last = part;
    }
    start = end + 1;
  }
  const size_t space = last.rfind(' ');
  if (space != std::string::npos) names.insert(NameKey(last.substr(space + 1)));
  return names;
}

}  // namespace

std::vector<Vocabulary::Value> Vocabulary::FindValues(std::string_view folded) const {
  std::vector<Value> out;
  const auto it = values_by_name_.find(NameKey(folded));
  if (it == values_by_name_.end()) return out;
  for (const size_t index : it->second) {
    TRINE_DCHECK_LT(index, values_.size());
    out.push_back(values_[index]);
  }
  return out;
}

FieldKind Vocabulary::KindOf(std::string_view field) const {
  const auto it = kinds_.find(field);
  return it == kinds_.end() ? FieldKind::kOther : it->second;
}

uint32_t Vocabulary::TitleCount(std::string_view term) const {
  const std::string written(term), one = Singular(term);
  uint32_t most = 0;
  for (const std::string& form : {written, one, one + "s"}) {
    const auto it = title_counts_.find(form);
    if (it != title_counts_.end()) most = std::max(most, it->second);
  }
  return most;
}

std::vector<std::pair<std::string, double>> Vocabulary::Related(std::string_view term, size_t limit) const {
  auto it = related_.find(std::string(term));
  if (it == related_.end()) it = related_.find(Singular(term));
  if (it == related_.end()) return {};
  auto out = it->second;
  if (out.size() > limit) out.resize(limit);
  return out;
}

std::optional<std::string> Vocabulary::NamedProduct(std::string_view folded_question) const {
  const std::string question = WithoutSpaces(folded_question);
  for (const std::string& name : product_names_) {  // longest first
    if (name.size() <= question.size() && question.find(name) != std::string::npos) return name;
  }
  return std::nullopt;
}

struct VocabularyBuilder::State {
  const analysis::Analyzers& analyzers;
  std::map<std::pair<std::string, std::string>, uint32_t> facets;
  std::unordered_map<std::string, uint32_t> counts;                                     // word -> products
  std::unordered_map<std::string, std::unordered_map<std::string, uint32_t>> together;  // across scripts only
  std::set<std::string> names;
  std::map<std::string, FieldKind, std::less<>> kinds;
  uint32_t products = 0;
  bool built = false;
};

VocabularyBuilder::VocabularyBuilder(const analysis::Analyzers& analyzers)
    : state_(new State{analyzers, {}, {}, {}, {}, {}, 0, false}) {}
VocabularyBuilder::~VocabularyBuilder() = default;

void VocabularyBuilder::SetKind(const std::string& field, FieldKind kind) { state_->kinds[field] = kind; }

void VocabularyBuilder::Add(const std::vector<std::string>& titles,
                            const std::vector<std::pair<std::string, std::string>>& facets) {
  ++state_->products;
  for (const auto& facet : facets) ++state_->facets[facet];
  std::set<std::string> korean, other;
  for (const std::string& title : titles) {
    const std::string name = WithoutSpaces(analysis::Fold(title));
    if (name.size() >= kMinNameBytes) state_->names.insert(name);
    for (const WordGroup& group : ReadWords(title, state_->analyzers)) {
      for (const std::string& form : group.forms) {
        if (korean.size() + other.size() < kMaxTitleWords) (HasHangul(form) ? korean : other).insert(form);
      }
    }
  }
  for (const auto* words : {&korean, &other}) {
    for (const std::string& word : *words) ++state_->counts[word];
  }
  // Counts only pairs of a Korean and another word, which may be translations of each other. Words of one
  // language that share products mean different things ("camping" and "chair").
  for (const std::string& k : korean) {
    for (const std::string& o : other) {
      ++state_->together[k][o];
      ++state_->together[o][k];
    }
  }
}

std::shared_ptr<const Vocabulary> VocabularyBuilder::Build() {
  TRINE_CHECK(!state_->built);
  state_->built = true;
  const std::shared_ptr<Vocabulary> built(new Vocabulary());
  built->product_count_ = state_->products;
  built->kinds_ = std::move(state_->kinds);
  for (const auto& [facet, count] : state_->facets) {
    for (const std::string& name : NamesOf(facet.second))
      built->values_by_name_[name].push_back(built->values_.size());
    built->values_.push_back({facet.first, facet.second, count});
  }
  for (const auto& [word, others] : state_->together) {
    std::vector<std::pair<std::string, double>> close;
    for (const auto& [other, both] : others) {
      const double cosine =
          both / std::sqrt(static_cast<double>(state_->counts[word]) * state_->counts[other]);
      if (both >= kMinSharedProducts && cosine >= kMinRelatedCosine) close.emplace_back(other, cosine);
    }
    std::sort(close.begin(), close.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    if (close.size() > kMaxRelatedWords) close.resize(kMaxRelatedWords);
    if (!close.empty()) built->related_[word] = std::move(close);
  }
  built->title_counts_ = std::move(state_->counts);
  built->product_names_.assign(state_->names.begin(), state_->names.end());
  std::stable_sort(built->product_names_.begin(), built->product_names_.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return built;
}

}  // namespace trine::language
