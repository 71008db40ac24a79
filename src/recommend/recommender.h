// Recommender: answers "what for this person" and "in which order for this person" from a trained
// model and everything the person did up to this very request.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "format/json.h"
#include "history/history.h"
#include "recommend/rank/filter.h"
#include "recommend/model/recipes.h"
#include "storage/directory.h"

namespace trine::recommend {

using Context = std::vector<std::pair<std::string, std::string>>;  // DEVICE -> "mobile"

// What serves a request: a model file of a trained version, or (empty) the live counters of the group
// alone, as when nothing was trained yet.
struct Served {
  GroupId group;
  Recipe recipe = Recipe::kUserPersonalizationV2;
  std::string model;                     // name of the trained model; empty: counters alone
  double exploration_weight = 0;         // 0..1; 0 is repeatable
  double exploration_max_age_days = 30;  // an item is new up to this age
};

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

struct Promotion {
  std::string name;
  const Filter* filter = nullptr;
  FilterValues values;
  int percent = 100;
};

struct RecommendRequest {
  Served served;
  std::string user_id, session_id, item_id;  // as the recipe's kind needs
  size_t count = 25;                         // up to limits::kMaxResults
  Context context;
  const Filter* filter = nullptr;
  FilterValues filter_values;
  std::vector<Promotion> promotions;
};
struct RankRequest {
  Served served;
  std::string user_id, session_id;
  std::vector<std::string> items;  // up to limits::kMaxResults, first mention counts
  Context context;
  const Filter* filter = nullptr;
  FilterValues filter_values;
};

// Thread-safe.
class Recommender {
 public:
  virtual ~Recommender() = default;
  // kInvalid (code "need_user" / "need_item") when the recipe's input is missing.
  virtual Result<Recommendation> Recommend(const RecommendRequest& request, const Deadline& deadline) = 0;
  // Every given item that passes the filter comes back once; unknown ones last, in given order.
  virtual Result<Recommendation> Rank(const RankRequest& request, const Deadline& deadline) = 0;
  // Calibrated chance (0..1) that the user buys each item within `days`.
  virtual Result<std::vector<double>> Likelihood(const Served& served, std::string_view user_id,
                                                 const std::vector<std::string>& items, double days,
                                                 const Deadline& deadline) = 0;

  // Folds events into the group's live counters (also done by listening to History).
  virtual Status Checkpoint() = 0;  // writes counters with their log position
  virtual Status DropGroup(GroupId group) = 0;
  virtual Status DropModel(const std::string& model) = 0;
  // Verifies the checksums of every model and checkpoint; kCorrupt lists what is broken.
  virtual Status Verify() = 0;
};

// `directory` holds models ("model-<name>") and counter checkpoints; broken checkpoints are set aside
// and refolded from the log. Registers itself as a listener of `history`. All outlive it.
Result<std::unique_ptr<Recommender>> NewRecommender(std::unique_ptr<storage::Directory> directory,
                                                    history::History& history,
                                                    const catalogue::Catalogue& catalogue,
                                                    const catalogue::RecordStore& records, const Clock& clock,
                                                    Log& log, Metrics& metrics);

}  // namespace trine::recommend
