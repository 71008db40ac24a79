#include "formation/model_cache.h"

#include <gtest/gtest.h>

namespace trine::formation {
namespace {

constexpr GroupId kShop{7};

ModelCacheKey Key(std::vector<std::string> people, std::string prompt = "prompt") {
  return {std::move(people), kShop, "model", "products 1", std::move(prompt)};
}

TEST(ModelCache, AnswersAreFoundByTheWholeKeyOnly) {
  ModelCache cache(10, 1 << 20);
  cache.Insert(Key({"u", "s"}), "answer", cache.erasures());
  EXPECT_EQ(cache.Find(Key({"u", "s"})), "answer");
  EXPECT_FALSE(cache.Find(Key({"v", "s"})));
  EXPECT_FALSE(cache.Find(Key({"u"})));
  EXPECT_FALSE(cache.Find(Key({"us", ""}))) << "parts must not run into each other";
  EXPECT_FALSE(cache.Find(Key({"u", "s"}, "other")));
  ModelCacheKey other = Key({"u", "s"});
  other.model = "another";
  EXPECT_FALSE(cache.Find(other));
  other = Key({"u", "s"});
  other.catalogue = "products 2";
  EXPECT_FALSE(cache.Find(other));
  other = Key({"u", "s"});
  other.group = GroupId{8};
  EXPECT_FALSE(cache.Find(other));
}

TEST(ModelCache, BoundsInEntriesAndBytesDropTheLeastRecentlyUsed) {
  ModelCache few(2, 1 << 20);
  few.Insert(Key({"a"}), "1", 0);
  few.Insert(Key({"b"}), "2", 0);
  EXPECT_TRUE(few.Find(Key({"a"})));
  few.Insert(Key({"c"}), "3", 0);
  EXPECT_TRUE(few.Find(Key({"a"})));
  EXPECT_FALSE(few.Find(Key({"b"})));
  EXPECT_EQ(few.entries(), 2u);

  ModelCache small(100, 4096);
  for (int i = 0; i < 20; ++i) small.Insert(Key({"u"}, std::to_string(i)), std::string(1000, 'x'), 0);
  EXPECT_LE(small.bytes(), 4096u);
  EXPECT_GE(small.entries(), 2u);
  EXPECT_TRUE(small.Find(Key({"u"}, "19")));
  small.Insert(Key({"u"}, "huge"), std::string(5000, 'x'), 0);
  EXPECT_FALSE(small.Find(Key({"u"}, "huge")));
  EXPECT_TRUE(small.Find(Key({"u"}, "19"))) << "an answer that cannot be kept must not empty the cache";
}

TEST(ModelCache, NewAnswerTakesThePlaceOfTheFormerOne) {
  ModelCache cache(10, 1 << 20);
  cache.Insert(Key({"u"}), "long former answer", 0);
  cache.Insert(Key({"u"}), "new", 0);
  EXPECT_EQ(cache.Find(Key({"u"})), "new");
  EXPECT_EQ(cache.entries(), 1u);
}

TEST(ModelCache, ErasedPeopleAreForgotten) {
  ModelCache cache(10, 1 << 20);
  cache.Insert(Key({"u", "session"}), "1", 0);
  cache.Insert(Key({"v", "session"}), "2", 0);
  cache.Insert(Key({"", "visit", "u"}), "3", 0);  // the session belongs to u
  ModelCacheKey unbound = Key({"u"}, "unbound");
  unbound.group = GroupId{};
  cache.Insert(unbound, "4", 0);
  cache.Forget(kShop, {"x", "u"});
  EXPECT_EQ(cache.entries(), 1u);
  EXPECT_TRUE(cache.Find(Key({"v", "session"})));
  cache.Forget(GroupId{8}, {});
  EXPECT_EQ(cache.entries(), 1u);
  cache.Forget(kShop, {});
  EXPECT_EQ(cache.entries(), 0u);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(ModelCache, AnswersFromBeforeAnErasureAreNotKept) {
  ModelCache cache(10, 1 << 20);
  const uint64_t before = cache.erasures();
  cache.Forget(kShop, {"u"});
  cache.Insert(Key({"u"}), "about erased events", before);
  EXPECT_FALSE(cache.Find(Key({"u"})));
  cache.Insert(Key({"u"}), "about nothing", cache.erasures());
  EXPECT_TRUE(cache.Find(Key({"u"})));
}

}  // namespace
}  // namespace trine::formation
