#include "language/refusal_marks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "analysis/analyzer.h"
#include "language/plain_text.h"

namespace trine::language {
namespace {

TEST(Marks, AreFoldedDistinctAndComplete) {
  std::set<std::string_view> seen;
  for (const Mark& mark : Marks()) {
    EXPECT_TRUE(seen.insert(mark.words).second) << mark.words;
    EXPECT_EQ(analysis::Fold(mark.words), mark.words);
    EXPECT_NE(mark.scopes, 0u) << mark.words;
    const auto like = MarksBeginningLike(mark.words);
    EXPECT_NE(std::find(like.begin(), like.end(), &mark), like.end()) << mark.words;
    const bool latin = static_cast<unsigned char>(mark.words.front()) < 0x80;
    EXPECT_EQ(latin, mark.language == MarkLanguage::kEnglish) << mark.words;
    if (latin)
      EXPECT_TRUE(mark.form != MarkForm::kStem && mark.form != MarkForm::kJoined) << mark.words;
    else
      EXPECT_NE(mark.side, MarkSide::kBefore) << mark.words;
  }
}

// A naive reading of the table: every mark is found beside what it binds, with the scope that its row says.
TEST(Marks, AreFoundByTheReadersOfTheirScopesOnly) {
  for (const Mark& mark : Marks()) {
    if (mark.sense != MarkSense::kRefuses) continue;
    // They are marks only together with the words around them.
    if (mark.form == MarkForm::kExceptive || mark.form == MarkForm::kBetween) continue;
    const std::string words(mark.words), behind = "x " + words, before = words + " x";
    for (const MarkScopes scope : {kNoun, kNumber, kBound, kName}) {
      const auto found =
          mark.side == MarkSide::kBefore ? MarkBefore(before, words.size(), scope) : MarkAt(behind, 2, scope);
      const bool itself = found && found->mark->words == mark.words;
      EXPECT_EQ(itself, mark.Binds(scope)) << words << " " << scope;
      if (!itself) continue;
      EXPECT_EQ(found->end - found->begin, words.size()) << words;
    }
  }
}

TEST(MarkAt, TakesTheLongestRowAndWholeWords) {
  EXPECT_EQ(MarkAt("x 빼주세요", 2, kNoun)->end, std::string_view("x 빼주세요").size()) << "with the ending";
  EXPECT_FALSE(MarkAt("x 빼곡한", 2, kNoun));
  EXPECT_FALSE(MarkAt("x 뺀질이", 2, kNoun));
  EXPECT_FALSE(MarkAt("x excludedness", 2, kNoun));
  EXPECT_FALSE(MarkAt("x is outstanding", 2, kBound));
  EXPECT_FALSE(MarkAt("x", 1, kNoun));
  EXPECT_EQ(MarkBefore("no more", 7, kNoun)->mark->words, "no more");
  EXPECT_FALSE(MarkBefore("knot", 4, kNoun)) << "a part of a word";
  EXPECT_FALSE(MarkBefore("not only", 8, kNoun)) << "unclear";
  EXPECT_FALSE(MarkBefore("", 0, kNoun));
}

TEST(NegatedVerbOf, TellsVerbsThatRefuse) {
  EXPECT_EQ(NegatedVerbOf("want"), NegatedVerb::kRefuses);
  EXPECT_EQ(NegatedVerbOf("know"), NegatedVerb::kNothing);
  EXPECT_EQ(NegatedVerbOf("leak"), NegatedVerb::kOther);
  EXPECT_TRUE(NegatesObject("want"));
  EXPECT_FALSE(NegatesObject("have"));
}

}  // namespace
}  // namespace trine::language
