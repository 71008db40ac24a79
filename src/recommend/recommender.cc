// The recommender: checks requests, provides scratch memory to answers, and keeps models and checkpoints.
#include "recommend/recommender.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "base/check.h"
#include "base/limits.h"
#include "base/mutex.h"
#include "recommend/candidate/group_registry.h"
#include "recommend/recipe/answers.h"
#include "recommend/recipe/request_state.h"
#include "recommend/train/spec_codec.h"

namespace trine::recommend {
namespace {

// A pool of scorer scratch memory; each object is lent to one request at a time. The pool grows to the
// largest number of concurrent requests. Thread-safe; its lock is never held together with another lock.
class ScratchPool {
 public:
  std::unique_ptr<ScorerScratch> Borrow() {
    const MutexLock lock(mutex_);
    if (free_.empty()) return std::make_unique<ScorerScratch>();
    auto scratch = std::move(free_.back());
    free_.pop_back();
    return scratch;
  }
  void Return(std::unique_ptr<ScorerScratch> scratch) {
    const MutexLock lock(mutex_);
    TRINE_DCHECK(scratch != nullptr);
    free_.push_back(std::move(scratch));
  }

 private:
  Mutex mutex_;
  std::vector<std::unique_ptr<ScorerScratch>> free_ TRINE_GUARDED_BY(mutex_);
};

// Borrows an object from the pool until the end of the request.
class ScratchLease {
 public:
  explicit ScratchLease(ScratchPool& pool) : pool_(pool), scratch_(pool.Borrow()) {}
  ~ScratchLease() { pool_.Return(std::move(scratch_)); }
  ScratchLease(const ScratchLease&) = delete;
  ScratchLease& operator=(const ScratchLease&) = delete;
  ScorerScratch* get() { return scratch_.get(); }

 private:
  ScratchPool& pool_;
  std::unique_ptr<ScorerScratch> scratch_;
};

Error NeedUser() {
  return Error(ErrorCode::kMissingUser, "this recipe requires a user or a session").Where("user_id");
}
Error NeedItem() { return Error(ErrorCode::kMissingItem, "this recipe requires an item").Where("item_id"); }

Status CheckCount(size_t count, const char* where) {
  if (count <= limits::kMaxResults) return Ok();
  return Error(ErrorCode::kLimit, "too many items requested")
      .Expected("at most " + std::to_string(limits::kMaxResults))
      .Got(std::to_string(count))
      .Where(where);
}

// Whether a request asks what the person did to each item: by a filter or by its recipe.
bool NeedsItems(const RecommendRequest& request) {
  const auto uses = [](const Filter* filter) { return filter != nullptr && UsesInteractions(*filter); };
  return Info(request.serving.recipe).drops_seen || uses(request.filter) ||
         std::ranges::any_of(request.promotions, [&](const Promotion& p) { return uses(p.filter); });
}

class DefaultRecommender final : public Recommender {
 public:
  DefaultRecommender(std::unique_ptr<storage::Directory> directory,
                     const RecommenderDependencies& dependencies, Metrics& metrics)
      : directory_(std::move(directory)),
        dependencies_(dependencies),
        recommend_seconds_(metrics.GetHistogram(kSecondsName, kSecondsHelp, "recommend")),
        rank_seconds_(metrics.GetHistogram(kSecondsName, kSecondsHelp, "rank")),
        groups_(std::make_shared<GroupRegistry>(*directory_, dependencies)),
        cache_(dependencies.records) {
    // The listener holds only a weak pointer, because the history may outlive this object and has no way to
    // remove a listener.
    dependencies.history.AddListener([groups = std::weak_ptr<GroupRegistry>(groups_)](
                                         GroupId group, const std::vector<history::Event>& events) {
      if (const auto alive = groups.lock()) alive->FoldAppended(group, events);
    });
  }

  Result<Recommendation> Recommend(const RecommendRequest& request, const Deadline& deadline) override;
  Result<Recommendation> Rank(const RankRequest& request, const Deadline& deadline) override;
  Result<Likelihoods> Likelihood(const ServingConfig& serving, std::string_view user_id,
                                 const std::vector<std::string>& items, double days,
                                 const Deadline& deadline) override;
  Status Warm(GroupId group) override {
    TRINE_TRY(groups_->Read(group, {}));
    return Ok();
  }
  Status AdoptModel(const std::string& name, const std::string& folder) override;
  Status Checkpoint() override { return groups_->Checkpoint(); }
  Status DropGroup(GroupId group) override { return groups_->Drop(group); }
  Status DropModel(const std::string& model) override;

 private:
  AnswerDependencies Dependencies(ScratchLease& scratch) {
    return {cache_, scratch.get(), dependencies_.clock, ++requests_};
  }
  static constexpr std::string_view kSecondsName = "trine_recommend_seconds";
  static constexpr std::string_view kSecondsHelp = "Duration of recommendations and rankings in seconds.";
  void Observe(Histogram& seconds, int64_t began) const {
    seconds.Observe(static_cast<double>(dependencies_.clock.MonotonicNanos() - began) / 1e9);
  }

  const std::unique_ptr<storage::Directory> directory_;
  const RecommenderDependencies dependencies_;
  Histogram& recommend_seconds_;
  Histogram& rank_seconds_;
  const std::shared_ptr<GroupRegistry> groups_;
  RecordCache cache_;
  ScratchPool pool_;
  std::atomic<uint64_t> requests_ = 0;
};

Result<Recommendation> DefaultRecommender::Recommend(const RecommendRequest& request,
                                                     const Deadline& deadline) {
  const int64_t began = dependencies_.clock.MonotonicNanos();
  TRINE_TRY(CheckCount(request.count, "count"));
  const RecipeKind kind = Info(request.serving.recipe).kind;
  const bool nobody = request.user_id.empty() && request.session_id.empty();
  if (kind == RecipeKind::kUser && nobody) return NeedUser();
  if (kind == RecipeKind::kRelated && request.item_id.empty()) return NeedItem();
  if (kind == RecipeKind::kRanking) {
    return Error(ErrorCode::kRecipeKind, "this recipe only ranks a given list; it does not recommend items");
  }
  const PersonNeeds person{request.user_id, request.session_id, NeedsItems(request)};
  TRINE_ASSIGN(RequestState state,
               PrepareRequest(*groups_, dependencies_, request.serving, person, request.context, deadline));
  ScratchLease scratch(pool_);
  AnswerDependencies dependencies = Dependencies(scratch);
  auto answer = kind == RecipeKind::kUser      ? AnswerUser(request, state, dependencies)
                : kind == RecipeKind::kRelated ? AnswerRelated(request, state, dependencies)
                                               : AnswerCounts(request, state, dependencies);
  Observe(recommend_seconds_, began);
  return answer;
}

Result<Recommendation> DefaultRecommender::Rank(const RankRequest& request, const Deadline& deadline) {
  const int64_t began = dependencies_.clock.MonotonicNanos();
  TRINE_TRY(CheckCount(request.items.size(), "items"));
  const RecipeKind kind = Info(request.serving.recipe).kind;
  if (kind == RecipeKind::kRelated) {
    return Error(ErrorCode::kRecipeKind, "this recipe recommends related items; it does not rank a list");
  }
  const bool nobody = request.user_id.empty() && request.session_id.empty();
  if (nobody && (kind == RecipeKind::kUser || kind == RecipeKind::kRanking)) return NeedUser();
  const PersonNeeds person{request.user_id, request.session_id,
                           request.filter != nullptr && UsesInteractions(*request.filter)};
  TRINE_ASSIGN(const RequestState state,
               PrepareRequest(*groups_, dependencies_, request.serving, person, request.context, deadline));
  ScratchLease scratch(pool_);
  AnswerDependencies dependencies = Dependencies(scratch);
  auto answer = AnswerRanking(request, state, dependencies);
  Observe(rank_seconds_, began);
  return answer;
}

Result<Likelihoods> DefaultRecommender::Likelihood(const ServingConfig& serving, std::string_view user_id,
                                                   const std::vector<std::string>& items, double days,
                                                   const Deadline& deadline) {
  TRINE_TRY(CheckCount(items.size(), "items"));
  if (user_id.empty()) return NeedUser();
  if (!(days > 0) || days > 3650) {
    return Error(ErrorCode::kInvalid, "number of days out of range")
        .Expected("above 0 and at most 3650")
        .Got(std::to_string(days))
        .Where("days");
  }
  TRINE_ASSIGN(const RequestState state,
               PrepareRequest(*groups_, dependencies_, serving, {user_id, {}, false}, {}, deadline));
  ScratchLease scratch(pool_);
  const Scorer scorer = state.MakeScorer(scratch.get());
  const ScoreWeights& weights = state.weights;
  Likelihoods answer;
  std::vector<double>& chances = answer.chances;
  for (const std::string& id : items) {
    const Item item = state.group.items().Find(id);
    if (item == kNone || state.group.items().Removed(item)) {
      chances.push_back(0);
      continue;
    }
    const double taken = 1 / (1 + std::exp(-(weights.slope * scorer.Score(item) + weights.offset)));
    // The probability was fitted for `horizon_days`. Converting it to `days` days assumes that days are
    // independent.
    const double bought = std::clamp(taken * weights.purchase_share, 0.0, 1.0 - 1e-12);
    chances.push_back(1 - std::pow(1 - bought, days / weights.horizon_days));
  }
  Recommendation noted;
  AddNotes(serving, state, &noted);
  answer.note = std::move(noted.note);
  return answer;
}

Status DefaultRecommender::AdoptModel(const std::string& name, const std::string& folder) {
  TRINE_ASSIGN(const auto from, storage::OpenDirectory(folder));
  TRINE_ASSIGN(const auto bytes, from->Open(kModelFile));
  TRINE_TRY(TrainedModel::Open(bytes));
  TRINE_TRY(storage::WriteFileAtomically(*directory_, GroupRegistry::ModelFile(name), bytes->bytes()));
  groups_->ForgetModel(name);
  return Ok();
}

Status DefaultRecommender::DropModel(const std::string& model) {
  groups_->ForgetModel(model);
  if (dependencies_.tasks != nullptr) dependencies_.tasks->Works(ModelPath(model));
  const Status removed = directory_->Remove(GroupRegistry::ModelFile(model));
  if (removed.ok()) return removed;
  // A folder in the place of the file is not the model, and stays.
  const ErrorKind kind = removed.error().kind();
  return kind == ErrorKind::kNotFound || kind == ErrorKind::kCorrupt ? Ok() : removed;
}

}  // namespace

Status VerifyModelFile(storage::Directory& directory, const std::string& name) {
  TRINE_ASSIGN(auto bytes, directory.Open(name));
  if (name.starts_with("model-")) {
    const auto opened = TrainedModel::Open(std::move(bytes));
    return opened.ok() ? Ok() : Status(opened.error());
  }
  const auto opened = SectionFile::Open(std::move(bytes), GroupState::kFileKind);
  return opened.ok() ? Ok() : Status(opened.error());
}

std::optional<std::string> FindLostEvents(storage::Directory& directory, const std::string& name,
                                          const history::History& history) {
  auto bytes = directory.Open(name);
  if (!bytes.ok()) return std::nullopt;
  const auto file = SectionFile::Open(std::move(bytes).value(), GroupState::kFileKind);
  if (!file.ok()) return std::nullopt;
  const auto end = GroupState::ReadEnd(*file);
  if (!end.ok()) return std::nullopt;
  const auto [group, counted] = *end;
  const EventSeq stored = history.NextSeq(group);
  return counted > stored ? std::optional(LostEvents(group, counted, stored)) : std::nullopt;
}

Result<std::unique_ptr<Recommender>> NewRecommender(
    std::unique_ptr<storage::Directory> directory, history::History& history,
    const catalogue::Catalogue& catalogue, const catalogue::RecordStore& records, const Clock& clock,
    Log& log, Metrics& metrics, const catalogue::DeclaredRoles* declared_roles, TaskHealth* tasks) {
  const RecommenderDependencies dependencies{history, catalogue, records, clock, log, declared_roles, tasks};
  return std::unique_ptr<Recommender>(
      std::make_unique<DefaultRecommender>(std::move(directory), dependencies, metrics));
}

}  // namespace trine::recommend
