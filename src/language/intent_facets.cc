// Finds the facet values that a question names.
//
// In Korean and English compounds the last noun is the head and the words before it describe it: a "무선
// 이어폰 케이스" is a case. In English, the words after "for" or "with" describe the head too. So phrases are
// read from the head outwards. A value that contradicts one found earlier only describes the head and is
// dropped, unless "and" joins the two.
#include <algorithm>

#include "analysis/analyzer.h"
#include "base/check.h"
#include "language/intent_rules.h"

namespace trine::language {
namespace {

constexpr size_t kMaxPhraseWords = 3;
constexpr size_t kMaxFacetValues = 50;  // per field; bounds the query that is built from them

using Values = std::vector<Vocabulary::Value>;

std::string Joined(const std::vector<QuestionWord>& words, size_t first, size_t last) {
  std::string out;
  for (size_t i = first; i < last; ++i) out += (out.empty() ? "" : " ") + words[i].text;
  return out;
}

void Add(const Values& more, Values* values) {
  for (const auto& value : more) {
    const bool there = std::any_of(values->begin(), values->end(), [&](const auto& v) {
      return v.field == value.field && v.value == value.value;
    });
    if (!there) values->push_back(value);
  }
}

// The values for the named gender and, if the catalogue has a gender field, the unisex values of that field.
Values GenderValues(const Vocabulary& vocabulary, const GenderWords& gender) {
  Values values, others;
  for (const std::string& word : gender.words) Add(vocabulary.FindValues(word), &values);
  // A field for the gender may hold single letters, which mean something else in other fields (a size M).
  const bool women = std::find(gender.words.begin(), gender.words.end(), "female") != gender.words.end();
  Values letters = vocabulary.FindValues(women ? "f" : "m");
  if (women) Add(vocabulary.FindValues("w"), &letters);
  std::erase_if(letters, [](const auto& v) { return !IsGenderField(analysis::Fold(v.field)); });
  Add(letters, &values);
  for (const std::string& word : gender.other_gender) Add(vocabulary.FindValues(word), &others);
  const auto has_gender_field = [](const Values& found) {
    return std::any_of(found.begin(), found.end(),
                       [](const auto& v) { return IsGenderField(analysis::Fold(v.field)); });
  };
  if (!has_gender_field(values) && !has_gender_field(others)) return values;
  for (const std::string& word : gender.unisex) {
    Values both = vocabulary.FindValues(word);
    std::erase_if(both, [](const auto& v) { return !IsGenderField(analysis::Fold(v.field)); });
    Add(both, &values);
  }
  return values;
}

// The values that words [first, last) name.
Values ValuesOf(const Vocabulary& vocabulary, const std::vector<QuestionWord>& words, size_t first,
                size_t last) {
  Values values = vocabulary.FindValues(Joined(words, first, last));
  TRINE_DCHECK_LT(first, last);
  TRINE_DCHECK_LE(last, words.size());
  const QuestionWord& word = words[last - 1];
  if (last - first == 1) {
    if (const auto gender = FindGender(word.text)) return GenderValues(vocabulary, *gender);
    for (const std::string& name : word.lookup_forms) {
      if (values.empty()) values = vocabulary.FindValues(name);
    }
  }
  // A colour is looked up by all of its names, since the catalogue may have values in both languages. Goods
  // are looked up by other names only if their own name is unknown.
  const bool colour = last - first == 1 && !ColourSynonyms(word.text).empty();
  if (!values.empty() && !colour) return values;
  const std::string before = Joined(words, first, last - 1);
  for (const std::string& other : word.synonyms)
    Add(vocabulary.FindValues(before.empty() ? other : before + " " + other), &values);
  return values;
}

// The common prefix of fields that hold one attribute at several levels or in several languages: "category"
// for "category_l1" and "category_en".
std::string FamilyOf(std::string_view field) {
  return std::string(field.substr(0, field.find_first_of("_.0123456789")));
}

std::vector<std::string>* Find(FacetValues* facets, const std::string& field) {
  const auto it =
      std::find_if(facets->begin(), facets->end(), [&](const auto& f) { return f.first == field; });
  return it == facets->end() ? nullptr : &it->second;
}

bool Among(const std::vector<std::string>& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

FacetValues ByField(const Values& values) {
  FacetValues out;
  for (const auto& value : values) {
    auto* there = Find(&out, value.field);
    if (there == nullptr) there = &out.insert(out.end(), {value.field, {}})->second;
    if (there->size() < kMaxFacetValues) there->push_back(value.value);
  }
  return out;
}

// Merges a phrase's values, `named`, into `facets`. For a field in both, the values are intersected, or
// united if `joined`. If the intersection would be empty, all fields in this field's family are skipped.
// Returns whether any field was merged.
bool MergeFacets(const FacetValues& named, bool joined, FacetValues* facets) {
  std::vector<std::string> refused;  // families that contradict the facets found so far
  for (const auto& [field, values] : named) {
    const auto* there = Find(facets, field);
    if (joined || there == nullptr) continue;
    const bool meets =
        std::any_of(values.begin(), values.end(), [&](const std::string& v) { return Among(*there, v); });
    if (!meets) refused.push_back(FamilyOf(field));
  }
  bool merged = false;
  for (const auto& [field, values] : named) {
    if (Among(refused, FamilyOf(field))) continue;
    merged = true;
    auto* there = Find(facets, field);
    if (there == nullptr) {
      facets->emplace_back(field, values);
    } else if (joined) {
      for (const std::string& value : values) {
        if (there->size() < kMaxFacetValues && !Among(*there, value)) there->push_back(value);
      }
    } else {
      std::erase_if(*there, [&values = values](const std::string& v) { return !Among(values, v); });
    }
  }
  return merged;
}

}  // namespace

void KeepOneGender(const Vocabulary& vocabulary, std::vector<Vocabulary::Value>* values) {
  const auto gender = FindGender("men");
  TRINE_CHECK(gender.has_value());
  Values unisex;
  for (const std::string& word : gender->unisex) Add(vocabulary.FindValues(word), &unisex);
  std::erase_if(*values, [&](const auto& value) {
    return std::any_of(unisex.begin(), unisex.end(), [&](const auto& both) {
      return both.field == value.field && both.value == value.value;
    });
  });
}

std::optional<Phrase> FindPhrase(const Vocabulary& vocabulary, const std::vector<QuestionWord>& words,
                                 size_t first, size_t last, bool at_end) {
  TRINE_DCHECK_LE(first, last);
  TRINE_DCHECK_LE(last, words.size());
  for (size_t length = std::min(kMaxPhraseWords, last - first); length > 0; --length) {
    const size_t begin = at_end ? last - length : first;
    Values values = ValuesOf(vocabulary, words, begin, begin + length);
    if (!values.empty()) return Phrase{begin, begin + length, std::move(values)};
  }
  return std::nullopt;
}

void FindFacets(const Vocabulary& vocabulary, std::vector<QuestionWord>* words, FacetValues* facets) {
  // Longest phrases first; among phrases of equal length the last one first, since the head is at the end.
  std::vector<bool> used(words->size(), false);
  std::vector<Phrase> phrases;
  for (size_t length = std::min(kMaxPhraseWords, words->size()); length > 0; --length) {
    for (size_t start = words->size() - length + 1; start-- > 0;) {
      const auto begin = used.begin() + static_cast<ptrdiff_t>(start);
      const auto end = begin + static_cast<ptrdiff_t>(length);
      if (std::find(begin, end, true) != end) continue;
      if ((*words)[start].segment != (*words)[start + length - 1].segment) continue;
      Values values = ValuesOf(vocabulary, *words, start, start + length);
      if (values.empty()) continue;
      phrases.push_back({start, start + length, std::move(values)});
      std::fill(begin, end, true);
    }
  }
  std::sort(phrases.begin(), phrases.end(), [&](const Phrase& a, const Phrase& b) {
    const size_t x = (*words)[a.first].segment, y = (*words)[b.first].segment;
    return x != y ? x < y : a.first > b.first;
  });
  for (const Phrase& phrase : phrases) {
    if (!MergeFacets(ByField(phrase.values), (*words)[phrase.last - 1].joined_to_next, facets)) continue;
    for (size_t i = phrase.first; i < phrase.last; ++i) (*words)[i].covered_by_facet = true;
  }
}

}  // namespace trine::language
