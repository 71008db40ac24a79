#include "operations/import/import.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trine::operations {
namespace {

using Type = ImportOptions::Type;

struct Imported {
  Result<ImportCounts> counts = ImportCounts{};
  std::vector<ImportedRow> rows;
  std::vector<std::string> rejects;  // "line: message | raw"
};

Imported ReadAll(std::string_view text, const ImportOptions& options, const std::string& name = "x.csv") {
  Imported imported;
  ImportSinks sinks;
  sinks.row = [&](ImportedRow row) -> Status {
    imported.rows.push_back(std::move(row));
    return Ok();
  };
  sinks.reject = [&](uint64_t line, const std::string& raw, const Error& why) -> Status {
    imported.rejects.push_back(std::to_string(line) + ": " + why.message + " | " + raw);
    return Ok();
  };
  imported.counts = Import(format::NewStringSource(text), name, options, sinks, {});
  return imported;
}

ImportOptions Options(Type type) {
  ImportOptions options;
  options.type = type;
  return options;
}

TEST(Import, ReadsEventsWithMappedColumnsConstantsAndKoreanTimes) {
  ImportOptions options = Options(Type::kInteractions);
  options.columns = {
      {"USER_ID", "고객"}, {"ITEM_ID", "상품코드"}, {"TIMESTAMP", "일시"}, {"EVENT_VALUE", "금액"}};
  options.constants = {{"EVENT_TYPE", "Purchase"}};
  options.offset_minutes = 540;
  const Imported imported = ReadAll(
      "고객,상품코드,일시,금액,메모\n"
      "u1,A-1,2026.11.22 13:05,\"12,900원\",x\n"
      "u2,A-2,2026-11-22T04:05:00Z,5만원,\n"
      "u3,A-3,1795320300,1,\n",
      options);
  ASSERT_TRUE(imported.counts.ok()) << imported.counts.error().ToString();
  ASSERT_EQ(imported.rows.size(), 3u);
  EXPECT_EQ(imported.rows[0].event.user_id, "u1");
  EXPECT_EQ(imported.rows[0].event.type, "Purchase");
  EXPECT_EQ(imported.rows[0].event.value, 12900);
  EXPECT_EQ(imported.rows[0].line, 2u);
  EXPECT_EQ(imported.rows[1].event.value, 50000);
  for (const ImportedRow& row : imported.rows) EXPECT_EQ(row.event.time.value, 1'795'320'300'000);
  EXPECT_TRUE(imported.rows[0].event.attributes.empty());
}

TEST(Import, ReadsCompactDates) {
  ImportOptions options = Options(Type::kInteractions);
  options.offset_minutes = 540;
  const Imported imported = ReadAll(
      "USER_ID,ITEM_ID,TIMESTAMP\n"
      "u,i,20261122\n"
      "u,i,202611220000\n"
      "u,i,20261122000000\n"
      "u,i,1795273200\n"
      "u,i,1795273200000\n"
      "u,i,86400\n",
      options);
  ASSERT_TRUE(imported.counts.ok());
  ASSERT_EQ(imported.rows.size(), 6u);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(imported.rows[i].event.time.value, 1'795'273'200'000) << i;
  EXPECT_EQ(imported.rows[5].event.time.value, 86'400'000);
}

// As seconds since the epoch all of these would be in 1970, in 1976 or after 2040.
TEST(Import, RejectsNumbersThatLookLikeOtherDates) {
  const std::pair<const char*, const char*> cells[] = {
      {"45244.6", "looks like a serial date of Excel (2023-11-14T14:24)"},
      {"45244", "looks like a serial date of Excel (2023-11-14T00:00)"},
      {"231114", "year of two digits (yymmdd)"},
      {"2311141305", "year of two digits (yymmdd)"},
      {"231114130507", "year of two digits (yymmdd)"},
      {"20261322", "the digits look like a date, but it does not exist"},
      {"20261122990000", "the digits look like a date, but it does not exist"}};
  const auto schema =
      history::ParseSchema(R"({"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},)"
                           R"({"name":"CREATION_TIMESTAMP","type":"long"}]})");
  ASSERT_TRUE(schema.ok());
  ImportOptions typed = Options(Type::kItems);
  typed.schema = &*schema;
  for (const auto& [cell, why] : cells) {
    const std::string row = std::string(cell) + "\n";
    Imported imported = ReadAll("USER_ID,ITEM_ID,TIMESTAMP\nu,i," + row, Options(Type::kInteractions));
    ASSERT_EQ(imported.rejects.size(), 1u) << cell;
    EXPECT_NE(imported.rejects[0].find("2: cannot parse TIMESTAMP: "), std::string::npos)
        << imported.rejects[0];
    EXPECT_NE(imported.rejects[0].find(why), std::string::npos) << imported.rejects[0];
    for (const ImportOptions& options : {typed, Options(Type::kItems)}) {
      imported = ReadAll("ITEM_ID,CREATION_TIMESTAMP\ni," + row, options);
      ASSERT_EQ(imported.rejects.size(), 1u) << cell;
      EXPECT_NE(imported.rejects[0].find(why), std::string::npos) << imported.rejects[0];
    }
  }
}

TEST(Import, ReadsTimeColumnsOfASchemaLikeOtherTimes) {
  const auto schema =
      history::ParseSchema(R"({"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},)"
                           R"({"name":"CREATION_TIMESTAMP","type":["null","long"]}]})");
  ASSERT_TRUE(schema.ok());
  ImportOptions options = Options(Type::kItems);
  options.schema = &*schema;
  const Imported imported = ReadAll(
      "ITEM_ID,CREATION_TIMESTAMP\na,20261122\nb,1795305600\nc,1795305600000\nd,2026-11-22\ne,\nf,12\n",
      options);
  ASSERT_EQ(imported.rows.size(), 6u);
  for (size_t i = 0; i < 4; ++i)
    EXPECT_EQ(format::ToString(imported.rows[i].attributes), R"({"CREATION_TIMESTAMP":1795305600})") << i;
  EXPECT_EQ(format::ToString(imported.rows[4].attributes), "{}");
  EXPECT_EQ(format::ToString(imported.rows[5].attributes), R"({"CREATION_TIMESTAMP":12})");
}

TEST(Import, ReportsLinesOfRejectedRows) {
  const Imported imported = ReadAll(
      "USER_ID,ITEM_ID,TIMESTAMP,EVENT_VALUE\n"
      "u1,i1,1700000000,\n"
      ",i1,1700000000,\n"
      "u1,,1700000000,\n"
      "u1,i1,yesterday,\n"
      "u1,i1,1700000000,cheap\n"
      "\n"
      "u1,i1\n"
      "\"two\nlines\",i2,1700000000,2\n",
      Options(Type::kInteractions));
  ASSERT_TRUE(imported.counts.ok());
  EXPECT_EQ(imported.counts->rows, 7u);
  EXPECT_EQ(imported.counts->kept, 2u);
  EXPECT_EQ(imported.counts->rejected, 5u);
  EXPECT_EQ(imported.rejects, (std::vector<std::string>{"3: USER_ID is empty | ,i1,1700000000,",
                                                        "4: ITEM_ID is empty | u1,,1700000000,",
                                                        "5: cannot parse TIMESTAMP | u1,i1,yesterday,",
                                                        "8: the row has 2 cells but the header has 4 | u1,i1",
                                                        "9: the USER_ID contains a control character | "
                                                        "\"two\nlines\",i2,1700000000,2"}));
}

TEST(Import, MissingColumnErrorListsTheHeader) {
  const Imported imported = ReadAll("user,item,when\nu,i,1\n", Options(Type::kInteractions));
  ASSERT_FALSE(imported.counts.ok());
  EXPECT_EQ(imported.counts.error().code, ErrorCode::kMissingColumn);
  EXPECT_EQ(imported.counts.error().message,
            "the header has no column for ITEM_ID; it has: user, item, when");
}

TEST(Import, TakesColumnsAndTypesFromTheSchema) {
  const Result<history::Schema> schema =
      history::ParseSchema(R"({"type":"record","name":"Items","namespace":"n",
    "fields":[{"name":"ITEM_ID","type":"string"},{"name":"PRICE","type":"float"},
    {"name":"CATEGORY_L1","type":["null","string"],"categorical":true},
    {"name":"CATEGORY_L2","type":["null","string"],"categorical":true},
    {"name":"STOCK","type":"int"},{"name":"CREATION_TIMESTAMP","type":["null","long"]}],"version":"1.0"})");
  ASSERT_TRUE(schema.ok());
  ImportOptions options = Options(Type::kItems);
  options.schema = &*schema;
  options.columns = {{"CATEGORY_L1", "카테고리"}};
  options.offset_minutes = 540;
  const Imported imported = ReadAll(
      "item_id,price,카테고리,stock,creation_timestamp,ignored\n"
      "a,\"12,900원\",패션 > 여성 > 원피스,\"1,200\",2026.11.22,z\n"
      "b,9.5,가전,3,,\n"
      "c,비쌈,가전,3,,\n"
      "d,1,가전,1.5,,\n",
      options);
  ASSERT_TRUE(imported.counts.ok()) << imported.counts.error().ToString();
  ASSERT_EQ(imported.rows.size(), 2u);
  EXPECT_EQ(imported.rows[0].id, "a");
  EXPECT_EQ(
      format::ToString(imported.rows[0].attributes),
      R"({"PRICE":12900.0,"CATEGORY_L1":"패션","CATEGORY_L2":"여성","STOCK":1200,"CREATION_TIMESTAMP":1795273200})");
  EXPECT_EQ(format::ToString(imported.rows[1].attributes), R"({"PRICE":9.5,"CATEGORY_L1":"가전","STOCK":3})");
  EXPECT_EQ(imported.rejects.size(), 2u);

  options.columns.clear();
  const Imported missing = ReadAll("item_id,price\na,1\n", options);
  ASSERT_FALSE(missing.counts.ok());
  EXPECT_EQ(missing.counts.error().expected, "STOCK");
}

TEST(Import, GuessesTypesPerColumnWithoutASchema) {
  ImportOptions options = Options(Type::kItems);
  options.columns = {{"ITEM_ID", "id"}, {"CATEGORY_L1", "path"}, {"CATEGORY_L2", "path"}};
  const Imported imported = ReadAll(
      "id,path,price,sale,stock_code,size,made\n"
      "1,패션>여성,\"₩1,000\",true,0071,1,2026.11.22\n"
      "2,가전,12.5,false,12,XL,2026.11.23\n",
      options);
  ASSERT_TRUE(imported.counts.ok()) << imported.counts.error().ToString();
  ASSERT_EQ(imported.rows.size(), 2u);
  EXPECT_EQ(
      format::ToString(imported.rows[0].attributes),
      R"({"CATEGORY_L1":"패션","CATEGORY_L2":"여성","PRICE":1000.0,"SALE":true,"STOCK_CODE":"0071","SIZE":"1",)"
      R"("MADE":"2026-11-22T00:00:00.000Z","CATEGORY":"패션>여성"})");
  EXPECT_EQ(
      format::ToString(imported.rows[1].attributes),
      R"({"CATEGORY_L1":"가전","CATEGORY_L2":"가전","PRICE":12.5,"SALE":false,"STOCK_CODE":"12","SIZE":"XL",)"
      R"("MADE":"2026-11-23T00:00:00.000Z"})");
}

TEST(Import, KeepsColumnNamesAndJsonOfDocuments) {
  ImportOptions options = Options(Type::kDocuments);
  const Imported csv = ReadAll("id,title,price\n7,무선 이어폰,\"89,000원\"\n", options);
  ASSERT_EQ(csv.rows.size(), 1u);
  EXPECT_EQ(csv.rows[0].id, "7");
  EXPECT_EQ(format::ToString(csv.rows[0].attributes), R"({"title":"무선 이어폰","price":89000})");

  options.columns = {{"ID", "sku"}};
  const Imported json =
      ReadAll("{\"sku\":\"a\",\"t\":{\"x\":[1,2]}}\n\n{\"sku\":5}\n[1]\n{oops\n", options, "x.ndjson");
  ASSERT_TRUE(json.counts.ok()) << json.counts.error().ToString();
  ASSERT_EQ(json.rows.size(), 2u);
  EXPECT_EQ(json.rows[0].id, "a");
  EXPECT_EQ(format::ToString(json.rows[0].attributes), R"({"sku":"a","t":{"x":[1,2]}})");
  EXPECT_EQ(json.rows[1].id, "5");
  ASSERT_EQ(json.rejects.size(), 2u);
  EXPECT_TRUE(json.rejects[0].starts_with("4: the line is not a JSON object")) << json.rejects[0];
  EXPECT_TRUE(json.rejects[1].starts_with("5: ")) << json.rejects[1];
}

// A binding or a query may name the field that holds the id.
TEST(Import, KeepsTheFieldThatIsMappedToTheDocumentId) {
  ImportOptions options = Options(Type::kDocuments);
  options.columns = {{"_id", "product_id"}};
  Imported imported = ReadAll("id,product_id,title\n7,p1,컵\n", options);
  ASSERT_EQ(imported.rows.size(), 1u);
  EXPECT_EQ(imported.rows[0].id, "p1");
  EXPECT_EQ(format::ToString(imported.rows[0].attributes), R"({"id":"7","product_id":"p1","title":"컵"})");
  imported = ReadAll(R"({"id":7,"product_id":"p1","title":"컵"})", options, "x.ndjson");
  ASSERT_EQ(imported.rows.size(), 1u);
  EXPECT_EQ(format::ToString(imported.rows[0].attributes), R"({"id":7,"product_id":"p1","title":"컵"})");
  // Without a mapping, _id outranks id.
  imported = ReadAll("id,_id,A,a\n7,p1,x,y\n", Options(Type::kDocuments));
  ASSERT_EQ(imported.rows.size(), 1u);
  EXPECT_EQ(imported.rows[0].id, "p1");
  EXPECT_EQ(format::ToString(imported.rows[0].attributes), R"({"id":"7","A":"x","a":"y"})");
}

TEST(Import, RejectsUnknownNamesInTheOptions) {
  const auto message = [](const ImportOptions& options, std::string_view text, const std::string& name) {
    const Imported imported = ReadAll(text, options, name);
    EXPECT_FALSE(imported.counts.ok());
    if (imported.counts.ok()) return std::string();
    EXPECT_EQ(imported.counts.error().code, ErrorCode::kMissingColumn);
    EXPECT_TRUE(imported.rows.empty());
    return imported.counts.error().message;
  };
  const std::string csv = "product_id,title\np,x\n", json = "{\"product_id\":\"p\",\"title\":\"x\"}\n";
  ImportOptions options = Options(Type::kDocuments);
  options.columns = {{"_id", "prodct_id"}};
  EXPECT_EQ(message(options, csv, "x.csv"),
            "the header has no column for _id (mapped to prodct_id); it has: product_id, title; did you mean "
            "'product_id'?");
  EXPECT_EQ(message(options, json, "x.ndjson"),
            "none of the first rows has a member prodct_id; did you mean 'product_id'?");
  options.columns = {{"extra", "nosuch"}};
  EXPECT_EQ(message(options, csv, "x.csv"),
            "the header has no column for extra (mapped to nosuch); it has: product_id, title");
  options.constants = {{"extra", "x"}};
  EXPECT_EQ(message(options, csv, "x.csv"), "the header has no column nosuch; it has: product_id, title");
  options.columns.clear();
  options.where = {{"titel", false, {"x"}}};
  EXPECT_EQ(message(options, csv, "x.csv"),
            "the header has no column titel; it has: product_id, title; did you mean 'title'?");
  EXPECT_EQ(message(options, json, "x.ndjson"),
            "none of the first rows has a member titel; did you mean 'title'?");
}

TEST(Import, RejectsColumnsThatDifferOnlyInCase) {
  const std::string items = "ITEM_ID,A,a\ni,1,2\n";
  Imported imported = ReadAll(items, Options(Type::kItems));
  ASSERT_FALSE(imported.counts.ok());
  EXPECT_EQ(imported.counts.error().message, "the columns A and a differ only in case");
  ImportOptions options = Options(Type::kItems);
  options.columns = {{"A", "a"}};
  imported = ReadAll(items, options);
  ASSERT_TRUE(imported.counts.ok()) << imported.counts.error().ToString();
  imported = ReadAll("ID,id,A\n1,2,3\n", Options(Type::kDocuments));
  EXPECT_FALSE(imported.counts.ok());
  imported =
      ReadAll("USER_ID,ITEM_ID,TIMESTAMP,note,Note\nu,i,1795320300,1,2\n", Options(Type::kInteractions));
  EXPECT_TRUE(imported.counts.ok()) << "columns that are not imported may have any names";
}

TEST(Import, LeavesRowsOut) {
  const std::string csv = "USER_ID,상태\nu1,배송완료\nu2, 취소 \nu3,취소완료\nu4,반품\nu5,\n";
  const auto kept = [&](std::vector<RowCondition> where) {
    ImportOptions options = Options(Type::kUsers);
    options.where = std::move(where);
    const Imported imported = ReadAll(csv, options);
    EXPECT_TRUE(imported.counts.ok());
    EXPECT_EQ(imported.counts->left_out + imported.counts->rows, 5u);
    std::string ids;
    for (const ImportedRow& row : imported.rows) ids += row.user.id + " ";
    return ids;
  };
  EXPECT_EQ(kept({}), "u1 u2 u3 u4 u5 ");
  EXPECT_EQ(kept({{"상태", true, {"취소", "반품"}}}), "u1 u3 u5 ");
  EXPECT_EQ(kept({{"상태", true, {"취소*", "반품"}}}), "u1 u5 ");
  EXPECT_EQ(kept({{"상태", false, {"배송완료", ""}}}), "u1 u5 ");
  EXPECT_EQ(kept({{"상태", true, {""}}, {"USER_ID", false, {"u1", "u2", "u5"}}}), "u1 u2 ");
}

TEST(Import, SaysWhatEachColumnBecame) {
  ImportOptions options = Options(Type::kItems);
  options.columns = {{"ITEM_ID", "sku"}};
  options.constants = {{"SHOP", "west"}};
  const Imported imported = ReadAll(
      "sku,판매가,made,sale,,none\na,\"12,900원\",2026.11.22,true,x,\nb,품절,2026.11.23,false,,\n"
      "c,5000,2026.11.24,true,,\n",
      options);
  ASSERT_TRUE(imported.counts.ok());
  std::vector<std::string> lines;
  for (const ColumnNote& note : imported.counts->columns)
    lines.push_back(note.source + ">" + note.target + ":" + note.type + ":" + note.remark);
  EXPECT_EQ(
      lines,
      (std::vector<std::string>{
          "sku>ITEM_ID:id:", "판매가>판매가:text:line 3 has '품절'; 2 of 3 cells in the sample are numbers",
          "made>MADE:time:", "sale>SALE:boolean:", ">::", "none>NONE:empty:", ">SHOP:text:"}));
}

TEST(Import, TellsTheCurrencyOfNumbers) {
  const auto currencies = [](std::string_view csv) {
    const Imported imported = ReadAll(std::string(csv), Options(Type::kDocuments));
    EXPECT_TRUE(imported.counts.ok());
    std::string out;
    for (const ColumnNote& note : imported.counts->columns)
      out += note.source + "=" + note.type + note.currency + " ";
    return out;
  };
  EXPECT_EQ(currencies("_id,판매가,수량\n1,\"12,900원\",3\n2,5000,4\n"),
            "_id=id 판매가=numberKRW 수량=number ");
  EXPECT_EQ(currencies("_id,price\n1,$12.90\n2,$5\n"), "_id=id price=numberUSD ");
  EXPECT_EQ(currencies("_id,price\n1,$12.90\n2,5원\n"), "_id=id price=text ")
      << "the texts keep their currencies";
}

TEST(Import, RefusesAnAmountInAnotherCurrency) {
  std::string csv = "_id,price\n";
  for (int i = 0; i < 2000; ++i) csv += std::to_string(i) + ",\"12,900원\"\n";
  csv += "last,$5\n";
  const Imported imported = ReadAll(csv, Options(Type::kDocuments));
  ASSERT_TRUE(imported.counts.ok());
  ASSERT_EQ(imported.rejects.size(), 1u);
  EXPECT_NE(imported.rejects[0].find("is in another currency"), std::string::npos) << imported.rejects[0];
}

// The sample of 500 rows says nothing about the currency of a later row.
TEST(Import, NoticesCurrenciesBehindTheSample) {
  const auto price = [](const std::string& csv, const ImportOptions& options) {
    const Imported imported = ReadAll(csv, options);
    EXPECT_TRUE(imported.counts.ok());
    for (const ColumnNote& note : imported.counts->columns) {
      if (note.target.starts_with("price"))
        return note.currency + "|" + note.other_currencies + "|" + std::to_string(imported.rejects.size());
    }
    return std::string();
  };
  std::string plain = "_id,price\n", won = "_id,price\n", named = "_id,price_krw\n";
  for (int i = 0; i < 600; ++i) {
    plain += std::to_string(i) + ",12900\n";
    won += std::to_string(i) + ",\"12,900원\"\n";
    named += std::to_string(i) + ",12900\n";
  }
  const std::string dollars = "x,$5\ny,$7\nz,€9\n";
  const ImportOptions options = Options(Type::kDocuments);
  EXPECT_EQ(price(won + dollars, options), "KRW|1 in EUR, 2 in USD, the first on line 602: $5|3");
  EXPECT_EQ(price(named + dollars, options), "KRW|1 in EUR, 2 in USD, the first on line 602: $5|3");
  EXPECT_EQ(price(plain + dollars, options), "|1 in EUR, 2 in USD, the first on line 602: $5|1")
      << "two signs of 600 amounts do not say the currency of the others";
  ImportOptions declared = options;
  declared.currencies = {{"price", "KRW"}};
  EXPECT_EQ(price(plain + dollars, declared), "KRW|1 in EUR, 2 in USD, the first on line 602: $5|3");
  EXPECT_EQ(price(plain, declared), "KRW||0");
  EXPECT_EQ(price(plain, options), "||0");
}

TEST(Import, RefusesTheBodyOfABulkRequest) {
  for (const std::string action : {R"({"index":{"_index":"a","_id":"1"}})", R"({"create":{}})",
                                   R"({"update":{"_id":"1"}})", R"({"delete":{"_id":"1"}})"}) {
    const Imported imported =
        ReadAll("\n" + action + "\n{\"title\":\"a\"}\n", Options(Type::kDocuments), "a.ndjson");
    ASSERT_FALSE(imported.counts.ok()) << action;
    EXPECT_EQ(imported.counts.error().code, ErrorCode::kUnsupported);
    EXPECT_TRUE(imported.counts.error().message.starts_with("line 2 is an action of a bulk request"))
        << imported.counts.error().message;
    EXPECT_TRUE(imported.rows.empty());
  }
  for (const std::string document : {R"({"index":"a"})", R"({"index":{"a":1},"b":2})", R"({"title":{}})"})
    EXPECT_TRUE(ReadAll(document + "\n", Options(Type::kDocuments), "a.ndjson").counts.ok()) << document;
}

TEST(Import, DeclaredTypesOverrideTheGuess) {
  ImportOptions options = Options(Type::kDocuments);
  options.declared = {{"price", DeclaredType::kNumber}, {"name", DeclaredType::kText}};
  const Imported imported = ReadAll(
      "_id,price,name\n1,\"12,900원\",1.10\n2,\"12,900원 / 품절\",2\n3,,3\n4,18446744073709551614,4\n",
      options);
  ASSERT_TRUE(imported.counts.ok());
  ASSERT_EQ(imported.rejects.size(), 1u);
  EXPECT_EQ(imported.rejects[0],
            "3: a cell of column price is not a number, as the mapping requires | 2,\"12,900원 / 품절\",2");
  ASSERT_EQ(imported.rows.size(), 3u);
  EXPECT_EQ(format::ToString(imported.rows[0].attributes), R"({"price":12900,"name":"1.10"})");
  EXPECT_EQ(format::ToString(imported.rows[1].attributes), R"({"name":"3"})");
  EXPECT_EQ(format::ToString(imported.rows[2].attributes), R"({"price":"18446744073709551614","name":"4"})");
}

TEST(Import, KeepsLongNumbersExactly) {
  const Imported imported =
      ReadAll("_id,barcode,card\n1,880123456789012345,12345678901234567890\n2,8801234567890,1\n",
              Options(Type::kDocuments));
  ASSERT_EQ(imported.rows.size(), 2u);
  EXPECT_EQ(format::ToString(imported.rows[0].attributes),
            R"({"barcode":880123456789012345,"card":"12345678901234567890"})");
  EXPECT_EQ(format::ToString(imported.rows[1].attributes), R"({"barcode":8801234567890,"card":"1"})");
}

TEST(Import, ReadsJsonArraysAndSpreadObjects) {
  const char* texts[] = {
      "[{\"id\":\"a\",\"n\":1},{\"id\":\"b\",\"n\":2}]",
      "[\n  {\n    \"id\": \"a\",\n    \"n\": 1\n  },\n  {\"id\":\"b\",\"n\":2}\n]\n",
      "{\n  \"id\": \"a\",\n  \"n\": 1\n}\n{\n  \"id\": \"b\",\n  \"n\": 2\n}\n",
  };
  for (const char* text : texts) {
    for (const char* name : {"x.json", "x"}) {
      const Imported imported = ReadAll(text, Options(Type::kDocuments), name);
      ASSERT_TRUE(imported.counts.ok()) << text << imported.counts.error().ToString();
      ASSERT_EQ(imported.rows.size(), 2u) << text;
      EXPECT_EQ(imported.rows[1].id, "b");
      EXPECT_EQ(format::ToString(imported.rows[0].attributes), R"({"n":1})");
    }
  }
  const Imported bad =
      ReadAll("[{\"id\":\"a\",\"n\":x},\n{\"id\":\"b\"}]", Options(Type::kDocuments), "x.json");
  EXPECT_EQ(bad.rows.size(), 1u);
  EXPECT_EQ(bad.rejects.size(), 1u);
  const Imported cut = ReadAll("[{\"id\":\"a\"},{\"id\":", Options(Type::kDocuments), "x.json");
  EXPECT_FALSE(cut.counts.ok());
}

TEST(Import, RejectsDocumentsWithoutTheirId) {
  const Imported imported = ReadAll("_id,t\n1,x\n,y\n", Options(Type::kDocuments));
  EXPECT_EQ(imported.rows.size(), 1u);
  ASSERT_EQ(imported.rejects.size(), 1u);
  EXPECT_EQ(imported.rejects[0], "3: ID is empty | ,y");
  EXPECT_EQ(ReadAll("t\ny\n", Options(Type::kDocuments)).rows.size(), 1u) << "no column has an id";
}

TEST(Import, DetectsNdjsonByItsFirstByte) {
  const Imported imported =
      ReadAll(R"({"userId":"u","itemId":3,"timestamp":1700000000,"impression":["a","b"]})",
              Options(Type::kInteractions), "events");
  ASSERT_EQ(imported.rows.size(), 1u);
  EXPECT_EQ(imported.rows[0].event.item_id, "3");
  EXPECT_EQ(imported.rows[0].event.impression, (std::vector<std::string>{"a", "b"}));
}

TEST(Import, ReadsCp949AndByteOrderMarks) {
  const Imported cp949 = ReadAll("USER_ID,GENDER\nu,\xbf\xa9\xc0\xda\n", Options(Type::kUsers));
  ASSERT_EQ(cp949.rows.size(), 1u);
  EXPECT_EQ(*cp949.rows[0].user.attributes.Find("GENDER"), format::Json("여자"));
  const Imported bom = ReadAll("\xef\xbb\xbfUSER_ID,GENDER\nu,여자\n", Options(Type::kUsers));
  ASSERT_EQ(bom.rows.size(), 1u);
  EXPECT_EQ(bom.rows[0].user.id, "u");
}

TEST(Import, NamesTheEncodingAndTheRowsWithBrokenBytes) {
  std::string text = "USER_ID,GENDER\n";
  for (int i = 2; i <= 100; ++i) text += "고객" + std::to_string(i) + ",여자\n";
  Imported imported = ReadAll(text, Options(Type::kUsers));
  EXPECT_EQ(imported.counts->notes.encoding, "utf-8");
  EXPECT_EQ(imported.counts->broken, 0u);
  text.replace(text.find("고객50,") + 9, 1, "\xff");
  text.replace(text.find("고객70,"), 1, "\xff");
  imported = ReadAll(text, Options(Type::kUsers));
  ASSERT_TRUE(imported.counts.ok()) << imported.counts.error().ToString();
  EXPECT_EQ(imported.counts->notes.encoding, "utf-8");
  EXPECT_EQ(imported.counts->kept, 98u);
  EXPECT_EQ(imported.counts->broken, 1u);
  EXPECT_EQ(imported.counts->first_broken, "line 50: GENDER");
  ASSERT_EQ(imported.rejects.size(), 1u) << "ids with replaced characters could become equal";
  EXPECT_EQ(imported.rejects[0].find("70: USER_ID contains bytes that cannot be decoded"), 0u);
  // A replacement character that the file itself contains is a character like any other.
  imported = ReadAll("USER_ID,GENDER\nu\uFFFD,여자\n", Options(Type::kUsers));
  EXPECT_EQ(imported.counts->kept, 1u);
  EXPECT_EQ(imported.counts->broken, 0u);
  imported = ReadAll("USER_ID,GENDER\nu,\xbf\xa9\xc0\xda\n", Options(Type::kUsers));
  EXPECT_EQ(imported.counts->notes.encoding, "cp949");
  imported = ReadAll("USER_ID,GENDER\nu,\xff\n", Options(Type::kUsers));
  ASSERT_FALSE(imported.counts.ok());
  EXPECT_EQ(imported.counts.error().where, "byte 17");
}

TEST(Import, ReadsFilesAsSpreadsheetsExportThem) {
  const std::string_view files[] = {
      "sep=;\r\nUSER_ID;AGE\r\nu;5\r\nv;6\r\n",
      "USER_ID,AGE\ru,5\rv,6\r",
      "USER_ID,AGE,,\nu,5,,\nv,6,,\n",
      "회원 목록 (2026-11-22)\n\nUSER_ID,AGE,CITY\nu,5,\nv,6,\n",
      "USER_ID,AGE\nu,5\nUSER_ID,AGE\n\uFEFFUSER_ID,AGE\nv,6\n",
  };
  for (const std::string_view text : files) {
    const Imported imported = ReadAll(text, Options(Type::kUsers), "users");
    ASSERT_TRUE(imported.counts.ok()) << text << imported.counts.error().ToString();
    ASSERT_EQ(imported.rows.size(), 2u) << text;
    EXPECT_EQ(imported.rows[0].user.id, "u");
    EXPECT_EQ(format::ToString(imported.rows[1].user.attributes), R"({"AGE":6})");
    EXPECT_TRUE(imported.rejects.empty());
  }
  EXPECT_EQ(ReadAll(files[3], Options(Type::kUsers)).counts->notes.skipped_lines, 2u);
  EXPECT_EQ(ReadAll(files[4], Options(Type::kUsers)).counts->notes.repeated_headers, 2u);
  EXPECT_EQ(ReadAll(files[4], Options(Type::kUsers)).counts->rows, 2u);
}

TEST(Import, RejectsDamagedAndOldWorkbooks) {
  Imported imported = ReadAll("\xd0\xcf\x11\xe0rest", Options(Type::kUsers), "x.xls");
  ASSERT_FALSE(imported.counts.ok());
  EXPECT_EQ(imported.counts.error().code, ErrorCode::kUnsupported);
  imported =
      ReadAll("\n <!DOCTYPE html><table><tr><td>USER_ID</td></tr></table>", Options(Type::kUsers), "x.xls");
  ASSERT_FALSE(imported.counts.ok());
  EXPECT_EQ(imported.counts.error().code, ErrorCode::kUnsupported);
  imported = ReadAll("PK\x03\x04rest", Options(Type::kUsers), "x.xlsx");
  ASSERT_FALSE(imported.counts.ok());
  EXPECT_EQ(imported.counts.error().code, ErrorCode::kCorrupt);
}

TEST(Import, AnErrorOfTheRejectSinkStopsTheImport) {
  ImportSinks sinks;
  sinks.row = [](const ImportedRow&) -> Status { return Ok(); };
  sinks.reject = [](uint64_t, const std::string&, const Error&) -> Status {
    return Error(ErrorCode::kNoSpace, "no space left");
  };
  const auto counts =
      Import(format::NewStringSource("USER_ID,A\n,1\nu,2\n"), "x.csv", Options(Type::kUsers), sinks, {});
  ASSERT_FALSE(counts.ok());
  EXPECT_EQ(counts.error().code, ErrorCode::kNoSpace);
}

TEST(Import, StopsAtTheRejectLimitAndOnRequest) {
  ImportOptions options = Options(Type::kUsers);
  options.max_rejects = 2;
  const Imported imported = ReadAll("USER_ID,A\n,1\n,2\n,3\nu,4\n", options);
  ASSERT_FALSE(imported.counts.ok());
  EXPECT_EQ(imported.counts.error().code, ErrorCode::kRejectLimit);
  EXPECT_EQ(imported.rejects.size(), 3u);

  std::stop_source source;
  source.request_stop();
  const Result<ImportCounts> stopped =
      Import(format::NewStringSource("USER_ID,A\nu,1\n"), "x.csv", Options(Type::kUsers),
             {[](const ImportedRow&) -> Status { return Ok(); }, nullptr, nullptr}, source.get_token());
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kStopped);
}

TEST(Import, RowCallbackMayRejectOrStop) {
  int calls = 0;
  const ImportSinks sinks{[&](const ImportedRow&) -> Status {
                            ++calls;
                            if (calls == 1) return Error(ErrorCode::kInvalid, "not this one");
                            return Error(ErrorCode::kIo, "disk");
                          },
                          nullptr, nullptr};
  const Result<ImportCounts> counts = Import(format::NewStringSource("USER_ID,A\nu,1\nv,2\nw,3\n"), "x.csv",
                                             Options(Type::kUsers), sinks, {});
  ASSERT_FALSE(counts.ok());
  EXPECT_EQ(counts.error().kind(), ErrorKind::kIo);
  EXPECT_EQ(calls, 2);
}

TEST(Import, DropsUnreadableValuesOfOptionalColumns) {
  ImportOptions options = Options(Type::kInteractions);
  const std::string_view text =
      "USER_ID,ITEM_ID,TIMESTAMP,EVENT_VALUE\n"
      "u1,a,1795320300,-\n"
      "u2,b,1795320300,품절\n"
      "u3,c,1795320300,12\n"
      "u4,d,1795320300,\n";
  Imported imported = ReadAll(text, options);
  ASSERT_EQ(imported.rows.size(), 4u);
  EXPECT_EQ(imported.rows[0].event.value, std::nullopt);
  EXPECT_EQ(imported.rows[1].event.value, std::nullopt);
  EXPECT_EQ(imported.rows[2].event.value, 12);
  EXPECT_EQ(imported.counts->unread, 2u);
  EXPECT_EQ(imported.counts->first_unread, "line 2: EVENT_VALUE '-'");
  // If the schema requires the number, the row is rejected.
  const auto schema = history::ParseSchema(
      R"({"type":"record","name":"Interactions","fields":[{"name":"USER_ID","type":"string"},)"
      R"({"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},{"name":"EVENT_VALUE","type":"float"},)"
      R"({"name":"STOCK","type":["null","int"]}]})");
  ASSERT_TRUE(schema.ok()) << schema.error().ToString();
  options.schema = &*schema;
  imported = ReadAll(
      "USER_ID,ITEM_ID,TIMESTAMP,EVENT_VALUE,STOCK\nu1,a,1795320300,-,1\nu2,b,1795320300,1,품절\n", options);
  EXPECT_EQ(imported.rejects.size(), 1u);
  ASSERT_EQ(imported.rows.size(), 1u);
  EXPECT_TRUE(imported.rows[0].event.attributes.empty());
  EXPECT_EQ(imported.counts->first_unread, "line 3: STOCK '품절'");
}

TEST(Import, ReadsTheMarkOfUnverifiedEvents) {
  const Imported imported = ReadAll(
      "USER_ID,ITEM_ID,TIMESTAMP,TRINE_UNVERIFIED\n"
      "u1,a,1795320300,true\n"
      "u2,b,1795320300,false\n"
      "u3,c,1795320300,\n"
      "u4,d,1795320300,perhaps\n",
      Options(Type::kInteractions));
  ASSERT_EQ(imported.rows.size(), 3u);
  EXPECT_TRUE(imported.rows[0].event.unverified);
  EXPECT_FALSE(imported.rows[1].event.unverified);
  EXPECT_FALSE(imported.rows[2].event.unverified);
  ASSERT_EQ(imported.rejects.size(), 1u) << "a mark that cannot be read is not taken for no mark";
  EXPECT_TRUE(imported.rows[0].event.attributes.empty());
}

TEST(Import, ReadsTwoDigitYearsInThisCentury) {
  const Imported imported = ReadAll(
      "USER_ID,ITEM_ID,TIMESTAMP\n"
      "u,a,26.11.22\n"
      "u,b,26.11.22 04:05\n"
      "u,c,26년 11월 22일\n"
      "u,d,26.13.22\n"
      "u,e,11/22/26\n",
      Options(Type::kInteractions));
  ASSERT_EQ(imported.rows.size(), 3u) << imported.rejects.size();
  EXPECT_EQ(imported.rows[0].event.time.value, 1'795'305'600'000);
  EXPECT_EQ(imported.rows[1].event.time.value, 1'795'320'300'000);
  EXPECT_EQ(imported.rows[2].event.time.value, 1'795'305'600'000);
  EXPECT_EQ(imported.rejects.size(), 2u) << "one with month 13, and one whose year is ambiguous";
}

}  // namespace
}  // namespace trine::operations
