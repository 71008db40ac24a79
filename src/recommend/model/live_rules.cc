#include "recommend/model/live_rules.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace trine::recommend {

LiveRules::Slot& LiveRules::FindSlot(std::vector<Slot>& slots, Item item) {
  TRINE_DCHECK(std::has_single_bit(slots.size()));
  const size_t mask = slots.size() - 1;
  size_t at = (item * 2654435761U) & mask;
  while (slots[at].item != kNone && slots[at].item != item) at = (at + 1) & mask;
  return slots[at];
}

// Doubles the number of slots, or drops the weaker half of the neighbours if there are too many.
void LiveRules::Resize(Row& row) {
  std::vector<Slot> kept;
  for (const Slot& slot : row.slots) {
    if (slot.item != kNone) kept.push_back(slot);
  }
  size_t capacity = std::max<size_t>(8, row.slots.size() * 2);
  if (kept.size() >= kMaxNeighbours) {
    const size_t half = kMaxNeighbours / 2;
    std::ranges::nth_element(kept, kept.begin() + half, [](const Slot& a, const Slot& b) {
      return a.weight != b.weight ? a.weight > b.weight : a.item < b.item;
    });
    TRINE_CHECK_GE(entries_, kept.size() - half);
    entries_ -= kept.size() - half;
    kept.resize(half);
    capacity = row.slots.size();
  }
  row.slots.assign(capacity, {});
  row.used = static_cast<uint32_t>(kept.size());
  for (const Slot& slot : kept) FindSlot(row.slots, slot.item) = slot;
}

void LiveRules::Add(Item a, Item b, float weight) {
  if (a == b) return;
  Grow(a);
  Row& row = rows_[a];
  if (row.slots.empty()) Resize(row);
  Slot* slot = &FindSlot(row.slots, b);
  if (slot->item == kNone) {
    if (entries_ >= kMaxEntries) return;
    if (row.used >= kMaxNeighbours || (row.used + 1) * 4 > row.slots.size() * 3) {
      Resize(row);
      slot = &FindSlot(row.slots, b);
    }
    TRINE_DCHECK_LT(row.used, row.slots.size());
    slot->item = b;
    ++row.used;
    ++entries_;
  }
  slot->weight += weight;
}

double LiveRules::Find(Item a, Item b) const {
  if (a >= rows_.size() || rows_[a].slots.empty()) return 0;
  const std::vector<Slot>& slots = rows_[a].slots;
  const size_t mask = slots.size() - 1;
  for (size_t at = (b * 2654435761U) & mask; slots[at].item != kNone; at = (at + 1) & mask) {
    if (slots[at].item != b) continue;
    return slots[at].weight / (rows_[a].from * ToOf(b) + 10);
  }
  return 0;
}

void LiveRules::Save(uint32_t first_id, SectionWriter* writer) const {
  std::vector<uint32_t> counts;
  std::vector<uint32_t> lengths;
  std::vector<Slot> slots;
  for (const Row& row : rows_) {
    counts.push_back(row.count);
    lengths.push_back(row.used);
    for (const Slot& slot : row.slots) {
      if (slot.item != kNone) slots.push_back(slot);
    }
  }
  TRINE_CHECK_EQ(counts.size(), lengths.size());
  writer->AddArray(first_id, counts);
  writer->AddArray(first_id + 1, lengths);
  writer->AddArray(first_id + 2, slots);
}

Result<LiveRules> LiveRules::Load(const SectionFile& file, uint32_t first_id, size_t items) {
  TRINE_ASSIGN(const auto counts, file.Array<uint32_t>(first_id));
  TRINE_ASSIGN(const auto lengths, file.Array<uint32_t>(first_id + 1));
  TRINE_ASSIGN(const auto slots, file.Array<Slot>(first_id + 2));
  if (counts.size() != lengths.size() || counts.size() > items) {
    return SectionFile::Broken("live rules have too many rows, or counts and lengths differ in number");
  }
  LiveRules rules;
  rules.rows_.resize(counts.size());
  size_t at = 0;
  for (size_t a = 0; a < counts.size(); ++a) {
    Row& row = rules.rows_[a];
    SetCount(&row, counts[a]);
    if (lengths[a] > kMaxNeighbours || lengths[a] > slots.size() - at) {
      return SectionFile::Broken("a row of live rules is too long");
    }
    if (lengths[a] == 0) continue;
    size_t capacity = 8;
    while (lengths[a] * 4 > capacity * 3) capacity *= 2;
    row.slots.assign(capacity, {});
    for (uint32_t k = 0; k < lengths[a]; ++k, ++at) {
      if (slots[at].item >= items) return SectionFile::Broken("a live rule refers to an unknown item");
      Slot& slot = FindSlot(row.slots, slots[at].item);
      row.used += slot.item == kNone ? 1 : 0;
      slot = slots[at];
    }
    rules.entries_ += row.used;
  }
  return rules;
}

}  // namespace trine::recommend
