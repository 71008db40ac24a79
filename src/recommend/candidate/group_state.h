// GroupState: the live state of one dataset group (items, counts, lifts, models), and GroupView, the only
// way to read it.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/task_health.h"
#include "catalogue/catalogue.h"
#include "catalogue/declared_roles.h"
#include "catalogue/record_store.h"
#include "history/history.h"
#include "recommend/candidate/fair_shared_mutex.h"
#include "recommend/model/item_table.h"
#include "recommend/model/lifts.h"
#include "recommend/model/statistics.h"
#include "recommend/model/trained_model.h"

namespace trine::recommend {

// The finding that a checkpoint counts the events of a group before `counted`, but only those before `stored`
// are stored.
std::string LostEvents(GroupId group, EventSeq counted, EventSeq stored);

// A trained model, and the mapping between its items and the items of one group.
struct LoadedModel {
  std::shared_ptr<const TrainedModel> model;  // nullptr: the file is missing or cannot be read
  ModelItems items;                           // maps the model's items to the group's and back
  // The events that count, if the settings of the model's solution restrict them further than its recipe.
  std::optional<EventSelection> selection;
};

// The counters of the events that one selection counts.
struct SelectedCounters {
  SelectedCounters(const EventSelection& chosen, Statistics loaded)
      : selection(chosen), statistics(std::move(loaded)) {}
  explicit SelectedCounters(const EventSelection& chosen) : selection(chosen), statistics(chosen) {}
  const EventSelection selection;
  Statistics statistics;
  Lifts lifts;
  EventSeq position{1};   // the next event of the log to fold
  bool reading = false;   // whether `statistics` is in a series of BeginBulk
  uint64_t last_use = 0;  // see GroupState::selection_uses_
};

// The stores and services of the recommender. All of them must outlive every object that gets this struct.
struct RecommenderDependencies {
  history::History& history;
  const catalogue::Catalogue& catalogue;
  const catalogue::RecordStore& records;
  const Clock& clock;
  Log& log;
  const catalogue::DeclaredRoles* declared_roles = nullptr;  // nullptr: bindings declare no roles
  TaskHealth* tasks = nullptr;                               // nullptr: lost models are only logged
};

// Owned by GroupRegistry; a request keeps it alive through its GroupView. Thread-safe.
//
// One lock, `mutex_`, guards everything declared below it. It is private: each public method takes it, and
// readers go through GroupView, which holds it shared. Lock order: the registry's locks are taken before it,
// and the locks inside History, Catalogue, RecordStore and Directory after it. A thread that holds a
// GroupView must not call a method of the same state. History calls FoldAppended while other appends to the
// group wait for their turn, so nothing that runs under the lock may append events.
class GroupState {
 public:
  // When the log is read again, live rules are learnt from at most this many of the newest events. Older
  // events would cost time, and the trained model already contains them.
  static constexpr uint64_t kEventsWithRules = 100'000;
  // A selection's counters are as large as the group's; when there are more, those used least recently are
  // dropped, and read from the log again when they are needed.
  static constexpr size_t kMaxSelections = 8;
  static constexpr uint32_t kFileKind = 0x52544e43;  // "CNTR", the kind of a checkpoint's section file

  // Opens the file of a model. `first`: this is the first attempt, so a failure is logged.
  using ModelOpener = std::function<std::shared_ptr<const TrainedModel>(const std::string& name, bool first)>;

  // An encoded checkpoint, how many events it counts, and how many selections have their counters in it.
  struct Checkpoint {
    std::string bytes;
    uint64_t folded = 0;
    size_t selections = 0;
  };

  GroupState(const RecommenderDependencies& dependencies, GroupId group)
      : dependencies_(dependencies), group_(group) {}

  GroupId group() const { return group_; }

  // Brings a new state up to date: from its loaded checkpoint if it has one, else by reading the whole log.
  // Returns how many events were folded. kIo and kCorrupt come from the stores.
  Result<uint64_t> CatchUp();
  // Processes everything that became visible since the last call (events, changed records), rebuilds the
  // derived data, and opens or extends `model` (empty: none) with the counters of its selection. The first
  // call for a selection that the checkpoint lacks reads the whole log, in parts between which others may
  // take the lock. On an error
  // the progress so far is kept, and the next call continues from there.
  Status Refresh(const std::string& model, const ModelOpener& open);
  // Folds events that were just appended to the log. Events that are already counted are skipped.
  void FoldAppended(const std::vector<history::Event>& events);
  // Makes the next request open the model's file again, and drops counters that no other model uses. A model
  // that was never opened is not an error.
  void ForgetModel(const std::string& model);

  // Requires a new state. Returns kCorrupt, or kConflict if the checkpoint belongs to another epoch of the
  // log, as is usual after an import or an erasure, or if it has counted events from `limit` on: then the log
  // is older than the checkpoint, which is reported as missing writes. After an error the state is partly
  // filled and must be discarded.
  Status Load(const SectionFile& file, EventSeq limit);
  // The group of a checkpoint and the next event that it has not counted. kCorrupt without a valid header.
  static Result<std::pair<GroupId, EventSeq>> ReadEnd(const SectionFile& file);
  Checkpoint Save() const;
  // Returns true if the counts have changed since the last checkpoint; false for an outdated state.
  bool NeedsCheckpoint() const;
  // Records that a checkpoint is on disk.
  void MarkCheckpointed(const Checkpoint& checkpoint) {
    checkpointed_ = checkpoint.folded;
    checkpointed_selections_ = checkpoint.selections;
  }

 private:
  friend class GroupView;

  size_t CompleteSelections() const TRINE_REQUIRES_SHARED(mutex_);
  Status LoadSelection(const SectionFile& file, uint32_t id) TRINE_REQUIRES(mutex_);
  bool IsFresh() const TRINE_REQUIRES_SHARED(mutex_);
  bool IsOutdated() const TRINE_REQUIRES_SHARED(mutex_);
  bool BindingChanged() const TRINE_REQUIRES_SHARED(mutex_);
  bool IsCandidate(Item i) const TRINE_REQUIRES_SHARED(mutex_);
  Status RefreshCounts() TRINE_REQUIRES(mutex_);
  // Folds the next part of the log into the counters of a selection. Returns whether they are up to date.
  Result<bool> RefreshSelection(const EventSelection& selection) TRINE_REQUIRES(mutex_);
  SelectedCounters& CountersOf(const EventSelection& selection) TRINE_REQUIRES(mutex_);
  const SelectedCounters* FindCounters(const EventSelection& selection) const TRINE_REQUIRES_SHARED(mutex_);
  void FoldInto(Statistics* statistics, const history::Event& event, bool rules) TRINE_REQUIRES(mutex_);
  Status FoldTail(bool bulk) TRINE_REQUIRES(mutex_);
  void FoldOne(const history::Event& event, bool rules) TRINE_REQUIRES(mutex_);
  // The present declarations of the binding and the mapping of a collection.
  DeclaredFields DeclaredOf(const catalogue::Collection& collection) const;
  Status RefreshItems() TRINE_REQUIRES(mutex_);
  void ApplyRecord(const catalogue::Record& record, const catalogue::AttributeReader& reader)
      TRINE_REQUIRES(mutex_);
  void UpdateCandidatePolicy() TRINE_REQUIRES(mutex_);

  const RecommenderDependencies dependencies_;
  const GroupId group_;
  std::atomic<uint64_t> checkpointed_ = 0;           // events in the last checkpoint
  std::atomic<size_t> checkpointed_selections_ = 0;  // in the last checkpoint

  mutable FairSharedMutex mutex_;
  ItemTable items_ TRINE_GUARDED_BY(mutex_);
  Statistics statistics_ TRINE_GUARDED_BY(mutex_);
  Lifts lifts_ TRINE_GUARDED_BY(mutex_);
  std::map<std::string, LoadedModel> models_ TRINE_GUARDED_BY(mutex_);
  // Few, so they are searched one by one.
  std::vector<std::unique_ptr<SelectedCounters>> selections_ TRINE_GUARDED_BY(mutex_);
  uint64_t selection_uses_ TRINE_GUARDED_BY(mutex_) = 0;  // counts the refreshes of selections
  // Binds records to items; nullopt: items are known from events only.
  std::optional<catalogue::Binding> binding_ TRINE_GUARDED_BY(mutex_);
  CollectionId collection_ TRINE_GUARDED_BY(mutex_);  // the binding's collection
  ColumnUses column_uses_ TRINE_GUARDED_BY(mutex_);
  DeclaredFields declared_ TRINE_GUARDED_BY(mutex_);  // of the binding and the mapping of `collection_`
  uint64_t epoch_ TRINE_GUARDED_BY(mutex_) = 0;       // the epoch of the log that was read
  EventSeq position_ TRINE_GUARDED_BY(mutex_){1};     // the next event to fold
  // The catalogue generation that was last read; UINT64_MAX: none yet.
  uint64_t seen_generation_ TRINE_GUARDED_BY(mutex_) = UINT64_MAX;
  SeqNo records_position_ TRINE_GUARDED_BY(mutex_);  // the next record to read
  // Maps each record id to its item. Used only if the binding takes item ids from a field of the record,
  // because otherwise the record id is the item id.
  std::unordered_map<std::string, Item, StringHash, std::equal_to<>> record_items_ TRINE_GUARDED_BY(mutex_);
  // Whether items that are not in the catalogue may be recommended.
  bool uncatalogued_candidates_ TRINE_GUARDED_BY(mutex_) = true;
};

// A consistent view of a GroupState. It holds the shared lock as long as it lives, so keep it for one request
// and no longer. Movable; used by one thread at a time.
class GroupView {
 public:
  GroupView() = default;
  // Waits for the shared lock.
  explicit GroupView(std::shared_ptr<const GroupState> state)
      : state_(std::move(state)), lock_(state_->mutex_) {}
  GroupView(GroupView&&) noexcept = default;
  // Unlocks the previous state before releasing it, because this view may hold the last reference to it.
  GroupView& operator=(GroupView&& other) noexcept {
    lock_ = std::move(other.lock_);
    state_ = std::move(other.state_);
    model_ = other.model_;
    counters_ = other.counters_;
    return *this;
  }

  // Returns true if the state includes everything that is visible now. The lifts may lag slightly behind the
  // counts.
  bool IsFresh() const {
    AssertHeld();
    return state_->IsFresh();
  }
  // Returns true if the log's epoch or the binding has changed. The counts can then not be brought up to
  // date, and a new state must be built.
  bool IsOutdated() const {
    AssertHeld();
    return state_->IsOutdated();
  }
  // Selects the model that model() returns. Returns false if it was not opened yet, if the counters of its
  // selection are not complete, or, unless `accept_stale`, if it could not be read or it or its counters do
  // not cover the newest items and events. An empty name selects no model and succeeds.
  bool SelectModel(const std::string& name, bool accept_stale);

  const LoadedModel* model() const { return model_; }  // nullptr if no model is selected
  const ItemTable& items() const {
    AssertHeld();
    return state_->items_;
  }
  // The counters of the events that count for the selected model, or of all events if its solution restricts
  // nothing.
  const Statistics& statistics() const {
    AssertHeld();
    return counters_ != nullptr ? counters_->statistics : state_->statistics_;
  }
  const Statistics& all_statistics() const {
    AssertHeld();
    return state_->statistics_;
  }
  // The events that statistics() counts; nullptr: all.
  const EventSelection* selection() const { return counters_ != nullptr ? &counters_->selection : nullptr; }
  const Lifts& lifts() const {
    AssertHeld();
    return counters_ != nullptr ? counters_->lifts : state_->lifts_;
  }
  const std::optional<catalogue::Binding>& binding() const {
    AssertHeld();
    return state_->binding_;
  }
  // Meaningful only if there is a binding.
  CollectionId collection_id() const {
    AssertHeld();
    return state_->collection_;
  }
  // The current version of the items' collection; nullptr if there is none.
  catalogue::CollectionPtr Collection() const;
  // Returns true if the item may be recommended: it is in the catalogue, or people used it and the catalogue
  // does not contain the shop's whole range.
  bool IsCandidate(Item i) const {
    AssertHeld();
    return state_->IsCandidate(i);
  }
  // When the item was created, or else the time of its first event, in milliseconds since the epoch. nullopt
  // if neither is known: the item is new.
  std::optional<int64_t> AvailableSince(Item i) const;

 private:
  // Thread safety analysis cannot follow a lock that is moved, so every access asserts that it is held.
  void AssertHeld() const TRINE_ASSERT_SHARED_CAPABILITY(state_->mutex_) { TRINE_DCHECK(lock_.owns_lock()); }

  std::shared_ptr<const GroupState> state_;
  std::shared_lock<FairSharedMutex> lock_;
  const LoadedModel* model_ = nullptr;
  const SelectedCounters* counters_ = nullptr;  // nullptr: those of all events
};

}  // namespace trine::recommend
