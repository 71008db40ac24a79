#include "api/opensearch/errors/search_error_text.h"

#include <gtest/gtest.h>

namespace trine::api::opensearch {
namespace {

// The message is not used: only the code, the members and the details matter.
Error Of(ErrorCode code) { return {code, "our own message"}; }

TEST(SearchErrorText, MatchesOpenSearch) {
  using enum ErrorCode;
  EXPECT_EQ(SearchErrorText(Of(kResultWindow).Got("110").Detail("maximum", "100")),
            "Result window is too large, from + size must be less than or equal to: [100] but was [110]");
  EXPECT_EQ(SearchErrorText(Of(kDateSyntax).Got("x").Detail("format", "epoch_millis")),
            "failed to parse date field [x] with format [epoch_millis]");
  EXPECT_EQ(SearchErrorText(Of(kUnmappedSortField).Where("f")),
            "No mapping found for [f] in order to sort on");
  EXPECT_EQ(SearchErrorText(Of(kVectorDimension).Expected("2").Got("3")),
            "Query vector has invalid dimension: 3. Dimension should be: 2");
  EXPECT_EQ(SearchErrorText(Of(kHybridQuery).Detail("position", "below_top")),
            "hybrid query must be a top level query and cannot be wrapped into other queries");
  EXPECT_EQ(SearchErrorText(Of(kSearchAfter).Got("1").Detail("sort_keys", "2")),
            "search_after has 1 value(s) but sort has 2.");
  EXPECT_EQ(SearchErrorText(Of(kInvalidQuery).Got("-1.0").Detail("field_value", "2.0")),
            "field value function must not produce negative scores, but got: [-1.0] for field value: [2.0]");
  EXPECT_EQ(SearchErrorText(Of(kFusion).Got("3").Where("weights").Detail("sub_queries", "2")),
            "number of weights [3] must match number of sub-queries [2] in hybrid query");
}

TEST(SearchErrorText, NamesExpectedAndReceivedValuesOnce) {
  EXPECT_EQ(
      SearchErrorText(
          Of(ErrorCode::kFieldType).Expected("a number").Got("\"x\"").Where("p").Detail("type", "long")),
      "field [p] of type [long] cannot be searched this way, expected a number, got \"x\"");
  EXPECT_EQ(SearchErrorText(
                Of(ErrorCode::kFieldType).Expected("terms").Got("term").Where("p").Detail("type", "long")),
            "field [p] of type [long] cannot be searched this way, expected terms");
}

TEST(SearchErrorText, ReportsInvalidDatesAmongSortValues) {
  EXPECT_EQ(
      SearchErrorText(
          Of(ErrorCode::kSearchAfter).Cause(Of(ErrorCode::kDateSyntax).Got("x").Detail("format", "date"))),
      "failed to parse date field [x] with format [date]");
}

TEST(SearchErrorText, KeepsTheMessageOfOtherErrors) {
  EXPECT_EQ(SearchErrorText(Of(ErrorCode::kInvalidQuery)), std::nullopt);
  EXPECT_EQ(SearchErrorText(Of(ErrorCode::kUnsortableField).Where("v")), std::nullopt);
  EXPECT_EQ(SearchErrorText(Of(ErrorCode::kDocumentMissing)), std::nullopt);
}

}  // namespace
}  // namespace trine::api::opensearch
