#include "api/mcp/api.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "api/mcp/tools.h"
#include "base/check.h"
#include "base/limits.h"
#include "format/json.h"

namespace trine::api::mcp {
namespace {

using format::Json;

constexpr std::string_view kNewest = "2025-06-18", kOldest = "2025-03-26";
constexpr size_t kMaxBatch = 50;  // messages of one body; each may be a search
constexpr int kParseError = -32700, kInvalidRequest = -32600, kMethodNotFound = -32601,
              kInvalidParams = -32602;

bool IsVersion(std::string_view version) { return version == kNewest || version == kOldest; }

std::string TextOf(const Error& error) {
  return IsServerFailure(error.kind()) ? "the server failed to answer; its log has the reason"
                                       : error.ToString();
}

Json Failure(Json id, int code, std::string message) {
  Json out, error;
  error.Set("code", code);
  error.Set("message", std::move(message));
  out.Set("jsonrpc", "2.0");
  out.Set("id", std::move(id));
  out.Set("error", std::move(error));
  return out;
}

Json Success(Json id, Json result) {
  Json out;
  out.Set("jsonrpc", "2.0");
  out.Set("id", std::move(id));
  out.Set("result", std::move(result));
  return out;
}

net::Response Print(const Json& json, int status = 200) {
  return net::Response::JsonText(status, format::ToString(json), "application/json");
}

// The result of a tool. Text from catalogues is data, in the text as well as in the structured content.
Json ToolResultJson(const std::string& tool, const net::Response& response) {
  const auto answer = format::ParseJson(response.body);
  Json result, text, content(Json::Array{});
  text.Set("type", "text");
  const bool failed = response.status != 200 || !answer.ok() || !answer->is_object();
  if (failed) {
    text.Set("text", response.body.empty() ? "the request failed" : response.body);
  } else {
    Json structured = StructuredContent(tool, *answer);
    text.Set("text", format::ToString(structured));
    result.Set("structuredContent", std::move(structured));
  }
  content.Push(std::move(text));
  result.Set("content", std::move(content));
  result.Set("isError", failed);
  return result;
}

// The messages of one body, which are answered one after the other. A message that has to wait keeps the
// conversation alive in the Wait of the response.
class Conversation : public std::enable_shared_from_this<Conversation> {
 public:
  Conversation(const Dependencies& deps, const net::Request& request, Json::Array messages, bool is_batch)
      : deps_(deps), request_(request), messages_(std::move(messages)), is_batch_(is_batch) {}

  net::Response Continue() {
    while (next_ < messages_.size()) {
      const Json message = std::move(messages_[next_++]);
      if (auto waiting = Take(message); waiting.wait) return waiting;
    }
    if (answers_.empty()) {
      net::Response accepted;
      accepted.status = 202;
      return accepted;
    }
    return Print(is_batch_ ? Json(std::move(answers_)) : answers_.front());
  }

 private:
  // Answers one message. A response with a wait means that the message is not answered yet.
  net::Response Take(const Json& message) {
    const Json* id = message.Find("id");
    const bool valid_id = id == nullptr || id->is_string() || id->is_integer();
    const Json* method = message.Find("method");
    const Json* version = message.Find("jsonrpc");
    const bool is_response = method == nullptr && id != nullptr &&
                             (message.Find("result") != nullptr || message.Find("error") != nullptr);
    if (is_response) return {};  // the server asks nothing, so there is nothing to match it with
    if (!valid_id || method == nullptr || !method->is_string() || version == nullptr ||
        *version != Json("2.0")) {
      answers_.push_back(Failure(id != nullptr && valid_id ? *id : Json(), kInvalidRequest,
                                 "not a message of JSON-RPC 2.0"));
      return {};
    }
    if (id == nullptr) return {};  // a notification
    return Call(*id, method->string(), message.Find("params"));
  }

  net::Response Call(const Json& id, const std::string& method, const Json* params) {
    if (params != nullptr && !params->is_object()) {
      answers_.push_back(Failure(id, kInvalidParams, "params is not an object"));
    } else if (method == "initialize") {
      answers_.push_back(Initialize(id, params));
    } else if (method == "ping") {
      answers_.push_back(Success(id, Json(Json::Object{})));
    } else if (method == "tools/list") {
      answers_.push_back(Success(id, Json(Json::Object{{"tools", ToolsJson()}})));
    } else if (method == "tools/call") {
      return CallTool(id, params);
    } else {
      answers_.push_back(Failure(id, kMethodNotFound, "unknown method"));
    }
    return {};
  }

  static Json Initialize(const Json& id, const Json* params) {
    const Json* wanted = params != nullptr ? params->Find("protocolVersion") : nullptr;
    if (wanted == nullptr || !wanted->is_string())
      return Failure(id, kInvalidParams, "protocolVersion is missing or not a string");
    Json result, capabilities, info;
    // A client that does not support this version ends the connection, as the protocol demands.
    result.Set("protocolVersion", IsVersion(wanted->string()) ? *wanted : Json(kNewest));
    capabilities.Set("tools", Json(Json::Object{{"listChanged", false}}));
    result.Set("capabilities", std::move(capabilities));
    info.Set("name", "trine");
    info.Set("version", "1");
    result.Set("serverInfo", std::move(info));
    return Success(id, std::move(result));
  }

  net::Response CallTool(const Json& id, const Json* params) {
    const Json* name = params != nullptr ? params->Find("name") : nullptr;
    if (name == nullptr || !name->is_string()) {
      answers_.push_back(Failure(id, kInvalidParams, "the name of the tool is missing"));
      return {};
    }
    const Json* given = params->Find("arguments");
    auto call = RequestOf(name->string(), given != nullptr ? *given : Json(Json::Object{}));
    if (!call.ok()) {
      answers_.push_back(Failure(id, kInvalidParams, TextOf(call.error())));
      return {};
    }
    forwarded_ = std::make_unique<net::Request>();
    forwarded_->method = "POST";
    forwarded_->path = forwarded_->target = call->path;
    forwarded_->body = format::ToString(call->body);
    forwarded_->headers.Set("content-type", "application/json");
    forwarded_->peer = request_.peer;
    forwarded_->tls = request_.tls;
    forwarded_->id = request_.id;
    forwarded_->caller = request_.caller;
    forwarded_->deadline = request_.deadline;
    return Finish(id, name->string(), deps_.forward(*forwarded_));
  }

  net::Response Finish(const Json& id, const std::string& tool, net::Response response) {
    if (!response.wait || !response.wait->then) {
      answers_.push_back(Success(id, ToolResultJson(tool, response)));
      return {};
    }
    auto wait = std::make_shared<net::Wait>(*response.wait);
    wait->then = [self = shared_from_this(), id, tool, then = response.wait->then] {
      net::Response waiting = self->Finish(id, tool, then());
      return waiting.wait ? waiting : self->Continue();
    };
    net::Response waiting;
    waiting.wait = std::move(wait);
    return waiting;
  }

  const Dependencies& deps_;
  const net::Request& request_;
  Json::Array messages_;
  const bool is_batch_;
  size_t next_ = 0;
  Json::Array answers_;
  std::unique_ptr<net::Request> forwarded_;  // the call of the tool that runs now
};

}  // namespace

Api::Api(Dependencies deps) : deps_(std::move(deps)) {}

bool Api::Owns(const net::Request& head) { return head.path == "/mcp"; }

net::RequestPlan Api::Plan(const net::Request&) {
  return {net::RequestClass::kLanguage, net::Access::kRead, limits::kMaxCallBodyBytes};
}

net::Response Api::Handle(const net::Request& request) const {
  TRINE_DCHECK(Owns(request));
  const auto refuse = [](int status, int code, const char* message) {
    return Print(Failure(Json(), code, message), status);
  };
  const std::string* origin = request.headers.Find("origin");
  if (origin != nullptr && !deps_.allows_origin(*origin))
    return refuse(403, kInvalidRequest, "pages of this origin may not call");
  if (request.method != "POST") {
    net::Response response = refuse(405, kInvalidRequest, "only POST is supported: there are no streams");
    response.headers.Set("allow", "POST");
    return response;
  }
  const std::string* version = request.headers.Find("mcp-protocol-version");
  if (version != nullptr && !IsVersion(*version))
    return refuse(400, kInvalidRequest, "unsupported protocol version");
  auto body = format::ParseJson(request.body);
  if (!body.ok()) return refuse(400, kParseError, "the body is not JSON");
  if (body->is_object())
    return std::make_shared<Conversation>(deps_, request, Json::Array{*std::move(body)}, false)->Continue();
  // Version 2025-06-18 has no batches. Without the header, the older version is assumed.
  const bool may_batch = version == nullptr || *version == kOldest;
  if (!body->is_array() || !may_batch || body->array().empty() || body->array().size() > kMaxBatch)
    return refuse(400, kInvalidRequest, "the body is not a message, or a batch that is allowed");
  return std::make_shared<Conversation>(deps_, request, std::move(body->array()), true)->Continue();
}

net::Response ErrorResponse(const Error& error, int status) {
  if (status == 0) {
    const ErrorKind kind = error.kind();
    status = kind == ErrorKind::kUnauthenticated ? 401
             : kind == ErrorKind::kForbidden     ? 403
             : kind == ErrorKind::kBusy          ? 429
             : kind == ErrorKind::kUnavailable   ? 503
             : IsServerFailure(kind)             ? 500
                                                 : 400;
  }
  TRINE_CHECK_GE(status, 400);
  return Print(Failure(Json(), kInvalidRequest, TextOf(error)), status);
}

}  // namespace trine::api::mcp
