#include "formation/intent_matcher.h"

#include <algorithm>

#include "analysis/analyzer.h"
#include "language/season.h"
#include "language/word_reader.h"

namespace trine::formation {
namespace {

using format::Json;

bool IsCategory(std::string_view field) {
  const std::string folded = analysis::Fold(field);
  return folded.find("categ") != std::string::npos || folded.find("카테고리") != std::string::npos;
}

// The name of a field without its language suffix.
std::string_view WithoutLanguage(std::string_view field) {
  for (std::string_view tail : {"_en", "_ko"}) {
    if (field.size() > tail.size() && field.substr(field.size() - tail.size()) == tail)
      return field.substr(0, field.size() - tail.size());
  }
  return field;
}

bool HasAny(const Json& source, const std::string& field, const std::vector<std::string>& values) {
  const auto texts = TextsAt(source, field);
  return std::any_of(values.begin(), values.end(), [&](const std::string& v) {
    return std::find(texts.begin(), texts.end(), v) != texts.end();
  });
}

std::string FoldedAt(const Json& source, const std::vector<std::string>& fields) {
  std::string out;
  for (const std::string& field : fields) {
    for (const std::string& text : TextsAt(source, field)) out += analysis::Fold(text) + "\n";
  }
  return out;
}

bool Says(std::string_view text, const language::IntentTerm& term) {
  return HasWord(text, term.surface) || std::any_of(term.synonyms.begin(), term.synonyms.end(),
                                                    [&](const std::string& w) { return HasWord(text, w); });
}

// Whether a word of the question names the last level of a category ("체어" in "캠핑>체어"), not only a level
// above it.
bool NamesLastPart(const language::QueryIntent& intent, const std::string& value) {
  const std::string folded = analysis::Fold(value);
  const size_t part = folded.find_last_of(">/|");
  const std::string last = part == std::string::npos ? folded : folded.substr(part + 1);
  return std::any_of(intent.terms.begin(), intent.terms.end(), [&](const language::IntentTerm& term) {
    return term.covered_by_facet && Says(last, term);
  });
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

}  // namespace

bool HasWord(std::string_view text, std::string_view word) {
  if (word.empty()) return false;
  const bool latin = IsAscii(word.front());
  const std::string one = latin ? language::Singular(word) : std::string(word);
  for (size_t at = text.find(one); at != std::string_view::npos; at = text.find(one, at + 1)) {
    const size_t end = at + one.size();
    if (!latin) {
      const bool alone = (at == 0 || IsAscii(text[at - 1])) && (end == text.size() || IsAscii(text[end]));
      if (one.size() > 3 || alone) return true;
      continue;
    }
    if (at > 0 && IsLetter(text[at - 1])) continue;
    size_t stop = end;
    while (stop < text.size() && IsLetter(text[stop])) ++stop;
    const std::string_view tail = text.substr(end, stop - end);
    if (tail.empty() || tail == "s" || tail == "es") return true;
  }
  return false;
}

IntentMatcher::IntentMatcher(const language::QueryIntent& intent, const FieldRoles& roles,
                             const language::Vocabulary* vocabulary)
    : intent_(intent), roles_(roles) {
  for (const language::IntentTerm& term : intent.terms) {
    if (term.is_head) head_ = &term;
  }
  if (head_ == nullptr || vocabulary == nullptr) return;
  // Do not require the head word if a category value already names the product and no title contains the head
  // word, as in "체어 부모님이 쓰실" ("a chair for my parents to use").
  bool category = false, single = true;
  for (const auto& [field, values] : intent.facets) {
    if (!IsCategory(field)) continue;
    category = category || NamesLastPart(intent, values.front());
    single = single && values.size() == 1;
  }
  if (category && single && vocabulary->TitleCount(head_->surface) == 0) head_ = nullptr;
}

bool IntentMatcher::HasNamedFacets(const Json& source) const {
  return std::all_of(intent_.facets.begin(), intent_.facets.end(), [&](const auto& facet) {
    return std::any_of(intent_.facets.begin(), intent_.facets.end(), [&](const auto& twin) {
      return WithoutLanguage(twin.first) == WithoutLanguage(facet.first) &&
             HasAny(source, twin.first, twin.second);
    });
  });
}

bool IntentMatcher::Matches(const Json& source) const {
  if (!intent_.facets.empty() && !HasNamedFacets(source)) return false;
  if (intent_.outfit || (!intent_.facets.empty() && head_ == nullptr)) return true;
  std::vector<const language::IntentTerm*> asked;
  for (const language::IntentTerm& term : intent_.terms) {
    if (!term.is_wish) asked.push_back(&term);
  }
  if (asked.empty()) return true;
  const std::string named = FoldedAt(source, roles_.titles) + FoldedAt(source, roles_.facets);
  const bool head = head_ == nullptr || Says(named, *head_);
  if (!intent_.facets.empty()) return head;
  const auto count = [&asked](std::string_view text) {
    return static_cast<size_t>(std::count_if(asked.begin(), asked.end(),
                                             [&](const language::IntentTerm* t) { return Says(text, *t); }));
  };
  if (head && 2 * count(named) >= asked.size()) return true;
  // Words in descriptions count only if, together with them, the record contains every word of the question.
  return count(named + FoldedAt(source, roles_.texts)) == asked.size();
}

std::vector<std::string> IntentMatcher::MatchedWords(const Json& source) const {
  const std::string named = FoldedAt(source, roles_.titles) + FoldedAt(source, roles_.facets);
  std::vector<std::string> out;
  for (const language::IntentTerm& term : intent_.terms) {
    if (Says(named, term) && std::find(out.begin(), out.end(), term.surface) == out.end())
      out.push_back(term.surface);
  }
  return out;
}

double SeasonFactor(const Json& source, const FieldRoles& roles, std::string_view season,
                    double other_season_factor) {
  if (season.empty()) return 1;
  bool other = false;
  for (const std::string& field : roles.facets) {
    for (const std::string& text : TextsAt(source, field)) {
      const std::string named = language::ParseSeason(analysis::Fold(text));
      if (named == season) return 1;
      other = other || !named.empty();
    }
  }
  return other ? other_season_factor : 1;
}

}  // namespace trine::formation
