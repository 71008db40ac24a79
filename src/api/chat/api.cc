#include "api/chat/api.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/chat/anthropic.h"
#include "api/chat/body_fields.h"
#include "api/chat/embeddings.h"
#include "api/chat/openai.h"
#include "base/limits.h"
#include "base/utf8.h"

namespace trine::api::chat {
namespace {

using format::Json;
using language::ChatAnswer;

constexpr std::string_view kPrefix = "/v1/";
constexpr const char* kEmbedderId = "trine-embed";

std::string IdOf(const char* prefix, const net::Request& request) {
  std::string id = prefix;
  for (const char c : request.id) {
    if (c != '-') id += c;
  }
  return id;
}

const char* Word(language::Grounding grounding) {
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

void SetHeaders(const net::Request& request, const char* grounding, const std::string& model,
                net::Response* response) {
  response->headers.Set("x-request-id", request.id);
  if (WireOf(request) == Wire::kAnthropic) response->headers.Set("request-id", request.id);
  if (grounding != nullptr) response->headers.Set("x-trine-grounding", grounding);
  response->headers.Set("x-trine-model", model);
}

// The difference between the streams of the two APIs. Each function returns text of server-sent events.
struct StreamForm {
  std::function<std::string()> start;
  std::function<std::string(std::string_view)> text;
  std::function<std::string(const ChatAnswer&)> finish;
  std::function<std::string(const Error&)> failed;
};

std::string Data(const Json& json) { return "data: " + format::ToString(json) + "\n\n"; }

// Runs the model and writes its answer. A failure of the model becomes the last event, because the status has
// been sent; a failure to write is returned.
Status WriteStream(language::LanguageModel& model, const language::ChatRequest& chat,
                   const Deadline& deadline, const StreamForm& form, net::BodyWriter& writer) {
  Status written = writer.Write(form.start());
  if (!written.ok()) return written;
  std::string rest;  // the beginning of a character whose end the next part brings
  const auto sink = [&](std::string_view part) -> Status {
    rest += part;
    const size_t whole = rest.size() - IncompleteUtf8Suffix(rest);
    if (whole == 0) return Ok();
    written = writer.Write(form.text(std::string_view(rest).substr(0, whole)));
    rest.erase(0, whole);
    return written;
  };
  auto answer = model.Complete(chat, deadline, sink);
  if (!written.ok()) return written;  // the client is gone
  if (!answer.ok()) return writer.Write(form.failed(answer.error()));
  if (!rest.empty()) TRINE_TRY(writer.Write(form.text(rest)));
  return writer.Write(form.finish(*answer));
}

StreamForm OpenAiForm(const OpenAiCall& call, const OpenAiHead& head, const std::string& request_id) {
  const bool usage = call.include_usage;
  StreamForm form;
  form.start = [head, usage] { return Data(OpenAiTextChunk(head, "", true, usage)); };
  form.text = [head, usage](std::string_view part) {
    return Data(OpenAiTextChunk(head, part, false, usage));
  };
  form.finish = [head, usage](const ChatAnswer& answer) {
    std::string out;
    if (!answer.tool_calls.empty()) out += Data(OpenAiToolChunk(head, answer, usage));
    out += Data(OpenAiLastChunk(head, answer, usage));
    if (usage) out += Data(OpenAiUsageChunk(head, answer));
    return out + "data: [DONE]\n\n";
  };
  form.failed = [request_id](const Error& error) {
    return Data(ErrorBody(Wire::kOpenAi, error, request_id));
  };
  return form;
}

StreamForm AnthropicForm(const AnthropicCall& call, const AnthropicHead& head,
                         const std::string& request_id) {
  const auto events = std::make_shared<AnthropicEvents>();
  const uint32_t tokens = CountRequestTokens(call.chat);
  StreamForm form;
  form.start = [events, head, tokens] { return events->Start(head, tokens); };
  form.text = [events](std::string_view part) { return events->Text(part); };
  form.finish = [events](const ChatAnswer& answer) { return events->Finish(answer); };
  form.failed = [request_id](const Error& error) {
    return AnthropicEvent(ErrorBody(Wire::kAnthropic, error, request_id));
  };
  return form;
}

class Handlers {
 public:
  // `trained`: nullptr if the request has not waited for the embedder, else whether its training has ended.
  Handlers(const Dependencies& deps, const net::Request& request,
           std::shared_ptr<const std::atomic<bool>> trained)
      : deps_(deps), request_(request), trained_(std::move(trained)) {}
  bool must_wait = false;  // the request must wait first: the answer then has no meaning

  Result<net::Response> Route() {
    const std::string_view path = std::string_view(request_.path).substr(kPrefix.size());
    if (path == "models" || path.starts_with("models/")) {
      TRINE_TRY(Expect("GET"));
      return Models();
    }
    using Handler = Result<net::Response> (Handlers::*)(const Json&);
    const Handler handler = path == "chat/completions"        ? &Handlers::Completions
                            : path == "embeddings"            ? &Handlers::Embeddings
                            : path == "messages"              ? &Handlers::Messages
                            : path == "messages/count_tokens" ? &Handlers::Count
                                                              : nullptr;
    if (handler == nullptr)
      return Error(ErrorCode::kNotFound, "unknown endpoint: " + request_.method + " " + request_.path);
    TRINE_TRY(Expect("POST"));
    TRINE_ASSIGN(const Json body, ParseBody(request_.body));
    return (this->*handler)(body);
  }

 private:
  Status Expect(const char* method) const {
    if (request_.method == method) return Ok();
    return Error(ErrorCode::kInvalid, "wrong method for " + request_.path)
        .Expected(method)
        .Got(request_.method);
  }

  static Status CheckChatModel(const std::string& model) {
    if (!IsEmbedder(model)) return Ok();
    return Error(ErrorCode::kInvalid, "this model embeds texts and does not chat").Got(model).Where("model");
  }

  net::Response Stream(language::ChatRequest chat, StreamForm form) const {
    net::Response response;
    const bool checks = deps_.model.ChecksSentences(chat);
    response.headers.Set("content-type", "text/event-stream; charset=utf-8");
    response.headers.Set("cache-control", "no-cache");
    SetHeaders(request_, Word(checks ? language::Grounding::kChecked : language::Grounding::kNothingToCheck),
               deps_.model.name(), &response);
    response.stream = [&model = deps_.model, chat = std::move(chat), form = std::move(form),
                       deadline = request_.deadline](net::BodyWriter& writer) {
      return WriteStream(model, chat, deadline, form, writer);
    };
    return response;
  }

  net::Response Print(const Json& json, const ChatAnswer& answer) const {
    auto response = net::Response::JsonText(200, format::ToString(json), "application/json");
    SetHeaders(request_, Word(answer.grounding), answer.model, &response);
    return response;
  }

  Result<net::Response> Completions(const Json& body) {
    TRINE_ASSIGN(OpenAiCall call, ParseOpenAi(body));
    TRINE_TRY(CheckChatModel(call.chat.model));
    call.chat.caller = request_.caller.name;
    OpenAiHead head{IdOf("chatcmpl-", request_), Seconds(), deps_.model.name()};
    if (call.stream) {
      StreamForm form = OpenAiForm(call, head, request_.id);
      return Stream(std::move(call.chat), std::move(form));
    }
    TRINE_ASSIGN(const ChatAnswer answer, deps_.model.Complete(call.chat, request_.deadline));
    head.model = answer.model;
    return Print(PrintOpenAi(head, answer), answer);
  }

  Result<net::Response> Messages(const Json& body) {
    TRINE_ASSIGN(AnthropicCall call, ParseAnthropic(body));
    TRINE_TRY(CheckChatModel(call.chat.model));
    call.chat.caller = request_.caller.name;
    AnthropicHead head{IdOf("msg_", request_), deps_.model.name()};
    if (call.stream) {
      StreamForm form = AnthropicForm(call, head, request_.id);
      return Stream(std::move(call.chat), std::move(form));
    }
    TRINE_ASSIGN(const ChatAnswer answer, deps_.model.Complete(call.chat, request_.deadline));
    head.model = answer.model;
    return Print(PrintAnthropic(head, answer), answer);
  }

  Result<net::Response> Count(const Json& body) {
    TRINE_ASSIGN(const AnthropicCall call, ParseAnthropic(body, true));
    Json out;
    out.Set("input_tokens", static_cast<int64_t>(CountRequestTokens(call.chat)));
    auto response = net::Response::JsonText(200, format::ToString(out), "application/json");
    SetHeaders(request_, nullptr, deps_.model.name(), &response);
    return response;
  }

  Result<net::Response> Embeddings(const Json& body) {
    TRINE_ASSIGN(const EmbeddingsCall call, ParseEmbeddings(body));
    if ((!trained_ || !*trained_) && deps_.must_train && deps_.must_train()) {
      if (trained_) return Error(ErrorCode::kTimeout, "the embedder is still being trained; try again");
      must_wait = true;
      return net::Response();
    }
    TRINE_ASSIGN(const std::shared_ptr<const language::Embedder> embedder, deps_.embedder());
    auto response = net::Response::JsonText(200, PrintEmbeddings(call, *embedder), "application/json");
    // Vectors of different versions cannot be compared; clients can check the version in this header.
    SetHeaders(request_, nullptr, embedder->name() + "/" + embedder->version(), &response);
    return response;
  }

  Json ModelJson(const std::string& id) const {
    Json one;
    one.Set("id", id);
    if (WireOf(request_) == Wire::kAnthropic) {
      one.Set("type", "model");
      one.Set("display_name", id);
      one.Set("created_at", "1970-01-01T00:00:00Z");  // unknown, as Anthropic's documentation has it
      return one;
    }
    one.Set("object", "model");
    one.Set("created", 0);  // unknown
    one.Set("owned_by", "trine");
    return one;
  }

  Result<net::Response> Models() const {
    TRINE_ASSIGN(const auto parts, request_.PathSegments());
    std::vector<std::string> ids = {deps_.model.name()};
    // Anthropic's API has no embedders.
    if (WireOf(request_) == Wire::kOpenAi) ids.emplace_back(kEmbedderId);
    Json out;
    if (parts.size() == 2) {
      Json list(Json::Array{});
      for (const std::string& id : ids) list.Push(ModelJson(id));
      if (WireOf(request_) == Wire::kOpenAi) out.Set("object", "list");
      out.Set("data", std::move(list));
      if (WireOf(request_) == Wire::kAnthropic) {
        out.Set("has_more", false);
        out.Set("first_id", ids.front());
        out.Set("last_id", ids.back());
      }
    } else {
      // The names of models may contain slashes.
      std::string wanted;
      for (size_t i = 2; i < parts.size(); ++i) wanted += (i > 2 ? "/" : "") + parts[i];
      if (std::find(ids.begin(), ids.end(), wanted) == ids.end())
        return Error(ErrorCode::kNotFound, "unknown model; GET /v1/models lists the models");
      out = ModelJson(wanted);
    }
    auto response = net::Response::JsonText(200, format::ToString(out), "application/json");
    SetHeaders(request_, nullptr, deps_.model.name(), &response);
    return response;
  }

  int64_t Seconds() const { return deps_.clock.Now().value / 1000; }

  const Dependencies& deps_;
  const net::Request& request_;
  const std::shared_ptr<const std::atomic<bool>> trained_;
};

net::Response Answer(const Dependencies& deps, const net::Request& request,
                     std::shared_ptr<const std::atomic<bool>> trained) {
  Handlers handlers(deps, request, std::move(trained));
  auto answer = handlers.Route();
  if (!answer.ok()) return ErrorResponse(WireOf(request), answer.error(), request.id);
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
  return head.path.starts_with(kPrefix) && head.path.size() > kPrefix.size() &&
         head.path[kPrefix.size()] != '_';
}

net::RequestPlan Api::Plan(const net::Request& head) {
  TRINE_DCHECK(Owns(head));
  return {net::RequestClass::kLanguage, net::Access::kRead, limits::kMaxModelBodyBytes};
}

net::Response Api::Handle(const net::Request& request) const {
  TRINE_DCHECK(Owns(request));
  return Answer(deps_, request, nullptr);
}

}  // namespace trine::api::chat
