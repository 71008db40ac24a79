#include "recommend/candidate/group_core.h"

#include <algorithm>

namespace trine::recommend {
namespace {

constexpr uint64_t kBulkEvents = 2000;  // from so many on, windows are counted at the end

bool SameBinding(const std::optional<catalogue::Binding>& a, const std::optional<catalogue::Binding>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a ||
         (a->collection == b->collection && a->item_id_field == b->item_id_field && a->fields == b->fields);
}

}  // namespace

bool GroupCore::BindingChanged() const {
  if (seen_generation_ == UINT64_MAX || seen_generation_ == sources_.catalogue.generation()) return false;
  const auto now = sources_.catalogue.BindingOf(group_);
  // A group that had no items yet takes its first binding in without starting again.
  return binding.has_value() && !SameBinding(binding, now);
}

bool GroupCore::Fresh() const {
  if (seen_generation_ != sources_.catalogue.generation() || position_ < sources_.history.NextSeq(group_))
    return false;
  if (binding && sources_.records.NextSeqNo(collection) > records_position_) return false;
  if (lifts.items_version != items.version()) return false;
  const uint64_t grown = statistics.folded() - lifts.folded;
  return grown <= std::max<uint64_t>(100, lifts.folded / 20);
}

void GroupCore::FoldOne(const history::Event& event, bool rules) {
  statistics.Fold(
      event, sources_.clock.Now(), rules,
      [&](std::string_view user) -> Statistics::Facts {
        const auto found = sources_.history.GetUser(group_, user);
        if (!found.ok() || !found->has_value()) return {};
        return ReadUserFacts((*found)->attributes, Statistics::kMaxUserFacts);
      },
      &items);
  position_ = EventSeq{event.seq.value + 1};
}

void GroupCore::Take(const std::vector<history::Event>& events) {
  for (const history::Event& event : events) {
    if (event.seq >= position_) FoldOne(event, true);
  }
}

Status GroupCore::FoldTail(bool bulk) {
  const EventSeq end = sources_.history.NextSeq(group_);
  if (position_ >= end) return Ok();
  const uint64_t rules_from = end.value > kEventsWithRules ? end.value - kEventsWithRules : 0;
  if (bulk) statistics.BeginBulk();
  const Status scanned =
      sources_.history.Scan(group_, position_, [&](const history::Event& event) -> Result<bool> {
        FoldOne(event, event.seq.value >= rules_from);
        return true;
      });
  if (bulk) statistics.EndBulk();
  TRINE_TRY(scanned);
  // Numbers of events that are not visible (an open import) are passed over.
  position_ = std::max(position_, end);
  return Ok();
}

Status GroupCore::FoldAll() {
  epoch_ = sources_.history.Epoch(group_);
  TRINE_TRY(FoldTail(true));
  return Refresh();
}

Status GroupCore::Refresh() {
  TRINE_TRY(FoldTail(sources_.history.NextSeq(group_).value > position_.value + kBulkEvents));
  TRINE_TRY(RefreshItems());
  if (!Fresh()) lifts = Lifts::Build(items, statistics);
  return Ok();
}

Status GroupCore::RefreshItems() {
  if (seen_generation_ != sources_.catalogue.generation()) {
    seen_generation_ = sources_.catalogue.generation();
    if (!binding) binding = sources_.catalogue.BindingOf(group_);
    const catalogue::CollectionPtr found = binding ? sources_.catalogue.Get(binding->collection) : nullptr;
    if (found == nullptr) {
      binding.reset();
    } else {
      collection = found->id;
    }
  }
  if (!binding) {
    used_items_too_ = true;
    return Ok();
  }
  const SeqNo end = sources_.records.NextSeqNo(collection);
  if (end <= records_position_) return Ok();
  const catalogue::AttributeReader reader(*binding);
  const Status scanned = sources_.records.Scan(collection, records_position_,
                                               [&](const catalogue::Record& record) -> Result<bool> {
                                                 if (record.seq_no >= end) return false;
                                                 TakeRecord(record, reader);
                                                 return true;
                                               });
  TRINE_TRY(scanned);
  records_position_ = end;
  items.Settle();
  DecideUsedItems();
  return Ok();
}

void GroupCore::TakeRecord(const catalogue::Record& record, const catalogue::AttributeReader& reader) {
  const bool by_field = !binding->item_id_field.empty();
  const auto before = by_field ? record_items_.find(record.id) : record_items_.end();
  if (record.deleted) {
    const Item item =
        by_field ? (before == record_items_.end() ? kNone : before->second) : items.Find(record.id);
    if (item != kNone) items.Remove(item);
    return;
  }
  const auto source = format::ParseJson(record.source);
  if (!source.ok()) return;
  const Item item = items.Intern(reader.ItemId(*source, record.id));
  if (before != record_items_.end() && before->second != item) items.Remove(before->second);
  if (by_field) record_items_[record.id] = item;
  items.SetFacts(item, ReadItemFacts(*source, *binding), record.seq_no.value);
}

// Items known from events alone are candidates while the catalogue holds less than half of what
// people use: then it is a sketch. Else what it does not hold is no longer sold.
void GroupCore::DecideUsedItems() {
  size_t used = 0, known = 0;
  for (Item i = 0; i < items.size(); ++i) {
    if (statistics.Events(i) == 0) continue;
    ++used;
    known += items.InCatalogue(i) ? 1 : 0;
  }
  used_items_too_ = items.catalogue_size() == 0 || known * 2 < used;
}

std::optional<int64_t> GroupCore::BornAt(Item i) const {
  if (const auto created = items.Created(i)) return created->value;
  const int64_t first = statistics.FirstTime(i);
  if (first != INT64_MAX) return first;
  return std::nullopt;
}

}  // namespace trine::recommend
