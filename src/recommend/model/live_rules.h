// LiveRules: the rules of rules.h, learnt event by event in bounded memory. They are used for pairs of items
// that the trained model does not contain.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "recommend/model/item_table.h"
#include "recommend/model/section_file.h"

namespace trine::recommend {

// Owned by one Statistics. Const calls are thread-safe while no thread writes; other calls are not.
class LiveRules {
 public:
  static constexpr size_t kMaxNeighbours = 256;     // per item; above it the weaker half is dropped
  static constexpr size_t kMaxEntries = 16u << 20;  // over all items, 128 MB; above it new pairs are ignored

  // Counts one more occurrence of `a`: increments n_a of rules.h.
  void Count(Item a) {
    Grow(a);
    SetCount(&rows_[a], rows_[a].count + 1);
  }
  // Adds `weight` to C[a,b] of rules.h. Does nothing if a equals b.
  void Add(Item a, Item b, float weight);
  // Calls fn(b, M[a,b]) for every neighbour b of a, in no particular order.
  template <typename F>
  void ForEach(Item a, F&& fn) const {
    if (a >= rows_.size()) return;
    for (const Slot& slot : rows_[a].slots) {
      if (slot.item != kNone) fn(slot.item, slot.weight / (rows_[a].from * ToOf(slot.item) + 10));
    }
  }
  double Find(Item a, Item b) const;  // M[a,b]; 0 if there is no rule

  // Writes three sections, first_id to first_id + 2.
  void Save(uint32_t first_id, SectionWriter* writer) const;
  // Returns kCorrupt for invalid data. Item numbers in the file must be below `items`.
  static Result<LiveRules> Load(const SectionFile& file, uint32_t first_id, size_t items);

 private:
  struct Slot {
    Item item = kNone;
    float weight = 0;
  };
  struct Row {
    uint32_t count = 0;       // events of the item
    double from = 0, to = 0;  // count^.6 and count^.4: the factors n_a^.6 and n_b^.4 of rules.h
    uint32_t used = 0;
    std::vector<Slot> slots;  // hash table, open addressing: a power of two, at most 3/4 full
  };
  double ToOf(Item i) const { return i < rows_.size() ? rows_[i].to : 0; }
  static void SetCount(Row* row, uint32_t count) {
    row->count = count;
    row->from = std::pow(count, 0.6);
    row->to = std::pow(count, 0.4);
  }
  void Grow(Item a) {
    if (a >= rows_.size()) rows_.resize(a + 1);
  }
  // Returns the item's slot, or the free slot where it belongs. Requires a table with a free slot.
  static Slot& FindSlot(std::vector<Slot>& slots, Item item);
  void Resize(Row& row);

  std::vector<Row> rows_;
  size_t entries_ = 0;
};

}  // namespace trine::recommend
