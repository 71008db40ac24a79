#include "operations/write/writer.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/document_memory.h"
#include "base/memory_budget.h"
#include "operations/write/collection_writer.h"
#include "test/support/write_engine.h"

namespace trine::operations {
namespace {

using catalogue::Binding;
using catalogue::NewCollection;
using format::Json;
using test::WriteEngine;
using Kind = WriteOp::Kind;
using Outcome = WriteOutcome::Result;
using Ids = std::set<std::string>;

// "created v1 s0" or the error code.
std::string Show(const WriteOutcome& outcome) {
  if (outcome.error) return std::string(Name(outcome.error->code));
  constexpr const char* kWords[] = {"created", "updated", "deleted", "noop", "not_found"};
  return std::string(kWords[static_cast<int>(outcome.result)]) + " v" +
         std::to_string(outcome.version.version) + " s" + std::to_string(outcome.version.seq_no.value);
}
std::vector<std::string> Show(const std::vector<WriteOutcome>& outcomes) {
  std::vector<std::string> shown;
  for (const WriteOutcome& outcome : outcomes) shown.push_back(Show(outcome));
  return shown;
}
using Shown = std::vector<std::string>;

WriteOp IfSeqNo(WriteOp op, uint64_t seq_no, uint64_t term = 1) {
  op.if_seq_no = seq_no;
  op.if_primary_term = term;
  return op;
}
WriteOp External(WriteOp op, uint64_t version, bool gte = false) {
  op.version_type = gte ? WriteOp::VersionType::kExternalGte : WriteOp::VersionType::kExternal;
  op.version = version;
  return op;
}

TEST(Writer, AppliesBatchInOrderAndReportsEachFailure) {
  WriteEngine engine;
  WriteOp upsert = WriteEngine::Update("c", "u", R"({"n":5})");
  upsert.upsert = *format::ParseJson(R"({"n":1})");
  WriteOp as_upsert = WriteEngine::Update("c", "w", R"({"n":6})");
  as_upsert.doc_as_upsert = true;
  const auto outcomes = engine.Write({
      WriteEngine::Index("c", "a", R"({"n":1})"),
      WriteEngine::Op(Kind::kCreate, "c", "a", R"({"n":2})"),
      WriteEngine::Op(Kind::kCreate, "c", "b", R"({"n":3})"),
      WriteEngine::Index("c", "a", R"({"n":"abc"})"),
      WriteEngine::Index("c", "a", "{oops"),
      WriteEngine::Index("c", "a", "[1]"),
      WriteEngine::Update("c", "a", R"({"m":{"x":1}})"),
      WriteEngine::Update("c", "missing", R"({"m":1})"),
      upsert,
      upsert,
      as_upsert,
      WriteEngine::Op(Kind::kDelete, "c", "b"),
      WriteEngine::Op(Kind::kDelete, "c", "nothing"),
      WriteEngine::Op(Kind::kCreate, "c", "b", R"({"n":4})"),
      WriteEngine::Index("c", std::string(513, 'x'), "{}"),
      WriteEngine::Update("c", "a", R"({"n":1,"m":{"x":1}})"),
  });
  EXPECT_EQ(Show(outcomes), (Shown{"created v1 s0", "document_exists", "created v1 s1", "field_parse",
                                   "json_syntax", "not_an_object", "updated v2 s2", "document_missing",
                                   "created v1 s3", "updated v2 s4", "created v1 s5", "deleted v2 s6",
                                   "not_found v1 s7", "created v3 s8", "document_id", "noop v2 s2"}));
  EXPECT_EQ(engine.Source("c", "a"), R"({"n":1,"m":{"x":1}})");
  EXPECT_EQ(engine.Source("c", "u"), R"({"n":5})");
  EXPECT_EQ(engine.Source("c", "w"), R"({"n":6})");
  EXPECT_EQ(engine.Source("c", "b"), R"({"n":4})");
  EXPECT_EQ(engine.Searchable("c"), (Ids{"a", "b", "u", "w"}));
  EXPECT_EQ(outcomes[1].error->DetailOf("version"), "1");
  EXPECT_EQ(outcomes[7].error->where, "missing");
  EXPECT_EQ(outcomes[6].source, R"({"n":1,"m":{"x":1}})");
  EXPECT_TRUE(outcomes[0].forced_refresh);
}

TEST(Writer, ChecksSeqNoAndPrimaryTerm) {
  WriteEngine engine;
  engine.Put("c", "a", "{}");
  engine.Put("c", "a", "{}");
  EXPECT_EQ(Show(engine.Write({IfSeqNo(WriteEngine::Index("c", "a", "{}"), 0)})), Shown{"version_conflict"});
  const auto stale = engine.Write({IfSeqNo(WriteEngine::Index("c", "a", "{}"), 0)});
  EXPECT_EQ(stale[0].error->where, "a");
  EXPECT_EQ(stale[0].error->DetailOf("required_seq_no"), "0");
  EXPECT_EQ(stale[0].error->DetailOf("seq_no"), "1");
  EXPECT_EQ(stale[0].error->DetailOf("primary_term"), "1");
  EXPECT_EQ(Show(engine.Write({IfSeqNo(WriteEngine::Index("c", "a", "{}"), 1, 2)})),
            Shown{"version_conflict"});
  EXPECT_EQ(Show(engine.Write({IfSeqNo(WriteEngine::Index("c", "a", "{}"), 1)})), Shown{"updated v3 s2"});
  EXPECT_EQ(Show(engine.Write({IfSeqNo(WriteEngine::Op(Kind::kDelete, "c", "x"), 1)})),
            Shown{"version_conflict"});
  EXPECT_EQ(Show(engine.Write({IfSeqNo(WriteEngine::Update("c", "a", R"({"x":1})"), 0)})),
            Shown{"version_conflict"});
  EXPECT_EQ(Show(engine.Write({IfSeqNo(WriteEngine::Op(Kind::kDelete, "c", "a"), 2)})),
            Shown{"deleted v4 s3"});
  // Within one batch the second operation sees the effect of the first.
  EXPECT_EQ(
      Show(engine.Write({WriteEngine::Index("c", "b", "{}"), IfSeqNo(WriteEngine::Index("c", "b", "{}"), 4),
                         IfSeqNo(WriteEngine::Index("c", "b", "{}"), 4)})),
      (Shown{"created v1 s4", "updated v2 s5", "version_conflict"}));
}

TEST(Writer, AppliesLargeBatchesInStepsThatFitIntoMemory) {
  MemoryBudget budget(MemoryBounds::Each(1u << 20));
  WriteEngine engine(2, 60'000, &budget);
  const std::string words = R"({"text":")" + std::string(1000, 'x') + R"(","n":)";
  std::vector<WriteOp> ops;
  for (int i = 0; i < 300; ++i)
    ops.push_back(WriteEngine::Index("c", "d" + std::to_string(i % 200), words + std::to_string(i) + "}"));
  ops.push_back(WriteEngine::Index("other", "a", "{}"));
  ops.push_back(WriteEngine::Update("c", "d0", R"({"n":1000})"));
  const size_t before = engine.kv->writes();
  const std::vector<WriteOutcome> outcomes = engine.Write(std::move(ops));
  EXPECT_GE(engine.kv->writes() - before, 300 * 4096 / budget.step());
  ASSERT_EQ(outcomes.size(), 302u);
  for (size_t i = 0; i < 300; ++i) {
    ASSERT_FALSE(outcomes[i].error) << outcomes[i].error->ToString();
    EXPECT_EQ(outcomes[i].id, "d" + std::to_string(i % 200));
    EXPECT_EQ(outcomes[i].version.seq_no.value, i);
    EXPECT_EQ(outcomes[i].version.version, i < 200 ? 1u : 2u);
    EXPECT_TRUE(outcomes[i].forced_refresh);
  }
  EXPECT_EQ(Show(outcomes[300]), "created v1 s0");
  EXPECT_EQ(Show(outcomes[301]), "updated v3 s300");
  EXPECT_EQ(engine.Source("c", "d0"), words + "1000}");
  EXPECT_EQ(engine.Searchable("c").size(), 200u);
  EXPECT_EQ(budget.reserved(), 0u);
}

TEST(Writer, AFailingStepLosesOnlyItsOwnWrites) {
  MemoryBudget budget(MemoryBounds::Each(1u << 20));
  WriteEngine engine(2, 60'000, &budget);
  ASSERT_FALSE(engine.Put("c", "first", "{}").error);
  const size_t step = budget.step() / DocumentMemory(2, 0);
  std::vector<WriteOp> ops;
  for (size_t i = 0; i < 2 * step; ++i) ops.push_back(WriteEngine::Index("c", "d" + std::to_string(i), "{}"));
  engine.kv->FailWritesAfter(1);
  const std::vector<WriteOutcome> outcomes = engine.Write(std::move(ops));
  for (size_t i = 0; i < 2 * step; ++i) EXPECT_EQ(outcomes[i].error.has_value(), i >= step) << i;
  engine.kv->Repair();
  engine.Crash();
  EXPECT_EQ(engine.Searchable("c").size(), 1 + step);
}

TEST(Writer, RefusesToReadAStoredDocumentThatDoesNotFitIntoMemory) {
  MemoryBudget budget(MemoryBounds::Each(1u << 20));
  WriteEngine engine(2, 60'000, &budget);
  const std::string large = R"({"text":")" + std::string(100'000, 'x') + R"("})";
  ASSERT_FALSE(engine.Put("c", "large", large).error) << "its request has reserved the memory";
  ASSERT_FALSE(engine.Put("c", "middle", R"({"text":")" + std::string(10'000, 'x') + R"("})").error);
  const auto outcomes = engine.Write(
      {WriteEngine::Update("c", "large", R"({"n":1})"), WriteEngine::Update("c", "middle", R"({"n":1})")});
  EXPECT_EQ(Show(outcomes), (Shown{"busy", "updated v2 s2"}));
  EXPECT_EQ(outcomes[0].error->DetailOf("durability"), "PERMANENT");
  EXPECT_EQ(engine.Source("c", "large"), large);
  EXPECT_EQ(budget.reserved(), 0u);
}

TEST(Writer, KeepsTheUpdatedDocumentOnlyIfItIsWanted) {
  WriteEngine engine;
  ASSERT_FALSE(engine.Put("c", "a", R"({"n":1})").error);
  WriteOp wanted = WriteEngine::Update("c", "a", R"({"n":2})"), unwanted = wanted;
  unwanted.wants_source = false;
  WriteOp changed = WriteEngine::Update("c", "a", R"({"n":3})");
  changed.wants_source = false;
  const auto outcomes = engine.Write({wanted, wanted, unwanted, changed});
  EXPECT_EQ(Show(outcomes), (Shown{"updated v2 s1", "noop v2 s1", "noop v2 s1", "updated v3 s2"}));
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(outcomes[i].source, i < 2 ? R"({"n":2})" : "") << i;
}

TEST(Writer, ChecksExternalVersions) {
  WriteEngine engine;
  EXPECT_EQ(Show(engine.Write({
                External(WriteEngine::Index("c", "a", "{}"), 5),
                External(WriteEngine::Index("c", "a", "{}"), 5),
                External(WriteEngine::Index("c", "a", "{}"), 4, true),
                External(WriteEngine::Index("c", "a", "{}"), 5, true),
                External(WriteEngine::Op(Kind::kDelete, "c", "a"), 9),
                External(WriteEngine::Index("c", "a", "{}"), 8),
                External(WriteEngine::Index("c", "a", "{}"), 10),
            })),
            (Shown{"created v5 s0", "version_conflict", "version_conflict", "updated v5 s1", "deleted v9 s2",
                   "version_conflict", "created v10 s3"}));
  const auto lower = engine.Write({External(WriteEngine::Index("c", "a", "{}"), 3)});
  EXPECT_EQ(lower[0].error->DetailOf("version"), "10");
  EXPECT_EQ(lower[0].error->DetailOf("provided"), "3");
  EXPECT_EQ(lower[0].error->DetailOf("relation"), "newer_or_same");
}

TEST(Writer, CreatesCollectionsOnWriteButNotOnDelete) {
  WriteEngine engine;
  const auto outcomes = engine.Write(
      {WriteEngine::Op(Kind::kDelete, "none", "a"), WriteEngine::Index("made", "", R"({"t":"x"})"),
       WriteEngine::Index("Bad Name", "a", "{}"), WriteEngine::Index("made", "", R"({"t":"y"})")});
  EXPECT_EQ(outcomes[0].error->code, ErrorCode::kCollectionNotFound);
  EXPECT_EQ(outcomes[2].error->code, ErrorCode::kCollectionName);
  EXPECT_EQ(engine.Collection("none"), nullptr);
  ASSERT_NE(engine.Collection("made"), nullptr);
  EXPECT_EQ(outcomes[1].id.size(), 20u);
  EXPECT_NE(outcomes[1].id, outcomes[3].id);
  EXPECT_EQ(engine.Searchable("made").size(), 2u);
  EXPECT_NE(engine.Collection("made")->mapping.Find("t.keyword"), nullptr);
}

TEST(Writer, WritesThroughAliases) {
  WriteEngine engine;
  NewCollection spec;
  spec.name = "real";
  spec.aliases.push_back({"alias", Json(), false});
  ASSERT_TRUE(engine.catalogue->Create(spec).ok());
  WriteOp by_alias = WriteEngine::Index("alias", "a", "{}");
  by_alias.require_alias = true;
  WriteOp by_name = WriteEngine::Index("real", "a", "{}");
  by_name.require_alias = true;
  WriteOp by_nothing = WriteEngine::Index("fresh", "a", "{}");
  by_nothing.require_alias = true;
  const auto outcomes = engine.Write({by_alias, by_name, by_nothing});
  EXPECT_EQ(Show(outcomes), (Shown{"created v1 s0", "alias_required", "alias_required"}));
  EXPECT_EQ(outcomes[0].collection, "real");
  EXPECT_EQ(engine.Collection("fresh"), nullptr);
}

TEST(Writer, FirstTypeOfANewFieldWins) {
  WriteEngine engine;
  std::vector<WriteOp> ops;
  for (int i = 0; i < 200; ++i) {
    ops.push_back(WriteEngine::Index("c", std::to_string(i), i == 0 ? R"({"a":1})" : R"({"x":7})"));
  }
  ops.push_back(WriteEngine::Index("c", "text", R"({"x":"seven"})"));
  ops.push_back(WriteEngine::Index("c", "number", R"({"x":"8"})"));
  const auto outcomes = engine.Write(ops);
  EXPECT_EQ(Show(outcomes[200]), "field_parse");
  EXPECT_FALSE(outcomes[201].error);
  EXPECT_EQ(engine.Collection("c")->mapping.Find("x")->type, catalogue::FieldType::kLong);
  EXPECT_EQ(engine.Searchable("c").size(), 201u);
}

TEST(Writer, PartialUpdatesMergeObjectsAndReplaceOtherValues) {
  WriteEngine engine;
  engine.Put("c", "a", R"({"o":{"x":1,"y":{"z":2}},"l":[1,2],"k":1})");
  EXPECT_EQ(Show(engine.Write({WriteEngine::Update("c", "a", R"({"o":{"y":{"w":3}},"l":[3],"k":null})")})),
            Shown{"updated v2 s1"});
  EXPECT_EQ(engine.Source("c", "a"), R"({"o":{"x":1,"y":{"z":2,"w":3}},"l":[3],"k":null})");
  WriteOp always = WriteEngine::Update("c", "a", R"({"l":[3]})");
  EXPECT_EQ(Show(engine.Write({always})), Shown{"noop v2 s1"});
  always.detect_noop = false;
  EXPECT_EQ(Show(engine.Write({always})), Shown{"updated v3 s2"});
}

TEST(Writer, RefreshesByIntervalAndOnRequest) {
  WriteEngine engine;
  engine.Put("c", "a", "{}", RefreshPolicy::kNo);
  EXPECT_EQ(engine.Source("c", "a"), "{}");  // readable by id immediately
  EXPECT_EQ(engine.Searchable("c"), Ids{});
  engine.clock.Advance(999);
  std::this_thread::yield();
  EXPECT_EQ(engine.Searchable("c"), Ids{});
  engine.clock.Advance(1);
  // The refresh thread polls the clock; only the time limit of the test bounds this wait.
  while (engine.Searchable("c").empty()) std::this_thread::yield();
  EXPECT_EQ(engine.Searchable("c"), Ids{"a"});
  engine.Put("c", "b", "{}", RefreshPolicy::kNow);
  EXPECT_EQ(engine.Searchable("c"), (Ids{"a", "b"}));
}

TEST(Writer, TellsWhenWritesAreSearchable) {
  WriteEngine engine;
  NewCollection spec;
  spec.name = "c";
  spec.settings.refresh_interval_ms = -1;  // no refresh by interval; the forced one is due in 1 s
  ASSERT_TRUE(engine.catalogue->Create(spec).ok());
  EXPECT_FALSE(engine.Put("c", "a", "{}", RefreshPolicy::kWait).forced_refresh);
  EXPECT_EQ(engine.Searchable("c"), Ids{}) << "the write itself does not wait";
  std::atomic<int> done = 0;
  engine.writer->WhenSearchable({"c", "unknown"}, [&] { ++done; });
  EXPECT_EQ(done, 0);
  while (done == 0) {
    engine.clock.Advance(100);
    std::this_thread::yield();
  }
  EXPECT_EQ(engine.Searchable("c"), Ids{"a"});
  engine.writer->WhenSearchable({"c"}, [&] { ++done; });
  EXPECT_EQ(done, 2) << "nothing to wait for";
  engine.Put("c", "b", "{}", RefreshPolicy::kNo);
  engine.clock.Advance(100'000);
  EXPECT_EQ(engine.Searchable("c"), Ids{"a"});
  ASSERT_TRUE(engine.writer->RefreshNow({engine.Collection("c")}).ok());
  EXPECT_EQ(engine.Searchable("c"), (Ids{"a", "b"}));
}

TEST(Writer, TellsThatADroppedCollectionIsNotWaitedFor) {
  WriteEngine engine;
  engine.Put("c", "a", "{}", RefreshPolicy::kNo);
  engine.Put("d", "a", "{}", RefreshPolicy::kNo);
  int done = 0;
  engine.writer->WhenSearchable({"c", "d"}, [&] { ++done; });
  ASSERT_TRUE(engine.writer->DropCollection("c").ok());
  EXPECT_EQ(done, 0);
  ASSERT_TRUE(engine.writer->DropCollection("d").ok());
  EXPECT_EQ(done, 1);
}

// As in OpenSearch, so many waiting writes force a refresh.
TEST(Writer, ManyWaitingWritesRefreshAtOnce) {
  WriteEngine engine;
  engine.Put("c", "a", "{}", RefreshPolicy::kNo);
  std::atomic<size_t> done = 0;
  for (size_t i = 0; i < kMaxWaiters; ++i) engine.writer->WhenSearchable({"c"}, [&] { ++done; });
  while (done < kMaxWaiters) std::this_thread::yield();  // the clock stands still
  EXPECT_EQ(engine.Searchable("c"), Ids{"a"});
}

TEST(Writer, AcknowledgedWritesSurviveACrash) {
  WriteEngine engine;
  engine.Put("c", "kept", R"({"t":"old"})");
  engine.Put("c", "changed", R"({"t":"old"})");
  engine.Put("c", "deleted", R"({"t":"old"})");
  ASSERT_TRUE(engine.writer->Flush({engine.Collection("c")}).ok());
  engine.Put("c", "changed", R"({"t":"newer"})", RefreshPolicy::kNo);
  engine.Put("c", "changed", R"({"t":"newest"})", RefreshPolicy::kNo);
  engine.Write({WriteEngine::Op(Kind::kDelete, "c", "deleted")}, RefreshPolicy::kNo);
  engine.Put("c", "fresh", R"({"t":"newest"})", RefreshPolicy::kNo);
  for (int round = 0; round < 3; ++round) {
    if (round < 2) {
      engine.Crash();
    } else {
      engine.CrashLosingIndex();
    }
    EXPECT_EQ(engine.Searchable("c"), (Ids{"kept", "changed", "fresh"})) << round;
    EXPECT_EQ(engine.Searchable("c", "t", "old"), Ids{"kept"}) << round;
    EXPECT_EQ(engine.Searchable("c", "t", "newest"), (Ids{"changed", "fresh"})) << round;
    EXPECT_EQ(engine.Source("c", "changed"), R"({"t":"newest"})") << round;
    EXPECT_EQ(Show(engine.Write({WriteEngine::Update("c", "kept", R"({"t":"old"})")})), Shown{"noop v1 s0"});
  }
  EXPECT_EQ(Show(engine.Put("c", "kept", "{}")), "updated v2 s7");
}

catalogue::Mapping WithField(catalogue::Dynamic dynamic, const std::string& name, catalogue::FieldType type) {
  catalogue::Mapping mapping;
  mapping.dynamic = dynamic;
  catalogue::Field field;
  field.name = name;
  field.type = type;
  mapping.properties.push_back(std::move(field));
  return mapping;
}

// A record that was accepted under an older mapping stays found by what that mapping indexed.
TEST(Writer, ReplayKeepsRecordsThatTheMappingOfTodayWouldRefuse) {
  WriteEngine engine;
  NewCollection spec;
  spec.name = "c";
  spec.mapping = WithField(catalogue::Dynamic::kFalse, "t", catalogue::FieldType::kText);
  ASSERT_TRUE(engine.catalogue->Create(std::move(spec)).ok());
  engine.Put("c", "a", R"({"t":"red","size":"XL"})");
  ASSERT_TRUE(
      engine.catalogue
          ->AddFields("c", WithField(catalogue::Dynamic::kStrict, "size", catalogue::FieldType::kInteger))
          .ok());
  engine.Put("c", "b", R"({"t":"red","size":5})");
  for (int round = 0; round < 2; ++round) {
    if (round == 0) {
      engine.Crash();
    } else {
      engine.CrashLosingIndex();
    }
    EXPECT_EQ(engine.Searchable("c", "t", "red"), (Ids{"a", "b"})) << round;
  }
  EXPECT_EQ(Show(engine.Write({WriteEngine::Op(Kind::kDelete, "c", "a")})), Shown{"deleted v2 s2"});
  EXPECT_EQ(engine.Searchable("c"), Ids{"b"});
}

// A definition that can no longer be used blocks neither deletes nor other fields.
TEST(Writer, ABrokenDefinitionBlocksNeitherDeletesNorOtherFields) {
  WriteEngine engine;
  NewCollection spec;
  spec.name = "c";
  spec.mapping = WithField(catalogue::Dynamic::kTrue, "d", catalogue::FieldType::kDate);
  spec.mapping.properties[0].format = "yyyy-foo";
  ASSERT_TRUE(engine.catalogue->Create(std::move(spec)).ok());
  EXPECT_EQ(Show(engine.Put("c", "a", R"({"t":"red"})")), "created v1 s0");
  EXPECT_EQ(Show(engine.Put("c", "b", R"({"t":"red","d":"2026"})")), "field_parse");
  engine.CrashLosingIndex();
  EXPECT_EQ(engine.Searchable("c", "t", "red"), Ids{"a"});
  EXPECT_EQ(Show(engine.Write({WriteEngine::Op(Kind::kDelete, "c", "a")})), Shown{"deleted v2 s1"});
}

// Such a record was accepted by a version that understood the definition.
TEST(Writer, TheHealthListsRecordsThatCannotBeIndexedCompletely) {
  WriteEngine engine;
  NewCollection spec;
  spec.name = "c";
  spec.mapping = WithField(catalogue::Dynamic::kTrue, "d", catalogue::FieldType::kDate);
  spec.mapping.properties[0].format = "yyyy-foo";
  ASSERT_TRUE(engine.catalogue->Create(std::move(spec)).ok());
  engine.Put("c", "a", R"({"t":"red"})");
  {
    const auto transaction = engine.records->Begin(engine.Collection("c")->id);
    catalogue::RecordPut put;
    put.id = "b";
    put.source = R"({"t":"red","d":"2026"})";
    ASSERT_TRUE(transaction->Put(put).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  EXPECT_TRUE(engine.kv->health().problems().empty());
  engine.CrashLosingIndex();
  EXPECT_EQ(engine.Searchable("c", "t", "red"), (Ids{"a", "b"})) << "found by its other fields";
  EXPECT_EQ(engine.kv->health().level(), HealthLevel::kDegraded);
  ASSERT_EQ(engine.kv->health().problems().size(), 1u);
  EXPECT_NE(engine.kv->health().problems()[0].find("record \"b\" of \"c\" is indexed without a field: "),
            std::string::npos)
      << engine.kv->health().problems()[0];
}

TEST(Writer, PartialUpdatesCarryNumbersAsWritten) {
  WriteEngine engine;
  engine.Put("c", "a", R"({"k":["18446744073709551617"],"n":[1.10,1e3,0.00001,-0],"o":{"x":1.50}})");
  engine.Write({WriteEngine::Update("c", "a", R"({"o":{"y":2.0}})")});
  EXPECT_EQ(engine.Source("c", "a"),
            R"({"k":["18446744073709551617"],"n":[1.10,1e3,0.00001,-0],"o":{"x":1.50,"y":2.0}})");
  EXPECT_EQ(Show(engine.Write({WriteEngine::Update("c", "a", R"({"o":{"x":1.5}})")})), Shown{"noop v2 s1"});
  EXPECT_EQ(Show(engine.Write({WriteEngine::Update("c", "a", R"({"o":{"y":2}})")})), Shown{"updated v3 s2"});
}

// An operation that is not acknowledged leaves neither a record nor an index row, even after a restart.
TEST(Writer, FailedWritesLeaveNoTrace) {
  for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kNoSpace}) {
    WriteEngine engine;
    engine.Put("c", "a", R"({"n":1})");
    engine.kv->FailWrites(code);
    const auto outcomes = engine.Write({
        WriteEngine::Index("c", "a", R"({"n":2})"),
        WriteEngine::Op(Kind::kCreate, "c", "b", R"({"n":3})"),
        WriteEngine::Update("c", "a", R"({"n":4})"),
        WriteEngine::Op(Kind::kDelete, "c", "a"),
        WriteEngine::Index("c", "field", R"({"other":"x"})"),
        WriteEngine::Index("new", "a", "{}"),
        WriteEngine::Op(Kind::kCreate, "c", "bad", "{oops"),
    });
    for (size_t i = 0; i + 1 < outcomes.size(); ++i) {
      ASSERT_TRUE(outcomes[i].error) << i;
      EXPECT_EQ(outcomes[i].error->code, code) << i;
      EXPECT_EQ(outcomes[i].error->kind(), ErrorKind::kIo) << i;
      EXPECT_FALSE(outcomes[i].forced_refresh) << i;
    }
    EXPECT_EQ(outcomes.back().error->code, ErrorCode::kJsonSyntax)
        << "an invalid document must still be reported as invalid";
    EXPECT_EQ(engine.writer->DropCollection("c").error().code, code);
    EXPECT_EQ(engine.Collection("new"), nullptr);
    EXPECT_EQ(engine.Collection("c")->mapping.Find("other"), nullptr);
    engine.kv->Repair();
    for (const bool crashed : {false, true}) {
      if (crashed) engine.Crash();
      EXPECT_EQ(engine.Searchable("c"), Ids{"a"}) << crashed;
      EXPECT_EQ(engine.Source("c", "a"), R"({"n":1})") << crashed;
      EXPECT_EQ(engine.Source("c", "b"), "(none)") << crashed;
      EXPECT_EQ(engine.Collection("new"), nullptr) << crashed;
    }
    EXPECT_EQ(Show(engine.Put("c", "a", R"({"n":5})")), "updated v2 s1")
        << "failed writes must not use up a version or a seq_no";
  }
}

// Makes each store write of a batch fail in turn: a document exists if and only if its write was
// acknowledged.
TEST(Writer, StoresExactlyTheAcknowledgedWrites) {
  bool done = false;
  for (uint64_t writes = 0; !done; ++writes) {
    SCOPED_TRACE(writes);
    ASSERT_LT(writes, 20u);
    WriteEngine engine;
    engine.kv->FailWritesAfter(writes);
    const std::vector<std::pair<std::string, std::string>> documents = {{"x", "1"}, {"y", "1"}, {"x", "2"}};
    std::vector<WriteOp> ops;
    for (const auto& [collection, id] : documents) {
      ops.push_back(WriteEngine::Index(collection, id, R"({"title":"lamp","n":7})"));
    }
    const auto outcomes = engine.Write(std::move(ops));
    engine.kv->Repair();
    done = true;
    for (const bool crashed : {false, true}) {
      if (crashed) engine.Crash();
      for (size_t i = 0; i < documents.size(); ++i) {
        const auto& [collection, id] = documents[i];
        if (outcomes[i].error) {
          EXPECT_EQ(outcomes[i].error->kind(), ErrorKind::kIo);
        }
        done = done && !outcomes[i].error;
        EXPECT_EQ(engine.Searchable(collection).contains(id), !outcomes[i].error) << collection << id;
        if (engine.Collection(collection) == nullptr) continue;
        EXPECT_EQ(engine.Source(collection, id) != "(none)", !outcomes[i].error) << collection << id;
      }
    }
  }
}

TEST(Writer, ReportsFailedReads) {
  WriteEngine engine;
  engine.Put("c", "a", R"({"n":1})");
  for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kCorrupt}) {
    engine.kv->FailReads(code);
    for (const WriteOutcome& outcome : engine.Write(
             {WriteEngine::Index("c", "a", R"({"n":2})"), WriteEngine::Update("c", "a", R"({"n":3})"),
              WriteEngine::Op(Kind::kDelete, "c", "a"), WriteEngine::Op(Kind::kCreate, "c", "a", "{}")})) {
      ASSERT_TRUE(outcome.error);
      EXPECT_EQ(outcome.error->code, code) << "neither a conflict nor a missing document";
    }
    engine.kv->Repair();
    EXPECT_EQ(engine.Source("c", "a"), R"({"n":1})");
  }
}

TEST(Writer, FlushPurgesSupersededRecords) {
  WriteEngine engine;
  for (int i = 0; i < 20; ++i) engine.Put("c", "a", R"({"n":)" + std::to_string(i) + "}");
  const CollectionId id = engine.Collection("c")->id;
  ASSERT_TRUE(engine.writer->Flush({engine.Collection("c")}).ok());
  size_t left = 0;
  ASSERT_TRUE(engine.records
                  ->Scan(id, SeqNo{0},
                         [&](const catalogue::Record&) -> Result<bool> {
                           ++left;
                           return true;
                         })
                  .ok());
  EXPECT_EQ(left, 1u);
  EXPECT_EQ(engine.Source("c", "a"), R"({"n":19})");
}

// A search that began before the last refresh keeps only what it can still read, however long it runs.
TEST(Writer, AnOldReaderKeepsOnlyTheRecordsThatItShows) {
  WriteEngine engine;
  const auto put = [&engine](int from, int to) {
    for (int i = from; i < to; ++i) engine.Put("c", "a", R"({"n":)" + std::to_string(i) + "}");
  };
  const auto flush = [&engine] { ASSERT_TRUE(engine.writer->Flush({engine.Collection("c")}).ok()); };
  const auto stored = [&engine] {
    std::vector<uint64_t> numbers;
    const auto note = [&numbers](const catalogue::Record& record) -> Result<bool> {
      numbers.push_back(record.seq_no.value);
      return true;
    };
    EXPECT_TRUE(engine.records->Scan(engine.Collection("c")->id, SeqNo{0}, note).ok());
    return numbers;
  };
  put(0, 10);
  flush();
  const index::IndexReaderPtr old = engine.indexes->Get(engine.Collection("c")->id)->reader();
  put(10, 20);
  flush();
  // Record 9 is the one that the old reader shows. Those after it were superseded later, so that they are
  // kept, too; those before it are not.
  const std::vector<uint64_t> kept = stored();
  EXPECT_EQ(kept.front(), 9u);
  EXPECT_EQ(kept.size(), 11u);
}

TEST(Writer, DropRemovesTheRecords) {
  WriteEngine engine;
  engine.Put("c", "a", "{}");
  const CollectionId id = engine.Collection("c")->id;
  ASSERT_TRUE(engine.writer->DropCollection("c").ok());
  EXPECT_EQ(engine.writer->DropCollection("c").error().code, ErrorCode::kCollectionNotFound);
  EXPECT_EQ(engine.catalogue->Get("c"), nullptr);
  EXPECT_EQ(engine.indexes->Get(id), nullptr);
  EXPECT_FALSE(engine.records->Get(id, "a")->has_value());
  EXPECT_EQ(Show(engine.Put("c", "a", "{}")), "created v1 s0");
  engine.Crash();
  EXPECT_EQ(engine.Searchable("c"), Ids{"a"});
}

TEST(Writer, RemembersADeleteForAMinute) {
  WriteEngine engine(1, 1'000'000'000);
  const auto external = [&](Kind kind, uint64_t version) {
    WriteOp op = WriteEngine::Op(kind, "c", "a", kind == Kind::kIndex ? "{}" : "");
    op.version_type = WriteOp::VersionType::kExternal;
    op.version = version;
    return engine.Write({op}).at(0);
  };
  external(Kind::kIndex, 9);
  external(Kind::kDelete, 10);
  engine.Put("c", "other", "{}");
  const auto flush = [&](int64_t after_ms) {
    engine.clock.Advance(after_ms);
    ASSERT_TRUE(engine.writer->Flush({engine.Collection("c")}).ok());
  };
  flush(60'000);  // the minute in which the delete is remembered begins
  flush(59'999);
  EXPECT_TRUE(external(Kind::kIndex, 5).error) << "an older version that arrives late";
  flush(1);
  EXPECT_FALSE(engine.records->Version(engine.Collection("c")->id, "a").value());
  EXPECT_FALSE(external(Kind::kIndex, 5).error);
  engine.CrashLosingIndex();
  EXPECT_EQ(engine.Searchable("c"), (std::set<std::string>{"a", "other"}));
}

TEST(Writer, RemovesIndexFilesLeftByAnInterruptedDrop) {
  WriteEngine engine;
  for (const char* name : {"a", "b"}) {
    engine.Put(name, "1", R"({"n":1})");
    ASSERT_TRUE(engine.writer->Flush({engine.Collection(name)}).ok());
  }
  const CollectionId kept = engine.Collection("b")->id;
  ASSERT_TRUE(engine.catalogue->Drop("a").ok());  // as if the process died before it removed the files
  ASSERT_EQ(engine.indexes->Stored().value().size(), 2u);
  engine.Crash();
  EXPECT_EQ(engine.indexes->Stored().value(), std::vector<CollectionId>{kept});
  EXPECT_EQ(engine.Searchable("b"), std::set<std::string>{"1"});
}

TEST(Writer, AcceptsConcurrentWrites) {
  WriteEngine engine;
  engine.Put("c", "counter", R"({"n":0})");
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 25; ++i) {
          std::vector<WriteOp> ops;
          for (int j = 0; j < 8; ++j) {
            ops.push_back(WriteEngine::Index("c", "t" + std::to_string(t) + "-" + std::to_string(i * 8 + j),
                                             R"({"f)" + std::to_string(t) + R"(":1})"));
          }
          ops.push_back(WriteEngine::Update("c", "counter", R"({"n":)" + std::to_string(t * 100 + i) + "}"));
          for (const WriteOutcome& outcome :
               engine.Write(ops, i % 5 == 0 ? RefreshPolicy::kNow : RefreshPolicy::kNo)) {
            EXPECT_FALSE(outcome.error) << outcome.error->ToString();
          }
        }
      });
    }
  }
  ASSERT_TRUE(engine.writer->RefreshNow({engine.Collection("c")}).ok());
  EXPECT_EQ(engine.Searchable("c").size(), 801u);
  EXPECT_EQ(engine.records->LiveCount(engine.Collection("c")->id), 801u);
}

// Copies all rows of a store and can put them back, as a restored older copy of the facts does.
class FactsCopy {
 public:
  explicit FactsCopy(storage::KeyValue& kv) : kv_(kv) {
    for (int family = 0; family < storage::kFamilyCount; ++family) {
      const auto f = static_cast<storage::Family>(family);
      rows_.DeleteRange(f, "", std::string(100, '\xff'));
      const auto cursor = kv.Scan(f);
      for (cursor->Seek(""); cursor->Valid(); cursor->Next())
        rows_.Put(f, std::string(cursor->key()), std::string(cursor->value()));
    }
  }
  void Restore() { ASSERT_TRUE(kv_.Write(rows_, storage::Durability::kSync).ok()); }

 private:
  storage::KeyValue& kv_;
  storage::WriteBatch rows_;
};

TEST(Writer, DiscardsAnIndexThatIsAheadOfTheRecords) {
  WriteEngine engine;
  for (int i = 0; i < 5; ++i) engine.Put("c", "a" + std::to_string(i), R"({"t":"cherry"})");
  ASSERT_TRUE(engine.writer->Flush({engine.Collection("c")}).ok());
  FactsCopy older(*engine.kv);
  for (int i = 0; i < 5; ++i) engine.Put("c", "b" + std::to_string(i), R"({"t":"banana"})");
  ASSERT_TRUE(engine.writer->Flush({engine.Collection("c")}).ok());
  older.Restore();
  engine.Crash();
  ASSERT_EQ(engine.kv->health().problems().size(), 1u);
  EXPECT_NE(engine.kv->health().problems()[0].find("acknowledged writes are missing"), std::string::npos);
  EXPECT_EQ(engine.Searchable("c", "t", "banana").size(), 0u);
  EXPECT_EQ(engine.Searchable("c", "t", "cherry").size(), 5u);
  for (int i = 0; i < 7; ++i) engine.Put("c", "d" + std::to_string(i), R"({"t":"plum"})");
  ASSERT_TRUE(engine.writer->Flush({engine.Collection("c")}).ok());
  engine.Crash();
  EXPECT_EQ(engine.kv->health().findings(), 1u) << "the new index belongs to the records";
  EXPECT_EQ(engine.Searchable("c").size(), 12u);
}

TEST(Writer, DiscardsAnIndexOfOtherDocuments) {
  WriteEngine engine;
  for (int i = 0; i < 5; ++i) engine.Put("c", "a" + std::to_string(i), R"({"t":"cherry"})");
  engine.Write(
      {WriteEngine::Op(WriteOp::Kind::kDelete, "c", "a3"), WriteEngine::Index("c", "a1", R"({"t":"new"})")});
  ASSERT_TRUE(engine.writer->Flush({engine.Collection("c")}).ok());
  engine.Write({WriteEngine::Op(WriteOp::Kind::kDelete, "c", "a2")});
  engine.Crash();
  EXPECT_EQ(engine.kv->health().level(), HealthLevel::kOk) << "deletes and updates do not differ";
  EXPECT_EQ(engine.Searchable("c").size(), 3u);
  ASSERT_TRUE(engine.writer->Flush({engine.Collection("c")}).ok());
  const auto cursor = engine.kv->Scan(storage::Family::kRecords);
  cursor->Seek("");
  const std::string first(cursor->key());
  cursor->Next();
  storage::WriteBatch batch;
  batch.Put(storage::Family::kRecords, first, std::string(cursor->value()));
  ASSERT_TRUE(engine.kv->Write(batch, storage::Durability::kSync).ok());
  engine.Crash();
  EXPECT_EQ(engine.kv->health().level(), HealthLevel::kDegraded);
}

}  // namespace
}  // namespace trine::operations
