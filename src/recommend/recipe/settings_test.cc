// Walks the settings of a solution through every recipe: serving must obey each of them, or the table below
// says that the setting has no meaning for the recipe.
#include <gtest/gtest.h>

#include <set>

#include "recommend/candidate/group_state.h"
#include "recommend/recommender.h"
#include "recommend/train/train.h"
#include "test/support/fake_catalogue.h"
#include "test/support/planted_shop.h"
#include "test/support/temp_folder.h"

namespace trine::recommend {
namespace {

using test::PlantedShop;

constexpr GroupId kShop{3};

std::vector<Recipe> SolutionRecipes() {
  std::vector<Recipe> recipes;
  for (const RecipeInfo& info : Recipes()) {
    if (!info.ecommerce) recipes.push_back(info.recipe);
  }
  return recipes;
}
std::vector<Recipe> AllRecipes() {
  std::vector<Recipe> recipes;
  for (const RecipeInfo& info : Recipes()) recipes.push_back(info.recipe);
  return recipes;
}
std::string NameOf(const testing::TestParamInfo<Recipe>& recipe) {
  std::string name(Info(recipe.param).name);
  std::erase(name, '-');
  return name;
}

class SettingsTest : public testing::TestWithParam<Recipe> {
 protected:
  SettingsTest() {
    catalogue_.Bind();
    history_ = history::History::Open(*kv_, NullLog()).value();
    Open();
  }
  void Open() {
    recommender_.reset();
    recommender_ = NewRecommender(storage::OpenDirectory(folder_.path("models")).value(), *history_,
                                  catalogue_, records_, clock_, NullLog(), NullMetrics())
                       .value();
  }
  history::Event Make(std::string user, std::string item, std::string type, double value) {
    history::Event event;
    event.user_id = std::move(user);
    event.item_id = std::move(item);
    event.type = std::move(type);
    event.value = value;
    clock_.Advance(10);
    event.time = clock_.Now();
    return event;
  }
  // Trains the recipe with these settings and returns its serving configuration.
  ServingConfig Train(TrainingSpec spec) {
    spec.recipe = GetParam();
    const std::string name = "m" + std::to_string(++models_);
    const std::string work = folder_.path("train-" + name);
    EXPECT_TRUE(ExportSnapshot(work, kShop, spec, *history_, catalogue_, records_, clock_.Now()).ok());
    const auto metrics = TrainFromSnapshot(work, {}, {});
    EXPECT_TRUE(metrics.ok()) << metrics.error().ToString();
    EXPECT_TRUE(recommender_->AdoptModel(name, work).ok());
    ServingConfig serving;
    serving.group = kShop;
    serving.recipe = GetParam();
    serving.model = name;
    return serving;
  }
  Recommendation Answer(const ServingConfig& serving, const std::string& user, const std::string& item,
                        const std::vector<std::string>& list, const Context& context = {}) {
    Result<Recommendation> answer = Recommendation();
    if (Info(GetParam()).kind == RecipeKind::kRanking) {
      RankRequest request;
      request.serving = serving;
      request.user_id = user;
      request.items = list;
      request.context = context;
      answer = recommender_->Rank(request, {});
    } else {
      RecommendRequest request;
      request.serving = serving;
      request.user_id = user;
      request.item_id = item;
      request.count = 100;
      request.context = context;
      answer = recommender_->Recommend(request, {});
    }
    EXPECT_TRUE(answer.ok()) << answer.error().ToString();
    return *answer;
  }

  test::TempFolder folder_;
  ManualClock clock_{Millis{PlantedShop::kEnd}};
  std::unique_ptr<storage::KeyValue> kv_ = storage::NewMemoryKeyValue();
  test::FakeCatalogue catalogue_{kShop};
  test::FakeRecords records_;
  std::unique_ptr<history::History> history_;
  std::unique_ptr<Recommender> recommender_;
  int models_ = 0;
};

// 100 people watched A (value 0.1), 20 watched B (0.9) and 150 clicked C (5). All of them watched S (0.9),
// and so did "fan". So S leads to C, A, B in this order, unless settings make some of the events count less.
class EventSettingsTest : public SettingsTest {
 protected:
  EventSettingsTest() {
    for (const char* item : {"A", "B", "C", "S"}) records_.Put(item, R"({"style": "one"})");
    std::vector<history::Event> events;
    const auto add = [&](const char* item, const char* type, double value, int people) {
      for (int p = 0; p < people; ++p) {
        const std::string user = std::string(item) + std::to_string(p);
        events.push_back(Make(user, "S", "Watch", 0.9));
        events.push_back(Make(user, item, type, value));
      }
    };
    add("A", "Watch", 0.1, 100);
    add("B", "Watch", 0.9, 20);
    add("C", "Click", 5, 150);
    events.push_back(Make("fan", "S", "Watch", 0.9));
    EXPECT_TRUE(history_->Append(kShop, std::move(events)).ok());
  }
  // The order of A, B and C in the answer.
  std::string Order(const ServingConfig& serving, const std::string& user = "fan") {
    std::string order;
    for (const RecommendedItem& item : Answer(serving, user, "S", {"A", "B", "C"}).items) {
      if (item.item_id != "S") order += item.item_id;
    }
    return order;
  }
};
INSTANTIATE_TEST_SUITE_P(EveryRecipe, EventSettingsTest, testing::ValuesIn(SolutionRecipes()), NameOf);

TEST_P(EventSettingsTest, CountsAllEventsByDefault) { EXPECT_EQ(Order(Train({})), "CAB"); }

TEST_P(EventSettingsTest, ObeysEventType) {
  TrainingSpec spec;
  spec.event_type = "watch";
  EXPECT_EQ(Order(Train(spec)), "ABC");
}

TEST_P(EventSettingsTest, ObeysEventValueThreshold) {
  TrainingSpec spec;
  spec.event_type = "Watch";
  spec.event_value_threshold = 0.5;
  EXPECT_EQ(Order(Train(spec)).front(), 'B');
}

TEST_P(EventSettingsTest, ObeysThresholdsOfSingleTypes) {
  TrainingSpec spec;
  spec.event_weights = {{"Watch", 0.5, std::nullopt}, {"Click", 6.0, std::nullopt}};
  EXPECT_EQ(Order(Train(spec)).front(), 'B');
}

TEST_P(EventSettingsTest, ObeysEventWeights) {
  TrainingSpec spec;
  spec.event_weights = {{"Watch", std::nullopt, 1.0}, {"Click", std::nullopt, 0.01}};
  // A trend counts events; their weights do not matter.
  const ServingConfig serving = Train(spec);
  const char first = GetParam() == Recipe::kTrendingNow ? 'C' : 'A';
  EXPECT_EQ(Order(serving).front(), first);
  EXPECT_EQ(Order(serving, "stranger").front(), first) << "what is popular lately";
  spec.event_weights[1].weight = 0;
  EXPECT_EQ(Order(Train(spec)), "ABC") << "a type with weight 0 does not count";
}

// The counters of a selection are in the checkpoint, so that the first request after a start need not read
// the whole log.
TEST_P(EventSettingsTest, KeepsTheCountersOfASelection) {
  TrainingSpec spec;
  spec.event_weights = {{"Watch", 0.05, 1.0}, {"Click", std::nullopt, 0.01}};
  const ServingConfig serving = Train(spec);
  const auto scores = [&] {
    std::string text;
    for (const char* user : {"fan", "stranger"}) {
      for (const RecommendedItem& item : Answer(serving, user, "S", {"A", "B", "C"}).items)
        text += item.item_id + " " + std::to_string(item.score) + " ";
    }
    return text;
  };
  const std::string before = scores();
  ASSERT_TRUE(recommender_->Checkpoint().ok());
  const auto folder = std::move(storage::OpenDirectory(folder_.path("models"))).value();
  const auto file = SectionFile::Open(folder->Open("counters-3").value(), GroupState::kFileKind);
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(file->Find(10).ok());
  Open();
  EXPECT_EQ(scores(), before);
  // Later events are folded into the counters that were read.
  std::vector<history::Event> events;
  for (int p = 0; p < 400; ++p) events.push_back(Make("late" + std::to_string(p), "B", "Watch", 0.9));
  ASSERT_TRUE(history_->Append(kShop, events).ok());
  const std::string after = scores();
  EXPECT_NE(after, before);
  ASSERT_TRUE(recommender_->Checkpoint().ok());
  Open();
  EXPECT_EQ(scores(), after);
}

// Items that many people use are neither cold nor worth exploring, even if none of their events counts.
TEST_P(EventSettingsTest, DoesNotExploreItemsWithoutCountingEvents) {
  std::vector<history::Event> events;
  for (int p = 0; p < 3; ++p) {
    const std::string user = "few" + std::to_string(p);
    events.push_back(Make(user, "S", "Watch", 0.9));
    events.push_back(Make(user, "D", "Watch", 0.9));
  }
  records_.Put("D", R"({"style": "one"})");
  EXPECT_TRUE(history_->Append(kShop, std::move(events)).ok());
  TrainingSpec spec;
  spec.event_type = "Watch";
  spec.event_value_threshold = 0.5;
  ServingConfig serving = Train(spec);
  serving.exploration_weight = 0.3;
  for (int n = 0; n < 20; ++n) {
    for (const char* user : {"fan", "stranger"}) {
      const Recommendation answer = Answer(serving, user, "S", {"A", "B", "C", "D"});
      std::string order;
      for (const RecommendedItem& item : answer.items) {
        if (item.item_id != "S") order += item.item_id;
      }
      ASSERT_EQ(order.size(), 4u);
      if (GetParam() != Recipe::kTrendingNow) {
        EXPECT_EQ(order.find_first_of("BD"), 0u) << order << " for " << user;
      }
      EXPECT_LT(order.find('D'), std::min(order.find('A'), order.find('C'))) << order << " for " << user;
    }
  }
}

// The settings hold for events that arrive after training, and after a restart.
TEST_P(EventSettingsTest, AppliesToLaterEvents) {
  TrainingSpec spec;
  spec.event_type = "Watch";
  spec.event_value_threshold = 0.5;
  const ServingConfig serving = Train(spec);
  EXPECT_EQ(Order(serving).front(), 'B');
  std::vector<history::Event> events;
  for (int p = 0; p < 200; ++p) {
    const std::string user = "late" + std::to_string(p);
    events.push_back(Make(user, "S", "Watch", 0.9));
    events.push_back(Make(user, "C", "Click", 9));
    events.push_back(Make(user, "A", "Watch", 0.2));
  }
  EXPECT_TRUE(history_->Append(kShop, std::move(events)).ok());
  EXPECT_EQ(Order(serving).front(), 'B');
  Open();
  EXPECT_EQ(Order(serving).front(), 'B');
}

// Taste looks at the newest events, but not at those that do not count.
TEST_P(EventSettingsTest, FindsOldEventsThatCount) {
  std::vector<history::Event> events = {Make("clicker", "S", "Watch", 0.9)};
  for (int n = 0; n < 300; ++n) events.push_back(Make("clicker", "C", "Click", 5));
  EXPECT_TRUE(history_->Append(kShop, std::move(events)).ok());
  TrainingSpec spec;
  spec.event_type = "Watch";
  const ServingConfig serving = Train(spec);
  EXPECT_EQ(Order(serving, "clicker"), Order(serving));
  EXPECT_FALSE(Answer(serving, "clicker", "S", {"A"}).fallback);
}

TEST_P(EventSettingsTest, ServesSeveralSelectionsOfOneGroup) {
  TrainingSpec watches, clicks;
  watches.event_type = "Watch";
  clicks.event_type = "Click";
  // S has no clicks, so recipes that need a history have none for "fan".
  const ServingConfig all = Train({}), watched = Train(watches), clicked = Train(clicks);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(Order(all), "CAB");
    EXPECT_EQ(Order(watched), "ABC");
    EXPECT_EQ(Order(clicked).front(), 'C');
  }
}

// The columns of the planted shop that may appear as a cause.
class ColumnSettingsTest : public SettingsTest {
 protected:
  ColumnSettingsTest() {
    for (const auto& item : shop_.items) records_.Put(item.id, item.source);
    EXPECT_TRUE(history_->PutUsers(kShop, shop_.users).ok());
    EXPECT_TRUE(history_->Append(kShop, shop_.events).ok());
  }
  std::set<std::string> Columns(const ServingConfig& serving, const Context& context = {}) {
    std::set<std::string> columns;
    std::vector<std::string> list;
    for (const auto& item : shop_.items) list.push_back(item.id);
    for (int style = 0; style < PlantedShop::kStyles; ++style) {
      const auto answer =
          Answer(serving, PlantedShop::UserId(style, 1), PlantedShop::ItemId(style, 2), list, context);
      for (const RecommendedItem& item : answer.items) {
        for (const Cause& cause : item.because) {
          if (cause.kind == Cause::Kind::kItemAttribute || cause.kind == Cause::Kind::kUserAttribute ||
              cause.kind == Cause::Kind::kRegion)
            columns.insert(cause.attribute);
        }
      }
    }
    return columns;
  }
  // Whether the recipe uses columns of items and of users.
  static bool UsesItemColumns() {
    const RecipeKind kind = Info(GetParam()).kind;
    return kind == RecipeKind::kUser || kind == RecipeKind::kRanking || GetParam() == Recipe::kSimilarItems;
  }
  static bool UsesUserColumns() {
    const RecipeKind kind = Info(GetParam()).kind;
    return kind == RecipeKind::kUser || kind == RecipeKind::kRanking;
  }
  const PlantedShop shop_ = PlantedShop::Make(42);
};
INSTANTIATE_TEST_SUITE_P(EveryRecipe, ColumnSettingsTest, testing::ValuesIn(AllRecipes()), NameOf);

TEST_P(ColumnSettingsTest, UsesColumnsByDefault) {
  const std::set<std::string> columns = Columns(Train({}));
  EXPECT_EQ(columns.contains("STYLE"), UsesItemColumns());
  EXPECT_EQ(columns.contains("GENDER"), UsesUserColumns());
}

TEST_P(ColumnSettingsTest, ObeysExcludedColumns) {
  TrainingSpec spec;
  spec.excluded_columns = {{"items", "style"}, {"items", "TITLE"}, {"users", "GENDER"}, {"users", "region"}};
  const ServingConfig serving = Train(spec);
  for (const Context& context : {Context{}, Context{{"GENDER", "F"}}}) {
    const std::set<std::string> columns = Columns(serving, context);
    for (const char* excluded : {"STYLE", "TEXT", "GENDER", "REGION"})
      EXPECT_FALSE(columns.contains(excluded)) << excluded;
    EXPECT_EQ(columns.contains("BRAND"), UsesItemColumns()) << "other columns still count";
    EXPECT_EQ(columns.contains("AGE"), UsesUserColumns());
  }
}

TEST_P(ColumnSettingsTest, ObeysIncludedColumns) {
  TrainingSpec spec;
  spec.included_datasets = {"items", "users"};
  spec.included_columns = {{"items", "BRAND"}, {"users", "AGE"}};
  const std::set<std::string> columns = Columns(Train(spec));
  for (const std::string& column : columns) EXPECT_TRUE(column == "BRAND" || column == "AGE") << column;
  EXPECT_EQ(columns.contains("BRAND"), UsesItemColumns());
}

TEST_P(ColumnSettingsTest, SkipsStringsWithoutARoleInTraining) {
  TrainingSpec spec;
  spec.plain_columns = {{"items", "STYLE"}, {"users", "GENDER"}};
  const std::set<std::string> columns = Columns(Train(spec));
  EXPECT_FALSE(columns.contains("STYLE"));
  EXPECT_FALSE(columns.contains("GENDER"));
}

}  // namespace
}  // namespace trine::recommend
