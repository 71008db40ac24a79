// Asked: everything one request knows, brought together under the shared lock of its group's core.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "recommend/candidate/groups.h"
#include "recommend/candidate/person.h"
#include "recommend/candidate/source_cache.h"
#include "recommend/rank/place.h"
#include "recommend/recommender.h"

namespace trine::recommend {

struct Asked {
  ReadyCore ready;
  const ModelMeta* meta = nullptr;  // nullptr: no model
  std::vector<history::Event> events;
  std::optional<history::User> user;
  Person person;
  Blend blend;
  std::vector<char> ignored;
  RuleSource rules;

  const GroupCore& core() const { return *ready.core; }
  const TrainedModel* model() const { return ready.model != nullptr ? ready.model->model.get() : nullptr; }
  Scorer MakeScorer(ScorerScratch* scratch) const {
    return Scorer(core().items, core().statistics, core().lifts, rules, blend, ignored, person, scratch);
  }
};

// Reads the person's events up to this moment, and who they are. kNotFound when the
// model is not there. `also` (a seed item, items to rank) changes nothing.
Result<Asked> Ask(Groups& groups, const Sources& sources, const Served& served, std::string_view user,
                  std::string_view session, const Context& context, const Deadline& deadline);

// The live rules that a recipe's answers come from.
const LiveRules& LiveRulesOf(const Statistics& statistics, Recipe recipe);

// A filter made ready for one request, as a test of items. Holds what the test reads; must outlive it.
class ItemFilter {
 public:
  ItemFilter(const Asked& asked, SourceCache& cache) : asked_(asked), cache_(cache) {}
  // `current`: the item the request is about, or kNone. An empty function when `filter` is nullptr.
  Result<ItemTest> Test(const Filter* filter, const FilterValues& values, Item current);
  // The same for an id that no item has.
  bool PassesUnknown(std::string_view id) const;

 private:
  const format::Json* Attribute(Item item, std::string_view name);
  const format::Json* Read(const format::Json* source, std::string_view name);
  const Asked& asked_;
  SourceCache& cache_;
  std::optional<catalogue::AttributeReader> reader_;
  std::vector<std::unique_ptr<FilterCheck>> checks_;
  std::shared_ptr<const format::Json> current_, tested_;
  Item tested_item_ = kNone;
  catalogue::CollectionPtr collection_;  // of the items; nullptr: none
  format::Json scratch_;                 // the last attribute read, when it had to be converted
};

}  // namespace trine::recommend
