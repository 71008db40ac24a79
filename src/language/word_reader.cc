#include "language/word_reader.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "analysis/locale/korean.h"
#include "base/check.h"
#include "language/plain_text.h"

namespace trine::language {
namespace {

// Words and stems as the analyzer returns them. All tables but the stems are sorted for binary search, which
// the static_assert below checks.
constexpr std::string_view kBrowsingWords[] = {
    "arrivals", "bestseller", "bestsellers", "browse", "browsing", "choose",   "day",
    "hello",    "help",       "hey",         "hi",     "i'd",      "i'll",     "i'm",
    "idea",     "ideas",      "inspire",     "just",   "like",     "love",     "new",
    "pick",     "seller",     "sellers",     "shop",   "shopping", "surprise", "thank",
    "thanks",   "today",      "trending",    "what's", "whats"};
constexpr std::string_view kKoreanBrowsingWords[] = {"감사",   "감사합니다", "베스트", "베스트셀러", "볼까",
                                                     "볼까요", "사야",       "사지",   "살지",       "쇼핑",
                                                     "신상",   "신상품",     "인기",   "최신"};
// Beginnings of words, to which any ending may be attached.
constexpr std::string_view kKoreanBrowsingStems[] = {"고르",   "고마", "골라", "도와", "맞는", "맞춰",
                                                     "볼만",   "살만", "싶은", "싶어", "심심", "안녕",
                                                     "어울리", "좋아", "좋을", "취향"};

template <size_t N>
constexpr bool IsSortedSet(const std::string_view (&words)[N]) {
  return std::adjacent_find(std::begin(words), std::end(words), std::greater_equal<>()) == std::end(words);
}
static_assert(IsSortedSet(kBrowsingWords) && IsSortedSet(kKoreanBrowsingWords));

template <size_t N>
bool Contains(const std::string_view (&words)[N], std::string_view word) {
  return std::binary_search(std::begin(words), std::end(words), word);
}

}  // namespace

bool IsBrowsingWord(std::string_view folded) {
  return Contains(kBrowsingWords, folded) || Contains(kKoreanBrowsingWords, folded) ||
         std::any_of(std::begin(kKoreanBrowsingStems), std::end(kKoreanBrowsingStems),
                     [&](std::string_view stem) { return folded.starts_with(stem); });
}

namespace {

void AddForm(std::string form, WordGroup* group) {
  auto& forms = group->forms;
  if (!form.empty() && std::find(forms.begin(), forms.end(), form) == forms.end())
    forms.push_back(std::move(form));
}

// Morphemes from the dictionary, one group per position.
std::vector<WordGroup> ByMorphemes(std::string_view text, const analysis::Analyzer& korean) {
  std::vector<WordGroup> groups;
  std::vector<analysis::Token> tokens;
  korean.Analyze(text, &tokens);
  uint32_t position = UINT32_MAX;
  for (analysis::Token& token : tokens) {
    if (groups.empty() || token.position != position) groups.emplace_back();
    position = token.position;
    AddForm(std::move(token.term), &groups.back());
  }
  return groups;
}

// Without a dictionary: words with and without the particle at their end.
std::vector<WordGroup> BySpaces(std::string_view text, const analysis::Analyzer& standard) {
  std::vector<WordGroup> groups;
  for (std::string& word : standard.Terms(text)) {
    WordGroup group;
    AddForm(word.substr(0, analysis::LengthWithoutParticle(word)), &group);
    AddForm(std::move(word), &group);
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace

std::vector<WordGroup> ReadWords(std::string_view text, const analysis::Analyzers& analyzers) {
  const bool morphemes = analyzers.has_korean_dictionary() && HasHangul(text);
  const auto analyzer = analyzers.Find(morphemes ? "korean" : "standard");
  if (!analyzer.ok()) return {};
  std::vector<WordGroup> groups = morphemes ? ByMorphemes(text, **analyzer) : BySpaces(text, **analyzer);
  for (WordGroup& group : groups) {
    std::stable_sort(group.forms.begin(), group.forms.end(),
                     [](const auto& a, const auto& b) { return a.size() < b.size(); });
  }
  return groups;
}

namespace {

// The byte offset at which each UTF-16 unit of a text begins, followed by the text's length. An ill-formed
// byte counts as one unit.
std::vector<size_t> UnitStarts(std::string_view text) {
  std::vector<size_t> starts;
  for (size_t i = 0; i < text.size();) {
    const unsigned char b = static_cast<unsigned char>(text[i]);
    size_t length = b < 0x80 ? 1 : b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : b >= 0xC0 ? 2 : 1;
    length = std::min(length, text.size() - i);
    starts.push_back(i);
    if (length == 4) starts.push_back(i);
    i += length;
  }
  starts.push_back(text.size());
  return starts;
}

std::string_view Slice(std::string_view text, const std::vector<size_t>& starts, size_t from, size_t to) {
  const size_t last = starts.size() - 1;
  const size_t begin = starts[std::min(from, last)], end = starts[std::min(to, last)];
  return begin < end ? text.substr(begin, end - begin) : std::string_view{};
}

// Builds one written word from its tokens: the first is the whole word, the others are readings or parts of
// it.
SurfaceWord WordOf(std::string_view text, const std::vector<size_t>& starts,
                   const std::vector<analysis::Token>& tokens) {
  TRINE_DCHECK(!tokens.empty());
  const uint32_t start = tokens.front().start, end = tokens.front().end;
  const bool compound = tokens.back().position != tokens.front().position;
  SurfaceWord word;
  uint32_t stem = 0;  // where the last morpheme ends and the particles begin
  bool as_written = true;
  for (size_t i = 1; i < tokens.size(); ++i) {
    stem = std::max(stem, tokens[i].end);
    as_written =
        as_written && tokens[i].term == analysis::Fold(Slice(text, starts, tokens[i].start, tokens[i].end));
  }
  if (stem == 0 || (!compound && !as_written)) stem = end;
  const std::string whole = analysis::Fold(Slice(text, starts, start, end));
  word.surface = analysis::Fold(Slice(text, starts, start, stem));
  word.ending = analysis::Fold(Slice(text, starts, stem, end));
  const auto add_reading = [&word](const std::string& form) {
    if (form != word.surface &&
        std::find(word.readings.begin(), word.readings.end(), form) == word.readings.end())
      word.readings.push_back(form);
  };
  add_reading(whole);
  for (size_t i = 0; i < tokens.size(); ++i) {
    const bool covers = tokens[i].start == start && tokens[i].end >= stem;
    if (!compound || covers)
      add_reading(tokens[i].term);
    else
      word.components.push_back(tokens[i].term);
  }
  return word;
}

}  // namespace

std::vector<SurfaceWord> ReadSurfaceWords(std::string_view text, const analysis::Analyzers& analyzers) {
  const bool morphemes = analyzers.has_korean_dictionary() && HasHangul(text);
  const auto analyzer = analyzers.Find(morphemes ? "korean" : "standard");
  if (!analyzer.ok()) return {};
  const std::vector<size_t> starts = UnitStarts(text);
  std::vector<analysis::Token> tokens;
  (*analyzer)->Analyze(text, &tokens);
  std::vector<SurfaceWord> words;
  size_t read = 0;  // UTF-16 units up to the end of the previous word
  for (size_t i = 0; i < tokens.size();) {
    size_t next = i + 1;
    while (next < tokens.size() && tokens[next].start < tokens[i].end) ++next;
    SurfaceWord word =
        WordOf(text, starts,
               {tokens.begin() + static_cast<ptrdiff_t>(i), tokens.begin() + static_cast<ptrdiff_t>(next)});
    if (!morphemes) {
      const size_t stem = analysis::LengthWithoutParticle(word.surface);
      if (stem < word.surface.size()) word.readings.push_back(word.surface.substr(0, stem));
    }
    word.gap_before = analysis::Fold(Slice(text, starts, read, tokens[i].start));
    read = tokens[i].end;
    const size_t last = starts.size() - 1;
    word.begin = starts[std::min<size_t>(tokens[i].start, last)];
    word.end = std::max(word.begin, starts[std::min<size_t>(tokens[i].end, last)]);
    if (!word.surface.empty()) words.push_back(std::move(word));
    i = next;
  }
  return words;
}

std::string Singular(std::string_view folded) {
  const auto ends = [&](std::string_view tail) {
    return folded.size() > tail.size() + 1 && folded.substr(folded.size() - tail.size()) == tail;
  };
  const auto without = [&](size_t n) { return std::string(folded.substr(0, folded.size() - n)); };
  if (folded.empty() || static_cast<unsigned char>(folded.back()) >= 0x80 || !ends("s"))
    return std::string(folded);
  if (ends("ss") || ends("us") || ends("is")) return std::string(folded);
  if (folded == "shoes" || ends("oes")) return without(folded == "shoes" ? 1 : 2);
  if (ends("sses") || ends("shes") || ends("ches") || ends("xes")) return without(2);
  if (ends("ies") && folded.size() > 5 && !ends("dies")) return without(3) + "y";
  return without(1);
}

}  // namespace trine::language
