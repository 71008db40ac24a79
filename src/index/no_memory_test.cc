// CollectionIndex when the operating system has no memory: each allocation of a step fails once, and
// afterwards nothing is lost.
#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "index/index_set.h"
#include "storage/directory.h"
#include "test/support/failing_allocations.h"
#include "test/support/temp_folder.h"

namespace trine::index {
namespace {

using test::FailingAllocations;

// The document with this seq_no has its id, the word "common" as often as its seq_no says, a word of its own,
// and one value of every kind.
IndexDocument Document(uint64_t seq_no) {
  IndexDocument document{SeqNo{seq_no}, "d" + std::to_string(seq_no % 4), {}};
  FieldContent title;
  title.field = "title";
  title.has_terms = title.with_norms = title.with_positions = true;
  for (uint32_t i = 0; i <= seq_no; ++i) title.occurrences.push_back({"common", i});
  title.occurrences.push_back(
      {"a word of its own " + std::to_string(seq_no), static_cast<uint32_t>(seq_no + 1)});
  title.length = static_cast<uint32_t>(title.occurrences.size());
  FieldContent price;
  price.field = "price";
  price.has_numbers = true;
  price.integers = {static_cast<int64_t>(seq_no)};
  FieldContent brand;
  brand.field = "brand";
  brand.has_keywords = true;
  brand.keywords = {"a brand with a long name " + std::to_string(seq_no)};
  FieldContent vector;
  vector.field = "vector";
  vector.vector = {1, static_cast<float>(seq_no)};
  document.fields = {std::move(title), std::move(price), std::move(brand), std::move(vector)};
  return document;
}

class NoMemoryTest : public ::testing::Test {
 protected:
  void Open() {
    index_.reset();
    set_.reset();
    IndexOptions options;
    options.background_merges = false;
    set_ = std::make_unique<IndexSet>(std::move(storage::OpenDirectory(folder_->path("index"))).value(),
                                      options, clock_, NullLog(), NullMetrics());
    index_ = set_->Open(CollectionId{7}).value();
  }
  void StartAgain() {
    index_.reset();
    set_.reset();
    folder_ = std::make_unique<test::TempFolder>();
    Open();
  }
  // Seq_no 4 and later replace the rows of the same ids.
  static std::optional<SeqNo> ReplacedBy(uint64_t seq_no) {
    return seq_no < 4 ? std::nullopt : std::optional(SeqNo{seq_no - 4});
  }
  void AddUpTo(uint64_t end) {
    for (uint64_t i = index_->accepted_end().value; i < end; ++i)
      ASSERT_TRUE(index_->Add(Document(i), ReplacedBy(i)).ok()) << i;
    index_->Advance(SeqNo{end});
  }
  // The live rows as "id seq_no frequency of common, number".
  std::multiset<std::string> Rows() const {
    std::multiset<std::string> rows;
    const IndexReaderPtr reader = index_->reader();
    for (const auto& segment : reader->segments()) {
      const FieldTerms* terms = segment->terms("title");
      if (terms == nullptr) continue;
      const auto stats = terms->Find("common");
      if (!stats) continue;
      for (auto cursor = terms->Open(*stats, true); cursor->row() != kNoMoreRows; cursor->Next()) {
        const Row row = cursor->row();
        if (!segment->live(row)) continue;
        rows.insert(std::string(segment->id(row)) + " " + std::to_string(segment->seq_no(row).value) + " " +
                    std::to_string(cursor->frequency()) + " " +
                    std::to_string(segment->vectors("vector") != nullptr));
      }
    }
    return rows;
  }
  static std::multiset<std::string> RowsOf(std::vector<uint64_t> seq_nos) {
    std::multiset<std::string> rows;
    for (const uint64_t n : seq_nos) {
      rows.insert("d" + std::to_string(n % 4) + " " + std::to_string(n) + " " + std::to_string(n + 1) + " 1");
    }
    return rows;
  }

  std::unique_ptr<test::TempFolder> folder_;
  ManualClock clock_{Millis{1}};
  std::unique_ptr<IndexSet> set_;
  std::shared_ptr<CollectionIndex> index_;
};

TEST_F(NoMemoryTest, DocumentsAreAddedAgainAfterAFailure) {
  uint64_t failures = 0;
  for (bool reached = true; reached; ++failures) {
    StartAgain();
    AddUpTo(3);
    ASSERT_TRUE(index_->Refresh().ok());
    AddUpTo(5);
    IndexDocument first = Document(5), second = Document(6);
    {
      const FailingAllocations failing(failures, 1);
      try {
        if (index_->Add(first, ReplacedBy(5)).ok()) {
          index_->Advance(SeqNo{6});
          if (index_->Add(second, ReplacedBy(6)).ok()) index_->Advance(SeqNo{7});
        }
      } catch (const std::bad_alloc&) {
      }
      reached = FailingAllocations::reached();
    }
    EXPECT_LE(index_->accepted_end(), SeqNo{7});
    AddUpTo(7);
    ASSERT_TRUE(index_->Refresh().ok());
    ASSERT_EQ(Rows(), RowsOf({3, 4, 5, 6})) << "allocation " << failures;
  }
  EXPECT_GT(failures, 10u);
}

TEST_F(NoMemoryTest, ARefreshCanBeRepeated) {
  uint64_t failures = 0;
  for (bool reached = true; reached; ++failures) {
    StartAgain();
    AddUpTo(3);
    ASSERT_TRUE(index_->Refresh().ok());
    const uint64_t generation = index_->reader()->generation();
    AddUpTo(7);
    {
      const FailingAllocations failing(failures, 1);
      try {
        static_cast<void>(index_->Refresh().ok());
      } catch (const std::bad_alloc&) {
      }
      reached = FailingAllocations::reached();
    }
    const auto shown = Rows();
    EXPECT_TRUE(shown == RowsOf({0, 1, 2}) || shown == RowsOf({3, 4, 5, 6})) << "a part is visible";
    ASSERT_TRUE(index_->Refresh().ok());
    ASSERT_EQ(Rows(), RowsOf({3, 4, 5, 6})) << "allocation " << failures;
    EXPECT_GT(index_->reader()->generation(), generation);
  }
  EXPECT_GT(failures, 10u);
}

TEST_F(NoMemoryTest, AFlushAndAMergeCanBeRepeated) {
  uint64_t failures = 0;
  for (bool reached = true; reached; failures += 1 + failures / 40) {  // later ones need not all be tried
    StartAgain();
    for (uint64_t end = 1; end <= 7; ++end) {
      AddUpTo(end);
      ASSERT_TRUE(index_->Refresh().ok());
      if (end == 4) {
        ASSERT_TRUE(index_->Flush().ok());
      }
    }
    {
      const FailingAllocations failing(failures, 1);
      try {
        if (index_->Flush().ok()) static_cast<void>(index_->Merge(1).ok());
      } catch (const std::bad_alloc&) {
      }
      reached = FailingAllocations::reached();
    }
    ASSERT_EQ(Rows(), RowsOf({3, 4, 5, 6})) << "allocation " << failures;
    ASSERT_TRUE(index_->Flush().ok());
    ASSERT_TRUE(index_->Merge(1).ok());
    EXPECT_EQ(index_->stats().segments, 1u);
    ASSERT_EQ(Rows(), RowsOf({3, 4, 5, 6})) << "allocation " << failures;
    Open();
    EXPECT_EQ(index_->durable_seq_no(), SeqNo{7});
    ASSERT_EQ(Rows(), RowsOf({3, 4, 5, 6})) << "allocation " << failures;
  }
  EXPECT_GT(failures, 10u);
}

}  // namespace
}  // namespace trine::index
