// AskService: a shopper's sentence to a ranked, explained answer. Five stages, each with a deadline,
// each able to drop out and say why: understand, retrieve, fuse, personalise, answer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/analyzer.h"
#include "base/clock.h"
#include "base/deadline.h"
#include "base/job_runner.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "formation/search_service.h"
#include "history/history.h"
#include "index/index_set.h"
#include "language/answer.h"
#include "language/intent.h"
#include "language/model.h"
#include "recommend/recipe/resources.h"
#include "recommend/recommender.h"
#include "search/search.h"
#include "storage/directory.h"

namespace trine::formation {

struct AskCall {
  std::string question, user_id, session_id;
  catalogue::CollectionPtr collection;
  std::string campaign;  // resource path; empty: the bound group's ranking campaign, else its counters
  size_t size = 5;       // 1..100
  std::optional<double> weight;   // none: "auto"
  std::string language = "auto";  // "ko" "en" "auto"
  search::QueryPtr filter;        // nullptr: none
  recommend::Context context;
  int64_t deadline_ms = 2000;
};
struct ScoreContribution {
  enum class By { kSearch, kTaste, kPopularity, kExploration, kRule } by = By::kSearch;
  double amount = 0;  // amounts of an item add up to its final score
  std::vector<recommend::Cause> because;
};
struct AskItem {
  std::string item_id;
  catalogue::Record record;
  double score = 0;
  RankAndScore lexical, vector, fused, personal, final;
  std::vector<ScoreContribution> moves;
  std::string reason;                     // one sentence, true
  std::vector<recommend::Cause> because;  // what the sentence says, as data
};
struct Stage {
  std::string name;  // understand retrieve fuse personalise answer
  double ms = 0;
  enum class State { kOk, kSkipped, kTimeout, kFailed } state = State::kOk;
  std::string why;
};
struct AskAnswer {
  language::Answer answer;
  language::QueryIntent intent;
  std::vector<AskItem> items;
  double weight = 0;
  std::string weight_why;
  std::vector<Stage> stages;
  std::string recommendation_id;
  double took_ms = 0;
};

struct AskDependencies {
  const analysis::Analyzers& analyzers;
  const catalogue::Catalogue& catalogue;
  const catalogue::RecordStore& records;
  const index::IndexSet& indexes;
  const search::Searcher& searcher;
  history::History& history;
  const recommend::ResourceStore& resources;
  recommend::Recommender& recommender;
  language::LanguageModel* model;  // nullptr: built-in answers only
  storage::Directory& models;      // keeps the pinned embedder, which vectors of clients rest on
  storage::Directory& derived;     // embedders and item vectors; may be deleted at any time
  JobRunner& runner;               // trains embedders and vocabularies in the background
  const Clock& clock;
  Log& log;
  Metrics& metrics;
};

// Thread-safe. Keeps, for each collection that is asked, a vocabulary, a text embedder trained on its records
// and a vector for each record; refreshed in the background as records change, never in a request.
class AskService {
 public:
  virtual ~AskService() = default;
  // `on_stage` (may be empty) is called as parts are ready, for streaming: "intent", "items".
  virtual Result<AskAnswer> Ask(const AskCall& call, const Deadline& deadline) = 0;
  virtual Result<language::QueryIntent> Understand(const std::string& question,
                                                   const catalogue::CollectionPtr& collection,
                                                   const std::string& language) = 0;
  struct Reason {
    std::string item_id, text;
    std::vector<recommend::Cause> because;
  };
  virtual Result<std::vector<Reason>> Reasons(const std::string& user_id,
                                              const std::vector<std::string>& item_ids,
                                              const catalogue::CollectionPtr& collection,
                                              const std::string& question, const std::string& language,
                                              const Deadline& deadline) = 0;
  // The embedder of a collection; the hash embedder while nothing is trained. nullptr: the pinned one that
  // embedding APIs serve. It is chosen at the first call and kept for good (clients store its vectors): the
  // one trained on the largest collection, which is waited for, or the hash embedder when no collection has
  // enough records.
  virtual std::shared_ptr<const language::Embedder> EmbedderFor(
      const catalogue::CollectionPtr& collection) = 0;
  // Builds what is missing for a collection now and waits (demo, tests).
  virtual Status Prepare(const catalogue::CollectionPtr& collection, const Deadline& deadline) = 0;
  // Starts building, in the background, for the collections that were asked before or are bound to a
  // group: after a start the first question then finds its words.
  virtual void Warm() = 0;
};
Result<std::unique_ptr<AskService>> NewAskService(AskDependencies deps);

}  // namespace trine::formation
