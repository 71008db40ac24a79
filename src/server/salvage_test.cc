#include "server/salvage.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/clock.h"
#include "base/metrics.h"
#include "catalogue/definition_codec.h"
#include "server/directory_check.h"
#include "server/engines.h"
#include "test/support/temp_folder.h"

namespace trine::server {
namespace {

namespace fs = std::filesystem;
using storage::Family;

std::string Lines(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

class SalvageTest : public testing::Test {
 protected:
  SalvageTest() {
    options_.data_dir = data_;
    options_.program = folder_.path("bin/trine");  // so that no dictionary is found beside the test
    Open();
  }
  void Open() {
    engines_.reset();
    auto opened = Engines::Open(options_, SystemClock(), NullLog(), NullMetrics());
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    engines_ = std::move(opened).value();
  }
  void Write(const std::string& collection, int documents) {
    std::vector<operations::WriteOp> ops;
    for (int i = 0; i < documents; ++i) {
      operations::WriteOp op;
      op.collection = collection;
      op.id = "d" + std::to_string(i);
      op.source = R"({"title":"banana"})";
      ops.push_back(std::move(op));
    }
    for (const auto& outcome : engines_->writer->Write(std::move(ops), operations::RefreshPolicy::kNow))
      ASSERT_FALSE(outcome.error);
  }

  test::TempFolder folder_;
  const std::string data_ = folder_.path("data");
  EngineOptions options_;
  std::unique_ptr<Engines> engines_;
};

TEST_F(SalvageTest, DocumentsOfADefinitionThatCannotBeReadGetAnotherOne) {
  Write("good", 5);
  Write("bad", 7);
  Write("recovered-2", 3);  // the name is taken
  const CollectionId bad = engines_->catalogue->Get("bad")->id;
  ASSERT_EQ(bad, CollectionId{2});
  ASSERT_TRUE(engines_->writer->Bind({"bad", GroupId{9}, "", {}}).ok());
  storage::WriteBatch batch;
  batch.Put(Family::kResources, catalogue::DefinitionKey(catalogue::kCollectionKind, "bad"), "{");
  ASSERT_TRUE(engines_->facts->Write(batch, storage::Durability::kSync).ok());
  ASSERT_TRUE(engines_->Close().ok());
  // Before and after a start has set the definition aside.
  for (const bool opened : {false, true}) {
    if (opened) {
      Open();
      EXPECT_EQ(engines_->facts->health().level(), HealthLevel::kDegraded);
      EXPECT_EQ(engines_->records->LiveCount(bad), 7u) << "documents are facts";
      ASSERT_TRUE(engines_->Close().ok());
    }
    engines_.reset();
    EXPECT_TRUE(fs::exists(data_ + "/index/c2/manifest"));
    auto directory = OpenDataDirectoryReadOnly(data_);
    ASSERT_TRUE(directory.ok());
    const std::string broken = Lines(CheckDirectory(*directory, "")->broken);
    EXPECT_NE(broken.find("catalogue.collection/bad cannot be read"), std::string::npos) << broken;
    EXPECT_NE(broken.find("collection 2 has documents"), std::string::npos) << broken;
    const auto scanned = ScanFacts(data_);
    ASSERT_TRUE(scanned.ok());
    EXPECT_NE(Lines(scanned->damage).find("collection 2 has documents"), std::string::npos);
  }
  const auto salvaged = SalvageFacts(data_);
  ASSERT_TRUE(salvaged.ok()) << salvaged.error().ToString();
  EXPECT_NE(Lines(salvaged->damage).find("its documents are in the index \"recovered-2-\""),
            std::string::npos)
      << Lines(salvaged->damage);
  Open();
  EXPECT_EQ(engines_->facts->health().level(), HealthLevel::kOk)
      << Lines(engines_->facts->health().problems());
  const auto recovered = engines_->catalogue->Get("recovered-2-");
  ASSERT_NE(recovered, nullptr);
  EXPECT_EQ(recovered->id, bad);
  EXPECT_EQ(engines_->records->LiveCount(bad), 7u);
  EXPECT_EQ(engines_->records->LiveCount(engines_->catalogue->Get("good")->id), 5u);
  EXPECT_EQ(engines_->records->LiveCount(engines_->catalogue->Get("recovered-2")->id), 3u);
  ASSERT_TRUE(engines_->Close().ok());
  engines_.reset();
  EXPECT_TRUE(ScanFacts(data_)->damage.empty());
}

}  // namespace
}  // namespace trine::server
