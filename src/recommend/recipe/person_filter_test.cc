// Filters on interactions and the exclusion of bought items, for every recipe.
#include <gtest/gtest.h>

#include <set>

#include "recommend/recommender.h"
#include "test/support/fake_catalogue.h"
#include "test/support/temp_folder.h"

namespace trine::recommend {
namespace {

constexpr GroupId kShop{3};
constexpr int kItems = 30;

// A shop in which "fan" bought item i1 and then viewed other items 300 times. Others bought and viewed all
// items, so that every recipe can recommend every item.
class PersonFilterTest : public testing::TestWithParam<Recipe> {
 protected:
  PersonFilterTest() {
    catalogue_.Bind();
    history_ = history::History::Open(*kv_, NullLog()).value();
    recommender_ = NewRecommender(storage::OpenDirectory(folder_.path("models")).value(), *history_,
                                  catalogue_, records_, clock_, NullLog(), NullMetrics())
                       .value();
    for (int n = 0; n < kItems; ++n) records_.Put("i" + std::to_string(n), R"({"style": "one"})");
    std::vector<history::Event> events;
    for (int user = 0; user < 20; ++user) {
      for (int n = 0; n < kItems; ++n) {
        const std::string item = "i" + std::to_string((n + user) % kItems);
        for (const char* type : {"View", "Purchase"})
          events.push_back(Make("other" + std::to_string(user), item, type));
      }
    }
    events.push_back(Make("fan", "i1", "Purchase"));
    for (int n = 0; n < 300; ++n)
      events.push_back(Make("fan", "i" + std::to_string(2 + n % (kItems - 2)), "View"));
    EXPECT_TRUE(history_->Append(kShop, std::move(events)).ok());
  }
  history::Event Make(std::string user, std::string item, std::string type) {
    history::Event event;
    event.user_id = std::move(user);
    event.item_id = std::move(item);
    event.type = std::move(type);
    clock_.Advance(1000);
    event.time = clock_.Now();
    event.attributes.emplace_back("CHANNEL", event.type == "Purchase" ? "till" : "page");
    return event;
  }
  void Did(std::string user, std::string item, std::string type) {
    ASSERT_TRUE(history_->Append(kShop, {Make(std::move(user), std::move(item), std::move(type))}).ok());
  }
  static Filter On(bool include, const char* value, const char* column = "EVENT_TYPE") {
    Condition condition;
    condition.subject = Condition::Subject::kInteraction;
    condition.attribute = column;
    condition.values = {format::Json(value)};
    Filter filter;
    filter.clauses.push_back({include, {{condition}}, {}});
    return filter;
  }
  // The items that the recipe answers with for "fan", with a filter.
  std::set<std::string> Answer(const Filter* filter, size_t quota = 0) {
    Result<Recommendation> answer = Recommendation();
    ServingConfig serving;
    serving.group = kShop;
    serving.recipe = GetParam();
    serving.filtered_events_per_type = quota;
    if (Info(GetParam()).kind == RecipeKind::kRanking) {
      RankRequest request;
      request.serving = serving;
      request.user_id = "fan";
      for (int n = 0; n < kItems; ++n) request.items.push_back("i" + std::to_string(n));
      request.filter = filter;
      answer = recommender_->Rank(request, {});
    } else {
      RecommendRequest request;
      request.serving = serving;
      request.user_id = "fan";
      request.item_id = "i0";
      request.count = kItems;
      request.filter = filter;
      answer = recommender_->Recommend(request, {});
    }
    EXPECT_TRUE(answer.ok()) << answer.error().ToString();
    std::set<std::string> items;
    for (const RecommendedItem& item : answer->items) items.insert(item.item_id);
    return items;
  }

  test::TempFolder folder_;
  ManualClock clock_{Millis{1'700'000'000'000}};
  std::unique_ptr<storage::KeyValue> kv_ = storage::NewMemoryKeyValue();
  test::FakeCatalogue catalogue_{kShop};
  test::FakeRecords records_;
  std::unique_ptr<history::History> history_;
  std::unique_ptr<Recommender> recommender_;
};

std::vector<Recipe> AllRecipes() {
  std::vector<Recipe> recipes;
  for (const RecipeInfo& info : Recipes()) recipes.push_back(info.recipe);
  return recipes;
}
INSTANTIATE_TEST_SUITE_P(EveryRecipe, PersonFilterTest, testing::ValuesIn(AllRecipes()),
                         [](const auto& recipe) {
                           std::string name(Info(recipe.param).name);
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(PersonFilterTest, ExcludesAPurchaseThatManyViewsFollowed) {
  const Filter exclude = On(false, "Purchase");
  const std::set<std::string> items = Answer(&exclude);
  EXPECT_FALSE(items.contains("i1"));
  EXPECT_TRUE(items.contains("i2"));
}

TEST_P(PersonFilterTest, IncludesAPurchaseThatManyViewsFollowed) {
  const Filter include = On(true, "purchase");
  // These recipes never show what the person bought.
  const bool hides = Info(GetParam()).drops_seen;
  EXPECT_EQ(Answer(&include), hides ? std::set<std::string>() : std::set<std::string>{"i1"});
}

TEST_P(PersonFilterTest, SeesOtherColumnsOfTheWholeHistory) {
  const Filter exclude = On(false, "till", "CHANNEL");
  EXPECT_FALSE(Answer(&exclude).contains("i1"));
  EXPECT_TRUE(Answer(&exclude).contains("i2"));
}

TEST_P(PersonFilterTest, HidesBoughtItemsForEverIfTheRecipeDoes) {
  EXPECT_EQ(Answer(nullptr).contains("i1"), !Info(GetParam()).drops_seen);
}

TEST_P(PersonFilterTest, QuotaLimitsTheEventsThatFiltersSee) {
  if (Info(GetParam()).drops_seen) GTEST_SKIP() << "the recipe itself hides bought items";
  Did("fan", "i3", "Purchase");
  for (const Filter& exclude : {On(false, "Purchase"), On(false, "till", "CHANNEL")}) {
    EXPECT_TRUE(Answer(&exclude, 1).contains("i1")) << "only the newest purchase counts";
    EXPECT_FALSE(Answer(&exclude, 1).contains("i3"));
    EXPECT_FALSE(Answer(&exclude, 2).contains("i1"));
  }
}

}  // namespace
}  // namespace trine::recommend
