#include "language/sentence_names.h"

#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "analysis/analyzer.h"
#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "language/plain_text.h"

namespace trine::language {
namespace {

constexpr size_t kMaxQuotedBytes = 200;  // a longer text between quotation marks is not a name
constexpr size_t kMaxNames = 64;         // names in one sentence
constexpr size_t kMinHeadBytes = 6;      // a shorter head is too common: two syllables

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLatin(char c) { return ToLowerAscii(c) >= 'a' && ToLowerAscii(c) <= 'z'; }

const std::set<std::string, std::less<>>& CommonWords() {
  static const auto* const kWords = [] {
    auto* words = new std::set<std::string, std::less<>>();
    const auto add = [words](std::initializer_list<const char*> more) {
      words->insert(more.begin(), more.end());
    };
#define COMMON_WORDS(...) add({__VA_ARGS__});
#include "language/common_words.inc"
#undef COMMON_WORDS
    return words;
  }();
  return *kWords;
}

class NameFinder {
 public:
  NameFinder(std::string_view text, const std::vector<std::string>& heads) : text_(text), heads_(heads) {}

  std::vector<SentenceName> Find() {
    FindQuotations();
    FindIdentifiers();
    FindCapitalised();
    FindTopic();
    FindModifiers();
    return std::move(names_);
  }

 private:
  void Add(SentenceName::Kind kind, size_t begin, size_t end) {
    TRINE_DCHECK_LE(begin, end);
    if (names_.size() < kMaxNames && end > begin)
      names_.push_back({kind, std::string(text_.substr(begin, end - begin)), begin, end});
  }
  size_t Offset(const re2::StringPiece& piece) const {
    return static_cast<size_t>(piece.data() - text_.data());
  }

  void FindQuotations() {
    static const RE2 kQuoted(
        R"re(“([^“”]+)”|‘([^‘’]+)’|"([^"]+)"|「([^」]+)」|『([^』]+)』|(?:^|[\s(])'([^']+)'(?:$|[^A-Za-z0-9]))re");
    re2::StringPiece rest = Piece(text_), part[6];
    while (RE2::FindAndConsume(&rest, kQuoted, &part[0], &part[1], &part[2], &part[3], &part[4], &part[5])) {
      for (const re2::StringPiece& one : part) {
        const std::string_view inner = Trim(std::string_view(one.data(), one.size()));
        if (!inner.empty() && inner.size() <= kMaxQuotedBytes)
          Add(SentenceName::Kind::kQuotation, Offset(one), Offset(one) + one.size());
      }
    }
  }

  void FindIdentifiers() {
    static const RE2 kWord(R"(([A-Za-z0-9]+(?:[-_./][A-Za-z0-9]+)*))");
    static const RE2 kOrdinary(
        R"((?i)[0-9]+(?:st|nd|rd|th|s|x)|[0-9]+(?:[.,][0-9]+)*[a-z]{0,3}|[0-9.]+-[a-z]+|24/7|[a-z]/[a-z])");
    re2::StringPiece rest = Piece(text_), word;
    while (RE2::FindAndConsume(&rest, kWord, &word)) {
      const std::string_view view(word.data(), word.size());
      const bool digit = view.find_first_of("0123456789") != std::string_view::npos;
      const bool letter = std::any_of(view.begin(), view.end(), IsLatin);
      const bool joined = view.find('_') != std::string_view::npos;
      if (joined || (digit && letter && view.size() >= 2 && !RE2::FullMatch(word, kOrdinary)))
        Add(SentenceName::Kind::kIdentifier, Offset(word), Offset(word) + word.size());
    }
  }

  void FindCapitalised() {
    static const RE2 kWord(R"(([A-Za-z][A-Za-z'’&-]*))");
    static const RE2 kSubject(
        R"(^[A-Za-z'’&-]+\s+(?:is|has|costs|weighs|comes|offers|features|was|will|makes)\b)");
    const bool korean = HasHangul(text_);
    re2::StringPiece rest = Piece(text_), word;
    struct Word {
      size_t begin, end;
      bool name;
    };
    std::vector<Word> words;
    while (RE2::FindAndConsume(&rest, kWord, &word)) {
      std::string_view view(word.data(), word.size());
      for (const std::string_view tail : {"'s", "’s", "'", "’"}) {
        if (view.ends_with(tail)) view.remove_suffix(tail.size());
      }
      const bool capital = (korean || std::any_of(view.begin(), view.end(), IsUpper)) && view.size() > 1;
      const bool part =
          Offset(word) > 0 && (IsAsciiDigit(text_[Offset(word) - 1]) || text_[Offset(word) - 1] == '_');
      words.push_back({Offset(word), Offset(word) + view.size(),
                       capital && !part && !IsCommonWord(analysis::Fold(view))});
    }
    for (size_t i = 0; i < words.size(); ++i) {
      if (!words[i].name) continue;
      const bool inner = std::any_of(text_.begin() + static_cast<ptrdiff_t>(words[i].begin) + 1,
                                     text_.begin() + static_cast<ptrdiff_t>(words[i].end), IsUpper);
      const bool beside = i + 1 < words.size() && words[i + 1].name &&
                          text_.substr(words[i].end, words[i + 1].begin - words[i].end) == " ";
      const bool subject = RE2::PartialMatch(Piece(text_.substr(words[i].begin)), kSubject);
      // Korean has no capitals, so that a Latin word is a name anywhere.
      if (korean || !IsOrdinaryPlace(words[i].begin) || inner || beside || subject)
        Add(SentenceName::Kind::kCapitalised, words[i].begin, words[i].end);
    }
  }

  // Whether ordinary words have a capital here: at the beginning, and behind a colon, a dash or a mark.
  bool IsOrdinaryPlace(size_t at) const {
    const std::string_view head = Trim(text_.substr(0, at), " \t\r\n\"'“‘(");
    if (head.empty()) return at == 0 || IsBlank(text_.substr(0, at), " \t\r\n\"'“‘(");
    if (head.find_first_not_of("0123456789.)-*#• ") == std::string_view::npos) return true;
    return head.ends_with(':') || head.ends_with('.') || head.ends_with('!') || head.ends_with('?') ||
           head.ends_with("—") || head.ends_with("–") || head.ends_with(" -");
  }

  // The noun phrase before 은 or 는 at the beginning, and the object of a recommendation.
  void FindTopic() {
    static const RE2 kTopic(R"(^[\s\d.)*•-]*((?:[\pL\pN&'-]+ ){0,3}?[\pL\pN&'-]+)(?:은|는)(?:\s|,))");
    static const RE2 kRecommended(
        R"(((?:[\pL\pN&'-]+ )?[\pL\pN&'-]+)(?:을|를|도)\s+(?:추천|권해|권합|소개))");
    re2::StringPiece phrase;
    if (RE2::PartialMatch(Piece(text_), kTopic, &phrase)) AddWords(phrase, SentenceName::Kind::kTopic);
    if (RE2::PartialMatch(Piece(text_), kRecommended, &phrase)) AddWords(phrase, SentenceName::Kind::kTopic);
  }

  static bool IsAdnominal(std::string_view word) {
    // The last syllable: its final consonant ㄴ or ㄹ ("가벼운", "쓸") or a particle or an ending.
    static const RE2 kEnding(
        R"(.*(?:의|도|에|과|와|로|고|며|게|가|를|을|이|은|는|면|서|요|다|지|용|형|성|적|식|들|만|등|나|한|된|할|인|운|른|던|좋|찾))");
    return RE2::FullMatch(Piece(word), kEnding);
  }

  // Whether the word before 은 or 는 is the stem of a verb or an adjective, so that no topic ends here:
  // "맞는", "어울리는", "좋은". After a final consonant the particle is 은, so that 는 makes a verb.
  bool IsStem(std::string_view word) const {
    static const RE2 kStem(
        R"((?:.*(?:어울리|하|되|있|없|맞|으시|드리|보이|느끼|즐기|지내|떠나|아니))|(?:나|오|가|보|주|들|쓰|사|고르|만들|찾|좋|작|많|낮|높|넓|짧|밝|얇|젊|싶|남|늦|같|적))");
    const std::string_view particle =
        text_.substr(static_cast<size_t>(word.data() - text_.data()) + word.size(), 3);
    const bool topic = analysis::ParticleForm(word, analysis::Particle::kTopic) == particle;
    return RE2::FullMatch(Piece(word), kStem) || (particle == "는" && !topic);
  }

  void AddWords(const re2::StringPiece& phrase, SentenceName::Kind kind) {
    std::string_view rest(phrase.data(), phrase.size());
    if (IsStem(rest.substr(rest.find_last_of(' ') + 1))) return;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(' '), rest.size());
      const std::string_view word = rest.substr(0, end);
      const bool last = end == rest.size();
      const size_t begin = static_cast<size_t>(word.data() - text_.data());
      const bool hangul = HasHangul(word);
      if (hangul && !IsCommonWord(analysis::Fold(word)) && (last || !IsAdnominal(word)))
        Add(kind, begin, begin + word.size());
      rest.remove_prefix(std::min(rest.size(), end + 1));
    }
  }

  void FindModifiers() {
    for (const std::string& head : heads_) {
      if (head.size() < kMinHeadBytes || !HasHangul(head)) continue;
      for (size_t at = text_.find(head); at != std::string_view::npos;
           at = text_.find(head, at + head.size())) {
        size_t begin = at;
        while (begin > 0 && text_[begin - 1] != ' ' && text_[begin - 1] != '\n') --begin;
        if (begin < at) continue;  // a compound, such as 캠핑의자
        size_t end = begin;
        while (end > 0 && text_[end - 1] == ' ') --end;
        if (end == 0 || begin - end != 1) continue;
        size_t from = end;
        while (from > 0 && text_[from - 1] != ' ' && text_[from - 1] != '\n') --from;
        const std::string_view word = text_.substr(from, end - from);
        const bool letters = std::all_of(word.begin(), word.end(), [](char c) {
          return IsLatin(c) || static_cast<unsigned char>(c) >= 0x80;
        });
        if (letters && !IsAdnominal(word) && !IsCommonWord(analysis::Fold(word)))
          Add(SentenceName::Kind::kModifier, from, end);
      }
    }
  }

  std::string_view text_;
  const std::vector<std::string>& heads_;
  std::vector<SentenceName> names_;
};

}  // namespace

std::vector<SentenceName> FindNames(std::string_view masked, const std::vector<std::string>& heads) {
  return NameFinder(masked, heads).Find();
}

bool IsCommonWord(std::string_view folded) { return CommonWords().count(folded) != 0; }

}  // namespace trine::language
