// Compares random operations with a map; crashes and lost index files must not change the results.
#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "operations/write/writer.h"
#include "test/support/write_engine.h"

namespace trine::operations {
namespace {

using test::WriteEngine;
using Kind = WriteOp::Kind;

// The expected content of a collection: id -> the word in its one field, and the version.
struct Twin {
  struct Doc {
    std::string word;
    uint64_t version = 0;
    bool deleted = false;
  };
  std::map<std::string, Doc> docs;

  bool Live(const std::string& id) const { return docs.contains(id) && !docs.at(id).deleted; }
  // Applies an operation as the writer should. Returns the expected outcome in Show's form.
  std::string Apply(const WriteOp& op, const std::string& word) {
    const bool live = Live(op.id);
    if (op.kind == Kind::kCreate && live) return "conflict";
    if (op.kind == Kind::kUpdate && !live) return "missing";
    if (op.kind == Kind::kUpdate && docs[op.id].word == word)
      return "noop " + std::to_string(docs[op.id].version);
    Doc& doc = docs[op.id];
    ++doc.version;
    doc.deleted = op.kind == Kind::kDelete;
    if (!doc.deleted) doc.word = word;
    if (doc.deleted) return (live ? "deleted " : "absent ") + std::to_string(doc.version);
    return (live ? "updated " : "created ") + std::to_string(doc.version);
  }
};

std::string Show(const WriteOutcome& outcome) {
  if (outcome.error) return outcome.error->kind() == ErrorKind::kNotFound ? "missing" : "conflict";
  constexpr const char* kWords[] = {"created ", "updated ", "deleted ", "noop ", "absent "};
  return kWords[static_cast<int>(outcome.result)] + std::to_string(outcome.version.version);
}

void Compare(WriteEngine& engine, const Twin& twin) {
  if (engine.Collection("c") == nullptr) return;
  ASSERT_TRUE(engine.writer->RefreshNow({engine.Collection("c")}).ok());
  std::map<std::string, std::set<std::string>> by_word;
  std::set<std::string> all;
  for (const auto& [id, doc] : twin.docs) {
    if (doc.deleted) {
      EXPECT_EQ(engine.Source("c", id), "(none)");
      continue;
    }
    all.insert(id);
    by_word[doc.word].insert(id);
    EXPECT_EQ(engine.Source("c", id), R"({"w":")" + doc.word + R"("})");
  }
  EXPECT_EQ(engine.Searchable("c"), all);
  for (const auto& [word, ids] : by_word) EXPECT_EQ(engine.Searchable("c", "w", word), ids) << word;
  EXPECT_EQ(engine.records->LiveCount(engine.Collection("c")->id), all.size());
}

// Removes from the twin each delete that the store has forgotten, because the store treats its id as new.
// Returns how many were removed.
size_t Forget(const WriteEngine& engine, Twin* twin) {
  return std::erase_if(twin->docs, [&](const auto& known) {
    const auto version = engine.records->Version(engine.Collection("c")->id, known.first);
    EXPECT_TRUE(version.ok());
    EXPECT_TRUE(*version || known.second.deleted) << known.first;
    return !*version && known.second.deleted;
  });
}

// Returns the number of deletes that were forgotten during the run.
size_t RunSeed(uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  constexpr int64_t kNoFlushByItself = 1'000'000'000;
  WriteEngine engine(seed % 2 == 0 ? 1 : 3, kNoFlushByItself);
  Twin twin;
  size_t forgotten = 0;
  for (int round = 0; round < 40; ++round) {
    std::vector<WriteOp> ops;
    std::vector<std::string> expected;
    const size_t count = 1 + random.Below(random.Below(8) == 0 ? 120 : 8);
    for (size_t i = 0; i < count; ++i) {
      const std::string id = "d" + std::to_string(random.Below(12)),
                        word = "w" + std::to_string(random.Below(4));
      const Kind kind = static_cast<Kind>(random.Below(4));
      WriteOp op = WriteEngine::Op(kind, "c", id, R"({"w":")" + word + R"("})");
      if (kind == Kind::kUpdate) op.doc = *format::ParseJson(op.source);
      // A delete alone does not create the collection.
      if (kind == Kind::kDelete && engine.Collection("c") == nullptr && ops.empty()) op.kind = Kind::kIndex;
      expected.push_back(twin.Apply(op, word));
      ops.push_back(std::move(op));
    }
    const auto outcomes =
        engine.Write(std::move(ops), random.Below(3) == 0 ? RefreshPolicy::kNow : RefreshPolicy::kNo);
    for (size_t i = 0; i < outcomes.size(); ++i)
      EXPECT_EQ(Show(outcomes[i]), expected[i]) << round << " " << i;
    switch (random.Below(8)) {
      case 0:
        engine.Crash();
        break;
      case 1:
        engine.CrashLosingIndex();
        break;
      case 2:
      case 3:
        if (random.Below(3) != 0) engine.clock.Advance(61'000);
        EXPECT_TRUE(engine.writer->Flush({engine.Collection("c")}).ok());
        forgotten += Forget(engine, &twin);
        break;
      default:
        break;
    }
    if (random.Below(4) == 0) Compare(engine, twin);
    if (testing::Test::HasFailure()) return forgotten;
  }
  engine.Crash();
  Compare(engine, twin);
  return forgotten;
}

TEST(WriterProperty, MatchesInMemoryMapAcrossCrashes) {
  size_t forgotten = 0;
  for (uint64_t seed = 1; seed <= 12 && !testing::Test::HasFailure(); ++seed) forgotten += RunSeed(seed);
  EXPECT_GT(forgotten, 0u);
}

}  // namespace
}  // namespace trine::operations
