#include "recommend/recipe/asked.h"

#include "base/limits.h"
#include "catalogue/item_attribute.h"
#include "recommend/train/fit.h"

namespace trine::recommend {

const LiveRules& LiveRulesOf(const Statistics& statistics, Recipe recipe) {
  if (recipe == Recipe::kBoughtTogether) return statistics.basket_rules();
  if (recipe == Recipe::kViewedAlsoViewed) return statistics.viewed_rules();
  return statistics.sequence_rules();
}

Result<Asked> Ask(Groups& groups, const Sources& sources, const Served& served, std::string_view user,
                  std::string_view session, const Context& context, const Deadline& deadline) {
  TRINE_TRY(deadline.Check("the recommendation"));
  Asked asked;
  // The events first: what is in them is then surely in the counts.
  TRINE_ASSIGN(asked.events,
               sources.history.UserEvents(served.group, user, session, limits::kUserHistoryForServing));
  if (!user.empty()) {
    TRINE_ASSIGN(asked.user, sources.history.GetUser(served.group, user));
  }
  TRINE_ASSIGN(asked.ready, groups.Ready(served.group, served.model));
  TRINE_TRY(deadline.Check("the recommendation"));
  const GroupCore& core = asked.core();
  const TrainedModel* model = asked.model();
  if (model != nullptr) {
    asked.meta = &model->meta();
    asked.blend = model->meta().blend;
    asked.ignored = IgnoredColumns(core.items, model->meta().excluded_columns);
  }
  asked.rules = RuleSource{model != nullptr ? &model->rules() : nullptr,
                           model != nullptr ? &asked.ready.model->items : nullptr,
                           &LiveRulesOf(core.statistics, served.recipe)};
  asked.person = MakePerson(core, asked.meta, asked.events, asked.user ? &*asked.user : nullptr, context,
                            sources.clock.Now());
  return asked;
}

const format::Json* ItemFilter::Attribute(Item item, std::string_view name) {
  const GroupCore& core = asked_.core();
  if (!reader_ || item == kNone || !core.items.InCatalogue(item)) return nullptr;
  if (tested_item_ != item) {
    tested_ = cache_.Get(core.collection, core.items.SeqNoOf(item));
    tested_item_ = item;
  }
  return Read(tested_.get(), name);
}

const format::Json* ItemFilter::Read(const format::Json* source, std::string_view name) {
  if (source == nullptr) return nullptr;
  const catalogue::Mapping* mapping = collection_ == nullptr ? nullptr : &collection_->mapping;
  return catalogue::ReadAttribute(*reader_, mapping, *source, name, &scratch_);
}

Result<ItemTest> ItemFilter::Test(const Filter* filter, const FilterValues& values, Item current) {
  if (filter == nullptr) return ItemTest();
  const GroupCore& core = asked_.core();
  if (core.binding && !reader_) {
    reader_.emplace(*core.binding);
    collection_ = core.Collection();
  }
  FilterSubject subject;
  subject.user = asked_.user ? &*asked_.user : nullptr;
  subject.events = &asked_.events;
  if (current != kNone && reader_ && core.items.InCatalogue(current)) {
    current_ = cache_.Get(core.collection, core.items.SeqNoOf(current));
    subject.current_item = [this](std::string_view name) { return Read(current_.get(), name); };
  }
  TRINE_ASSIGN(auto check, Bind(*filter, values, subject));
  checks_.push_back(std::move(check));
  const FilterCheck* ready = checks_.back().get();
  return ItemTest([this, ready](Item item) {
    return ready->Passes(asked_.core().items.Id(item),
                         [&](std::string_view name) { return Attribute(item, name); });
  });
}

bool ItemFilter::PassesUnknown(std::string_view id) const {
  return checks_.empty() || checks_.front()->Passes(id, [](std::string_view) { return nullptr; });
}

}  // namespace trine::recommend
