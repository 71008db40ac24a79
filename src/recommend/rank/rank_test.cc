// Filters, placement and shares.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "recommend/model/event_class.h"
#include "recommend/rank/explore.h"
#include "recommend/rank/filter.h"
#include "recommend/rank/place.h"
#include "recommend/rank/select.h"

namespace trine::recommend {
namespace {

using Op = Condition::Op;
using Subject = Condition::Subject;
using format::Json;

Condition On(Subject subject, std::string attribute, Op op, std::vector<Json> values) {
  Condition c;
  c.subject = subject;
  c.attribute = std::move(attribute);
  c.op = op;
  c.values = std::move(values);
  return c;
}
Condition Item_(std::string attribute, Op op, std::vector<Json> values) {
  return On(Subject::kItem, std::move(attribute), op, std::move(values));
}

// Tests filters against one item and one person.
class FilterTest : public testing::Test {
 protected:
  void SetUp() override {
    item_ = *format::ParseJson(
        R"({"CATEGORY": "Camping|Chairs", "PRICE": 35000, "BRAND": "Helinox", "SALE": true, "TAGS": ["a", "b"],
            "STOCK": "12", "NOTHING": null, "SIZE": "010", "WEIGHT": 2.5, "SERIAL": 12345678901234567})");
    user_.id = "u";
    user_.attributes = *format::ParseJson(R"({"AGE": 31, "GENDER": "F", "favourite_brand": "Helinox"})");
    for (int n = 0; n < 3; ++n) {
      history::Event event;
      event.item_id = n == 2 ? "other" : "it";
      event.type = n == 0 ? "Purchase" : "View";
      event.attributes = {{"DEVICE", "mobile"}};
      events_.push_back(event);
    }
  }
  Result<bool> Passes(const Filter& filter, const FilterValues& values = {}) {
    FilterSubject subject;
    subject.user = known_ ? &user_ : nullptr;
    auto items = std::make_shared<history::PersonItems>();
    for (const history::Event& event : events_) items->Add(LowerType(event.type), event.item_id);
    const history::PersonItemsParts parts = {items};
    subject.items = &parts;
    subject.items_by_column = [&](std::string_view column) -> Result<history::PersonItemsParts> {
      TRINE_TRY(read_);
      auto by_column = std::make_shared<history::PersonItems>();
      for (const history::Event& event : events_) {
        for (const auto& [name, value] : event.attributes) {
          if (name == column) by_column->Add(value, event.item_id);
        }
      }
      return history::PersonItemsParts{by_column};
    };
    subject.current_item = [&](std::string_view name) { return current_.Find(name); };
    TRINE_ASSIGN(const auto check, Bind(filter, values, subject));
    EXPECT_EQ(UsesInteractions(filter), std::ranges::any_of(filter.clauses, [](const FilterClause& clause) {
                return clause.any_of[0][0].subject == Subject::kInteraction;
              }));
    return check->Passes("it", [&](std::string_view name) { return item_.Find(name); });
  }
  bool Includes(const Condition& condition) {
    Filter filter;
    filter.clauses.push_back({true, {{condition}}, {}});
    return Passes(filter).value();
  }
  Json item_, current_;
  history::User user_;
  bool known_ = true;
  std::vector<history::Event> events_;
  Status read_ = Ok();  // the result of reading all events
};

TEST_F(FilterTest, AppliesEveryOperatorToItems) {
  struct TuningCase {
    Condition condition;
    bool passes;
  };
  const TuningCase cases[] = {
      {Item_("CATEGORY", Op::kIn, {"Chairs"}), true},
      {Item_("CATEGORY", Op::kIn, {"chairs"}), false},
      {Item_("CATEGORY", Op::kIn, {"Camping|Chairs"}), true},
      {Item_("CATEGORY", Op::kIn, {"Tents", "Camping"}), true},
      {Item_("CATEGORY", Op::kNotIn, {"Tents"}), true},
      {Item_("CATEGORY", Op::kNotIn, {"Chairs"}), false},
      {Item_("CATEGORY", Op::kIn, {"*"}), false},
      {Item_("BRAND", Op::kEq, {"Helinox"}), true},
      {Item_("BRAND", Op::kNe, {"Helinox"}), false},
      {Item_("TAGS", Op::kIn, {"b"}), true},
      {Item_("SALE", Op::kEq, {Json(true)}), true},
      {Item_("SALE", Op::kIn, {"true"}), true},
      {Item_("SALE", Op::kEq, {Json(false)}), false},
      {Item_("PRICE", Op::kLt, {Json(35001)}), true},
      {Item_("PRICE", Op::kLt, {Json(35000)}), false},
      {Item_("PRICE", Op::kLe, {Json(35000.0)}), true},
      {Item_("PRICE", Op::kGt, {"34999"}), true},
      {Item_("PRICE", Op::kGe, {Json(35001)}), false},
      {Item_("PRICE", Op::kIn, {"35000"}), true},
      {Item_("STOCK", Op::kGt, {Json(10)}), true},
      {Item_("BRAND", Op::kGt, {Json(1)}), false},
      {Item_("MISSING", Op::kIn, {"x"}), false},
      {Item_("MISSING", Op::kNotIn, {"x"}), false},
      {Item_("NOTHING", Op::kIn, {"*"}), false},
      {Item_("SIZE", Op::kIn, {"010"}), true},
      {Item_("SIZE", Op::kIn, {"10"}), false},
      {Item_("SIZE", Op::kEq, {Json(10)}), false},
      {Item_("WEIGHT", Op::kIn, {"2.50"}), true},
      {Item_("WEIGHT", Op::kEq, {Json(2.5)}), true},
      {Item_("SERIAL", Op::kIn, {"12345678901234567"}), true},
      {Item_("SERIAL", Op::kIn, {"12345678901234568"}), false},
      {Item_("SALE", Op::kIn, {"True"}), true},
      {Item_("SALE", Op::kIn, {Json(1)}), false},
      {Item_("ITEM_ID", Op::kIn, {"IT"}), false},
      {Item_("ITEM_ID", Op::kIn, {"*"}), false},
      {Item_("ITEM_ID", Op::kIn, {"it"}), true},
      {Item_("ITEM_ID", Op::kNotIn, {"it"}), false},
      {On(Subject::kUser, "AGE", Op::kGe, {Json(30)}), true},
      {On(Subject::kUser, "GENDER", Op::kIn, {"M"}), false},
      {On(Subject::kInteraction, "EVENT_TYPE", Op::kIn, {"purchase"}), true},
      {On(Subject::kInteraction, "EVENT_TYPE", Op::kIn, {"Cart"}), false},
      {On(Subject::kInteraction, "EVENT_TYPE", Op::kNotIn, {"Cart"}), true},
      {On(Subject::kInteraction, "EVENT_TYPE", Op::kIn, {"*"}), true},
      {On(Subject::kInteraction, "DEVICE", Op::kIn, {"mobile"}), true},
      {On(Subject::kInteraction, "DEVICE", Op::kIn, {"desktop"}), false},
  };
  for (const TuningCase& c : cases) {
    EXPECT_EQ(Includes(c.condition), c.passes)
        << c.condition.attribute << " " << static_cast<int>(c.condition.op);
    Filter exclude;
    exclude.clauses.push_back({false, {{c.condition}}, {}});
    EXPECT_EQ(Passes(exclude).value(), !c.passes) << c.condition.attribute << " excluded";
  }
}

TEST_F(FilterTest, CombinesClausesAndGroups) {
  const Condition chair = Item_("CATEGORY", Op::kIn, {"Chairs"});
  const Condition dear = Item_("PRICE", Op::kGt, {Json(50000)});
  Filter either, both, chained;
  either.clauses.push_back({true, {{chair}, {dear}}, {}});
  both.clauses.push_back({true, {{chair, dear}}, {}});
  chained.clauses.push_back({true, {{chair}}, {}});
  chained.clauses.push_back({false, {{Item_("BRAND", Op::kIn, {"Helinox"})}}, {}});
  EXPECT_TRUE(Passes(either).value());
  EXPECT_FALSE(Passes(both).value());
  EXPECT_FALSE(Passes(chained).value());
  EXPECT_TRUE(Passes(Filter()).value()) << "an empty filter passes every item";
}

// Ids are texts: none of these equals another one.
TEST_F(FilterTest, ComparesIdsAsBytes) {
  const std::vector<std::string> ids = {"007", "07",  "7",   "7.0", "10",   "10.0", "1e1",
                                        "AB1", "ab1", "a|b", "a",   "b",    "123",  "+7",
                                        " 7",  "7 ",  "-0",  "0",   "café", "CAFÉ"};
  for (const std::string& wanted : ids) {
    Filter filter;
    filter.clauses.push_back({true, {{Item_("ITEM_ID", Op::kIn, {Json(wanted)})}}, {}});
    const auto check = Bind(filter, {}, {}).value();
    for (const std::string& id : ids)
      EXPECT_EQ(check->Passes(id, [](std::string_view) { return nullptr; }), id == wanted)
          << id << " " << wanted;
  }
}

TEST_F(FilterTest, PassesTheUnionOfIncludesWithoutTheExcludes) {
  const Condition yes = Item_("BRAND", Op::kIn, {"Helinox"}), no = Item_("BRAND", Op::kIn, {"Other"});
  const auto passes = [&](const std::vector<std::pair<bool, Condition>>& clauses) {
    Filter filter;
    for (const auto& [include, condition] : clauses) filter.clauses.push_back({include, {{condition}}, {}});
    return Passes(filter).value();
  };
  EXPECT_TRUE(passes({{true, yes}, {true, no}}));
  EXPECT_TRUE(passes({{true, no}, {true, yes}}));
  EXPECT_FALSE(passes({{true, no}, {true, no}}));
  EXPECT_FALSE(passes({{true, yes}, {true, no}, {false, yes}}));
  EXPECT_FALSE(passes({{false, yes}, {true, yes}})) << "the order does not matter";
  EXPECT_TRUE(passes({{true, yes}, {false, no}}));
  EXPECT_FALSE(passes({{false, no}, {false, yes}}));
  EXPECT_TRUE(passes({{false, no}}));
}

TEST_F(FilterTest, KnowsWhetherItUsesTheCurrentItem) {
  Filter filter;
  EXPECT_FALSE(UsesCurrentItem(filter));
  filter.clauses.push_back({true, {{Item_("BRAND", Op::kIn, {"Helinox"})}}, {}});
  EXPECT_FALSE(UsesCurrentItem(filter));
  filter.clauses[0].any_of[0][0].other_attribute = "BRAND";
  EXPECT_FALSE(UsesCurrentItem(filter)) << "compared with the user";
  filter.clauses[0].any_of[0][0].other_subject = Subject::kCurrentItem;
  EXPECT_TRUE(UsesCurrentItem(filter));
  filter.clauses[0].any_of[0][0] = On(Subject::kCurrentItem, "BRAND", Op::kIn, {"x"});
  EXPECT_TRUE(UsesCurrentItem(filter));
}

TEST_F(FilterTest, AppliesClauseOnlyIfUserMatches) {
  Filter filter;
  filter.clauses.push_back(
      {false, {{Item_("CATEGORY", Op::kIn, {"Chairs"})}}, {On(Subject::kUser, "AGE", Op::kLt, {Json(18)})}});
  EXPECT_TRUE(Passes(filter).value()) << "the person is older: the clause does not apply";
  user_.attributes.Set("AGE", Json(12));
  EXPECT_FALSE(Passes(filter).value());
  known_ = false;
  EXPECT_TRUE(Passes(filter).value());
}

TEST_F(FilterTest, ComparesWithUserAndCurrentItem) {
  Condition same = Item_("BRAND", Op::kEq, {});
  same.other_subject = Subject::kUser;
  same.other_attribute = "FAVOURITE_BRAND";
  EXPECT_TRUE(Includes(same));
  same.other_subject = Subject::kCurrentItem;
  same.other_attribute = "BRAND";
  EXPECT_FALSE(Includes(same)) << "there is no current item";
  current_.Set("BRAND", Json("HELINOX"));
  EXPECT_FALSE(Includes(same));
  current_.Set("BRAND", Json("Helinox"));
  EXPECT_TRUE(Includes(same));
  same.attribute = same.other_attribute = "PRICE";
  current_.Set("PRICE", Json(35000.0));
  EXPECT_TRUE(Includes(same));
}

TEST_F(FilterTest, BindsParameterValues) {
  Filter filter;
  Condition condition = Item_("CATEGORY", Op::kIn, {});
  condition.parameters = {"CATEGORY"};
  filter.clauses.push_back({true, {{condition}}, {}});
  EXPECT_EQ(filter.Parameters(), std::vector<std::string>{"CATEGORY"});
  EXPECT_EQ(Passes(filter).error().code, ErrorCode::kFilterValue);
  EXPECT_EQ(Passes(filter, {{"CATEGORY", {"Tents", "Chairs"}}}).value(), true);
  EXPECT_EQ(Passes(filter, {{"CATEGORY", {"Tents"}}}).value(), false);
  EXPECT_EQ(Passes(filter, {{"CATEGORY", {"Chairs"}}, {"UNKNOWN", {"x"}}}).error().where, "UNKNOWN");
  filter.clauses[0].include = false;
  EXPECT_EQ(Passes(filter).value(), true) << "an exclude clause without its values does not apply";
  EXPECT_EQ(Passes(filter, {{"CATEGORY", {"Chairs"}}}).value(), false);
}

TEST_F(FilterTest, OrderComparisonRequiresOneNumber) {
  for (const Op op : {Op::kLt, Op::kLe, Op::kGt, Op::kGe}) {
    Filter filter;
    Condition condition = Item_("PRICE", op, {});
    condition.parameters = {"max"};
    filter.clauses.push_back({true, {{condition}}, {}});
    EXPECT_TRUE(Passes(filter, {{"max", {"12.5"}}}).ok());
    for (const std::vector<std::string>& wrong :
         std::initializer_list<std::vector<std::string>>{{"abc"}, {"1", "2"}, {"12원"}}) {
      const auto passes = Passes(filter, {{"max", wrong}});
      ASSERT_FALSE(passes.ok());
      EXPECT_EQ(passes.error().where, "max");
      EXPECT_EQ(passes.error().expected, "one number");
    }
  }
}

// "Did this person ever buy the item" must not depend on how much happened since.
TEST_F(FilterTest, SeesEveryEventOfTheItems) {
  events_.assign(1, events_[0]);
  for (int n = 0; n < 1000; ++n) {
    history::Event event;
    event.item_id = "x" + std::to_string(n);
    event.type = "Purchase";
    events_.insert(events_.begin(), event);
  }
  EXPECT_TRUE(Includes(On(Subject::kInteraction, "EVENT_TYPE", Op::kIn, {"purchase"})));
}

TEST_F(FilterTest, ReportsEventsThatCannotBeRead) {
  read_ = Error(ErrorCode::kIo, "the disk fails");
  Filter filter;
  filter.clauses.push_back({true, {{On(Subject::kInteraction, "DEVICE", Op::kIn, {"mobile"})}}, {}});
  EXPECT_EQ(Passes(filter).error().code, ErrorCode::kIo);
}

// The share of new items in the first 25 of 200, ten of them new, with the scores of one group.
double NewItemsShown(double weight, double scale) {
  Random random(7);
  int shown = 0;
  for (int request = 0; request < 40; ++request) {
    std::vector<ScoredItem> scored;
    for (Item i = 0; i < 200; ++i) scored.push_back({i, scale * (i < 10 ? 90.0 : i)});
    const double reach = ScoreReach(scored);
    for (Item i = 0; i < 10; ++i) scored[i].score += ExplorationBonus(0, weight, reach, &random);
    std::ranges::sort(scored, std::ranges::greater(), &ScoredItem::score);
    for (int k = 0; k < 25; ++k) shown += scored[static_cast<size_t>(k)].item < 10 ? 1 : 0;
  }
  return shown / (40.0 * 25.0);
}

TEST(Exploration, ShareGrowsWithTheWeightWhateverTheScale) {
  double before = 0;
  for (const double weight : {0.1, 0.3, 0.6, 1.0}) {
    const double share = NewItemsShown(weight, 1);
    EXPECT_GE(share, before) << weight;
    if (weight >= 0.3) {
      EXPECT_GT(share, before) << weight;
    }
    for (const double scale : {0.001, 50.0}) EXPECT_NEAR(NewItemsShown(weight, scale), share, 1e-9) << scale;
    before = share;
  }
  EXPECT_GT(before, 0.1);
  EXPECT_EQ(NewItemsShown(0, 1), 0);
}

TEST(Exploration, ReachIsTheDistanceFromTheUsualScoreToTheBest) {
  EXPECT_EQ(ScoreReach({}), 1);
  const std::vector<ScoredItem> equal = {{0, 2}, {1, 2}}, three = {{0, 1}, {1, 9}, {2, 4}};
  EXPECT_EQ(ScoreReach(equal), 1);
  EXPECT_EQ(ScoreReach(three), 5);
}

RC_GTEST_PROP(PlaceProperty, MatchesSortAndTruncate, (const std::vector<uint8_t>& raw, uint8_t count_)) {
  std::vector<ScoredItem> scored;
  for (size_t i = 0; i < raw.size(); ++i)
    scored.push_back({static_cast<Item>(i), static_cast<double>(raw[i] % 16)});
  const size_t count = count_ % 12;
  const auto odd = [](Item i) { return i % 2 == 1; };
  std::vector<ScoredItem> expected;
  for (const ScoredItem& s : scored) {
    if (odd(s.item)) expected.push_back(s);
  }
  std::ranges::stable_sort(expected,
                           [](const ScoredItem& a, const ScoredItem& b) { return a.score > b.score; });
  const auto placed = PlaceItems(scored, count, odd, {});
  RC_ASSERT(placed.size() == std::min(count, expected.size()));
  for (size_t k = 0; k < placed.size(); ++k) RC_ASSERT(placed[k].item == expected[k].item);
}

TEST(PlaceTest, PlacesPromotionsWithoutDuplicates) {
  std::vector<ScoredItem> scored;
  for (Item i = 0; i < 20; ++i) scored.push_back({i, 20.0 - i});
  const auto low = [](Item i) { return i >= 10; };
  const auto list = PlaceItems(scored, 10, {}, {{"p", low, 20}, {"q", low, 100}});
  ASSERT_EQ(list.size(), 10u);
  size_t p = 0, q = 0;
  std::vector<Item> items;
  for (const PlacedItem& item : list) {
    p += item.promotion == "p" ? 1 : 0;
    q += item.promotion == "q" ? 1 : 0;
    items.push_back(item.item);
  }
  EXPECT_EQ(p, 2u);
  EXPECT_EQ(q, 8u) << "all the rest";
  std::ranges::sort(items);
  EXPECT_EQ(std::ranges::adjacent_find(items), items.end());
  EXPECT_TRUE(PlaceItems(scored, 0, {}, {{"p", low, 50}}).empty());
  EXPECT_EQ(PlaceItems(scored, 3, {}, {{"p", [](Item) { return false; }, 50}}).size(), 3u)
      << "no item passes";
}

TEST(ShareTest, SumsToOneAndKeepsOrder) {
  const std::vector<ScoredItem> scores = {{0, 3}, {1, 1}, {2, -2}, {3, 700}};
  const auto shares = ShareOfOne(scores, scores, 4);
  EXPECT_NEAR(shares[0] + shares[1] + shares[2] + shares[3], 1, 1e-12);
  EXPECT_GE(shares[3], shares[0]);
  EXPECT_GE(shares[0], shares[1]);
  for (const double s : shares) EXPECT_TRUE(std::isfinite(s));
  EXPECT_TRUE(ShareOfOne({}, {}, 4).empty());
}

}  // namespace
}  // namespace trine::recommend
