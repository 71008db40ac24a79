#include "language/catalogue_names.h"

#include <algorithm>

#include "analysis/analyzer.h"
#include "language/filler.h"
#include "language/intent_rules.h"
#include "language/refusal.h"
#include "language/refusal_marks.h"

namespace trine::language {
namespace {

// Whether a word is a mark of refusal and also a brand: "nothing".
bool IsMarkedBrand(const Vocabulary& vocabulary, std::string_view word) {
  const auto like = MarksBeginningLike(word);
  const auto is_mark = [word](const Mark* mark) { return mark->words == word && mark->Binds(kNoun); };
  if (std::none_of(like.begin(), like.end(), is_mark)) return false;
  const std::vector<Vocabulary::Value> values = vocabulary.FindValues(word);
  return std::any_of(values.begin(), values.end(), [&](const Vocabulary::Value& value) {
    return vocabulary.KindOf(value.field) == FieldKind::kBrand && analysis::Fold(value.value) == word;
  });
}

// Whether a word names products: a category, or goods with several names.
bool IsGoodsWord(const Vocabulary& vocabulary, const std::string& word) {
  const std::vector<Vocabulary::Value> values = vocabulary.FindValues(word);
  return !GoodsSynonyms(word).empty() ||
         std::any_of(values.begin(), values.end(), [&](const Vocabulary::Value& value) {
           return vocabulary.KindOf(value.field) == FieldKind::kCategory;
         });
}

}  // namespace

bool IsName(const Vocabulary* vocabulary, std::string_view name) {
  if (vocabulary == nullptr) return false;
  if (!vocabulary->FindValues(name).empty()) return true;
  const size_t blank = name.rfind(' ');
  if (blank == std::string_view::npos) return vocabulary->TitleCount(name) > 0;
  const std::string_view last = name.substr(blank + 1);
  // "no bull" for the NOBULL of a title. Shorter words would make ordinary words: "no te".
  constexpr size_t kLeastPart = 4;
  const bool two_words = name.find(' ') == blank;
  if (two_words && last.size() >= kLeastPart &&
      vocabulary->TitleCount(std::string(name.substr(0, blank)) + std::string(last)) > 0)
    return true;
  return !IsStopWord(last) && !IsGenericNoun(last) && vocabulary->IsMarkedName(name);
}

std::vector<WrittenWord> FindNames(std::string_view text, const Vocabulary* vocabulary,
                                   const std::vector<std::string>& ids) {
  std::vector<WrittenWord> names =
      FindMarkedNames(text, [vocabulary](std::string_view name) { return IsName(vocabulary, name); });
  const std::vector<WrittenWord> words = SplitAtBlanks(text);
  const auto text_of = [&](size_t i) { return text.substr(words[i].begin, words[i].end - words[i].begin); };
  for (size_t i = 0; i < words.size(); ++i) {
    const WrittenWord& word = words[i];
    const std::string_view written = text_of(i);
    const bool inside = std::any_of(names.begin(), names.end(), [&](const WrittenWord& name) {
      return word.begin >= name.begin && word.begin < name.end;
    });
    if (inside) continue;
    const auto id = std::find_if(ids.begin(), ids.end(), [&](const std::string& one) {
      return written == one || (written.starts_with(one) && HasHangul(written.substr(one.size(), 3)));
    });
    if (id != ids.end()) {
      names.push_back({word.begin, word.begin + id->size(), false});
    } else if (vocabulary != nullptr && i + 1 < words.size() && !words[i + 1].after_punctuation &&
               IsMarkedBrand(*vocabulary, written) && IsGoodsWord(*vocabulary, std::string(text_of(i + 1)))) {
      names.push_back(word);
    }
  }
  std::sort(names.begin(), names.end(),
            [](const WrittenWord& a, const WrittenWord& b) { return a.begin < b.begin; });
  return names;
}

}  // namespace trine::language
