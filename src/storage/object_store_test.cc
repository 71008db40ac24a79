#include "storage/object_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "test/support/temp_folder.h"

namespace trine::storage {
namespace {

Result<std::string> Read(ObjectStore& store, const std::string& location) {
  std::string all;
  TRINE_TRY(store.Get(
      location, [&](std::string_view piece) { return all += piece, Ok(); }, Deadline()));
  return all;
}

class FileStore : public testing::Test {
 protected:
  FileStore() {
    std::filesystem::create_directories(folder_.path("in/sub"));
    std::ofstream(folder_.path("secret")) << "secret";
    std::ofstream(folder_.path("in/a.csv")) << "aaa";
    std::ofstream(folder_.path("in/sub/b.csv")) << "b";
    store_ = NewFileObjectStore({folder_.path("in"), folder_.path("other/")});
  }
  std::string Url(const std::string& below) const { return "file://" + folder_.path(below); }
  std::vector<std::string> List(const std::string& prefix) {
    auto listed = store_->List(prefix, Deadline());
    EXPECT_TRUE(listed.ok()) << listed.error().ToString();
    std::vector<std::string> names;
    if (!listed.ok()) return names;
    for (const auto& info : *listed) names.push_back(info.location.substr(Url("").size()));
    return names;
  }
  test::TempFolder folder_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_F(FileStore, PutsGetsAndLists) {
  EXPECT_EQ(*Read(*store_, Url("in/a.csv")), "aaa");
  EXPECT_EQ(Read(*store_, Url("in/none")).error().kind(), ErrorKind::kNotFound);
  ASSERT_TRUE(store_->Put(Url("in/new/deep/한글.csv"), std::string(700'000, 'x'), Deadline()).ok());
  ASSERT_TRUE(store_->Put(Url("in/a.csv"), "second", Deadline()).ok());
  EXPECT_EQ(*Read(*store_, Url("in/a.csv")), "second");
  EXPECT_EQ(Read(*store_, Url("in/new/deep/한글.csv"))->size(), 700'000u);
  EXPECT_EQ(List(Url("in/")), (std::vector<std::string>{"in/a.csv", "in/new/deep/한글.csv", "in/sub/b.csv"}));
  EXPECT_EQ(List(Url("in")), List(Url("in/")));
  EXPECT_EQ(List(Url("in/a")), std::vector<std::string>{"in/a.csv"});
  EXPECT_EQ(List(Url("in/su")), std::vector<std::string>{"in/sub/b.csv"});
  EXPECT_EQ(List(Url("in/sub/b.csv")), std::vector<std::string>{"in/sub/b.csv"});
  EXPECT_TRUE(List(Url("in/zzz/")).empty());
  EXPECT_EQ((*store_->List(Url("in/a.csv"), Deadline()))[0].bytes, 6u);
  EXPECT_EQ(Read(*store_, Url("in/sub")).error().kind(), ErrorKind::kInvalid);
}

TEST_F(FileStore, RejectsPathsOutsideTheAllowedFolders) {
  std::filesystem::create_symlink(folder_.path("secret"), folder_.path("in/link"));
  std::filesystem::create_directory_symlink(folder_.path(), folder_.path("in/up"));
  for (const char* below : {"secret", "in/../secret", "in/sub/../../secret", "in/link", "in/up/secret",
                            "inside", "in-other/x", "in/up/in/a.csv"}) {
    EXPECT_EQ(Read(*store_, Url(below)).error().kind(), ErrorKind::kForbidden) << below;
  }
  for (const char* below : {"new", "in/../new", "in/up/new"}) {
    EXPECT_EQ(store_->Put(Url(below), "x", Deadline()).error().kind(), ErrorKind::kForbidden) << below;
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.path("new")));
  // Put at a symbolic link replaces the link, not its target.
  ASSERT_TRUE(store_->Put(Url("in/link"), "mine", Deadline()).ok());
  EXPECT_TRUE(std::filesystem::is_regular_file(std::filesystem::symlink_status(folder_.path("in/link"))));
  std::ifstream secret(folder_.path("secret"));
  std::string text;
  secret >> text;
  EXPECT_EQ(text, "secret");
  EXPECT_EQ(List(Url("in/")), (std::vector<std::string>{"in/a.csv", "in/link", "in/sub/b.csv"}));
  EXPECT_EQ(store_->List(Url(""), Deadline()).error().kind(), ErrorKind::kForbidden);
}

TEST_F(FileStore, RejectsMalformedLocationsAndSpecialFiles) {
  for (const char* location : {"", "file://", "file://host/x", "/etc/passwd", "file:///etc/passwd"}) {
    EXPECT_FALSE(Read(*store_, location).ok()) << location;
  }
  EXPECT_FALSE(Read(*store_, Url("in/a.csv") + std::string("\0.csv", 5)).ok());
  ASSERT_EQ(::mkfifo(folder_.path("in/fifo").c_str(), 0600), 0);
  EXPECT_EQ(Read(*store_, Url("in/fifo")).error().kind(), ErrorKind::kInvalid);
  EXPECT_EQ(store_->Put(Url("in/"), "x", Deadline()).error().kind(), ErrorKind::kInvalid);
}

TEST_F(FileStore, RejectsAllLocationsWithoutAllowedFolders) {
  const auto none = NewFileObjectStore({});
  const auto read = Read(*none, Url("in/a.csv"));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind(), ErrorKind::kForbidden);
  EXPECT_NE(read.error().message.find("--import-dir"), std::string::npos);
}

TEST_F(FileStore, StopsAtASinkErrorAndAtTheDeadline) {
  ASSERT_TRUE(store_->Put(Url("in/big"), std::string(2'000'000, 'x'), Deadline()).ok());
  int pieces = 0;
  const auto stopped = store_->Get(
      Url("in/big"), [&](std::string_view) { return ++pieces, Error(ErrorCode::kLimit, "enough"); },
      Deadline());
  EXPECT_EQ(stopped.error().kind(), ErrorKind::kLimit);
  EXPECT_EQ(pieces, 1);
  const ManualClock clock(Millis{0});
  EXPECT_EQ(store_
                ->Get(
                    Url("in/big"), [](std::string_view) { return Ok(); }, Deadline::After(clock, 0))
                .error()
                .kind(),
            ErrorKind::kTimeout);
}

TEST_F(FileStore, ObjectStoresRouteByScheme) {
  ObjectStores stores;
  EXPECT_EQ(Read(stores, Url("in/a.csv")).error().kind(), ErrorKind::kUnsupported);
  stores.Add("file", std::move(store_));
  EXPECT_EQ(*Read(stores, Url("in/a.csv")), "aaa");
  EXPECT_TRUE(stores.Put(Url("in/c"), "c", Deadline()).ok());
  EXPECT_EQ(stores.List(Url("in/c"), Deadline())->size(), 1u);
  const auto unknown = Read(stores, "gs://bucket/key");
  EXPECT_EQ(unknown.error().kind(), ErrorKind::kUnsupported);
  EXPECT_EQ(unknown.error().got, "gs://bucket/key");
  EXPECT_EQ(Read(stores, "no scheme").error().kind(), ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace trine::storage
