#include "cli/import_options.h"

#include <gtest/gtest.h>

namespace trine::cli {
namespace {

TEST(ParseTimeZone, RejectsUnknownTimeZones) {
  for (const char* zone : {"kst", "Mars", "+9", "09:00", "+15:00", "+09:60", "+09:00x", "+", "*09:00",
                           "++5:00", "+ 9:00", "+09:-1"}) {
    const auto parsed = ParseTimeZone(zone);
    ASSERT_FALSE(parsed.ok()) << zone;
    EXPECT_EQ(parsed.error().code, ErrorCode::kUsage);
    EXPECT_EQ(parsed.error().got, zone);
  }
}

TEST(ParseTimeZone, ReadsNamesAndOffsets) {
  for (const char* zone : {"", "UTC", "Z", "+00:00", "-00:00"}) EXPECT_EQ(*ParseTimeZone(zone), 0) << zone;
  EXPECT_EQ(*ParseTimeZone("KST"), 540);
  EXPECT_EQ(*ParseTimeZone("Asia/Seoul"), 540);
  EXPECT_EQ(*ParseTimeZone("-03:30"), -210);
  EXPECT_EQ(*ParseTimeZone("+14:00"), 840);
  EXPECT_EQ(*ParseTimeZone("+9:00"), 540);
}

TEST(ToImportOptions, RejectsPairsWithoutNameOrEqualsSign) {
  for (const char* pair : {"", "USER_ID", "=CustomerID"}) {
    ImportArguments map, constants;
    map.map = {pair};
    constants.constants = {pair};
    EXPECT_FALSE(ToImportOptions(map).ok()) << pair;
    EXPECT_FALSE(ToImportOptions(constants).ok()) << pair;
  }
}

TEST(ToImportOptions, ReadsConditions) {
  ImportArguments arguments;
  arguments.where = {"상태!=취소*| 반품", "A=", "B = x=y"};
  const auto options = ToImportOptions(arguments);
  ASSERT_TRUE(options.ok()) << options.error().ToString();
  ASSERT_EQ(options->where.size(), 3u);
  EXPECT_EQ(options->where[0].column, "상태");
  EXPECT_TRUE(options->where[0].negated);
  EXPECT_EQ(options->where[0].values, (std::vector<std::string>{"취소*", "반품"}));
  EXPECT_FALSE(options->where[1].negated);
  EXPECT_EQ(options->where[1].values, std::vector<std::string>{""});
  EXPECT_EQ(options->where[2].column, "B");
  EXPECT_EQ(options->where[2].values, std::vector<std::string>{"x=y"});
  for (const char* wrong : {"", "A", "=x", "!=x"}) {
    arguments.where = {wrong};
    EXPECT_FALSE(ToImportOptions(arguments).ok()) << wrong;
  }
}

TEST(ToImportOptions, TranslatesEveryArgument) {
  ImportArguments arguments;
  arguments.type = "documents";
  arguments.map = {"_id=product_id", "A=B=C"};
  arguments.constants = {"EVENT_TYPE="};
  arguments.encoding = "cp949";
  arguments.time_zone = "KST";
  const auto options = ToImportOptions(arguments);
  ASSERT_TRUE(options.ok()) << options.error().ToString();
  EXPECT_EQ(options->type, operations::ImportOptions::Type::kDocuments);
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(Pairs(options->columns.begin(), options->columns.end()),
            (Pairs{{"_id", "product_id"}, {"A", "B=C"}}));
  EXPECT_EQ(Pairs(options->constants.begin(), options->constants.end()), (Pairs{{"EVENT_TYPE", ""}}));
  EXPECT_EQ(options->encoding, "cp949");
  EXPECT_EQ(options->offset_minutes, 540);
}

history::Event ValidEvent() {
  history::Event event;
  event.user_id = "u";
  event.item_id = "i";
  event.type = "View";
  event.time = Millis{1'795'000'000'000};
  return event;
}

TEST(CheckEvent, AcceptsEventsWithinTheLimits) {
  history::Event event = ValidEvent();
  EXPECT_TRUE(CheckEvent(event).ok());
  event.type = std::string(256, 'x');
  event.recommendation_id = std::string(64, 'x');
  event.value = -1e15;
  event.impression.assign(100, "i");
  event.attributes.assign(50, {"A", "b"});
  event.time = Millis{0};
  EXPECT_TRUE(CheckEvent(event).ok());
}

TEST(ToImportOptions, RejectsColumnsThatAreNamedTwice) {
  const auto message = [](std::vector<std::string> map, std::vector<std::string> constants) {
    ImportArguments arguments;
    arguments.type = "documents";
    arguments.map = std::move(map);
    arguments.constants = std::move(constants);
    const auto options = ToImportOptions(arguments);
    return options.ok() || options.error().code != ErrorCode::kUsage ? "" : options.error().message;
  };
  EXPECT_EQ(message({"_id=code", "name=상품명"}, {"shop=a"}), "");
  EXPECT_NE(message({"_id=code", "_id=상품명"}, {}).find("'_id'"), std::string::npos);
  EXPECT_NE(message({}, {"shop=a", "shop=b"}).find("'shop'"), std::string::npos);
  EXPECT_NE(message({"shop=code"}, {"shop=b"}).find("'shop'"), std::string::npos);
  EXPECT_NE(message({"_id="}, {}).find("--map"), std::string::npos);
}

TEST(ReadRoleArguments, NamesFieldsAndRejectsUnknownNames) {
  ImportArguments arguments;
  arguments.map = {"_id=상품코드", "값=판매가"};
  arguments.roles = {"price=판매가", "title=상품명"};
  const std::vector<std::string> columns = {"상품코드", "상품명", "판매가"};
  const auto declared = ReadRoleArguments(arguments, columns);
  ASSERT_TRUE(declared.ok()) << declared.error().ToString();
  EXPECT_EQ(declared->roles[0].second, "값") << "the field that --map gives the column";
  EXPECT_EQ(declared->roles[1].second, "상품명");
  const auto message = [&](const char* role) {
    arguments.roles = {role};
    const auto failed = ReadRoleArguments(arguments, columns);
    return failed.ok() || failed.error().code != ErrorCode::kUsage ? "" : failed.error().message;
  };
  EXPECT_NE(message("prize=판매가").find("'price'"), std::string::npos) << message("prize=판매가");
  EXPECT_NE(message("price=판메가").find("'판매가'"), std::string::npos) << message("price=판메가");
  EXPECT_NE(message("title=상품코드").find("id"), std::string::npos);
  EXPECT_NE(message("price").find("NAME=COLUMN"), std::string::npos);
}

TEST(CheckEvent, RejectsEventsBeyondTheLimits) {
  const std::vector<void (*)(history::Event&)> breaks = {
      [](history::Event& e) { e.type.clear(); },
      [](history::Event& e) { e.type = std::string(257, 'x'); },
      [](history::Event& e) { e.event_id = std::string(257, 'x'); },
      [](history::Event& e) { e.recommendation_id = std::string(65, 'x'); },
      [](history::Event& e) { e.time = Millis{-1}; },
      [](history::Event& e) { e.time = Millis{4'000'000'000'001}; },
      [](history::Event& e) { e.value = 2e15; },
      [](history::Event& e) { e.impression.assign(101, "i"); },
      [](history::Event& e) {
        e.attributes.assign(51, {"A", "b"});
      }};
  for (size_t i = 0; i < breaks.size(); ++i) {
    history::Event event = ValidEvent();
    breaks[i](event);
    const Status checked = CheckEvent(event);
    ASSERT_FALSE(checked.ok()) << i;
    EXPECT_EQ(checked.error().code, ErrorCode::kBadRow) << i;
  }
}

}  // namespace
}  // namespace trine::cli
