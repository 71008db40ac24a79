#include "storage/directory.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "test/support/faulty_directory.h"
#include "test/support/temp_folder.h"

namespace trine::storage {
namespace {

using Names = std::vector<std::string>;

void Put(Directory& dir, const std::string& name, std::string_view bytes) {
  auto file = dir.Create(name);
  ASSERT_TRUE(file.ok()) << file.error().ToString();
  ASSERT_TRUE((*file)->Append(bytes).ok());
  ASSERT_TRUE((*file)->Close().ok());
}

std::string Read(Directory& dir, const std::string& name) {
  auto file = dir.Open(name);
  return file.ok() ? std::string((*file)->bytes()) : "!" + std::string(Name(file.error().kind()));
}

// The conformance suite for Directory, run on the real and the faulty implementation.
struct Subject {
  std::unique_ptr<test::TempFolder> folder;
  std::unique_ptr<test::FaultyDisk> disk;
  std::unique_ptr<Directory> dir;
};
Subject RealSubject() {
  Subject s;
  s.folder = std::make_unique<test::TempFolder>();
  s.dir = std::move(OpenDirectory(s.folder->path("made/on/the/way"))).value();
  return s;
}
Subject FaultySubject() {
  Subject s;
  s.disk = std::make_unique<test::FaultyDisk>();
  s.dir = s.disk->Root();
  return s;
}
using Maker = Subject (*)();

class DirectoryConformance : public testing::TestWithParam<std::pair<const char*, Maker>> {
 protected:
  Subject subject_ = GetParam().second();
  Directory& dir_ = *subject_.dir;
};

TEST_P(DirectoryConformance, WritesAndReadsFiles) {
  Put(dir_, "a", "hello");
  EXPECT_EQ(Read(dir_, "a"), "hello");
  Put(dir_, "empty", "");
  EXPECT_EQ(Read(dir_, "empty"), "");
  EXPECT_EQ(Read(dir_, "missing"), "!not_found");
  auto file = dir_.Create("large");
  std::string expected;
  for (int i = 0; i < 40; ++i) {
    const std::string piece(static_cast<size_t>(i) * 997, static_cast<char>('a' + i % 26));
    ASSERT_TRUE((*file)->Append(piece).ok());
    expected += piece;
  }
  ASSERT_TRUE((*file)->Append(std::string(200'000, 'z')).ok());
  ASSERT_TRUE((*file)->Sync().ok());
  ASSERT_TRUE((*file)->Close().ok());
  EXPECT_TRUE((*file)->Close().ok());
  EXPECT_EQ((*file)->Append("x").error().kind(), ErrorKind::kInternal);
  EXPECT_EQ(Read(dir_, "large"), expected + std::string(200'000, 'z'));
}

TEST_P(DirectoryConformance, KeepsOpenedBytesAfterReplaceAndRemove) {
  Put(dir_, "a", "old");
  const auto old = std::move(dir_.Open("a")).value();
  Put(dir_, "a", "newer");
  EXPECT_EQ(old->bytes(), "old");
  EXPECT_EQ(Read(dir_, "a"), "newer");
  const auto newer = std::move(dir_.Open("a")).value();
  ASSERT_TRUE(dir_.Remove("a").ok());
  EXPECT_EQ(newer->bytes(), "newer");
  EXPECT_EQ(Read(dir_, "a"), "!not_found");
}

TEST_P(DirectoryConformance, RenamesAndRemoves) {
  Put(dir_, "a", "1");
  Put(dir_, "b", "2");
  ASSERT_TRUE(dir_.Rename("a", "b").ok());
  EXPECT_EQ(Read(dir_, "b"), "1");
  EXPECT_EQ(*dir_.List(), Names{"b"});
  EXPECT_EQ(dir_.Rename("a", "c").error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(dir_.Remove("a").error().kind(), ErrorKind::kNotFound);
  ASSERT_TRUE(dir_.Remove("b").ok());
  EXPECT_TRUE(dir_.List()->empty());
  EXPECT_TRUE(dir_.Sync().ok());
}

TEST_P(DirectoryConformance, CreatesListsAndRemovesFolders) {
  auto below = std::move(dir_.Folder("x")).value();
  auto deeper = std::move(below->Folder("y")).value();
  Put(*deeper, "f", "1");
  Put(dir_, "top", "2");
  EXPECT_EQ(*dir_.ListFolders(), Names{"x"});
  EXPECT_EQ(*dir_.List(), Names{"top"});
  EXPECT_EQ(Read(*std::move(std::move(dir_.Folder("x")).value()->Folder("y")).value(), "f"), "1");
  ASSERT_TRUE(dir_.RemoveFolder("x").ok());
  EXPECT_TRUE(dir_.ListFolders()->empty());
  EXPECT_TRUE(dir_.RemoveFolder("x").ok());
  EXPECT_EQ(Read(dir_, "top"), "2");
}

TEST_P(DirectoryConformance, RejectsInvalidNames) {
  for (const char* name : {"", ".", "..", ".hidden", "a/b", "../a", "a b", "한글", "a\n"}) {
    EXPECT_EQ(dir_.Create(name).error().kind(), ErrorKind::kInvalid) << name;
    EXPECT_EQ(dir_.Open(name).error().kind(), ErrorKind::kInvalid) << name;
    EXPECT_EQ(dir_.Remove(name).error().kind(), ErrorKind::kInvalid) << name;
    EXPECT_EQ(dir_.Folder(name).error().kind(), ErrorKind::kInvalid) << name;
    EXPECT_EQ(dir_.RemoveFolder(name).error().kind(), ErrorKind::kInvalid) << name;
    EXPECT_EQ(dir_.Rename("a", name).error().kind(), ErrorKind::kInvalid) << name;
  }
}

TEST_P(DirectoryConformance, WriteFileAtomicallyLeavesNoTemporaryFile) {
  ASSERT_TRUE(WriteFileAtomically(dir_, "manifest", "one").ok());
  ASSERT_TRUE(WriteFileAtomically(dir_, "manifest", "two").ok());
  EXPECT_EQ(Read(dir_, "manifest"), "two");
  EXPECT_EQ(*dir_.List(), Names{"manifest"});
}

INSTANTIATE_TEST_SUITE_P(All, DirectoryConformance,
                         testing::Values(std::pair{"real", &RealSubject},
                                         std::pair{"faulty", &FaultySubject}),
                         [](const auto& test) { return std::string(test.param.first); });

TEST(RealDirectory, RejectsAFileInPlaceOfAFolder) {
  const test::TempFolder folder;
  std::ofstream(folder.path("f")) << "x";
  EXPECT_EQ(OpenDirectory(folder.path("f")).error().kind(), ErrorKind::kIo);
  EXPECT_FALSE(OpenDirectory(folder.path("f/below")).ok());
  EXPECT_EQ(OpenDirectory("").error().kind(), ErrorKind::kInvalid);
  EXPECT_TRUE(OpenDirectory(folder.path("slash/")).ok());
  EXPECT_EQ((*OpenDirectory(folder.path("x//./y/")))->path(), folder.path("x/y"));
}

TEST(FaultyDisk, CrashDropsUnsyncedWrites) {
  test::FaultyDisk disk;
  auto dir = disk.Root();
  auto file = std::move(dir->Create("a")).value();
  ASSERT_TRUE(file->Append("synced").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(dir->Sync().ok());
  ASSERT_TRUE(file->Append(" lost").ok());
  Put(*dir, "b", "name never synced");
  disk.Crash();
  EXPECT_EQ(file->Append("x").error().kind(), ErrorKind::kIo);
  EXPECT_EQ(dir->List().error().kind(), ErrorKind::kIo);
  dir = disk.Root();
  EXPECT_EQ(*dir->List(), Names{"a"});
  EXPECT_EQ(Read(*dir, "a"), "synced");
}

// As on a disk that is full or read-only: the folder is empty, and only writing to it fails.
TEST(PosixDirectory, AFolderThatCannotBeCreatedIsEmpty) {
  const auto dir = std::move(OpenExistingDirectory("/sys")).value();
  const auto folder = dir->Folder("trine");
  ASSERT_TRUE(folder.ok()) << folder.error().ToString();
  EXPECT_TRUE((*folder)->List()->empty());
  EXPECT_TRUE((*folder)->ListFolders()->empty());
  EXPECT_EQ((*folder)->Open("a").error().kind(), ErrorKind::kNotFound);
  EXPECT_FALSE((*folder)->Create("a").ok());
  const auto deeper = (*folder)->Folder("deeper");
  ASSERT_TRUE(deeper.ok());
  EXPECT_TRUE((*deeper)->List()->empty());
  EXPECT_FALSE(WriteFileAtomically(**deeper, "a", "1").ok());
  const test::TempFolder gone;
  std::ofstream(gone.path("file")) << "1";
  std::filesystem::create_directory(gone.path("file.broken"));  // so that the file cannot be set aside
  EXPECT_FALSE(std::move(OpenDirectory(gone.path())).value()->Folder("file").ok());
  const auto root = std::move(OpenDirectory(gone.path("a"))).value();
  std::filesystem::remove_all(gone.path("a"));
  EXPECT_EQ(root->Folder("b").error().kind(), ErrorKind::kNotFound) << "the parent has vanished";
}

TEST(FaultyDisk, SimulatesFullDisksFailedSyncsAndFlippedBytes) {
  test::FaultyDisk disk;
  const auto dir = disk.Root();
  disk.SetSpaceLeft(4);
  const auto full = WriteFileAtomically(*dir, "a", "12345");
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code, ErrorCode::kNoSpace);
  EXPECT_TRUE(dir->List()->empty());
  disk.SetSpaceLeft(1000);
  disk.FailSyncs(true);
  EXPECT_EQ(WriteFileAtomically(*dir, "a", "12345").error().kind(), ErrorKind::kIo);
  disk.FailSyncs(false);
  ASSERT_TRUE(WriteFileAtomically(*std::move(dir->Folder("x")).value(), "a", "12345").ok());
  disk.FlipByte("x/a", 2, 1);
  EXPECT_EQ(Read(*std::move(dir->Folder("x")).value(), "a"), "12245");
}

// Crashes after 0, 1, 2 ... steps; each time, random subsets of the unsynced writes survive.
TEST(WriteFileAtomically, LeavesOldOrNewBytesAfterACrashAtAnyStep) {
  for (uint64_t stop = 0; stop < 8; ++stop) {
    for (uint64_t seed = 0; seed < 50; ++seed) {
      test::FaultyDisk disk;
      ASSERT_TRUE(WriteFileAtomically(*disk.Root(), "m", "the old text").ok());
      disk.StopAfter(stop);
      const bool acknowledged = WriteFileAtomically(*disk.Root(), "m", "some new text").ok();
      Random random(seed);
      disk.Crash(&random);
      const std::string found = Read(*disk.Root(), "m");
      if (acknowledged) {
        EXPECT_EQ(found, "some new text");
      } else {
        EXPECT_TRUE(found == "the old text" || found == "some new text") << found << " stop " << stop;
      }
      EXPECT_EQ(acknowledged, stop >= 5) << stop;
    }
  }
}

uint32_t NaiveCrc32c(std::string_view bytes) {
  uint32_t crc = 0xffffffff;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ (0x82f63b78u & (0u - (crc & 1)));
  }
  return ~crc;
}

TEST(Crc32c, MatchesRfc3720TestVectors) {  // appendix B.4
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(Crc32c(""), 0u);
}

RC_GTEST_PROP(Crc32c, MatchesTheNaiveImplementationAndContinuesFromASeed,
              (const std::string& a, const std::string& b)) {
  RC_ASSERT(Crc32c(a) == NaiveCrc32c(a));
  RC_ASSERT(Crc32c(b, Crc32c(a)) == NaiveCrc32c(a + b));
}

TEST(PosixDirectory, OpeningAPipeDoesNotWait) {
  const test::TempFolder folder;
  const auto dir = std::move(OpenDirectory(folder.path())).value();
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  const auto opened = dir->Open("pipe");
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(opened.error().ToString().find("not a regular file"), std::string::npos);
}

TEST(PosixDirectory, AFolderInThePlaceOfAFileIsSetAside) {
  const test::TempFolder folder;
  const auto dir = std::move(OpenDirectory(folder.path())).value();
  std::filesystem::create_directories(folder.path("file/inner"));
  EXPECT_EQ(dir->Open("file").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(dir->Remove("file").error().code, ErrorCode::kCorrupt);
  ASSERT_TRUE(WriteFileAtomically(*dir, "file", "content").ok());
  EXPECT_EQ((*dir->Open("file"))->bytes(), "content");
  EXPECT_TRUE(std::filesystem::is_directory(folder.path("file.broken/inner")));
  // There is only one place to set a folder aside.
  ASSERT_TRUE(dir->Remove("file").ok());
  std::filesystem::create_directories(folder.path("file/other"));
  EXPECT_FALSE(WriteFileAtomically(*dir, "file", "content").ok());
  EXPECT_TRUE(std::filesystem::is_directory(folder.path("file/other")));
  EXPECT_FALSE(std::filesystem::exists(folder.path("file.tmp")));
}

TEST(PosixDirectory, AFileInThePlaceOfAFolderIsSetAside) {
  const test::TempFolder folder;
  const auto dir = std::move(OpenDirectory(folder.path())).value();
  std::ofstream(folder.path("inner")) << "content";
  const auto inner = dir->Folder("inner");
  ASSERT_TRUE(inner.ok()) << inner.error().ToString();
  EXPECT_TRUE(WriteFileAtomically(**inner, "file", "x").ok());
  EXPECT_EQ((*dir->Open("inner.broken"))->bytes(), "content");
  // A link may lead to a disk that is not mounted.
  std::filesystem::create_symlink(folder.path("file"), folder.path("link"));
  std::ofstream(folder.path("file")) << "content";
  EXPECT_FALSE(dir->Folder("link").ok());
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path("link")));
}

}  // namespace
}  // namespace trine::storage
