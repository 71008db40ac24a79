#include "catalogue/catalogue.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/limits.h"
#include "catalogue/declared_roles.h"
#include "catalogue/definition_codec.h"
#include "catalogue/item_attribute.h"
#include "catalogue/lost_definitions.h"
#include "catalogue/name_pattern.h"
#include "catalogue/record_store.h"
#include "catalogue/roles.h"
#include "test/support/failing_key_value.h"

namespace trine::catalogue {
namespace {

Field Named(std::string name, FieldType type) {
  Field field;
  field.name = std::move(name);
  field.type = type;
  return field;
}

class CatalogueTest : public ::testing::Test {
 protected:
  void Reopen() { catalogue_ = OpenCatalogue(*kv_, clock_, NullLog()).value(); }
  CollectionPtr Create(const std::string& name, std::vector<Alias> aliases = {}) {
    NewCollection spec;
    spec.name = name;
    spec.hidden = name.starts_with(kHiddenPrefix);
    spec.aliases = std::move(aliases);
    return catalogue_->Create(std::move(spec)).value();
  }
  std::string Names(std::string_view expression, bool ignore_unavailable = false) {
    const auto found = catalogue_->Resolve(expression, ignore_unavailable);
    if (!found.ok()) return std::string(Name(found.error().code));
    std::string names;
    for (const auto& collection : *found) names += (names.empty() ? "" : " ") + collection->name;
    return names;
  }

  std::unique_ptr<storage::KeyValue> kv_ = storage::NewMemoryKeyValue();
  ManualClock clock_{Millis{1'700'000'000'000}};
  std::unique_ptr<Catalogue> catalogue_ = OpenCatalogue(*kv_, clock_, NullLog()).value();
};

TEST_F(CatalogueTest, RejectsInvalidNames) {
  const auto code = [&](const std::string& name) {
    NewCollection spec;
    spec.name = name;
    const auto made = catalogue_->Create(std::move(spec));
    return made.ok() ? "" : std::string(Name(made.error().code));
  };
  for (const char* bad :
       {"",    ".",  "..", "Upper", "_a",  "-a",   "+a", "a b", "a,b", "a*",   "a?",
        "a\"", "a<", "a>", "a|",    "a/b", "a\\b", "a#", "a:b", "a\n", "\xff", ".items-3"}) {
    EXPECT_EQ(code(bad), "collection_name") << bad;
  }
  EXPECT_EQ(code(std::string(256, 'a')), "collection_name");
  for (const char* good : {"a", ".kibana", "상품", "a-b_c+d.e", "0"}) EXPECT_EQ(code(good), "") << good;
  EXPECT_EQ(code("a"), "collection_exists");
}

TEST_F(CatalogueTest, LimitsTheNumberOfCollections) {
  for (size_t i = 0; i < limits::kMaxCollections; ++i) Create("c" + std::to_string(i));
  NewCollection one_more;
  one_more.name = "more";
  const auto refused = catalogue_->Create(one_more);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::kLimit);
  EXPECT_EQ(refused.error().code, ErrorCode::kCollectionLimit);
  EXPECT_EQ(refused.error().got, "1000");
  EXPECT_EQ(catalogue_->Get("more"), nullptr);
  one_more.name = "c7";
  EXPECT_EQ(catalogue_->Create(one_more).error().code, ErrorCode::kCollectionExists);
  ASSERT_TRUE(catalogue_->Drop("c7").ok());
  EXPECT_TRUE(catalogue_->Create(one_more).ok());
}

TEST_F(CatalogueTest, NeverReusesIds) {
  const CollectionId first = Create("a")->id;
  ASSERT_TRUE(catalogue_->Drop("a").ok());
  EXPECT_EQ(catalogue_->Get("a"), nullptr);
  EXPECT_EQ(catalogue_->Get(first), nullptr);
  Reopen();
  const CollectionPtr second = Create("a");
  EXPECT_NE(second->id, first);
  EXPECT_EQ(second->uuid.size(), 22u);
  EXPECT_EQ(catalogue_->Drop("b").error().code, ErrorCode::kCollectionNotFound);
}

TEST_F(CatalogueTest, ResolvesExpressions) {
  Create("logs-1", {{"recent", {}, false}});
  Create("logs-2", {{"recent", {}, true}, {"two", {}, false}});
  Create("shop");
  Create(".items-7");
  EXPECT_EQ(Names("_all"), "logs-1 logs-2 shop");
  EXPECT_EQ(Names(""), "logs-1 logs-2 shop");
  EXPECT_EQ(Names("*"), "logs-1 logs-2 shop");
  EXPECT_EQ(Names("logs-*,-*2"), "logs-1");
  EXPECT_EQ(Names("shop,recent"), "logs-1 logs-2 shop");
  EXPECT_EQ(Names("rec*"), "logs-1 logs-2");
  EXPECT_EQ(Names(".items-7,shop"), ".items-7 shop");
  EXPECT_EQ(Names("shop,none"), "collection_not_found");
  EXPECT_EQ(Names("shop,none", true), "shop");
  EXPECT_EQ(Names("none*"), "");
  EXPECT_EQ(catalogue_->ResolveOne("recent").value()->name, "logs-2");
  EXPECT_EQ(catalogue_->ResolveOne("two").value()->name, "logs-2");
  EXPECT_EQ(catalogue_->ResolveOne("none").error().code, ErrorCode::kCollectionNotFound);
}

TEST_F(CatalogueTest, ChangesAliasesAtomically) {
  Create("a");
  Create("b");
  const uint64_t before = catalogue_->generation();
  EXPECT_FALSE(catalogue_->ChangeAliases({{true, "a", {"x", {}, true}}, {true, "b", {"x", {}, true}}}).ok());
  EXPECT_FALSE(
      catalogue_->ChangeAliases({{true, "a", {"x", {}, false}}, {true, "none", {"x", {}, false}}}).ok());
  EXPECT_EQ(catalogue_->ChangeAliases({{true, "a", {"b", {}, false}}}).error().code,
            ErrorCode::kAliasNameTaken);
  EXPECT_EQ(catalogue_->generation(), before);
  EXPECT_TRUE(catalogue_->Get("a")->aliases.empty());
  ASSERT_TRUE(catalogue_->ChangeAliases({{true, "a", {"x", {}, true}}, {true, "b", {"x", {}, false}}}).ok());
  // Moves the write index in one step.
  ASSERT_TRUE(catalogue_->ChangeAliases({{true, "b", {"x", {}, true}}, {false, "a", {"x", {}, false}}}).ok());
  Reopen();
  EXPECT_EQ(catalogue_->ResolveOne("x").value()->name, "b");
  EXPECT_TRUE(catalogue_->Get("a")->aliases.empty());
  // An alias takes the name of a collection that the same call drops.
  EXPECT_EQ(catalogue_->ChangeAliases({{true, "a", {"y", {}, false}}}, {"a"}).error().code,
            ErrorCode::kCollectionNotFound);
  EXPECT_EQ(catalogue_->ChangeAliases({{true, "b", {"a", {}, false}}}, {"a", "none"}).error().code,
            ErrorCode::kCollectionNotFound);
  ASSERT_NE(catalogue_->Get("a"), nullptr) << "nothing was dropped";
  ASSERT_TRUE(catalogue_->ChangeAliases({{true, "b", {"a", {}, false, true}}}, {"a"}).ok());
  Reopen();
  EXPECT_EQ(catalogue_->Get("a"), nullptr);
  EXPECT_EQ(catalogue_->ResolveOne("a").value()->name, "b");
  EXPECT_TRUE(catalogue_->Get("b")->aliases.back().no_writes);
  NewCollection spec;
  spec.name = "x";
  EXPECT_EQ(catalogue_->Create(spec).error().code, ErrorCode::kCollectionNameTaken);
}

TEST_F(CatalogueTest, AddsFieldsAndKeepsTypes) {
  Create("a");
  Mapping more;
  more.properties.push_back(Named("title", FieldType::kText));
  more.properties.back().fields.push_back(Named("keyword", FieldType::kKeyword));
  more.properties.push_back(Named("maker", FieldType::kObject));
  more.properties.back().properties.push_back(Named("name", FieldType::kKeyword));
  ASSERT_TRUE(catalogue_->AddFields("a", more).ok());
  const uint64_t generation = catalogue_->generation();
  ASSERT_TRUE(catalogue_->AddFields("a", more).ok());
  EXPECT_EQ(catalogue_->generation(), generation) << "no field is new";

  Mapping wrong;
  wrong.properties.push_back(Named("price", FieldType::kLong));
  wrong.properties.push_back(Named("maker", FieldType::kObject));
  wrong.properties.back().properties.push_back(Named("name", FieldType::kText));
  const auto refused = catalogue_->AddFields("a", wrong);
  EXPECT_EQ(refused.error().code, ErrorCode::kMappingConflict);
  EXPECT_EQ(refused.error().where, "maker.name");
  EXPECT_EQ(catalogue_->Get("a")->mapping.Find("price"), nullptr) << "nothing changes on error";

  Mapping analyzed;
  analyzed.properties.push_back(Named("title", FieldType::kText));
  analyzed.properties.back().analyzer = "english";
  EXPECT_EQ(catalogue_->AddFields("a", analyzed).error().code, ErrorCode::kMappingConflict);

  Mapping many;
  for (size_t i = 0; i <= limits::kMaxMappingFields; ++i) {
    many.properties.push_back(Named("f" + std::to_string(i), FieldType::kLong));
  }
  EXPECT_EQ(catalogue_->AddFields("a", many).error().kind(), ErrorKind::kLimit);

  Reopen();
  const Mapping& mapping = catalogue_->Get("a")->mapping;
  ASSERT_NE(mapping.Find("title.keyword"), nullptr);
  EXPECT_EQ(mapping.Find("title.keyword")->type, FieldType::kKeyword);
  EXPECT_EQ(mapping.Find("maker.name")->type, FieldType::kKeyword);
  EXPECT_EQ(mapping.Find("maker.nam"), nullptr);
  EXPECT_EQ(mapping.Match("*e*"), (std::vector<std::string>{"title", "title.keyword", "maker.name"}));
  EXPECT_EQ(mapping.Match("maker.*"), (std::vector<std::string>{"maker.name"}));
  EXPECT_EQ(mapping.FieldCount(), 4u);
}

TEST_F(CatalogueTest, BindsAGroupToOneCollection) {
  Create("a");
  Create("b");
  ASSERT_TRUE(catalogue_->PutBinding({"a", GroupId{5}, "sku", {{"CATEGORY_L1", "category.name"}}}).ok());
  EXPECT_EQ(catalogue_->PutBinding({"b", GroupId{5}, "", {}}).error().kind(), ErrorKind::kConflict);
  EXPECT_EQ(catalogue_->PutBinding({"none", GroupId{6}, "", {}}).error().code,
            ErrorCode::kCollectionNotFound);
  Reopen();
  EXPECT_EQ(catalogue_->BindingOf(GroupId{5})->item_id_field, "sku");
  EXPECT_EQ(catalogue_->BindingOf("a")->fields[0].second, "category.name");
  ASSERT_TRUE(catalogue_->Drop("a").ok());
  EXPECT_FALSE(catalogue_->BindingOf(GroupId{5}));
  ASSERT_TRUE(catalogue_->PutBinding({"b", GroupId{5}, "", {}}).ok());
  ASSERT_TRUE(catalogue_->DropBinding("b").ok());
  EXPECT_FALSE(catalogue_->BindingOf("b"));
  EXPECT_FALSE(catalogue_->DropBinding("b").ok());
}

TEST_F(CatalogueTest, StoresRolesTogetherWithTheBinding) {
  Create("a");
  const DeclaredRoles stored(*kv_);
  const RoleDeclarations roles{{{Role::kPrice, "cost"}}, "USD"};
  EXPECT_FALSE(catalogue_->PutBinding({"none", GroupId{5}, "", {}}, &roles).ok());
  EXPECT_EQ(stored.Of("none").value(), RoleDeclarations{}) << "the write failed as a whole";
  ASSERT_TRUE(catalogue_->PutBinding({"a", GroupId{5}, "", {}}, &roles).ok());
  EXPECT_EQ(stored.Of("a").value(), roles);
  ASSERT_TRUE(catalogue_->PutBinding({"a", GroupId{5}, "sku", {}}).ok());
  EXPECT_EQ(stored.Of("a").value(), roles) << "nullptr keeps what is declared";
  const RoleDeclarations nothing;
  ASSERT_TRUE(catalogue_->PutBinding({"a", GroupId{5}, "sku", {}}, &nothing).ok());
  EXPECT_EQ(stored.Of("a").value(), RoleDeclarations{});
}

TEST_F(CatalogueTest, BindingMovesTheGroupFromAHiddenCollection) {
  Create(std::string(kHiddenPrefix) + "5");
  Create("shop");
  ASSERT_TRUE(catalogue_->PutBinding({std::string(kHiddenPrefix) + "5", GroupId{5}, "", {}}).ok());
  ASSERT_TRUE(catalogue_->PutBinding({"shop", GroupId{5}, "sku", {}}).ok());
  for (const bool reopened : {false, true}) {
    if (reopened) Reopen();
    EXPECT_FALSE(catalogue_->BindingOf(std::string(kHiddenPrefix) + "5")) << reopened;
    EXPECT_EQ(catalogue_->BindingOf(GroupId{5})->collection, "shop") << reopened;
  }
  EXPECT_EQ(catalogue_->PutBinding({std::string(kHiddenPrefix) + "5", GroupId{5}, "", {}}).error().kind(),
            ErrorKind::kConflict);
}

TEST_F(CatalogueTest, SetsDamagedDefinitionsAside) {
  Create("good");
  Create("bad");
  storage::WriteBatch batch;
  batch.Put(storage::Family::kResources, std::string("catalogue.collection\0bad", 24), "{\"version\":1}");
  kv_->Write(batch, storage::Durability::kSync).value();
  Reopen();
  EXPECT_NE(catalogue_->Get("good"), nullptr);
  EXPECT_EQ(catalogue_->Get("bad"), nullptr);
  EXPECT_EQ(Create("bad")->id, CollectionId{3});
  EXPECT_TRUE(kv_->Get(storage::Family::kResources,
                       std::string("catalogue.set_aside\0", 20) + "catalogue.collection/bad")
                  .value());
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(kv_->health().findings(), 1u) << "every start reports it";
    EXPECT_NE(kv_->health().problems()[0].find("catalogue.collection/bad cannot be read"), std::string::npos)
        << kv_->health().problems()[0];
    Reopen();
  }
}

TEST_F(CatalogueTest, DamagedDefinitionsThatCannotBeSetAsideAreReported) {
  test::FailingKeyValue kv;
  storage::WriteBatch batch;
  batch.Put(storage::Family::kResources, DefinitionKey(kBindingKind, "bad"), "{");
  ASSERT_TRUE(kv.Write(batch, storage::Durability::kSync).ok());
  kv.FailWrites();
  ASSERT_TRUE(OpenCatalogue(kv, clock_, NullLog()).ok());
  EXPECT_EQ(kv.health().findings(), 1u);
  ASSERT_FALSE(kv.health().problems().empty());
  EXPECT_NE(kv.health().problems().back().find("catalogue.binding/bad cannot be read"), std::string::npos)
      << kv.health().problems().back();
}

TEST_F(CatalogueTest, DocumentsWithoutADefinitionAreReportedUnlessTheyWereDropped) {
  const auto records = OpenRecordStore(*kv_, NullLog()).value();
  std::vector<CollectionId> ids;
  for (const char* name : {"kept", "lost", "dropped"}) {
    ids.push_back(Create(name)->id);
    const auto transaction = records->Begin(ids.back());
    RecordPut put;
    put.id = "a";
    put.source = "{}";
    ASSERT_TRUE(transaction->Put(put).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  ASSERT_TRUE(catalogue_->Drop("dropped").ok());
  storage::WriteBatch batch;
  batch.Delete(storage::Family::kResources, DefinitionKey(kCollectionKind, "lost"));
  ASSERT_TRUE(kv_->Write(batch, storage::Durability::kSync).ok());
  const auto lost = FindLostDefinitions(*kv_);
  ASSERT_TRUE(lost.ok());
  EXPECT_EQ(lost->collections, std::vector<CollectionId>{ids[1]});
  ASSERT_EQ(lost->sentences.size(), 1u);
  EXPECT_NE(lost->sentences[0].find("collection 2 has documents"), std::string::npos) << lost->sentences[0];
  EXPECT_EQ(*HasRecords(*kv_, ids[0]), true);
  EXPECT_EQ(*HasRecords(*kv_, ids[2]), false);
  Reopen();
  EXPECT_EQ(kv_->health().level(), HealthLevel::kDegraded);
  const auto recovered = DecodeCollection(EncodeRecoveredCollection(ids[1], "recovered-2", clock_.Now()));
  ASSERT_TRUE(recovered.ok());
  EXPECT_EQ(recovered->id, ids[1]);
  EXPECT_EQ(recovered->name, "recovered-2");
  EXPECT_EQ(recovered->uuid.size(), 22u);
}

// A definition with an unsupported format version is intact, so opening fails and changes nothing.
TEST_F(CatalogueTest, RejectsDefinitionsWithUnsupportedFormatVersion) {
  Create("a");
  const std::string key("catalogue.collection\0a", 22);
  const std::string stored = kv_->Get(storage::Family::kResources, key).value().value();
  for (const std::string version : {"2", "99"}) {
    std::string other = stored;
    const std::string ours = "\"version\":1";
    ASSERT_NE(other.find(ours), std::string::npos);
    other.replace(other.find(ours), ours.size(), "\"version\":" + version);
    storage::WriteBatch batch;
    batch.Put(storage::Family::kResources, key, other);
    kv_->Write(batch, storage::Durability::kSync).value();
    const auto opened = OpenCatalogue(*kv_, clock_, NullLog());
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().kind(), ErrorKind::kFormatVersion);
    EXPECT_EQ(opened.error().expected, "format version 1");
    EXPECT_EQ(opened.error().got, version);
    EXPECT_NE(opened.error().where.find("\"a\""), std::string::npos);
    EXPECT_EQ(kv_->Get(storage::Family::kResources, key).value(), other);
  }
  EXPECT_EQ(DecodeBinding(R"({"version":2})").error().kind(), ErrorKind::kFormatVersion);
  EXPECT_EQ(DecodeBinding(R"({"version":0})").error().kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(DecodeBinding(R"({"version":"2"})").error().kind(), ErrorKind::kCorrupt);
}

TEST_F(CatalogueTest, FailedWritesChangeNothing) {
  test::FailingKeyValue kv;
  auto catalogue = OpenCatalogue(kv, clock_, NullLog()).value();
  NewCollection shop;
  shop.name = "shop";
  shop.aliases = {{"goods", {}, false}};
  ASSERT_TRUE(catalogue->Create(shop).ok());
  ASSERT_TRUE(catalogue->PutBinding({"shop", GroupId{5}, "sku", {}}).ok());
  const std::string definition = EncodeCollection(*catalogue->Get("shop"));

  Mapping more;
  more.properties.push_back(Named("title", FieldType::kText));
  NewCollection other;
  other.name = "other";
  CollectionSettings settings = catalogue->Get("shop")->settings;
  settings.refresh_interval_ms = 77;
  const std::pair<const char*, std::function<Status()>> changes[] = {
      {"create",
       [&]() -> Status {
         TRINE_TRY(catalogue->Create(other));
         return Ok();
       }},
      {"drop", [&] { return catalogue->Drop("shop"); }},
      {"add fields",
       [&]() -> Status {
         TRINE_TRY(catalogue->AddFields("shop", more));
         return Ok();
       }},
      {"put settings",
       [&]() -> Status {
         TRINE_TRY(catalogue->PutSettings("shop", settings));
         return Ok();
       }},
      {"change aliases",
       [&] {
         return catalogue->ChangeAliases({{true, "shop", {"wares", {}, false}}});
       }},
      {"put binding",
       [&] {
         return catalogue->PutBinding({"shop", GroupId{6}, "id", {}});
       }},
      {"drop binding", [&] { return catalogue->DropBinding("shop"); }},
  };
  for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kNoSpace}) {
    kv.FailWrites(code);
    const uint64_t generation = catalogue->generation();
    for (const auto& [name, change] : changes) {
      const Status failed = change();
      ASSERT_FALSE(failed.ok()) << name;
      EXPECT_EQ(failed.error().code, code) << name;
      EXPECT_EQ(failed.error().kind(), ErrorKind::kIo) << name;
      EXPECT_EQ(catalogue->generation(), generation) << name;
    }
    kv.Repair();
    for (const bool reopened : {false, true}) {
      if (reopened) catalogue = OpenCatalogue(kv, clock_, NullLog()).value();
      ASSERT_EQ(catalogue->All().size(), 1u);
      EXPECT_EQ(EncodeCollection(*catalogue->Get("shop")), definition);
      EXPECT_EQ(catalogue->BindingOf("shop")->group, GroupId{5});
      EXPECT_EQ(catalogue->BindingOf(GroupId{5})->item_id_field, "sku");
      EXPECT_FALSE(catalogue->BindingOf(GroupId{6}));
    }
  }
  EXPECT_EQ(catalogue->Create(other).value()->id, CollectionId{2}) << "the failed Create used no id";
  kv.FailReads();
  EXPECT_EQ(OpenCatalogue(kv, clock_, NullLog()).error().kind(), ErrorKind::kIo);
}

// A damaged definition that cannot be moved stays in place, and opening succeeds.
TEST_F(CatalogueTest, OpensEvenIfADamagedDefinitionCannotBeSetAside) {
  test::FailingKeyValue kv;
  const std::string key("catalogue.collection\0bad", 24);
  storage::WriteBatch batch;
  batch.Put(storage::Family::kResources, key, "{");
  ASSERT_TRUE(kv.Write(batch, storage::Durability::kSync).ok());
  kv.FailWrites();
  const auto catalogue = OpenCatalogue(kv, clock_, NullLog());
  ASSERT_TRUE(catalogue.ok()) << catalogue.error().ToString();
  EXPECT_EQ((*catalogue)->Get("bad"), nullptr);
  EXPECT_EQ(kv.Get(storage::Family::kResources, key).value(), "{");
}

TEST(DefinitionCodec, RoundTripsEveryMember) {
  Collection c;
  c.id = CollectionId{9};
  c.name = "상품";
  c.uuid = "u";
  c.created = Millis{5};
  c.hidden = true;
  c.settings.refresh_interval_ms = -1;
  c.settings.max_result_window = 5;
  c.settings.fusion_window = 0;
  c.settings.default_search_pipeline = "p";
  c.settings.default_analyzer = "korean";
  c.settings.client_settings.Set("index.x", "1");
  c.settings.analysis.analyzers["mine"] = {"standard", {"lowercase", "stop"}, {"html_strip"}};
  c.settings.analysis.normalizers["n"] = {"", {"lowercase"}, {}};
  c.settings.analysis.configured["s"] = {"stop", {{"stopwords", "a\nb"}}};
  c.settings.analysis.tokenizers["t"] = {"ngram", {{"min_gram", "2"}}};
  c.settings.analysis.filters["f"] = {"synonym", {}};
  c.settings.analysis.char_filters["cf"] = {"mapping", {}};
  Field f = Named("v", FieldType::kKnnVector);
  f.index = f.doc_values = f.norms = f.enabled = false;
  f.analyzer = "a";
  f.search_analyzer = "b";
  f.normalizer = "n";
  f.ignore_above = 256;
  f.scaling_factor = 100.5;
  f.format = "epoch_millis";
  f.null_value = format::Json("none");
  f.copy_to = {"all", "other"};
  f.dynamic = Dynamic::kStrict;
  f.dimension = 384;
  f.space = VectorSpace::kCosine;
  f.vector_method.Set("name", "hnsw");
  f.properties.push_back(Named("inner", FieldType::kDate));
  f.fields.push_back(Named("raw", FieldType::kKeyword));
  f.client_parameters = {{"store", format::Json(true)}, {"boost", format::Json(1.5)}};
  c.mapping.properties.push_back(f);
  c.mapping.dynamic = Dynamic::kFalse;
  c.mapping.date_detection = false;
  c.mapping.meta.Set("owner", "us");
  c.aliases = {{"alias", format::Json(format::Json::Object{{"term", format::Json(1)}}), true}};
  const std::string text = EncodeCollection(c);
  const Collection back = DecodeCollection(text).value();
  EXPECT_EQ(EncodeCollection(back), text);
  EXPECT_EQ(back.mapping.properties[0].space, VectorSpace::kCosine);
  EXPECT_EQ(back.settings.analysis.configured.at("s").options.at("stopwords"), "a\nb");
  EXPECT_EQ(back.aliases[0].filter, c.aliases[0].filter);
  // Every proper prefix is rejected.
  for (size_t n = 0; n < text.size(); ++n) EXPECT_FALSE(DecodeCollection(text.substr(0, n)).ok());
}

TEST(AttributeReader, PrefersBoundFieldToFieldWithTheSameName) {
  const auto source =
      format::ParseJson(R"({"categoryL1":"tents","maker":{"name":"우리"},"sku":17,"PRICE":3})").value();
  const AttributeReader reader({"shop", GroupId{1}, "sku", {{"BRAND", "maker.name"}}});
  EXPECT_EQ(reader.Find(source, "CATEGORY_L1")->string(), "tents");
  EXPECT_EQ(reader.Find(source, "BRAND")->string(), "우리");
  EXPECT_EQ(reader.Find(source, "price")->integer(), 3);
  EXPECT_EQ(reader.Find(source, "COLOUR"), nullptr);
  EXPECT_EQ(reader.ItemId(source, "doc1"), "17");
  EXPECT_EQ(reader.PathFor("BRAND"), "maker.name");
  EXPECT_EQ(reader.PathFor("CREATION_TIMESTAMP"), "creation_timestamp");
  EXPECT_EQ(AttributeReader({}).ItemId(source, "doc1"), "doc1");
  EXPECT_EQ(reader.Find(format::Json(3), "X"), nullptr);
}

TEST(SameAttribute, IgnoresCaseAndUnderscores) {
  EXPECT_TRUE(SameAttribute("CATEGORY_L1", "categoryL1"));
  EXPECT_TRUE(SameAttribute("_a__", "A"));
  EXPECT_TRUE(SameAttribute("", "_"));
  EXPECT_FALSE(SameAttribute("CATEGORY_L1", "CATEGORY_L"));
  EXPECT_FALSE(SameAttribute("a", ""));
  EXPECT_FALSE(SameAttribute("a", std::string_view("a\0", 2)));
}

TEST(NamePattern, TreatsStarsAsWildcards) {
  EXPECT_TRUE(MatchesPattern("*", ""));
  EXPECT_TRUE(MatchesPattern("a*c*", "abcbd"));
  EXPECT_TRUE(MatchesPattern("*bd", "abcbd"));
  EXPECT_FALSE(MatchesPattern("a*c", "abcbd"));
  EXPECT_FALSE(MatchesPattern("", "a"));
  EXPECT_FALSE(MatchesPattern(std::string(50, '*') + "b", std::string(5000, 'a')));
}

}  // namespace
}  // namespace trine::catalogue
