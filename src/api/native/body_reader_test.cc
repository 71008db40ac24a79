#include "api/native/body_reader.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace trine::api::native {
namespace {

using format::Json;

Json Parse(const char* text) { return format::ParseJson(text).value(); }

// Returns the error of reading one member of a body.
template <typename Read>
Error ErrorOf(const char* text, Read read) {
  const Json json = Parse(text);
  BodyReader body(json);
  read(body);
  const Status done = body.Done();
  return done.ok() ? Error(ErrorCode::kInternal, "accepted") : done.error();
}

TEST(BodyReader, RejectsBodiesThatAreNotObjects) {
  for (const char* text : {"[]", "null", "5", "\"text\""}) {
    const Json json = Parse(text);
    BodyReader body(json);
    const Status done = body.Done();
    ASSERT_FALSE(done.ok()) << text;
    EXPECT_EQ(done.error().code, ErrorCode::kInvalid);
    EXPECT_EQ(done.error().where, "body");
  }
}

TEST(BodyReader, RejectsUnknownMembersAndReportsPath) {
  const Json json = Parse(R"({"user_id":"u","typo":1})");
  BodyReader body(json, "events[3]");
  body.Text("user_id", true);
  const Status done = body.Done();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().message, "unknown member \"typo\"");
  EXPECT_EQ(done.error().where, "events[3].typo");
}

TEST(BodyReader, RejectsMissingEmptyAndTooLongStrings) {
  const auto required = [](BodyReader& body) { body.Text("a", true, 3); };
  const auto optional = [](BodyReader& body) { body.Text("a", false, 3); };
  EXPECT_EQ(ErrorOf("{}", required).message, "member \"a\" is missing");
  EXPECT_EQ(ErrorOf(R"({"a":""})", required).code, ErrorCode::kInvalid);
  EXPECT_EQ(ErrorOf(R"({"a":"long"})", required).expected, "a string of at most 3 bytes");
  EXPECT_EQ(ErrorOf(R"({"a":5})", optional).got, "5");
  EXPECT_EQ(ErrorOf(R"({"a":null})", optional).code, ErrorCode::kInvalid) << "null is not absent";
  EXPECT_EQ(ErrorOf("{}", optional).message, "accepted");
  EXPECT_EQ(ErrorOf(R"({"a":""})", optional).message, "accepted");
}

TEST(BodyReader, RejectsNumbersOutOfBoundsOrOfAnotherType) {
  const auto number = [](BodyReader& body) { body.Number("a", 0, 1); };
  const auto integer = [](BodyReader& body) { body.Int("a", 5, 1, 10); };
  for (const char* text : {R"({"a":1.5})", R"({"a":-0.1})", R"({"a":"1"})", R"({"a":true})"})
    EXPECT_EQ(ErrorOf(text, number).code, ErrorCode::kInvalid) << text;
  for (const char* text : {R"({"a":0})", R"({"a":11})", R"({"a":1.5})", R"({"a":"1"})"})
    EXPECT_EQ(ErrorOf(text, integer).expected, "an integer from 1 to 10") << text;
  for (const char* text : {R"({"a":0})", R"({"a":1})", "{}"})
    EXPECT_EQ(ErrorOf(text, number).message, "accepted") << text;
}

TEST(BodyReader, RejectsFlagsListsAndObjectsOfAnotherType) {
  EXPECT_EQ(ErrorOf(R"({"a":1})", [](BodyReader& b) { b.Flag("a", false); }).expected, "true or false");
  EXPECT_EQ(ErrorOf(R"({"a":[]})", [](BodyReader& b) { b.Object("a"); }).expected, "an object");
  const auto list = [](BodyReader& b) { b.List("a", true, 2); };
  for (const char* text : {"{}", R"({"a":[]})", R"({"a":[1,2,3]})", R"({"a":{}})"})
    EXPECT_EQ(ErrorOf(text, list).code, ErrorCode::kInvalid) << text;
  const auto texts = [](BodyReader& b) { b.Texts("a", false, 2); };
  for (const char* text : {R"({"a":[1]})", R"({"a":[""]})", R"({"a":["x",null]})"})
    EXPECT_EQ(ErrorOf(text, texts).code, ErrorCode::kInvalid) << text;
  const std::string long_id = R"({"a":[")" + std::string(limits::kMaxIdBytes + 1, 'x') + R"("]})";
  EXPECT_EQ(ErrorOf(long_id.c_str(), texts).code, ErrorCode::kInvalid);
}

TEST(BodyReader, KeepsTheFirstErrorAndReadsDefaultsAfterIt) {
  const Json json = Parse(R"({"a":5,"b":"x"})");
  BodyReader body(json);
  EXPECT_EQ(body.Text("a", true), "");
  EXPECT_EQ(body.Int("b", 7, 0, 9), 7);
  const Status done = body.Done();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().where, "a");
}

TEST(BodyReader, ShortensLargeValuesInErrors) {
  const std::string text = R"({"a":[")" + std::string(500, 'x') + R"("]})";
  EXPECT_EQ(ErrorOf(text.c_str(), [](BodyReader& b) { b.Object("a"); }).got, "array of 504 bytes");
}

TEST(BodyReader, ReadsValidMembers) {
  const Json json = Parse(R"({"text":"t","n":1.5,"i":3,"flag":true,"texts":["a","b"],"object":{"x":1}})");
  BodyReader body(json);
  EXPECT_EQ(body.Text("text", true), "t");
  EXPECT_EQ(body.Number("n", 0, 2), 1.5);
  EXPECT_EQ(body.Int("i", 0, 0, 9), 3);
  EXPECT_TRUE(body.Flag("flag", false));
  EXPECT_EQ(body.Texts("texts", true, 2), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(body.Object("object")->Find("x")->integer(), 1);
  EXPECT_EQ(body.Object("none"), nullptr);
  EXPECT_TRUE(body.Done().ok());
}

}  // namespace
}  // namespace trine::api::native
