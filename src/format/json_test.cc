#include "format/json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "format/json_fallback.h"
#include "format/strict_json.h"
#include "format/text.h"

namespace trine::format {
namespace {

Json Parse(std::string_view text) {
  auto parsed = ParseJson(text);
  EXPECT_TRUE(parsed.ok()) << text << ": " << parsed.error().ToString();
  return parsed.ok() ? std::move(parsed).value() : Json();
}

Error Refused(std::string_view text) {
  auto parsed = ParseJson(text);
  EXPECT_FALSE(parsed.ok()) << text;
  return parsed.ok() ? Error(ErrorCode::kInternal, "accepted") : parsed.error();
}

// A random value whose floats are finite. `depth` bounds nesting.
rc::Gen<Json> AnyJson(int depth) {
  auto text =
      rc::gen::map(rc::gen::container<std::vector<uint32_t>>(rc::gen::oneOf(
                       rc::gen::inRange<uint32_t>(0, 0x80), rc::gen::inRange<uint32_t>(0xac00, 0xd7a4),
                       rc::gen::inRange<uint32_t>(0x1f300, 0x1f400))),
                   [](const std::vector<uint32_t>& points) {
                     std::string s;
                     for (uint32_t c : points) {
                       if (c < 0x80) {
                         s += static_cast<char>(c);
                       } else if (c < 0x10000) {
                         s += {static_cast<char>(0xe0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
                               static_cast<char>(0x80 | (c & 63))};
                       } else {
                         s += {static_cast<char>(0xf0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
                               static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
                       }
                     }
                     return s;
                   });
  auto leaf = rc::gen::oneOf(rc::gen::just(Json()),
                             rc::gen::map(rc::gen::arbitrary<bool>(), [](bool v) { return Json(v); }),
                             rc::gen::map(rc::gen::arbitrary<int64_t>(), [](int64_t v) { return Json(v); }),
                             rc::gen::map(rc::gen::arbitrary<uint64_t>(), [](uint64_t v) { return Json(v); }),
                             rc::gen::map(rc::gen::arbitrary<uint64_t>(),
                                          [](uint64_t bits) {
                                            const double d = std::bit_cast<double>(bits);
                                            return Json(std::isfinite(d) ? d : 0.5);
                                          }),
                             rc::gen::map(text, [](std::string v) { return Json(std::move(v)); }));
  if (depth == 0) return leaf;
  auto inner = AnyJson(depth - 1);
  auto array = rc::gen::map(rc::gen::container<std::vector<Json>>(inner),
                            [](Json::Array v) { return Json(std::move(v)); });
  auto object =
      rc::gen::map(rc::gen::container<std::vector<std::pair<std::string, Json>>>(rc::gen::pair(text, inner)),
                   [](const std::vector<std::pair<std::string, Json>>& members) {
                     Json o{Json::Object{}};
                     for (const auto& [key, value] : members) o.Set(key, value);
                     return o;
                   });
  return rc::gen::oneOf(leaf, array, object);
}

TEST(JsonRead, KeepsTypesAndOrder) {
  const Json j = Parse(R"( {"b": [1, -2, 1.5, true, null], "a": {"한글": "값 \u00e9\n\ud83d\ude00"}} )");
  ASSERT_TRUE(j.is_object());
  EXPECT_EQ(j.object()[0].first, "b");
  const auto& items = j.Find("b")->array();
  EXPECT_EQ(items[1].integer(), -2);
  EXPECT_TRUE(items[2].is_number());
  EXPECT_FALSE(items[2].is_integer());
  EXPECT_TRUE(items[3].boolean());
  EXPECT_TRUE(items[4].is_null());
  EXPECT_EQ(j.FindPath("a.한글")->string(), "값 é\n😀");
}

TEST(JsonRead, KeepsIntegersExact) {
  EXPECT_EQ(Parse("9223372036854775807").integer(), INT64_MAX);
  EXPECT_EQ(Parse("-9223372036854775808").integer(), INT64_MIN);
  const Json big = Parse("18446744073709551615");
  EXPECT_TRUE(big.is_integer());
  EXPECT_FALSE(big.is_int());
  EXPECT_EQ(ToString(big), "18446744073709551615");
  EXPECT_EQ(Parse("[18446744073709551616]").array()[0].number(), 18446744073709551616.0);
  EXPECT_FALSE(Parse("18446744073709551616").is_integer());
  EXPECT_EQ(Parse("-9223372036854775809").number(), -9223372036854775808.0);
}

// Both parsers, in every style, pretty or not.
TEST(JsonRead, PrintsEveryNumberAsItWasWritten) {
  for (const char* number : {"0",
                             "-0",
                             "-0.0",
                             "0.0",
                             "1.10",
                             "1.1",
                             "1e3",
                             "1E+3",
                             "1e-5",
                             "0.00001",
                             "0.001",
                             "100000.0",
                             "12345.0",
                             "1234567.5",
                             "12345678.5",
                             "9223372036854775808",
                             "18446744073709551615",
                             "18446744073709551617",
                             "9400111899223197428490",
                             "-9223372036854775809",
                             "0.1000000000000000055511151231257827",
                             "2.50",
                             "123456789012345.678",
                             "0.30000000000000004",
                             "1.0E7",
                             "5e-324"}) {
    const std::string text =
        std::string("[\"1.50\",") + number + ",{\"-7.0\":" + number + "}," + number + "]";
    const std::string odd = std::string("[\"\\ud800\",") + number + "]";  // only the fallback parser reads it
    EXPECT_EQ(ToString(Parse(text)), text);
    EXPECT_EQ(ToString(Parse(text), {.numbers = NumberStyle::kJava}), text);
    EXPECT_EQ(ToString(Parse(odd)), std::string("[\"\uFFFD\",") + number + "]");
  }
}

// Digits, a point and an exponent in all combinations.
RC_GTEST_PROP(JsonRead, PrintsGeneratedNumbersAsWritten, ()) {
  const auto digits = [](size_t least) {
    std::string text;
    const auto n = *rc::gen::inRange<size_t>(least, 22);
    for (size_t i = 0; i < n; ++i) text += static_cast<char>('0' + *rc::gen::inRange(0, 10));
    return text;
  };
  std::string number = *rc::gen::arbitrary<bool>() ? "-" : "";
  std::string whole = digits(1);
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
  number += whole;
  if (*rc::gen::arbitrary<bool>()) number += "." + digits(1);
  if (*rc::gen::arbitrary<bool>()) {
    number += *rc::gen::element<std::string>("e", "E", "e+", "e-", "E-");
    number += std::to_string(*rc::gen::inRange(0, 250));
  }
  const Json parsed = Parse(number);
  RC_ASSERT(ToString(parsed) == number);
  RC_ASSERT(ToString(parsed, {.numbers = NumberStyle::kJava}) == number);
  RC_ASSERT(parsed.number() == *ParseDouble(number));
  RC_ASSERT(parsed == Parse(number));
}

TEST(JsonRead, KeepsTheLastOfDuplicateKeysAtTheFirstPosition) {
  EXPECT_EQ(ToString(Parse(R"({"a":1,"b":2,"a":3})")), R"({"a":3,"b":2})");
  std::string wide = "{\"k\":0";
  for (int i = 0; i < 50; ++i) wide += ",\"x" + std::to_string(i) + "\":" + std::to_string(i);
  wide += ",\"k\":1,\"x7\":\"seven\",\"k\":2}";
  const Json j = Parse(wide);
  EXPECT_EQ(j.object().size(), 51u);
  EXPECT_EQ(j.object()[0].second.integer(), 2);
  EXPECT_EQ(j.Find("x7")->string(), "seven");
  EXPECT_EQ(j.Find("x49")->integer(), 49);
}

TEST(JsonReadStrict, RefusesDuplicateKeysAtEveryDepth) {
  const auto refused = ParseStrictJson("{\"a\":1,\n \"b\":[{\"c\":{\"\\u0064\":1,\"d\":1}}]}");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kJsonSyntax);
  EXPECT_EQ(refused.error().where, "line 2, column 24");
  EXPECT_EQ(refused.error().DetailOf("duplicate_key"), "d");
  std::string wide = "{\"k\":0";
  for (int i = 0; i < 50; ++i) wide += ",\"x" + std::to_string(i) + "\":0";
  EXPECT_TRUE(ParseStrictJson(wide + "}").ok());
  EXPECT_FALSE(ParseStrictJson(wide + ",\"x7\":1}").ok());
  EXPECT_FALSE(ParseStrictJson("{\"\":1,\"\":1}").ok());
  // The fallback parser reads this one, because of the lone surrogate.
  EXPECT_FALSE(ParseStrictJson("{\"a\":\"\\ud83d\",\"a\":1}").ok());
  // The same key in different objects, and keys that differ only in case, are not duplicates.
  EXPECT_TRUE(ParseStrictJson("{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":1}],\"A\":1}").ok());
}

TEST(JsonRead, ReportsLineAndColumn) {
  const Error comma = Refused("{\n  \"a\": 1\n  \"b\": 2\n}");
  EXPECT_EQ(comma.kind(), ErrorKind::kInvalid);
  EXPECT_EQ(comma.code, ErrorCode::kJsonSyntax);
  EXPECT_EQ(comma.where, "line 3, column 3");
  EXPECT_EQ(comma.got, "'\"'");
  EXPECT_EQ(Refused("{\"a\": tru}").where, "line 1, column 7");
  EXPECT_EQ(Refused("").where, "line 1, column 1");
  EXPECT_EQ(Refused("\"\xff\"").where, "line 1, column 2");
  EXPECT_EQ(Refused("[1, 1e999]").where, "line 1, column 5");
}

TEST(JsonRead, RejectsInvalidJson) {
  for (const char* text :
       {"{",   "[1,]", "{\"a\":}",  "{a:1}", "'a'",         "01",           "1.",
        ".5",  "+1",   "-",         "NaN",   "\"a\nb\"",    "\"\\x\"",      "\"\\u12g4\"",
        "1 2", "nul",  "[1",        "\"abc", "{\"a\":1,}",  "\xef\xbb\xbf", "\"\xed\xa0\x80\"",
        "1e",  "[,1]", "{\"a\" 1}", "]",     "\"\xc0\xaf\""}) {
    const Error e = Refused(text);
    EXPECT_EQ(e.kind(), ErrorKind::kInvalid) << text;
    EXPECT_FALSE(e.where.empty()) << text;
  }
}

TEST(JsonRead, SkipsByteOrderMarkAndReplacesLoneSurrogates) {
  EXPECT_EQ(Parse("\xef\xbb\xbf[1]"), Json(Json::Array{1}));
  EXPECT_EQ(Parse(R"("a\ud83d")").string(), "a\uFFFD");
  EXPECT_EQ(Parse(R"("\udc00b")").string(), "\uFFFDb");
  EXPECT_EQ(Parse(R"("\ud83dA")").string(),
            "\uFFFD"
            "A");
}

TEST(JsonRead, EnforcesLimits) {
  const auto nested = [](size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_TRUE(ParseJson(nested(64)).ok());
  const auto deep = ParseJson(nested(65));
  ASSERT_FALSE(deep.ok());
  EXPECT_EQ(deep.error().kind(), ErrorKind::kLimit);
  EXPECT_EQ(deep.error().code, ErrorCode::kJsonDepth);
  EXPECT_EQ(ParseJson(std::string(1'000'000, '[')).error().kind(), ErrorKind::kLimit);
  EXPECT_EQ(ParseJson(nested(513), {.max_depth = 100'000}).error().kind(), ErrorKind::kLimit);
  EXPECT_TRUE(ParseJson(nested(512), {.max_depth = 100'000}).ok());
  // The fallback parser reads integers beyond 64 bits and has the same limit.
  EXPECT_EQ(ParseJson(std::string(65, '[') + "99999999999999999999" + std::string(65, ']')).error().kind(),
            ErrorKind::kLimit);
  EXPECT_EQ(ParseJson("[1,2,3]", {.max_bytes = 6}).error().code, ErrorCode::kJsonBytes);
  // Each text has four values, containers included. The fallback parser reads the second one.
  for (const char* text : {"[1,2,3]", "[1,2,99999999999999999999999]", R"([1,{"a":2}])"}) {
    EXPECT_TRUE(ParseJson(text, {.max_values = 4}).ok()) << text;
    EXPECT_EQ(ParseJson(text, {.max_values = 3}).error().code, ErrorCode::kJsonValues) << text;
  }
}

// Parsing the text would take many times its size, so the values are counted first.
TEST(JsonRead, RefusesTooManyValuesBeforeParsing) {
  EXPECT_EQ(ParseJson("[1,2,3,4,5,6,7,8", {.max_values = 4}).error().code, ErrorCode::kJsonValues)
      << "the end, which is missing, is never read";
  EXPECT_EQ(ParseJson(R"([",,,,,,,,\",,,,,,,,",1])", {.max_values = 3}).value().array().size(), 2u)
      << "commas in strings separate nothing";
  EXPECT_EQ(ParseJson(R"(["\\",1,2,3,4,5,6,7])", {.max_values = 4}).error().code, ErrorCode::kJsonValues);
}

TEST(JsonRead, ParsesSmallDocumentsAfterALargeOne) {
  std::string large = "[0";
  for (int i = 0; i < 600'000; ++i) large += ",1";
  large += "]";
  EXPECT_EQ(Parse(large).array().size(), 600'001u);
  EXPECT_EQ(Parse("[7]").array()[0].integer(), 7);
}

RC_GTEST_PROP(JsonRead, RoundTripsWrittenJson, ()) {
  const Json value = *AnyJson(2);
  for (const bool pretty : {false, true}) {
    const std::string text = ToString(value, {.pretty = pretty});
    auto back = ParseJson(text);
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == value);
    RC_ASSERT(ToString(*back, {.pretty = pretty}) == text);
  }
}

// Both parsers have the same results for valid text and for text with one byte changed.
RC_GTEST_PROP(JsonRead, FastAndFallbackParsersAgree, ()) {
  std::string text = ToString(*AnyJson(2));
  if (*rc::gen::arbitrary<bool>()) {
    const size_t at = *rc::gen::inRange<size_t>(0, text.size());
    text[at] = *rc::gen::elementOf(std::string("{}[]\",:\\0-.e1 tn\xff\x01"));
  }
  const auto fast = ParseJson(text);
  const auto careful = ParseJsonFallback(text, {.max_depth = 64}, DuplicateKeys::kLastWins);
  RC_ASSERT(fast.ok() == careful.ok());
  if (fast.ok()) RC_ASSERT(ToString(*fast) == ToString(*careful));
  const auto strict = ParseStrictJson(text);
  RC_ASSERT(strict.ok() == ParseJsonFallback(text, {.max_depth = 64}, DuplicateKeys::kRefused).ok());
  if (strict.ok()) RC_ASSERT(ToString(*strict) == ToString(*fast));
}

RC_GTEST_PROP(JsonRead, ParsesOrRejectsArbitraryBytes, (const std::string& bytes)) {
  const auto parsed = ParseJson(bytes);
  if (parsed.ok()) RC_ASSERT(ParseJson(ToString(*parsed)).ok());
}

TEST(JsonValue, FindsAndModifiesMembers) {
  Json j;
  j.Set("a", 1);
  j.Set("b", "x");
  j.Set("a", 2);
  EXPECT_EQ(j.object().size(), 2u);
  EXPECT_EQ(j.Find("a")->integer(), 2);
  EXPECT_EQ(j.Find("c"), nullptr);
  EXPECT_TRUE(j.Remove("a"));
  EXPECT_FALSE(j.Remove("a"));
  Json list;
  list.Push(1);
  list.Push(Json()).Push(2);  // null becomes an array
  EXPECT_EQ(ToString(list), "[1,[2]]");
  EXPECT_EQ(Json(5).Find("a"), nullptr);
}

TEST(JsonValue, FindPathPrefersLiteralKeys) {
  const Json j = Parse(R"({"a":{"b":{"c":1}},"a.b":{"c":2,"d":3},"x.y":4})");
  EXPECT_EQ(j.FindPath("a.b.c")->integer(), 1);
  EXPECT_EQ(j.FindPath("a.b.d")->integer(), 3);
  EXPECT_EQ(j.FindPath("x.y")->integer(), 4);
  EXPECT_EQ(j.FindPath("a.z"), nullptr);
  EXPECT_EQ(j.FindPath(""), nullptr);
}

TEST(JsonValue, ComparesNumbersByValueAndIgnoresMemberOrder) {
  EXPECT_EQ(Parse(R"({"a":1,"b":[2]})"), Parse(R"({"b":[2.0],"a":1.0})"));
  EXPECT_NE(Parse("[1,2]"), Parse("[2,1]"));
  EXPECT_NE(Json(1), Json(true));
  EXPECT_NE(Json("1"), Json(1));
  EXPECT_NE(Json(int64_t{9007199254740993}), Json(9007199254740992.0));  // differ by 1
  EXPECT_EQ(Json(uint64_t{1} << 63), Json(9223372036854775808.0));
  EXPECT_NE(Json(INT64_MAX), Json(9223372036854775808.0));
  EXPECT_NE(Parse("18446744073709551617"), Parse("18446744073709551616"));
  EXPECT_EQ(Parse("18446744073709551616"), Parse("18446744073709551616.0"));
  EXPECT_EQ(Parse("[1.10,1e3,-0]"), Parse("[1.1,1000,0]"));
  EXPECT_NE(Parse("0.1"), Parse("0.10000000000000001"));
  EXPECT_NE(Parse("1e3"), Json(std::nan("")));
  EXPECT_EQ(Json::Float(0.5f), Json(0.5));
  EXPECT_NE(Json(std::nan("")), Json(std::nan("")));
}

TEST(JsonWrite, FormatsNumbers) {
  EXPECT_EQ(ToString(Json::Float(0.1f)), "0.1");
  EXPECT_EQ(ToString(Json(0.1)), "0.1");
  EXPECT_EQ(ToString(Json(1.0)), "1.0");
  EXPECT_EQ(ToString(Json(1e300)), "1e+300");
  EXPECT_EQ(ToString(Json(-0.0)), "-0.0");
  EXPECT_EQ(ToString(Json(std::nan(""))), "null");
  EXPECT_EQ(ToString(Json(std::numeric_limits<double>::infinity())), "\"Infinity\"");
  const WriteOptions java{.numbers = NumberStyle::kJava};
  EXPECT_EQ(ToString(Json(5e-4), java), "5.0E-4");
  EXPECT_EQ(ToString(Json(1e7), java), "1.0E7");
  EXPECT_EQ(ToString(Json::Float(9.549512e9f), java), "9.549512E9");
  EXPECT_EQ(ToString(Json(3), java), "3");
}

TEST(JsonWrite, EscapesStrings) {
  EXPECT_EQ(ToString(Json("a\"\\/\b\f\n\r\t\x01 한")), "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001 한\"");
  EXPECT_EQ(ToString(Json("a\xff\xe2\x82z")), "\"a\uFFFD\uFFFDz\"");
}

TEST(JsonWrite, IndentsPrettyOutput) {
  EXPECT_EQ(ToString(Parse(R"({"a":1,"b":[],"c":{},"d":[1,{"e":2}]})"), {.pretty = true}),
            "{\n  \"a\" : 1,\n  \"b\" : [ ],\n  \"c\" : { },\n  \"d\" : [\n    1,\n    {\n      \"e\" : 2\n  "
            "  }\n  ]\n}");
}

TEST(JsonWrite, WritesTokenByToken) {
  std::string out;
  JsonWriter w(&out);
  w.BeginObject()
      .Key("a")
      .BeginArray()
      .Int(-1)
      .Uint(2)
      .Raw("{\"x\":1}")
      .EndArray()
      .Key("b")
      .Null()
      .EndObject();
  EXPECT_EQ(out, R"({"a":[-1,2,{"x":1}],"b":null})");
}

}  // namespace
}  // namespace trine::format
