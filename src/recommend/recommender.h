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
#include "recommend/model/recipes.h"
#include "recommend/rank/answer.h"
#include "recommend/rank/filter.h"
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
  bool explain = true;  // false leaves Recommended::because empty, which is quicker
  bool shares = true;   // false leaves scores as the blend has them, not as shares of one: quicker for many
};
struct RankRequest {
  Served served;
  std::string user_id, session_id;
  std::vector<std::string> items;  // up to limits::kMaxResults, first mention counts
  Context context;
  const Filter* filter = nullptr;
  FilterValues filter_values;
  bool explain = true;  // as above
};

// Thread-safe.
class Recommender {
 public:
  virtual ~Recommender() = default;
  // kMissingUser or kMissingItem when the recipe's input is missing.
  virtual Result<Recommendation> Recommend(const RecommendRequest& request, const Deadline& deadline) = 0;
  // Every given item that passes the filter comes back once; unknown ones last, in given order.
  virtual Result<Recommendation> Rank(const RankRequest& request, const Deadline& deadline) = 0;
  // Calibrated chance (0..1) that the user buys each item within `days`.
  virtual Result<std::vector<double>> Likelihood(const Served& served, std::string_view user_id,
                                                 const std::vector<std::string>& items, double days,
                                                 const Deadline& deadline) = 0;

  // Makes the group's counters ready, so that the next request need not: after start-up or an import.
  virtual Status Warm(GroupId) { return Ok(); }
  // Takes the model that training left in `folder` over under `name` (letters, digits, '.', '_', '-'),
  // verified and durable when it returns; Served::model names it from then on.
  virtual Status AdoptModel(const std::string& name, const std::string& folder) {
    return Error(ErrorCode::kUnsupported, "cannot take model " + name + " from " + folder + " over");
  }
  // Writes live counters with their log position (they are folded by listening to History).
  virtual Status Checkpoint() = 0;
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
