#include "recommend/train/evaluate.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "format/csv.h"
#include "format/text.h"
#include "recommend/train/tune.h"
#include "test/support/planted_shop.h"
#include "test/support/source_folder.h"

namespace trine::recommend {
namespace {

using test::PlantedShop;

TrainingData Planted(uint64_t seed) {
  const PlantedShop shop = PlantedShop::Make(seed);
  TrainingDataBuilder builder({}, {}, Millis{PlantedShop::kEnd});
  for (const auto& user : shop.users) builder.AddUser(user.id, user.attributes);
  for (const auto& item : shop.items) builder.AddItem(item.id, format::ParseJson(item.source).value());
  for (const auto& event : shop.events) builder.AddEvent(event);
  return builder.Take();
}

const EvaluationArm& Arm(const Evaluation& e, std::string_view name) {
  for (const EvaluationArm& arm : e.arms) {
    if (arm.name == name) return arm;
  }
  ADD_FAILURE() << name;
  return e.arms.front();
}

TEST(EvaluateTest, PersonalRankingBeatsPopularity) {
  EvaluationOptions options;
  options.resamples = 200;
  const Evaluation e = EvaluateTimeSplit(Planted(7), {}, options, {}).value();
  ASSERT_EQ(e.arms.size(), 5u);
  EXPECT_GT(e.people, 20u);
  EXPECT_GT(Arm(e, "served blend").ndcg_at_10.value, 1.5 * Arm(e, "popularity").ndcg_at_10.value);
  for (const EvaluationArm& arm : e.arms) {
    EXPECT_LE(arm.ndcg_at_10.low, arm.ndcg_at_10.value);
    EXPECT_GE(arm.ndcg_at_10.high, arm.ndcg_at_10.value);
    EXPECT_TRUE(arm.coverage > 0 && arm.coverage <= 1) << arm.name;
  }
  EXPECT_GT(e.gains[0].second.low, 0) << "the gain is not due to chance";
}

TEST(EvaluateTest, DoesNotTrainOnFutureEvents) {
  // All targets are items that first occur after the split, so no model can rank them.
  TrainingDataBuilder builder({}, {}, Millis{100000});
  for (int n = 0; n < 200; ++n) {
    history::Event event;
    event.user_id = "u" + std::to_string(n % 20);
    event.item_id = (n < 180 ? "old" : "new") + std::to_string(n % 7);
    event.time = Millis{n};
    builder.AddEvent(event);
  }
  const Evaluation e = EvaluateTimeSplit(builder.Take(), {}, {}, {}).value();
  for (const EvaluationArm& arm : e.arms) EXPECT_LT(arm.hit_at_10.value, 0.3) << arm.name;
}

TEST(EvaluateTest, RejectsTooFewEvents) {
  TrainingDataBuilder builder({}, {}, Millis{100000});
  EXPECT_EQ(EvaluateTimeSplit(builder.Take(), {}, {}, {}).error().code, ErrorCode::kTooLittleData);
}

// Uses the data of a real shop; skipped if the data is missing.
TEST(OnlineRetail, ServedWeightsBeatSingleModels) {
  const std::filesystem::path path =
      std::filesystem::path(test::SharedFolder()) / "data/online-retail/transactions.csv.gz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " does not exist";
  std::ifstream in(path, std::ios::binary);
  const std::string packed((std::istreambuf_iterator<char>(in)), {});
  format::CsvReader reader(format::NewGunzipSource(format::NewStringSource(packed)));
  ASSERT_TRUE(reader.Header().ok());
  TrainingDataBuilder builder({}, {}, Millis{1'317'430'800'000});
  std::vector<std::string> row;
  size_t rows = 0;
  while (reader.Next(&row).value()) {
    history::Event event;
    event.user_id = row[6];
    event.session_id = row[0];
    event.item_id = row[1];
    event.type = "Purchase";
    event.time = *format::ParseTime(row[4]);
    builder.AddEvent(event);
    format::Json item, user;
    item.Set("title", format::Json(row[2]));
    item.Set("price", format::Json(format::ParseDouble(row[5]).value_or(0)));
    user.Set("COUNTRY", format::Json(row[7]));
    builder.AddItem(row[1], item);
    builder.AddUser(row[6], user);
    ++rows;
  }
  EXPECT_EQ(rows, 370'931u);
  const Evaluation e = EvaluateTimeSplit(builder.Take(), {}, {}, {}).value();
  std::cout << "online-retail: " << e.people << " people (" << e.known_people << " with earlier events), "
            << e.items << " items, fit in " << e.seconds_to_fit << " s\n";
  for (const EvaluationArm& arm : e.arms) {
    std::cout << "  " << arm.name << ": Hit@10 " << arm.hit_at_10.value << " [" << arm.hit_at_10.low << ", "
              << arm.hit_at_10.high << "], NDCG@10 " << arm.ndcg_at_10.value << " [" << arm.ndcg_at_10.low
              << ", " << arm.ndcg_at_10.high << "], coverage " << arm.coverage << "\n";
  }
  EXPECT_GT(Arm(e, "served blend").ndcg_at_10.value, Arm(e, "popularity").ndcg_at_10.value);
  EXPECT_GT(Arm(e, "served blend").ndcg_at_10.value, Arm(e, "co-occurrence").ndcg_at_10.value);
}

}  // namespace
}  // namespace trine::recommend
