#include "history/person_items.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace trine::history {
namespace {

PersonItems Many(uint64_t events, uint64_t items = 10) {
  PersonItems made;
  for (uint64_t n = 0; n < events; ++n) made.Add("view", "i" + std::to_string(n % items));
  return made;
}
Event Did(std::string item, std::string type) {
  Event event;
  event.item_id = std::move(item);
  event.type = std::move(type);
  return event;
}
bool Has(const PersonItemsParts& parts, std::string_view type, std::string_view item) {
  return std::ranges::any_of(parts, [&](const auto& part) { return part->Has(type, item); });
}

TEST(PersonItems, CountsEachItemOfAValueOnce) {
  PersonItems items;
  items.Add("purchase", "A");
  items.Add("purchase", "a");
  items.Add("purchase", "A");
  items.Add("search", "");
  EXPECT_EQ(items.by_value.size(), 1u);
  EXPECT_EQ(items.by_value["purchase"].size(), 2u);
  EXPECT_EQ(items.events, 4u);
  const uint64_t bytes = items.bytes;
  items.Add("purchase", "a");
  EXPECT_EQ(items.bytes, bytes) << "known items need no memory";
}

TEST(PersonItemsCache, KeepsTypesAndColumnsApart) {
  PersonItemsCache cache;
  const auto get = [&](const char* column) {
    return cache.Get("u", column, []() -> Result<PersonItems> { return Many(1000); }).value();
  };
  get("");
  get("DEVICE");
  EXPECT_EQ(cache.size(), 2u);
  Event event = Did("new", "View");
  event.attributes = {{"device", "Phone"}, {"SHELF", "3"}};
  cache.Add("u", event);
  EXPECT_TRUE(Has(get(""), "view", "new"));
  EXPECT_TRUE(Has(get("DEVICE"), "Phone", "new"));
  EXPECT_FALSE(Has(get("DEVICE"), "view", "new"));
  cache.Forget("u");
  EXPECT_EQ(cache.size(), 0u);
  const auto overtaken = cache.Get("u", "DEVICE", [&]() -> Result<PersonItems> {
    cache.Add("u", event);
    return Many(1000);
  });
  EXPECT_TRUE(overtaken.ok());
  EXPECT_EQ(cache.size(), 0u);
}

TEST(PersonItemsCache, KeepsLongHistoriesOnly) {
  PersonItemsCache cache;
  int builds = 0;
  const auto get = [&](const char* slice, uint64_t events) {
    return cache.Get(slice, "", [&]() -> Result<PersonItems> {
      ++builds;
      return Many(events);
    });
  };
  for (int n = 0; n < 3; ++n)
    EXPECT_TRUE(Has(get("long", PersonItemsCache::kLeastEvents).value(), "view", "i0"));
  EXPECT_EQ(builds, 1);
  for (int n = 0; n < 3; ++n) EXPECT_TRUE(Has(get("short", 20).value(), "view", "i0"));
  EXPECT_EQ(builds, 4);
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_FALSE(cache.idle());
  cache.Forget("another");
  EXPECT_EQ(cache.size(), 1u);
  cache.Forget("long");
  EXPECT_EQ(cache.size(), 0u);
  EXPECT_TRUE(get("long", PersonItemsCache::kLeastEvents).ok());
  cache.Clear();
  EXPECT_EQ(cache.size(), 0u);
  EXPECT_TRUE(cache.idle());
}

TEST(PersonItemsCache, ShowsAddedEvents) {
  PersonItemsCache cache;
  const auto get = [&] {
    return cache.Get("u", "", []() -> Result<PersonItems> { return Many(1000, 100); }).value();
  };
  const PersonItemsParts before = get();
  for (uint64_t n = 0; n < 2000; ++n) {
    const std::string item = "new" + std::to_string(n);
    EXPECT_FALSE(Has(get(), "purchase", item));
    cache.Add("u", Did(item, "Purchase"));
    cache.Add("u", Did("", "Search"));
    ASSERT_TRUE(Has(get(), "purchase", item));
    ASSERT_TRUE(Has(get(), "purchase", "new0"));
    ASSERT_TRUE(Has(get(), "view", "i0"));
    ASSERT_LE(get().size(), 12u) << "the number of parts is logarithmic";
  }
  const PersonItemsParts after = get();
  cache.Add("u", Did("new7", "PURCHASE"));
  EXPECT_EQ(get(), after) << "an item that is known changes nothing";
  EXPECT_FALSE(Has(before, "purchase", "new0")) << "parts that were handed out never change";
  cache.Add("unknown", Did("x", "View"));
  EXPECT_EQ(cache.size(), 1u);
}

TEST(PersonItemsCache, DoesNotKeepAScanThatAnAppendOvertook) {
  PersonItemsCache cache;
  const auto overtaken = cache.Get("u", "", [&]() -> Result<PersonItems> {
    cache.Add("u", Did("late", "View"));
    return Many(1000);
  });
  EXPECT_TRUE(overtaken.ok());
  EXPECT_EQ(cache.size(), 0u);
  const auto cleared = cache.Get("u", "", [&]() -> Result<PersonItems> {
    cache.Clear();
    return Many(1000);
  });
  EXPECT_TRUE(cleared.ok());
  EXPECT_EQ(cache.size(), 0u);
  const auto forgotten = cache.Get("u", "", [&]() -> Result<PersonItems> {
    cache.Forget("u");
    return Many(1000);
  });
  EXPECT_TRUE(forgotten.ok());
  EXPECT_EQ(cache.size(), 0u);
  const auto failed =
      cache.Get("u", "", []() -> Result<PersonItems> { return Error(ErrorCode::kIo, "the disk fails"); });
  EXPECT_EQ(failed.error().code, ErrorCode::kIo);
  EXPECT_TRUE(cache.Get("u", "", []() -> Result<PersonItems> { return Many(1000); }).ok());
  EXPECT_EQ(cache.size(), 1u);
}

TEST(PersonItemsCache, IsBounded) {
  PersonItemsCache cache;
  const uint64_t third = PersonItemsCache::kMaxBytes / 100 / 3;  // an item takes less than 100 bytes
  for (int n = 0; n < 5; ++n) {
    ASSERT_TRUE(
        cache.Get("u" + std::to_string(n), "", [&]() -> Result<PersonItems> { return Many(third, third); })
            .ok());
    EXPECT_LE(cache.size(), 3u);
  }
  const uint64_t too_many = PersonItemsCache::kMaxBytes / 60;  // and more than 60
  ASSERT_TRUE(cache.Get("bot", "", [&]() -> Result<PersonItems> { return Many(too_many, too_many); }).ok());
  EXPECT_EQ(cache.size(), 3u) << "a history that exceeds the bound alone is not kept";
  cache.Clear();
  // A kept history that outgrows the bound is dropped.
  ASSERT_TRUE(cache.Get("u", "", [&]() -> Result<PersonItems> { return Many(3 * third, 3 * third); }).ok());
  EXPECT_EQ(cache.size(), 1u);
  for (int n = 0; cache.size() == 1 && n < 20'000; ++n)
    cache.Add("u", Did(std::string(250, 'x') + std::to_string(n), "View"));
  EXPECT_EQ(cache.size(), 0u);
}

TEST(PersonItemsCache, AllowsConcurrentReadersAndWriters) {
  PersonItemsCache cache;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0; n < 200; ++n) {
        const std::string slice = "u" + std::to_string((n + t) % 3);
        if (t % 2 == 0) {
          cache.Add(slice, Did("i" + std::to_string(n), "Cart"));
        } else {
          EXPECT_TRUE(Has(cache.Get(slice, "", []() -> Result<PersonItems> { return Many(600); }).value(),
                          "view", "i0"));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace trine::history
