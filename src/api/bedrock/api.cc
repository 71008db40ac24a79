#include "api/bedrock/api.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <string_view>

#include "api/bedrock/body_reader.h"
#include "api/bedrock/converse.h"
#include "api/bedrock/embeddings.h"
#include "api/bedrock/foundation_models.h"
#include "api/bedrock/guardrail.h"
#include "api/bedrock/invocation.h"
#include "api/bedrock/model_id.h"
#include "api/bedrock/stream.h"
#include "api/bedrock/tools.h"
#include "base/utf8.h"
#include "format/text.h"

namespace trine::api::bedrock {
namespace {

using format::Json;

constexpr size_t kMaxModelIdBytes = 2048;
constexpr const char* kDefaultRegion = "us-east-1";  // for ARNs, if neither signature nor server has a region

std::string WithoutDashes(const std::string& request_id) {
  std::string out;
  for (char c : request_id) {
    if (c != '-') out += c;
  }
  return out;
}

// Reads the body of a chat model. Requires a chat family that has a body format of its own.
Result<std::unique_ptr<Invocation>> ReadBody(Family family, const Json& body) {
  switch (family) {
    case Family::kClaudeMessages:
      return ReadClaudeMessages(body);
    case Family::kClaudeText:
      return ReadClaudeText(body);
    case Family::kTitanText:
      return ReadTitanText(body);
    case Family::kNova:
      return ReadNova(body);
    case Family::kLlama:
      return ReadLlama(body);
    case Family::kMistral:
      return ReadMistral(body);
    case Family::kCohereCommand:
      return ReadCohereCommand(body);
    case Family::kCohereChat:
      return ReadCohereChat(body);
    case Family::kConverseOnly:
      return Error(ErrorCode::kUnsupported,
                   "InvokeModel does not know the bodies of this model; use Converse");
    case Family::kTitanEmbed:
    case Family::kCohereEmbed:
    case Family::kNovaEmbed:
    case Family::kRerank:
      return Error(ErrorCode::kUnsupported,
                   "this operation is not supported for embedding and re-ranking models");
    case Family::kOpaque:
    case Family::kUnknown:
      break;
  }
  return Error(ErrorCode::kShapeValidation, "The provided model identifier is invalid.")
      .Expected("a model of a family that is served: Claude, Titan, Nova, Llama, Mistral or Cohere");
}

std::string_view GroundingName(language::Grounding grounding) {
  switch (grounding) {
    case language::Grounding::kNothingToCheck:
      return "nothing-to-check";
    case language::Grounding::kChecked:
      return "checked";
    case language::Grounding::kWithheld:
      return "withheld";
  }
  FailCheck(__FILE__, __LINE__, "a grounding outside its enumeration");
}

Result<Json> ParseBody(const net::Request& request) {
  auto parsed = format::ParseJson(request.body);
  if (parsed.ok() || parsed.error().code != ErrorCode::kJsonSyntax) return parsed;
  return Error(ErrorCode::kJsonSyntax,
               "Malformed input request, please reformat your input and try again. The body is not JSON: " +
                   parsed.error().message)
      .Where(parsed.error().where);
}

struct Echo {
  const char* header;
  std::vector<std::string_view> values;
};
// The headers of a request that the response repeats.
const std::vector<Echo>& Echoes() {
  static const std::vector<Echo> kEchoes = {
      {"x-amzn-bedrock-performanceconfig-latency", {"standard", "optimized"}},
      {"x-amzn-bedrock-service-tier", {"priority", "default", "flex", "reserved"}}};
  return kEchoes;
}

Status CheckHeaders(const net::Request& request) {
  for (const Echo& echo : Echoes()) {
    const std::string* value = request.headers.Find(echo.header);
    if (value == nullptr || std::find(echo.values.begin(), echo.values.end(), *value) != echo.values.end())
      continue;
    return Invalid("1 validation error detected: Value '" + format::Printable(CutUtf8(*value, 64)) +
                       "' at '" + echo.header +
                       "' failed to satisfy constraint: Member must satisfy enum value set",
                   echo.header);
  }
  if (request.headers.Get("x-amzn-bedrock-guardrailidentifier").empty()) return Ok();
  return Invalid("The guardrail identifier or version provided in the request does not exist.",
                 "x-amzn-bedrock-guardrailidentifier");
}

class Handlers {
 public:
  // `trained`: nullptr if the request has not waited for the embedder, else whether its training has ended.
  Handlers(const Dependencies& deps, const net::Request& request,
           std::shared_ptr<const std::atomic<bool>> trained)
      : deps_(deps),
        request_(request),
        start_nanos_(deps.clock.MonotonicNanos()),
        trained_(std::move(trained)) {}
  // Set if the request must wait first: the answer then has no meaning.
  bool must_wait = false;

  Result<net::Response> Answer() {
    TRINE_ASSIGN(const auto parts, request_.PathSegments());
    TRINE_CHECK(!parts.empty());
    if (parts[0] == "foundation-models" && parts.size() <= 2) return FoundationModels(parts);
    if (parts[0] == "async-invoke")
      return Error(ErrorCode::kUnsupported, "asynchronous invocations are not supported; use InvokeModel");
    if (parts[0] == "guardrail" && parts.size() == 5 && parts[2] == "version" && parts[4] == "apply") {
      TRINE_TRY(NeedPost());
      TRINE_ASSIGN(const Json body, ParseBody(request_));
      TRINE_ASSIGN(const Json out, ApplyGuardrail(body));
      return WithCommonHeaders(net::Response::JsonText(200, format::ToString(out), "application/json"));
    }
    if (parts[0] == "model" && parts.size() == 3 && !parts[1].empty() && parts[1].size() <= kMaxModelIdBytes)
      return OfModel(parts[1], parts[2]);
    return Error(ErrorCode::kNotFound, "unknown operation").Where(request_.path);
  }

 private:
  Status NeedPost() const {
    if (request_.method == "POST") return Ok();
    return Error(ErrorCode::kInvalid, "wrong method: expected POST").Got(request_.method);
  }

  Result<net::Response> FoundationModels(const std::vector<std::string>& parts) {
    const std::string region = request_.caller.region.empty() ? kDefaultRegion : request_.caller.region;
    TRINE_ASSIGN(const Json out, parts.size() == 1 ? ListFoundationModels(request_, region)
                                                   : GetFoundationModel(parts[1], region));
    return WithCommonHeaders(net::Response::JsonText(200, format::ToString(out), "application/json"));
  }

  Result<net::Response> OfModel(const std::string& model_id, const std::string& operation) {
    const bool invoke = operation == "invoke", stream = operation == "invoke-with-response-stream";
    const bool converse = operation == "converse", converse_stream = operation == "converse-stream";
    if (operation == "invoke-with-bidirectional-stream")
      return Error(ErrorCode::kUnsupported, "bidirectional streams are not supported; use ConverseStream");
    if (!invoke && !stream && !converse && !converse_stream && operation != "count-tokens")
      return Error(ErrorCode::kNotFound, "operation \"" + operation + "\" is unknown").Where(request_.path);
    TRINE_TRY(NeedPost());
    TRINE_TRY(CheckHeaders(request_));
    TRINE_ASSIGN(const Json body, ParseBody(request_));
    Family family = FamilyOf(model_id);
    if (family == Family::kUnknown)
      return Error(ErrorCode::kShapeValidation, "The provided model identifier is invalid.").Got(model_id);
    if (operation == "count-tokens") return CountTokens(body, family);
    if (converse || converse_stream) {
      if (!IsChat(family))
        return Error(ErrorCode::kUnsupported,
                     "this operation is not supported for embedding and re-ranking models");
      TRINE_ASSIGN(std::unique_ptr<Invocation> invocation, ReadConverse(body));
      return converse ? Chat(std::move(invocation), model_id)
                      : Stream(std::move(invocation), model_id, StreamKind::kEvents);
    }
    if (family == Family::kOpaque) family = FamilyOfBody(body);
    if (invoke && !IsChat(family) && family != Family::kUnknown) return Embed(family, body, model_id);
    TRINE_ASSIGN(std::unique_ptr<Invocation> invocation, ReadBody(family, body));
    return invoke ? Chat(std::move(invocation), model_id)
                  : Stream(std::move(invocation), model_id, StreamKind::kChunks);
  }

  void Prepare(const std::string& model_id, language::ChatRequest* chat) const {
    TRINE_DCHECK(!chat->messages.empty());
    chat->model = model_id;
    chat->caller = request_.caller.name;
  }

  int64_t Millis() const { return (deps_.clock.MonotonicNanos() - start_nanos_) / 1'000'000; }

  Result<net::Response> Chat(std::unique_ptr<Invocation> invocation, const std::string& model_id) {
    Prepare(model_id, &invocation->chat());
    TRINE_ASSIGN(const auto answer, deps_.model.Complete(invocation->chat(), request_.deadline));
    const AnswerFacts facts{WithoutDashes(request_.id), answer.model, Millis(), 0};
    auto response =
        net::Response::JsonText(200, format::ToString(invocation->Whole(answer, facts)), "application/json");
    SetModel(answer.model, GroundingName(answer.grounding), &response);
    SetTokens(answer.input_tokens, answer.output_tokens, &response);
    return WithCommonHeaders(std::move(response));
  }

  Result<net::Response> Stream(std::unique_ptr<Invocation> invocation, const std::string& model_id,
                               StreamKind kind) {
    Prepare(model_id, &invocation->chat());
    using Kind = language::ToolChoice::Kind;
    const Kind choice = invocation->chat().tool_choice.kind;
    std::optional<language::ChatAnswer> ready;
    // A demanded call has no text to stream. Its answer is awaited, so that the error of a model that cannot
    // call tools is an error response.
    if (choice == Kind::kAny || choice == Kind::kNamed) {
      TRINE_ASSIGN(ready, deps_.model.Complete(invocation->chat(), request_.deadline));
    }
    net::Response response;
    response.headers.Set("content-type", "application/vnd.amazon.eventstream");
    response.headers.Set("x-amzn-bedrock-content-type", "application/json");
    const bool checks = deps_.model.ChecksSentences(invocation->chat());
    SetModel(ready ? ready->model : deps_.model.name(),
             ready    ? GroundingName(ready->grounding)
             : checks ? "checked"
                      : "nothing-to-check",
             &response);
    const StreamContext context{
        deps_.model,      deps_.clock, deps_.log, kind, request_.id, WithoutDashes(request_.id),
        request_.deadline};
    response.stream = [context, ready, shared = std::shared_ptr<Invocation>(std::move(invocation))](
                          net::BodyWriter& writer) { return StreamAnswer(context, *shared, ready, writer); };
    return WithCommonHeaders(std::move(response));
  }

  Result<net::Response> Embed(Family family, const Json& body, const std::string& model_id) {
    TRINE_ASSIGN(const auto embedding, ReadEmbedding(family, body, model_id));
    if ((!trained_ || !*trained_) && deps_.must_train && deps_.must_train()) {
      if (trained_) return Error(ErrorCode::kTimeout, "the embedder is still being trained; try again");
      must_wait = true;
      return net::Response();
    }
    TRINE_ASSIGN(const std::shared_ptr<const language::Embedder> embedder, deps_.embedder());
    auto response =
        net::Response::JsonText(200, embedding->Print(*embedder, request_.id), "application/json");
    SetModel(embedder->name(), "nothing-to-check", &response);
    SetTokens(embedding->input_tokens(), 0, &response);
    // Vectors of different embedder versions cannot be compared; clients can check the version in this
    // header.
    response.headers.Set("x-trine-embedder", embedder->name() + "/" + embedder->version());
    return WithCommonHeaders(std::move(response));
  }

  // {"input":{"invokeModel":{"body":base64}}} or {"input":{"converse":{...}}}
  Result<net::Response> CountTokens(const Json& body, Family family) {
    BodyReader reader(body, BodyReader::Wording::kPlain);
    const Json* input = reader.Object("input");
    static_cast<void>(reader.Need("input"));
    TRINE_TRY(reader.Finish(false));
    BodyReader choice(*input, BodyReader::Wording::kPlain, "input");
    const Json* invoke = choice.Object("invokeModel");
    const Json* converse = choice.Object("converse");
    TRINE_TRY(choice.Finish(false));
    if ((invoke == nullptr) == (converse == nullptr))
      return Invalid("input: exactly one of invokeModel and converse must be set", "input");
    TRINE_ASSIGN(const uint64_t tokens,
                 converse != nullptr ? CountConversation(*converse) : CountBody(*invoke, family));
    Json out;
    out.Set("inputTokens", tokens);
    auto response = net::Response::JsonText(200, format::ToString(out), "application/json");
    SetModel(deps_.model.name(), "nothing-to-check", &response);
    return WithCommonHeaders(std::move(response));
  }

  static Result<uint64_t> CountConversation(const Json& body) {
    TRINE_ASSIGN(const language::ChatRequest chat, ReadConversation(body));
    return PromptTokens(chat);
  }

  static Result<uint64_t> CountBody(const Json& invoke, Family family) {
    BodyReader reader(invoke, BodyReader::Wording::kPlain, "input.invokeModel");
    const std::string encoded = reader.Text("body");
    TRINE_TRY(reader.Finish(false));
    const auto decoded = format::UnBase64(encoded);
    if (!decoded) return Invalid("input.invokeModel.body: Input should be base64", "input.invokeModel.body");
    const auto parsed = format::ParseJson(*decoded);
    if (!parsed.ok())
      return Invalid("input.invokeModel.body: the decoded body is not JSON: " + parsed.error().message,
                     "input.invokeModel.body");
    if (family == Family::kOpaque) family = FamilyOfBody(*parsed);
    TRINE_ASSIGN(const std::unique_ptr<Invocation> invocation, ReadBody(family, *parsed));
    return PromptTokens(invocation->chat());
  }

  static void SetModel(const std::string& model, std::string_view grounding, net::Response* response) {
    response->headers.Set("x-trine-model", model);
    response->headers.Set("x-trine-grounding", std::string(grounding));
  }

  static void SetTokens(uint64_t input, uint64_t output, net::Response* response) {
    response->headers.Set("x-amzn-bedrock-input-token-count", std::to_string(input));
    response->headers.Set("x-amzn-bedrock-output-token-count", std::to_string(output));
  }

  net::Response WithCommonHeaders(net::Response response) const {
    response.headers.Set("x-amzn-requestid", request_.id);
    if (!response.stream) response.headers.Set("x-amzn-bedrock-invocation-latency", std::to_string(Millis()));
    for (const Echo& echo : Echoes()) {
      if (const std::string* value = request_.headers.Find(echo.header); value != nullptr)
        response.headers.Set(echo.header, *value);
    }
    return response;
  }

  const Dependencies& deps_;
  const net::Request& request_;
  const int64_t start_nanos_;
  const std::shared_ptr<const std::atomic<bool>> trained_;
};

net::Response Answer(const Dependencies& deps, const net::Request& request,
                     std::shared_ptr<const std::atomic<bool>> trained) {
  Handlers handlers(deps, request, std::move(trained));
  auto answer = handlers.Answer();
  if (!answer.ok()) return ErrorResponse(answer.error(), request.id);
  if (!handlers.must_wait) return *std::move(answer);
  auto wait = std::make_shared<net::Wait>();
  const auto ended = std::make_shared<std::atomic<bool>>(false);
  wait->start = [&deps, ended](std::function<void()> resume) {
    deps.train([ended, resume = std::move(resume)] {
      *ended = true;
      resume();
    });
  };
  wait->most_millis = request.deadline.MillisLeft();
  wait->then = [&deps, &request, ended] { return Answer(deps, request, ended); };
  net::Response response;
  response.wait = std::move(wait);
  return response;
}

}  // namespace

Api::Api(Dependencies deps) : deps_(std::move(deps)) {}

bool Api::Owns(const net::Request& head) {
  const std::string_view path = head.path;
  // A name that begins with '_' is an operation of OpenSearch on an index that is called "model".
  const auto has_name = [path](std::string_view prefix) {
    return path.starts_with(prefix) && !path.substr(prefix.size()).starts_with('_');
  };
  if (has_name("/model/") || has_name("/async-invoke/")) return true;
  if (has_name("/guardrail/")) return path.find("/version/") != std::string_view::npos;
  if (path == "/async-invoke") return head.method == "GET" || head.method == "POST";
  return head.method == "GET" && (path == "/foundation-models" || has_name("/foundation-models/"));
}

net::Response Api::Handle(const net::Request& request) const {
  TRINE_DCHECK(Owns(request));
  return Answer(deps_, request, nullptr);
}

}  // namespace trine::api::bedrock
