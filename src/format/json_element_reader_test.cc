#include "format/json_element_reader.h"

#include <gtest/gtest.h>

#include <vector>

namespace trine::format {
namespace {

class ByteByByte final : public ByteSource {
 public:
  explicit ByteByByte(std::string text) : text_(std::move(text)) {}
  Result<std::string_view> Next() override {
    const std::string_view piece = std::string_view(text_).substr(at_, 1);
    at_ += piece.size();
    return piece;
  }

 private:
  const std::string text_;
  size_t at_ = 0;
};

// "line:text" of each object, and the code of an error.
std::vector<std::string> Read(const std::string& text, size_t max_bytes = 1000) {
  std::vector<std::string> all[2];
  for (int i = 0; i < 2; ++i) {
    JsonElementReader reader(i == 0 ? std::make_unique<ByteByByte>(text) : NewStringSource(text), max_bytes);
    for (std::string one;;) {
      const auto more = reader.Next(&one);
      if (!more.ok()) all[i].push_back("error " + std::to_string(static_cast<int>(more.error().code)));
      if (!more.ok() || !*more) break;
      all[i].push_back(std::to_string(reader.line()) + ":" + one);
    }
  }
  EXPECT_EQ(all[0], all[1]);
  return all[0];
}
using Lines = std::vector<std::string>;

TEST(JsonElementReader, ReadsTheObjectsOfAnArray) {
  EXPECT_EQ(Read(R"([{"a":1}, {"b":"}\"]{","c":[{}]}])"),
            (Lines{R"(1:{"a":1})", R"(1:{"b":"}\"]{","c":[{}]})"}));
  EXPECT_EQ(Read("[\n  {\n \"a\": 1\n },\n {\"b\":\"\\\\\"}\n]\n"),
            (Lines{"2:{\n \"a\": 1\n }", "5:{\"b\":\"\\\\\"}"}));
  EXPECT_EQ(Read(" [ ] "), Lines{});
}

TEST(JsonElementReader, ReadsObjectsThatFollowEachOther) {
  EXPECT_EQ(Read("{\"a\":\n1}\n{\"b\":2} {}"), (Lines{"1:{\"a\":\n1}", "3:{\"b\":2}", "3:{}"}));
  EXPECT_EQ(Read(""), Lines{});
}

TEST(JsonElementReader, ReportsTextThatIsIncompleteOrNoListOfObjects) {
  const std::string invalid = "error " + std::to_string(static_cast<int>(ErrorCode::kInvalid));
  const std::string corrupt = "error " + std::to_string(static_cast<int>(ErrorCode::kCorrupt));
  const std::string limit = "error " + std::to_string(static_cast<int>(ErrorCode::kLimit));
  EXPECT_EQ(Read("[{}"), (Lines{"1:{}", corrupt}));
  EXPECT_EQ(Read("[{},{\"a\""), (Lines{"1:{}", corrupt}));
  EXPECT_EQ(Read("[{} {}]"), (Lines{"1:{}", invalid}));
  EXPECT_EQ(Read("[{},5]"), (Lines{"1:{}", invalid}));
  EXPECT_EQ(Read("[{}]x"), (Lines{"1:{}", invalid}));
  EXPECT_EQ(Read("[{}],{}"), (Lines{"1:{}", invalid}));
  EXPECT_EQ(Read("[[{}]]"), Lines{invalid});
  EXPECT_EQ(Read("[{\"a\":\"xxxxxxxxxx\"}]", 10), Lines{limit});
}

}  // namespace
}  // namespace trine::format
