#include "language/question_unit.h"

#include <algorithm>

#include "analysis/locale/korean.h"
#include "base/text.h"
#include "base/utf8.h"
#include "language/filler.h"
#include "language/plain_text.h"

namespace trine::language {

bool IsInCatalogue(const Vocabulary& vocabulary, const std::string& name) {
  return vocabulary.TitleCount(name) > 0 || !vocabulary.FindValues(name).empty();
}

std::vector<std::string> SynonymsOf(const std::string& name) {
  std::vector<std::string> same = ColourSynonyms(name);
  return same.empty() ? GoodsSynonyms(name) : same;
}

std::vector<QuestionWord> WordsOf(const SurfaceWord& written, const Vocabulary* vocabulary) {
  QuestionWord word;
  word.text = written.surface;
  word.lookup_forms = written.readings;
  word.lookup_forms.insert(word.lookup_forms.begin(), written.surface);
  const auto same_of = [](const QuestionWord& w) {
    for (const std::string& name : w.lookup_forms) {
      if (auto same = SynonymsOf(name); !same.empty()) return same;
    }
    return std::vector<std::string>{};
  };
  const auto is_known = [&](const std::string& name) { return IsInCatalogue(*vocabulary, name); };
  // The dictionary may take the end of a word that it does not have for a particle: 린넨.
  const std::string whole = written.surface + written.ending;
  if (!written.ending.empty() && vocabulary != nullptr && is_known(whole)) {
    word.text = whole;
    word.lookup_forms.insert(word.lookup_forms.begin(), whole);
    word.synonyms = same_of(word);
    return {word};
  }
  const auto known = vocabulary == nullptr
                         ? word.lookup_forms.end()
                         : std::find_if(word.lookup_forms.begin(), word.lookup_forms.end(), is_known);
  word.synonyms = same_of(word);
  if (known != word.lookup_forms.end()) {
    // Uses the form that was found in the catalogue. Needed because without the Korean dictionary the word
    // may still end with its particle, and the form in the catalogue has none.
    if (word.text.rfind(*known, 0) == 0) word.text = *known;
    return {word};
  }
  if (!word.synonyms.empty()) {
    for (const std::string& name : word.lookup_forms) {
      if (word.text.rfind(name, 0) == 0 && !SynonymsOf(name).empty()) word.text = name;
    }
    return {word};
  }
  const auto is_word = [](const std::string& part) {
    return HasHangul(part) ? part.size() > 3 : part.size() > 1;  // longer than one syllable or letter
  };
  const bool parts_known = vocabulary != nullptr && !written.components.empty() &&
                           std::all_of(written.components.begin(), written.components.end(), is_word) &&
                           std::any_of(written.components.begin(), written.components.end(), is_known);
  if (parts_known) {
    std::vector<QuestionWord> words;
    for (const std::string& part : written.components) words.push_back({part, {part}, SynonymsOf(part)});
    return words;
  }
  for (const std::string& form : written.readings) {
    if (vocabulary == nullptr && written.components.empty() && form.size() < word.text.size() &&
        word.text.rfind(form, 0) == 0)
      word.text = form;
  }
  return {word};
}

std::vector<std::string> AttributiveForms(const std::string& stem) {
  // Syllables are U+AC00 + (initial * 21 + vowel) * 28 + final consonant.
  constexpr char32_t kFirst = 0xAC00, kFinals = 28, kNieun = 4, kRieul = 8, kBieup = 17;
  std::vector<std::string> forms;
  constexpr size_t kSyllableBytes = 3;
  if (stem.size() < kSyllableBytes) return forms;
  const std::string head = stem.substr(0, stem.size() - kSyllableBytes);
  if (!IsValidUtf8(stem.substr(head.size()))) return forms;
  size_t at = head.size();
  const char32_t last = DecodeUtf8(stem, &at);
  if (!analysis::IsHangulSyllable(last)) return forms;
  const char32_t final = (last - kFirst) % kFinals, open = last - final;
  const auto add = [&](char32_t syllable, std::string_view tail) {
    forms.push_back(head);
    AppendUtf8(syllable, &forms.back());
    forms.back() += tail;
  };
  if (final == kBieup) add(open, "운");
  if (final == 0 || final == kRieul) add(open + kNieun, "");
  add(last, "은");
  add(final == kRieul ? open : last, "는");
  return forms;
}

std::string AttributiveInTitles(const SurfaceWord& predicate, const Vocabulary* vocabulary) {
  const std::string written = predicate.surface + predicate.ending;
  if (vocabulary == nullptr || !HasHangul(written)) return "";
  if (IsInCatalogue(*vocabulary, written)) return written;
  for (const std::string_view ending : {"지는", "지도", "지가", "지", "진"}) {
    if (!written.ends_with(ending) || written.size() == ending.size()) continue;
    for (std::string& form : AttributiveForms(written.substr(0, written.size() - ending.size()))) {
      if (IsInCatalogue(*vocabulary, form)) return std::move(form);
    }
    return "";
  }
  return "";
}

std::string NameBeforeRequest(const std::string& written, const Vocabulary* vocabulary) {
  constexpr size_t kSyllable = 3, kLeast = 4 * kSyllable;
  if (vocabulary == nullptr || written.size() < kLeast || !HasHangul(written)) return "";
  for (size_t at = kSyllable; at + 2 * kSyllable <= written.size(); at += kSyllable) {
    if (!IsStopWord(std::string_view(written).substr(at))) continue;
    std::string name = written.substr(0, at);
    if (IsInCatalogue(*vocabulary, name)) return name;
  }
  return "";
}

bool HasDigit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsModelWord(std::string_view word) {
  constexpr size_t kLeast = 3;  // "a4" is a size
  if (word.size() < kLeast || !HasDigit(word)) return false;
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_part = [&](char c) { return IsAsciiDigit(c) || is_letter(c) || c == '_' || c == '-'; };
  if (!std::all_of(word.begin(), word.end(), is_part)) return false;
  const std::string_view rest = word.substr(std::min(word.find_first_not_of("0123456789"), word.size()));
  const bool unit = rest.size() < word.size() && std::all_of(rest.begin(), rest.end(), is_letter);
  return !unit && std::any_of(rest.begin(), rest.end(), is_letter);
}

}  // namespace trine::language
