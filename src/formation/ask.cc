#include "formation/ask.h"

#include <cstdio>
#include <map>
#include <utility>

#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/hash.h"
#include "formation/ask_stages.h"
#include "formation/visible_fields.h"

namespace trine::formation {
namespace {

double ToMillis(int64_t nanos) { return static_cast<double>(nanos) * 1e-6; }

// Runs stages and records the duration and outcome of each.
class StageClock {
 public:
  StageClock(const Clock& clock, std::vector<Stage>* stages) : clock_(clock), stages_(stages) {}
  template <typename Work>
  bool Run(const char* name, AskState* state, Work work) {
    const int64_t start = clock_.MonotonicNanos();
    state->note.clear();
    const Status done = work();
    Stage stage{name, ToMillis(clock_.MonotonicNanos() - start), Stage::State::kOk, state->note};
    stage.model = std::exchange(state->model_use, std::nullopt);
    if (!done.ok()) {
      const Error& error = done.error();
      stage.state = error.code == ErrorCode::kStageSkipped ? Stage::State::kSkipped
                    : error.kind() == ErrorKind::kTimeout  ? Stage::State::kTimeout
                                                           : Stage::State::kFailed;
      stage.why = error.message;
    }
    stages_->push_back(std::move(stage));
    return done.ok();
  }

 private:
  const Clock& clock_;
  std::vector<Stage>* stages_;
};

}  // namespace

AskService::AskService(const AskDependencies& deps, const AskOptions& options)
    : deps_(deps),
      options_(options),
      ask_seconds_(deps.metrics.GetHistogram("trine_ask_seconds", "Duration of questions in seconds.")),
      hash_embedder_(language::NewHashEmbedder(deps.analyzers, kPinnedHashDimension)),
      knowledge_(deps),
      pinned_(deps, knowledge_, hash_embedder_),
      model_(deps.model != nullptr ? std::make_unique<AskModel>(deps, options.model) : nullptr) {}

// Runs the five stages in order.
Result<AskAnswer> AskService::Ask(const AskCall& given, const Deadline& outer) {
  TRINE_CHECK_NE(given.collection, nullptr);
  AskCall call = given;
  call.collection = VisiblePart(given.collection, given.visible_fields);
  const int64_t start = deps_.clock.MonotonicNanos();
  const Deadline deadline = outer.Within(deps_.clock, call.deadline_ms);
  AskState state(call, deps_, options_, knowledge_.Get(call.collection, call.visible_fields),
                 deps_.catalogue.BindingOf(call.collection->name));
  if (!given.visible_fields.empty())
    state.roles_of_all_fields = RolesWithoutData(given, deps_, state.binding ? &*state.binding : nullptr);
  SetModel(&state);
  AskAnswer answer;
  StageClock stages(deps_.clock, &answer.stages);
  const bool understood = stages.Run("understand", &state, [&]() -> Status {
    TRINE_TRY(formation::Understand(&state, deadline));
    ProposeIntent(&state, deadline);
    return Ok();
  });
  if (understood)
    TRINE_TRY(state.Observe([&](AskObserver& observer) { return observer.OnIntent(state.intent); }));
  stages.Run("retrieve", &state, [&] { return Retrieve(&state, deadline); });
  stages.Run("fuse", &state, [&] { return FuseCandidates(&state, deadline); });
  stages.Run("personalise", &state, [&] { return PersonaliseCandidates(&state, deadline); });
  stages.Run("answer", &state, [&] { return BuildAnswer(&state, &answer, deadline); });
  if (state.ended) return *std::move(state.ended);
  answer.intent = std::move(state.intent);
  answer.weight = state.weight.value;
  answer.weight_why = state.weight.why;
  answer.recommendation_id = MakeRecommendationId(call);
  answer.took_ms = ToMillis(deps_.clock.MonotonicNanos() - start);
  ask_seconds_.Observe(answer.took_ms * 1e-3);
  return answer;
}

Result<language::QueryIntent> AskService::Understand(const std::string& question,
                                                     const catalogue::CollectionPtr& collection,
                                                     const std::string& language, const Deadline& deadline,
                                                     const std::string& caller) {
  AskCall call;
  call.question = question;
  call.collection = collection;
  call.language = language;
  call.caller = caller;
  AskState state(call, deps_, options_, knowledge_.Get(collection), std::nullopt);
  SetModel(&state);
  TRINE_TRY(formation::Understand(&state, deadline));
  ProposeIntent(&state, deadline);
  return std::move(state.intent);
}

void AskService::SetModel(AskState* state) const {
  if (model_ == nullptr) return;
  state->model = model_.get();
  state->person = model_->PersonOf(state->call, state->binding);
}

std::string AskState::CatalogueVersion() const {
  return std::to_string(call.collection->id.value) + " " +
         std::to_string(deps.records.NextSeqNo(call.collection->id).value);
}

Result<std::vector<AskService::Reason>> AskService::Reasons(const std::string& user_id,
                                                            const std::vector<std::string>& item_ids,
                                                            const catalogue::CollectionPtr& collection,
                                                            const std::string& question,
                                                            const std::string& language,
                                                            const Deadline& deadline) {
  AskCall call;
  call.question = question;
  call.user_id = user_id;
  call.collection = collection;
  call.language = language;
  call.weight = 1;
  AskState state(call, deps_, options_, knowledge_.Get(collection),
                 deps_.catalogue.BindingOf(collection->name));
  TRINE_TRY(formation::Understand(&state, deadline));
  for (const std::string& id : item_ids) {
    auto record = state.binding ? deps_.records.GetItem(*state.binding, collection->id, id)
                                : deps_.records.Get(collection->id, id);
    if (!record.ok()) return std::move(record).error();
    if (!*record) return Error(ErrorCode::kNotFound, "there is no such item in the index").Where(id);
    Candidate candidate;
    candidate.id = (*record)->id;
    candidate.item_id = id;
    if (auto source = format::ParseJson((*record)->source); source.ok())
      candidate.source = std::move(*source);
    candidate.record = std::move(*record);
    state.candidates.push_back(std::move(candidate));
  }
  // Without a question, answer in the language of the catalogue.
  if (question.empty() && language != "ko" && language != "en" && !state.candidates.empty())
    state.intent.language =
        analysis::DominantLanguage(TitleOf(state.roles, state.candidates.front().source, ""));
  const Status personal = PersonaliseCandidates(&state, deadline);
  if (!personal.ok() && personal.error().code != ErrorCode::kStageSkipped) return Error(personal.error());
  std::map<std::string, Reason> by_id;
  for (const Candidate& candidate : state.candidates)
    by_id[candidate.item_id] = Reason{candidate.item_id, ReasonText(state, candidate), candidate.because};
  std::vector<Reason> out;
  out.reserve(item_ids.size());
  for (const std::string& id : item_ids) out.push_back(by_id[id]);
  return out;
}

std::shared_ptr<const language::Embedder> AskService::EmbedderFor(
    const catalogue::CollectionPtr& collection) {
  TRINE_CHECK(collection != nullptr);
  const auto knowledge = knowledge_.Get(collection);
  return knowledge && knowledge->embedder
             ? std::shared_ptr<const language::Embedder>(knowledge, knowledge->embedder.get())
             : hash_embedder_;
}

bool AskService::IsReady(const catalogue::CollectionPtr& collection,
                         const std::vector<std::string>& visible_fields) {
  return knowledge_.IsReady(VisiblePart(collection, visible_fields), visible_fields);
}

void AskService::Await(const catalogue::CollectionPtr& collection,
                       const std::vector<std::string>& visible_fields, std::function<void()> done) {
  knowledge_.Await(collection, visible_fields, std::move(done));
}

void AskService::Prepare(const catalogue::CollectionPtr& collection, std::function<void(Status)> done) {
  knowledge_.Prepare(collection, std::move(done));
}

void AskService::Warm() { knowledge_.Warm(); }

// Returns an id in the form of a version 4 UUID, by which later events refer to the answer. The id is not
// secret.
std::string AskService::MakeRecommendationId(const AskCall& call) {
  const uint64_t number = question_count_.fetch_add(1) + 1;
  const uint64_t a = Hash64(call.question + call.user_id, static_cast<uint64_t>(deps_.clock.Now().value));
  const uint64_t b = Hash64(call.user_id, number ^ a);
  char text[48];
  std::snprintf(text, sizeof(text), "%08x-%04x-4%03x-8%03x-%012llx", static_cast<uint32_t>(a >> 32),
                static_cast<uint32_t>(a >> 16) & 0xffff, static_cast<uint32_t>(a) & 0xfff,
                static_cast<uint32_t>(b >> 48) & 0xfff,
                static_cast<unsigned long long>(b & 0xffffffffffffULL));
  return text;
}

}  // namespace trine::formation
