// The stages of a question, one function each; ask.cc calls them in order. Each works on one AskState; the
// fields that a skipped stage would fill stay empty.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/deadline.h"
#include "base/ids.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "formation/ask_call.h"
#include "formation/ask_dependencies.h"
#include "formation/ask_model.h"
#include "formation/ask_options.h"
#include "formation/knowledge.h"
#include "formation/score_blend.h"

namespace trine::formation {

// A record that may be in the answer, on its way through the stages.
struct Candidate {
  SeqNo seq_no;
  std::string id;       // record id
  std::string item_id;  // as the binding defines it; the record id if there is no binding
  std::optional<catalogue::Record> record;
  format::Json source;
  RankAndScore lexical, vector, fused, personal;
  CandidateScores scores;
  bool matches = true;  // false: the record is only similar to what the question asks for
  bool fits = true;  // whether the answer may say that the record fits (language::Fits); set by BuildAnswer
  std::vector<recommend::Cause> because;
};

// The events that tell a language model about the person. More would not fit into a short answer.
inline constexpr size_t kRecentEvents = 4;

// Indexes of the lists in AskState::lists.
inline constexpr size_t kLexicalList = 0, kVectorList = 1, kSupplementaryList = 2, kListCount = 3;

// The roles of the fields until Knowledge is built: declarations and names alone.
catalogue::Roles RolesWithoutData(const AskCall& call, const AskDependencies& deps,
                                  const catalogue::Binding* binding);

// The state of one question, which the stages fill. Not thread-safe.
struct AskState {
  AskState(const AskCall& ask_call, const AskDependencies& dependencies, const AskOptions& ask_options,
           std::shared_ptr<const Knowledge> known, std::optional<catalogue::Binding> bound)
      : call(ask_call),
        deps(dependencies),
        options(ask_options),
        knowledge(std::move(known)),
        binding(std::move(bound)),
        roles(knowledge ? knowledge->roles : RolesWithoutData(call, deps, binding ? &*binding : nullptr)) {}

  const language::Vocabulary* vocabulary() const { return knowledge ? knowledge->vocabulary.get() : nullptr; }
  void AddNote(const std::string& text) { note += (note.empty() ? "" : "; ") + text; }
  // Calls the observer, if there is one and it still wants something, and remembers its error.
  template <typename Tell>
  Status Observe(const Tell& tell) {
    if (ended) return *ended;
    if (call.observer == nullptr) return Ok();
    Status told = tell(*call.observer);
    if (!told.ok()) ended = told.error();
    return told;
  }
  // The collection and the version of its records, for ModelCall::catalogue.
  std::string CatalogueVersion() const;

  const AskCall& call;
  const AskDependencies& deps;
  const AskOptions& options;
  const std::shared_ptr<const Knowledge> knowledge;  // nullptr: not built yet
  const std::optional<catalogue::Binding> binding;   // of the collection
  const catalogue::Roles roles;                      // of the fields that the caller may see
  // Also of the fields that the caller may not see; only to leave hidden products out.
  catalogue::Roles roles_of_all_fields = roles;

  language::QueryIntent intent;                 // set by Understand
  std::vector<std::string> named_ids;           // record ids that the question asks for
  std::vector<std::string> refused_ids;         // record ids that it refuses: "not B07XYZ"
  std::vector<std::vector<search::Hit>> lists;  // set by Retrieve: kListCount of them
  std::vector<Candidate> candidates;            // in fused order, after PersonaliseCandidates in final order
  catalogue::AnswerRoom room;                   // of their records
  size_t events = 0;                            // number of the person's events that were read
  PersonalWeight weight;
  std::string note;                           // why the result of the running stage is incomplete
  std::vector<history::Event> recent_events;  // newest first, one per item; see kRecentEvents
  AskModel* model = nullptr;                  // nullptr: built-in rules alone
  AskPerson person;                           // set if there is a model
  std::optional<ModelUse> model_use;          // in the running stage
  std::optional<Error> ended;                 // set if the observer wants no more
  // Why the recommender proposed each record of the supplementary list, by record id. Filled only if the
  // person is unknown.
  std::unordered_map<std::string, std::vector<recommend::Cause>> recommendation_causes;
};

// Parses the question into `intent`: words, facets, price, specificity.
Status Understand(AskState* state, const Deadline& deadline);
// Adds what a language model proposes for `intent` and the question supports. The intent of Understand stays
// if the model fails, and the note says so. Does nothing without a model.
void ProposeIntent(AskState* state, const Deadline& deadline);
// Fills `lists`: lexical hits, the nearest item vectors, and a supplementary list. The supplementary list
// contains recommended products, the newest products or, for a superlative, the products with the lowest or
// highest number; all of them become candidates, regardless of their scores.
Status Retrieve(AskState* state, const Deadline& deadline);
// Fuses the lists into `candidates`, with search scores in 0..1, and reads their records.
Status FuseCandidates(AskState* state, const Deadline& deadline);
// Blends in the personal scores and sorts the candidates. On error (kStageSkipped if the person is unknown or
// the collection is not bound), the candidates keep the fused order, adjusted only by wishes and
// superlatives.
Status PersonaliseCandidates(AskState* state, const Deadline& deadline);
// Selects the page from `candidates`, and composes the reasons and the answer. Moves records out of
// `candidates`. Tells the observer the items and the sentences.
Status BuildAnswer(AskState* state, AskAnswer* answer, const Deadline& deadline);
// Has a language model word the answer about `items`, which are the first of `candidates`, from the best of
// them. Each sentence is checked before the observer gets it. nullopt if there is no model, or if it gave too
// little that the items support; the note then says why, and the observer was told nothing.
std::optional<language::Answer> WordAnswer(AskState* state, const std::vector<language::AnswerItem>& items,
                                           const Deadline& deadline);

// The season of a date in the northern hemisphere: spring, summer, autumn or winter.
std::string SeasonOf(Millis now);

// One sentence, in the language of the intent, that explains why the candidate is in the answer.
std::string ReasonText(const AskState& state, const Candidate& candidate);
// Sentences about the person's taste, in the language of the intent: recent events, and the values that count
// for the first `items` candidates. Empty if the personal score was not used.
struct Taste {
  std::vector<std::string> sentences;
  std::vector<std::string> titles;  // of the products that the events are about
};
Taste TasteOf(const AskState& state, size_t items);
// The title of a record, in the given language if the record has such a title ("title_en" for "en").
std::string TitleOf(const catalogue::Roles& roles, const format::Json& source, std::string_view language);

}  // namespace trine::formation
