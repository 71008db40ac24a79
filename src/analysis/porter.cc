#include "analysis/porter.h"

#include <algorithm>
#include <string_view>

#include "analysis/utf8.h"
#include "base/check.h"

namespace trine::analysis {
namespace {

// One run of the algorithm. The comments give the paper's step numbers.
class Porter {
 public:
  explicit Porter(std::string* word) : word_(*word) {}
  void Run() {
    if (word_.size() < 3) return;
    RemovePlural();
    RemovePastAndProgressive();
    ReplaceFinalY();
    ReplaceDoubleSuffix();
    ReplaceAdjectivalSuffix();
    RemoveSuffix();
    RemoveFinalEAndDoubleL();
    TRINE_DCHECK(!word_.empty());
  }

 private:
  bool Consonant(size_t i) const {
    switch (word_[i]) {
      case 'a':
      case 'e':
      case 'i':
      case 'o':
      case 'u':
        return false;
      case 'y':
        return ConsonantY(i);
      default:
        return true;
    }
  }
  // 'y' is a consonant at the start of the word and after a vowel, so a run of y's alternates between
  // consonant and vowel.
  bool ConsonantY(size_t i) const {
    size_t first = i;
    while (first > 0 && word_[first - 1] == 'y') --first;
    const bool first_is_consonant = first == 0 || !Consonant(first - 1);
    return ((i - first) % 2 == 0) == first_is_consonant;
  }
  // The paper's measure m of the first `length` letters: the number of vowel-consonant sequences in them.
  int Measure(size_t length) const {
    TRINE_DCHECK_LE(length, word_.size());
    int sequences = 0;
    bool vowel_before = false;
    // Whether the previous letter is a vowel; a 'y' after a vowel is a consonant. Calling ConsonantY instead
    // would take quadratic time for "yyyy...".
    bool y_vowel = false;
    for (size_t i = 0; i < length; ++i) {
      const bool consonant = word_[i] == 'y' ? (i == 0 || y_vowel) : Consonant(i);
      if (consonant && vowel_before) ++sequences;
      vowel_before = !consonant;
      y_vowel = !consonant;
    }
    return sequences;
  }
  bool HasVowel(size_t length) const {
    for (size_t i = 0; i < length; ++i) {
      if (word_[i] == 'y' ? i > 0 : !Consonant(i)) return true;
    }
    return false;
  }
  bool Ends(std::string_view suffix) const { return std::string_view(word_).ends_with(suffix); }
  size_t Before(std::string_view suffix) const { return word_.size() - suffix.size(); }
  bool DoubleConsonant(size_t length) const {
    return length >= 2 && word_[length - 1] == word_[length - 2] && Consonant(length - 1);
  }
  // The paper's *o: ends with consonant, vowel, consonant, the last of which is not w, x or y ("hop", but not
  // "snow").
  bool ShortEnd(size_t length) const {
    if (length < 3 || !Consonant(length - 1) || Consonant(length - 2) || !Consonant(length - 3)) return false;
    const char last = word_[length - 1];
    return last != 'w' && last != 'x' && last != 'y';
  }
  // Replaces `suffix` if the part before it has a measure above 0. Requires that the word ends with `suffix`.
  void ReplaceIfMeasured(std::string_view suffix, std::string_view with) {
    if (Measure(Before(suffix)) > 0) Replace(suffix, with);
  }
  void Replace(std::string_view suffix, std::string_view with) {
    TRINE_DCHECK(Ends(suffix));
    word_.resize(Before(suffix));
    word_.append(with);
  }

  void RemovePlural() {  // step 1a
    if (Ends("sses")) {
      Replace("sses", "ss");
    } else if (Ends("ies")) {
      Replace("ies", "i");
    } else if (Ends("s") && !Ends("ss")) {
      word_.pop_back();
    }
  }

  void RemovePastAndProgressive() {  // step 1b
    if (Ends("eed")) {
      if (Measure(Before("eed")) > 0) word_.pop_back();
      return;
    }
    const std::string_view suffix = Ends("ed") ? "ed" : Ends("ing") ? "ing" : "";
    if (suffix.empty() || !HasVowel(Before(suffix))) return;
    word_.resize(Before(suffix));
    if (Ends("at") || Ends("bl") || Ends("iz")) {  // NOLINT(bugprone-branch-clone): the rules of step 1b
      word_.push_back('e');
    } else if (DoubleConsonant(word_.size())) {
      const char last = word_.back();
      if (last != 'l' && last != 's' && last != 'z') word_.pop_back();
    } else if (Measure(word_.size()) == 1 && ShortEnd(word_.size())) {
      word_.push_back('e');
    }
  }

  void ReplaceFinalY() {  // step 1c
    if (Ends("y") && HasVowel(Before("y"))) word_.back() = 'i';
  }

  struct Suffix {
    std::string_view from;
    std::string_view to;
  };
  // Only the first listed suffix that the word ends with is considered, even if it is not replaced.
  template <size_t N>
  void FirstOf(const Suffix (&suffixes)[N]) {
    for (const Suffix& s : suffixes) {
      if (Ends(s.from)) return ReplaceIfMeasured(s.from, s.to);
    }
  }

  void ReplaceDoubleSuffix() {  // step 2
    static constexpr Suffix kSuffixes[] = {
        {"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"}, {"anci", "ance"}, {"izer", "ize"},
        {"bli", "ble"},     {"alli", "al"},     {"entli", "ent"}, {"eli", "e"},     {"ousli", "ous"},
        {"ization", "ize"}, {"ation", "ate"},   {"ator", "ate"},  {"alism", "al"},  {"iveness", "ive"},
        {"fulness", "ful"}, {"ousness", "ous"}, {"aliti", "al"},  {"iviti", "ive"}, {"biliti", "ble"},
        {"logi", "log"}};
    FirstOf(kSuffixes);
  }

  void ReplaceAdjectivalSuffix() {  // step 3
    static constexpr Suffix kSuffixes[] = {{"icate", "ic"}, {"ative", ""}, {"alize", "al"}, {"iciti", "ic"},
                                           {"ical", "ic"},  {"ful", ""},   {"ness", ""}};
    FirstOf(kSuffixes);
  }

  void RemoveSuffix() {  // step 4
    static constexpr std::string_view kSuffixes[] = {"al",  "ance",  "ence", "er",  "ic",  "able", "ible",
                                                     "ant", "ement", "ment", "ent", "ion", "ou",   "ism",
                                                     "ate", "iti",   "ous",  "ive", "ize"};
    for (const std::string_view suffix : kSuffixes) {
      if (!Ends(suffix)) continue;
      const size_t length = Before(suffix);
      if (suffix == "ion" && (length == 0 || (word_[length - 1] != 's' && word_[length - 1] != 't')))
        continue;
      if (Measure(length) > 1) word_.resize(length);
      return;
    }
  }

  void RemoveFinalEAndDoubleL() {  // step 5
    if (Ends("e")) {
      const int measure = Measure(Before("e"));
      if (measure > 1 || (measure == 1 && !ShortEnd(Before("e")))) word_.pop_back();
    }
    if (Ends("ll") && Measure(word_.size()) > 1) word_.pop_back();
  }

  std::string& word_;
};

class PorterFilter final : public TokenFilter {
 public:
  void Filter(std::vector<Token>* tokens) const override {
    for (Token& token : *tokens) PorterStem(&token.term);
  }
};

}  // namespace

void PorterStem(std::string* word) {
  if (std::all_of(word->begin(), word->end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    return Porter(word).Run();
  }
  // Represents each letter outside ASCII by one byte, because Porter counts bytes as letters when it measures
  // lengths and looks for double letters.
  std::u32string others;
  std::string bytes;
  for (size_t i = 0; i < word->size();) {
    const char32_t c = DecodeUtf8(*word, &i);
    size_t at = c < 0x80 ? 0 : others.find(c);
    if (at == std::u32string::npos) {
      if (others.size() == 0x80) return;
      at = others.size();
      others.push_back(c);
    }
    bytes.push_back(static_cast<char>(c < 0x80 ? c : 0x80 + at));
  }
  Porter(&bytes).Run();
  word->clear();
  for (const char b : bytes) {
    const auto value = static_cast<unsigned char>(b);
    TRINE_DCHECK(value < 0x80 || value - 0x80u < others.size());
    AppendUtf8(value < 0x80 ? value : others[value - 0x80], word);
  }
}

FilterPtr NewPorterFilter() { return std::make_shared<PorterFilter>(); }

}  // namespace trine::analysis
