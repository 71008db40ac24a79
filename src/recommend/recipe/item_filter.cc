#include "recommend/recipe/item_filter.h"

#include "catalogue/item_attribute.h"

namespace trine::recommend {

const format::Json* ItemFilter::Attribute(Item item, std::string_view name) {
  const GroupView& group = state_.group;
  if (!reader_ || item == kNone || !group.items().InCatalogue(item)) return nullptr;
  if (tested_item_ != item) {
    tested_ = cache_.Get(group.collection_id(), group.items().SeqNoOf(item));
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
  const GroupView& group = state_.group;
  if (group.binding() && !reader_) {
    reader_.emplace(*group.binding());
    collection_ = group.Collection();
  }
  FilterSubject subject;
  subject.user = state_.user ? &*state_.user : nullptr;
  subject.items = &state_.items;
  subject.items_by_column = state_.items_by_column;
  if (current != kNone && reader_ && group.items().InCatalogue(current)) {
    current_ = cache_.Get(group.collection_id(), group.items().SeqNoOf(current));
    subject.current_item = [this](std::string_view name) { return Read(current_.get(), name); };
  }
  TRINE_ASSIGN(auto check, Bind(*filter, values, subject));
  checks_.push_back(std::move(check));
  const FilterCheck* bound = checks_.back().get();
  return ItemTest([this, bound](Item item) {
    return bound->Passes(state_.group.items().Id(item),
                         [&](std::string_view name) { return Attribute(item, name); });
  });
}

bool ItemFilter::PassesUnknown(std::string_view id) const {
  return checks_.empty() || checks_.front()->Passes(id, [](std::string_view) { return nullptr; });
}

}  // namespace trine::recommend
