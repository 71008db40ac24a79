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
// the static_asserts below check.
constexpr std::string_view kStopWords[] = {"a",
                                           "about",
                                           "also",
                                           "am",
                                           "an",
                                           "and",
                                           "any",
                                           "anything",
                                           "are",
                                           "around",
                                           "at",
                                           "be",
                                           "best",
                                           "but",
                                           "buy",
                                           "by",
                                           "can",
                                           "cost",
                                           "costing",
                                           "costs",
                                           "could",
                                           "do",
                                           "does",
                                           "find",
                                           "for",
                                           "from",
                                           "get",
                                           "give",
                                           "go",
                                           "going",
                                           "good",
                                           "have",
                                           "hello",
                                           "help",
                                           "hi",
                                           "how",
                                           "i",
                                           "if",
                                           "in",
                                           "is",
                                           "it",
                                           "item",
                                           "items",
                                           "kind",
                                           "like",
                                           "looking",
                                           "me",
                                           "my",
                                           "need",
                                           "nice",
                                           "now",
                                           "of",
                                           "on",
                                           "one",
                                           "or",
                                           "please",
                                           "priced",
                                           "product",
                                           "products",
                                           "really",
                                           "recommend",
                                           "recommendation",
                                           "recommendations",
                                           "search",
                                           "shall",
                                           "should",
                                           "show",
                                           "size",
                                           "sizes",
                                           "so",
                                           "some",
                                           "something",
                                           "suggest",
                                           "suitable",
                                           "than",
                                           "thank",
                                           "thanks",
                                           "that",
                                           "the",
                                           "then",
                                           "there",
                                           "these",
                                           "this",
                                           "to",
                                           "today",
                                           "too",
                                           "under",
                                           "use",
                                           "very",
                                           "want",
                                           "wear",
                                           "what",
                                           "which",
                                           "will",
                                           "with",
                                           "would",
                                           "you",
                                           "your"};
constexpr std::string_view kKoreanStopWords[] = {
    "가",     "가다",     "갈",         "같은",     "거",         "거기",       "거로",         "걸",
    "걸로",   "것",       "것들",       "게",       "골라주세요", "골라줘",     "괜찮",         "괜찮다",
    "구매",   "구입",     "그",         "그런",     "나",         "내",         "너",           "너무",
    "누구",   "다",       "당신",       "대",       "더",         "도와",       "되",           "되는",
    "되다",   "드리다",   "때",         "만하",     "만한",       "말",         "매우",         "무엇",
    "뭐",     "뭐가",     "뭐야",       "뭘",       "보",         "보다",       "보여",         "보여주세요",
    "보여줘", "보이다",   "부탁",       "부탁하다", "사",         "사다",       "사이즈",       "살",
    "살까",   "상품",     "서",         "수",       "싶다",       "싶어요",     "쓰",           "쓰다",
    "쓸",     "쓸만한",   "아무",       "아주",     "알려",       "알려주세요", "알려줘",       "알리다",
    "어디",   "어떤",     "어떻",       "어떻다",   "없",         "없나요",     "없다",         "없어",
    "없어요", "오늘",     "요",         "요즘",     "우리",       "원",         "원하다",       "위",
    "위하",   "위하다",   "위한",       "으로",     "이",         "이런",       "이번",         "입",
    "입다",   "입을까",   "입을까요",   "있",       "있나요",     "있는",       "있다",         "있습니까",
    "있어",   "있어요",   "있을까",     "있을까요", "저",         "적당",       "정도",         "정말",
    "제",     "제품",     "조금",       "좀",       "종류",       "좋",         "좋다",         "좋은",
    "주",     "주다",     "주말",       "주세요",   "주시다",     "중",         "지금",         "찾",
    "찾고",   "찾다",     "찾아주세요", "찾아줘",   "추천",       "추천하다",   "추천해주세요", "추천해줘",
    "필요",   "필요하다", "하",         "하고",     "하나",       "하는",       "하다",         "한",
    "할",     "해",       "해주",       "해주다",   "해주세요",   "혹시"};

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

// Beginnings of words that only make a sentence a request; without the Korean dictionary any ending is still
// attached to them.
constexpr std::string_view kKoreanRequestStems[] = {
    "추천해", "추천하", "추천할", "추천좀", "보여주", "보여줘", "알려주", "알려줘", "찾아주", "찾아줘",
    "찾고",   "부탁",   "주세요", "주실",   "있어요", "있나요", "있을까", "없어요", "없나요", "없을까"};

template <size_t N>
constexpr bool IsSortedSet(const std::string_view (&words)[N]) {
  return std::adjacent_find(std::begin(words), std::end(words), std::greater_equal<>()) == std::end(words);
}
static_assert(IsSortedSet(kStopWords) && IsSortedSet(kKoreanStopWords));
static_assert(IsSortedSet(kBrowsingWords) && IsSortedSet(kKoreanBrowsingWords));

template <size_t N>
bool Contains(const std::string_view (&words)[N], std::string_view word) {
  return std::binary_search(std::begin(words), std::end(words), word);
}

}  // namespace

bool IsStopWord(std::string_view folded) {
  return Contains(kStopWords, folded) || Contains(kKoreanStopWords, folded) ||
         std::any_of(std::begin(kKoreanRequestStems), std::end(kKoreanRequestStems),
                     [&](std::string_view stem) { return folded.starts_with(stem); });
}

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
