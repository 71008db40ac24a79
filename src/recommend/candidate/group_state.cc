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

bool SameBinding(const std::optional<catalogue::Binding>& a, const std::optional<catalogue::Binding>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a ||
         (a->collection == b->collection && a->item_id_field == b->item_id_field && a->fields == b->fields);
}

}  // namespace

bool GroupState::BindingChanged() const {
  if (seen_generation_ == UINT64_MAX || seen_generation_ == dependencies_.catalogue.generation())
    return false;
  const auto now = dependencies_.catalogue.BindingOf(group_);
  // A group's first binding does not count as a change: the state can adopt it without a rebuild.
  return binding_.has_value() && !SameBinding(binding_, now);
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
  if (lifts_.items_version != items_.version()) return false;
  TRINE_DCHECK_GE(statistics_.folded(), lifts_.folded);
  const uint64_t grown = statistics_.folded() - lifts_.folded;
  return grown <= std::max(kLeastLiftGrowth, lifts_.folded / kLiftGrowthShare);
}

void GroupState::FoldOne(const history::Event& event, bool rules) {
  TRINE_DCHECK_GE(event.seq, position_);
  position_ = EventSeq{event.seq.value + 1};
  if (event.unverified) return;  // moves nobody's lists but those of the person that it names
  statistics_.Fold(
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
  const WriterLock lock(mutex_);
  TRINE_TRY(RefreshCounts());
  if (model.empty()) return Ok();
  auto [entry, first] = models_.try_emplace(model);
  LoadedModel& loaded = entry->second;
  if (loaded.model == nullptr) loaded.model = open(model, first);
  if (loaded.model != nullptr) loaded.items.Extend(*loaded.model, items_);
  return Ok();
}

void GroupState::ForgetModel(const std::string& model) {
  const WriterLock lock(mutex_);
  models_.erase(model);
}

bool GroupState::NeedsCheckpoint() const {
  const ReaderLock lock(mutex_);
  return !IsOutdated() && statistics_.folded() != checkpointed_;
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
  items_.SetFeatures(item, ReadItemFeatures(*source, *binding_), record.seq_no.value);
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
  if (name.empty()) return true;
  AssertHeld();
  const auto found = state_->models_.find(name);
  if (found == state_->models_.end()) return false;
  const LoadedModel& loaded = found->second;
  const bool current = loaded.model != nullptr && loaded.items.live_size() == items().size();
  if (!current && !accept_stale) return false;
  model_ = &loaded;
  return true;
}

catalogue::CollectionPtr GroupView::Collection() const {
  return binding() ? state_->dependencies_.catalogue.Get(collection_id()) : nullptr;
}

std::optional<int64_t> GroupView::AvailableSince(Item i) const {
  if (const auto created = items().Created(i)) return created->value;
  const int64_t first = statistics().FirstTime(i);
  if (first != INT64_MAX) return first;
  return std::nullopt;
}

}  // namespace trine::recommend
