#include "api/personalize/filter_parser.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace trine::api::personalize {
namespace {

using recommend::Condition;
using recommend::Filter;

// Prints the filter as one line, so that the expectations read as a table.
std::string Text(const Condition& c) {
  static constexpr const char* kSubjects[] = {"item", "user", "current", "event"};
  static constexpr const char* kOps[] = {"in", "not-in", "=", "!=", "<", "<=", ">", ">="};
  std::string text = std::string(kSubjects[static_cast<int>(c.subject)]) + "." + c.attribute + " " +
                     kOps[static_cast<int>(c.op)];
  for (const auto& value : c.values) text += " " + format::ToString(value);
  for (const auto& name : c.parameters) text += " $" + name;
  if (!c.other_attribute.empty())
    text += std::string(" ") + kSubjects[static_cast<int>(c.other_subject)] + "." + c.other_attribute;
  return text;
}
std::string Text(const std::vector<Condition>& all) {
  std::string text;
  for (const Condition& c : all) text += (text.empty() ? "" : " & ") + Text(c);
  return text;
}
std::string Text(const Filter& filter) {
  std::string text;
  for (const auto& clause : filter.clauses) {
    text += (text.empty() ? "" : " | ") + std::string(clause.include ? "+" : "-");
    std::string any;
    for (const auto& all : clause.any_of) any += (any.empty() ? "" : " or ") + Text(all);
    text += any;
    if (!clause.only_if.empty()) text += " if " + Text(clause.only_if);
  }
  return text;
}

struct ValidCase {
  const char* expression;
  const char* tree;
};
class ValidFilterTest : public testing::TestWithParam<ValidCase> {};
TEST_P(ValidFilterTest, ParsesToTree) {
  const auto filter = ParseFilter(GetParam().expression);
  ASSERT_TRUE(filter.ok()) << filter.error().ToString();
  EXPECT_EQ(Text(*filter), GetParam().tree);
}
INSTANTIATE_TEST_SUITE_P(
    Table, ValidFilterTest,
    testing::Values(
        ValidCase{R"(INCLUDE ItemID WHERE Items.GENRE IN ("Comedy"))", R"(+item.GENRE in "Comedy")"},
        ValidCase{R"(exclude itemid where ITEMS.genre not in ('a b', "c\"d"))",
                  R"(-item.GENRE not-in "a b" "c\"d")"},
        ValidCase{R"(EXCLUDE ItemID WHERE Interactions.event_type IN ("Purchase", "*"))",
                  R"(-event.EVENT_TYPE in "Purchase" "*")"},
        ValidCase{"INCLUDE ItemID WHERE Items.PRICE < 10.5 AND Items.PRICE>=-3 OR Items.NEW = true",
                  "+item.PRICE < 10.5 & item.PRICE >= -3 or item.NEW = true"},
        ValidCase{"INCLUDE ItemID WHERE Items.CATEGORY_L1 IN ($A, \"x\", $B_2)",
                  R"(+item.CATEGORY_L1 in "x" $A $B_2)"},
        ValidCase{
            "INCLUDE ItemID WHERE Items.N != $MAX IF CurrentUser.AGE > 18 AND CurrentUser.GENDER = \"F\"",
            "+item.N != $MAX if user.AGE > 18 & user.GENDER = \"F\""},
        ValidCase{"EXCLUDE ItemID WHERE Items.GENRE = CurrentItem.GENRE", "-item.GENRE = current.GENRE"},
        ValidCase{"INCLUDE ItemID WHERE Items.SIZE IN (CurrentUser.SIZE)", "+item.SIZE in user.SIZE"},
        ValidCase{
            "INCLUDE ItemID WHERE Items.A IN (\"가을\") | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN "
            "(\"View\")",
            "+item.A in \"가을\" | -event.EVENT_TYPE in \"View\""}));

struct InvalidCase {
  const char* expression;
  const char* message;
};
class InvalidFilterTest : public testing::TestWithParam<InvalidCase> {};
TEST_P(InvalidFilterTest, ReportsPosition) {
  const auto filter = ParseFilter(GetParam().expression);
  ASSERT_FALSE(filter.ok());
  EXPECT_TRUE(filter.error().code == ErrorCode::kFilterSyntax ||
              filter.error().code == ErrorCode::kUnsupported)
      << filter.error().ToString();
  EXPECT_NE(filter.error().ToString().find(GetParam().message), std::string::npos)
      << filter.error().ToString();
}
INSTANTIATE_TEST_SUITE_P(
    Table, InvalidFilterTest,
    testing::Values(
        InvalidCase{"", "expected INCLUDE or EXCLUDE, got the end, at byte 1"},
        InvalidCase{"INCLUDE", "expected ItemID, got the end"},
        InvalidCase{"DELETE ItemID WHERE Items.N > 1", "got 'DELETE'"},
        InvalidCase{"INCLUDE ItemID Items.N > 1", "expected WHERE, got 'Items'"},
        InvalidCase{"INCLUDE ItemID WHERE",
                    "expected Items, Interactions, CurrentUser or CurrentItem, got the end"},
        InvalidCase{"INCLUDE ItemID WHERE Things.N > 1", "got 'Things'"},
        InvalidCase{"INCLUDE ItemID WHERE Items N > 1", "expected '.' and a field"},
        InvalidCase{"INCLUDE ItemID WHERE Items.N ~ 1", "got '~', at byte 30"},
        InvalidCase{"INCLUDE ItemID WHERE Items.N NOT > 1", "expected IN, got '>'"},
        InvalidCase{"INCLUDE ItemID WHERE Items.N IN ()", "expected a value"},
        InvalidCase{"INCLUDE ItemID WHERE Items.N IN (\"a\"", "expected ',' or ')', got the end"},
        InvalidCase{"INCLUDE ItemID WHERE Items.N IN (\"a", "a quoted value is not terminated"},
        InvalidCase{"INCLUDE ItemID WHERE Items.N = word", "expected a value"},
        InvalidCase{"INCLUDE ItemID WHERE Items.N = 1.2.3", "expected a number"},
        InvalidCase{"INCLUDE ItemID WHERE Items.N = $", "expected the name of a parameter"},
        InvalidCase{"INCLUDE ItemID WHERE Items.N = 1 2", "expected AND, OR, IF, '|' or the end, got '2'"},
        InvalidCase{"INCLUDE ItemID WHERE Items.N = 1 |", "expected INCLUDE or EXCLUDE"},
        InvalidCase{"INCLUDE ItemID WHERE (Items.N = 1)", "cannot be grouped with parentheses"},
        InvalidCase{"INCLUDE ItemID WHERE Items.N = 1 IF Items.N = 1",
                    "IF accepts only conditions on CurrentUser"},
        InvalidCase{"INCLUDE ItemID WHERE Interactions.EVENT_VALUE > 3",
                    "can only be compared with IN, NOT IN, = or !="},
        InvalidCase{"INCLUDE ItemID WHERE Items.N IN (CurrentUser.A, \"b\")",
                    "a field must be the only value of its list"},
        InvalidCase{"INCLUDE UserID WHERE Users.N = 1", "Filters of UserID are not supported yet"}));

// Every string is parsed or rejected as a filter. Strings of grammar tokens make deep parses likely.
RC_GTEST_PROP(ParseFilter, ParsesOrRejectsAnyTokenSequence, ()) {
  static const std::vector<std::string> kPieces = {
      "INCLUDE", "EXCLUDE", "ItemID", "WHERE", "Items", ".",    "GENRE",       "IN",
      "NOT",     "(",       ")",      ",",     "\"a\"", "'",    "\"",          "$P",
      "$",       "AND",     "OR",     "IF",    "|",     "=",    "!=",          "<",
      "-1",      "1e999",   "\\",     " ",     "가",    "\xFF", "CurrentUser", "Interactions"};
  const auto picks = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kPieces));
  std::string text = *rc::gen::element<std::string>("", "INCLUDE ItemID WHERE Items.X IN (");
  for (const auto& piece : picks) text += piece + (*rc::gen::arbitrary<bool>() ? " " : "");
  const auto filter = ParseFilter(text);
  const bool good = filter.ok() ? !filter->clauses.empty()
                                : filter.error().code == ErrorCode::kFilterSyntax ||
                                      filter.error().code == ErrorCode::kUnsupported;
  RC_ASSERT(good);
}

RC_GTEST_PROP(ParseFilterValue, QuotedValuesRoundTrip, (const std::vector<std::string>& values)) {
  RC_PRE(!values.empty());
  std::string text;
  for (const std::string& value : values) {
    text += text.empty() ? "\"" : ", \"";
    for (const char c : value) text += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    text += '"';
  }
  RC_ASSERT(*ParseFilterValue(text) == values);
}

TEST(ParseFilterValue, SplitsAtCommasOutsideQuotes) {
  EXPECT_EQ(*ParseFilterValue(R"("Comedy","Dra,ma")"), (std::vector<std::string>{"Comedy", "Dra,ma"}));
  EXPECT_EQ(*ParseFilterValue("20"), (std::vector<std::string>{"20"}));
  EXPECT_EQ(*ParseFilterValue(" 1 , two words "), (std::vector<std::string>{"1", "two words"}));
  for (const char* bad : {"", "\"a", "a,", "\"a\" b", ","}) {
    EXPECT_FALSE(ParseFilterValue(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace trine::api::personalize
