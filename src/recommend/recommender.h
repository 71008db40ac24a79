// Recommender: recommends items to a person and ranks a given list for a person, from a trained model and the
// person's events up to the moment of the request.
#pragma once

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
#include "base/task_health.h"
#include "catalogue/catalogue.h"
#include "catalogue/declared_roles.h"
#include "catalogue/record_store.h"
#include "format/json.h"
#include "history/history.h"
#include "recommend/rank/answer.h"
#include "recommend/rank/request.h"
#include "storage/directory.h"

namespace trine::recommend {

// Owned by the server. Thread-safe. It is an interface because the job tests use a fake that echoes its
// requests (operations/jobs/jobs_test.cc); the product has one implementation, which NewRecommender creates.
class Recommender {
 public:
  virtual ~Recommender() = default;
  // Returns kMissingUser, kMissingItem or kRecipeKind if the request does not suit the recipe, kFilterValue
  // for an invalid filter value, kLimit for too many items, kTimeout, or kIo and kCorrupt from the stores. A
  // missing model, or a person without events, is not an error: the answer's note reports it.
  virtual Result<Recommendation> Recommend(const RecommendRequest& request, const Deadline& deadline) = 0;
  // Returns each given item that passes the filter exactly once, best first; unknown items come last, in the
  // given order. Errors are those of Recommend.
  virtual Result<Recommendation> Rank(const RankRequest& request, const Deadline& deadline) = 0;
  // The calibrated probability (0..1) that the user buys each item within `days` (above 0, up to 3650), in
  // the order of `items`; 0 for unknown items.
  virtual Result<Likelihoods> Likelihood(const ServingConfig& serving, std::string_view user_id,
                                         const std::vector<std::string>& items, double days,
                                         const Deadline& deadline) = 0;

  // Builds the group's state ahead of the next request, for example after start-up or an import.
  virtual Status Warm(GroupId) { return Ok(); }
  // Copies the model that training wrote to `folder` and stores it as `name` (letters, digits, '.', '_',
  // '-'), replacing any model of that name. On return the model is verified and durable, and
  // ServingConfig::model may refer to it.
  virtual Status AdoptModel(const std::string& name, const std::string& folder) {
    return Error(ErrorCode::kUnsupported, "cannot adopt model " + name + " from " + folder);
  }
  // Writes the live counters of every group with their position in the log, so that a restart continues
  // from there.
  virtual Status Checkpoint() = 0;
  // Forget a group or a model and delete its file. A missing file is not an error.
  virtual Status DropGroup(GroupId group) = 0;
  virtual Status DropModel(const std::string& model) = 0;
};

// Verifies a file of the models folder: a model ("model-<name>") completely, a checkpoint
// ("counters-<group>") by its checksums. kCorrupt, kFormatVersion or kIo if it cannot be used. Changes
// nothing.
Status VerifyModelFile(storage::Directory& directory, const std::string& name);

// Returns what is missing in the history if the checkpoint `name` counts events that are not stored: then the
// facts are an older copy or lost their newest part. nullopt if nothing is missing, or if the checkpoint
// cannot be read.
std::optional<std::string> FindLostEvents(storage::Directory& directory, const std::string& name,
                                          const history::History& history);

// `directory` holds models ("model-<name>") and checkpoints ("counters-<group>"). A broken checkpoint is
// renamed to ".broken", and the log is read again. All references must outlive the recommender. Registers a
// listener with `history`; the listener does nothing once the recommender is destroyed. Without
// `declared_roles`, bindings declare no roles. Models that cannot be read are reported to `tasks`, if given,
// under ModelPath (recommend/candidate/group_registry.h).
Result<std::unique_ptr<Recommender>> NewRecommender(std::unique_ptr<storage::Directory> directory,
                                                    history::History& history,
                                                    const catalogue::Catalogue& catalogue,
                                                    const catalogue::RecordStore& records, const Clock& clock,
                                                    Log& log, Metrics& metrics,
                                                    const catalogue::DeclaredRoles* declared_roles = nullptr,
                                                    TaskHealth* tasks = nullptr);

}  // namespace trine::recommend
