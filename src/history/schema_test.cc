#include "history/schema.h"

#include <gtest/gtest.h>

namespace trine::history {
namespace {

constexpr std::string_view kInteractions = R"({
  "type": "record", "name": "Interactions", "namespace": "com.example.schema",
  "fields": [
    {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_TYPE", "type": "string"},
    {"name": "EVENT_VALUE", "type": ["null", "float"]},
    {"name": "DEVICE", "type": ["string", "null"], "categorical": true}],
  "version": "1.0"})";

TEST(SchemaTest, ParsesAnAvroRecord) {
  const Schema schema = ParseSchema(kInteractions).value();
  EXPECT_EQ(schema.text, kInteractions);
  EXPECT_EQ(schema.record_name, "Interactions");
  ASSERT_EQ(schema.columns.size(), 6u);
  const Column* value = schema.Find("event_value");
  ASSERT_NE(value, nullptr);
  EXPECT_EQ(value->type, ColumnType::kFloat);
  EXPECT_TRUE(value->nullable);
  EXPECT_TRUE(schema.Find("Device")->categorical);
  EXPECT_EQ(schema.Find("NOTHING"), nullptr);
  EXPECT_TRUE(CheckSchema(schema, DatasetType::kInteractions, true).ok());
}

std::string Record(const std::string& fields) {
  return R"({"type": "record", "name": "R", "fields": [)" + fields + "]}";
}

struct Case {
  const char* fields;
  const char* where;
};

TEST(SchemaTest, RejectsAnythingButFlatRecords) {
  for (const std::string text : {"", "[]", "{}", "{\"type\": \"enum\"}", R"({"type": "record", "name": "R"})",
                                 R"({"type": "record", "fields": [{"name": "A", "type": "string"}]})",
                                 R"({"type": "record", "name": "R", "fields": []})"}) {
    const auto result = ParseSchema(text);
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.error().code, ErrorCode::kSchemaSyntax);
  }
  const Case cases[] = {
      {R"({"name": "A"})", "A"},
      {R"({"name": "", "type": "int"})", "fields[0]"},
      {R"({"name": "A", "type": "bytes"})", "A"},
      {R"({"name": "A", "type": ["null"]})", "A"},
      {R"({"name": "A", "type": ["int", "long"]})", "A"},
      {R"({"name": "A", "type": {"type": "map", "values": "int"}})", "A"},
      {R"({"name": "A", "type": "int"}, {"name": "a", "type": "int"})", "a"},
      {R"({"name": "A b", "type": "int"})", "A b"},
      {R"({"name": "A", "type": "int", "categorical": true})", "A"},
      {R"({"name": "A", "type": "string", "categorical": "yes"})", "A"},
      {R"({"name": "A", "type": "string", "categorical": true, "textual": true})", "A"},
  };
  for (const Case& c : cases) {
    const auto result = ParseSchema(Record(c.fields));
    ASSERT_FALSE(result.ok()) << c.fields;
    EXPECT_EQ(result.error().where, c.where) << c.fields;
  }
}

struct Check {
  DatasetType type;
  bool ecommerce;
  const char* fields;
  const char* where;  // empty: accepted
};

TEST(SchemaTest, ChecksDatasetColumns) {
  constexpr auto kI = DatasetType::kInteractions, kT = DatasetType::kItems, kU = DatasetType::kUsers;
  const std::string ids = R"({"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"})";
  const Check checks[] = {
      {kI, false, R"(, {"name": "TIMESTAMP", "type": "long"})", ""},
      {kI, false, "", "TIMESTAMP"},
      {kI, false, R"(, {"name": "TIMESTAMP", "type": "string"})", "TIMESTAMP"},
      {kI, true, R"(, {"name": "TIMESTAMP", "type": "long"})", "EVENT_TYPE"},
      {kI, false, R"(, {"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_VALUE", "type": "string"})",
       "EVENT_VALUE"},
      {kI, false, R"(, {"name": "TIMESTAMP", "type": "long"}, {"name": "X", "type": "string"})", ""},
      {kU, false, "", ""},
      {kU, false, R"(, {"name": "NOTE", "type": ["null", "string"]})", ""},
      {kT, false, R"(, {"name": "CREATION_TIMESTAMP", "type": "string"})", "CREATION_TIMESTAMP"},
      {kT, true, R"(, {"name": "PRICE", "type": "float"})", "CATEGORY_L1"},
      {kT, true, R"(, {"name": "PRICE", "type": "double"})", "PRICE"},
      {kT, true, R"(, {"name": "PRICE", "type": "float"}, {"name": "CATEGORY_L1", "type": "string"})",
       "CATEGORY_L1"},
      {kT, false, R"(, {"name": "A", "type": "string", "textual": true},
                      {"name": "B", "type": "string", "textual": true})",
       "fields"},
      {kU, false, R"(, {"name": "A", "type": "string", "textual": true})", "A"},
  };
  for (const Check& check : checks) {
    const std::string fields = Record(ids + check.fields);
    const Status status = CheckSchema(ParseSchema(fields).value(), check.type, check.ecommerce);
    if (*check.where == '\0') {
      EXPECT_TRUE(status.ok()) << fields << status.error().ToString();
    } else {
      ASSERT_FALSE(status.ok()) << fields;
      EXPECT_EQ(status.error().where, check.where) << fields;
    }
  }
  const Schema bare = ParseSchema(Record(R"({"name": "USER_ID", "type": "string"})")).value();
  EXPECT_FALSE(CheckSchema(bare, kU, false).ok()) << "an id alone is not a dataset";
}

TEST(SchemaTest, ReservedTimesAreNotNegative) {
  Column column;
  column.type = ColumnType::kLong;
  for (const char* name : {"TIMESTAMP", "creation_timestamp"}) {
    column.name = name;
    EXPECT_TRUE(ParseCell(column, "0").ok());
    EXPECT_EQ(ParseCell(column, "-5").error().code, ErrorCode::kCellValue);
  }
  column.name = "DEPTH";
  EXPECT_TRUE(ParseCell(column, "-5").ok());
}

TEST(SchemaTest, ParsesCellsByColumnType) {
  const auto cell = [](ColumnType type, std::string_view text, bool nullable = false) {
    Column column;
    column.name = "C";
    column.type = type;
    column.nullable = nullable;
    return ParseCell(column, text);
  };
  EXPECT_EQ(cell(ColumnType::kLong, "1700000000").value(), format::Json(int64_t{1700000000}));
  EXPECT_EQ(cell(ColumnType::kLong, "17850.0").value(), format::Json(17850));
  EXPECT_EQ(cell(ColumnType::kInt, "-7").value(), format::Json(-7));
  EXPECT_EQ(cell(ColumnType::kDouble, "1.5e3").value(), format::Json(1500.0));
  EXPECT_EQ(cell(ColumnType::kBoolean, "TRUE").value(), format::Json(true));
  EXPECT_EQ(cell(ColumnType::kBoolean, "0").value(), format::Json(false));
  EXPECT_EQ(cell(ColumnType::kString, "a|b").value(), format::Json("a|b"));
  EXPECT_TRUE(cell(ColumnType::kLong, "", true).value().is_null());
  EXPECT_EQ(cell(ColumnType::kString, "").value(), format::Json(""));
  for (const auto& bad : {cell(ColumnType::kLong, ""), cell(ColumnType::kLong, "1.5"),
                          cell(ColumnType::kLong, "x"), cell(ColumnType::kInt, "3000000000"),
                          cell(ColumnType::kDouble, "nan"), cell(ColumnType::kBoolean, "yes"),
                          cell(ColumnType::kString, "\xff\xfe"), cell(ColumnType::kLong, "1e300")}) {
    ASSERT_FALSE(bad.ok());
    EXPECT_EQ(bad.error().code, ErrorCode::kCellValue);
    EXPECT_EQ(bad.error().where, "C");
  }
}

}  // namespace
}  // namespace trine::history
