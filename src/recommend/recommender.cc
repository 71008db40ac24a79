// The recommender: checks what is asked, lends what answers need, and keeps models and checkpoints.
#include "recommend/recommender.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include "base/limits.h"
#include "recommend/candidate/groups.h"
#include "recommend/recipe/answers.h"
#include "recommend/recipe/asked.h"
#include "recommend/train/spec_codec.h"

namespace trine::recommend {
namespace {

// Scratch of scorers, lent to one request at a time.
class ScratchPool {
 public:
  std::unique_ptr<ScorerScratch> Borrow() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<ScorerScratch>();
    auto scratch = std::move(free_.back());
    free_.pop_back();
    return scratch;
  }
  void Return(std::unique_ptr<ScorerScratch> scratch) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(scratch));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<ScorerScratch>> free_;
};

class Lent {
 public:
  explicit Lent(ScratchPool& pool) : pool_(pool), scratch_(pool.Borrow()) {}
  ~Lent() { pool_.Return(std::move(scratch_)); }
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;
  ScorerScratch* get() { return scratch_.get(); }

 private:
  ScratchPool& pool_;
  std::unique_ptr<ScorerScratch> scratch_;
};

Error NeedUser() {
  return Error(ErrorCode::kMissingUser, "this recipe needs a user or a session").Where("user_id");
}
Error NeedItem() { return Error(ErrorCode::kMissingItem, "this recipe needs an item").Where("item_id"); }

Status CheckCount(size_t count, const char* where) {
  if (count <= limits::kMaxResults) return Ok();
  return Error(ErrorCode::kLimit, "too many items are asked for")
      .Expected("at most " + std::to_string(limits::kMaxResults))
      .Got(std::to_string(count))
      .Where(where);
}

class Engine final : public Recommender {
 public:
  Engine(std::unique_ptr<storage::Directory> directory, const Sources& sources, Metrics& metrics)
      : directory_(std::move(directory)),
        sources_(sources),
        recommend_seconds_(metrics.GetHistogram(kSecondsName, kSecondsHelp, "recommend")),
        rank_seconds_(metrics.GetHistogram(kSecondsName, kSecondsHelp, "rank")),
        groups_(std::make_shared<Groups>(*directory_, sources)),
        cache_(sources.records) {
    // The history may outlive this and cannot forget a listener.
    sources.history.AddListener(
        [groups = std::weak_ptr<Groups>(groups_)](GroupId group, const std::vector<history::Event>& events) {
          if (const auto alive = groups.lock()) alive->Take(group, events);
        });
  }

  Result<Recommendation> Recommend(const RecommendRequest& request, const Deadline& deadline) override;
  Result<Recommendation> Rank(const RankRequest& request, const Deadline& deadline) override;
  Result<std::vector<double>> Likelihood(const Served& served, std::string_view user_id,
                                         const std::vector<std::string>& items, double days,
                                         const Deadline& deadline) override;
  Status Warm(GroupId group) override {
    TRINE_TRY(groups_->Ready(group, {}));
    return Ok();
  }
  Status AdoptModel(const std::string& name, const std::string& folder) override;
  Status Checkpoint() override { return groups_->Checkpoint(); }
  Status DropGroup(GroupId group) override { return groups_->Drop(group); }
  Status DropModel(const std::string& model) override;
  Status Verify() override;

 private:
  AnswerTools Tools(Lent& scratch) { return {cache_, scratch.get(), sources_.clock, ++requests_}; }
  static constexpr std::string_view kSecondsName = "trine_recommend_seconds";
  static constexpr std::string_view kSecondsHelp = "Duration of recommendations and rankings in seconds.";
  void Observe(Histogram& seconds, int64_t began) const {
    seconds.Observe(static_cast<double>(sources_.clock.MonotonicNanos() - began) / 1e9);
  }

  const std::unique_ptr<storage::Directory> directory_;
  const Sources sources_;
  Histogram& recommend_seconds_;
  Histogram& rank_seconds_;
  const std::shared_ptr<Groups> groups_;
  SourceCache cache_;
  ScratchPool pool_;
  std::atomic<uint64_t> requests_ = 0;
};

Result<Recommendation> Engine::Recommend(const RecommendRequest& request, const Deadline& deadline) {
  const int64_t began = sources_.clock.MonotonicNanos();
  TRINE_TRY(CheckCount(request.count, "count"));
  const RecipeKind kind = Info(request.served.recipe).kind;
  const bool nobody = request.user_id.empty() && request.session_id.empty();
  if (kind == RecipeKind::kUser && nobody) return NeedUser();
  if (kind == RecipeKind::kRelated && request.item_id.empty()) return NeedItem();
  if (kind == RecipeKind::kRanking) {
    return Error(ErrorCode::kRecipeKind, "this recipe orders a given list and makes none of its own");
  }
  TRINE_ASSIGN(Asked asked, Ask(*groups_, sources_, request.served, request.user_id, request.session_id,
                                request.context, deadline));
  Lent scratch(pool_);
  AnswerTools tools = Tools(scratch);
  auto answer = kind == RecipeKind::kUser      ? AnswerUser(request, asked, tools)
                : kind == RecipeKind::kRelated ? AnswerRelated(request, asked, tools)
                                               : AnswerCounts(request, asked, tools);
  Observe(recommend_seconds_, began);
  return answer;
}

Result<Recommendation> Engine::Rank(const RankRequest& request, const Deadline& deadline) {
  const int64_t began = sources_.clock.MonotonicNanos();
  TRINE_TRY(CheckCount(request.items.size(), "items"));
  const RecipeKind kind = Info(request.served.recipe).kind;
  if (kind == RecipeKind::kRelated) {
    return Error(ErrorCode::kRecipeKind, "this recipe answers about an item and orders no list");
  }
  const bool nobody = request.user_id.empty() && request.session_id.empty();
  if (nobody && (kind == RecipeKind::kUser || kind == RecipeKind::kRanking)) return NeedUser();
  TRINE_ASSIGN(const Asked asked, Ask(*groups_, sources_, request.served, request.user_id, request.session_id,
                                      request.context, deadline));
  Lent scratch(pool_);
  AnswerTools tools = Tools(scratch);
  auto answer = AnswerRanking(request, asked, tools);
  Observe(rank_seconds_, began);
  return answer;
}

Result<std::vector<double>> Engine::Likelihood(const Served& served, std::string_view user_id,
                                               const std::vector<std::string>& items, double days,
                                               const Deadline& deadline) {
  TRINE_TRY(CheckCount(items.size(), "items"));
  if (user_id.empty()) return NeedUser();
  if (!(days > 0) || days > 3650) {
    return Error(ErrorCode::kInvalid, "the days must be more than 0 and at most 3650").Where("days");
  }
  TRINE_ASSIGN(const Asked asked, Ask(*groups_, sources_, served, user_id, {}, {}, deadline));
  Lent scratch(pool_);
  const Scorer scorer = asked.MakeScorer(scratch.get());
  const Blend& blend = asked.blend;
  std::vector<double> chances;
  for (const std::string& id : items) {
    const Item item = asked.core().items.Find(id);
    if (item == kNone || asked.core().items.Removed(item)) {
      chances.push_back(0);
      continue;
    }
    const double taken = 1 / (1 + std::exp(-(blend.slope * scorer.Score(item) + blend.offset)));
    // The chance is of the horizon it was fitted on; other spans by independent days.
    const double bought = std::clamp(taken * blend.purchase_share, 0.0, 1.0 - 1e-12);
    chances.push_back(1 - std::pow(1 - bought, days / blend.horizon_days));
  }
  return chances;
}

Status Engine::AdoptModel(const std::string& name, const std::string& folder) {
  TRINE_ASSIGN(const auto from, storage::OpenDirectory(folder));
  TRINE_ASSIGN(const auto bytes, from->Open(kModelFile));
  TRINE_TRY(TrainedModel::Open(bytes));
  TRINE_TRY(storage::WriteFileAtomically(*directory_, Groups::ModelFile(name), bytes->bytes()));
  groups_->ForgetModel(name);
  return Ok();
}

Status Engine::DropModel(const std::string& model) {
  groups_->ForgetModel(model);
  const Status removed = directory_->Remove(Groups::ModelFile(model));
  return !removed.ok() && removed.error().kind() == ErrorKind::kNotFound ? Ok() : removed;
}

Status Engine::Verify() {
  std::string broken;
  TRINE_ASSIGN(const auto names, directory_->List());
  for (const std::string& name : names) {
    Status good = Ok();
    if (name.starts_with("model-")) {
      TRINE_ASSIGN(auto bytes, directory_->Open(name));
      const auto opened = TrainedModel::Open(std::move(bytes));
      if (!opened.ok()) good = opened.error();
    } else if (name.starts_with("counters-") && !name.ends_with(".broken")) {
      TRINE_ASSIGN(auto bytes, directory_->Open(name));
      const auto opened = SectionFile::Open(std::move(bytes), GroupCore::kFileKind);
      if (!opened.ok()) good = opened.error();
    }
    if (!good.ok()) broken += (broken.empty() ? "" : "; ") + name + ": " + good.error().message;
  }
  if (broken.empty()) return Ok();
  return Error(ErrorCode::kCorrupt, "derived files of the recommender are broken: " + broken);
}

}  // namespace

Result<std::unique_ptr<Recommender>> NewRecommender(std::unique_ptr<storage::Directory> directory,
                                                    history::History& history,
                                                    const catalogue::Catalogue& catalogue,
                                                    const catalogue::RecordStore& records, const Clock& clock,
                                                    Log& log, Metrics& metrics) {
  const Sources sources{history, catalogue, records, clock, log};
  return std::unique_ptr<Recommender>(std::make_unique<Engine>(std::move(directory), sources, metrics));
}

}  // namespace trine::recommend
