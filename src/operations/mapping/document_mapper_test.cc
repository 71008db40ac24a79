#include "operations/mapping/document_mapper.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/limits.h"
#include "index/empty_text.h"

namespace trine::operations {
namespace {

using catalogue::Collection;
using catalogue::Dynamic;
using catalogue::Field;
using catalogue::FieldType;
using format::Json;

const analysis::Analyzers& TestAnalyzers() {
  static const std::unique_ptr<analysis::Analyzers> kAnalyzers = *analysis::NewAnalyzers({});
  return *kAnalyzers;
}

Field MakeField(const std::string& name, FieldType type) {
  Field field;
  field.name = name;
  field.type = type;
  return field;
}

Result<MappedDocument> Map(const Collection& collection, std::string_view source) {
  return MapDocument(collection, "1", SeqNo{7}, *format::ParseJson(source), TestAnalyzers());
}

const index::FieldContent* Find(const MappedDocument& mapped, const std::string& path) {
  for (const index::FieldContent& content : mapped.document.fields) {
    if (content.field == path) return &content;
  }
  return nullptr;
}

std::string Terms(const index::FieldContent* content) {
  if (content == nullptr) return "(none)";
  std::string text;
  for (const index::Occurrence& o : content->occurrences) {
    text += (text.empty() ? "" : " ") + o.term + "@" + std::to_string(o.position);
  }
  return text;
}

// The leaves in the form "a:long b.c:text b.c.keyword:keyword".
std::string Shape(const catalogue::Mapping& mapping) {
  std::string shape;
  for (const auto& [path, field] : mapping.Leaves()) {
    shape += (shape.empty() ? "" : " ") + path + ":" + std::string(Name(field->type));
  }
  return shape;
}

TEST(DocumentMapper, MarksTextsWithoutTokens) {
  Collection collection;
  collection.mapping.properties = {MakeField("t", FieldType::kText), MakeField("u", FieldType::kText)};
  const auto marks = [&collection](std::string_view source) {
    return Terms(Find(*Map(collection, source), std::string(index::kEmptyTextField)));
  };
  EXPECT_EQ(marks(R"({"t":"-","u":["","red",""]})"), "t@0 u@0");
  EXPECT_EQ(marks(R"({"t":"red"})"), "(none)");
  EXPECT_EQ(marks(R"({"t":null})"), "(none)");
}

TEST(DocumentMapper, InfersNewFieldsByDynamicRules) {
  const std::pair<const char*, const char*> golden[] = {
      {R"({"a":"무선 이어폰"})", "a:text a.keyword:keyword"},
      {R"({"a":1})", "a:long"},
      {R"({"a":1.0})", "a:float"},
      {R"({"a":true})", "a:boolean"},
      {R"({"a":"2026-11-22"})", "a:date"},
      {R"({"a":"2026/11/22"})", "a:date"},
      {R"({"a":"2026-11-22T10:00:00Z"})", "a:date"},
      {R"({"a":"20261122"})", "a:text a.keyword:keyword"},
      {R"({"a":"2026.11.22"})", "a:text a.keyword:keyword"},
      {R"({"a":null})", ""},
      {R"({"a":[]})", ""},
      {R"({"a":[null,3,"x"]})", "error"},  // long by its first value; "x" is not a number
      {R"({"a":[null,3,"4"]})", "a:long"},
      {R"({"a":["x",4]})", "a:text a.keyword:keyword"},
      {R"({"a":{"b":{"c":1}}})", "a.b.c:long"},
      {R"({"a.b.c":1})", "a.b.c:long"},
      {R"({"a":{"b":1},"a.c":2})", "a.b:long a.c:long"},
      {R"({"a":[{"b":1},{"c":"x"}]})", "a.b:long a.c:text a.c.keyword:keyword"},
      {R"({"b":1,"a":2})", "b:long a:long"},
  };
  for (const auto& [source, shape] : golden) {
    const Result<MappedDocument> mapped = Map(Collection{}, source);
    EXPECT_EQ(mapped.ok() ? Shape(mapped->grown) : "error", shape) << source;
  }
}

TEST(DocumentMapper, IndexesNewFieldsImmediately) {
  const Result<MappedDocument> mapped = Map(Collection{}, R"({"t":"Red Chair","n":[3,1],"f":0.1,"b":true})");
  ASSERT_TRUE(mapped.ok());
  EXPECT_EQ(mapped->document.seq_no.value, 7u);
  EXPECT_EQ(mapped->document.id, "1");
  EXPECT_EQ(Terms(Find(*mapped, "t")), "red@0 chair@1");
  EXPECT_EQ(Terms(Find(*mapped, "t.keyword")), "Red Chair@0");
  EXPECT_EQ(Find(*mapped, "t.keyword")->keywords, std::vector<std::string>{"Red Chair"});
  EXPECT_EQ(Find(*mapped, "n")->integers, (std::vector<int64_t>{3, 1}));
  EXPECT_EQ(Find(*mapped, "f")->doubles, std::vector<double>{static_cast<double>(0.1f)});
  EXPECT_EQ(Find(*mapped, "b")->integers, std::vector<int64_t>{1});
}

TEST(DocumentMapper, ReturnsOnlyNewFields) {
  Collection collection;
  Field object = MakeField("spec", FieldType::kObject);
  object.properties.push_back(MakeField("weight", FieldType::kDouble));
  collection.mapping.properties.push_back(object);
  const Result<MappedDocument> mapped = Map(collection, R"({"spec":{"weight":1,"colour":"red"}})");
  ASSERT_TRUE(mapped.ok());
  EXPECT_EQ(Shape(mapped->grown), "spec.colour:text spec.colour.keyword:keyword");
  const Result<MappedDocument> known = Map(collection, R"({"spec":{"weight":1}})");
  ASSERT_TRUE(known.ok());
  EXPECT_TRUE(known->grown.properties.empty());
}

TEST(DocumentMapper, LeavesAPositionGapBetweenTextValues) {
  Collection collection;
  collection.mapping.properties.push_back(MakeField("t", FieldType::kText));
  const Result<MappedDocument> mapped = Map(collection, R"({"t":["a b","c"]})");
  ASSERT_TRUE(mapped.ok());
  EXPECT_EQ(Terms(Find(*mapped, "t")), "a@0 b@1 c@102");  // like Lucene: last + 1 + gap
  EXPECT_EQ(Find(*mapped, "t")->length, 3u);
  EXPECT_TRUE(Find(*mapped, "t")->with_norms);
  EXPECT_TRUE(Find(*mapped, "t")->with_positions);
}

TEST(DocumentMapper, ExcludesStackedTokensFromFieldLength) {
  Collection collection;
  Field text = MakeField("t", FieldType::kText);
  text.analyzer = "syn";
  collection.mapping.properties.push_back(text);
  collection.settings.analysis.filters["words"] = {"synonym", {{"synonyms", "sofa, couch"}}};
  collection.settings.analysis.analyzers["syn"] = {"standard", {"lowercase", "words"}, {}};
  const Result<MappedDocument> mapped = Map(collection, R"({"t":"red sofa"})");
  ASSERT_TRUE(mapped.ok()) << mapped.error().ToString();
  ASSERT_EQ(Find(*mapped, "t")->occurrences.size(), 3u);
  EXPECT_EQ(Find(*mapped, "t")->length, 2u);
}

TEST(DocumentMapper, IgnoreAboveCountsUtf16Units) {
  Collection collection;
  Field keyword = MakeField("k", FieldType::kKeyword);
  keyword.ignore_above = 3;
  collection.mapping.properties.push_back(keyword);
  EXPECT_EQ(Terms(Find(*Map(collection, R"({"k":["가나다","abcd","가😀"]})"), "k")), "가나다@0 가😀@0");
  EXPECT_EQ(Find(*Map(collection, R"({"k":"가나😀"})"), "k"), nullptr);
  EXPECT_EQ(Terms(Find(*Map(collection, R"({"k":["a","a"]})"), "k")), "a@0");
}

TEST(DocumentMapper, NormalizesWholeKeywords) {
  Collection collection;
  Field keyword = MakeField("k", FieldType::kKeyword);
  keyword.normalizer = "fold";
  collection.mapping.properties.push_back(keyword);
  collection.settings.analysis.normalizers["fold"] = {"", {"lowercase", "asciifolding"}, {}};
  EXPECT_EQ(Terms(Find(*Map(collection, R"({"k":"Café Noir"})"), "k")), "cafe noir@0");
  collection.mapping.properties[0].normalizer = "nothing";
  EXPECT_FALSE(Map(collection, R"({"k":"x"})").ok());
}

// The error code and the value of the error's cause, such as "number_range 300".
std::string CauseOf(const Error& error) {
  return error.cause ? std::string(Name(error.cause->code)) + " " + error.cause->got : "no cause";
}

TEST(DocumentMapper, ChecksNumbersByType) {
  struct NumberCase {
    FieldType type;
    const char* json;
    const char* kept;  // "!" and the cause for an error
  };
  const NumberCase cases[] = {
      {FieldType::kLong, "9223372036854775807", "9223372036854775807"},
      {FieldType::kLong, "9223372036854775808", "!number_range 9223372036854775808"},
      {FieldType::kLong, "1.9", "1"},
      {FieldType::kLong, "\"-12\"", "-12"},
      {FieldType::kLong, "\"12.7\"", "12"},
      {FieldType::kLong, "\"\"", "none"},
      {FieldType::kLong, "\"abc\"", "!number_syntax abc"},
      {FieldType::kLong, "true", "!value_type true"},
      {FieldType::kInteger, "2147483648", "!number_range 2147483648"},
      {FieldType::kShort, "-32768", "-32768"},
      {FieldType::kByte, "300", "!number_range 300"},
      {FieldType::kInteger, "\"12900 \"", "12900"},
      {FieldType::kShort, "\"+5\"", "5"},
      {FieldType::kLong, "\"+5\"", "5"},
      {FieldType::kLong, "\"5 \"", "!number_syntax 5 "},
      {FieldType::kLong, "9007199254740993.0", "9007199254740993"},
      {FieldType::kLong, "\"9007199254740993.5\"", "9007199254740993"},
      {FieldType::kDouble, "\" +1.5 \"", "1.5"},
      {FieldType::kDouble, "\"NaN\"", "!number_not_finite NaN"},
      {FieldType::kDouble, "\"1e3\"", "1000.0"},
      {FieldType::kFloat, "1e39", "!number_not_finite 1e39"},
      {FieldType::kHalfFloat, "65504", "65504.0"},
      {FieldType::kHalfFloat, "1.0001", "1.0"},
      {FieldType::kHalfFloat, "70000", "!number_not_finite 70000"},
      {FieldType::kScaledFloat, "12.345", "12.35"},
      {FieldType::kUnsignedLong, "-1", "!number_range -1"},
      {FieldType::kUnsignedLong, "5.9", "5"},
      {FieldType::kUnsignedLong, "18446744073709551615", "18446744073709551615"},
      {FieldType::kUnsignedLong, "\"18446744073709551614\"", "18446744073709551614"},
      {FieldType::kUnsignedLong, "18446744073709551616", "!number_range 18446744073709551616"},
      {FieldType::kUnsignedLong, "\"18446744073709551616\"", "!number_range 18446744073709551616"},
  };
  for (const NumberCase& c : cases) {
    Collection collection;
    collection.mapping.properties.push_back(MakeField("n", c.type));
    collection.mapping.properties[0].scaling_factor = 100;
    const Result<MappedDocument> mapped = Map(collection, std::string("{\"n\":") + c.json + "}");
    std::string got;
    if (!mapped.ok()) {
      got = "!" + CauseOf(mapped.error());
    } else if (const index::FieldContent* content = Find(*mapped, "n")) {
      switch (content->number_kind) {
        case index::NumberKind::kDouble:
          got = format::ToString(Json(content->doubles.at(0)));
          break;
        case index::NumberKind::kUnsigned:
          got = std::to_string(catalogue::UnsignedValue(content->integers.at(0)));
          break;
        case index::NumberKind::kInteger:
          got = std::to_string(content->integers.at(0));
      }
    } else {
      got = "none";
    }
    EXPECT_EQ(got, c.kept) << Name(c.type) << " " << c.json;
  }
}

TEST(DocumentMapper, KeywordsAndTextKeepTheNumberAsItWasWritten) {
  Collection collection;
  collection.mapping.properties.push_back(MakeField("k", FieldType::kKeyword));
  collection.mapping.properties.push_back(MakeField("t", FieldType::kText));
  const auto mapped = Map(collection, R"({"k":[1.10,1e3,18446744073709551617,-0],"t":[1e3,1.10]})");
  ASSERT_TRUE(mapped.ok());
  EXPECT_EQ(Terms(Find(*mapped, "k")), "1.10@0 1e3@0 18446744073709551617@0 -0@0");
  EXPECT_EQ(Terms(Find(*mapped, "t")), "1e3@0 1.10@101");
}

// As in OpenSearch, whose dynamic mapping makes a long of every whole number.
TEST(DocumentMapper, RefusesUnmappedWholeNumbersBeyond64Bits) {
  for (const char* source : {R"({"n":9223372036854775808})", R"({"n":18446744073709551616})",
                             R"({"n":[1,-9223372036854775809]})"}) {
    const auto mapped = Map(Collection(), source);
    ASSERT_FALSE(mapped.ok()) << source;
    EXPECT_EQ(mapped.error().code, ErrorCode::kFieldParse) << source;
    EXPECT_EQ(mapped.error().expected, "long") << source;
  }
  EXPECT_EQ(Shape(Map(Collection(), R"({"n":9223372036854775807,"f":1e30,"z":-0})")->grown),
            "n:long f:float z:long");
}

Result<MappedDocument> MapStored(const Collection& collection, std::string_view source) {
  const auto mapper = DocumentMapper::Compile(std::make_shared<Collection>(collection), TestAnalyzers());
  EXPECT_TRUE(mapper.ok());
  return (*mapper)->MapStored("1", SeqNo{7}, *format::ParseJson(source));
}

TEST(DocumentMapper, StoredDocumentsKeepEverythingThatStillFits) {
  Collection collection;
  collection.mapping.dynamic = Dynamic::kStrict;
  collection.mapping.properties.push_back(MakeField("t", FieldType::kText));
  collection.mapping.properties.push_back(MakeField("size", FieldType::kInteger));
  collection.mapping.properties.push_back(MakeField("k", FieldType::kKeyword));
  Field object = MakeField("o", FieldType::kObject);
  object.properties.push_back(MakeField("n", FieldType::kLong));
  collection.mapping.properties.push_back(object);
  const std::string source =
      R"({"t":"red","size":["XL",5],"unknown":1,"o":7,"k":{"a":1},"o.n":"x",".":2,"k.x":3})";
  EXPECT_FALSE(Map(collection, source).ok());
  const auto mapped = MapStored(collection, source);
  ASSERT_TRUE(mapped.ok());
  EXPECT_EQ(Terms(Find(*mapped, "t")), "red@0");
  EXPECT_EQ(Find(*mapped, "size")->integers, std::vector<int64_t>{5});
  EXPECT_EQ(Find(*mapped, "k"), nullptr);
  EXPECT_EQ(Find(*mapped, "o.n"), nullptr);
  EXPECT_TRUE(mapped->grown.properties.empty());
  EXPECT_FALSE(mapped->incomplete.has_value());
  collection.mapping.dynamic = Dynamic::kTrue;
  EXPECT_TRUE(MapStored(collection, source)->grown.properties.empty()) << "a stored document adds no fields";
}

TEST(DocumentMapper, AStoredKeywordThatIsTooLongLeavesNothing) {
  Collection collection;
  collection.mapping.properties.push_back(MakeField("k", FieldType::kKeyword));
  const std::string source = "{\"k\":[\"a\",\"" + std::string(limits::kMaxTermBytes + 1, 'x') + "\"]}";
  const auto mapped = MapStored(collection, source);
  ASSERT_TRUE(mapped.ok());
  EXPECT_EQ(Terms(Find(*mapped, "k")), "a@0");
  EXPECT_EQ(Find(*mapped, "k")->keywords, std::vector<std::string>{"a"});
}

// Such a definition can only come from another version of Trine.
TEST(DocumentMapper, ABrokenDefinitionAffectsItsOwnFieldOnly) {
  Collection collection;
  Field date = MakeField("d", FieldType::kDate);
  date.format = "yyyy-foo";
  collection.mapping.properties.push_back(date);
  collection.mapping.properties.push_back(MakeField("k", FieldType::kKeyword));
  EXPECT_TRUE(Map(collection, R"({"k":"a"})").ok());
  const auto refused = Map(collection, R"({"k":"a","d":"2026"})");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(CauseOf(refused.error()), "date_format yyyy-foo");
  const auto stored = MapStored(collection, R"({"k":"a","d":"2026"})");
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(Terms(Find(*stored, "k")), "a@0");
  ASSERT_TRUE(stored->incomplete.has_value());
  EXPECT_EQ(stored->incomplete->where, "d");
}

TEST(DocumentMapper, ReportsFieldTypeDocumentAndValueInErrors) {
  Collection collection;
  collection.mapping.properties.push_back(MakeField("price", FieldType::kLong));
  collection.mapping.properties.push_back(MakeField("t", FieldType::kText));
  const Result<MappedDocument> mapped = Map(collection, R"({"price":"abc"})");
  ASSERT_FALSE(mapped.ok());
  EXPECT_EQ(mapped.error().message, "cannot parse the value of a field: not a number");
  EXPECT_EQ(mapped.error().expected, "long");
  EXPECT_EQ(mapped.error().got, "abc");
  EXPECT_EQ(mapped.error().DetailOf("id"), "1");
  EXPECT_EQ(mapped.error().code, ErrorCode::kFieldParse);
  EXPECT_EQ(mapped.error().where, "price");
  EXPECT_EQ(mapped.error().kind(), ErrorKind::kInvalid);
  const Result<MappedDocument> object = Map(collection, R"({"t":{"a":1,"b":[true,null]}})");
  ASSERT_FALSE(object.ok());
  EXPECT_EQ(object.error().got, "{a=1, b=[true, null]}");
}

TEST(DocumentMapper, DynamicFalseSkipsAndStrictRejects) {
  Collection collection;
  collection.mapping.dynamic = Dynamic::kFalse;
  const Result<MappedDocument> skipped = Map(collection, R"({"a":1,"b":{"c":2},"d.e":3})");
  ASSERT_TRUE(skipped.ok());
  EXPECT_TRUE(skipped->document.fields.empty());
  EXPECT_TRUE(skipped->grown.properties.empty());

  collection.mapping.dynamic = Dynamic::kStrict;
  Field object = MakeField("open", FieldType::kObject);
  object.dynamic = Dynamic::kTrue;
  collection.mapping.properties.push_back(object);
  EXPECT_TRUE(Map(collection, R"({"open":{"x":1}})").ok());
  for (const char* source : {R"({"a":1})", R"({"a":null})", R"({"a":{"b":1}})", R"({"a":[1]})"}) {
    const Result<MappedDocument> refused = Map(collection, source);
    ASSERT_FALSE(refused.ok()) << source;
    EXPECT_EQ(refused.error().code, ErrorCode::kStrictMapping);
    EXPECT_EQ(refused.error().DetailOf("name"), "a");
    EXPECT_EQ(refused.error().DetailOf("parent"), "");
  }
}

TEST(DocumentMapper, AppliesCopyToNullValueAndDisabledObjects) {
  Collection collection;
  Field brand = MakeField("brand", FieldType::kKeyword);
  brand.copy_to = {"all", "new.copy"};
  brand.null_value = "none";
  Field closed = MakeField("raw", FieldType::kObject);
  closed.enabled = false;
  collection.mapping.properties = {brand, MakeField("all", FieldType::kText), closed};
  const Result<MappedDocument> mapped =
      Map(collection, R"({"brand":["Acme Co",null],"raw":{"x":"no"},"all":"first"})");
  ASSERT_TRUE(mapped.ok()) << mapped.error().ToString();
  EXPECT_EQ(Terms(Find(*mapped, "brand")), "Acme Co@0 none@0");
  EXPECT_EQ(Terms(Find(*mapped, "all")), "first@0 acme@101 co@102 none@203");
  EXPECT_EQ(Terms(Find(*mapped, "new.copy.keyword")), "Acme Co@0 none@0");
  EXPECT_EQ(Find(*mapped, "raw.x"), nullptr);
  const Result<MappedDocument> concrete = Map(collection, R"({"raw":1,"new":"x"})");
  EXPECT_TRUE(concrete.ok());  // a disabled object accepts any value
  collection.mapping.properties[2].enabled = true;
  const Result<MappedDocument> refused = Map(collection, R"({"raw":1})");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kObjectField);
  EXPECT_EQ(refused.error().where, "raw");
}

TEST(DocumentMapper, RejectsVectorsThatDoNotMatchTheField) {
  Collection collection;
  Field vector = MakeField("v", FieldType::kKnnVector);
  vector.dimension = 2;
  vector.space = catalogue::VectorSpace::kCosine;
  collection.mapping.properties.push_back(vector);
  EXPECT_EQ(Find(*Map(collection, R"({"v":[1,2.5]})"), "v")->vector, (std::vector<float>{1, 2.5f}));
  const std::pair<const char*, const char*> wrong[] = {
      {R"({"v":[1]})", "vector_dimension 1"},
      {R"({"v":[0,0]})", "zero_vector "},
      {R"({"v":[1,1e300]})", "vector_element infinity"},
      {R"({"v":[1,"x"]})", "vector_element x"},
      {R"({"v":"x"})", "value_type string"},
  };
  for (const auto& [source, cause] : wrong) {
    const Result<MappedDocument> mapped = Map(collection, source);
    ASSERT_FALSE(mapped.ok()) << source;
    EXPECT_EQ(CauseOf(mapped.error()), cause);
  }
}

TEST(DocumentMapper, LimitsTermBytesPerDocument) {
  Collection collection;
  collection.settings.analysis.char_filters["long"] = {"mapping",
                                                       {{"mappings", "a=>" + std::string(60'000, 'b')}}};
  collection.settings.analysis.tokenizers["grams"] = {"ngram", {{"min_gram", "200"}, {"max_gram", "208"}}};
  collection.settings.analysis.analyzers["wide"] = {"grams", {}, {"long"}};
  Field field = MakeField("t", FieldType::kText);
  field.analyzer = "wide";
  collection.mapping.properties.push_back(field);
  EXPECT_TRUE(Map(collection, R"({"t":["a"]})").ok());
  std::string values = "\"a\"";
  for (int i = 0; i < 30; ++i) values += ",\"a\"";
  const auto mapped = Map(collection, "{\"t\":[" + values + "]}");
  ASSERT_FALSE(mapped.ok());
  EXPECT_EQ(mapped.error().code, ErrorCode::kFieldParse);
  EXPECT_EQ(CauseOf(mapped.error()), "limit ");
  EXPECT_NE(mapped.error().message.find("256 MiB of terms"), std::string::npos);
}

TEST(DocumentMapper, RejectsHostileDocuments) {
  std::string deep;
  for (int i = 0; i < 25; ++i) deep += "{\"a\":";
  deep += "1" + std::string(25, '}');
  const Result<MappedDocument> nested = Map(Collection{}, deep);
  ASSERT_FALSE(nested.ok());
  EXPECT_EQ(nested.error().code, ErrorCode::kMappingDepth);

  std::string dotted = "{\"a";
  for (int i = 0; i < 5000; ++i) dotted += ".a";
  const Result<MappedDocument> path = Map(Collection{}, dotted + "\":1}");
  ASSERT_FALSE(path.ok());
  EXPECT_EQ(path.error().code, ErrorCode::kMappingDepth);

  std::string wide = "{\"f0\":1";
  for (size_t i = 1; i <= limits::kMaxMappingFields + 1; ++i) wide += ",\"f" + std::to_string(i) + "\":1";
  const Result<MappedDocument> fields = Map(Collection{}, wide + "}");
  ASSERT_FALSE(fields.ok());
  EXPECT_EQ(fields.error().kind(), ErrorKind::kLimit);

  for (const char* source : {R"({"":1})", R"({".a":1})", R"({"a.":1})", R"({"a..b":1})"}) {
    const Result<MappedDocument> name = Map(Collection{}, source);
    ASSERT_FALSE(name.ok()) << source;
    EXPECT_EQ(name.error().code, ErrorCode::kFieldName);
  }
  const Result<MappedDocument> through = Map(Collection{}, R"({"a":1,"a.b":2})");
  ASSERT_FALSE(through.ok());
  EXPECT_EQ(through.error().code, ErrorCode::kObjectField);

  Collection keywords;
  keywords.mapping.properties.push_back(MakeField("k", FieldType::kKeyword));
  const std::string immense(limits::kMaxTermBytes + 1, 'x');
  EXPECT_FALSE(Map(keywords, "{\"k\":\"" + immense + "\"}").ok());
  EXPECT_FALSE(Map(Collection{}, "[1]").ok());
}

TEST(MappingCovers, RequiresTheSameFieldsAndTypes) {
  catalogue::Mapping base, more;
  base.properties = {MakeField("a", FieldType::kLong), MakeField("b", FieldType::kText)};
  more.properties = {MakeField("a", FieldType::kLong)};
  EXPECT_TRUE(MappingCovers(base, more));
  more.properties[0].type = FieldType::kText;
  EXPECT_FALSE(MappingCovers(base, more));
  more.properties = {MakeField("b", FieldType::kText)};
  more.properties[0].fields.push_back(MakeField("keyword", FieldType::kKeyword));
  EXPECT_FALSE(MappingCovers(base, more));
}

}  // namespace
}  // namespace trine::operations
