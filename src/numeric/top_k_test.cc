#include "numeric/top_k.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>

namespace trine::numeric {
namespace {

using Heap = TopK<uint32_t>;

RC_GTEST_PROP(TopK, MatchesASortForAnyPushOrder, ()) {
  const auto k = *rc::gen::inRange<size_t>(0, 12);
  const auto scores = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-5, 5));
  std::vector<Heap::Entry> all;
  for (size_t i = 0; i < scores.size(); ++i)
    all.push_back({static_cast<float>(scores[i]), static_cast<uint32_t>(i)});
  auto shuffled = all;
  if (*rc::gen::arbitrary<bool>()) std::reverse(shuffled.begin(), shuffled.end());
  Heap heap(k);
  for (const auto& entry : shuffled) {
    const float threshold = heap.threshold();
    const bool entered = heap.Push(entry.score, entry.id);
    if (entry.score < threshold) RC_ASSERT(!entered);
    RC_ASSERT(heap.size() <= k);
  }
  std::sort(all.begin(), all.end(), Heap::Better);
  all.resize(std::min(all.size(), k));
  const auto kept = heap.Take();
  RC_ASSERT(kept.size() == all.size());
  for (size_t i = 0; i < kept.size(); ++i) {
    RC_ASSERT(kept[i].score == all[i].score);
    RC_ASSERT(kept[i].id == all[i].id);
  }
  RC_ASSERT(heap.size() == 0u);
}

TEST(TopK, PrefersSmallerIdsAtEqualScores) {
  Heap heap(2);
  heap.Push(1, 9);
  heap.Push(1, 3);
  EXPECT_FALSE(heap.Push(1, 10));
  EXPECT_TRUE(heap.Push(1, 1));
  const auto kept = heap.Take();
  EXPECT_EQ(kept[0].id, 1u);
  EXPECT_EQ(kept[1].id, 3u);
}

TEST(TopK, IgnoresNanAndAcceptsZeroK) {
  Heap heap(1);
  EXPECT_FALSE(heap.Push(std::nanf(""), 1));
  EXPECT_TRUE(heap.Push(-INFINITY, 2));
  EXPECT_TRUE(heap.full());
  Heap none(0);
  EXPECT_FALSE(none.Push(1, 1));
  EXPECT_EQ(none.threshold(), INFINITY);
  EXPECT_TRUE(none.Take().empty());
}

TEST(TopK, AllocatesOnlyForKeptEntries) {
  TopK<uint64_t, double> heap(SIZE_MAX);
  heap.Push(0.5, 1);
  EXPECT_EQ(heap.Take().size(), 1u);
}

}  // namespace
}  // namespace trine::numeric
