// LiveRules: the rules of rules.h, taken event by event and bounded: what answers for pairs that no
// trained model knows.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "recommend/model/item_table.h"
#include "recommend/model/section_file.h"

namespace trine::recommend {

// Not thread-safe while written; const access is.
class LiveRules {
 public:
  static constexpr size_t kMaxNeighbours = 256;     // of one item; past it the weaker half is forgotten
  static constexpr size_t kMaxEntries = 16u << 20;  // of all items: 128 MB

  void Count(Item a) {
    Grow(a);
    SetCount(&rows_[a], rows_[a].count + 1);
  }
  void Add(Item a, Item b, float weight);
  // fn(b, M[a,b]) for every neighbour.
  template <typename F>
  void ForEach(Item a, F&& fn) const {
    if (a >= rows_.size()) return;
    for (const Slot& slot : rows_[a].slots) {
      if (slot.item != kNone) fn(slot.item, slot.weight / (rows_[a].from * ToOf(slot.item) + 10));
    }
  }
  double Find(Item a, Item b) const;  // M[a,b]; 0 when there is no rule

  void Save(uint32_t first_id, SectionWriter* writer) const;  // uses three ids
  static Result<LiveRules> Load(const SectionFile& file, uint32_t first_id, size_t items);

 private:
  struct Slot {
    Item item = kNone;
    float weight = 0;
  };
  struct Row {
    uint32_t count = 0;       // events of the item
    double from = 0, to = 0;  // count^.6, count^.4
    uint32_t used = 0;
    std::vector<Slot> slots;  // open addressing, a power of two, at most 3/4 full
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
  static Slot& Place(std::vector<Slot>& slots, Item item);
  void Resize(Row& row);

  std::vector<Row> rows_;
  size_t entries_ = 0;
};

}  // namespace trine::recommend
