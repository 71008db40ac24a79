#include "language/claim_vocabulary.h"

#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "analysis/analyzer.h"
#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "catalogue/role.h"
#include "language/plain_text.h"
#include "language/synonyms.h"
#include "language/word_match.h"

namespace trine::language {
namespace {

using catalogue::Role;

constexpr size_t kMaxValueBytes = 40;  // a longer value is prose
constexpr size_t kMinValueBytes = 3;   // one syllable or three letters
constexpr size_t kMaxValues = 2000;    // of all items; bounds the work of one sentence

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

const std::vector<std::vector<std::string>>& KnownClaims() {
  static const auto* const kClaims = [] {
    auto* claims = new std::vector<std::vector<std::string>>();
#define CLAIM_WORDS(...) claims->push_back({__VA_ARGS__});
#include "language/claim_words.inc"
#undef CLAIM_WORDS
    return claims;
  }();
  return *kClaims;
}

// Whether an attribute of this role has values that a sentence may claim in words.
bool IsClaimed(const std::optional<catalogue::NamedRole>& role) {
  if (!role) return true;
  switch (role->role) {
    case Role::kTitle:
    case Role::kText:
    case Role::kPrice:
    case Role::kCurrency:
    case Role::kWeight:
    case Role::kImage:
    case Role::kUrl:
    case Role::kVisible:
    case Role::kCreated:
    case Role::kSize:
    case Role::kStock:
      return false;
    case Role::kCategory:
    case Role::kBrand:
    case Role::kColour:
      return true;
  }
  return false;
}

// Whether the word at [begin, end) is the predicate: "는 의자입니다", "is a chair".
bool IsPredicate(std::string_view lower, size_t begin, size_t end) {
  static const RE2 kAfter(R"(^(?:입니다|이에요|예요|이고|이며|이라|인데))"),
      kBefore(R"(\b(?:is|are|it's|it’s)(?: an?| the)? (?:[a-z]+ )?$)");
  return RE2::PartialMatch(Piece(lower.substr(end)), kAfter) ||
         RE2::PartialMatch(Piece(lower.substr(0, begin)), kBefore);
}

void AddFound(FoundClaim claim, std::vector<FoundClaim>* found) {
  const bool inside = std::any_of(found->begin(), found->end(), [&](const FoundClaim& other) {
    return claim.begin < other.end && other.begin < claim.end;
  });
  if (!inside) found->push_back(std::move(claim));
}

void FindAll(std::string_view lower, const std::vector<std::string>& words, bool is_category,
             std::vector<FoundClaim>* found) {
  for (size_t i = 0; i < words.size(); ++i) {
    for (auto at = FindWord(lower, words[i], 0); at; at = FindWord(lower, words[i], at->second)) {
      std::vector<std::string> same = words;
      std::swap(same[0], same[i]);
      AddFound({std::move(same), at->first, at->second, is_category}, found);
      if (at->second >= lower.size()) break;
    }
  }
}

}  // namespace

ClaimVocabulary::ClaimVocabulary(const std::vector<AnswerItem>& items) {
  std::set<std::string> seen;
  for (const AnswerItem& item : items) {
    for (const auto& [name, value] : item.attributes) {
      const auto role = catalogue::RoleOfName(name);
      if (!IsClaimed(role)) continue;
      // A value may be a list or the levels of a category.
      std::string_view rest = value;
      while (!rest.empty() && values_.size() < kMaxValues) {
        const size_t cut = std::min(rest.find_first_of(",>/|;"), rest.size());
        const std::string folded = analysis::Fold(Trim(rest.substr(0, cut)));
        rest.remove_prefix(std::min(rest.size(), cut + 1));
        const bool letters = folded.find_first_not_of("0123456789.,-% ") != std::string::npos;
        const bool boolean = folded == "true" || folded == "false" || folded == "yes" || folded == "no";
        const bool digits = folded.find_first_of("0123456789") != std::string::npos;
        if (!letters || boolean || digits || folded.size() < kMinValueBytes || folded.size() > kMaxValueBytes)
          continue;
        if (!seen.insert(folded).second) continue;
        Entry entry{{folded}, role && role->role == Role::kCategory};
        for (const std::string& word : ColourSynonyms(folded)) entry.words.push_back(analysis::Fold(word));
        values_.push_back(std::move(entry));
      }
    }
  }
  std::stable_sort(values_.begin(), values_.end(),
                   [](const Entry& a, const Entry& b) { return a.words[0].size() > b.words[0].size(); });
}

std::vector<FoundClaim> ClaimVocabulary::Find(std::string_view lower) const {
  std::vector<FoundClaim> found;
  for (const Entry& entry : values_) {
    // Only the value itself is searched for; colours have their own search below.
    for (auto at = FindWord(lower, entry.words[0], 0); at; at = FindWord(lower, entry.words[0], at->second)) {
      TRINE_DCHECK_LE(at->second, lower.size());
      if (!entry.is_category || IsPredicate(lower, at->first, at->second))
        AddFound({entry.words, at->first, at->second, entry.is_category}, &found);
    }
  }
  for (const std::vector<std::string>& words : KnownClaims()) FindAll(lower, words, false, &found);
  for (const WrittenWord& word : SplitAtBlanks(lower)) {
    std::string_view text = lower.substr(word.begin, word.end - word.begin);
    std::vector<std::string> colours = ColourSynonyms(text);
    if (colours.empty()) {
      text = text.substr(0, analysis::LengthWithoutParticle(text));
      colours = ColourSynonyms(text);
    }
    if (colours.empty()) continue;
    FoundClaim claim{{std::string(text)}, word.begin, word.begin + text.size(), false};
    for (const std::string& colour : colours) claim.words.push_back(analysis::Fold(colour));
    AddFound(std::move(claim), &found);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  return found;
}

}  // namespace trine::language
