// Recommendation: ranked items, each with the causes of its score.
#pragma once

#include <string>
#include <vector>

#include "history/history.h"

namespace trine::recommend {

// One reason for an item's score. The amounts of all causes of an item add up to its score before scores are
// normalised to sum to 1. A negative amount lowers the score.
struct Cause {
  enum class Kind {  // not stored
    kEvent,
    kItemAttribute,
    kUserAttribute,
    kPopularity,
    kTrend,
    kSeason,
    kRegion,
    kExploration,
    kPromotion
  } kind = Kind::kPopularity;
  double amount = 0;
  history::Event event;  // kEvent: the person's event
  // Set for causes that are attributes, season or region. For kPopularity, `value` is the window: "all" or
  // "7d".
  std::string attribute, value;
  std::string reason_item;  // kItemAttribute: the history item that has the same value; may be empty
};
struct RecommendedItem {
  std::string item_id;
  double score = 0;            // share of 1 or weighted score; see RecommendRequest::shares
  bool known = true;           // false: the item is unknown and comes last, with score 0
  std::string promotion;       // name of the promotion that placed it; empty: none
  std::vector<Cause> because;  // strongest first, at most 8
};
struct Recommendation {
  std::vector<RecommendedItem> items;  // best first
  bool fallback = false;               // true if the person has no history or the given item is unknown
  std::string note;                    // describes missing data, for people to read; empty: none
};
// The probability of each item that was asked for, in that order; the note as in Recommendation.
struct Likelihoods {
  std::vector<double> chances;
  std::string note;
};

}  // namespace trine::recommend
