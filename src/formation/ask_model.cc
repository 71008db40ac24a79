#include "formation/ask_model.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace trine::formation {
namespace {

constexpr int64_t kMaxCallMillis = 60'000;  // the longest deadline_ms, also for questions without a deadline

language::LanguageModel& ModelOf(const AskDependencies& deps) {
  TRINE_CHECK(deps.model != nullptr);
  return *deps.model;
}

std::string_view StageOf(language::PromptKind kind) {
  return kind == language::PromptKind::kUnderstand ? "understand" : "answer";
}

}  // namespace

AskModel::AskModel(const AskDependencies& deps, const ModelOptions& options)
    : model_(ModelOf(deps)),
      clock_(deps.clock),
      history_(deps.history),
      metrics_(deps.metrics),
      options_(options),
      prompts_(options.prompts != nullptr
                   ? options.prompts
                   : std::make_shared<const language::PromptTemplates>(language::PromptTemplates::Builtin())),
      cache_(std::make_shared<ModelCache>(options.cache_entries, options.cache_bytes)),
      input_tokens_(deps.metrics.GetCounter("trine_ask_model_tokens_total",
                                            "Tokens of a language model that questions used.", "input")),
      output_tokens_(deps.metrics.GetCounter("trine_ask_model_tokens_total",
                                             "Tokens of a language model that questions used.", "output")),
      cost_(deps.metrics.GetCounter("trine_ask_model_cost_total",
                                    "Cost of the language model's answers in questions.")),
      cache_hits_(deps.metrics.GetCounter("trine_ask_model_cache_hits_total",
                                          "Answers of the language model that came from the cache.")) {
  TRINE_CHECK(options.understand_share > 0 && options.understand_share <= 1);
  TRINE_CHECK(options.answer_share > 0 && options.answer_share <= 1);
  for (const auto kind : {language::PromptKind::kUnderstand, language::PromptKind::kAnswer})
    seconds_[static_cast<size_t>(kind)] = &deps.metrics.GetHistogram(
        "trine_ask_model_seconds", "Duration of calls of the language model in questions in seconds.",
        StageOf(kind));
  deps.history.AddErasureListener(
      [cache = cache_](GroupId group, const std::vector<std::string>& ids) { cache->Forget(group, ids); });
}

AskPerson AskModel::PersonOf(const AskCall& call, const std::optional<catalogue::Binding>& binding) const {
  AskPerson person;
  person.erasures = cache_->erasures();
  person.caller = call.caller;
  person.ids = {call.user_id, call.session_id};
  if (!binding) return person;
  person.group = binding->group;
  if (call.session_id.empty()) return person;
  const auto user = history_.UserForRequest(binding->group, call.user_id, call.session_id);
  if (user.ok() && *user != call.user_id) person.ids.push_back(*user);
  return person;
}

void AskModel::CountResult(language::PromptKind kind, std::string_view result) {
  metrics_
      .GetCounter("trine_ask_model_results_total",
                  "Calls of the language model in questions, by stage and by what became of the answer.",
                  std::string(StageOf(kind)) + "_" + std::string(result))
      .Add();
}

Status AskModel::Call(const language::ChatRequest& request, const Deadline& deadline,
                      const language::TokenSink& sink, std::string* text, ModelUse* use, Histogram* seconds) {
  const int64_t start = clock_.MonotonicNanos();
  // The model may look at its deadline seldom, or not end.
  const language::TokenSink guarded = [&](std::string_view part) -> Status {
    if (text->size() + part.size() > kMaxAnswerBytes)
      return Error(ErrorCode::kLimit, "the answer of the language model does not end")
          .Expected("at most " + std::to_string(kMaxAnswerBytes) + " bytes");
    TRINE_TRY(deadline.Check("the language model"));
    text->append(part);
    return sink ? sink(part) : Ok();
  };
  const Result<language::ChatAnswer> answer = model_.Complete(request, deadline, guarded);
  const double nanos = static_cast<double>(clock_.MonotonicNanos() - start);
  use->calls += 1;
  use->ms += nanos * 1e-6;
  seconds->Observe(nanos * 1e-9);
  if (!answer.ok()) return answer.error();
  use->input_tokens += answer->input_tokens;
  use->output_tokens += answer->output_tokens;
  use->cost += std::max(answer->cost, 0.0);
  input_tokens_.Add(answer->input_tokens);
  output_tokens_.Add(answer->output_tokens);
  cost_.Add(std::max(answer->cost, 0.0));
  if (answer->finish == language::ChatAnswer::Finish::kRefused)
    return Error(ErrorCode::kUnavailable, "the language model refused to answer");
  return Ok();
}

Status AskModel::Complete(const ModelCall& call, const AskPerson& person, const Deadline& deadline,
                          const language::TokenSink& sink, ModelUse* use) {
  TRINE_CHECK(use != nullptr);
  const bool understand = call.kind == language::PromptKind::kUnderstand;
  language::FilledPrompt prompt = prompts_->Fill(call.kind, call.language, call.values);
  const ModelCacheKey key{person.ids, person.group, model_.name(), call.catalogue,
                          prompt.system + "\n\n" + prompt.user};
  if (const auto kept = cache_->Find(key)) {
    use->cached = true;
    cache_hits_.Add();
    return sink ? sink(*kept) : Ok();
  }
  const int64_t left = deadline.MillisLeft();
  const double share = understand ? options_.understand_share : options_.answer_share;
  const auto millis = std::min(kMaxCallMillis, static_cast<int64_t>(static_cast<double>(left) * share));
  if (millis < options_.least_millis)
    return Error(ErrorCode::kStageSkipped, "there was not enough time left to ask the language model")
        .Expected("at least " + std::to_string(options_.least_millis) + " ms")
        .Got(std::to_string(millis) + " ms");
  language::ChatRequest request;
  request.messages.push_back({language::ChatMessage::Role::kSystem, std::move(prompt.system)});
  request.messages.push_back({language::ChatMessage::Role::kUser, std::move(prompt.user)});
  request.max_tokens = understand ? options_.understand_tokens : options_.answer_tokens;
  request.temperature = options_.temperature;
  request.caller = person.caller;
  if (!call.json_schema.empty()) {
    request.want_json = true;
    request.json_schema = call.json_schema;
    request.json_schema_name = "intent";
  }
  std::string text;
  TRINE_TRY(Call(request, deadline.Within(clock_, millis), sink, &text, use,
                 seconds_[static_cast<size_t>(call.kind)]));
  cache_->Insert(key, std::move(text), person.erasures);
  return Ok();
}

}  // namespace trine::formation
