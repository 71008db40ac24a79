// GroupCore: what is known of one group at this moment: its items, its counts, its models' numbers.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/log.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "history/history.h"
#include "recommend/candidate/fair_shared_mutex.h"
#include "recommend/model/item_table.h"
#include "recommend/model/lifts.h"
#include "recommend/model/statistics.h"
#include "recommend/model/trained_model.h"

namespace trine::recommend {

struct LoadedModel {
  std::shared_ptr<const TrainedModel> model;  // nullptr: it cannot be read
  ModelItems items;
};

// Where everything of a group comes from. Outlives the cores.
struct Sources {
  history::History& history;
  const catalogue::Catalogue& catalogue;
  const catalogue::RecordStore& records;
  const Clock& clock;
  Log& log;
};

// Members are read under a shared lock of `mutex` and changed under a unique one.
class GroupCore {
 public:
  static constexpr uint64_t kEventsWithRules = 100'000;  // newest events that a refold takes live rules from

  GroupCore(const Sources& sources, GroupId group) : sources_(sources), group_(group) {}

  // True when everything that is visible now has been taken in.
  bool Fresh() const;
  // Takes in what is new: events past the position, changed records, then what is derived. kIo and
  // kCorrupt from the stores.
  Status Refresh();
  // Folds events that were just appended; those already in are passed over.
  void Take(const std::vector<history::Event>& events);
  // Reads the whole log anew.
  Status FoldAll();
  // The epoch of the log changed: counts must be made anew, in another core.
  bool Outdated() const { return epoch_ != sources_.history.Epoch(group_) || BindingChanged(); }

  std::string Save() const;  // a checkpoint file's bytes
  Status Load(
      const SectionFile& file);  // into a new core; kCorrupt, or kConflict when it is of another epoch
  static constexpr uint32_t kFileKind = 0x52544e43;  // "CNTR"

  mutable FairSharedMutex mutex;
  ItemTable items;
  Statistics statistics;
  Lifts lifts;
  std::map<std::string, LoadedModel> models;
  std::optional<catalogue::Binding> binding;  // of the items; nullopt: known from events only
  CollectionId collection;
  uint64_t checkpointed = 0;  // folded events at the last checkpoint

  GroupId group() const { return group_; }
  // The items' collection as it is now; nullptr: none.
  catalogue::CollectionPtr Collection() const {
    return binding ? sources_.catalogue.Get(collection) : nullptr;
  }
  EventSeq position() const { return position_; }
  // May the item be recommended: in the catalogue, or used by people where the catalogue is not the
  // shop's whole range.
  bool IsCandidate(Item i) const {
    return items.InCatalogue(i) || (used_items_too_ && !items.Removed(i) && statistics.Events(i) > 0);
  }
  std::optional<int64_t> BornAt(Item i) const;  // ms; nullopt: never seen, which is new

 private:
  bool BindingChanged() const;
  Status FoldTail(bool bulk);
  void FoldOne(const history::Event& event, bool rules);
  Status RefreshItems();
  void TakeRecord(const catalogue::Record& record, const catalogue::AttributeReader& reader);
  void DecideUsedItems();

  const Sources sources_;
  const GroupId group_;
  uint64_t epoch_ = 0;
  EventSeq position_{1};  // the next event to fold
  uint64_t seen_generation_ = UINT64_MAX;
  SeqNo records_position_;
  std::unordered_map<std::string, Item, StringHash, std::equal_to<>> record_items_;  // when bound by a field
  bool used_items_too_ = true;
};

}  // namespace trine::recommend
