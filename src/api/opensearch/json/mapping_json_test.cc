#include "api/opensearch/json/mapping_json.h"

#include <gtest/gtest.h>

#include "api/opensearch/json/settings_json.h"

namespace trine::api::opensearch {
namespace {

class MappingJson : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { analyzers_ = std::move(analysis::NewAnalyzers({})).value().release(); }
  static void TearDownTestSuite() { delete analyzers_; }
  static format::Json J(const std::string& text) { return std::move(format::ParseJson(text)).value(); }
  static Result<catalogue::Mapping> Parse(const std::string& text) {
    return ParseMapping(J(text), {}, *analyzers_);
  }
  static std::string ParseAndPrint(const std::string& text) {
    const auto mapping = Parse(text);
    return mapping.ok() ? format::ToString(PrintMapping(*mapping)) : "error: " + mapping.error().message;
  }
  static Result<catalogue::CollectionSettings> Settings(const std::string& text) {
    return ParseSettings(J(text), *analyzers_);
  }
  static const analysis::Analyzers* analyzers_;
};
const analysis::Analyzers* MappingJson::analyzers_ = nullptr;

TEST_F(MappingJson, PrintsMappingsAsGiven) {
  for (
      const char* text :
      {R"({"properties":{"a":{"type":"text","analyzer":"english","fields":{"k":{"type":"keyword","ignore_above":10}}}}})",
       R"({"dynamic":"strict","date_detection":false,"_meta":{"a":1},"properties":{"a":{"type":"date","format":"yyyy"}}})",
       R"({"properties":{"o":{"dynamic":"false","properties":{"x":{"type":"long"}}},"e":{"type":"object","enabled":false}}})",
       R"({"properties":{"v":{"type":"knn_vector","dimension":4,"space_type":"innerproduct","mode":"on_disk"}}})"})
    EXPECT_EQ(ParseAndPrint(text), text);
  EXPECT_EQ(ParseAndPrint("{}"), "{}");
}

TEST_F(MappingJson, ReadsFieldParameters) {
  const auto mapping = Parse(
      R"({"properties":{"p":{"type":"scaled_float","scaling_factor":100,"index":false,"null_value":1},"v":{"type":"knn_vector","dimension":3,"method":{"name":"hnsw","space_type":"cosinesimil"}},"c":{"type":"keyword","copy_to":["x","y"],"ignore_above":5},"a.b":{"type":"long"}}})");
  ASSERT_TRUE(mapping.ok()) << mapping.error().ToString();
  EXPECT_EQ(mapping->Find("p")->scaling_factor, 100);
  EXPECT_FALSE(mapping->Find("p")->index);
  EXPECT_EQ(mapping->Find("v")->space, catalogue::VectorSpace::kCosine);
  EXPECT_EQ(mapping->Find("v")->dimension, 3u);
  EXPECT_EQ(mapping->Find("c")->copy_to.size(), 2u);
  EXPECT_EQ(mapping->Find("c")->ignore_above, 5);
  EXPECT_EQ(mapping->Find("a.b")->type, catalogue::FieldType::kLong);
}

TEST_F(MappingJson, RejectsUnknownTypesAndParameters) {
  for (const char* text :
       {R"({"properties":{"a":{"type":"odd"}}})", R"({"properties":{"a":{"type":"nested"}}})",
        R"({"properties":{"a":{"type":"text","odd":1}}})",
        R"({"properties":{"a":{"type":"text","analyzer":"odd"}}})", R"({"properties":{"a":{}}})",
        R"({"properties":{"a":5}})", R"({"properties":[]})", R"({"odd":1})", R"({"dynamic":"maybe"})",
        R"({"properties":{"":{"type":"text"}}})", R"({"properties":{"a":{"type":"knn_vector"}}})",
        R"({"properties":{"a":{"type":"knn_vector","dimension":0}}})",
        R"({"properties":{"a":{"type":"knn_vector","dimension":2,"space_type":"odd"}}})",
        R"({"properties":{"a":{"type":"scaled_float"}}})",
        R"({"properties":{"a":{"type":"text","similarity":"boolean"}}})",
        R"({"properties":{"a":{"type":"long","properties":{"b":{"type":"long"}}}}})",
        R"({"properties":{"a":{"type":"keyword","normalizer":"odd"}}})", R"({"_source":{"enabled":false}})"})
    EXPECT_EQ(ParseAndPrint(text).substr(0, 6), "error:") << text;
}

TEST_F(MappingJson, BoundsDepthAndFieldCount) {
  std::string deep = R"({"type":"long"})";
  for (int i = 0; i < 25; ++i) deep = R"({"properties":{"a":)" + deep + "}}";
  EXPECT_EQ(ParseAndPrint(deep).substr(0, 6), "error:");
  std::string wide = R"({"properties":{)";
  for (int i = 0; i < 1100; ++i) wide += (i ? ",\"f" : "\"f") + std::to_string(i) + R"(":{"type":"long"})";
  EXPECT_EQ(ParseAndPrint(wide + "}}").substr(0, 6), "error:");
}

TEST_F(MappingJson, ReadsNestedAndFlatSettings) {
  const auto flat =
      Settings(R"({"index.refresh_interval":"5s","index.search.fusion_window":"size","number_of_shards":3})");
  const auto nested = Settings(
      R"({"index":{"refresh_interval":"5s","search":{"fusion_window":"size"},"number_of_shards":"3"}})");
  ASSERT_TRUE(flat.ok() && nested.ok());
  EXPECT_EQ(flat->refresh_interval_ms, 5000);
  EXPECT_EQ(flat->fusion_window, 0u);
  EXPECT_EQ(flat->client_settings, nested->client_settings);
}

TEST_F(MappingJson, RejectsInvalidAnalyzers) {
  const auto good = Settings(
      R"({"analysis":{"analyzer":{"my.own":{"tokenizer":"standard","filter":["lowercase","stopper"]},"default":{"type":"english"}},"filter":{"stopper":{"type":"stop","stopwords":["a","b"]}}}})");
  ASSERT_TRUE(good.ok()) << good.error().ToString();
  EXPECT_EQ(good->default_analyzer, "default");
  EXPECT_EQ(good->analysis.analyzers.at("my.own").filters.size(), 2u);
  EXPECT_EQ(good->analysis.filters.at("stopper").options.at("stopwords"), "a\nb");
  for (const char* text :
       {R"({"analysis":{"analyzer":{"x":{"tokenizer":"odd"}}}})",
        R"({"analysis":{"analyzer":{"x":{"tokenizer":"standard","filter":["odd"]}}}})",
        R"({"analysis":{"analyzer":{"x":{"type":"odd"}}}})", R"({"analysis":{"odd":{"x":{"type":"y"}}}})",
        R"({"analysis":{"filter":{"x":{"min":1}}}})"})
    EXPECT_FALSE(Settings(text).ok()) << text;
}

TEST_F(MappingJson, RejectsUnsupportedSettings) {
  for (const char* text :
       {R"({"index.odd":1})", R"({"index.sort.field":"a"})", R"({"index.blocks.write":true})",
        R"({"index.default_pipeline":"p"})", R"({"refresh_interval":"5"})", R"({"max_result_window":0})",
        R"({"search.fusion_window":"all"})"})
    EXPECT_FALSE(Settings(text).ok()) << text;
  EXPECT_TRUE(Settings(R"({"index.blocks.write":false,"index.default_pipeline":"_none"})").ok());
}

TEST_F(MappingJson, ChangesDynamicSettingsOnly) {
  catalogue::Collection collection;
  collection.name = "i";
  collection.settings = std::move(Settings(R"({"number_of_shards":2,"refresh_interval":"1s"})")).value();
  const auto changed = ChangeSettings(
      collection, J(R"({"index":{"refresh_interval":null,"max_result_window":5}})"), *analyzers_);
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->max_result_window, 5u);
  EXPECT_EQ(changed->client_settings.Find("index.refresh_interval"), nullptr);
  EXPECT_FALSE(ChangeSettings(collection, J(R"({"number_of_shards":3})"), *analyzers_).ok());
  EXPECT_TRUE(ChangeSettings(collection, J(R"({"number_of_shards":2})"), *analyzers_).ok());
}

}  // namespace
}  // namespace trine::api::opensearch
