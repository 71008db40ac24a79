#include "formation/visible_fields.h"

#include <gtest/gtest.h>

namespace trine::formation {
namespace {

using format::Json;

TEST(VisiblePart, KeepsOnlyTheNamedFieldsOfTheMapping) {
  auto collection = std::make_shared<catalogue::Collection>();
  collection->name = "products";
  for (const char* name : {"title", "margin"}) {
    catalogue::Field field;
    field.name = name;
    collection->mapping.properties.push_back(field);
  }
  const auto part = VisiblePart(collection, {"title"});
  EXPECT_EQ(part->name, "products");
  EXPECT_NE(part->mapping.Find("title"), nullptr);
  EXPECT_EQ(part->mapping.Find("margin"), nullptr);
  EXPECT_EQ(VisiblePart(collection, {}), collection) << "no limit";
}

TEST(HideFields, RemovesTheOtherMembers) {
  Json source = format::ParseJson(R"({"title":"의자","margin":"highmargin"})").value();
  HideFields({}, &source);
  EXPECT_NE(source.Find("margin"), nullptr);
  HideFields({"title"}, &source);
  EXPECT_EQ(source.Find("margin"), nullptr);
  EXPECT_NE(source.Find("title"), nullptr);
}

TEST(HasValue, FindsValuesAndLevelsOfPaths) {
  const Json source =
      format::ParseJson(R"({"c":"패션 > 여성","tags":["a","b"],"n":5,"o":{"x":"y"}})").value();
  for (const char* value : {"여성", "패션", "패션 > 여성", "b", "5"})
    EXPECT_TRUE(HasValue(source, value)) << value;
  for (const char* value : {"성", "y", ""}) EXPECT_FALSE(HasValue(source, value)) << value;
}

}  // namespace
}  // namespace trine::formation
