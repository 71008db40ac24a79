#include "recommend/recommender.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "recommend/train/train.h"
#include "test/support/capturing_log.h"
#include "test/support/failing_key_value.h"
#include "test/support/fake_catalogue.h"
#include "test/support/faulty_directory.h"
#include "test/support/planted_shop.h"

namespace trine::recommend {
namespace {

using test::PlantedShop;

constexpr GroupId kShop{3};

// The planted shop, served with or without a trained model.
class RecommenderTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("trine-recommender-" + std::to_string(::getpid()) + "-" +
                                                  std::to_string(reinterpret_cast<uintptr_t>(this)));
    std::filesystem::remove_all(folder_);
    catalogue_.Bind();
    history_ = history::History::Open(*kv_, NullLog()).value();
    for (const auto& item : shop_.items) records_.Put(item.id, item.source);
    ASSERT_TRUE(history_->PutUsers(kShop, shop_.users).ok());
    ASSERT_TRUE(history_->Append(kShop, shop_.events).ok());
    Open();
    if (GetParam()) Train(Recipe::kUserPersonalizationV2, "for-you");
  }
  void TearDown() override {
    recommender_.reset();
    std::filesystem::remove_all(folder_);
  }
  void Open() {
    recommender_.reset();
    recommender_ = NewRecommender(storage::OpenDirectory((folder_ / "models").string()).value(), *history_,
                                  catalogue_, records_, clock_, NullLog(), NullMetrics())
                       .value();
  }
  TrainingMetrics Train(Recipe recipe, const std::string& name, TrainingSpec spec = {}) {
    spec.recipe = recipe;
    const std::string work = (folder_ / ("train-" + name)).string();
    EXPECT_TRUE(ExportSnapshot(work, kShop, spec, *history_, catalogue_, records_, clock_.Now()).ok());
    auto metrics = TrainFromSnapshot(work, {}, {});
    EXPECT_TRUE(metrics.ok()) << metrics.error().ToString();
    EXPECT_TRUE(recommender_->AdoptModel(name, work).ok());
    return *metrics;
  }
  ServingConfig With(Recipe recipe) const {
    ServingConfig serving;
    serving.group = kShop;
    serving.recipe = recipe;
    if (GetParam() && recipe == Recipe::kUserPersonalizationV2) serving.model = "for-you";
    return serving;
  }
  Recommendation PrepareRequest(Recipe recipe, std::string user, std::string item = {}, size_t count = 10,
                                Context context = {}) {
    RecommendRequest request;
    request.serving = With(recipe);
    request.user_id = std::move(user);
    request.item_id = std::move(item);
    request.count = count;
    request.context = std::move(context);
    auto answer = recommender_->Recommend(request, {});
    EXPECT_TRUE(answer.ok()) << answer.error().ToString();
    return *answer;
  }
  static int OfStyle(const Recommendation& answer, int style) {
    int n = 0;
    for (const auto& item : answer.items) n += PlantedShop::StyleOf(item.item_id) == style ? 1 : 0;
    return n;
  }
  void Did(std::string user, std::string item, std::string type = "View", std::string session = "s") {
    history::Event event;
    event.user_id = std::move(user);
    event.session_id = std::move(session);
    event.item_id = std::move(item);
    event.type = std::move(type);
    clock_.Advance(1000);
    event.time = clock_.Now();
    ASSERT_TRUE(history_->Append(kShop, {event}).ok());
  }

  std::filesystem::path folder_;
  ManualClock clock_{Millis{PlantedShop::kEnd}};
  const PlantedShop shop_ = PlantedShop::Make(42);
  std::unique_ptr<storage::KeyValue> kv_ = storage::NewMemoryKeyValue();
  test::FakeCatalogue catalogue_{kShop};
  test::FakeRecords records_;
  std::unique_ptr<history::History> history_;
  std::unique_ptr<Recommender> recommender_;
};
INSTANTIATE_TEST_SUITE_P(Model, RecommenderTest, testing::Values(false, true),
                         [](const auto& trained) { return trained.param ? "Trained" : "CountersAlone"; });

TEST_P(RecommenderTest, RecoversPlantedTastes) {
  for (int style = 0; style < PlantedShop::kStyles; ++style) {
    int hits = 0;
    for (int p = 0; p < 10; ++p) {
      const auto answer = PrepareRequest(Recipe::kUserPersonalizationV2, PlantedShop::UserId(style, p));
      EXPECT_EQ(answer.items.size(), 10u);
      EXPECT_FALSE(answer.fallback);
      hits += OfStyle(answer, style);
    }
    EXPECT_GE(hits, 85) << "of 100 items, style " << style;
  }
}

TEST_P(RecommenderTest, UsesEventInNextRequest) {
  const auto before = PrepareRequest(Recipe::kUserPersonalizationV2, "newcomer");
  EXPECT_TRUE(before.fallback);
  for (int n = 0; n < 3; ++n) Did("newcomer", PlantedShop::ItemId(4, n));
  const auto after = PrepareRequest(Recipe::kUserPersonalizationV2, "newcomer");
  EXPECT_FALSE(after.fallback);
  EXPECT_GE(OfStyle(after, 4), 8);
  for (int n = 0; n < 6; ++n) Did("newcomer", PlantedShop::ItemId(1, n), "Purchase");
  EXPECT_GE(OfStyle(PrepareRequest(Recipe::kUserPersonalizationV2, "newcomer"), 1), 7);
}

TEST_P(RecommenderTest, UsesAnonymousSessions) {
  RecommendRequest request;
  request.serving = With(Recipe::kUserPersonalizationV2);
  request.session_id = "walk-in";
  request.count = 10;
  for (int n = 0; n < 3; ++n) {
    Did("", PlantedShop::ItemId(2, n), "View", "walk-in");
  }
  EXPECT_GE(OfStyle(recommender_->Recommend(request, {}).value(), 2), 8);
}

TEST_P(RecommenderTest, OmitsCausesWhenNotRequested) {
  RecommendRequest request;
  request.serving = With(Recipe::kUserPersonalizationV2);
  request.user_id = PlantedShop::UserId(0, 3);
  request.explain = false;
  const auto bare = recommender_->Recommend(request, {}).value();
  const auto full = PrepareRequest(Recipe::kUserPersonalizationV2, request.user_id, {}, request.count);
  ASSERT_EQ(bare.items.size(), full.items.size());
  for (size_t i = 0; i < bare.items.size(); ++i) {
    EXPECT_EQ(bare.items[i].item_id, full.items[i].item_id);
    EXPECT_EQ(bare.items[i].score, full.items[i].score);
    EXPECT_TRUE(bare.items[i].because.empty());
  }
}

TEST_P(RecommenderTest, CausesAddUpToScores) {
  const std::string user = PlantedShop::UserId(0, 3);
  const auto events = history_->UserEvents(kShop, user, {}, 200).value();
  std::set<std::string> touched;
  for (const auto& e : events) touched.insert(e.item_id);
  const auto answer = PrepareRequest(Recipe::kUserPersonalizationV2, user, {}, 25);
  double before = INFINITY;
  for (const auto& item : answer.items) {
    ASSERT_FALSE(item.because.empty());
    EXPECT_LE(item.because.size(), 8u);
    double sum = 0;
    for (size_t k = 0; k < item.because.size(); ++k) {
      const Cause& cause = item.because[k];
      sum += cause.amount;
      if (k > 0) {
        EXPECT_LE(std::abs(cause.amount), std::abs(item.because[k - 1].amount) + 1e-12);
      }
      if (cause.kind == Cause::Kind::kEvent) {
        EXPECT_EQ(cause.event.user_id, user);
        EXPECT_TRUE(touched.contains(cause.event.item_id));
      }
      if (cause.kind == Cause::Kind::kItemAttribute && !cause.reason_item.empty()) {
        EXPECT_TRUE(touched.contains(cause.reason_item));
      }
    }
    EXPECT_LE(sum, before + 1e-5) << "items are in the order of their summed amounts";
    before = sum;
    EXPECT_GT(item.score, 0);
  }
}

TEST_P(RecommenderTest, RankReturnsEachItemOnceWithScoresSummingToOne) {
  RankRequest request;
  request.serving = With(Recipe::kPersonalizedRanking);
  request.user_id = PlantedShop::UserId(2, 1);
  request.items = {
      "never-heard-of",          PlantedShop::ItemId(0, 1), PlantedShop::ItemId(2, 1), "nor-of-this",
      PlantedShop::ItemId(3, 1), PlantedShop::ItemId(2, 2), PlantedShop::ItemId(0, 1)};
  const auto answer = recommender_->Rank(request, {}).value();
  ASSERT_EQ(answer.items.size(), 6u) << "duplicates are ignored";
  EXPECT_EQ(PlantedShop::StyleOf(answer.items[0].item_id), 2);
  EXPECT_EQ(PlantedShop::StyleOf(answer.items[1].item_id), 2);
  EXPECT_EQ(answer.items[4].item_id, "never-heard-of");
  EXPECT_EQ(answer.items[5].item_id, "nor-of-this");
  EXPECT_FALSE(answer.items[4].known);
  EXPECT_TRUE(answer.items[3].known);
  double sum = 0;
  for (const auto& item : answer.items) sum += item.score;
  EXPECT_NEAR(sum, 1, 1e-9);
  EXPECT_EQ(answer.items[5].score, 0);
}

TEST_P(RecommenderTest, RanksUnknownUserByPopularity) {
  RankRequest request;
  request.serving = With(Recipe::kPersonalizedRankingV2);
  request.user_id = "nobody-knows-me";
  for (int n = 0; n < 20; ++n) Did("fan" + std::to_string(n), PlantedShop::ItemId(3, 3));
  request.items = {PlantedShop::ItemId(0, 0), PlantedShop::ItemId(3, 3), PlantedShop::ItemId(1, 1)};
  const auto answer = recommender_->Rank(request, {}).value();
  EXPECT_TRUE(answer.fallback);
  EXPECT_FALSE(answer.note.empty());
  EXPECT_EQ(answer.items[0].item_id, PlantedShop::ItemId(3, 3));
}

TEST_P(RecommenderTest, UsesAttributesOfNewUser) {
  history::User user;
  user.id = "fresh";
  user.attributes = PlantedShop::Attributes(1);
  ASSERT_TRUE(history_->PutUsers(kShop, {user}).ok());
  const auto answer = PrepareRequest(Recipe::kUserPersonalizationV2, "fresh");
  EXPECT_TRUE(answer.fallback);
  EXPECT_GE(OfStyle(answer, 1), 7) << "a woman from Jeju, like everybody with style 1";
  bool says_so = false;
  for (const Cause& c : answer.items[0].because) {
    says_so = says_so || (c.kind == Cause::Kind::kRegion && c.attribute == "REGION" && c.value == "제주");
  }
  EXPECT_TRUE(says_so);
  // The request's context alone has the same effect.
  EXPECT_GE(
      OfStyle(PrepareRequest(Recipe::kUserPersonalizationV2, "stranger", {}, 10, {{"region", "제주"}}), 1),
      7);
}

TEST_P(RecommenderTest, RecommendsNewItemByAttributes) {
  records_.Put("brand-new", PlantedShop::Source(2, 40));
  const auto answer = PrepareRequest(Recipe::kUserPersonalizationV2, PlantedShop::UserId(2, 5), {}, 80);
  size_t place = 0;
  while (place < answer.items.size() && answer.items[place].item_id != "brand-new") ++place;
  EXPECT_LT(place, 40u) << "among the items of its style, before those of others";
  // Items similar to a cold item are found by attributes.
  EXPECT_GE(OfStyle(PrepareRequest(Recipe::kSimilarItems, {}, "brand-new"), 2), 9);
  records_.Delete("brand-new");
  for (const auto& item :
       PrepareRequest(Recipe::kUserPersonalizationV2, PlantedShop::UserId(2, 5), {}, 90).items) {
    EXPECT_NE(item.item_id, "brand-new");
  }
}

TEST_P(RecommenderTest, RelatedItemsShareStyle) {
  for (const Recipe recipe :
       {Recipe::kSimilarItems, Recipe::kSims, Recipe::kViewedAlsoViewed, Recipe::kBoughtTogether}) {
    const auto answer = PrepareRequest(recipe, {}, PlantedShop::ItemId(3, 2), 5);
    EXPECT_EQ(answer.items.size(), 5u) << Info(recipe).name;
    EXPECT_GE(OfStyle(answer, 3), 4) << Info(recipe).name;
    for (const auto& item : answer.items) EXPECT_NE(item.item_id, PlantedShop::ItemId(3, 2));
    const auto unknown = PrepareRequest(recipe, {}, "never-heard-of", 5);
    EXPECT_TRUE(unknown.fallback);
    EXPECT_EQ(unknown.items.size(), 5u);
  }
}

TEST_P(RecommenderTest, PopularityCountsPeoplePerEventType) {
  std::map<std::string, std::set<std::string>> all, views, purchases;
  for (const auto& e : shop_.events) {
    all[e.item_id].insert(e.user_id);
    (e.type == "View" ? views : purchases)[e.item_id].insert(e.user_id);
  }
  const auto check = [&](Recipe recipe, const std::map<std::string, std::set<std::string>>& people) {
    const auto answer = PrepareRequest(recipe, {}, {}, 80);
    size_t before = SIZE_MAX;
    for (const auto& item : answer.items) {
      const auto found = people.find(item.item_id);
      const size_t n = found == people.end() ? 0 : found->second.size();
      EXPECT_EQ(item.because[0].amount, static_cast<double>(n)) << item.item_id;
      EXPECT_LE(n, before);
      before = n;
    }
  };
  check(Recipe::kPopularityCount, all);
  check(Recipe::kPopularByViews, views);
  check(Recipe::kPopularByPurchases, purchases);
}

// The bound of docs/api.md: unverified events move the lists of other people by nothing.
TEST_P(RecommenderTest, UnverifiedEventsMoveNobodyElsesLists) {
  const auto lists = [&] {
    std::vector<std::string> ids;
    for (const Recipe recipe : {Recipe::kPopularityCount, Recipe::kPopularByPurchases, Recipe::kTrendingNow,
                                Recipe::kUserPersonalizationV2}) {
      for (const auto& item : PrepareRequest(recipe, PlantedShop::UserId(1, 1)).items)
        ids.push_back(item.item_id);
    }
    for (const auto& item : PrepareRequest(Recipe::kUserPersonalizationV2, "nobody").items)
      ids.push_back(item.item_id);
    for (const auto& item : PrepareRequest(Recipe::kSimilarItems, {}, PlantedShop::ItemId(1, 1)).items)
      ids.push_back(item.item_id);
    return ids;
  };
  const auto before = lists();
  std::vector<history::Event> flood;
  for (int n = 0; n < 5000; ++n) {
    history::Event event;
    event.user_id = "invented-" + std::to_string(n / 2);
    event.item_id = n % 2 == 0 ? PlantedShop::ItemId(1, 1) : "no-such-item";
    event.type = "Purchase";
    event.time = clock_.Now();
    event.unverified = true;
    flood.push_back(std::move(event));
  }
  ASSERT_TRUE(history_->Append(kShop, std::move(flood)).ok());
  EXPECT_EQ(lists(), before);
  Open();
  EXPECT_EQ(lists(), before) << "nor when the counters are built again from the log";
  if (GetParam()) {
    Train(Recipe::kUserPersonalizationV2, "for-you");
    EXPECT_EQ(lists(), before) << "nor through training";
  }
}

TEST_P(RecommenderTest, UnverifiedEventsMoveTheListsOfTheirPerson) {
  std::vector<history::Event> own;
  for (int n = 0; n < 8; ++n) {
    history::Event event;
    event.user_id = "visitor";
    event.item_id = PlantedShop::ItemId(2, n);
    event.type = "View";
    event.time = clock_.Now();
    event.unverified = true;
    own.push_back(std::move(event));
  }
  ASSERT_TRUE(history_->Append(kShop, std::move(own)).ok());
  EXPECT_GE(OfStyle(PrepareRequest(Recipe::kUserPersonalizationV2, "visitor"), 2), 6);
}

TEST_P(RecommenderTest, RanksGrowingItemAsTrending) {
  clock_.Advance(PlantedShop::kDay);
  for (int n = 0; n < 12; ++n) Did("t" + std::to_string(n), PlantedShop::ItemId(0, 7));
  const auto answer = PrepareRequest(Recipe::kTrendingNow, {}, {}, 3);
  EXPECT_EQ(answer.items[0].item_id, PlantedShop::ItemId(0, 7));
  EXPECT_EQ(answer.items[0].because[0].kind, Cause::Kind::kTrend);
}

// Neither an event from a broken clock nor a single event after days of silence may replace the trend, even
// after a restart.
TEST_P(RecommenderTest, FutureOrSingleEventsDoNotReplaceTheTrend) {
  clock_.Advance(PlantedShop::kDay);
  for (int n = 0; n < 12; ++n) Did("t" + std::to_string(n), PlantedShop::ItemId(0, 7));
  const auto check = [&](const char* when) {
    const auto answer = PrepareRequest(Recipe::kTrendingNow, {}, {}, 3);
    EXPECT_EQ(answer.items[0].item_id, PlantedShop::ItemId(0, 7)) << when;
    EXPECT_LT(answer.items[0].score, 1.0) << when;
  };
  history::Event event;
  event.user_id = "broken clock";
  event.item_id = PlantedShop::ItemId(1, 3);
  event.type = "View";
  event.time = Millis{clock_.Now().value + 3650 * PlantedShop::kDay};
  ASSERT_TRUE(history_->Append(kShop, {event}).ok());  // with its own time, as in an import
  check("live");
  clock_.Advance(2 * PlantedShop::kDay);
  std::filesystem::remove_all(folder_ / "models");
  Open();
  check("counted again");
  Did("late visitor", PlantedShop::ItemId(2, 2));
  check("after a single event");
  EXPECT_NE(PrepareRequest(Recipe::kTrendingNow, {}, {}, 3).note.find("hardly any event"), std::string::npos);
  clock_.Advance(30 * PlantedShop::kDay);
  Did("much later visitor", PlantedShop::ItemId(2, 2));
  const auto silent = PrepareRequest(Recipe::kTrendingNow, {}, {}, 10);
  EXPECT_LT(silent.items[0].score, 0.5) << "popular items, not the single event";
}

TEST_P(RecommenderTest, RecommendedForYouDropsBoughtItems) {
  const std::string user = PlantedShop::UserId(1, 1);
  std::set<std::string> bought;
  for (const auto& e : shop_.events) {
    if (e.user_id == user && e.type == "Purchase") bought.insert(e.item_id);
  }
  ASSERT_FALSE(bought.empty());
  const auto answer = PrepareRequest(Recipe::kRecommendedForYou, user, {}, 80);
  for (const auto& item : answer.items) EXPECT_FALSE(bought.contains(item.item_id));
  EXPECT_EQ(answer.items.size(), 80 - bought.size());
}

TEST_P(RecommenderTest, VariesAnswersOnlyWithExploration) {
  const auto ids = [&](double weight) {
    RecommendRequest request;
    request.serving = With(Recipe::kUserPersonalization);
    request.serving.exploration_weight = weight;
    request.user_id = PlantedShop::UserId(0, 0);
    request.count = 20;
    std::string all;
    const Recommendation answer = recommender_->Recommend(request, {}).value();
    for (const auto& item : answer.items) all += item.item_id + ",";
    return all;
  };
  EXPECT_EQ(ids(0), ids(0));
  for (int n = 0; n < 30; ++n) {
    records_.Put("new" + std::to_string(n), R"({"style": "none", "CREATION_TIMESTAMP": )" +
                                                std::to_string(PlantedShop::kEnd / 1000) + "}");
  }
  EXPECT_EQ(ids(0).find("new"), std::string::npos);
  EXPECT_NE(ids(1).find("new"), std::string::npos) << "new items are explored";
  EXPECT_NE(ids(1), ids(1));
}

TEST_P(RecommenderTest, AppliesFiltersAndPromotions) {
  Filter only_style;
  Condition condition;
  condition.attribute = "STYLE";
  condition.parameters = {"style"};
  only_style.clauses.push_back({true, {{condition}}, {}});
  RecommendRequest request;
  request.serving = With(Recipe::kUserPersonalizationV2);
  request.user_id = PlantedShop::UserId(0, 0);
  request.count = 10;
  request.filter = &only_style;
  EXPECT_EQ(recommender_->Recommend(request, {}).error().code, ErrorCode::kFilterValue);
  request.filter_values = {{"style", {"style3"}}};
  auto answer = recommender_->Recommend(request, {}).value();
  EXPECT_EQ(answer.items.size(), 10u);
  EXPECT_EQ(OfStyle(answer, 3), 10);

  request.filter = nullptr;
  request.filter_values.clear();
  Promotion promotion;
  promotion.name = "spring-sale";
  promotion.filter = &only_style;
  promotion.values = {{"style", {"style4"}}};
  promotion.percent = 30;
  request.promotions = {promotion};
  answer = recommender_->Recommend(request, {}).value();
  std::vector<size_t> places;
  for (size_t k = 0; k < answer.items.size(); ++k) {
    if (answer.items[k].promotion == "spring-sale") {
      places.push_back(k);
      EXPECT_EQ(PlantedShop::StyleOf(answer.items[k].item_id), 4);
    }
  }
  EXPECT_EQ(places, (std::vector<size_t>{1, 5, 8})) << "spread evenly";
  EXPECT_EQ(answer.items.size(), 10u);
}

TEST_P(RecommenderTest, LikelihoodIsHigherForMatchingTaste) {
  const auto chances =
      recommender_
          ->Likelihood(With(Recipe::kUserPersonalizationV2), PlantedShop::UserId(4, 2),
                       {PlantedShop::ItemId(4, 1), PlantedShop::ItemId(0, 1), "unknown"}, 7, {})
          .value()
          .chances;
  EXPECT_GT(chances[0], chances[1]);
  EXPECT_EQ(chances[2], 0);
  for (const double c : chances) EXPECT_TRUE(c >= 0 && c <= 1);
  const auto longer = recommender_
                          ->Likelihood(With(Recipe::kUserPersonalizationV2), PlantedShop::UserId(4, 2),
                                       {PlantedShop::ItemId(4, 1)}, 70, {})
                          .value()
                          .chances;
  EXPECT_GT(longer[0], chances[0]);
}

TEST_P(RecommenderTest, LikelihoodsSayThatTheModelIsLost) {
  ServingConfig lost = With(Recipe::kUserPersonalizationV2);
  lost.model = "lost";
  const auto answer =
      recommender_->Likelihood(lost, PlantedShop::UserId(4, 2), {PlantedShop::ItemId(4, 1)}, 7, {});
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_NE(answer->note.find("the trained model cannot be read"), std::string::npos) << answer->note;
}

TEST_P(RecommenderTest, ReportsMissingInput) {
  RecommendRequest request;
  request.serving = With(Recipe::kUserPersonalizationV2);
  EXPECT_EQ(recommender_->Recommend(request, {}).error().code, ErrorCode::kMissingUser);
  request.serving = With(Recipe::kSims);
  EXPECT_EQ(recommender_->Recommend(request, {}).error().code, ErrorCode::kMissingItem);
  request.user_id = "u";
  request.serving = With(Recipe::kPersonalizedRanking);
  EXPECT_EQ(recommender_->Recommend(request, {}).error().code, ErrorCode::kRecipeKind);
  request.serving = With(Recipe::kUserPersonalizationV2);
  request.count = 501;
  EXPECT_EQ(recommender_->Recommend(request, {}).error().kind(), ErrorKind::kLimit);
  request.count = 5;
  const Deadline passed = Deadline::After(clock_, 0);
  EXPECT_EQ(recommender_->Recommend(request, passed).error().kind(), ErrorKind::kTimeout);
  // Without the model, live counters answer and the note says so.
  request.serving.model = "missing";
  const auto answer = recommender_->Recommend(request, {}).value();
  EXPECT_EQ(answer.items.size(), 5u);
  EXPECT_NE(answer.note.find("model"), std::string::npos);
  // The model is used as soon as its file exists.
  Train(Recipe::kUserPersonalizationV2, "late-model");
  std::filesystem::rename(folder_ / "models" / "model-late-model", folder_ / "models" / "model-missing");
  EXPECT_EQ(recommender_->Recommend(request, {}).value().note.find("model cannot"), std::string::npos);
}

TEST_P(RecommenderTest, KeepsAnswersAcrossCheckpoints) {
  const auto key = [&] {
    std::string all;
    for (int s = 0; s < PlantedShop::kStyles; ++s) {
      for (const auto& item : PrepareRequest(Recipe::kUserPersonalizationV2, PlantedShop::UserId(s, 2)).items)
        all += item.item_id + " ";
      for (const auto& item : PrepareRequest(Recipe::kSimilarItems, {}, PlantedShop::ItemId(s, 2)).items)
        all += item.item_id + " ";
    }
    for (const auto& item : PrepareRequest(Recipe::kTrendingNow, {}).items) all += item.item_id + " ";
    return all;
  };
  const std::string fresh = key();
  ASSERT_TRUE(recommender_->Checkpoint().ok());
  Open();
  EXPECT_EQ(key(), fresh) << "from the checkpoint";
  const auto models = *storage::OpenDirectory((folder_ / "models").string());
  ASSERT_TRUE(VerifyModelFile(*models, "counters-3").ok());
  const auto file = folder_ / "models" / "counters-3";
  ASSERT_TRUE(std::filesystem::exists(file));
  {  // one flipped byte
    std::FILE* f = std::fopen(file.c_str(), "r+b");
    std::fseek(f, 5000, SEEK_SET);
    const int c = std::fgetc(f);
    std::fseek(f, 5000, SEEK_SET);
    std::fputc(c ^ 1, f);
    std::fclose(f);
  }
  EXPECT_EQ(VerifyModelFile(*models, "counters-3").error().kind(), ErrorKind::kCorrupt);
  Open();
  EXPECT_EQ(key(), fresh) << "counted again from the log";
  EXPECT_TRUE(std::filesystem::exists(folder_ / "models" / "counters-3.broken"));
  // Events after the checkpoint are folded into its counters.
  ASSERT_TRUE(recommender_->Checkpoint().ok());
  for (int n = 0; n < 4; ++n) Did("late", PlantedShop::ItemId(1, n));
  const auto before = PrepareRequest(Recipe::kUserPersonalizationV2, "late");
  Open();
  const auto after = PrepareRequest(Recipe::kUserPersonalizationV2, "late");
  // Lifts are rebuilt only from time to time, so nearly equal items may change places.
  std::set<std::string> shown;
  for (const auto& item : before.items) shown.insert(item.item_id);
  size_t common = 0;
  for (const auto& item : after.items) common += shown.contains(item.item_id) ? 1 : 0;
  EXPECT_GE(common, 9u);
}

TEST_P(RecommenderTest, RebuildsCountsAfterImportOrErasure) {
  PrepareRequest(Recipe::kPopularityCount, {});
  const uint32_t import = history_->BeginImport(kShop).value();
  std::vector<history::Event> rows;
  for (int n = 0; n < 200; ++n) {
    history::Event event;
    event.user_id = "imported" + std::to_string(n);
    event.item_id = PlantedShop::ItemId(2, 9);
    event.type = "View";
    event.time = Millis{PlantedShop::kEnd - 1000 + n};
    rows.push_back(event);
  }
  ASSERT_TRUE(history_->AppendImported(kShop, import, rows).ok());
  EXPECT_NE(PrepareRequest(Recipe::kPopularityCount, {}).items[0].because[0].amount, 200);
  ASSERT_TRUE(history_->PublishImport(kShop, import, history::ImportKind::kEvents, false).ok());
  const auto answer = PrepareRequest(Recipe::kPopularityCount, {});
  EXPECT_EQ(answer.items[0].item_id, PlantedShop::ItemId(2, 9));
  const double people = answer.items[0].because[0].amount;
  ASSERT_TRUE(history_->EraseUsers(kShop, {"imported5"}).ok());
  EXPECT_EQ(PrepareRequest(Recipe::kPopularityCount, {}).items[0].because[0].amount, people - 1);
}

TEST_P(RecommenderTest, AnswersConcurrentlyWithAppends) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 40; ++i) {
        const auto answer = PrepareRequest(Recipe::kUserPersonalizationV2, PlantedShop::UserId(t, i % 30));
        EXPECT_EQ(answer.items.size(), 10u);
      }
    });
  }
  threads.emplace_back([&] {
    for (int i = 0; i < 60; ++i) {
      history::Event event;
      event.user_id = "writer";
      event.item_id = PlantedShop::ItemId(i % 5, i % 16);
      event.type = "View";
      event.time = Millis{PlantedShop::kEnd + i};
      EXPECT_TRUE(history_->Append(kShop, {event}).ok());
      if (i % 20 == 0) {
        EXPECT_TRUE(recommender_->Checkpoint().ok());
      }
    }
  });
  for (std::thread& t : threads) t.join();
}

// A recommender on a faulty disk.
class RecommenderDiskTest : public testing::Test {
 protected:
  RecommenderDiskTest() {
    catalogue_.Bind();
    for (const char* id : {"a", "b"}) records_.Put(id, R"({"title":"lamp"})");
    Open();
    Append("u1", "a");
    Append("u2", "a");
    Append("u2", "b");
  }
  void Open() {
    recommender_.reset();
    recommender_ =
        NewRecommender(disk_.Root(), *history_, catalogue_, records_, clock_, log_, NullMetrics()).value();
  }
  void Append(const std::string& user, const std::string& item) {
    history::Event event;
    event.user_id = user;
    event.item_id = item;
    event.type = "View";
    clock_.Advance(1000);
    event.time = clock_.Now();
    ASSERT_TRUE(history_->Append(kShop, {event}).ok());
  }
  // The item that most people used, and the number of these people.
  std::string Popular() {
    RecommendRequest request;
    request.serving.group = kShop;
    request.serving.recipe = Recipe::kPopularityCount;
    request.count = 1;
    const auto answer = recommender_->Recommend(request, {});
    if (!answer.ok()) return std::string(Name(answer.error().code));
    if (answer->items.empty()) return "(none)";
    return answer->items[0].item_id + " " + std::to_string(std::lround(answer->items[0].because[0].amount));
  }
  std::vector<std::string> Files() { return disk_.Root()->List().value(); }
  using Names = std::vector<std::string>;

  test::FaultyDisk disk_;
  test::CapturingLog log_;
  ManualClock clock_{Millis{PlantedShop::kEnd}};
  test::FailingKeyValue kv_;
  test::FakeCatalogue catalogue_{kShop};
  test::FakeRecords records_;
  std::unique_ptr<history::History> history_ = history::History::Open(kv_, NullLog()).value();
  std::unique_ptr<Recommender> recommender_;
};

TEST_F(RecommenderDiskTest, ReportsAndRetriesFailedCheckpoint) {
  ASSERT_EQ(Popular(), "a 2");
  const struct {
    const char* name;
    std::function<void()> fail, repair;
    ErrorCode code;
  } faults[] = {
      {"sync", [&] { disk_.FailSyncs(true); }, [&] { disk_.FailSyncs(false); }, ErrorCode::kIo},
      {"space", [&] { disk_.SetSpaceLeft(10); }, [&] { disk_.SetSpaceLeft(1u << 30); }, ErrorCode::kNoSpace},
  };
  for (const auto& fault : faults) {
    SCOPED_TRACE(fault.name);
    fault.fail();
    for (int attempt = 0; attempt < 2; ++attempt) {
      const Status failed = recommender_->Checkpoint();
      ASSERT_FALSE(failed.ok()) << "a failed checkpoint does not count as written";
      EXPECT_EQ(failed.error().code, fault.code);
      EXPECT_EQ(Files(), Names{}) << "no partial file remains";
      EXPECT_EQ(Popular(), "a 2") << "answers do not depend on the checkpoint";
    }
    fault.repair();
    ASSERT_TRUE(recommender_->Checkpoint().ok());
    EXPECT_EQ(Files(), Names{"counters-3"});
    ASSERT_TRUE(recommender_->DropGroup(kShop).ok());
    EXPECT_EQ(Files(), Names{});
    EXPECT_EQ(Popular(), "a 2");
  }
}

// The disk fails at each step of a checkpoint in turn, then the machine crashes.
TEST_F(RecommenderDiskTest, CrashDuringCheckpointKeepsAnswers) {
  bool done = false;
  for (uint64_t steps = 0; !done; ++steps) {
    SCOPED_TRACE(steps);
    ASSERT_LT(steps, 30u);
    Append("u" + std::to_string(10 + steps), "b");
    const std::string expected = steps == 0 ? Popular() : "b " + std::to_string(steps + 2);
    ASSERT_EQ(Popular(), expected);
    disk_.StopAfter(steps);
    done = recommender_->Checkpoint().ok();
    disk_.Crash();
    Open();
    EXPECT_EQ(Popular(), expected);
  }
  EXPECT_EQ(log_.text(), "") << "no crash leaves a broken checkpoint";
}

TEST_F(RecommenderDiskTest, AnswersIfBrokenCheckpointCannotBeRenamed) {
  ASSERT_EQ(Popular(), "a 2");
  ASSERT_TRUE(recommender_->Checkpoint().ok());
  disk_.FlipByte("counters-3", 40);
  disk_.StopAfter(0);
  Open();
  EXPECT_EQ(Popular(), "a 2");
  EXPECT_NE(log_.text().find("cannot read the checkpoint counters-3"), std::string::npos) << log_.text();
  EXPECT_NE(log_.text().find("cannot rename the checkpoint counters-3"), std::string::npos) << log_.text();
  EXPECT_EQ(VerifyModelFile(*disk_.Root(), "counters-3").error().kind(), ErrorKind::kCorrupt);
}

TEST_F(RecommenderDiskTest, ReportsFailedRemovals) {
  ASSERT_EQ(Popular(), "a 2");
  ASSERT_TRUE(recommender_->Checkpoint().ok());
  ASSERT_TRUE(storage::WriteFileAtomically(*disk_.Root(), "model-m", "x").ok());
  disk_.StopAfter(0);
  EXPECT_EQ(recommender_->DropGroup(kShop).error().kind(), ErrorKind::kIo);
  EXPECT_EQ(recommender_->DropModel("m").error().kind(), ErrorKind::kIo);
  EXPECT_EQ(Popular(), "a 2") << "the counters are rebuilt from the log";
}

TEST_F(RecommenderDiskTest, PropagatesLogReadErrors) {
  for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kCorrupt}) {
    kv_.FailReads(code);
    EXPECT_EQ(Popular(), Name(code)) << "an error, not an answer from part of the log";
    kv_.Repair();
    EXPECT_EQ(Popular(), "a 2");
    Open();
  }
}

}  // namespace
}  // namespace trine::recommend
