// AskCall and AskAnswer: one question to `AskService` and everything that it returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "formation/search_service.h"
#include "language/answer.h"
#include "language/intent.h"
#include "recommend/recommender.h"
#include "search/search.h"

namespace trine::formation {

struct AskCall {
  std::string question, user_id, session_id;
  catalogue::CollectionPtr collection;
  // Resource path. Empty: the first active ranking campaign of the bound dataset group, or, if the group has
  // none, its live counters.
  std::string campaign;
  size_t size = 5;                // items in the answer; values outside 1..100 are clamped
  std::optional<double> weight;   // weight of the personal score, 0..1; nullopt: AutoWeight
  std::string language = "auto";  // language of the answer: "ko", "en" or "auto"
  search::QueryPtr filter;        // nullptr: none
  // The top-level source fields that the question may match and the answer may name; empty: all.
  std::vector<std::string> visible_fields;
  recommend::Context context;
  int64_t deadline_ms = 2000;  // the caller's own deadline applies too
};

// One part of an item's final score. The amounts of all its parts add up to the score.
struct ScoreContribution {
  enum class By { kSearch, kTaste, kPopularity, kExploration, kRule } by = By::kSearch;
  double amount = 0;
  std::vector<recommend::Cause> because;
};

struct AskItem {
  std::string item_id;
  catalogue::Record record;
  double score = 0;
  RankAndScore lexical, vector, fused, personal, final;  // after each stage
  std::vector<ScoreContribution> moves;
  std::string reason;                     // one sentence; every claim in it is backed by `because`
  std::vector<recommend::Cause> because;  // the facts behind `reason`
};

struct Stage {
  std::string name;  // understand, retrieve, fuse, personalise, answer
  double ms = 0;
  enum class State { kOk, kSkipped, kTimeout, kFailed } state = State::kOk;
  std::string why;  // why the stage was skipped, failed or is incomplete
};

struct AskAnswer {
  language::Answer answer;
  language::QueryIntent intent;
  std::vector<AskItem> items;  // best first
  double weight = 0;           // the weight of the personal score that was applied
  std::string weight_why;
  std::vector<Stage> stages;  // all five, in order
  std::string recommendation_id;
  double took_ms = 0;
};

}  // namespace trine::formation
