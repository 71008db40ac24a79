#include "operations/mapping/field_sink.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace trine::operations {
namespace {

using catalogue::Field;
using catalogue::FieldType;
using format::Json;

// A collection with one field, planned; and the sink of one document.
class FieldSinkTest : public testing::Test {
 protected:
  void Plan(FieldType type) {
    Field field;
    field.name = "f";
    field.type = type;
    collection_.mapping.properties = {field};
    analyzers_ = analysis::NewAnalyzers({}).value();
    root_ = Planner(collection_, *analyzers_).PlanRoot().value();
  }
  const PlannedField& leaf() const { return *root_->Child("f"); }

  // Adds `count` values to a new document. Returns the number of comparisons.
  size_t Add(size_t count, const std::function<Json(size_t)>& value) {
    document_ = {};
    FieldSink sink(&document_);
    for (size_t i = 0; i < count; ++i) EXPECT_TRUE(sink.Add(leaf(), value(i)).ok());
    return sink.comparisons();
  }
  const index::FieldContent& content() const { return document_.fields.at(0); }

  catalogue::Collection collection_;
  std::unique_ptr<analysis::Analyzers> analyzers_;
  std::unique_ptr<PlannedField> root_;
  index::IndexDocument document_;
};

TEST_F(FieldSinkTest, TheWorkGrowsLinearlyWithTheValuesOfAField) {
  const auto text = [](size_t i) { return Json("value" + std::to_string(i)); };
  const auto same = [](size_t) { return Json("value"); };
  const auto empty = [](size_t) { return Json("-"); };
  for (const FieldType type : {FieldType::kKeyword, FieldType::kText}) {
    Plan(type);
    for (const std::function<Json(size_t)>& value :
         {std::function<Json(size_t)>(text), std::function<Json(size_t)>(same),
          std::function<Json(size_t)>(empty)}) {
      const size_t little = Add(3000, value), much = Add(12'000, value);
      EXPECT_LE(much, 4 * little + FieldSink::kScannedTerms * FieldSink::kScannedTerms) << Name(type);
      EXPECT_LE(much, 12'000u * FieldSink::kScannedTerms) << Name(type);
    }
  }
  for (const FieldType type : {FieldType::kDouble, FieldType::kDate}) {
    Plan(type);
    EXPECT_EQ(Add(1000, [](size_t i) { return Json(static_cast<int64_t>(i)); }), 0u) << Name(type);
  }
}

// A vector that grows to exactly the next size moves all its elements for each value.
TEST_F(FieldSinkTest, TermsOfManyTextsGrowInLargeSteps) {
  Plan(FieldType::kText);
  Add(5000, [](size_t i) { return Json("value" + std::to_string(i)); });
  ASSERT_EQ(content().occurrences.size(), 5000u);
  EXPECT_GT(content().occurrences.capacity(), 5000u);
}

TEST_F(FieldSinkTest, KeepsEachTermOfALongKeywordListOnce) {
  Plan(FieldType::kKeyword);
  Add(300, [](size_t i) { return Json("v" + std::to_string(i % 100)); });
  ASSERT_EQ(content().occurrences.size(), 100u);
  EXPECT_EQ(content().length, 100u);
  EXPECT_EQ(content().keywords.size(), 300u);
  for (size_t i = 0; i < 100; ++i) EXPECT_EQ(content().occurrences[i].term, "v" + std::to_string(i));
}

TEST_F(FieldSinkTest, MarksATextFieldWithoutTokensOnce) {
  Plan(FieldType::kText);
  Add(50, [](size_t) { return Json("-"); });
  ASSERT_EQ(document_.fields.size(), 2u);
  ASSERT_EQ(document_.fields[1].occurrences.size(), 1u);
  EXPECT_EQ(document_.fields[1].occurrences[0].term, "f");
  EXPECT_EQ(document_.fields[1].length, 1u);
}

}  // namespace
}  // namespace trine::operations
