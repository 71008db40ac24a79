// The stages of a question, one function each; ask.cc calls them in order. Each works on one
// AskState and may be left out: what it would have filled then stays empty.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "formation/ask.h"
#include "formation/knowledge.h"
#include "formation/score_blend.h"

namespace trine::formation {

inline constexpr size_t kSupplementaryListSize = 60;  // of the third list: all of these are looked at

// A candidate on its way through the stages.
struct Candidate {
  SeqNo seq_no;
  std::string id;       // record id
  std::string item_id;  // by the binding; the record id without one
  std::optional<catalogue::Record> record;
  format::Json source;
  RankAndScore lexical, vector, fused, personal;
  CandidateScores scores;
  bool matches = true;  // it is what the question asks for, not only near it
  std::vector<recommend::Cause> because;
};

// Everything one question gathers. Not thread-safe.
struct AskState {
  const AskCall& call;
  const AskDependencies& deps;
  std::shared_ptr<const Knowledge> knowledge;  // nullptr: not built yet
  std::optional<catalogue::Binding> binding;   // of the collection
  language::QueryIntent intent;
  std::vector<Candidate> candidates;            // fused order, later final order
  std::vector<std::vector<search::Hit>> lists;  // lexical, vector, and a third that brings items, not scores
  size_t events = 0;                            // known of the person
  PersonalWeight weight;
  std::string note;                         // why a stage gave less than it could
  std::vector<std::string> named_ids = {};  // record ids that the question typed out
  std::unordered_map<std::string, std::vector<recommend::Cause>> recommendation_causes = {};  // by record id
};

// language: words, facets, price, specificity.
Status Understand(AskState* state, const Deadline& deadline);
// search: lexical and vector lists, and the person's own candidates.
Status Retrieve(AskState* state, const Deadline& deadline);
// search: one list out of the first two, scores in 0..1; records are read.
Status FuseCandidates(AskState* state, const Deadline& deadline);
// recommend: personal order and the guarded blend. Without it the fused order stands.
Status PersonaliseCandidates(AskState* state, const Deadline& deadline);

// The season of a date in the northern hemisphere: spring, summer, autumn or winter.
std::string SeasonOf(Millis now);

// Causes of a record (`source`) in the language wing's terms, strongest first, with titles looked up and
// values in the language that is spoken where the catalogue has them in it.
struct ReasonContext {
  const AskDependencies& deps;
  const catalogue::CollectionPtr& collection;
  const std::optional<catalogue::Binding>& binding;
  const FieldRoles& roles;
  std::string_view language;
};
std::vector<language::ReasonCause> ReasonCauses(const ReasonContext& context, const format::Json& source,
                                                const std::vector<recommend::Cause>& because);
// What a record is called, in the language asked for when it has that ("title_en" for "en").
std::string TitleOf(const FieldRoles& roles, const format::Json& source, std::string_view language);

}  // namespace trine::formation
