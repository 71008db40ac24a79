// Campaigns and recommenders.
#include <algorithm>

#include "api/personalize/arn.h"
#include "api/personalize/handlers.h"
#include "api/personalize/recipe_names.h"
#include "format/text.h"

namespace trine::api::personalize {
namespace {

using format::Json;
using recommend::Recipe;
using recommend::Resource;
using recommend::ResourceKind;
using recommend::ResourceState;

constexpr std::string_view kLatest = "/$LATEST";

// Returns Trine's name for a request's exploration setting.
std::string SettingName(const std::string& name) {
  if (name == "explorationWeight") return "exploration_weight";
  if (name == "explorationItemAgeCutOff") return "exploration_item_age_cut_off";
  return name;
}

// Returns the newest active version of a solution; nullopt if there is none.
std::optional<Resource> NewestActive(const Call& call, const std::string& solution) {
  const auto versions = call.deps.resources.List(ResourceKind::kSolutionVersion, solution);
  const auto found = std::find_if(versions.rbegin(), versions.rend(), [](const Resource& version) {
    return version.state == ResourceState::kActive;
  });
  return found == versions.rend() ? std::nullopt : std::optional(*found);
}

// Returns the request's solution version, which is given directly or as ".../$LATEST".
Result<Resource> VersionOf(const Call& call) {
  const std::string arn = TextOf(call.input, "solutionVersionArn");
  if (!arn.ends_with(kLatest)) return FindActive(call, ResourceKind::kSolutionVersion, "solutionVersionArn");
  const std::string solution_arn = arn.substr(0, arn.size() - kLatest.size());
  TRINE_ASSIGN(const Resource solution, FindArn(call, ResourceKind::kSolution, solution_arn));
  if (auto version = NewestActive(call, solution.path)) return *std::move(version);
  return Invalid("The solution " + solution_arn + " has no version that is ACTIVE");
}

// Writes a request's version, capacity and configuration into a campaign's spec. On error, `spec` may be
// partly changed.
Status Configure(const Call& call, const Resource& version, Json* spec) {
  const Json* config = FindMember(call.input, "campaignConfig");
  const auto recipe = RecipeNamed(TextOf(version.spec, "recipe"));
  if (!recipe) return Invalid("The solution version's recipe is no longer supported");
  if (config != nullptr && FindMember(*config, "rankingInfluence") != nullptr)
    return Error(ErrorCode::kUnsupported, "rankingInfluence is not supported yet");
  spec->Set("solution_version", version.path);
  if (config != nullptr || spec->Find("exploration_weight") == nullptr)
    TRINE_TRY(ReadExploration(config, *recipe, spec));
  if (config != nullptr) spec->Set("config", *config);
  const bool latest = TextOf(call.input, "solutionVersionArn").ends_with(kLatest);
  if (latest || config != nullptr)
    spec->Set("follow_latest", latest || FlagOf(*config, "syncWithLatestSolutionVersion"));
  if (const auto tps = IntegerOf(call.input, "minProvisionedTPS")) spec->Set("min_tps", *tps);
  return Ok();
}

Json::Object CampaignMembers(const Call& call, const Json& spec) {
  Json::Object members = {
      {"solutionVersionArn", ArnOf(call, ResourceKind::kSolutionVersion, TextOf(spec, "solution_version"))},
      {"minProvisionedTPS", Json(IntegerOf(spec, "min_tps").value_or(1))}};
  if (const Json* config = FindMember(spec, "config")) members.emplace_back("campaignConfig", *config);
  return members;
}

Json::Object RecommenderConfig(const Resource& recommender) {
  const Json* config = FindMember(recommender.spec, "config");
  Json shown = config == nullptr ? Json(Json::Object{}) : *config;
  if (shown.Find("minRecommendationRequestsPerSecond") == nullptr)
    shown.Set("minRecommendationRequestsPerSecond", Json(IntegerOf(recommender.spec, "min_tps").value_or(1)));
  return {{"recommenderConfig", std::move(shown)}};
}

Status ReadRecommenderConfig(const Call& call, const Resource& group, const Json* config, Recipe recipe,
                             Json* spec) {
  TRINE_TRY(ReadExploration(config, recipe, spec));
  if (config == nullptr) return Ok();
  TRINE_TRY(ReadTrainingColumns(call, group, *config, spec));
  spec->Set("config", *config);
  if (const auto tps = IntegerOf(*config, "minRecommendationRequestsPerSecond")) spec->Set("min_tps", *tps);
  return Ok();
}

bool Differs(const Json& before, const Json& after, std::string_view member) {
  const Json *a = FindMember(before, member), *b = FindMember(after, member);
  return a == nullptr || b == nullptr ? a != b : format::ToString(*a) != format::ToString(*b);
}

Json ArnAnswer(const Call& call, const Resource& resource) {
  Json answer = Json::Object{};
  answer.Set(std::string(KindOf(resource.kind).member) + "Arn", ArnOf(call, resource));
  return answer;
}

Result<Json> SwitchState(const Call& call, ResourceState from, ResourceState to) {
  TRINE_CHECK_NE(from, to);
  const std::string arn = TextOf(call.input, "recommenderArn");
  TRINE_ASSIGN(const Resource found, FindArn(call, ResourceKind::kRecommender, arn));
  TRINE_ASSIGN(
      const Resource now, call.deps.resources.Update(found.kind, found.path, [&](Resource& change) -> Status {
        if (change.state != from) {
          return Error(ErrorCode::kNotActive,
                       "Resource Arn " + arn + " is in state " + std::string(StatusOf(change.state)));
        }
        change.state = to;
        return Ok();
      }));
  return ArnAnswer(call, now);
}

}  // namespace

Status ReadExploration(const Json* config, Recipe recipe, Json* spec) {
  const auto& known = recommend::Info(recipe).serving;
  for (const recommend::HyperParameter& parameter : known) {
    if (const auto value = format::ParseDouble(parameter.default_value)) spec->Set(parameter.name, *value);
  }
  std::vector<std::pair<std::string, std::string>> given;
  if (config != nullptr) given = TextsOf(FindMember(*config, "itemExplorationConfig"));
  for (auto& entry : given) entry.first = SettingName(entry.first);
  if (Status good = recommend::CheckHyperParameters(known, given); !good.ok())
    return Invalid("itemExplorationConfig is not valid: " + good.error().ToString());
  for (const auto& [name, value] : given) {
    if (const auto number = format::ParseDouble(value)) spec->Set(name, *number);
  }
  return Ok();
}

Result<Json> CreateCampaign(const Call& call) {
  TRINE_ASSIGN(const Resource version, VersionOf(call));
  Resource campaign = NewResource(call, ResourceKind::kCampaign, TextOf(call.input, "name"), &version);
  campaign.parent = version.parent;  // the solution; NewResource set the version as the parent
  TRINE_TRY(Configure(call, version, &campaign.spec));
  return Create(call, std::move(campaign));
}

// The campaign uses the new version from the next request on, without interruption.
Result<Json> UpdateCampaign(const Call& call) {
  TRINE_ASSIGN(const Resource campaign, FindActive(call, ResourceKind::kCampaign, "campaignArn"));
  std::optional<Resource> version =
      call.deps.resources.Get(ResourceKind::kSolutionVersion, TextOf(campaign.spec, "solution_version"));
  if (!TextOf(call.input, "solutionVersionArn").empty()) {
    TRINE_ASSIGN(version, VersionOf(call));
    if (version->parent != campaign.parent)
      return Invalid("A campaign can only be updated to a version of its own solution");
  }
  if (!version) return Invalid("The campaign's solution version was deleted");
  TRINE_ASSIGN(const Resource updated,
               call.deps.resources.Update(campaign.kind, campaign.path, [&](Resource& now) -> Status {
                 TRINE_TRY(Configure(call, *version, &now.spec));
                 now.spec.Set("update_time", call.deps.clock.Now().value);
                 return Ok();
               }));
  return ArnAnswer(call, updated);
}

Json::Object DescribeCampaign(const Call& call, const Resource& campaign) {
  FollowLatest(call, campaign.path);
  const auto now = call.deps.resources.Get(ResourceKind::kCampaign, campaign.path);
  const Json& spec = now ? now->spec : campaign.spec;
  Json::Object members = CampaignMembers(call, spec);
  if (const auto time = IntegerOf(spec, "update_time")) {
    Json update = CampaignMembers(call, spec);
    update.Set("status", StatusOf(ResourceState::kActive));
    update.Set("creationDateTime", Seconds(Millis{*time}));
    update.Set("lastUpdatedDateTime", Seconds(Millis{*time}));
    members.emplace_back("latestCampaignUpdate", std::move(update));
  }
  return members;
}

void FollowLatest(const Call& call, const std::string& path) {
  const auto campaign = call.deps.resources.Get(ResourceKind::kCampaign, path);
  if (!campaign || !FlagOf(campaign->spec, "follow_latest")) return;
  const auto newest = NewestActive(call, campaign->parent);
  if (!newest || newest->path == TextOf(campaign->spec, "solution_version")) return;
  const auto updated = call.deps.resources.Update(ResourceKind::kCampaign, path, [&](Resource& now) {
    now.spec.Set("solution_version", newest->path);
    return Ok();
  });
  if (!updated.ok()) call.deps.log.Warning("campaign [" + path + "]: " + updated.error().ToString());
}

Result<Json> CreateRecommender(const Call& call) {
  const std::string arn = TextOf(call.input, "recipeArn");
  TRINE_ASSIGN(const Recipe recipe, RecipeOf(arn));
  const recommend::RecipeInfo& info = recommend::Info(recipe);
  if (!info.ecommerce) return Invalid("The recipe " + arn + " is not for recommenders; use CreateSolution");
  TRINE_ASSIGN(const Resource group, FindActive(call, ResourceKind::kDatasetGroup, "datasetGroupArn"));
  if (TextOf(group.spec, "domain") != "ecommerce")
    return Invalid("A recommender needs a dataset group in the domain of its recipe");
  Resource recommender = NewResource(call, ResourceKind::kRecommender, TextOf(call.input, "name"), &group);
  recommender.state = ResourceState::kPending;
  recommender.spec.Set("recipe", info.name);
  TRINE_TRY(ReadRecommenderConfig(call, group, FindMember(call.input, "recommenderConfig"), recipe,
                                  &recommender.spec));
  const std::string path = recommender.path;
  TRINE_ASSIGN(Json answer, Create(call, std::move(recommender)));
  if (const Status started = call.deps.jobs.StartRecommenderTraining(path); !started.ok())
    call.deps.log.Warning("training cannot be started: " + started.error().ToString());
  return answer;
}

Result<Json> UpdateRecommender(const Call& call) {
  TRINE_ASSIGN(const Resource found, FindActive(call, ResourceKind::kRecommender, "recommenderArn"));
  const auto recipe = RecipeNamed(TextOf(found.spec, "recipe"));
  if (!recipe) return Invalid("The recommender's recipe is no longer supported");
  const auto group = call.deps.resources.Get(ResourceKind::kDatasetGroup, found.parent);
  if (!group) return Invalid("The recommender's dataset group was deleted");
  // Read before Update, whose function must not call the store.
  Json read = found.spec;
  TRINE_TRY(ReadRecommenderConfig(call, *group, FindMember(call.input, "recommenderConfig"), *recipe, &read));
  // The recommender would have to stop serving until it is trained again.
  if (Differs(found.spec, read, "excluded_columns") || Differs(found.spec, read, "included_columns")) {
    return Error(ErrorCode::kUnsupported,
                 "Changing trainingDataConfig is not supported yet: create another recommender");
  }
  TRINE_ASSIGN(const Resource updated,
               call.deps.resources.Update(found.kind, found.path, [&](Resource& now) -> Status {
                 for (const auto& [name, value] : read.object()) now.spec.Set(name, value);
                 now.spec.Set("update_time", call.deps.clock.Now().value);
                 return Ok();
               }));
  return ArnAnswer(call, updated);
}

Result<Json> StartRecommender(const Call& call) {
  return SwitchState(call, ResourceState::kInactive, ResourceState::kActive);
}
Result<Json> StopRecommender(const Call& call) {
  return SwitchState(call, ResourceState::kActive, ResourceState::kInactive);
}

Json::Object DescribeRecommender(const Call& call, const Resource& recommender) {
  const auto recipe = RecipeNamed(TextOf(recommender.spec, "recipe"));
  Json::Object members = RecommenderConfig(recommender);
  members.emplace_back("datasetGroupArn", ArnOf(call, ResourceKind::kDatasetGroup, recommender.parent));
  members.emplace_back("recipeArn", recipe ? Json(RecipeArn(*recipe)) : Json());
  if (const Json* metrics = FindMember(recommender.spec, "metrics"))
    members.emplace_back("modelMetrics", MetricsJson(*metrics));
  if (const auto time = IntegerOf(recommender.spec, "update_time")) {
    Json update = RecommenderConfig(recommender);
    update.Set("status", StatusOf(ResourceState::kActive));
    update.Set("creationDateTime", Seconds(Millis{*time}));
    update.Set("lastUpdatedDateTime", Seconds(Millis{*time}));
    members.emplace_back("latestRecommenderUpdate", std::move(update));
  }
  return members;
}

Status RemoveRecommender(const Call& call, const Resource& recommender) {
  TRINE_CHECK_EQ(recommender.kind, ResourceKind::kRecommender);
  if (recommender.state == ResourceState::kPending || recommender.state == ResourceState::kInProgress) {
    return Error(ErrorCode::kNotActive, "Resource Arn " + ArnOf(call, recommender) + " is being created");
  }
  const std::string model = TextOf(recommender.spec, "model");
  if (model.empty()) return Ok();
  if (const Status dropped = call.deps.recommender.DropModel(model); !dropped.ok())
    call.deps.log.Warning("model [" + model + "] cannot be dropped: " + dropped.error().ToString());
  return Ok();
}

}  // namespace trine::api::personalize
