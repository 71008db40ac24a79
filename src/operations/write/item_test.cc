// Tests of the writer with items: both views of a record, hidden collections, bindings.
#include <gtest/gtest.h>

#include "catalogue/item_attribute.h"
#include "operations/write/item_view.h"
#include "operations/write/writer.h"
#include "test/support/write_engine.h"

namespace trine::operations {
namespace {

using catalogue::Binding;
using format::Json;
using test::WriteEngine;
using Ids = std::set<std::string>;

constexpr GroupId kGroup{3};

Json Object(std::string_view text) { return *format::ParseJson(text); }

// The source of the record with this item id, found through the group's binding.
std::string ItemSource(const WriteEngine& engine, const std::string& item_id) {
  const std::optional<Binding> binding = engine.catalogue->BindingOf(kGroup);
  if (!binding) return "(unbound)";
  const auto record = engine.records->GetItem(*binding, engine.Collection(binding->collection)->id, item_id);
  EXPECT_TRUE(record.ok());
  return record.ok() && *record ? (*record)->source : "(none)";
}

Status PutOne(WriteEngine& engine, const std::string& id, std::string_view attributes, bool replace = false) {
  Status put = engine.writer->PutItems(kGroup, {{id, Object(attributes)}}, replace, {});
  if (const auto binding = engine.catalogue->BindingOf(kGroup)) {
    EXPECT_TRUE(engine.writer->RefreshNow({engine.Collection(binding->collection)}).ok());
  }
  return put;
}

TEST(Items, DocumentIsReadableAsItemImmediately) {
  WriteEngine engine;
  engine.Put("products", "d0", R"({"product_id":"p0","title":"before"})");
  ASSERT_TRUE(engine.writer->Bind({"products", kGroup, "product_id", {}}).ok());
  engine.Put("products", "d1", R"({"product_id":"p1","title":"after"})", RefreshPolicy::kNo);
  EXPECT_EQ(ItemSource(engine, "p0"), R"({"product_id":"p0","title":"before"})");
  EXPECT_EQ(ItemSource(engine, "p1"), R"({"product_id":"p1","title":"after"})");
  // The item id follows the field, and disappears with the document.
  engine.Put("products", "d1", R"({"product_id":"p2"})", RefreshPolicy::kNo);
  EXPECT_EQ(ItemSource(engine, "p1"), "(none)");
  EXPECT_EQ(ItemSource(engine, "p2"), R"({"product_id":"p2"})");
  engine.Write({WriteEngine::Op(WriteOp::Kind::kDelete, "products", "d1")});
  EXPECT_EQ(ItemSource(engine, "p2"), "(none)");
  engine.Crash();
  EXPECT_EQ(ItemSource(engine, "p0"), R"({"product_id":"p0","title":"before"})");
}

TEST(Items, ItemIsSearchableAsDocument) {
  WriteEngine engine;
  engine.Put("products", "d1", R"({"product_id":"p1","title":"red chair","category":{"top":"x"}})");
  ASSERT_TRUE(
      engine.writer->Bind({"products", kGroup, "product_id", {{"CATEGORY_L1", "category.top"}}}).ok());
  ASSERT_TRUE(PutOne(engine, "p1", R"({"CATEGORY_L1":"chairs","TITLE":"blue chair","PRICE":12.5})").ok());
  EXPECT_EQ(engine.Source("products", "d1"),
            R"({"product_id":"p1","title":"blue chair","category":{"top":"chairs"},"price":12.5})");
  EXPECT_EQ(engine.Searchable("products", "title", "blue"), Ids{"d1"});
  EXPECT_EQ(engine.Searchable("products", "title", "red"), Ids{});
  EXPECT_EQ(engine.Searchable("products", "category.top", "chairs"), Ids{"d1"});

  ASSERT_TRUE(PutOne(engine, "p9", R"({"TITLE":"green lamp"})").ok());
  EXPECT_EQ(engine.Source("products", "p9"), R"({"product_id":"p9","title":"green lamp"})");
  EXPECT_EQ(engine.Searchable("products", "title", "lamp"), Ids{"p9"});
  EXPECT_EQ(ItemSource(engine, "p9"), R"({"product_id":"p9","title":"green lamp"})");
}

// Both views show the same time: the item dataset in seconds, the record in the format of its date field.
TEST(Items, WritesTimesInTheFormatOfTheDateField) {
  WriteEngine engine;
  catalogue::NewCollection spec;
  spec.name = "products";
  for (const auto& [name, format] : std::initializer_list<std::pair<const char*, const char*>>{
           {"created_at", ""}, {"released", "epoch_second"}, {"day", "yyyy-MM-dd"}}) {
    catalogue::Field field;
    field.name = name;
    field.type = catalogue::FieldType::kDate;
    field.format = format;
    spec.mapping.properties.push_back(field);
  }
  ASSERT_TRUE(engine.catalogue->Create(spec).ok());
  const Binding binding{"products", kGroup, "", {{"CREATION_TIMESTAMP", "created_at"}}};
  ASSERT_TRUE(engine.writer->Bind(binding).ok());
  ASSERT_TRUE(PutOne(engine, "p1",
                     R"({"CREATION_TIMESTAMP":1795000000,"RELEASED":1795000000,"DAY":1794960000,"STOCK":7})")
                  .ok());
  EXPECT_EQ(
      engine.Source("products", "p1"),
      R"({"created_at":"2026-11-18T11:06:40.000Z","released":1795000000,"day":"2026-11-18","stock":7})");
  // A record that stores milliseconds keeps doing so. An attribute that is given in milliseconds by mistake
  // means the same time.
  engine.Put("products", "p2", R"({"created_at":1700000000000})");
  ASSERT_TRUE(PutOne(engine, "p2", R"({"CREATION_TIMESTAMP":1795000000})").ok());
  EXPECT_EQ(engine.Source("products", "p2"), R"({"created_at":1795000000000})");
  ASSERT_TRUE(PutOne(engine, "p2", R"({"CREATION_TIMESTAMP":1795000001000})").ok());
  EXPECT_EQ(engine.Source("products", "p2"), R"({"created_at":1795000001000})");

  const catalogue::AttributeReader reader(binding);
  const catalogue::CollectionPtr products = engine.Collection("products");
  const auto read = [&](std::string_view source, std::string_view attribute) {
    Json scratch;
    const Json document = Object(source);
    const Json* value = catalogue::ReadAttribute(reader, &products->mapping, document, attribute, &scratch);
    return value == nullptr ? "(none)" : format::ToString(*value);
  };
  EXPECT_EQ(read(engine.Source("products", "p1"), "CREATION_TIMESTAMP"), "1795000000");
  EXPECT_EQ(read(engine.Source("products", "p1"), "RELEASED"), "1795000000");
  EXPECT_EQ(read(engine.Source("products", "p1"), "DAY"), "1794960000");
  EXPECT_EQ(read(engine.Source("products", "p1"), "STOCK"), "7");
  EXPECT_EQ(read(engine.Source("products", "p2"), "CREATION_TIMESTAMP"), "1795000001");
  EXPECT_EQ(read(R"({"created_at":"soon","code":"2026-11-18"})", "CREATION_TIMESTAMP"), "\"soon\"");
  EXPECT_EQ(read(R"({"code":"2026-11-18"})", "CODE"), "\"2026-11-18\"");
}

TEST(Items, ReplaceKeepsFieldsThatAreNotAttributes) {
  WriteEngine engine;
  engine.Put("products", "p1", R"({"title":"chair","cat":"a","vector":[1,2]})");
  ASSERT_TRUE(engine.writer->Bind({"products", kGroup, "", {{"CATEGORY_L1", "cat"}}}).ok());
  ASSERT_TRUE(PutOne(engine, "p1", R"({"PRICE":5})", true).ok());
  EXPECT_EQ(engine.Source("products", "p1"), R"({"title":"chair","vector":[1,2],"price":5})");
}

TEST(Items, AWholeItemLosesItsOtherAttributes) {
  WriteEngine engine;
  engine.Put("products", "d1", R"({"product_id":"p1","title":"chair","cat":"a","colour":"red","stock":3})");
  ASSERT_TRUE(engine.writer->Bind({"products", kGroup, "product_id", {{"CATEGORY_L1", "cat"}}}).ok());
  const auto put = [&](std::string_view attributes) {
    ItemWrite item{
        "p1", Object(attributes), true, {"ITEM_ID", "PRODUCT_ID", "CATEGORY_L1", "COLOUR", "PRICE"}};
    ASSERT_TRUE(engine.writer->PutItems(kGroup, {item}, false, {}).ok());
  };
  put(R"({"PRICE":5,"COLOUR":"blue"})");
  EXPECT_EQ(engine.Source("products", "d1"),
            R"({"product_id":"p1","title":"chair","colour":"blue","stock":3,"price":5})")
      << "the documents' own members stay, and members that are set keep their place";
  put(R"({"CATEGORY_L1":"b"})");
  EXPECT_EQ(engine.Source("products", "d1"), R"({"product_id":"p1","title":"chair","stock":3,"cat":"b"})");
}

// FULL imports do not remove items that were put one by one; that holds for whole items, too.
TEST(Items, AWholeItemReplacesAHiddenRecord) {
  WriteEngine engine;
  ASSERT_TRUE(PutOne(engine, "i1", R"({"PRICE":12,"SIZE":"L"})").ok());
  ASSERT_TRUE(engine.writer->PutItems(kGroup, {{"i1", Object(R"({"SIZE":"M"})"), true}}, false, {}).ok());
  EXPECT_EQ(ItemSource(engine, "i1"), R"({"SIZE":"M"})");
  ASSERT_TRUE(engine.writer->PutItems(kGroup, {{"i1", Object("{}"), true}}, false, {}).ok());
  EXPECT_EQ(ItemSource(engine, "i1"), "{}");
  const auto record =
      engine.records->GetItem(*engine.catalogue->BindingOf(kGroup), engine.Collection(".items-3")->id, "i1");
  EXPECT_TRUE(record.value()->put_individually);
}

TEST(Items, CreatesAHiddenCollectionForAnUnboundGroup) {
  WriteEngine engine;
  ASSERT_TRUE(PutOne(engine, "i1", R"({"CATEGORY_L1":"의자","PRICE":12})").ok());
  ASSERT_TRUE(PutOne(engine, "i1", R"({"PRICE":12.5})").ok());
  ASSERT_TRUE(PutOne(engine, "i2", R"({"PRICE":1})").ok());
  const std::optional<Binding> binding = engine.catalogue->BindingOf(kGroup);
  ASSERT_TRUE(binding);
  EXPECT_EQ(binding->collection, ".items-3");
  EXPECT_TRUE(engine.Collection(".items-3")->hidden);
  EXPECT_EQ(ItemSource(engine, "i1"), R"({"CATEGORY_L1":"의자","PRICE":12.5})");
  EXPECT_EQ(engine.Collection(".items-3")->mapping.Find("PRICE")->type, catalogue::FieldType::kDouble);
  EXPECT_EQ(engine.Searchable(".items-3"), (Ids{"i1", "i2"}));
  ASSERT_TRUE(PutOne(engine, "i1", R"({"SIZE":"L"})", true).ok());
  EXPECT_EQ(ItemSource(engine, "i1"), R"({"SIZE":"L"})");
  engine.Crash();
  EXPECT_EQ(ItemSource(engine, "i1"), R"({"SIZE":"L"})");
}

TEST(Items, MergesTwoWritesOfOneItemInABatch) {
  WriteEngine engine;
  engine.Put("products", "x", R"({"product_id":"other"})");
  ASSERT_TRUE(engine.writer->Bind({"products", kGroup, "product_id", {}}).ok());
  ASSERT_TRUE(engine.writer
                  ->PutItems(kGroup,
                             {{"a", Object(R"({"P":1})")}, {"a", Object(R"({"Q":2})")}, {"x", Object("{}")}},
                             false, {})
                  .ok());
  EXPECT_EQ(ItemSource(engine, "a"), R"({"product_id":"a","p":1,"q":2})");
  // The document of another item may already have the new item's id as its document id.
  EXPECT_EQ(ItemSource(engine, "x"), R"({"product_id":"x"})");
  EXPECT_EQ(engine.Source("products", "x"), R"({"product_id":"other"})");
}

TEST(Items, BindingMovesHiddenItemsIntoTheCollection) {
  WriteEngine engine;
  ASSERT_TRUE(PutOne(engine, "p1", R"({"TITLE":"from item","PRICE":5})").ok());
  ASSERT_TRUE(PutOne(engine, "p2", R"({"TITLE":"item only"})").ok());
  engine.Put("products", "d1", R"({"product_id":"p1","title":"from document"})");
  ASSERT_TRUE(engine.writer->Bind({"products", kGroup, "product_id", {}}).ok());
  EXPECT_EQ(engine.Collection(".items-3"), nullptr);
  EXPECT_EQ(ItemSource(engine, "p1"), R"({"product_id":"p1","title":"from document","price":5})");
  EXPECT_EQ(engine.Source("products", "d1"), ItemSource(engine, "p1"));
  EXPECT_EQ(ItemSource(engine, "p2"), R"({"product_id":"p2","title":"item only"})");
  EXPECT_EQ(engine.catalogue->BindingOf(kGroup)->collection, "products");
}

TEST(Items, CompletesInterruptedMergeOnStartup) {
  WriteEngine engine;
  ASSERT_TRUE(PutOne(engine, "p1", R"({"TITLE":"lamp"})").ok());
  engine.Put("products", "d1", R"({"title":"x"})");
  // The state after a crash in Bind, between storing the binding and moving the items.
  ASSERT_TRUE(engine.catalogue->DropBinding(".items-3").ok());
  ASSERT_TRUE(engine.catalogue->PutBinding({"products", kGroup, "", {}}).ok());
  engine.Crash();
  EXPECT_EQ(engine.Collection(".items-3"), nullptr);
  EXPECT_EQ(ItemSource(engine, "p1"), R"({"title":"lamp"})");
}

// Makes each store write of a Bind fail in turn. The group always has a collection, no item is lost, and
// binding again completes the work.
TEST(Items, FailedBindLosesNoItem) {
  bool done = false;
  uint64_t writes = 0;
  for (; !done; ++writes) {
    SCOPED_TRACE(writes);
    ASSERT_LT(writes, 50u);
    WriteEngine engine;
    ASSERT_TRUE(PutOne(engine, "p1", R"({"TITLE":"from item","PRICE":5})").ok());
    ASSERT_TRUE(PutOne(engine, "p2", R"({"TITLE":"item only"})").ok());
    engine.Put("products", "d1", R"({"product_id":"p1","title":"from document"})");
    engine.kv->FailWritesAfter(writes);
    const Binding wanted{"products", kGroup, "product_id", {}};
    const Status bound = engine.writer->Bind(wanted);
    if (!bound.ok()) {
      EXPECT_EQ(bound.error().kind(), ErrorKind::kIo) << bound.error().ToString();
    }
    const auto binding = engine.catalogue->BindingOf(kGroup);
    ASSERT_TRUE(binding) << "the group keeps a collection";
    EXPECT_EQ(binding->collection, writes == 0 ? ".items-3" : "products");
    engine.kv->Repair();
    done = bound.ok();
    if (!done) {
      ASSERT_TRUE(engine.writer->Bind(wanted).ok());
    }
    for (const bool crashed : {false, true}) {
      if (crashed) engine.Crash();
      EXPECT_EQ(ItemSource(engine, "p1"), R"({"product_id":"p1","title":"from document","price":5})")
          << crashed;
      EXPECT_EQ(ItemSource(engine, "p2"), R"({"product_id":"p2","title":"item only"})") << crashed;
      EXPECT_EQ(engine.Collection(".items-3"), nullptr) << crashed;
      EXPECT_EQ(engine.catalogue->BindingOf(kGroup)->collection, "products") << crashed;
    }
  }
  EXPECT_GT(writes, 3u);
}

// The process dies at each store write of a Bind in turn; the next start completes the Bind.
TEST(Items, CompletesABindInterruptedAtAnyWrite) {
  bool done = false;
  for (uint64_t writes = 1; !done; ++writes) {
    SCOPED_TRACE(writes);
    ASSERT_LT(writes, 50u);
    WriteEngine engine;
    ASSERT_TRUE(PutOne(engine, "p1", R"({"TITLE":"from item","PRICE":5})").ok());
    ASSERT_TRUE(PutOne(engine, "p2", R"({"TITLE":"item only"})").ok());
    engine.Put("products", "d1", R"({"product_id":"p1","title":"from document"})");
    engine.kv->FailWritesAfter(writes);
    done = engine.writer->Bind({"products", kGroup, "product_id", {}}).ok();
    engine.kv->Repair();
    engine.Crash();
    EXPECT_EQ(ItemSource(engine, "p1"), R"({"product_id":"p1","title":"from document","price":5})");
    EXPECT_EQ(ItemSource(engine, "p2"), R"({"product_id":"p2","title":"item only"})");
    EXPECT_EQ(engine.Collection(".items-3"), nullptr);
  }
}

TEST(Items, FailedPutsStoreNoItem) {
  WriteEngine engine;
  for (const bool hidden_exists : {false, true}) {
    SCOPED_TRACE(hidden_exists);
    engine.kv->FailWrites(ErrorCode::kNoSpace);
    const Status put = engine.writer->PutItems(kGroup, {{"p1", Object(R"({"PRICE":5})")}}, false, {});
    ASSERT_FALSE(put.ok());
    EXPECT_EQ(put.error().code, ErrorCode::kNoSpace);
    engine.kv->Repair();
    if (hidden_exists) {
      EXPECT_EQ(ItemSource(engine, "p1"), "(none)");
    }
    ASSERT_TRUE(PutOne(engine, "p0", R"({"PRICE":4})").ok()) << "the group is usable again";
  }
  EXPECT_EQ(engine.Searchable(".items-3"), Ids{"p0"});
}

TEST(Items, RestagingKeepsVersions) {
  WriteEngine engine;
  engine.Put("products", "d1", R"({"product_id":"p1"})");
  engine.Put("products", "d1", R"({"product_id":"p1","n":2})");
  ASSERT_TRUE(engine.writer->Bind({"products", kGroup, "product_id", {}}).ok());
  const auto record = engine.records->Get(engine.Collection("products")->id, "d1");
  ASSERT_TRUE(record.ok() && *record);
  EXPECT_EQ((*record)->version, 2u);
  EXPECT_EQ(ItemSource(engine, "p1"), R"({"product_id":"p1","n":2})");
  ASSERT_TRUE(engine.writer->RefreshNow({engine.Collection("products")}).ok());
  EXPECT_EQ(engine.Searchable("products"), Ids{"d1"});
}

TEST(Items, ReportsTheItemInErrors) {
  WriteEngine engine;
  EXPECT_EQ(engine.writer->PutItems(kGroup, {{"", Object("{}")}}, false, {}).error().code,
            ErrorCode::kDocumentId);
  ASSERT_TRUE(PutOne(engine, "a", R"({"PRICE":1})").ok());
  const Status put = PutOne(engine, "b", R"({"PRICE":"cheap"})");
  ASSERT_FALSE(put.ok());
  EXPECT_TRUE(put.error().message.starts_with("item \"b\": cannot parse the value of a field"))
      << put.error().message;
  EXPECT_FALSE(engine.writer->PutItems(kGroup, {{"c", Json("x")}}, false, {}).ok());
  EXPECT_EQ(engine.writer->PutItems(kGroup, {{"a\nb", Object("{}")}}, false, {}).error().code,
            ErrorCode::kInvalid);
}

TEST(SetPath, CreatesObjectsAndPrefersLiteralNames) {
  Json json = Object(R"({"a.b":1,"c":5})");
  SetPath(&json, "a.b", Json(2));
  SetPath(&json, "c.d.e", Json(3));
  EXPECT_EQ(format::ToString(json), R"({"a.b":2,"c":{"d":{"e":3}}})");
}

}  // namespace
}  // namespace trine::operations
