#include "analysis/porter.h"

#include <algorithm>
#include <string_view>

#include "analysis/utf8.h"

namespace trine::analysis {
namespace {

class Porter {
 public:
  explicit Porter(std::string* word) : word_(*word) {}
  void Run() {
    if (word_.size() < 3) return;
    Plurals();
    PastAndProgressive();
    FinalY();
    DoubleSuffixes();
    Adjectival();
    Bare();
    FinalEAndDoubleL();
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
  // 'y' is a consonant at the start and after a vowel; in a run of them the kinds alternate.
  bool ConsonantY(size_t i) const {
    size_t first = i;
    while (first > 0 && word_[first - 1] == 'y') --first;
    const bool first_is_consonant = first == 0 || !Consonant(first - 1);
    return ((i - first) % 2 == 0) == first_is_consonant;
  }
  // How many vowel-consonant sequences the first `length` letters hold.
  int Measure(size_t length) const {
    int sequences = 0;
    bool vowel_before = false;
    bool y_vowel = false;  // carried along instead of asked for, so that "yyyy..." stays linear
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
  // consonant, vowel, consonant at the end, the last not w, x or y: "hop", not "snow".
  bool ShortEnd(size_t length) const {
    if (length < 3 || !Consonant(length - 1) || Consonant(length - 2) || !Consonant(length - 3)) return false;
    const char last = word_[length - 1];
    return last != 'w' && last != 'x' && last != 'y';
  }
  // Replaces `suffix`, which the word ends with, when what is before it measures more than 0.
  void ReplaceIfMeasured(std::string_view suffix, std::string_view with) {
    if (Measure(Before(suffix)) > 0) Replace(suffix, with);
  }
  void Replace(std::string_view suffix, std::string_view with) {
    word_.resize(Before(suffix));
    word_.append(with);
  }

  void Plurals() {
    if (Ends("sses")) {
      Replace("sses", "ss");
    } else if (Ends("ies")) {
      Replace("ies", "i");
    } else if (Ends("s") && !Ends("ss")) {
      word_.pop_back();
    }
  }

  void PastAndProgressive() {
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

  void FinalY() {
    if (Ends("y") && HasVowel(Before("y"))) word_.back() = 'i';
  }

  struct Suffix {
    std::string_view from;
    std::string_view to;
  };
  // The first suffix that fits decides, changed or not.
  template <size_t N>
  void FirstOf(const Suffix (&suffixes)[N]) {
    for (const Suffix& s : suffixes) {
      if (Ends(s.from)) return ReplaceIfMeasured(s.from, s.to);
    }
  }

  void DoubleSuffixes() {
    static constexpr Suffix kSuffixes[] = {
        {"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"}, {"anci", "ance"}, {"izer", "ize"},
        {"bli", "ble"},     {"alli", "al"},     {"entli", "ent"}, {"eli", "e"},     {"ousli", "ous"},
        {"ization", "ize"}, {"ation", "ate"},   {"ator", "ate"},  {"alism", "al"},  {"iveness", "ive"},
        {"fulness", "ful"}, {"ousness", "ous"}, {"aliti", "al"},  {"iviti", "ive"}, {"biliti", "ble"},
        {"logi", "log"}};
    FirstOf(kSuffixes);
  }

  void Adjectival() {
    static constexpr Suffix kSuffixes[] = {{"icate", "ic"}, {"ative", ""}, {"alize", "al"}, {"iciti", "ic"},
                                           {"ical", "ic"},  {"ful", ""},   {"ness", ""}};
    FirstOf(kSuffixes);
  }

  void Bare() {
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

  void FinalEAndDoubleL() {
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
  // One byte a letter, so that lengths and doubles are those of letters.
  std::u32string others;
  std::string bytes;
  for (size_t i = 0; i < word->size();) {
    const char32_t c = Decode(*word, &i);
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
    AppendUtf8(value < 0x80 ? value : others[value - 0x80], word);
  }
}

FilterPtr NewPorterFilter() { return std::make_shared<PorterFilter>(); }

}  // namespace trine::analysis
