// Solutions and their versions.
#include <algorithm>
#include <map>
#include <set>

#include "api/personalize/arn.h"
#include "api/personalize/handlers.h"
#include "api/personalize/recipe_names.h"
#include "base/text.h"
#include "format/text.h"

namespace trine::api::personalize {
namespace {

using format::Json;
using recommend::Recipe;
using recommend::Resource;
using recommend::ResourceKind;
using recommend::ResourceState;

// Personalize's minimums for training; enforced with strict_limits.
constexpr uint64_t kMinInteractions = 1000;
constexpr size_t kMinUsers = 25;

Error Unsupported(const std::string& what) {
  return Error(ErrorCode::kUnsupported, what + " is not supported yet");
}

std::string RecipeArnOf(const std::string& word) {
  const auto recipe = RecipeNamed(word);
  return recipe ? RecipeArn(*recipe) : ServiceArn("recipe", word);
}

// Reads hyperparameters and feature transformation parameters. They are two lists in Personalize's requests,
// but one list in Trine's recipes.
Status ReadHyperParameters(const Json& config, Recipe recipe, Json* spec) {
  std::vector<std::pair<std::string, std::string>> given =
      TextsOf(FindMember(config, "algorithmHyperParameters"));
  for (auto& extra : TextsOf(FindMember(config, "featureTransformationParameters"))) given.push_back(extra);
  if (given.empty()) return Ok();
  given = recommend::CanonicalHyperParameters(recommend::Info(recipe).training, std::move(given));
  Status good = recommend::CheckHyperParameters(recommend::Info(recipe).training, given);
  if (!good.ok()) return Invalid("The hyperparameters are not valid: " + good.error().ToString());
  Json kept = Json::Object{};
  for (auto& [name, value] : given) kept.Set(name, value);
  spec->Set("hyper_parameters", std::move(kept));
  return Ok();
}

Status ReadEvents(const Json& config, const Json& input, Json* spec) {
  if (const std::string type = TextOf(input, "eventType"); !type.empty()) spec->Set("event_type", type);
  if (const std::string text = TextOf(config, "eventValueThreshold"); !text.empty()) {
    const auto threshold = format::ParseDouble(text);
    if (!threshold) return Invalid("eventValueThreshold must be a number").Got(text);
    spec->Set("event_value_threshold", *threshold);
  }
  const Json* events = FindMember(config, "eventsConfig");
  const Json* list = events == nullptr ? nullptr : FindMember(*events, "eventParametersList");
  if (list == nullptr) return Ok();
  Json& weights = spec->Set("event_weights", Json::Array{});
  std::set<std::string> types;
  for (const Json& entry : list->array()) {
    const std::string type = TextOf(entry, "eventType");
    if (type.empty()) return Invalid("An entry of eventParametersList has no eventType");
    if (!types.insert(ToLowerAscii(type)).second)
      return Invalid("eventParametersList contains an eventType twice, which may differ in case: " + type);
    Json weight = Json::Object{};
    weight.Set("type", type);
    if (const auto value = NumberOf(entry, "eventValueThreshold")) weight.Set("threshold", *value);
    if (const auto value = NumberOf(entry, "weight")) weight.Set("weight", *value);
    weights.Push(std::move(weight));
  }
  return Ok();
}

Status ReadConfig(const Call& call, const Resource& group, Recipe recipe, Json* spec) {
  const Json* given = FindMember(call.input, "solutionConfig");
  const Json config = given == nullptr ? Json(Json::Object{}) : *given;
  if (FindMember(config, "autoMLConfig") != nullptr) return Unsupported("autoMLConfig");
  if (const Json* objective = FindMember(config, "optimizationObjective");
      objective != nullptr && TextOf(*objective, "objectiveSensitivity") != "OFF") {
    return Unsupported("optimizationObjective");
  }
  TRINE_TRY(ReadHyperParameters(config, recipe, spec));
  TRINE_TRY(ReadEvents(config, call.input, spec));
  TRINE_TRY(ReadTrainingColumns(call, group, config, spec));
  if (given != nullptr) spec->Set("config", config);
  return Ok();
}

// Why a group has less data than Personalize requires for training; empty if it has enough.
Result<std::string> InsufficientDataReason(const Call& call, GroupId group) {
  const uint64_t events = call.deps.history.EventCount(group);
  if (events < kMinInteractions) {
    return "There are " + std::to_string(events) + " interactions; at least " +
           std::to_string(kMinInteractions) + " are needed";
  }
  std::map<std::string, int, std::less<>> per_user;
  TRINE_TRY(call.deps.history.Scan(group, EventSeq{0}, [&](const history::Event& event) -> Result<bool> {
    if (!event.user_id.empty()) ++per_user[event.user_id];
    return true;
  }));
  const auto users = std::ranges::count_if(per_user, [](const auto& entry) { return entry.second >= 2; });
  if (static_cast<size_t>(users) >= kMinUsers) return std::string();
  return "There are " + std::to_string(users) + " users with two interactions or more; at least " +
         std::to_string(kMinUsers) + " are needed";
}

bool HasActiveVersion(const Call& call, const std::string& solution) {
  return std::ranges::any_of(call.deps.resources.List(ResourceKind::kSolutionVersion, solution),
                             [](const Resource& v) { return v.state == ResourceState::kActive; });
}

}  // namespace

Result<Json> CreateSolution(const Call& call) {
  if (FlagOf(call.input, "performAutoML")) return Unsupported("performAutoML");
  if (FlagOf(call.input, "performIncrementalUpdate")) return Unsupported("performIncrementalUpdate");
  const std::string arn = TextOf(call.input, "recipeArn");
  if (arn.empty()) return Invalid("recipeArn must be given: performAutoML is not supported yet");
  TRINE_ASSIGN(const Recipe recipe, RecipeOf(arn));
  const recommend::RecipeInfo& info = recommend::Info(recipe);
  if (info.ecommerce) return Invalid("The recipe " + arn + " is for recommenders; use CreateRecommender");
  TRINE_ASSIGN(const Resource group, FindActive(call, ResourceKind::kDatasetGroup, "datasetGroupArn"));
  Resource solution = NewResource(call, ResourceKind::kSolution, TextOf(call.input, "name"), &group);
  solution.spec.Set("recipe", info.name);
  solution.spec.Set("perform_hpo", FlagOf(call.input, "performHPO"));
  // Stored for DescribeSolution only: there is no automatic training.
  solution.spec.Set("auto_training", FlagOf(call.input, "performAutoTraining"));
  TRINE_TRY(ReadConfig(call, group, recipe, &solution.spec));
  return Create(call, std::move(solution));
}

Result<Json> UpdateSolution(const Call& call) {
  TRINE_ASSIGN(const Resource solution, FindActive(call, ResourceKind::kSolution, "solutionArn"));
  if (FlagOf(call.input, "performIncrementalUpdate")) return Unsupported("performIncrementalUpdate");
  const Json* config = FindMember(call.input, "solutionUpdateConfig");
  const Json* schedule = nullptr;
  if (config != nullptr) {
    for (const auto& [name, value] : config->object()) {
      if (name != "autoTrainingConfig") return Unsupported("solutionUpdateConfig." + name);
      schedule = &value;
    }
  }
  const Json* automatic = FindMember(call.input, "performAutoTraining");
  TRINE_TRY(call.deps.resources.Update(ResourceKind::kSolution, solution.path, [&](Resource& now) {
    if (automatic != nullptr) now.spec.Set("auto_training", *automatic);
    if (schedule != nullptr) {
      Json kept =
          FindMember(now.spec, "config") == nullptr ? Json(Json::Object{}) : *FindMember(now.spec, "config");
      kept.Set("autoTrainingConfig", *schedule);
      now.spec.Set("config", std::move(kept));
    }
    return Ok();
  }));
  Json answer = Json::Object{};
  answer.Set("solutionArn", ArnOf(call, solution));
  return answer;
}

Json::Object DescribeSolution(const Call& call, const Resource& solution) {
  Json::Object members = {{"performHPO", FlagOf(solution.spec, "perform_hpo")},
                          {"performAutoML", false},
                          {"performAutoTraining", FlagOf(solution.spec, "auto_training")},
                          {"performIncrementalUpdate", false},
                          {"recipeArn", RecipeArnOf(TextOf(solution.spec, "recipe"))},
                          {"datasetGroupArn", ArnOf(call, ResourceKind::kDatasetGroup, solution.parent)}};
  if (const std::string type = TextOf(solution.spec, "event_type"); !type.empty())
    members.emplace_back("eventType", type);
  if (const Json* config = FindMember(solution.spec, "config"))
    members.emplace_back("solutionConfig", *config);
  const auto versions = call.deps.resources.List(ResourceKind::kSolutionVersion, solution.path);
  if (!versions.empty()) {
    const Resource& latest = versions.back();
    Json summary = Json::Object{};
    summary.Set("solutionVersionArn", ArnOf(call, latest));
    summary.Set("status", StatusOf(latest.state));
    summary.Set("trainingMode", ToUpperAscii(TextOf(latest.spec, "mode")));
    summary.Set("trainingType", "MANUAL");
    summary.Set("creationDateTime", Seconds(latest.created));
    summary.Set("lastUpdatedDateTime", Seconds(latest.updated));
    members.emplace_back("latestSolutionVersion", std::move(summary));
  }
  return members;
}

Status RemoveSolution(const Call& call, const Resource& solution) {
  TRINE_CHECK_EQ(solution.kind, ResourceKind::kSolution);
  TRINE_TRY(CheckNoChildren(call, ResourceKind::kCampaign, solution));
  const auto versions = call.deps.resources.List(ResourceKind::kSolutionVersion, solution.path);
  for (const Resource& version : versions) {
    if (version.state != ResourceState::kPending && version.state != ResourceState::kInProgress) continue;
    return Error(ErrorCode::kInUse, "Resource Arn " + ArnOf(call, solution) +
                                        " cannot be deleted: " + ArnOf(call, version) + " is being trained");
  }
  for (const Resource& version : versions) {
    for (const Resource& job : call.deps.resources.List(ResourceKind::kBatchInferenceJob, version.path))
      TRINE_TRY(call.deps.resources.Delete(ResourceKind::kBatchInferenceJob, job.path));
    TRINE_TRY(call.deps.resources.Delete(ResourceKind::kSolutionVersion, version.path));
    const std::string model = TextOf(version.spec, "model");
    if (model.empty()) continue;
    if (const Status dropped = call.deps.recommender.DropModel(model); !dropped.ok())
      call.deps.log.Warning("model [" + model + "] cannot be dropped: " + dropped.error().ToString());
  }
  for (const Resource& version : call.deps.resources.ListUnreadable(ResourceKind::kSolutionVersion)) {
    if (version.path.starts_with(solution.path + "/"))
      TRINE_TRY(call.deps.resources.Delete(ResourceKind::kSolutionVersion, version.path));
  }
  return Ok();
}

Result<Json> CreateSolutionVersion(const Call& call) {
  TRINE_ASSIGN(const Resource solution, FindActive(call, ResourceKind::kSolution, "solutionArn"));
  const std::string mode = TextOf(call.input, "trainingMode");
  if (mode == "AUTOTRAIN") return Unsupported("trainingMode AUTOTRAIN");
  if (mode == "UPDATE" && !HasActiveVersion(call, solution.path))
    return Invalid("trainingMode UPDATE needs a version that was trained with FULL");
  Resource version =
      NewResource(call, ResourceKind::kSolutionVersion, solution.path + "/" + call.ids.Hex8(), &solution);
  version.spec.Set("solution", solution.path);
  version.spec.Set("recipe", TextOf(solution.spec, "recipe"));
  version.spec.Set("mode", mode == "UPDATE" ? "update" : "full");
  version.state = ResourceState::kPending;
  if (call.deps.strict_limits) {
    TRINE_ASSIGN(version.failure_reason, InsufficientDataReason(call, solution.group));
    if (!version.failure_reason.empty()) version.state = ResourceState::kFailed;
  }
  const std::string path = version.path;
  const bool trains = version.state == ResourceState::kPending;
  TRINE_ASSIGN(Json answer, Create(call, std::move(version)));
  if (!trains) return answer;
  if (const Status started = call.deps.jobs.StartTraining(path); !started.ok())
    call.deps.log.Warning("training cannot be started: " + started.error().ToString());
  return answer;
}

Json::Object DescribeSolutionVersion(const Call& call, const Resource& version) {
  Json::Object members = {{"solutionArn", ArnOf(call, ResourceKind::kSolution, version.parent)},
                          {"trainingMode", ToUpperAscii(TextOf(version.spec, "mode"))},
                          {"trainingType", "MANUAL"},
                          {"performAutoML", false},
                          {"performIncrementalUpdate", false}};
  if (const auto solution = call.deps.resources.Get(ResourceKind::kSolution, version.parent)) {
    for (auto& [name, value] : DescribeSolution(call, *solution)) {
      if (name == "performHPO" || name == "recipeArn" || name == "datasetGroupArn" || name == "eventType" ||
          name == "solutionConfig")
        members.emplace_back(name, std::move(value));
    }
  }
  if (const auto hours = NumberOf(version.spec, "training_hours"))
    members.emplace_back("trainingHours", Json(*hours));
  return members;
}

Result<Json> StopSolutionVersionCreation(const Call& call) {
  TRINE_ASSIGN(const Resource version,
               FindArn(call, ResourceKind::kSolutionVersion, TextOf(call.input, "solutionVersionArn")));
  TRINE_TRY(call.deps.jobs.StopTraining(version.path));
  return Json();
}

Result<Json> GetSolutionMetrics(const Call& call) {
  TRINE_ASSIGN(const Resource version,
               FindActive(call, ResourceKind::kSolutionVersion, "solutionVersionArn"));
  Json answer = Json::Object{};
  answer.Set("solutionVersionArn", ArnOf(call, version));
  const Json* measured = FindMember(version.spec, "metrics");
  answer.Set("metrics", measured == nullptr ? Json(Json::Object{}) : MetricsJson(*measured));
  return answer;
}

}  // namespace trine::api::personalize
