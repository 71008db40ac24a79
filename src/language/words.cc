#include "language/words.h"

#include <algorithm>
#include <array>

#include "analysis/locale/korean.h"

namespace trine::language {
namespace {

// Sorted by bytes, for binary search. Stems as the analyzer leaves them, and whole words.
constexpr std::array kStopWords = {"a",
                                   "about",
                                   "am",
                                   "an",
                                   "and",
                                   "any",
                                   "anything",
                                   "are",
                                   "at",
                                   "be",
                                   "best",
                                   "buy",
                                   "can",
                                   "could",
                                   "do",
                                   "does",
                                   "find",
                                   "for",
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
                                   "product",
                                   "products",
                                   "recommend",
                                   "recommendation",
                                   "recommendations",
                                   "search",
                                   "shall",
                                   "should",
                                   "show",
                                   "some",
                                   "something",
                                   "suggest",
                                   "suitable",
                                   "thank",
                                   "thanks",
                                   "that",
                                   "the",
                                   "there",
                                   "these",
                                   "this",
                                   "to",
                                   "today",
                                   "under",
                                   "use",
                                   "want",
                                   "wear",
                                   "what",
                                   "which",
                                   "will",
                                   "with",
                                   "would",
                                   "you",
                                   "your"};
constexpr std::array kKoreanStopWords = {
    "되는",       "하는",   "있는",     "같은",     "위한",     "좋은",         "쓸만한",     "있어요",
    "없어요",     "없나요", "있습니까", "있을까요", "해주세요", "추천해주세요", "보여주세요", "찾아주세요",
    "알려주세요", "찾고",   "싶어요",   "싶다",     "골라줘",   "골라주세요",   "뭐가",       "뭐야",
    "것",         "걸로",   "거로",

    "괜찮다",     "위하다", "알리다",   "보이다",   "부탁하다", "추천하다",     "어떻다",     "해주다",
    "드리다",     "원하다", "필요하다", "필요",     "주시다",   "거기",         "그런",       "이런",
    "혹시",       "아주",   "매우",     "정말",     "너무",     "조금",         "종류",       "하나",
    "하고",       "살",     "살까",     "있을까",   "것들",     "보여줘",       "추천해줘",   "알려줘",
    "찾아줘",     "있나요", "가",       "가다",     "갈",       "거",           "걸",         "것",
    "게",         "괜찮",   "구매",     "구입",     "그",       "나",           "내",         "너",
    "누구",       "다",     "당신",     "대",       "더",       "도와",         "되",         "되다",
    "때",         "만한",   "만하",     "말",       "무엇",     "뭐",           "뭘",         "보",
    "보다",       "보여",   "부탁",     "사",       "사다",     "상품",         "서",         "수",
    "쓰",         "쓰다",   "쓸",       "아무",     "알려",     "어디",         "어떤",       "어떻",
    "없",         "없다",   "없어",     "오늘",     "요",       "요즘",         "우리",       "원",
    "위",         "위하",   "으로",     "이",       "이번",     "있",           "있다",       "있어",
    "입",         "입다",   "입을까",   "입을까요", "저",       "적당",         "정도",       "제",
    "제품",       "좀",     "종류",     "좋",       "좋다",     "주",           "주다",       "주말",
    "주세요",     "중",     "지금",     "찾",       "찾다",     "추천",         "하",         "하다",
    "한",         "할",     "해",       "해주"};

constexpr std::array kBrowsingWords = {
    "arrivals", "bestseller", "bestsellers", "browse", "browsing", "choose",   "day",
    "hello",    "help",       "hey",         "hi",     "i'd",      "i'll",     "i'm",
    "idea",     "ideas",      "inspire",     "just",   "like",     "love",     "new",
    "pick",     "seller",     "sellers",     "shop",   "shopping", "surprise", "thank",
    "thanks",   "today",      "trending",    "what's", "whats"};
constexpr std::array kKoreanBrowsingWords = {"감사",   "감사합니다", "베스트", "베스트셀러", "볼까",
                                             "볼까요", "사야",       "사지",   "살지",       "신상",
                                             "신상품", "쇼핑",       "인기",   "최신"};
// Beginnings of words: endings follow them.
constexpr std::array kKoreanBrowsingStems = {"고르",   "고마", "골라", "도와", "맞는", "맞춰",
                                             "볼만",   "살만", "싶은", "싶어", "심심", "안녕",
                                             "어울리", "좋아", "좋을", "취향"};

template <size_t N>
bool Among(const std::array<const char*, N>& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(), [&](const char* w) { return word == w; });
}

}  // namespace

bool IsStopWord(std::string_view folded) {
  return Among(kStopWords, folded) || Among(kKoreanStopWords, folded);
}

bool IsBrowsingWord(std::string_view folded) {
  return Among(kBrowsingWords, folded) || Among(kKoreanBrowsingWords, folded) ||
         std::any_of(kKoreanBrowsingStems.begin(), kKoreanBrowsingStems.end(),
                     [&](const char* w) { return folded.starts_with(w); });
}

std::string WithCommas(std::string digits) {
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

bool HasHangul(std::string_view text) {
  // Hangul syllables are U+AC00..U+D7A3: three bytes from EA B0 80 to ED 9E A3.
  for (size_t i = 0; i + 2 < text.size(); ++i) {
    const unsigned char a = static_cast<unsigned char>(text[i]), b = static_cast<unsigned char>(text[i + 1]);
    if ((a == 0xEA && b >= 0xB0) || a == 0xEB || a == 0xEC || (a == 0xED && b <= 0x9E)) return true;
  }
  return false;
}

namespace {

void AddForm(std::string form, WordGroup* group) {
  auto& forms = group->forms;
  if (!form.empty() && std::find(forms.begin(), forms.end(), form) == forms.end())
    forms.push_back(std::move(form));
}

// Morphemes from the dictionary, those at one position together.
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

// Without a dictionary: words between spaces, with and without the particle at their end.
std::vector<WordGroup> BySpaces(std::string_view text, const analysis::Analyzer& standard) {
  std::vector<WordGroup> groups;
  for (std::string& word : standard.Terms(text)) {
    WordGroup group;
    AddForm(word.substr(0, analysis::WithoutParticle(word)), &group);
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

// Where each UTF-16 unit of a text begins, in bytes; one more for the end. Broken bytes count as one unit.
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

// The tokens of one written word: the longest is the word, the others are readings or parts of it.
SaidWord WordOf(std::string_view text, const std::vector<size_t>& starts,
                const std::vector<analysis::Token>& tokens) {
  const uint32_t start = tokens.front().start, end = tokens.front().end;
  const bool compound = tokens.back().position != tokens.front().position;
  SaidWord word;
  uint32_t stem = 0;  // where the last morpheme ends; what follows is particles
  bool as_written = true;
  for (size_t i = 1; i < tokens.size(); ++i) {
    stem = std::max(stem, tokens[i].end);
    as_written =
        as_written && tokens[i].term == analysis::Fold(Slice(text, starts, tokens[i].start, tokens[i].end));
  }
  if (stem == 0 || (!compound && !as_written)) stem = end;
  const std::string whole = analysis::Fold(Slice(text, starts, start, end));
  word.said = analysis::Fold(Slice(text, starts, start, stem));
  word.ending = analysis::Fold(Slice(text, starts, stem, end));
  const auto add_form = [&word](const std::string& form) {
    if (form != word.said && std::find(word.forms.begin(), word.forms.end(), form) == word.forms.end())
      word.forms.push_back(form);
  };
  add_form(whole);
  for (size_t i = 0; i < tokens.size(); ++i) {
    const bool covers = tokens[i].start == start && tokens[i].end >= stem;
    if (!compound || covers)
      add_form(tokens[i].term);
    else
      word.parts.push_back(tokens[i].term);
  }
  return word;
}

}  // namespace

std::vector<SaidWord> ReadSaid(std::string_view text, const analysis::Analyzers& analyzers) {
  const bool morphemes = analyzers.has_korean_dictionary() && HasHangul(text);
  const auto analyzer = analyzers.Find(morphemes ? "korean" : "standard");
  if (!analyzer.ok()) return {};
  const std::vector<size_t> starts = UnitStarts(text);
  std::vector<analysis::Token> tokens;
  (*analyzer)->Analyze(text, &tokens);
  std::vector<SaidWord> words;
  size_t read = 0;  // units behind the word before
  for (size_t i = 0; i < tokens.size();) {
    size_t next = i + 1;
    while (next < tokens.size() && tokens[next].start < tokens[i].end) ++next;
    SaidWord word =
        WordOf(text, starts,
               {tokens.begin() + static_cast<ptrdiff_t>(i), tokens.begin() + static_cast<ptrdiff_t>(next)});
    if (!morphemes) {
      const size_t stem = analysis::WithoutParticle(word.said);
      if (stem < word.said.size()) word.forms.push_back(word.said.substr(0, stem));
    }
    word.before = analysis::Fold(Slice(text, starts, read, tokens[i].start));
    read = tokens[i].end;
    if (!word.said.empty()) words.push_back(std::move(word));
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

std::string_view CutUtf8(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

size_t Utf16Length(std::string_view utf8) {
  size_t units = 0;
  for (const char c : utf8) {
    const unsigned char b = static_cast<unsigned char>(c);
    if ((b & 0xC0) != 0x80) units += b >= 0xF0 ? 2 : 1;
  }
  return units;
}

}  // namespace trine::language
