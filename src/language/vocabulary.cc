#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "language/intent.h"
#include "language/words.h"

namespace trine::language {
namespace {

constexpr double kRelatedLeast = 0.45;  // of the cosine of two words' products
constexpr uint32_t kRelatedCount = 2;   // products that two words must share
constexpr size_t kRelatedKept = 4;
constexpr size_t kNameLeastBytes = 8;  // shorter names are ordinary words
constexpr size_t kMostTitleWords = 40;

std::string Squashed(std::string_view folded) {
  std::string out;
  for (char c : folded) {
    if (c != ' ') out += c;
  }
  return out;
}

// A name for comparing: words in the singular, without spaces.
std::string NameKey(std::string_view folded) {
  std::string out;
  for (size_t start = 0; start < folded.size();) {
    const size_t end = std::min(folded.find(' ', start), folded.size());
    if (end > start) out += Singular(folded.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

// What a facet value may be called: whole, each part of its path, the last word of its last part.
std::set<std::string> NamesOf(std::string_view value) {
  const std::string folded = analysis::Fold(value);
  std::set<std::string> names = {NameKey(folded)};
  size_t start = 0;
  std::string last = folded;
  while (start <= folded.size()) {
    const size_t end = std::min(folded.find_first_of(">/|", start), folded.size());
    std::string part = folded.substr(start, end - start);
    part.erase(0, part.find_first_not_of(' '));
    part.erase(part.find_last_not_of(' ') + 1);
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

class BuiltVocabulary final : public Vocabulary {
 public:
  std::vector<Value> FindValues(std::string_view folded) const override {
    std::vector<Value> out;
    const auto it = names.find(NameKey(folded));
    if (it == names.end()) return out;
    for (size_t at : it->second) out.push_back(values[at]);
    return out;
  }
  uint32_t TitleCount(std::string_view term) const override {
    const std::string written(term), one = Singular(term);
    uint32_t most = 0;
    for (const std::string& form : {written, one, one + "s"}) {
      const auto it = title_counts.find(form);
      if (it != title_counts.end()) most = std::max(most, it->second);
    }
    return most;
  }
  std::vector<std::pair<std::string, double>> Related(std::string_view term, size_t limit) const override {
    auto it = related.find(std::string(term));
    if (it == related.end()) it = related.find(Singular(term));
    if (it == related.end()) return {};
    auto out = it->second;
    if (out.size() > limit) out.resize(limit);
    return out;
  }
  uint32_t product_count() const override { return products; }
  std::optional<std::string> NamedProduct(std::string_view folded_question) const override {
    const std::string question = Squashed(folded_question);
    // Longest first, so the first that occurs is the answer.
    for (const std::string& name : product_names) {
      if (name.size() <= question.size() && question.find(name) != std::string::npos) return name;
    }
    return std::nullopt;
  }

  std::vector<Value> values;
  std::unordered_map<std::string, std::vector<size_t>> names;
  std::unordered_map<std::string, uint32_t> title_counts;
  std::unordered_map<std::string, std::vector<std::pair<std::string, double>>> related;
  std::vector<std::string> product_names;
  uint32_t products = 0;
};

}  // namespace

struct VocabularyBuilder::State {
  const analysis::Analyzers& analyzers;
  std::map<std::pair<std::string, std::string>, uint32_t> facets;
  std::unordered_map<std::string, uint32_t> counts;                                     // word -> products
  std::unordered_map<std::string, std::unordered_map<std::string, uint32_t>> together;  // across scripts only
  std::set<std::string> names;
  uint32_t products = 0;
};

VocabularyBuilder::VocabularyBuilder(const analysis::Analyzers& analyzers)
    : state_(new State{analyzers, {}, {}, {}, {}, 0}) {}
VocabularyBuilder::~VocabularyBuilder() = default;

void VocabularyBuilder::Add(const std::vector<std::string>& titles,
                            const std::vector<std::pair<std::string, std::string>>& facets) {
  ++state_->products;
  for (const auto& facet : facets) ++state_->facets[facet];
  std::set<std::string> korean, other;
  for (const std::string& title : titles) {
    const std::string name = Squashed(analysis::Fold(title));
    if (name.size() >= kNameLeastBytes) state_->names.insert(name);
    for (const WordGroup& group : ReadWords(title, state_->analyzers)) {
      for (const std::string& form : group.forms) {
        if (korean.size() + other.size() < kMostTitleWords) (HasHangul(form) ? korean : other).insert(form);
      }
    }
  }
  for (const auto* words : {&korean, &other}) {
    for (const std::string& word : *words) ++state_->counts[word];
  }
  // Only across scripts: words of one language that share products are companions, not translations.
  for (const std::string& k : korean) {
    for (const std::string& o : other) {
      ++state_->together[k][o];
      ++state_->together[o][k];
    }
  }
}

std::shared_ptr<const Vocabulary> VocabularyBuilder::Build() {
  auto built = std::make_shared<BuiltVocabulary>();
  built->products = state_->products;
  for (const auto& [facet, count] : state_->facets) {
    for (const std::string& name : NamesOf(facet.second)) built->names[name].push_back(built->values.size());
    built->values.push_back({facet.first, facet.second, count});
  }
  for (const auto& [word, others] : state_->together) {
    std::vector<std::pair<std::string, double>> close;
    for (const auto& [other, both] : others) {
      const double cosine =
          both / std::sqrt(static_cast<double>(state_->counts[word]) * state_->counts[other]);
      if (both >= kRelatedCount && cosine >= kRelatedLeast) close.emplace_back(other, cosine);
    }
    std::sort(close.begin(), close.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    if (close.size() > kRelatedKept) close.resize(kRelatedKept);
    if (!close.empty()) built->related[word] = std::move(close);
  }
  built->title_counts = std::move(state_->counts);
  built->product_names.assign(state_->names.begin(), state_->names.end());
  std::stable_sort(built->product_names.begin(), built->product_names.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return built;
}

}  // namespace trine::language
