// `trine eval`: offline evaluation of recommendations (on a time split of a group's events) and of search
// (against relevance judgments).
#include <cstdio>
#include <filesystem>
#include <map>

#include "base/clock.h"
#include "cli/connection.h"
#include "cli/index_fields.h"
#include "cli/invocation.h"
#include "cli/judgments.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/usage.h"
#include "format/text.h"
#include "recommend/train/evaluate.h"
#include "recommend/train/train.h"
#include "server/console_log.h"
#include "server/engines.h"

namespace trine::cli {
namespace {

using format::Json;

struct RecommendOptions {
  std::string group;
  double future = 0.1;
  size_t people = 3000;
  uint64_t seed = 1;
};
struct SearchOptions {
  std::string index, queries, qrels, fields;
  size_t depth = 10;
};

Json IntervalJson(const recommend::Interval& interval) {
  Json out;
  out.Set("value", interval.value);
  out.Set("low", interval.low);
  out.Set("high", interval.high);
  return out;
}

Json EvaluationJson(const recommend::Evaluation& e) {
  Json out, arms(Json::Array{}), gains(Json::Array{});
  out.Set("split", format::FormatTime(e.moment));
  out.Set("events_before", e.events_before);
  out.Set("events_after", e.events_after);
  out.Set("people", static_cast<uint64_t>(e.people));
  out.Set("known_people", static_cast<uint64_t>(e.known_people));
  out.Set("items", static_cast<uint64_t>(e.items));
  out.Set("seconds_to_fit", e.seconds_to_fit);
  for (const auto& arm : e.arms) {
    Json one;
    one.Set("name", arm.name);
    one.Set("hit_at_10", IntervalJson(arm.hit_at_10));
    one.Set("ndcg_at_10", IntervalJson(arm.ndcg_at_10));
    one.Set("coverage", arm.coverage);
    arms.Push(std::move(one));
  }
  for (const auto& [name, gain] : e.gains) {
    Json one;
    one.Set("over", name);
    one.Set("ndcg_at_10", IntervalJson(gain));
    gains.Push(std::move(one));
  }
  out.Set("arms", std::move(arms));
  out.Set("gains", std::move(gains));
  return out;
}

void PrintEvaluation(const recommend::Evaluation& e) {
  std::printf(
      "split at %s: %llu events before, %llu after; %zu users tested (%zu with earlier events), "
      "%zu candidate items; fitted in %.1f s\n",
      format::FormatTime(e.moment).c_str(), static_cast<unsigned long long>(e.events_before),
      static_cast<unsigned long long>(e.events_after), e.people, e.known_people, e.items, e.seconds_to_fit);
  std::printf("%-20s %-26s %-26s %s\n", "", "Hit@10 (95 %)", "NDCG@10 (95 %)", "coverage");
  for (const auto& a : e.arms) {
    std::printf("%-20s %.4f [%.4f, %.4f]    %.4f [%.4f, %.4f]    %.3f\n", a.name.c_str(), a.hit_at_10.value,
                a.hit_at_10.low, a.hit_at_10.high, a.ndcg_at_10.value, a.ndcg_at_10.low, a.ndcg_at_10.high,
                a.coverage);
  }
  for (const auto& [name, gain] : e.gains)
    std::printf("served blend over %s: %+.4f NDCG@10 [%+.4f, %+.4f]\n", name.c_str(), gain.value, gain.low,
                gain.high);
}

Result<recommend::Evaluation> EvaluateGroup(const Invocation& invocation, const RecommendOptions& o) {
  if (!invocation.url.empty())
    return Error(ErrorCode::kUsage,
                 "eval recommend cannot use --url: stop the server or restore a backup, and pass the data "
                 "directory with --data-dir");
  const auto log = server::NewConsoleLog(LogLevel::kWarning);
  server::EngineOptions options;
  options.data_dir = invocation.data_dir;
  options.create = false;
  options.program = invocation.program;
  TRINE_ASSIGN(const auto engines, server::Engines::Open(options, SystemClock(), *log, NullMetrics()));
  const auto group = engines->resources->Get(recommend::ResourceKind::kDatasetGroup, o.group);
  if (!group) return Error(ErrorCode::kNotFound, "unknown dataset group").Where(o.group);
  const std::string folder = invocation.data_dir + "/scratch/evaluation";
  Progress progress("evaluating " + o.group);
  TRINE_TRY(recommend::ExportSnapshot(folder, group->group, {}, *engines->history, *engines->catalogue,
                                      *engines->records, SystemClock().Now(), engines->declared_roles.get()));
  recommend::EvaluationOptions evaluation;
  evaluation.future_share = o.future;
  evaluation.max_people = o.people;
  evaluation.seed = o.seed;
  auto result = recommend::EvaluateSnapshot(folder, evaluation, {});
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return result;
}

struct SearchScore {
  double ndcg = 0;
  size_t queries = 0;
};

Result<SearchScore> EvaluateSearch(const Invocation& invocation, const SearchOptions& o) {
  TRINE_ASSIGN(const auto queries, ReadTsv(o.queries, 2));
  TRINE_ASSIGN(const auto judged, ReadTsv(o.qrels, 3));
  std::map<std::string, std::map<std::string, double>> gains;
  for (const auto& row : judged) gains[row[0]][row[1]] = format::ParseDouble(row[2]).value_or(0);
  TRINE_ASSIGN(const auto connection, Connection::Open(invocation));
  Progress progress("evaluating " + o.index);
  SearchScore score;
  TRINE_ASSIGN(const auto known_fields, IndexFields(*connection, o.index));
  std::vector<std::string> searched;
  if (o.fields.empty()) {
    searched = TitleFields(*connection, o.index);
  } else {
    TRINE_ASSIGN(searched, SplitFields(o.fields, known_fields));
  }
  if (searched.empty())
    return Error(ErrorCode::kUsage,
                 "no field of the index has the role title; name the fields with --fields");
  Json fields(Json::Array{});
  for (const std::string& field : searched) fields.Push(field);
  for (const auto& query : queries) {
    const auto known = gains.find(query[0]);
    if (known == gains.end()) continue;
    Json body, match;
    match.Set("query", query[1]);
    match.Set("fields", fields);
    body.Set("query", Json{}).Set("multi_match", std::move(match));
    body.Set("size", static_cast<uint64_t>(o.depth));
    body.Set("_source", false);
    TRINE_ASSIGN(const Json answer,
                 connection->Call("POST", "/" + format::PercentEncode(o.index) + "/_search", body));
    std::vector<double> found, judged_gains;
    if (const Json* hits = answer.FindPath("hits.hits"); hits != nullptr) {
      for (const Json& hit : hits->array()) {
        const auto gain = known->second.find(hit.Find("_id")->string());
        found.push_back(gain == known->second.end() ? 0 : gain->second);
      }
    }
    for (const auto& [id, gain] : known->second) judged_gains.push_back(gain);
    score.ndcg += Ndcg(found, std::move(judged_gains), o.depth);
    progress.Show(static_cast<double>(++score.queries) / static_cast<double>(queries.size()), "");
  }
  if (score.queries == 0) return Error(ErrorCode::kInvalid, "no query has a judgment").Where(o.qrels);
  TRINE_CHECK_LE(score.queries, queries.size());
  score.ndcg /= static_cast<double>(score.queries);
  return score;
}

void AddRecommend(CLI::App* eval, Invocation* invocation) {
  auto o = std::make_shared<RecommendOptions>();
  CLI::App* recommend =
      eval->add_subcommand("recommend",
                           "Split a dataset group's events by time, and compare how well popularity, "
                           "co-occurrence, repetition and the "
                           "served blend predict the later part: Hit@10, NDCG@10 and coverage. No server may "
                           "have the data directory "
                           "open.\n\n  trine eval recommend --group retail --data-dir ./trine-data\n");
  recommend->add_option("--group", o->group, "dataset group")->required();
  recommend->add_option("--future", o->future, "share of the newest events to predict: 0.001 to 0.9")
      ->check(NumberFrom(0.001, 0.9), "")
      ->capture_default_str();
  recommend->add_option("--people", o->people, "maximum number of users to evaluate")
      ->check(IntegerFrom(1, 10'000'000), "")
      ->capture_default_str();
  recommend->add_option("--seed", o->seed, "seed for sampling and the bootstrap")
      ->check(IntegerFrom(0, INT64_MAX), "")
      ->capture_default_str();
  AddTargetOptions(recommend, invocation);
  recommend->callback([o, invocation] {
    invocation->run = [o, invocation] {
      const auto result = EvaluateGroup(*invocation, *o);
      if (!result.ok()) return Fail(result.error());
      if (invocation->json)
        std::printf("%s\n", format::ToString(EvaluationJson(*result)).c_str());
      else
        PrintEvaluation(*result);
      return kDone;
    };
  });
}

void AddSearch(CLI::App* eval, Invocation* invocation) {
  auto o = std::make_shared<SearchOptions>();
  CLI::App* search = eval->add_subcommand("search",
                                          "Run queries with known relevant documents against an index, and "
                                          "print NDCG.\n\n  trine eval search --index titles "
                                          "--queries queries.tsv --qrels qrels.tsv --fields title\n");
  search->add_option("--index", o->index, "index to search")->required();
  search->add_option("--queries", o->queries, "tab-separated file: query id, words")->required();
  search->add_option("--qrels", o->qrels, "tab-separated file: query id, document id, gain")->required();
  search->add_option("--fields", o->fields,
                     "fields to search: title^3,brand; default: those with the role title");
  search->add_option("--depth", o->depth, "k of NDCG@k: 1 to 1000")
      ->check(IntegerFrom(1, 1000), "")
      ->capture_default_str();
  AddTargetOptions(search, invocation);
  search->callback([o, invocation] {
    invocation->run = [o, invocation] {
      const auto result = EvaluateSearch(*invocation, *o);
      if (!result.ok()) return Fail(result.error());
      if (invocation->json)
        std::printf("{\"ndcg\":%.6f,\"depth\":%zu,\"queries\":%zu}\n", result->ndcg, o->depth,
                    result->queries);
      else
        std::printf("NDCG@%zu %.4f over %zu queries\n", o->depth, result->ndcg, result->queries);
      return kDone;
    };
  });
}

}  // namespace

void RegisterEval(CLI::App* app, Invocation* invocation) {
  CLI::App* eval = app->add_subcommand("eval",
                                       "Evaluate recommendation or search offline.\n\n  trine eval recommend "
                                       "--group retail\n  trine eval search "
                                       "--index titles --queries queries.tsv --qrels qrels.tsv\n");
  eval->require_subcommand(1);
  AddRecommend(eval, invocation);
  AddSearch(eval, invocation);
}

}  // namespace trine::cli
