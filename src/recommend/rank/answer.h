// Answer: ranked items with the reasons why each stands where it stands.
#pragma once

#include <string>
#include <vector>

#include "history/history.h"

namespace trine::recommend {

// Why an item stands where it stands. Amounts of all causes of an item add up to its score before
// scores are normalised to sum 1.
struct Cause {
  enum class Kind {
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
  history::Event event;          // kEvent: what the person did
  std::string attribute, value;  // attributes, season, region; popularity: window ("7d")
  std::string reason_item;       // kItemAttribute: the liked item that shares it; may be empty
};
struct Recommended {
  std::string item_id;
  double score = 0;   // of the list: sums to 1 for rankings
  bool known = true;  // false: the model has no opinion (appended last)
  std::string promotion;
  std::vector<Cause> because;  // strongest first, at most 8
};
struct Recommendation {
  std::vector<Recommended> items;  // best first
  bool fallback = false;           // popularity answered for want of history
  std::string note;                // what was missing, in words; empty: nothing
};

}  // namespace trine::recommend
