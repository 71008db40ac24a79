#include "api/personalize/properties.h"

#include <gtest/gtest.h>

namespace trine::api::personalize {
namespace {

using format::Json;

history::Schema Items() {
  return *history::ParseSchema(R"({"type":"record","name":"Items","fields":[
    {"name":"ITEM_ID","type":"string"},{"name":"CATEGORY_L1","type":"string","categorical":true},
    {"name":"PRICE","type":["null","float"]},{"name":"STOCK","type":"int"},{"name":"is_new","type":"boolean"}]})");
}

std::string Columns(const char* json, const history::Schema* schema) {
  const auto columns = ToColumns(*format::ParseJson(json), schema);
  if (!columns.ok()) return columns.error().ToString();
  std::string text;
  for (const auto& [name, value] : *columns)
    text += (text.empty() ? "" : " ") + name + "=" + format::ToString(value);
  return text;
}

TEST(Properties, ConvertsCamelCaseToColumnNames) {
  EXPECT_EQ(ColumnName("eventValue"), "EVENT_VALUE");
  EXPECT_EQ(ColumnName("categoryL1"), "CATEGORY_L1");
  EXPECT_EQ(ColumnName("CATEGORY_L1"), "CATEGORY_L1");
  EXPECT_EQ(ColumnName("parity"), "PARITY");
  EXPECT_EQ(ColumnName("l2Name"), "L2_NAME");
  EXPECT_EQ(ColumnName(""), "");
}

TEST(Properties, ConvertsValuesToColumnTypes) {
  const history::Schema schema = Items();
  EXPECT_EQ(
      Columns(R"({"categoryL1":["a","b"],"price":"12.5","stock":3.0,"isNew":true,"unknown":1,"PRICE":null})",
              &schema),
      R"(CATEGORY_L1="a|b" PRICE=12.5 STOCK=3 IS_NEW=true)");
  EXPECT_NE(Columns(R"({"stock":"many"})", &schema).find("stock"), std::string::npos);
  EXPECT_NE(Columns(R"({"price":{"krw":1}})", &schema).find("scalar"), std::string::npos);
}

TEST(Properties, TellsWhatIsDropped) {
  const history::Schema schema = Items();
  const auto dropped = [&](const char* json) {
    std::string text = "before";
    EXPECT_TRUE(ToColumns(*format::ParseJson(json), &schema, &text).ok());
    return text;
  };
  EXPECT_EQ(dropped(R"({"stock":1})"), "");
  EXPECT_EQ(dropped(R"({"b":{"c":1},"a":null,"stock":1,"x":"1"})"), R"("b":{"c":1},"x":"1",)");
  EXPECT_EQ(dropped(R"({"x":"1","b":{"c":1}})"), dropped(R"({"b":{"c":1},"x":"1"})"));
  EXPECT_NE(dropped(R"({"x":"1"})"), dropped(R"({"x":1})"));
}

TEST(Properties, KeepsEveryPropertyWithoutSchema) {
  EXPECT_EQ(Columns(R"({"brandName":"네이처","size":[1,2],"n":null})", nullptr),
            R"(BRAND_NAME="네이처" SIZE="1|2")");
}

TEST(Properties, AcceptsStringOrObject) {
  EXPECT_EQ(ReadProperties(nullptr, 10)->object().size(), 0u);
  const Json text(R"({"a":1})");
  EXPECT_EQ(ReadProperties(&text, 100)->Find("a")->integer(), 1);
  EXPECT_FALSE(ReadProperties(&text, 3).ok());
  const Json object(Json::Object{{"a", 1}});
  EXPECT_TRUE(ReadProperties(&object, 7).ok());
  EXPECT_FALSE(ReadProperties(&object, 6).ok());
  for (const Json& bad : {Json("not json"), Json("[1]"), Json(5), Json(Json::Array{})})
    EXPECT_FALSE(ReadProperties(&bad, 100).ok()) << format::ToString(bad);
}

}  // namespace
}  // namespace trine::api::personalize
