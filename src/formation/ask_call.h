// AskCall and AskAnswer: one question to `AskService` and everything that it returns. AskObserver: receives
// the parts of an answer before the whole of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "formation/search_service.h"
#include "language/answer.h"
#include "language/intent.h"
#include "recommend/recommender.h"
#include "search/search.h"

namespace trine::formation {

struct AskItem;

// Receives the parts of one answer as they become known: the intent, then the items, then the sentences in
// order. A stage that fails leaves out its part. If a function returns an error, because nobody waits for the
// answer any more, the question ends with that error.
//
// The caller owns it; it outlives the call of AskService::Ask, whose thread calls it. An interface because
// tests collect the parts.
class AskObserver {
 public:
  virtual ~AskObserver() = default;
  virtual Status OnIntent(const language::QueryIntent& intent) = 0;
  // The items of the answer, best first, with their reasons. Called before a language model words the answer;
  // nothing changes them afterwards.
  virtual Status OnItems(const std::vector<AskItem>& items) = 0;
  // The next part of the answer's text, which was checked, and the citations in it, at their places in the
  // whole text. All parts add up to the text.
  virtual Status OnSentence(std::string_view text, const std::vector<language::Citation>& citations) = 0;
  // Called often while a language model writes. An error ends the question, as above.
  virtual Status OnProgress() = 0;
};

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
  int64_t deadline_ms = 2000;       // the caller's own deadline applies too
  std::string caller = {};          // the name of the credentials, whose budget pays for a language model
  AskObserver* observer = nullptr;  // nullptr: parts are not wanted
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

// The calls of a language model in one stage. All numbers are 0 if the answer was in the cache.
struct ModelUse {
  uint32_t calls = 0;
  uint64_t input_tokens = 0,
           output_tokens = 0;  // as the model counts; unknown, and 0, for a call that failed
  double cost = 0;             // in the unit of the price table; 0 without one
  double ms = 0;
  bool cached = false;
};

struct Stage {
  std::string name;  // understand, retrieve, fuse, personalise, answer
  double ms = 0;
  enum class State { kOk, kSkipped, kTimeout, kFailed } state = State::kOk;
  std::string why;                     // why the stage was skipped, failed or is incomplete
  std::optional<ModelUse> model = {};  // nullopt: the stage did not use a language model
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
