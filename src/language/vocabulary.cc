#include "language/vocabulary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "base/check.h"
#include "base/text.h"
#include "language/plain_text.h"
#include "language/refusal_marks.h"
#include "language/title_head.h"
#include "language/unit_words.h"
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

// The first bytes of a name, as a number that sorts like them. Requires kMinNameBytes.
uint64_t HeadOf(std::string_view name) {
  TRINE_DCHECK_GE(name.size(), kMinNameBytes);
  uint64_t head = 0;
  for (size_t i = 0; i < kMinNameBytes; ++i) head = head << 8 | static_cast<unsigned char>(name[i]);
  return head;
}
static_assert(kMinNameBytes == sizeof(uint64_t));

// The text with the typographic apostrophe U+2019 as it is typed.
std::string WithPlainApostrophes(std::string text) {
  constexpr std::string_view kCurved = "\u2019";
  for (size_t at = text.find(kCurved); at != std::string::npos; at = text.find(kCurved, at + 1))
    text.replace(at, kCurved.size(), "'");
  return text;
}

// Whether a word is a mark of refusal that precedes what it refuses.
bool IsLeadingMark(std::string_view word) {
  static const std::set<std::string_view> kLeading = [] {
    std::set<std::string_view> words;
    for (const Mark& mark : Marks()) {
      if (mark.side == MarkSide::kBefore && mark.Binds(kNoun)) words.insert(mark.words);
    }
    return words;
  }();
  return kLeading.contains(word);
}

// The beginnings of a title of two to kMaxMarkedWords words, if its first word is a mark of refusal.
std::vector<std::string> MarkedBeginnings(std::string_view folded) {
  std::vector<std::string> beginnings;
  const std::vector<WrittenWord> words = SplitAtBlanks(folded);
  const auto text = [&](size_t i) { return folded.substr(words[i].begin, words[i].end - words[i].begin); };
  if (words.empty() || !IsLeadingMark(text(0))) return beginnings;
  std::string beginning(text(0));
  for (size_t i = 1; i < std::min(words.size(), Vocabulary::kMaxMarkedWords); ++i) {
    if (words[i].after_punctuation) break;
    beginning += " " + std::string(text(i));
    beginnings.push_back(beginning);
  }
  return beginnings;
}

// The pairs of words of a title that say that something is absent: "sulfate free", "non slip". The parts of
// "sulfate-free" are words.
std::vector<std::string> AbsencesOf(std::string_view folded) {
  constexpr std::string_view kFree = "free", kNon = "non";
  std::vector<std::string> absences;
  if (folded.find(kFree) == std::string_view::npos && folded.find(kNon) == std::string_view::npos)
    return absences;
  std::string text(folded);
  std::replace(text.begin(), text.end(), '-', ' ');
  const std::vector<WrittenWord> words = SplitAtBlanks(text);
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string one = text.substr(words[i].begin, words[i].end - words[i].begin);
    const std::string next = text.substr(words[i + 1].begin, words[i + 1].end - words[i + 1].begin);
    if (!words[i + 1].after_punctuation && (next == kFree || one == kNon))
      absences.push_back(one + " " + next);
  }
  return absences;
}

// Whether a title states a volume: "50ml", "3.4 fl oz". A letter behind a blank is a word of its own.
bool StatesVolume(std::string_view folded) {
  for (size_t at = 0; at + 1 < folded.size(); ++at) {
    if (!IsAsciiDigit(folded[at]) || IsAsciiDigit(folded[at + 1])) continue;
    const bool apart = folded[at + 1] == ' ' || folded[at + 1] == '-';
    const std::string_view unit = UnitAt(folded.substr(std::min(at + (apart ? 2 : 1), folded.size())));
    const bool litres = IsSameUnit(unit, "l") && (!apart || unit.size() > 1);
    if (litres || IsSameUnit(unit, "ml") || IsSameUnit(unit, kFluidOunce)) return true;
  }
  return false;
}

// The form in which names are compared: words in the singular, without spaces and apostrophes.
std::string NameKey(std::string_view text) {
  std::string folded = WithPlainApostrophes(std::string(text)), out;
  std::erase(folded, '\'');
  for (size_t start = 0; start < folded.size();) {
    const size_t end = std::min(folded.find(' ', start), folded.size());
    if (end > start) out += Singular(std::string_view(folded).substr(start, end - start));
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

bool Vocabulary::NamesProducts(std::string_view term) const {
  const auto it = heads_.find(Singular(term));
  return it != heads_.end() && 2 * it->second.products >= TitleCount(term);
}

bool Vocabulary::IsSoldByVolume(std::string_view term) const {
  const auto it = heads_.find(Singular(term));
  return it != heads_.end() && 2 * it->second.with_volume >= it->second.products;
}

bool Vocabulary::IsMarkedName(std::string_view folded) const {
  if (absences_.contains(std::string(folded))) return true;
  const auto it = marked_names_.find(std::string(folded));
  return it != marked_names_.end() && TitleCount(folded.substr(folded.rfind(' ') + 1)) == it->second;
}

std::vector<std::pair<std::string, double>> Vocabulary::Related(std::string_view term, size_t limit) const {
  auto it = related_.find(std::string(term));
  if (it == related_.end()) it = related_.find(Singular(term));
  if (it == related_.end()) return {};
  auto out = it->second;
  if (out.size() > limit) out.resize(limit);
  return out;
}

bool Vocabulary::HasInNames(std::string_view text) const {
  constexpr size_t kMostNames = 500;  // as in a prompt; the names of a catalogue are not searched to the end
  const auto end =
      product_names_.begin() + static_cast<ptrdiff_t>(std::min(kMostNames, product_names_.size()));
  return std::any_of(product_names_.begin(), end,
                     [text](const std::string& name) { return name.find(text) != std::string::npos; });
}

std::optional<std::string> Vocabulary::NamedProduct(std::string_view folded_question) const {
  const std::string question = WithoutSpaces(WithPlainApostrophes(std::string(folded_question)));
  std::string_view longest;
  for (size_t at = 0; at + std::max(kMinNameBytes, longest.size() + 1) <= question.size(); ++at) {
    const std::string_view name = NameAt(std::string_view(question).substr(at));
    if (name.size() > longest.size()) longest = name;
  }
  if (longest.empty()) return std::nullopt;
  return std::string(longest);
}

std::string_view Vocabulary::NameAt(std::string_view text) const {
  const auto [first, last] = std::ranges::equal_range(product_name_heads_, HeadOf(text));
  const auto names = product_names_.begin();
  const auto begin = names + (first - product_name_heads_.begin());
  auto end = names + (last - product_name_heads_.begin());
  // Of the names up to `text`, the last begins with all those that `text` begins with.
  while (true) {
    end = std::upper_bound(begin, end, text);
    if (begin == end) return {};
    const std::string& name = *std::prev(end);
    const auto differs = std::ranges::mismatch(name, text);
    if (differs.in1 == name.end()) return name;
    text = std::string_view(text.begin(), differs.in2);
  }
}

// The product counts of facet values, words and pairs of words. Words are numbered, so that a pair is one
// integer. The memory grows with the distinct words, values and pairs. Beyond kMaxBytes the rarest are
// forgotten, after the method of G. S. Manku, R. Motwani, "Approximate frequency counts over data streams"
// (VLDB 2002): what is frequent keeps a count that is at most the threshold too low.
struct VocabularyBuilder::State {
  explicit State(const analysis::Analyzers& a) : analyzers(a) {}

  struct Word {
    uint32_t number = 0, products = 0;
  };
  struct FacetField {
    std::map<std::string, uint32_t> values;  // value -> products
    bool identifies = false;                 // Shrink has found that the values identify products
  };
  // Upper half: the number of a word with Hangul; lower half: of another word.
  using Pairs = std::unordered_map<uint64_t, uint32_t>;

  const analysis::Analyzers& analyzers;
  std::map<std::string, FacetField> facets;
  std::unordered_map<std::string, Word> words;
  Pairs together;  // products that have both words
  std::set<std::string> names;
  std::unordered_map<std::string, uint32_t> marked_names;
  std::unordered_map<std::string, Vocabulary::Head> heads;
  std::unordered_set<std::string> absences;
  std::map<std::string, FieldKind, std::less<>> kinds;
  uint32_t products = 0, next_number = 0;
  size_t text_bytes = 0, facet_values = 0;  // of the strings; number of values of all fields
  bool keeps_names = true;
  bool built = false;

  size_t Bytes() const;
  void Shrink();
  void RelateWords(std::unordered_map<std::string, std::vector<std::pair<std::string, double>>>* related);
};

namespace {

constexpr size_t kMaxBytes = 48u << 20;  // of a builder; some 150,000 titles fit without loss
// Nodes of the containers, with the allocator's overhead.
constexpr size_t kValueBytes = 96, kWordBytes = 80, kPairBytes = 48, kNameBytes = 80;
constexpr size_t kMaxMarkedNames = 10'000;  // beginnings of titles with a mark; few titles begin with one
constexpr double kIdLike = 0.5;     // distinct values per product above which a field identifies products
constexpr size_t kIdLikeFrom = 50;  // distinct values below which kIdLike does not apply

bool IdentifiesProducts(size_t distinct, uint32_t products) {
  return distinct >= kIdLikeFrom && static_cast<double>(distinct) > kIdLike * static_cast<double>(products);
}

}  // namespace

VocabularyBuilder::VocabularyBuilder(const analysis::Analyzers& analyzers)
    : state_(std::make_unique<State>(analyzers)) {}
VocabularyBuilder::~VocabularyBuilder() = default;

void VocabularyBuilder::SetKind(const std::string& field, FieldKind kind) { state_->kinds[field] = kind; }

// An estimate.
size_t VocabularyBuilder::State::Bytes() const {
  return text_bytes + kValueBytes * facet_values + kWordBytes * words.size() + kPairBytes * together.size() +
         kNameBytes * (names.size() + heads.size());
}

void VocabularyBuilder::Add(const std::vector<std::string>& titles,
                            const std::vector<std::pair<std::string, std::string>>& facets) {
  State& s = *state_;
  ++s.products;
  for (const auto& [field, value] : facets) {
    State::FacetField& of_field = s.facets[field];
    if (of_field.identifies) continue;
    const auto [at, fresh] = of_field.values.try_emplace(value, 0);
    ++at->second;
    if (!fresh) continue;
    ++s.facet_values;
    s.text_bytes += value.size();
  }
  std::set<std::string> korean, other, marked, heads;
  bool volume = false;
  for (const std::string& written : titles) {
    const std::string title = WithPlainApostrophes(written), folded = analysis::Fold(title);
    for (std::string& beginning : MarkedBeginnings(folded)) marked.insert(std::move(beginning));
    for (std::string& absence : AbsencesOf(folded)) {
      if (s.absences.size() < kMaxMarkedNames) s.absences.insert(std::move(absence));
    }
    if (const std::string_view head = TitleHead(folded); !head.empty()) heads.insert(Singular(head));
    volume = volume || StatesVolume(folded);
    std::string name = WithoutSpaces(folded);
    if (s.keeps_names && name.size() >= kMinNameBytes) {
      const size_t size = name.size();
      if (s.names.insert(std::move(name)).second) s.text_bytes += size;
    }
    if (korean.size() + other.size() >= kMaxTitleWords) continue;
    for (const WordGroup& group : ReadWords(title, s.analyzers)) {
      for (const std::string& form : group.forms) {
        if (korean.size() + other.size() < kMaxTitleWords) (HasHangul(form) ? korean : other).insert(form);
      }
    }
  }
  for (const std::string& beginning : marked) {
    if (s.marked_names.size() < kMaxMarkedNames || s.marked_names.contains(beginning))
      ++s.marked_names[beginning];
  }
  for (const std::string& head : heads) {
    const auto [at, fresh] = s.heads.try_emplace(head);
    ++at->second.products;
    at->second.with_volume += volume ? 1 : 0;
    if (fresh) s.text_bytes += head.size();
  }
  const auto numbers = [&s](const std::set<std::string>& of) {
    std::vector<uint32_t> out;
    for (const std::string& word : of) {
      const auto [at, fresh] = s.words.try_emplace(word);
      if (fresh) {
        at->second.number = s.next_number++;
        s.text_bytes += word.size();
      }
      ++at->second.products;
      out.push_back(at->second.number);
    }
    return out;
  };
  const std::vector<uint32_t> korean_numbers = numbers(korean), other_numbers = numbers(other);
  // Counts only pairs of a Korean and another word, which may be translations of each other. Words of one
  // language that share products mean different things ("camping" and "chair").
  for (const uint32_t k : korean_numbers) {
    for (const uint32_t o : other_numbers) ++s.together[static_cast<uint64_t>(k) << 32 | o];
  }
  if (s.Bytes() > kMaxBytes) s.Shrink();
}

// Forgets pairs of words, then names, words and values that few products have.
void VocabularyBuilder::State::Shrink() {
  constexpr size_t kTarget = kMaxBytes / 4 * 3;  // so that the next call is not needed at once
  for (auto& [field, of_field] : facets) {
    if (Bytes() <= kTarget) return;
    if (!IdentifiesProducts(of_field.values.size(), products)) continue;
    of_field.identifies = true;
    facet_values -= of_field.values.size();
    for (const auto& [value, count] : of_field.values) text_bytes -= value.size();
    of_field.values.clear();
  }
  for (uint32_t threshold = 1; Bytes() > kTarget && threshold <= products; threshold *= 2) {
    std::erase_if(together, [&](const auto& pair) { return pair.second <= threshold; });
    if (Bytes() <= kTarget) return;
    // A product is named by its whole title, which few others share; the words of the titles remain.
    for (const std::string& name : names) text_bytes -= name.size();
    names.clear();
    keeps_names = false;
    // Every pair with such a word has just been erased, because it is as rare.
    std::erase_if(words, [&](const auto& word) {
      if (word.second.products > threshold) return false;
      text_bytes -= word.first.size();
      return true;
    });
    std::erase_if(heads, [&](const auto& head) {
      if (head.second.products > threshold) return false;
      text_bytes -= head.first.size();
      return true;
    });
    for (auto& [field, of_field] : facets) {
      facet_values -= std::erase_if(of_field.values, [&](const auto& value) {
        if (value.second > threshold) return false;
        text_bytes -= value.first.size();
        return true;
      });
    }
  }
}

std::shared_ptr<const Vocabulary> VocabularyBuilder::Build() {
  State& s = *state_;
  TRINE_CHECK(!s.built);
  s.built = true;
  const std::shared_ptr<Vocabulary> built(new Vocabulary());
  built->product_count_ = s.products;
  built->kinds_ = std::move(s.kinds);
  built->marked_names_ = std::move(s.marked_names);
  built->absences_ = std::move(s.absences);
  built->heads_ = std::move(s.heads);
  for (const auto& [field, of_field] : s.facets) {
    if (IdentifiesProducts(of_field.values.size(), s.products)) continue;
    for (const auto& [value, products] : of_field.values) {
      for (const std::string& name : NamesOf(value))
        built->values_by_name_[name].push_back(built->values_.size());
      built->values_.push_back({field, value, products});
    }
  }
  s.facets.clear();
  s.RelateWords(&built->related_);
  while (!s.words.empty()) {
    auto word = s.words.extract(s.words.begin());
    built->title_counts_.emplace(std::move(word.key()), word.mapped().products);
  }
  built->product_names_.reserve(s.names.size());
  while (!s.names.empty()) {
    auto name = s.names.extract(s.names.begin());
    built->product_names_.push_back(std::move(name.value()));
  }
  built->product_name_heads_.reserve(built->product_names_.size());
  for (const std::string& name : built->product_names_) built->product_name_heads_.push_back(HeadOf(name));
  TRINE_DCHECK(std::ranges::is_sorted(built->product_name_heads_));
  return built;
}

// Finds the closest words of the other script, and forgets the pairs.
void VocabularyBuilder::State::RelateWords(
    std::unordered_map<std::string, std::vector<std::pair<std::string, double>>>* related) {
  std::vector<const std::pair<const std::string, State::Word>*> by_number(next_number);
  for (const auto& word : words) by_number[word.second.number] = &word;
  for (const auto& [pair, both] : together) {
    if (both < kMinSharedProducts) continue;
    const auto* korean = by_number[pair >> 32];
    const auto* other = by_number[pair & UINT32_MAX];
    TRINE_CHECK(korean != nullptr && other != nullptr);  // a word is not forgotten before its pairs
    const double cosine = both / std::sqrt(static_cast<double>(korean->second.products) *
                                           static_cast<double>(other->second.products));
    if (cosine < kMinRelatedCosine) continue;
    (*related)[korean->first].emplace_back(other->first, cosine);
    (*related)[other->first].emplace_back(korean->first, cosine);
  }
  together = {};
  for (auto& [word, close] : *related) {
    std::sort(close.begin(), close.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    if (close.size() > kMaxRelatedWords) close.resize(kMaxRelatedWords);
  }
}

}  // namespace trine::language
