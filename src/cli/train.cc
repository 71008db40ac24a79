// `trine train`: trains a solution from the events of a dataset group and prints its metrics.
#include <chrono>
#include <cstdio>
#include <thread>

#include "base/text.h"
#include "cli/connection.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "format/text.h"

namespace trine::cli {
namespace {

using format::Json;

constexpr auto kPollInterval = std::chrono::milliseconds(200);

struct Options {
  std::string solution, group, recipe = "aws-user-personalization-v2", campaign, event_type;
  bool recipe_given = false;
};

Result<std::string> TextAt(const Json& answer, const char* path) {
  const Json* value = answer.FindPath(path);
  if (value == nullptr || !value->is_string())
    return Error(ErrorCode::kUnavailable, std::string("the server's answer has no member ") + path);
  return value->string();
}

Error NotFound(std::string message) { return Error(ErrorCode::kNotFound, std::move(message)); }

// Waits until a resource is ACTIVE. kUnavailable with the failure reason if its creation failed.
Status WaitUntilActive(Connection& connection, const std::string& operation, const char* argument,
                       const std::string& arn, const std::string& member, Progress* progress) {
  Json ask;
  ask.Set(argument, arn);
  while (true) {
    TRINE_ASSIGN(const Json answer, connection.CallPersonalize(operation, ask));
    TRINE_ASSIGN(const std::string status, TextAt(answer, (member + ".status").c_str()));
    if (status == "ACTIVE") return Ok();
    if (status == "CREATE FAILED" || status == "CREATE STOPPED") {
      const Json* why = answer.FindPath(member + ".failureReason");
      return Error(ErrorCode::kUnavailable,
                   status + (why != nullptr && why->is_string() ? ": " + why->string() : ""))
          .Where(arn);
    }
    if (progress != nullptr) progress->Show(-1, status);
    std::this_thread::sleep_for(kPollInterval);
  }
}

// The ARN of the resource with this name, searched in all pages of the list; empty if there is none.
Result<std::string> FindArn(Connection& connection, const std::string& list, const std::string& members,
                            const char* arn_key, const std::string& name) {
  Json ask = Json::Object{};
  while (true) {
    TRINE_ASSIGN(const Json answer, connection.CallPersonalize(list, ask));
    if (const Json* all = answer.Find(members); all != nullptr && all->is_array()) {
      for (const Json& one : all->array()) {
        const Json* its = one.Find("name");
        if (its != nullptr && its->is_string() && its->string() == name) return TextAt(one, arn_key);
      }
    }
    const Json* next = answer.Find("nextToken");
    if (next == nullptr || !next->is_string() || next->string().empty()) return std::string();
    ask.Set("nextToken", *next);
  }
}

// Like FindArn, but creates a missing resource with the operation `create`.
Result<std::string> FindOrCreateArn(Connection& connection, const std::string& list,
                                    const std::string& members, const char* arn_key, const std::string& name,
                                    const std::string& create, const Json& body) {
  TRINE_ASSIGN(std::string found, FindArn(connection, list, members, arn_key, name));
  if (!found.empty()) return found;
  TRINE_ASSIGN(const Json made, connection.CallPersonalize(create, body));
  return TextAt(made, arn_key);
}

// The settings of a solution never change, so options that an existing solution does not have would have no
// effect. kUsage if there are any.
Status CheckSolution(Connection& connection, const std::string& arn, const Options& o) {
  Json ask;
  ask.Set("solutionArn", arn);
  TRINE_ASSIGN(const Json answer, connection.CallPersonalize("DescribeSolution", ask));
  const auto check = [&](const char* option, const std::string& given, const char* path) -> Status {
    const Json* value = answer.FindPath(path);
    const std::string stored = value != nullptr && value->is_string() ? value->string() : "";
    if (given.empty() || EqualsIgnoreCase(stored, given) || stored.ends_with("/" + given)) return Ok();
    return Error(ErrorCode::kUsage, "solution '" + o.solution + "' exists already with another " + option)
        .Expected(stored.empty() ? "no " + std::string(option) : stored)
        .Got(given);
  };
  TRINE_TRY(check("--event-type", o.event_type, "solution.eventType"));
  return check("--recipe", o.recipe_given ? o.recipe : "", "solution.recipeArn");
}

Result<Json> Train(Connection& connection, const Options& o) {
  Json solution;
  solution.Set("name", o.solution);
  solution.Set("recipeArn", "arn:aws:personalize:::recipe/" + o.recipe);
  if (!o.event_type.empty()) solution.Set("eventType", o.event_type);
  TRINE_ASSIGN(std::string solution_arn,
               FindArn(connection, "ListSolutions", "solutions", "solutionArn", o.solution));
  if (solution_arn.empty()) {
    if (o.group.empty())
      return NotFound("unknown solution '" + o.solution +
                      "'; add --group NAME to create it in a dataset group");
    TRINE_ASSIGN(const std::string group,
                 FindArn(connection, "ListDatasetGroups", "datasetGroups", "datasetGroupArn", o.group));
    if (group.empty())
      return NotFound("unknown dataset group '" + o.group + "'; trine import FILE --group " + o.group +
                      " creates it");
    solution.Set("datasetGroupArn", group);
    TRINE_ASSIGN(const Json made, connection.CallPersonalize("CreateSolution", solution));
    TRINE_ASSIGN(solution_arn, TextAt(made, "solutionArn"));
  }
  TRINE_TRY(CheckSolution(connection, solution_arn, o));
  TRINE_TRY(
      WaitUntilActive(connection, "DescribeSolution", "solutionArn", solution_arn, "solution", nullptr));
  Json version_body;
  version_body.Set("solutionArn", solution_arn);
  TRINE_ASSIGN(const Json made, connection.CallPersonalize("CreateSolutionVersion", version_body));
  TRINE_ASSIGN(const std::string version, TextAt(made, "solutionVersionArn"));
  {
    Progress progress("training " + o.solution);
    TRINE_TRY(WaitUntilActive(connection, "DescribeSolutionVersion", "solutionVersionArn", version,
                              "solutionVersion", &progress));
  }
  Json ask;
  ask.Set("solutionVersionArn", version);
  TRINE_ASSIGN(Json result, connection.CallPersonalize("GetSolutionMetrics", ask));
  if (!o.campaign.empty()) {
    Json campaign;
    campaign.Set("name", o.campaign);
    campaign.Set("solutionVersionArn", version);
    TRINE_ASSIGN(const std::string arn,
                 FindOrCreateArn(connection, "ListCampaigns", "campaigns", "campaignArn", o.campaign,
                                 "CreateCampaign", campaign));
    Json update;
    update.Set("campaignArn", arn);
    update.Set("solutionVersionArn", version);
    TRINE_TRY(WaitUntilActive(connection, "DescribeCampaign", "campaignArn", arn, "campaign", nullptr));
    auto updated = connection.CallPersonalize("UpdateCampaign", update);
    if (!updated.ok()) return std::move(updated).error();
    result.Set("campaignArn", arn);
  }
  return result;
}

void Print(const Json& result) {
  std::printf("%s\n", format::Printable(result.Find("solutionVersionArn")->string()).c_str());
  if (const Json* metrics = result.Find("metrics"); metrics != nullptr && metrics->is_object()) {
    for (const auto& [name, value] : metrics->object())
      std::printf("  %-45s %.4f\n", format::Printable(name).c_str(),
                  value.is_number() ? value.number() : 0.0);
  }
}

}  // namespace

void RegisterTrain(CLI::App* app, Invocation* invocation) {
  auto o = std::make_shared<Options>();
  CLI::App* train =
      app->add_subcommand("train",
                          "Train a new version of a solution and print its metrics. The solution is "
                          "created if it does not exist.\n\n  trine train "
                          "--solution for-you --group shop --campaign for-you-now\n");
  train->add_option("--solution", o->solution, "name of the solution")->required();
  train->add_option("--group", o->group, "dataset group in which to create the solution");
  train->add_option("--recipe", o->recipe, "recipe for a new solution")->capture_default_str();
  train->add_option("--event-type", o->event_type, "train on events of this type only; for a new solution");
  train->add_option("--campaign", o->campaign,
                    "campaign that serves the new version; created if it does not exist");
  AddTargetOptions(train, invocation);
  train->callback([o, invocation, train] {
    o->recipe_given = train->count("--recipe") > 0;
    invocation->run = [o, invocation] {
      auto connection = Connection::Open(*invocation);
      if (!connection.ok()) return Fail(connection.error());
      const auto result = Train(**connection, *o);
      if (!result.ok()) return Fail(result.error());
      if (invocation->json)
        std::printf("%s\n", format::ToString(*result).c_str());
      else
        Print(*result);
      return kDone;
    };
  });
}

}  // namespace trine::cli
