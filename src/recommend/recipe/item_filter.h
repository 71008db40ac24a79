// ItemFilter: binds filters to one request and returns them as item tests.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "catalogue/catalogue.h"
#include "format/json.h"
#include "recommend/candidate/record_cache.h"
#include "recommend/rank/filter.h"
#include "recommend/rank/place.h"
#include "recommend/recipe/request_state.h"

namespace trine::recommend {

// Owned by one request. Owns the data that its tests read, so it must outlive them; borrows its arguments.
// Neither it nor its tests are thread-safe.
class ItemFilter {
 public:
  ItemFilter(const RequestState& state, RecordCache& cache) : state_(state), cache_(cache) {}
  // Binds `filter` to the request. `current`: the item the request is about, or kNone. Returns an empty
  // function if `filter` is nullptr. Errors are those of Bind.
  Result<ItemTest> Test(const Filter* filter, const FilterValues& values, Item current);
  // Applies the first bound filter to an id that no item has. Returns true if no filter was bound.
  bool PassesUnknown(std::string_view id) const;

 private:
  const format::Json* Attribute(Item item, std::string_view name);
  const format::Json* Read(const format::Json* source, std::string_view name);
  const RequestState& state_;
  RecordCache& cache_;
  std::optional<catalogue::AttributeReader> reader_;
  std::vector<std::unique_ptr<FilterCheck>> checks_;
  std::shared_ptr<const format::Json> current_, tested_;  // records of the current item and of tested_item_
  Item tested_item_ = kNone;
  catalogue::CollectionPtr collection_;  // the catalogue's collection of items; nullptr: there is none
  format::Json scratch_;                 // the last attribute, if it had to be converted
};

}  // namespace trine::recommend
