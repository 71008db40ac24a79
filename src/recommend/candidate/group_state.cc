#include "recommend/candidate/group_state.h"

#include <algorithm>

#include "base/check.h"
#include "base/mutex.h"

namespace trine::recommend {
namespace {

// If more events than this are to be folded, the time windows are computed once at the end instead of after
// every event.
constexpr uint64_t kBulkEvents = 2000;
// Lifts are rebuilt when the counts have grown by more than a twentieth, and by more than 100: building them
// costs milliseconds, and a few events hardly change them.
constexpr uint64_t kLeastLiftGrowth = 100;
constexpr uint64_t kLiftGrowthShare = 20;
// A selection's counters are read from the log in parts of this many events, so that appends wait for
// milliseconds only.
constexpr uint64_t kEventsPerPart = 10'000;

bool SameBinding(const std::optional<catalogue::Binding>& a, const std::optional<catalogue::Binding>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a ||
         (a->collection == b->collection && a->item_id_field == b->item_id_field && a->fields == b->fields);
}

// Returns whether the lifts need not be rebuilt.
bool LiftsAreCurrent(const Lifts& lifts, const ItemTable& items, const Statistics& statistics) {
  if (lifts.items_version != items.version()) return false;
  TRINE_DCHECK_GE(statistics.folded(), lifts.folded);
  const uint64_t grown = statistics.folded() - lifts.folded;
  return grown <= std::max(kLeastLiftGrowth, lifts.folded / kLiftGrowthShare);
}

}  // namespace

bool GroupState::BindingChanged() const {
  if (seen_generation_ == UINT64_MAX || seen_generation_ == dependencies_.catalogue.generation())
    return false;
  const auto now = dependencies_.catalogue.BindingOf(group_);
  // A group's first binding does not count as a change: the state can adopt it without a rebuild.
  if (!binding_.has_value()) return false;
  if (!SameBinding(binding_, now)) return true;
  const catalogue::CollectionPtr found = dependencies_.catalogue.Get(binding_->collection);
  return found != nullptr && DeclaredOf(*found) != declared_;
}

DeclaredFields GroupState::DeclaredOf(const catalogue::Collection& collection) const {
  catalogue::RoleDeclarations binding;
  if (dependencies_.declared_roles != nullptr) {
    // Without a readable row, names decide.
    if (auto stored = dependencies_.declared_roles->Of(collection.name); stored.ok())
      binding = *std::move(stored);
  }
  return DeclaredFieldsOf(binding, collection.mapping);
}

bool GroupState::IsOutdated() const {
  return epoch_ != dependencies_.history.Epoch(group_) || BindingChanged();
}

bool GroupState::IsFresh() const {
  if (seen_generation_ != dependencies_.catalogue.generation() ||
      position_ < dependencies_.history.NextSeq(group_)) {
    return false;
  }
  if (binding_ && dependencies_.records.NextSeqNo(collection_) > records_position_) return false;
  return LiftsAreCurrent(lifts_, items_, statistics_);
}

void GroupState::FoldOne(const history::Event& event, bool rules) {
  TRINE_DCHECK_GE(event.seq, position_);
  const EventSeq before = position_;
  FoldInto(&statistics_, event, rules);
  position_ = EventSeq{event.seq.value + 1};
  for (const auto& counters : selections_) {
    if (counters->position != before || counters->reading) continue;  // RefreshSelection continues it
    FoldInto(&counters->statistics, event, rules);
    counters->position = position_;
  }
}

void GroupState::FoldInto(Statistics* statistics, const history::Event& event, bool rules) {
  if (event.unverified) return;  // moves nobody's lists but those of the person that it names
  statistics->Fold(
      event, dependencies_.clock.Now(), rules,
      [&](std::string_view user) -> Statistics::UserAttributes {
        const auto found = dependencies_.history.GetUser(group_, user);
        if (!found.ok() || !found->has_value()) return {};
        return ReadUserAttributes((*found)->attributes, Statistics::kMaxUserAttributes);
      },
      &items_);
}

void GroupState::FoldAppended(const std::vector<history::Event>& events) {
  const WriterLock lock(mutex_);
  for (const history::Event& event : events) {
    if (event.seq >= position_) FoldOne(event, true);
  }
}

Status GroupState::FoldTail(bool bulk) {
  const EventSeq end = dependencies_.history.NextSeq(group_);
  if (position_ >= end) return Ok();
  const uint64_t rules_from = end.value > kEventsWithRules ? end.value - kEventsWithRules : 0;
  if (bulk) statistics_.BeginBulk();
  const Status scanned = dependencies_.history.Scan(
      group_, position_, [&](const history::Event& event) TRINE_REQUIRES(mutex_) -> Result<bool> {
        FoldOne(event, event.seq.value >= rules_from);
        return true;
      });
  if (bulk) statistics_.EndBulk();
  TRINE_TRY(scanned);
  // Skip the numbers of invisible events, which belong to an import that is not published yet.
  for (const auto& counters : selections_) {
    if (counters->position == position_ && !counters->reading) counters->position = std::max(position_, end);
  }
  position_ = std::max(position_, end);
  return Ok();
}

Result<uint64_t> GroupState::CatchUp() {
  const WriterLock lock(mutex_);
  const uint64_t before = statistics_.folded();
  if (before == 0) {
    epoch_ = dependencies_.history.Epoch(group_);
    TRINE_TRY(FoldTail(true));
  }
  TRINE_TRY(RefreshCounts());
  TRINE_CHECK_GE(statistics_.folded(), before);
  return statistics_.folded() - before;
}

Status GroupState::RefreshCounts() {
  TRINE_TRY(FoldTail(dependencies_.history.NextSeq(group_).value > position_.value + kBulkEvents));
  TRINE_TRY(RefreshItems());
  if (!IsFresh()) lifts_ = Lifts::Build(items_, statistics_);
  return Ok();
}

Status GroupState::Refresh(const std::string& model, const ModelOpener& open) {
  for (bool done = false; !done;) {
    const WriterLock lock(mutex_);
    TRINE_TRY(RefreshCounts());
    if (model.empty()) return Ok();
    auto [entry, first] = models_.try_emplace(model);
    LoadedModel& loaded = entry->second;
    if (loaded.model == nullptr) {
      loaded.model = open(model, first);
      if (loaded.model == nullptr) return Ok();
      const ModelMeta& meta = loaded.model->meta();
      if (meta.events != RecipeSelection(meta.recipe)) loaded.selection = meta.events;
    }
    loaded.items.Extend(*loaded.model, items_);
    if (!loaded.selection) return Ok();
    TRINE_ASSIGN(done, RefreshSelection(*loaded.selection));
  }
  return Ok();
}

const SelectedCounters* GroupState::FindCounters(const EventSelection& selection) const {
  const auto found = std::ranges::find_if(
      selections_, [&](const auto& counters) { return counters->selection == selection; });
  return found == selections_.end() ? nullptr : found->get();
}

SelectedCounters& GroupState::CountersOf(const EventSelection& selection) {
  const auto found = std::ranges::find_if(
      selections_, [&](const auto& counters) { return counters->selection == selection; });
  if (found != selections_.end()) return **found;
  if (selections_.size() >= kMaxSelections) {
    selections_.erase(
        std::ranges::min_element(selections_, {}, [](const auto& counters) { return counters->last_use; }));
  }
  SelectedCounters& made = *selections_.emplace_back(std::make_unique<SelectedCounters>(selection));
  made.statistics.BeginBulk();
  made.reading = true;
  return made;
}

Result<bool> GroupState::RefreshSelection(const EventSelection& selection) {
  SelectedCounters& counters = CountersOf(selection);
  counters.last_use = ++selection_uses_;
  const uint64_t rules_from = position_.value > kEventsWithRules ? position_.value - kEventsWithRules : 0;
  uint64_t read = 0;
  if (counters.position < position_) {
    const Status scanned = dependencies_.history.Scan(
        group_, counters.position, [&](const history::Event& event) TRINE_REQUIRES(mutex_) -> Result<bool> {
          if (event.seq >= position_ || read == kEventsPerPart) return false;
          FoldInto(&counters.statistics, event, event.seq.value >= rules_from);
          counters.position = EventSeq{event.seq.value + 1};
          ++read;
          return true;
        });
    TRINE_TRY(scanned);
    if (read == kEventsPerPart) return false;
    counters.position = position_;  // skips the numbers of invisible events
  }
  if (counters.reading) counters.statistics.EndBulk();
  counters.reading = false;
  if (!LiftsAreCurrent(counters.lifts, items_, counters.statistics))
    counters.lifts = Lifts::Build(items_, counters.statistics);
  return true;
}

void GroupState::ForgetModel(const std::string& model) {
  const WriterLock lock(mutex_);
  models_.erase(model);
  std::erase_if(selections_, [&](const auto& counters) {
    return std::ranges::none_of(
        models_, [&](const auto& entry) { return entry.second.selection == counters->selection; });
  });
}

bool GroupState::NeedsCheckpoint() const {
  const ReaderLock lock(mutex_);
  return !IsOutdated() &&
         (statistics_.folded() != checkpointed_ || CompleteSelections() != checkpointed_selections_);
}

size_t GroupState::CompleteSelections() const {
  return static_cast<size_t>(
      std::ranges::count_if(selections_, [](const auto& counters) { return !counters->reading; }));
}

Status GroupState::RefreshItems() {
  if (seen_generation_ != dependencies_.catalogue.generation()) {
    seen_generation_ = dependencies_.catalogue.generation();
    if (!binding_) binding_ = dependencies_.catalogue.BindingOf(group_);
    const catalogue::CollectionPtr found =
        binding_ ? dependencies_.catalogue.Get(binding_->collection) : nullptr;
    if (found == nullptr) {
      binding_.reset();
    } else {
      // A later change of what is declared makes the state outdated: records that were read before would have
      // other features than those that are read afterwards.
      if (items_.catalogue_size() == 0 && records_position_ == SeqNo{}) {
        declared_ = DeclaredOf(*found);
        column_uses_ = ColumnUses(declared_);
      }
      collection_ = found->id;
    }
  }
  if (!binding_) {
    uncatalogued_candidates_ = true;
    return Ok();
  }
  const SeqNo end = dependencies_.records.NextSeqNo(collection_);
  if (end <= records_position_) return Ok();
  const catalogue::AttributeReader reader(*binding_);
  const Status scanned =
      dependencies_.records.Scan(collection_, records_position_,
                                 [&](const catalogue::Record& record) TRINE_REQUIRES(mutex_) -> Result<bool> {
                                   if (record.seq_no >= end) return false;
                                   ApplyRecord(record, reader);
                                   return true;
                                 });
  TRINE_TRY(scanned);
  records_position_ = end;
  items_.Compact();
  UpdateCandidatePolicy();
  return Ok();
}

void GroupState::ApplyRecord(const catalogue::Record& record, const catalogue::AttributeReader& reader) {
  TRINE_DCHECK(binding_.has_value());
  const bool by_field = !binding_->item_id_field.empty();
  const auto before = by_field ? record_items_.find(record.id) : record_items_.end();
  if (record.deleted) {
    const Item item =
        by_field ? (before == record_items_.end() ? kNone : before->second) : items_.Find(record.id);
    if (item != kNone) items_.Remove(item);
    return;
  }
  const auto source = format::ParseJson(record.source);
  if (!source.ok()) return;
  const Item item = items_.Intern(reader.ItemId(*source, record.id));
  if (before != record_items_.end() && before->second != item) items_.Remove(before->second);
  if (by_field) record_items_[record.id] = item;
  items_.SetFeatures(item, ReadItemFeatures(*source, *binding_, &column_uses_), record.seq_no.value);
}

// Items known only from events are candidates while the catalogue contains less than half of the items that
// people use, because such a catalogue is incomplete. Otherwise, an item outside the catalogue is assumed to
// be no longer sold.
void GroupState::UpdateCandidatePolicy() {
  size_t used = 0, known = 0;
  for (Item i = 0; i < items_.size(); ++i) {
    if (statistics_.Events(i) == 0) continue;
    ++used;
    known += items_.InCatalogue(i) ? 1 : 0;
  }
  uncatalogued_candidates_ = items_.catalogue_size() == 0 || known * 2 < used;
}

bool GroupState::IsCandidate(Item i) const {
  TRINE_DCHECK_LT(i, items_.size());
  return items_.InCatalogue(i) ||
         (uncatalogued_candidates_ && !items_.Removed(i) && statistics_.Events(i) > 0);
}

bool GroupView::SelectModel(const std::string& name, bool accept_stale) {
  model_ = nullptr;
  counters_ = nullptr;
  if (name.empty()) return true;
  AssertHeld();
  const auto found = state_->models_.find(name);
  if (found == state_->models_.end()) return false;
  const LoadedModel& loaded = found->second;
  bool current = loaded.model != nullptr && loaded.items.live_size() == items().size();
  if (loaded.selection) {
    // The counters of all events would be a wrong answer, not a stale one.
    const SelectedCounters* counters = state_->FindCounters(*loaded.selection);
    if (counters == nullptr || counters->reading) return false;
    current = current && counters->position >= state_->position_ &&
              LiftsAreCurrent(counters->lifts, items(), counters->statistics);
    counters_ = counters;
  }
  if (!current && !accept_stale) {
    counters_ = nullptr;
    return false;
  }
  model_ = &loaded;
  return true;
}

catalogue::CollectionPtr GroupView::Collection() const {
  return binding() ? state_->dependencies_.catalogue.Get(collection_id()) : nullptr;
}

std::optional<int64_t> GroupView::AvailableSince(Item i) const {
  if (const auto created = items().Created(i)) return created->value;
  const int64_t first = all_statistics().FirstTime(i);
  if (first != INT64_MAX) return first;
  return std::nullopt;
}

}  // namespace trine::recommend
