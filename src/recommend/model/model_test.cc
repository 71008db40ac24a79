// Rules, live rules, statistics, lifts, scorer and model files, against naive twins.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/random.h"
#include "recommend/model/lifts.h"
#include "recommend/model/rules.h"
#include "recommend/model/scorer.h"
#include "recommend/model/statistics.h"
#include "recommend/model/trained_model.h"
#include "recommend/model/trend.h"
#include "test/support/naive_rules.h"

namespace trine::recommend {
namespace {

std::vector<std::vector<uint32_t>> AsSequences(const std::vector<std::vector<uint8_t>>& raw, uint32_t items) {
  std::vector<std::vector<uint32_t>> sequences;
  for (const auto& r : raw) {
    auto& s = sequences.emplace_back();
    for (const uint8_t item : r) s.push_back(item % items);
  }
  return sequences;
}

RC_GTEST_PROP(RulesProperty, MatchNaiveRules, (const std::vector<std::vector<uint8_t>>& raw)) {
  constexpr uint32_t kItems = 7;
  const auto sequences = AsSequences(raw, kItems);
  Sequences packed;
  for (const auto& s : sequences) packed.Add(s);
  const RuleTable table = FitRules(packed, kItems, {});
  const RuleRows rows(table);
  const test::NaiveRules naive(sequences);
  for (uint32_t a = 0; a < kItems; ++a) {
    RC_ASSERT(std::ranges::is_sorted(rows.To(a)));
    for (uint32_t b = 0; b < kItems; ++b) RC_ASSERT(std::abs(rows.Find(a, b) - naive.M(a, b)) < 1e-5);
  }
}

TEST(RulesTest, IgnoresPairsBeyondWindow) {
  std::vector<Item> line(40);
  for (Item i = 0; i < 40; ++i) line[i] = i;
  Sequences sequences;
  sequences.Add(line);
  const RuleTable table = FitRules(sequences, 40, {});
  const RuleRows rows(table);
  EXPECT_GT(rows.Find(0, 20), 0);
  EXPECT_EQ(rows.Find(0, 21), 0);
  EXPECT_NEAR(rows.Find(0, 1), 1.0 / 11, 1e-6);
  EXPECT_NEAR(rows.Find(1, 0), 0.4 / 11, 1e-6) << "direction matters";
}

TEST(RulesTest, CountsSequencesWithBothItems) {
  Sequences people;
  for (int p = 0; p < 3; ++p) people.Add(std::vector<Item>{0, 1});
  people.Add(std::vector<Item>{0, 2});
  RuleOptions options;
  options.whole_sequence = true;
  options.min_count = 2;
  options.divide = false;
  const RuleTable table = FitRules(people, 3, options);
  const RuleRows rows(table);
  EXPECT_EQ(rows.Find(0, 1), 3);
  EXPECT_EQ(rows.Find(1, 0), 3);
  EXPECT_EQ(rows.Find(0, 2), 0) << "seen together only once";
}

TEST(RulesTest, KeepsStrongestRulesOfRow) {
  Sequences people;
  for (Item b = 1; b <= 10; ++b) {
    for (Item n = 0; n < b; ++n) people.Add(std::vector<Item>{0, b});
  }
  RuleOptions options;
  options.max_row = 3;
  options.to_power = 0;
  const RuleTable table = FitRules(people, 11, options);
  const auto to = RuleRows(table).To(0);
  EXPECT_EQ(std::vector<Item>(to.begin(), to.end()), (std::vector<Item>{8, 9, 10}));
}

// A naive twin of the statistics, in plain sets and lists.
struct NaiveCounts {
  std::map<std::string, std::set<std::string>> people, viewers;
  std::map<std::string, std::vector<int64_t>> times;
  int64_t newest = 0;
};

RC_GTEST_PROP(StatisticsProperty, MatchesNaiveCounts, (const std::vector<uint32_t>& raw)) {
  Statistics statistics;
  ItemTable items;
  NaiveCounts naive;
  constexpr int64_t kNow = 40LL * 86'400'000;
  for (const uint32_t r : raw) {
    history::Event event;
    event.user_id = "u" + std::to_string(r % 4);
    event.item_id = "i" + std::to_string(r / 4 % 5);
    event.type = r / 20 % 2 == 0 ? "View" : "Purchase";
    event.time =
        Millis{static_cast<int64_t>(r / 40 % 2400) * 60 * 60 * 1000};  // some events are in the future
    statistics.Fold(event, Millis{kNow}, true, {}, &items);
    naive.people[event.item_id].insert(event.user_id);
    if (event.type == "View") naive.viewers[event.item_id].insert(event.user_id);
    const int64_t newest = naive.newest > 0 ? naive.newest : kNow;
    const int64_t time = event.time.value > kNow ? newest : event.time.value;
    naive.times[event.item_id].push_back(time);
    naive.newest = std::max(naive.newest, time);
  }
  const size_t view = statistics.FindType("view");
  for (Item i = 0; i < items.size(); ++i) {
    const std::string id(items.Id(i));
    RC_ASSERT(statistics.People(i) == naive.people[id].size());
    RC_ASSERT((view == statistics.type_count() ? 0 : statistics.PeopleOfType(i, view)) ==
              naive.viewers[id].size());
    RC_ASSERT(statistics.Events(i) == naive.times[id].size());
    for (const Window window : {Window::kHour, Window::kDay, Window::kWeek}) {
      const int64_t newest_slot = naive.newest / kSlotMillis;
      const auto in = static_cast<uint32_t>(std::ranges::count_if(
          naive.times[id], [&](int64_t t) { return newest_slot - t / kSlotMillis < SlotsOf(window); }));
      RC_ASSERT(statistics.InWindow(i, window) == in);
      RC_ASSERT(statistics.InSlots(i, 0, SlotsOf(window)) == in);
    }
  }
}

// While no sequence is longer than the remembered history, live rules equal fitted rules.
TEST(LiveRulesTest, MatchFittedRulesForShortHistories) {
  Random random(5);
  Statistics statistics;
  ItemTable items;
  std::vector<std::vector<uint32_t>> sequences(30);
  for (size_t p = 0; p < sequences.size(); ++p) {
    for (int n = 0; n < 15; ++n) {
      auto item = static_cast<uint32_t>(random.Below(12));
      if (!sequences[p].empty() && sequences[p].back() == item) item = (item + 1) % 12;
      sequences[p].push_back(item);
    }
  }
  for (uint32_t i = 0; i < 12; ++i) items.Intern("i" + std::to_string(i));
  for (size_t step = 0; step < 15; ++step) {
    for (size_t p = 0; p < sequences.size(); ++p) {
      history::Event event;
      event.user_id = "u" + std::to_string(p);
      event.item_id = "i" + std::to_string(sequences[p][step]);
      event.time = Millis{static_cast<int64_t>(step) * 1000};
      statistics.Fold(event, Millis{1'000'000}, true, {}, &items);
    }
  }
  const test::NaiveRules naive(sequences);
  for (Item a = 0; a < 12; ++a) {
    for (Item b = 0; b < 12; ++b) EXPECT_NEAR(statistics.sequence_rules().Find(a, b), naive.M(a, b), 1e-5);
  }
}

TEST(LiveRulesTest, LimitsNeighboursPerItem) {
  LiveRules rules;
  rules.Count(0);
  for (Item b = 1; b < 5000; ++b) {
    rules.Count(b);
    rules.Add(0, b, b == 777 ? 100.0F : 1.0F);
  }
  size_t neighbours = 0;
  rules.ForEach(0, [&](Item, double) { ++neighbours; });
  EXPECT_LE(neighbours, LiveRules::kMaxNeighbours);
  EXPECT_GT(rules.Find(0, 777), 0) << "the strongest neighbour is kept";
}

// A small catalogue and its statistics, for scorers and files.
struct ModelFixture {
  ItemTable items;
  Statistics statistics;
  Lifts lifts;
  ModelFixture() {
    Random random(3);
    catalogue::Binding binding;
    ColumnUses uses;
    for (int i = 0; i < 30; ++i) {
      format::Json source;
      source.Set("color", format::Json(i % 3 == 0 ? "red" : "blue"));
      source.Set("brand", format::Json("b" + std::to_string(i % 5)));
      source.Set("title", format::Json("thing number " + std::to_string(i) + " 캠핑 의자"));
      items.SetFeatures(items.Intern("i" + std::to_string(i)), ReadItemFeatures(source, binding, &uses),
                        static_cast<uint64_t>(i));
      if (i == 27) items.Compact();  // the last two items are not in the token lists
    }
    for (int n = 0; n < 900; ++n) {
      const auto user = static_cast<int>(random.Below(40));
      history::Event event;
      event.user_id = "u" + std::to_string(user);
      event.item_id = "i" + std::to_string((random.Below(10) * 3 + (user % 3)) % 28);
      event.type = n % 4 == 0 ? "Purchase" : "View";
      event.time = Millis{1'700'000'000'000 + n * 3'600'000LL};
      statistics.Fold(
          event, Millis{1'800'000'000'000}, true,
          [&](std::string_view u) -> Statistics::UserAttributes {
            return {{"AGE", u.size() == 2 ? "18-24" : "35-44"}, {"REGION", u == "u3" ? "제주" : "서울"}};
          },
          &items);
    }
    lifts = Lifts::Build(items, statistics);
  }
};

std::vector<char> IgnoredForTest(const ItemTable& items) {
  std::vector<char> ignored(items.column_count(), 0);
  ignored[items.FindColumn("BRAND")] = 1;
  return ignored;
}

TEST(ScorerTest, ScoreEqualsWeightedComponents) {
  const ModelFixture fixture;
  ScorerScratch scratch;
  const RuleSource rules{nullptr, nullptr, &fixture.statistics.sequence_rules()};
  const std::vector<char> nothing, no_brand = IgnoredForTest(fixture.items);
  for (const std::vector<char>& ignored : {nothing, no_brand}) {
    for (int round = 0; round < 3; ++round) {  // the scratch is reusable
      UserProfile person;
      for (const Item i : {4U, 9U, 11U}) person.history.push_back({i, i == 9 ? 0.6 : 1.0, 0});
      person.cohorts = {fixture.statistics.FindCohort("AGE", "18-24"),
                        fixture.statistics.FindCohort("REGION", "제주")};
      person.month = 10;
      ScoreWeights weights;
      weights.season = 0.3;
      Scorer scorer(fixture.items, fixture.statistics, fixture.lifts, rules, weights, ignored, person,
                    &scratch);
      std::vector<double> one_by_one;
      for (Item i = 0; i < fixture.items.size(); ++i) one_by_one.push_back(scorer.Score(i));
      scorer.PrepareForAll();
      double spread = 0;
      for (Item i = 0; i < fixture.items.size(); ++i) {
        EXPECT_NEAR(scorer.Score(i), weights.Score(scorer.Measure(i)), 1e-5) << i;
        EXPECT_NEAR(scorer.Score(i), one_by_one[i], 1e-12) << i;
        double by_step = 0;
        for (size_t k = 0; k < person.history.size(); ++k) by_step += scorer.RuleShare(k, i);
        EXPECT_NEAR(by_step, scorer.Measure(i).rules, 1e-6);
        spread += std::abs(scorer.Score(i) - scorer.Score(0));
      }
      EXPECT_GT(spread, 0.1);
    }
  }
}

TEST(ScorerTest, SkipsIgnoredColumns) {
  const ModelFixture fixture;
  ScorerScratch scratch;
  UserProfile person;
  person.history = {{0, 1, 0}};
  const std::vector<char> ignored = IgnoredForTest(fixture.items);
  const Scorer scorer(fixture.items, fixture.statistics, fixture.lifts, {}, {}, ignored, person, &scratch);
  const uint16_t brand = fixture.items.FindColumn("BRAND");
  for (const Value v : fixture.items.Values(0)) {
    if (fixture.items.ColumnOf(v) == brand) {
      EXPECT_EQ(scorer.TasteShare(0, v), 0);
    }
  }
  EXPECT_GT(scorer.Measure(3).taste, 0);
}

TEST(LiftsTest, ShrinksSmallCounts) {
  EXPECT_EQ(Lift(10, 10), 0);
  EXPECT_NEAR(Lift(1, 0.5), 0.05, 0.01) << "one event proves nothing";
  EXPECT_GT(Lift(100, 10), 0.7);
  EXPECT_LT(Lift(0, 50), -0.8);
  EXPECT_DOUBLE_EQ(Lift(3, 1), std::tanh(std::log((3 + kLiftShrink) / (1 + kLiftShrink)) / 2));
}

TEST(ItemFeaturesTest, ReadsTypicalShopRecord) {
  catalogue::Binding binding;
  binding.item_id_field = "sku";
  binding.fields = {{"CATEGORY_L1", "cat.main"}};
  const auto json =
      format::ParseJson(R"({"sku": "a-1", "title": "가벼운 캠핑 의자 Chair2", "cat": {"main": "캠핑|가구"},
      "path": "패션>여성", "price": 34900, "image": "https://x/y.jpg", "stock": 7, "sale": true,
      "tags": ["new", "new"], "CREATION_TIMESTAMP": 1700000000, "deep": {"a": {"b": {"c": "x"}}}, "n": null})");
  ColumnUses uses;
  const ItemFeatures facts = ReadItemFeatures(*json, binding, &uses);
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(facts.values, (std::vector<Pair>{{"CATEGORY_L1", "캠핑"},
                                             {"CATEGORY_L1", "가구"},
                                             {"PATH", "패션"},
                                             {"PATH", "패션>여성"},
                                             {"PRICE", "20000-50000"},
                                             {"SALE", "true"},
                                             {"TAGS", "new"}}));
  EXPECT_EQ(facts.tokens, (std::vector<std::string>{"가벼", "벼운", "캠핑", "의자", "chair2"}));
  EXPECT_EQ(facts.created, Millis{1'700'000'000'000});
}

// Roles decide, in Korean as in English; the list of names is the catalogue's.
TEST(ItemFeaturesTest, ReadsColumnsByTheirRoles) {
  catalogue::Binding binding;
  binding.fields = {{"PRODUCT_NAME", "label"}};
  const auto json =
      format::ParseJson(R"({"상품명": "캠핑 의자", "label": "Chair", "판매가": 34900, "무게": "1200",
      "상품등록일": "2023-11-14T22:13:20Z", "created": 5, "대표이미지": "a.jpg", "브랜드": "나이키",
      "brand": {"name": "Nike"}, "색상": "빨강", "description": "for camps"})");
  ColumnUses uses;
  const ItemFeatures facts = ReadItemFeatures(*json, binding, &uses);
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(facts.values, (std::vector<Pair>{{"판매가", "20000-50000"},
                                             {"무게", "1000-2000"},
                                             {"브랜드", "나이키"},
                                             {"BRAND_NAME", "Nike"},
                                             {"색상", "빨강"}}));
  EXPECT_EQ(facts.tokens, (std::vector<std::string>{"캠핑", "의자", "chair", "for", "camps"}));
  EXPECT_EQ(facts.created, Millis{5000}) << "the better of two names";
}

TEST(ItemFeaturesTest, DeclaredRolesPrecedeNames) {
  using catalogue::Role;
  const auto json = format::ParseJson(
      R"({"name": "internal code 7", "label": "캠핑 의자", "cost": "12,900원", "price": 5, "since": 1700000000,
      "created": 5, "memo": "for camps"})");
  catalogue::RoleDeclarations binding;
  binding.roles = {{Role::kTitle, "label"}, {Role::kPrice, "cost"}};
  catalogue::Mapping mapping;
  mapping.meta = *format::ParseJson(R"({"roles": {"created": "since", "title": "name", "text": "memo"}})");
  ColumnUses uses(DeclaredFieldsOf(binding, mapping));
  const ItemFeatures facts = ReadItemFeatures(*json, {}, &uses);
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(facts.values, (std::vector<Pair>{{"COST", "10000-20000"}, {"PRICE", "5-10"}}));
  EXPECT_EQ(facts.tokens.at(0), "캠핑") << "the declared title comes first";
  EXPECT_EQ(facts.created, Millis{1'700'000'000'000});
  ColumnUses named;
  EXPECT_EQ(ReadItemFeatures(*json, {}, &named).tokens.at(0), "internal");
}

TEST(ItemFeaturesTest, BandsNumbersAndReadsUserAttributes) {
  EXPECT_EQ(NumberBand(1), "1-2");
  EXPECT_EQ(NumberBand(2), "2-5");
  EXPECT_EQ(NumberBand(99), "50-100");
  EXPECT_EQ(NumberBand(0.5), "0-1");
  EXPECT_EQ(NumberBand(-3), "below 0");
  EXPECT_EQ(NumberBand(std::nan("")), "");
  const auto json =
      format::ParseJson(R"({"USER_ID": "u", "age": 31, "gender": "F", "tags": "a|b", "x": null})");
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(ReadUserAttributes(*json, 8),
            (std::vector<Pair>{{"AGE", "25-34"}, {"GENDER", "F"}, {"TAGS", "a"}, {"TAGS", "b"}}));
  EXPECT_TRUE(IsRegionColumn("REGION") && IsRegionColumn("HOME_CITY") && !IsRegionColumn("GENDER"));
}

TEST(ItemFeaturesTest, LimitsFeaturesOfHostileRecord) {
  catalogue::Binding binding;
  format::Json json;
  json.Set("title", format::Json(std::string(1 << 20, 'a') + "\xff\xc0\x80 \xed\xa0\x80"));
  for (int i = 0; i < 500; ++i) json.Set("c" + std::to_string(i), format::Json("v"));
  ColumnUses uses;
  const ItemFeatures facts = ReadItemFeatures(json, binding, &uses);
  EXPECT_LE(facts.values.size(), kMaxItemValues);
  EXPECT_LE(facts.tokens.size(), kMaxItemTokens);
}

TEST(ItemTableTest, ReplacesAndCountsFeatures) {
  ItemTable items;
  const Item a = items.Intern("a"), b = items.Intern("b");
  ItemFeatures red;
  red.values = {{"COLOR", "red"}};
  for (int n = 0; n < 600; ++n) {
    items.SetFeatures(a, red, 1);
    items.SetFeatures(b, red, 2);
    items.Compact();
  }
  EXPECT_EQ(items.catalogue_size(), 2u);
  EXPECT_EQ(items.ItemsWith(items.Values(a)[0]), 2u);
  items.Remove(b);
  EXPECT_TRUE(items.Removed(b));
  EXPECT_EQ(items.catalogue_size(), 1u);
  EXPECT_EQ(items.ItemsWith(items.Values(a)[0]), 1u);
  EXPECT_EQ(items.Text(items.Values(a)[0]), "red");
}

RC_GTEST_PROP(ItemTableProperty, KeepsFeaturesOfEachItem, (const std::vector<uint16_t>& raw)) {
  ItemTable items;
  constexpr Item kItems = 40;
  for (Item i = 0; i < kItems; ++i) items.Intern(std::to_string(i));
  std::vector<std::vector<std::string>> expected(kItems);
  for (int round = 0; round < 3; ++round) {
    for (size_t k = 0; k < raw.size() * 30; ++k) {
      const uint16_t n = static_cast<uint16_t>(raw[k % raw.size()] + k);
      const Item item = n % kItems;
      ItemFeatures facts;
      if (n % 7 != 0) facts.values = {{"COLOR", std::to_string(n % 11)}};
      for (int t = 0; t < n % 4; ++t) facts.tokens.push_back("t" + std::to_string((n + t) % 13));
      items.SetFeatures(item, facts, k);
      expected[item].clear();
      for (const auto& [column, text] : facts.values) expected[item].push_back(text);
      for (const std::string& token : facts.tokens) expected[item].push_back(token);
      if (n % 19 == 0) {
        items.Remove(item);
        expected[item].clear();
      }
    }
    if (round < 2) items.Compact();  // the changes of the last round are not compacted
  }
  for (Value v = 0; v < items.value_count(); ++v) {
    std::vector<Item> with, listed;
    for (Item i = 0; i < kItems; ++i) {
      if (items.InTokenLists(i) && std::ranges::count(items.Tokens(i), v) > 0) with.push_back(i);
    }
    for (const Item i : items.ItemsWithToken(v)) {
      if (items.InTokenLists(i)) listed.push_back(i);
    }
    RC_ASSERT(with == listed);
  }
  for (Item i = 0; i < kItems; ++i) {
    std::vector<std::string> found;
    for (const Value v : items.Values(i)) found.emplace_back(items.Text(v));
    for (const Value v : items.Tokens(i)) found.emplace_back(items.Text(v));
    RC_ASSERT(found == expected[i]);
  }
}

TEST(StatisticsTest, CountsFutureEventInNewestSlot) {
  constexpr int64_t kHour = 3'600'000, kYear = 365 * 24 * kHour, kNow = 1000 * kHour;
  const auto fold = [](int64_t now) {
    Statistics statistics;
    ItemTable items;
    history::Event event;
    const auto count = [&](const char* item, int64_t time) {
      event.user_id = "u" + std::to_string(time);
      event.item_id = item;
      event.type = "view";
      event.time = Millis{time};
      statistics.Fold(event, Millis{now}, true, {}, &items);
    };
    for (int n = 0; n < 40; ++n) count("a", kNow - 3 * kHour + n * 1000);
    count("b", kNow + 10 * kYear);
    EXPECT_EQ(statistics.InWindow(items.Find("a"), Window::kHour), 40u);
    EXPECT_EQ(statistics.InWindow(items.Find("b"), Window::kHour), 1u);
    EXPECT_EQ(statistics.newest_time(), kNow - 3 * kHour + 39'000);
    EXPECT_EQ(statistics.FirstTime(items.Find("b")), statistics.newest_time());
    return statistics;
  };
  fold(kNow);
  Statistics later = fold(kNow + kYear);
  EXPECT_EQ(later.TrendEnd(6), 0);
  EXPECT_EQ(later.AllInSlots(0, 6), 41u);
}

TEST(CheckpointTest, RestoresStatistics) {
  const ModelFixture fixture;
  SectionWriter writer(1);
  fixture.statistics.Save(&writer);
  const std::string bytes = writer.Finish();
  const Statistics back = Statistics::Load(SectionFile::Open(bytes, 1).value(), fixture.items.size()).value();
  EXPECT_EQ(back.folded(), fixture.statistics.folded());
  EXPECT_EQ(back.AllInSlots(0, 400), fixture.statistics.AllInSlots(0, 400));
  EXPECT_GT(back.AllInSlots(0, 400), 0u);
  EXPECT_EQ(back.purchases(), fixture.statistics.purchases());
  EXPECT_EQ(back.MostPeople(), fixture.statistics.MostPeople());
  EXPECT_NEAR(back.MeanLogPeople(), fixture.statistics.MeanLogPeople(), 1e-9);
  for (Item i = 0; i < fixture.items.size(); ++i) {
    EXPECT_EQ(back.People(i), fixture.statistics.People(i));
    EXPECT_EQ(back.Events(i), fixture.statistics.Events(i));
    EXPECT_EQ(back.FirstTime(i), fixture.statistics.FirstTime(i));
    EXPECT_EQ(back.InWindow(i, Window::kWeek), fixture.statistics.InWindow(i, Window::kWeek));
    EXPECT_EQ(Trend(back, i, 6, 0), Trend(fixture.statistics, i, 6, 0));
    for (Cohort s = 0; s < fixture.statistics.cohort_count(); ++s) {
      EXPECT_EQ(CohortItemLift(back, s, i), CohortItemLift(fixture.statistics, s, i));
    }
    for (Item j = 0; j < fixture.items.size(); ++j) {
      EXPECT_EQ(back.sequence_rules().Find(i, j), fixture.statistics.sequence_rules().Find(i, j));
      EXPECT_EQ(back.basket_rules().Find(i, j), fixture.statistics.basket_rules().Find(i, j));
    }
  }
  // This state affects how further events are counted.
  ASSERT_NE(back.Person("u3"), nullptr);
  EXPECT_EQ(back.Person("u3")->recent.size(), fixture.statistics.Person("u3")->recent.size());
  EXPECT_EQ(back.Person("u3")->cohorts, fixture.statistics.Person("u3")->cohorts);
  for (size_t at = 0; at < bytes.size(); at += 97) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    EXPECT_FALSE(SectionFile::Open(flipped, 1).ok()) << at;
  }
  EXPECT_FALSE(Statistics::Load(SectionFile::Open(bytes, 1).value(), 3).ok()) << "item numbers out of range";
}

TEST(TrainedModelTest, RoundTripsAndRejectsCorruptFiles) {
  Sequences sequences;
  sequences.Add(std::vector<Item>{0, 1, 2});
  const RuleTable rules = FitRules(sequences, 3, {});
  ModelContent content;
  content.meta.recipe = Recipe::kSims;
  content.meta.weights.taste = 0.123;
  content.meta.events.types = {{"view", 2.0, 0.5}, {"buy", std::nullopt, std::nullopt}};
  content.meta.events.threshold = 1.5;
  content.meta.item_columns = {{"BRAND"}, {"NOTE"}, std::vector<std::string>{"STYLE"}};
  content.meta.user_columns.plain = {"NICKNAME"};
  content.items = {"가", "b", "c"};
  content.rules = &rules;
  content.people = {3, 2, 1};
  const std::string bytes = WriteModel(content);
  const auto model = TrainedModel::Open(bytes).value();
  EXPECT_EQ(model->meta().recipe, Recipe::kSims);
  EXPECT_EQ(model->meta().weights.taste, 0.123);
  EXPECT_EQ(model->meta().events, content.meta.events);
  EXPECT_EQ(model->meta().item_columns, content.meta.item_columns);
  EXPECT_EQ(model->meta().user_columns, content.meta.user_columns);
  EXPECT_EQ(model->Find("가"), 0u);
  EXPECT_EQ(model->Find("x"), kNone);
  EXPECT_EQ(model->People(1), 2u);
  EXPECT_EQ(model->rules().Find(0, 1), RuleRows(rules).Find(0, 1));
  for (size_t cut = 0; cut < bytes.size(); cut += 7) {
    EXPECT_FALSE(TrainedModel::Open(std::string_view(bytes).substr(0, cut)).ok()) << cut;
  }
  for (const std::string& appended : {std::string(1, '\0'), std::string("garbage")})
    EXPECT_EQ(TrainedModel::Open(bytes + appended).error().kind(), ErrorKind::kCorrupt);
  // Sections that are well-formed but inconsistent.
  RuleTable wrong = rules;
  wrong.to[0] = 77;
  content.rules = &wrong;
  EXPECT_EQ(TrainedModel::Open(WriteModel(content)).error().kind(), ErrorKind::kCorrupt);
  wrong = rules;
  wrong.weights[0] = std::nanf("");
  EXPECT_FALSE(TrainedModel::Open(WriteModel(content)).ok());
  content.rules = &rules;
  content.people.pop_back();
  EXPECT_FALSE(TrainedModel::Open(WriteModel(content)).ok());
}

TEST(RuleSourceTest, PrefersModelOverLiveRules) {
  ItemTable items;
  for (const char* id : {"new", "b", "a"}) items.Intern(id);
  Sequences sequences;
  sequences.Add(std::vector<Item>{0, 1});
  const RuleTable rules = FitRules(sequences, 2, {});
  ModelContent content;
  content.items = {"a", "b"};
  content.rules = &rules;
  content.people = {1, 1};
  const std::string bytes = WriteModel(content);
  const auto model = TrainedModel::Open(bytes).value();
  ModelItems map;
  map.Extend(*model, items);
  LiveRules live;
  for (Item i = 0; i < 3; ++i) live.Count(i);
  live.Add(2, 1, 100);  // a -> b: the model's rule is used instead
  live.Add(2, 0, 5);    // a -> new
  live.Add(0, 1, 7);    // new -> b
  const RuleSource source{&model->rules(), &map, &live};
  std::map<Item, double> from_a;
  source.ForEach(2, [&](Item b, double w) { from_a[b] += w; });
  EXPECT_NEAR(from_a[1], 1.0 / 11, 1e-6);
  EXPECT_NEAR(from_a[0], 5.0 / 11, 1e-6);
  EXPECT_NEAR(source.Find(2, 1), from_a[1], 1e-9);
  EXPECT_NEAR(source.Find(2, 0), from_a[0], 1e-9);
  EXPECT_NEAR(source.Find(0, 1), 7.0 / 11, 1e-6);
}

// Personalize's guide: what a person bought is filtered out of these two, and out of no other recipe.
TEST(RecipesTest, TwoRecipesHideWhatThePersonBought) {
  std::vector<Recipe> hiding;
  for (const RecipeInfo& info : Recipes()) {
    if (info.drops_seen) hiding.push_back(info.recipe);
  }
  EXPECT_EQ(hiding, (std::vector<Recipe>{Recipe::kViewedAlsoViewed, Recipe::kRecommendedForYou}));
}

TEST(RecipesTest, ChecksNamesAndHyperParameters) {
  EXPECT_EQ(Recipes().size(), 13u);
  std::set<std::string_view> names;
  for (const RecipeInfo& info : Recipes()) {
    names.insert(info.name);
    std::vector<std::pair<std::string, std::string>> defaults;
    for (const HyperParameter& p : info.training) defaults.emplace_back(p.name, p.default_value);
    EXPECT_TRUE(CheckHyperParameters(info.training, defaults).ok()) << info.name;
  }
  EXPECT_EQ(names.size(), 13u);
  const auto& sims = Info(Recipe::kSims).training;
  EXPECT_EQ(CheckHyperParameters(sims, {{"nonsense", "1"}}).error().where, "nonsense");
  EXPECT_EQ(CheckHyperParameters(sims, {{"min_cointeraction_count", "11"}}).error().code,
            ErrorCode::kHyperparameter);
  EXPECT_FALSE(CheckHyperParameters(sims, {{"min_cointeraction_count", "1.5"}}).ok());
  EXPECT_FALSE(CheckHyperParameters(sims, {{"popularity_discount_factor", "nan"}}).ok());
  EXPECT_FALSE(
      CheckHyperParameters(Info(Recipe::kTrendingNow).training, {{"trend_discovery_frequency", "2 days"}})
          .ok());
  const auto& trending = Info(Recipe::kTrendingNow).training;
  using Given = std::vector<std::pair<std::string, std::string>>;
  for (const auto& [spelt, meant] : Given{{"1h", "1 hour"}, {"30 min", "30 minutes"}, {"1 Day", "1 day"}}) {
    const Given canonical = CanonicalHyperParameters(trending, {{"Trend discovery frequency", spelt}});
    EXPECT_EQ(canonical, (Given{{"trend_discovery_frequency", meant}}));
    EXPECT_TRUE(CheckHyperParameters(trending, canonical).ok());
  }
  EXPECT_EQ(CanonicalHyperParameters(trending, {{"Trend discovery frequency", "2 weeks"}, {"Other", "x"}}),
            (Given{{"trend_discovery_frequency", "2 weeks"}, {"Other", "x"}}));
}

}  // namespace
}  // namespace trine::recommend
