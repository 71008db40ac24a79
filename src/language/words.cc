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
    "가",   "가다", "갈",   "거",   "걸",     "것",       "게",     "괜찮", "구매", "구입", "그",   "나",
    "내",   "너",   "누구", "다",   "당신",   "대",       "더",     "도와", "되",   "되다", "때",   "만한",
    "만하", "말",   "무엇", "뭐",   "뭘",     "보",       "보다",   "보여", "부탁", "사",   "사다", "상품",
    "서",   "수",   "쓰",   "쓰다", "쓸",     "아무",     "알려",   "어디", "어떤", "어떻", "없",   "없다",
    "없어", "오늘", "요",   "요즘", "우리",   "원",       "위",     "위하", "으로", "이",   "이번", "있",
    "있다", "있어", "입",   "입다", "입을까", "입을까요", "저",     "적당", "정도", "제",   "제품", "좀",
    "종류", "좋",   "좋다", "주",   "주다",   "주말",     "주세요", "중",   "지금", "찾",   "찾다", "추천",
    "하",   "하다", "한",   "할",   "해",     "해주"};

template <size_t N>
bool Among(const std::array<const char*, N>& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(), [&](const char* w) { return word == w; });
}

}  // namespace

bool IsStopWord(std::string_view folded) {
  return Among(kStopWords, folded) || Among(kKoreanStopWords, folded);
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
