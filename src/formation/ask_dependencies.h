// AskDependencies: the services and stores that answer a question.
#pragma once

#include "analysis/analyzer.h"
#include "base/clock.h"
#include "base/job_runner.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "base/metrics.h"
#include "catalogue/catalogue.h"
#include "catalogue/declared_roles.h"
#include "catalogue/record_store.h"
#include "history/history.h"
#include "index/index_set.h"
#include "language/chat.h"
#include "recommend/recipe/resources.h"
#include "recommend/recommender.h"
#include "search/search.h"
#include "storage/directory.h"
#include "storage/key_value.h"

namespace trine::formation {

// Everything here outlives the AskService except `runner`, which must be destroyed first: its jobs use the
// service, and its destructor joins them.
struct AskDependencies {
  const analysis::Analyzers& analyzers;
  const catalogue::Catalogue& catalogue;
  const catalogue::RecordStore& records;
  const index::IndexSet& indexes;
  const search::Searcher& searcher;
  history::History& history;
  const recommend::ResourceStore& resources;
  recommend::Recommender& recommender;
  storage::Directory& models;   // holds the pinned embedder; must be kept, because clients store its vectors
  storage::Directory& derived;  // trained embedders and item vectors; may be deleted at any time
  JobRunner& runner;            // builds Knowledge; not shared with long jobs, because requests wait for it
  const Clock& clock;
  Log& log;
  Metrics& metrics;
  const catalogue::DeclaredRoles& declared_roles;
  storage::KeyValue* facts = nullptr;  // remembers which embedder is pinned; nullptr: in tests
  MemoryBudget* memory = nullptr;      // bounds records and the vectors of a catalogue; nullptr: unbounded
  // Proposes parts of the intent and words the answer, as AskOptions::model says; nullptr: built-in rules and
  // sentences alone. Its own sentences are not checked yet: not a model of NewGroundedModel.
  language::LanguageModel* model = nullptr;
};

}  // namespace trine::formation
