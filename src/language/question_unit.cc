#include "language/question_unit.h"

#include <algorithm>

#include "base/text.h"
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
