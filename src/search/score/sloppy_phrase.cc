// Sloppy phrase frequency.
//
// Problem: "light chair" with slop 2 should match "light camping chair" less than "light chair". Shift the
// positions of each slot by the offset of the slot in the phrase. In an exact match, all slots then have the
// same shifted position; the distance of any match is the largest shifted position minus the smallest. Sweep:
// hold one position per slot, and always move the slot with the smallest shifted position. The distance just
// before that slot passes the second smallest position is a local minimum. If this distance is at most the
// slop, 1 / (1 + distance) is added to the frequency.
//
// Example: phrase (light 0, chair 1), row "light camping chair" -> shifted light {0}, chair {1}: distance 1,
// weight 1/2.
//
// Repeats ("new new york"): slots that share a term must not match the same position. Whenever two of them
// do, the slot with the smaller shifted position moves on. If the shifted positions are equal, the slot with
// the smaller offset moves on.
//
// Ties and the order of moves decide which of several overlapping matches are found. They follow Lucene's
// SloppyPhraseMatcher, whose scores must be reproduced: a complete search would find more matches.
#include <algorithm>
#include <limits>
#include <numeric>

#include "base/check.h"
#include "search/score/phrase.h"

namespace trine::search {
namespace {

// The current position of one slot.
struct PhrasePositions {
  const std::vector<uint32_t>* positions;
  int64_t offset = 0;
  size_t at = 0;
  int64_t position = 0;  // shifted: positions[at] - offset
  size_t order = 0;      // index of the slot in the phrase
  int group = -1;        // index of its group (slots that share terms); -1: none
  size_t in_group = 0;   // index in its group, by offset
  bool one_term = true;

  int64_t unshifted() const { return position + offset; }
  void First() {
    at = 0;
    position = static_cast<int64_t>((*positions)[0]) - offset;
  }
  bool Next() {
    if (++at >= positions->size()) return false;
    position = static_cast<int64_t>((*positions)[at]) - offset;
    return true;
  }
};

bool Before(const PhrasePositions* a, const PhrasePositions* b) {
  if (a->position != b->position) return a->position < b->position;
  if (a->offset != b->offset) return a->offset < b->offset;
  return a->order < b->order;
}

class SloppyPhraseMatcher {
 public:
  SloppyPhraseMatcher(const std::vector<SlotOccurrences>& slots, int64_t slop) : slop_(slop) {
    TRINE_DCHECK_GE(slots.size(), 2u);  // so that the queue still contains a slot after one is popped
    slots_.reserve(slots.size());
    for (const SlotOccurrences& p : slots) {
      PhrasePositions slot{p.positions};
      slot.offset = p.offset;
      slot.order = slots_.size();
      slot.one_term = p.terms->size() <= 1;
      slots_.push_back(slot);
    }
    Group(slots);
  }

  float Frequency() {
    float sum = 0;
    if (!Start()) return 0;
    while (NextMatch()) sum += 1.0f / (1.0f + static_cast<float>(distance_));
    return sum;
  }

 private:
  // Slots that share a term, directly or through others, form a group.
  void Group(const std::vector<SlotOccurrences>& slots) {
    std::vector<size_t> root(slots.size());
    std::iota(root.begin(), root.end(), size_t{0});
    auto find = [&](size_t i) {
      while (root[i] != i) i = root[i];
      return i;
    };
    std::vector<bool> repeats(slots.size(), false);
    for (size_t i = 0; i < slots.size(); ++i) {
      for (size_t j = i + 1; j < slots.size(); ++j) {
        if (!Share(*slots[i].terms, *slots[j].terms)) continue;
        repeats[i] = repeats[j] = true;
        root[find(j)] = find(i);
      }
    }
    std::vector<int> group_of(slots.size(), -1);
    for (size_t i = 0; i < slots.size(); ++i) {
      if (!repeats[i]) continue;
      int& group = group_of[find(i)];
      if (group < 0) {
        group = static_cast<int>(groups_.size());
        groups_.emplace_back();
      }
      slots_[i].group = group;
      groups_[static_cast<size_t>(group)].push_back(&slots_[i]);
      several_terms_ |= !slots_[i].one_term;
    }
    for (auto& group : groups_) {
      std::stable_sort(group.begin(), group.end(),
                       [](PhrasePositions* a, PhrasePositions* b) { return a->offset < b->offset; });
      for (size_t i = 0; i < group.size(); ++i) group[i]->in_group = i;
    }
  }
  static bool Share(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) {
    return std::find_first_of(a.begin(), a.end(), b.begin(), b.end()) != a.end();
  }

  bool Start() {
    end_ = std::numeric_limits<int64_t>::min();
    for (PhrasePositions& slot : slots_) slot.First();
    for (auto& group : groups_) {
      if (!(several_terms_ ? SpreadByCollision(group) : SpreadByRank(group))) return false;
    }
    queue_.clear();
    for (PhrasePositions& slot : slots_) {
      end_ = std::max(end_, slot.position);
      queue_.push_back(&slot);
    }
    std::sort(queue_.begin(), queue_.end(), Before);
    return true;
  }
  // All slots of a group have the same term, so the j-th slot starts on the j-th position.
  static bool SpreadByRank(std::vector<PhrasePositions*>& group) {
    for (size_t j = 1; j < group.size(); ++j) {
      for (size_t k = 0; k < j; ++k) {
        if (!group[j]->Next()) return false;
      }
    }
    return true;
  }
  bool SpreadByCollision(std::vector<PhrasePositions*>& group) {
    for (size_t i = 0; i < group.size();) {
      bool again = false;
      for (PhrasePositions* other = Collision(group[i]); other != nullptr; other = Collision(group[i])) {
        PhrasePositions* behind = Lesser(group[i], other);
        if (!Move(behind)) return false;
        if (behind->in_group < i) {
          again = true;
          break;
        }
      }
      if (!again) ++i;
    }
    return true;
  }

  bool Move(PhrasePositions* slot) {
    if (!slot->Next()) return false;
    end_ = std::max(end_, slot->position);
    return true;
  }
  PhrasePositions* Collision(PhrasePositions* slot) {
    for (PhrasePositions* other : groups_[static_cast<size_t>(slot->group)]) {
      if (other != slot && other->unshifted() == slot->unshifted()) return other;
    }
    return nullptr;
  }
  static PhrasePositions* Lesser(PhrasePositions* a, PhrasePositions* b) {
    const bool a_first = a->position < b->position || (a->position == b->position && a->offset < b->offset);
    return a_first ? a : b;
  }
  // Resolves the collisions of `slot`, which was taken from the queue and moved. Restores the order of the
  // queue if other slots moved.
  bool Resolve(PhrasePositions* slot) {
    if (slot->group < 0) return true;
    const PhrasePositions* const out = slot;
    bool moved_queued = false;
    for (PhrasePositions* other = Collision(slot); other != nullptr; other = Collision(slot)) {
      slot = Lesser(slot, other);
      if (!Move(slot)) return false;
      moved_queued |= slot != out;
    }
    if (moved_queued) std::sort(queue_.begin(), queue_.end(), Before);
    return true;
  }
  void Insert(PhrasePositions* slot) {
    queue_.insert(std::upper_bound(queue_.begin(), queue_.end(), slot, Before), slot);
  }
  PhrasePositions* Pop() {
    TRINE_DCHECK(!queue_.empty());
    PhrasePositions* first = queue_.front();
    queue_.erase(queue_.begin());
    return first;
  }

  bool NextMatch() {
    if (done_) return false;
    PhrasePositions* slot = Pop();
    distance_ = end_ - slot->position;
    int64_t next = queue_.front()->position;
    while (Move(slot)) {
      if (!Resolve(slot)) break;
      if (slot->position > next) {
        Insert(slot);
        if (distance_ <= slop_) return true;
        slot = Pop();
        next = queue_.front()->position;
        distance_ = end_ - slot->position;
      } else {
        distance_ = std::min(distance_, end_ - slot->position);
      }
    }
    done_ = true;
    return distance_ <= slop_;
  }

  const int64_t slop_;
  std::vector<PhrasePositions> slots_;
  std::vector<std::vector<PhrasePositions*>> groups_;
  bool several_terms_ = false;
  std::vector<PhrasePositions*> queue_;  // a sorted vector, because phrases are short
  int64_t end_ = 0;                      // the largest position so far
  int64_t distance_ = 0;
  bool done_ = false;
};

}  // namespace

float SloppyPhraseFrequency(const std::vector<SlotOccurrences>& slots, uint32_t slop) {
  for (const SlotOccurrences& slot : slots) {
    if (slot.positions->empty()) return 0;
  }
  return SloppyPhraseMatcher(slots, slop).Frequency();
}

}  // namespace trine::search
