// Sloppy phrase frequency.
//
// Problem: "light chair" with slop 2 should match "light camping chair" less than "light chair".
// Shift each place's words by its offset in the phrase: an exact match is then one where all places stand
// on the same shifted position, and the distance of a match is the largest shifted position minus the
// smallest. Sweep: hold one position per place, always move the place that lies first; the distance just
// before it passes the second one is a local minimum, and counts 1 / (1 + distance) when it is <= slop.
//
// Example: phrase (light 0, chair 1), row "light camping chair" -> shifted light {0}, chair {1}: distance 1,
// weight 1/2.
//
// Repeats ("new new york"): places that share a term must not stand on the same word; whenever two of
// them do, the one that lies first (then the one with the smaller offset) moves on.
//
// The order of ties and of moves decides which of overlapping matches are found, so it follows Lucene's
// SloppyPhraseMatcher, whose scores must be met; a complete search would count more and score otherwise.
#include <algorithm>
#include <limits>
#include <numeric>

#include "search/score/phrase.h"

namespace trine::search {
namespace {

struct Place {
  const std::vector<uint32_t>* words;
  int64_t offset = 0;
  size_t at = 0;
  int64_t position = 0;  // words[at] - offset
  size_t order = 0;
  int group = -1;       // of places that share terms; -1: repeats nothing
  size_t in_group = 0;  // index in its group, by offset
  bool one_term = true;

  int64_t word() const { return position + offset; }
  void First() {
    at = 0;
    position = static_cast<int64_t>((*words)[0]) - offset;
  }
  bool Next() {
    if (++at >= words->size()) return false;
    position = static_cast<int64_t>((*words)[at]) - offset;
    return true;
  }
};

bool Before(const Place* a, const Place* b) {
  if (a->position != b->position) return a->position < b->position;
  if (a->offset != b->offset) return a->offset < b->offset;
  return a->order < b->order;
}

class Sweep {
 public:
  Sweep(const std::vector<PhrasePlace>& places, int64_t slop) : slop_(slop) {
    places_.reserve(places.size());
    for (const PhrasePlace& p : places) {
      Place place{p.words};
      place.offset = p.offset;
      place.order = places_.size();
      place.one_term = p.terms->size() <= 1;
      places_.push_back(place);
    }
    Group(places);
  }

  float Frequency() {
    float sum = 0;
    if (!Start()) return 0;
    while (NextMatch()) sum += 1.0f / (1.0f + static_cast<float>(distance_));
    return sum;
  }

 private:
  // Places that share a term, directly or through others, form a group.
  void Group(const std::vector<PhrasePlace>& places) {
    std::vector<size_t> root(places.size());
    std::iota(root.begin(), root.end(), size_t{0});
    auto find = [&](size_t i) {
      while (root[i] != i) i = root[i];
      return i;
    };
    std::vector<bool> repeats(places.size(), false);
    for (size_t i = 0; i < places.size(); ++i) {
      for (size_t j = i + 1; j < places.size(); ++j) {
        if (!Share(*places[i].terms, *places[j].terms)) continue;
        repeats[i] = repeats[j] = true;
        root[find(j)] = find(i);
      }
    }
    std::vector<int> group_of(places.size(), -1);
    for (size_t i = 0; i < places.size(); ++i) {
      if (!repeats[i]) continue;
      int& group = group_of[find(i)];
      if (group < 0) {
        group = static_cast<int>(groups_.size());
        groups_.emplace_back();
      }
      places_[i].group = group;
      groups_[static_cast<size_t>(group)].push_back(&places_[i]);
      several_terms_ |= !places_[i].one_term;
    }
    for (auto& group : groups_) {
      std::stable_sort(group.begin(), group.end(), [](Place* a, Place* b) { return a->offset < b->offset; });
      for (size_t i = 0; i < group.size(); ++i) group[i]->in_group = i;
    }
  }
  static bool Share(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) {
    return std::find_first_of(a.begin(), a.end(), b.begin(), b.end()) != a.end();
  }

  bool Start() {
    end_ = std::numeric_limits<int64_t>::min();
    for (Place& place : places_) place.First();
    for (auto& group : groups_) {
      if (!(several_terms_ ? SpreadByCollision(group) : SpreadByRank(group))) return false;
    }
    queue_.clear();
    for (Place& place : places_) {
      end_ = std::max(end_, place.position);
      queue_.push_back(&place);
    }
    std::sort(queue_.begin(), queue_.end(), Before);
    return true;
  }
  // All places of a group have the same words: the j-th starts on the j-th of them.
  static bool SpreadByRank(std::vector<Place*>& group) {
    for (size_t j = 1; j < group.size(); ++j) {
      for (size_t k = 0; k < j; ++k) {
        if (!group[j]->Next()) return false;
      }
    }
    return true;
  }
  bool SpreadByCollision(std::vector<Place*>& group) {
    for (size_t i = 0; i < group.size();) {
      bool again = false;
      for (Place* other = Collision(group[i]); other != nullptr; other = Collision(group[i])) {
        Place* behind = Lesser(group[i], other);
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

  bool Move(Place* place) {
    if (!place->Next()) return false;
    end_ = std::max(end_, place->position);
    return true;
  }
  Place* Collision(Place* place) {
    for (Place* other : groups_[static_cast<size_t>(place->group)]) {
      if (other != place && other->word() == place->word()) return other;
    }
    return nullptr;
  }
  static Place* Lesser(Place* a, Place* b) {
    const bool a_first = a->position < b->position || (a->position == b->position && a->offset < b->offset);
    return a_first ? a : b;
  }
  // `place`, out of the queue, was moved: resolves collisions and puts moved ones in their order again.
  bool Resolve(Place* place) {
    if (place->group < 0) return true;
    const Place* const out = place;
    bool moved_queued = false;
    for (Place* other = Collision(place); other != nullptr; other = Collision(place)) {
      place = Lesser(place, other);
      if (!Move(place)) return false;
      moved_queued |= place != out;
    }
    if (moved_queued) std::sort(queue_.begin(), queue_.end(), Before);
    return true;
  }
  void Insert(Place* place) {
    queue_.insert(std::upper_bound(queue_.begin(), queue_.end(), place, Before), place);
  }
  Place* Pop() {
    Place* first = queue_.front();
    queue_.erase(queue_.begin());
    return first;
  }

  bool NextMatch() {
    if (done_) return false;
    Place* place = Pop();
    distance_ = end_ - place->position;
    int64_t next = queue_.front()->position;
    while (Move(place)) {
      if (!Resolve(place)) break;
      if (place->position > next) {
        Insert(place);
        if (distance_ <= slop_) return true;
        place = Pop();
        next = queue_.front()->position;
        distance_ = end_ - place->position;
      } else {
        distance_ = std::min(distance_, end_ - place->position);
      }
    }
    done_ = true;
    return distance_ <= slop_;
  }

  const int64_t slop_;
  std::vector<Place> places_;
  std::vector<std::vector<Place*>> groups_;
  bool several_terms_ = false;
  std::vector<Place*> queue_;  // phrases are short: a sorted vector serves as the queue
  int64_t end_ = 0;            // the largest position so far
  int64_t distance_ = 0;
  bool done_ = false;
};

}  // namespace

float SloppyPhraseFrequency(const std::vector<PhrasePlace>& places, uint32_t slop) {
  for (const PhrasePlace& place : places) {
    if (place.words->empty()) return 0;
  }
  return Sweep(places, slop).Frequency();
}

}  // namespace trine::search
