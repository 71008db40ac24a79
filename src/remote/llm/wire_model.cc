#include "remote/llm/wire_model.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "language/model.h"
#include "remote/llm/call_text.h"

namespace trine::remote::llm {
namespace {

using language::ChatAnswer;
using language::ChatRequest;
using Finish = ChatAnswer::Finish;
using Outcome = CircuitBreaker::Outcome;

// Bounds the body of a response. A stream takes a few hundred bytes for each token.
constexpr size_t kMaxResponseBytes = 64u << 20;
constexpr size_t kMaxWholeBytes = 16u << 20;  // an answer in one document, which is kept in memory
// Few tokens are longer on average; a provider that sends more ignores max_tokens.
constexpr size_t kMaxBytesPerToken = 32, kMinAnswerBytes = 1024;
// A call with less time says nothing about the provider when it times out: a healthy one needs as long.
constexpr int64_t kFairMillis = 500;
// The network library rounds times to milliseconds, so that its timeout may be reached before the deadline.
constexpr int64_t kRoundingMillis = 2;
constexpr const char* kWork = "a call to the language model provider";
constexpr const char* kSubject = "the language model provider ";

FeatureSet ConfiguredFeatures(const ProviderOptions& options, Support wanted) {
  FeatureSet set;
  if (options.streaming == wanted) set = set.With(Feature::kStreaming);
  if (options.tools == wanted) set = set.With(Feature::kTools);
  if (options.system_role == wanted) set = set.With(Feature::kSystemRole);
  if (options.json_schema == wanted) set = set.With(Feature::kJsonSchema);
  // Without schemas, JSON objects are not asked for either; with them, they still may be rejected.
  if (options.json_schema == wanted && wanted == Support::kNo) set = set.With(Feature::kJsonObject);
  if (wanted == Support::kNo && options.max_tokens_member == "max_completion_tokens")
    set = set.With(Feature::kMaxTokensMember);
  if (wanted == Support::kYes && options.max_tokens_member == "max_tokens")
    set = set.With(Feature::kMaxTokensMember);
  return set;
}

std::vector<std::string> SecretsOf(const ProviderOptions& options) {
  std::vector<std::string> secrets = {options.key};
  if (options.aws_key) {
    secrets.push_back(options.aws_key->secret_key);
    secrets.push_back(options.aws_key->session_token);
    secrets.push_back(options.aws_key->access_key);
  }
  return secrets;
}

// The type of a body without its parameters, in lower case.
std::string ContentType(const net::ClientResponse& head) {
  const std::string_view value = head.headers.Get("content-type");
  return ToLowerAscii(Trim(value.substr(0, value.find(';'))));
}

bool IsSuccess(int status) { return status >= 200 && status < 300; }

}  // namespace

struct WireModel::Call {
  const ChatRequest& request;
  const Deadline deadline;
  const language::TokenSink& sink;
  DailyBudget::Hold& hold;
  const uint32_t input_tokens;  // estimated
  const int64_t start_nanos;
  FeatureSet rejected = {};  // during this call
  bool sent = false;         // the sink received text, so that nothing can be sent again
};

struct WireModel::Transfer {
  std::unique_ptr<StreamReader> reader;  // nullptr: the answer is one document
  std::string whole;
};

struct WireModel::Attempt {
  Result<ChatAnswer> answer;
  Outcome outcome = Outcome::kUnknown;
  bool retry = false;
  std::optional<int64_t> wait_ms = {};   // demanded by the provider
  std::optional<Feature> rejected = {};  // the request may be sent again without it
};

WireModel::WireModel(ProviderOptions options, std::unique_ptr<Wire> wire, net::HttpClient& client,
                     const Clock& clock, Log& log, Metrics& metrics, Pause pause)
    : options_(std::move(options)),
      wire_(std::move(wire)),
      client_(client),
      clock_(clock),
      log_(log),
      pause_(std::move(pause)),
      redactor_(SecretsOf(options_)),
      where_(redactor_.Clean(options_.url)),
      metrics_(metrics),
      features_(wire_->features().Without(ConfiguredFeatures(options_, Support::kNo)),
                ConfiguredFeatures(options_, Support::kYes), clock),
      breaker_(options_.breaker_failures, options_.breaker_ms, clock),
      budget_(options_.tokens_per_day, options_.money_per_day, clock),
      slots_(options_.concurrency, options_.max_waiting, metrics_.running, metrics_.waiting),
      random_(options_.seed != 0 ? options_.seed : static_cast<uint64_t>(clock.MonotonicNanos())) {
  TRINE_CHECK(pause_ != nullptr);
  TRINE_CHECK_GT(options_.attempts, 0);
  TRINE_CHECK_GE(options_.first_wait_ms, 0);
}

Result<ChatAnswer> WireModel::Complete(const ChatRequest& request, const Deadline& deadline,
                                       const language::TokenSink& sink) {
  const int64_t start = clock_.MonotonicNanos();
  Result<ChatAnswer> result = Run(request, deadline, sink);
  metrics_.CountCall(result, static_cast<double>(clock_.MonotonicNanos() - start) / 1e9);
  return result;
}

Result<ChatAnswer> WireModel::Run(const ChatRequest& request, const Deadline& outer,
                                  const language::TokenSink& sink) {
  const int64_t start = clock_.MonotonicNanos();
  TRINE_TRY(CheckChatRequest(request, options_.max_prompt_bytes));
  const Deadline deadline = outer.Within(clock_, options_.deadline_ms);
  TRINE_TRY(deadline.Check(kWork));
  const uint32_t input = EstimatedInputTokens(request);
  TRINE_ASSIGN(DailyBudget::Hold hold, budget_.Reserve(request.caller, input + request.max_tokens,
                                                       CostOf(input, request.max_tokens)));
  TRINE_ASSIGN(const CallSlots::Slot slot, slots_.Acquire(deadline));
  Call call{.request = request,
            .deadline = deadline,
            .sink = sink,
            .hold = hold,
            .input_tokens = input,
            .start_nanos = start};
  return SendUntilAnswered(call);
}

Result<ChatAnswer> WireModel::SendUntilAnswered(Call& call) {
  for (int attempt = 1;;) {
    TRINE_TRY(call.deadline.Check(kWork));
    const FeatureSet features = FeaturesOf(call);
    if (DemandsTools(call.request) && !features.Has(Feature::kTools))
      return Error(ErrorCode::kUnsupported, std::string(kSubject) + "does not support tools");
    TRINE_ASSIGN(const CircuitBreaker::Pass pass, breaker_.Admit());
    Attempt result = Send(call, features);
    ReportToBreaker(pass, result);
    if (result.answer.ok()) {
      LearnRejections(call);
      return std::move(result.answer);
    }
    if (result.rejected && !call.sent) {
      TRINE_CHECK(features.Has(*result.rejected));  // so that this ends
      call.rejected = call.rejected.With(*result.rejected);
      metrics_.retries.Add();
      continue;
    }
    if (!result.retry || call.sent || attempt >= options_.attempts) return std::move(result.answer);
    const int64_t wait = WaitMillis(attempt, result.wait_ms);
    if (wait >= call.deadline.MillisLeft()) return std::move(result.answer);
    metrics_.retries.Add();
    pause_(wait, call.deadline);
    ++attempt;
  }
}

FeatureSet WireModel::FeaturesOf(const Call& call) const {
  FeatureSet set = WantedFeatures(call.request).And(features_.Supported()).Without(call.rejected);
  if (!call.sink) set = set.Without(Feature::kStreaming);
  if (!set.Has(Feature::kStreaming)) set = set.Without(Feature::kStreamUsage);
  if (set.Has(Feature::kJsonSchema)) set = set.Without(Feature::kJsonObject);
  return set;
}

// Remembers what the provider rejected, once the call worked without it: before that, the error may have had
// another reason.
void WireModel::LearnRejections(const Call& call) {
  for (size_t i = 0; i < kFeatures; ++i) {
    const auto feature = static_cast<Feature>(i);
    if (!call.rejected.Has(feature) || !features_.Reject(feature)) continue;
    log_.Warning(std::string(kSubject) + "does not support " + std::string(Name(feature)) +
                 "; for an hour, calls are sent without it");
  }
}

WireModel::Attempt WireModel::Send(Call& call, FeatureSet features) {
  // Text that the prompt alone asked to be JSON is checked as a whole before it is passed on.
  const bool passes_on = call.sink && !AsksForJsonInPrompt(call.request, features);
  const language::TokenSink sink = [&](std::string_view text) {
    if (!std::exchange(call.sent, true)) {
      metrics_.first_token_seconds.Observe(static_cast<double>(clock_.MonotonicNanos() - call.start_nanos) /
                                           1e9);
    }
    return call.sink(text);
  };
  const size_t most =
      std::min(options_.max_answer_bytes, kMinAnswerBytes + kMaxBytesPerToken * call.request.max_tokens);
  AnswerBuilder builder(most, passes_on ? sink : language::TokenSink());
  Transfer transfer;
  const int64_t patience = call.deadline.MillisLeft();
  const auto response = Exchange(call, features, builder, transfer);
  if (response.ok() && !IsSuccess(response->status)) return Refused(*response, features);
  Status read;
  if (!response.ok())
    read = response.error();
  else
    read = transfer.reader ? transfer.reader->Finish() : wire_->ReadAnswer(transfer.whole, builder);
  if (builder.sink_error() || (!read.ok() && !builder.cut())) {
    // The provider charges for an answer that failed after it had begun.
    if (transfer.reader || !transfer.whole.empty())
      Charge(call, call.input_tokens, builder.EstimatedOutputTokens());
    if (builder.sink_error()) return {.answer = *builder.sink_error()};
    return Failed(call, read.error(), patience);
  }
  return Answered(call, features, builder, patience);
}

Result<net::ClientResponse> WireModel::Exchange(Call& call, FeatureSet features, AnswerBuilder& builder,
                                                Transfer& transfer) {
  net::ClientRequest http = wire_->Print(MakeCall(call.request, features), clock_.Now());
  http.max_response_bytes = kMaxResponseBytes;
  http.connect_ms = options_.connect_ms;
  http.first_byte_ms = options_.first_token_ms;
  http.idle_ms = options_.idle_ms;
  http.on_head = [&](const net::ClientResponse& head) { return AcceptHead(head, builder, transfer); };
  return client_.Send(http, call.deadline, [&](std::string_view piece) -> Status {
    if (transfer.reader) return transfer.reader->Add(piece);
    if (transfer.whole.size() + piece.size() > kMaxWholeBytes)
      return Error(ErrorCode::kLimit, "the answer is too large");
    transfer.whole += piece;
    return Ok();
  });
}

Status WireModel::AcceptHead(const net::ClientResponse& head, AnswerBuilder& builder,
                             Transfer& transfer) const {
  if (!IsSuccess(head.status)) return Ok();  // the body is an error
  const std::string type = ContentType(head);
  if (type == wire_->stream_type()) {
    transfer.reader = wire_->NewStream(builder);
  } else if (!type.empty() && type.find("json") == std::string::npos) {
    return Error(ErrorCode::kUnavailable, std::string(kSubject) + "answered with an unknown content type")
        .Expected("application/json or " + std::string(wire_->stream_type()))
        .Got(type);
  }
  return Ok();
}

// The response is an error of the provider.
WireModel::Attempt WireModel::Refused(const net::ClientResponse& response, FeatureSet features) const {
  const int status = response.status;
  TRINE_CHECK(!IsSuccess(status));
  const std::string text = ErrorText(response);
  Attempt attempt{.answer = Error(ErrorCode::kUnavailable, "")};
  ErrorCode code = ErrorCode::kUnavailable;
  std::string message = std::string(kSubject) + "responded with status " + std::to_string(status);
  if (status == 429) {
    code = ErrorCode::kBusy;
    // More tries do not bring money.
    attempt.retry = text.find("insufficient_quota") == std::string::npos;
  } else if (status == 408 || status == 409 || status == 424 || status == 425 || status >= 500) {
    attempt.retry = status != 501 && status != 505;
    attempt.outcome = Outcome::kFailed;
  } else if (status == 400 || status == 413 || status == 422) {
    code = ErrorCode::kInvalid;
    attempt.outcome = Outcome::kWorked;
  } else if (status == 401 || status == 403) {
    message = std::string(kSubject) + "rejected the key with status " + std::to_string(status);
  } else if (status == 404) {
    message = std::string(kSubject) + "does not know the model or the address, status 404";
  }
  // Some servers reject a feature with 404, 500 or 501.
  if (const auto feature = RejectedFeature(text, features); feature && !features_.IsFixed(*feature))
    attempt.rejected = feature;
  if (attempt.retry) attempt.wait_ms = RetryAfterMillis(response.headers, clock_.Now());
  if (!text.empty()) message += ": " + redactor_.Clean(text);
  attempt.answer = Error(code, message).Where(where_);
  return attempt;
}

// The transfer failed, or the answer cannot be understood.
WireModel::Attempt WireModel::Failed(const Call& call, const Error& error, int64_t patience_ms) const {
  const std::string message = redactor_.Clean(error.message);
  Attempt attempt{.answer = Error(ErrorCode::kUnavailable, message)
                                .Expected(redactor_.Clean(error.expected))
                                .Got(redactor_.Clean(error.got))
                                .Where(where_),
                  .outcome = Outcome::kFailed,
                  .retry = true};
  if (call.deadline.MillisLeft() <= kRoundingMillis) {
    attempt.answer = Error(ErrorCode::kTimeout, std::string(kSubject) + "did not answer before the deadline")
                         .Where(where_);
    attempt.retry = false;
    if (patience_ms < kFairMillis || call.deadline.stop().stop_requested())
      attempt.outcome = Outcome::kUnknown;
  } else if (error.code == ErrorCode::kTimeout) {
    attempt.answer =
        Error(ErrorCode::kUnavailable, std::string(kSubject) + "was silent for too long").Where(where_);
  } else if (error.code == ErrorCode::kBusy || error.code == ErrorCode::kInvalid) {
    attempt.answer = Error(error.code, message).Where(where_);
    attempt.retry = error.code == ErrorCode::kBusy;
    attempt.outcome = attempt.retry ? Outcome::kUnknown : Outcome::kWorked;
  } else if (error.code == ErrorCode::kLimit) {
    attempt.retry = false;  // it would be too large again
  }
  return attempt;
}

WireModel::Attempt WireModel::Answered(Call& call, FeatureSet features, AnswerBuilder& builder,
                                       int64_t patience_ms) {
  const bool without_tools = call.request.tool_choice.kind == language::ToolChoice::Kind::kNone;
  Result<ChatAnswer> taken =
      builder.Take(call.input_tokens, without_tools ? std::vector<language::Tool>() : call.request.tools);
  if (!taken.ok()) {
    Charge(call, call.input_tokens, builder.EstimatedOutputTokens());
    if (builder.sink_error()) return {.answer = *builder.sink_error()};
    return Failed(call, taken.error(), patience_ms);
  }
  ChatAnswer& answer = *taken;
  answer.model = options_.model;  // some servers call it by the path of its file
  answer.cost = CostOf(answer.input_tokens, answer.output_tokens);
  Charge(call, answer.input_tokens, answer.output_tokens);
  const bool complete = answer.finish == Finish::kEnd || answer.finish == Finish::kStop;
  if (AsksForJsonInPrompt(call.request, features)) {
    if (complete) {
      auto object = JsonObjectIn(answer.text);
      if (!object.ok()) return Failed(call, object.error(), patience_ms);
      answer.text = *std::move(object);
    }
    if (call.sink && !answer.text.empty()) {
      call.sent = true;
      if (Status passed = call.sink(answer.text); !passed.ok()) return {.answer = std::move(passed).error()};
    }
  }
  return {.answer = std::move(taken), .outcome = Outcome::kWorked};
}

double WireModel::CostOf(uint64_t input_tokens, uint64_t output_tokens) const {
  return (static_cast<double>(input_tokens) * options_.price_input +
          static_cast<double>(output_tokens) * options_.price_output) /
         1e6;
}

void WireModel::Charge(Call& call, uint64_t input_tokens, uint64_t output_tokens) {
  const double cost = CostOf(input_tokens, output_tokens);
  call.hold.Spend(input_tokens + output_tokens, cost);
  metrics_.CountUse(input_tokens, output_tokens, cost);
}

int64_t WireModel::WaitMillis(int attempt, std::optional<int64_t> demanded) {
  const int64_t most = std::min(options_.first_wait_ms << (attempt - 1), options_.max_wait_ms);
  const MutexLock lock(random_mutex_);
  const auto wait = static_cast<int64_t>(random_.Below(static_cast<uint64_t>(most) + 1));
  return std::max(wait, demanded.value_or(0));
}

void WireModel::ReportToBreaker(CircuitBreaker::Pass pass, const Attempt& attempt) {
  const bool changed = breaker_.Report(pass, attempt.outcome);
  const CircuitBreaker::State state = breaker_.state();
  metrics_.breaker.Set(static_cast<double>(state));
  if (attempt.outcome == Outcome::kFailed && !failing_.exchange(true))
    log_.Warning(attempt.answer.error().ToString());
  if (attempt.outcome == Outcome::kWorked && failing_.exchange(false))
    log_.Info(std::string(kSubject) + "answers again");
  if (changed && state == CircuitBreaker::State::kOpen) {
    log_.Warning(std::string(kSubject) + "keeps failing and is not called for " +
                 std::to_string(options_.breaker_ms) + " ms");
  }
}

void PauseForReal(int64_t millis, const Deadline& deadline) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any wake;
  wake.wait_for(lock, deadline.stop(), std::chrono::milliseconds(std::min(millis, deadline.MillisLeft())),
                [] { return false; });
}

}  // namespace trine::remote::llm
