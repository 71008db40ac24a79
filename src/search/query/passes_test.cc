#include "search/query/passes.h"

#include <gtest/gtest.h>

namespace trine::search {
namespace {

ClausePtr T(const std::string& term, float boost = 1) { return MakeClause(TermClause{"f", {term}}, boost); }
ClausePtr C(BooleanClause c, float boost = 1) { return MakeClause(std::move(c), boost); }
BooleanClause Should(std::vector<ClausePtr> clauses, int at_least = 0) {
  return {{}, {}, std::move(clauses), {}, at_least};
}
BooleanClause Must(std::vector<ClausePtr> clauses) { return {std::move(clauses), {}, {}, {}, 0}; }

std::string Rewritten(const ClausePtr& clause, bool scoring = true) {
  return ToText(*Rewrite(clause, scoring, nullptr));
}

TEST(PassesTest, FlattensUnboostedDisjunctions) {
  const ClausePtr inner = C(Should({T("a"), T("b")}));
  EXPECT_EQ(Rewritten(C(Should({inner, T("c")}))), R"((f:"a" f:"b" f:"c"))");
  EXPECT_EQ(Rewritten(C(Should({Boosted(inner, 2), T("c")}))), R"(((f:"a" f:"b")^2 f:"c"))")
      << "a boosted sum is rounded before it is added";
}

TEST(PassesTest, MergesDuplicatesBySummingBoosts) {
  EXPECT_EQ(Rewritten(C(Should({T("a"), T("b"), T("a")}))), R"((f:"a"^2 f:"b"))");
  EXPECT_EQ(Rewritten(C(Should({T("a", 2), T("a", 3)}))), R"(f:"a"^5)");
  EXPECT_EQ(Rewritten(C(Should({T("a"), T("a"), T("b")}, 2))), R"((f:"a" f:"a" f:"b")~2)")
      << "with a minimum, duplicates count separately";
}

TEST(PassesTest, UnwrapsSingleClauses) {
  EXPECT_EQ(Rewritten(C(Should({T("a", 2)}), 3)), R"(f:"a"^6)");
  EXPECT_EQ(Rewritten(C({{}, {T("a")}, {}, {}, 0})), R"(constant(f:"a")^0)");
  EXPECT_EQ(Rewritten(C({{}, {}, {}, {T("a")}, 0})), "none(there is no must, filter or should clause)");
}

TEST(PassesTest, DropsClausesThatMatchNothing) {
  const ClausePtr none = MakeClause(NoRows{"x"});
  EXPECT_EQ(Rewritten(C(Should({none, T("a")}))), R"(f:"a")");
  EXPECT_EQ(Rewritten(C(Must({none, T("a")}))), "none(a required clause matches nothing)");
  EXPECT_EQ(Rewritten(C({{T("a")}, {}, {}, {T("a")}, 0})), "none(a required clause is excluded)");
}

TEST(PassesTest, ShouldClausesBecomeMustIfAllHaveToMatch) {
  EXPECT_EQ(Rewritten(C(Should({T("a"), T("b")}, 2))), R"((+f:"a" +f:"b"))");
  EXPECT_EQ(Rewritten(C(Should({T("a"), T("b")}, 3))), "none(too few clauses to match)");
}

TEST(PassesTest, InlinesRequiredBooleans) {
  const ClausePtr inner = C({{T("a")}, {T("b")}, {}, {T("c")}, 0});
  EXPECT_EQ(Rewritten(C(Must({inner, T("d")}))), R"((+f:"a" +f:"d" #f:"b" -f:"c"))");
  EXPECT_EQ(Rewritten(C({{C(Should({T("a"), T("b")}))}, {T("c")}, {}, {}, 0})), R"((#f:"c" f:"a" f:"b")~1)");
}

TEST(PassesTest, DropsRedundantFilters) {
  const ClausePtr all = MakeClause(AllRows{});
  EXPECT_EQ(Rewritten(C({{T("a")}, {all, T("a"), T("b"), T("b")}, {}, {}, 0})), R"((+f:"a" #f:"b"))");
  EXPECT_EQ(Rewritten(C({{all}, {T("b")}, {}, {}, 0})), R"(constant(f:"b"))");
  EXPECT_EQ(Rewritten(C({{}, {T("a")}, {T("a"), T("b")}, {}, 0})), R"((+f:"a" f:"b"))");
}

TEST(PassesTest, UnscoredRewriteRemovesScoringParts) {
  const ClausePtr query = C({{T("a", 2)}, {T("b")}, {T("c")}, {}, 0});
  EXPECT_EQ(Rewritten(query, false), R"((#f:"a" #f:"b"))");
  EXPECT_EQ(Rewritten(MakeClause(ConstantScoreClause{T("a")}, 3), false), R"(f:"a")");
  EXPECT_EQ(Rewritten(MakeClause(DisjunctionMaxClause{{T("a"), T("b", 2)}, 0.5f}), false),
            R"((f:"a" f:"b"))");
}

TEST(PassesTest, DisjunctionMaxWithTieBreakerOneBecomesSum) {
  EXPECT_EQ(Rewritten(MakeClause(DisjunctionMaxClause{{T("a"), T("b")}, 1.0f})), R"((f:"a" f:"b"))");
  EXPECT_EQ(Rewritten(MakeClause(DisjunctionMaxClause{{T("a")}, 0.3f}, 2)), R"(f:"a"^2)");
}

TEST(PassesTest, TraceNamesEachPass) {
  PassTrace trace;
  Rewrite(C(Should({T("a"), T("b"), T("a")})), true, &trace);
  ASSERT_EQ(trace.size(), 1u);
  EXPECT_EQ(trace[0], R"(merge_duplicates: (f:"a" f:"b" f:"a") -> (f:"a"^2 f:"b"))");
}

}  // namespace
}  // namespace trine::search
