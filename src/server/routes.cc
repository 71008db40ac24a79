#include "server/routes.h"

#include "api/opensearch/errors/errors.h"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "net/sigv4.h"
#include "net/status_counters.h"
#include "server/peer_limits.h"

namespace trine::server {
namespace {

enum class ApiKind { kOpenSearch, kPersonalize, kBedrock, kNative, kChat, kMcp };
constexpr std::array kApiKinds = {ApiKind::kOpenSearch, ApiKind::kPersonalize, ApiKind::kBedrock,
                                  ApiKind::kNative,     ApiKind::kChat,        ApiKind::kMcp};

ApiKind ApiOf(const net::Request& request) {
  if (api::native::Api::Owns(request)) return ApiKind::kNative;
  if (api::bedrock::Api::Owns(request)) return ApiKind::kBedrock;
  if (api::chat::Api::Owns(request)) return ApiKind::kChat;
  if (api::mcp::Api::Owns(request)) return ApiKind::kMcp;
  if (api::personalize::Api::Owns(request)) return ApiKind::kPersonalize;
  return ApiKind::kOpenSearch;
}
std::string_view Name(ApiKind api) {
  switch (api) {
    case ApiKind::kOpenSearch:
      return "opensearch";
    case ApiKind::kPersonalize:
      return "personalize";
    case ApiKind::kBedrock:
      return "bedrock";
    case ApiKind::kNative:
      return "native";
    case ApiKind::kChat:
      return "chat";
    case ApiKind::kMcp:
      return "mcp";
  }
  return "";
}

// The service's metrics. Thread-safe and lock-free.
struct ServiceMetrics {
  explicit ServiceMetrics(Metrics& metrics)
      : responses(metrics, "trine_responses_total", "Responses from all APIs, by status.") {
    for (const ApiKind api : kApiKinds) {
      request_seconds[static_cast<size_t>(api)] = &metrics.GetHistogram(
          "trine_request_seconds", "Seconds from admission to response, by API.", Name(api));
    }
  }

  std::array<Histogram*, kApiKinds.size()> request_seconds;
  net::StatusCounters responses;
};

net::Response ErrorFor(ApiKind api, const net::Request& request, const Error& error, int status) {
  const std::string& id = request.id;
  net::Response response;
  switch (api) {
    case ApiKind::kOpenSearch:
      response = api::opensearch::ErrorResponse(error, status);
      break;
    case ApiKind::kPersonalize:
      response = api::personalize::ErrorResponse(error, id, status);
      break;
    case ApiKind::kBedrock:
      response = api::bedrock::ErrorResponse(error, id, status);
      break;
    case ApiKind::kNative:
      response = api::native::ErrorResponse(error, status);
      break;
    case ApiKind::kChat:
      response = api::chat::ErrorResponse(api::chat::WireOf(request), error, id, status);
      break;
    case ApiKind::kMcp:
      response = api::mcp::ErrorResponse(error, status);
      break;
  }
  if (response.status == 429 && error.code == ErrorCode::kBusy) response.headers.Set("retry-after", "2");
  if (response.status == 401) response.headers.Set("www-authenticate", "Basic realm=\"trine\"");
  return response;
}

Status CheckRole(const net::Request& request) {
  TRINE_DCHECK_NE(request.plan.access, Access::kNone);
  if (AccessOf(request.caller.role) >= request.plan.access) return Ok();
  return Error(ErrorCode::kForbidden, "these credentials have a role that does not allow this request")
      .Where(request.method + " " + request.path);
}

// The services whose signatures each API accepts. The native API is Trine's own and takes all of them.
std::span<const std::string_view> ServicesOf(ApiKind api) {
  static constexpr std::array<std::string_view, 2> kOpenSearch = {"es", "aoss"};
  static constexpr std::array<std::string_view, 1> kPersonalize = {"personalize"};
  static constexpr std::array<std::string_view, 1> kBedrock = {"bedrock"};
  static constexpr std::array<std::string_view, 1> kTrine = {"trine"};
  static constexpr std::array<std::string_view, 5> kNative = {"trine", "es", "aoss", "personalize",
                                                              "bedrock"};
  switch (api) {
    case ApiKind::kOpenSearch:
      return kOpenSearch;
    case ApiKind::kPersonalize:
      return kPersonalize;
    case ApiKind::kBedrock:
      return kBedrock;
    case ApiKind::kNative:
      return kNative;
    case ApiKind::kChat:
    case ApiKind::kMcp:
      return kTrine;  // the clients of these APIs send tokens
  }
  return {};
}

// The values that admission needs besides the request. Shared by the callbacks of one service.
struct Gate {
  Gate(const Credentials* accepted, ServicePolicy rules, const Clock& time, Log& log)
      : credentials(accepted), policy(std::move(rules)), clock(time), limits(time, log) {}
  const Credentials* const credentials;  // nullptr: only this machine is served
  const ServicePolicy policy;
  const Clock& clock;
  PeerLimits limits;
};

// The facts about the credentials of a request that PeerLimits needs.
struct Login {
  uint64_t credentials = 0;  // a hash: of the whole header of a password or token, else of the access key
  std::string name;          // the access key of a signature, for the log; other headers contain secrets
  bool is_signature = false;
};

Login LoginOf(const net::Request& request) {
  const auto claim = net::ParseSignature(request);
  // The header of a signature differs with every request.
  if (claim.ok() && *claim) return {Hash64((*claim)->access_key), (*claim)->access_key, true};
  return {Hash64(request.headers.Get("authorization")), "", false};
}

bool IsPublic(const net::Request& request) { return request.caller.role == net::Caller::Role::kPublic; }

// Anthropic's clients send their token in this header. The header Authorization takes precedence.
void TakeApiKey(ApiKind api, net::Request* request) {
  const std::string* key = request->headers.Find("x-api-key");
  if (api == ApiKind::kChat && key != nullptr && request->headers.Find("authorization") == nullptr)
    request->headers.Set("authorization", "Bearer " + *key);
}

Status Admit(ApiKind api, net::Request* request, Gate& gate) {
  if (gate.credentials == nullptr) return AdmitLocal(request);
  TakeApiKey(api, request);
  const Login login = LoginOf(*request);
  TRINE_TRY(gate.limits.BeforeLogin(request->peer, login.credentials));
  const net::ServedScope scope{gate.policy.region, ServicesOf(api)};
  Status checked = gate.credentials->Authenticate(request, scope, gate.clock.Now());
  TRINE_TRY(gate.limits.AfterLogin(request->peer, login.credentials, login.name, std::move(checked)));
  TRINE_TRY(CheckRole(*request));
  if (!IsPublic(*request)) return Ok();
  if (request->body.size() > kMaxPublicBodyBytes) {
    return Error(ErrorCode::kBodyTooLarge, "the body of a request with public credentials is too large")
        .Expected("at most " + std::to_string(kMaxPublicBodyBytes) + " bytes")
        .Got(std::to_string(request->body.size()));
  }
  return gate.limits.TakePublicRequest(request->peer);
}

// Called before the body is read, so that unknown callers cannot make the server buffer large bodies. Returns
// the largest body that the caller may send.
Result<size_t> AdmitHead(net::Request head, Gate& gate) {
  TakeApiKey(ApiOf(head), &head);
  const Login login = LoginOf(head);
  TRINE_TRY(gate.limits.BeforeLogin(head.peer, login.credentials));
  Status checked = gate.credentials->AuthenticateHead(&head);
  // Of a signature, only the access key has been checked, so its success does not make the key known.
  if (!checked.ok() || !login.is_signature)
    TRINE_TRY(gate.limits.AfterLogin(head.peer, login.credentials, login.name, std::move(checked)));
  TRINE_TRY(CheckRole(head));
  return IsPublic(head) ? kMaxPublicBodyBytes : head.plan.max_body_bytes;
}

// Replaces the paths of this machine in the text of an answer. They would tell a client where the data are
// and under which account the server runs. A longer name, such as "/srv/data-2" for "/srv/data", is kept.
void HidePaths(const ServicePolicy& policy, std::string* text) {
  constexpr std::string_view kShown = "<server>";
  const auto in_name = [text](size_t at) {
    if (at >= text->size()) return false;
    const char c = ToLowerAscii((*text)[at]);
    return IsAsciiDigit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  };
  const auto continues = [&](size_t at) {
    return in_name(at) || (at < text->size() && (*text)[at] == '.' && in_name(at + 1));
  };
  const auto hide = [&](const std::string& path, bool in_locations) {
    constexpr std::string_view kScheme = "file://";
    for (size_t at = text->find(path); at != std::string::npos; at = text->find(path, at + 1)) {
      const bool in_location = std::string_view(*text).substr(0, at).ends_with(kScheme);
      if (!continues(at + path.size()) && (in_locations || !in_location))
        text->replace(at, path.size(), kShown);
    }
  };
  for (const std::string& path : policy.hidden_paths) hide(path, true);
  for (const std::string& path : policy.hidden_except_locations) hide(path, false);
}

// Whether an answer may contain the text of an internal error: errors, the state of jobs, and health.
bool MayShowPaths(ApiKind api, const net::Request& request, const net::Response& response) {
  return response.status >= 400 || api == ApiKind::kPersonalize || api == ApiKind::kMcp ||
         request.path == "/_trine/health" || request.path.starts_with("/_trine/jobs/");
}

// Responds to a CORS preflight request: pages from a listed origin may send requests with credentials.
net::Response Preflight(const net::Request& request, const Credentials& credentials) {
  net::Response response;
  const std::string_view origin = request.headers.Get("origin");
  response.status = credentials.AllowsOrigin(origin) ? 204 : 403;
  if (response.status == 204) {
    response.headers.Set("access-control-allow-origin", std::string(origin));
    response.headers.Set("access-control-allow-methods", "POST");
    response.headers.Set("access-control-allow-headers", "authorization, content-type");
    response.headers.Set("access-control-max-age", "600");
    response.headers.Set("vary", "origin");
  }
  return response;
}

net::Response Dispatch(ApiKind api, const net::Request& request, const Apis& apis) {
  switch (api) {
    case ApiKind::kOpenSearch:
      return apis.opensearch.Handle(request);
    case ApiKind::kPersonalize:
      return apis.personalize.Handle(request);
    case ApiKind::kBedrock:
      return apis.bedrock.Handle(request);
    case ApiKind::kNative:
      return apis.native.Handle(request);
    case ApiKind::kChat:
      return apis.chat.Handle(request);
    case ApiKind::kMcp:
      return apis.mcp->Handle(request);
  }
  return {};
}

// Completes the response to an admitted or refused request before it is sent. `start` is the time of
// its admission.
struct Finishing {
  ApiKind api;
  std::string origin;  // empty: the response is not for a page of a listed origin
  int64_t start = 0;
};

net::Response Finish(const Finishing& finishing, const net::Request& request, const Gate& gate,
                     ServiceMetrics& metrics, net::Response response) {
  if (response.wait && response.wait->then) {
    auto wait = std::make_shared<net::Wait>(*response.wait);
    wait->then = [finishing, &request, &gate, &metrics, then = response.wait->then] {
      return Finish(finishing, request, gate, metrics, then());
    };
    response.wait = std::move(wait);
    return response;
  }
  if (!finishing.origin.empty()) {
    response.headers.Set("access-control-allow-origin", finishing.origin);
    response.headers.Set("vary", "origin");
  }
  if (MayShowPaths(finishing.api, request, response)) HidePaths(gate.policy, &response.body);
  response.headers.Set("x-content-type-options", "nosniff");
  TRINE_DCHECK_LT(static_cast<size_t>(finishing.api), metrics.request_seconds.size());
  metrics.request_seconds[static_cast<size_t>(finishing.api)]->Observe(
      static_cast<double>(gate.clock.MonotonicNanos() - finishing.start) * 1e-9);
  metrics.responses.Add(response.status);
  return response;
}

net::Response HandleRequest(net::Request& request, const Apis& apis, Gate& gate, ServiceMetrics& metrics) {
  Finishing finishing{ApiOf(request), "", gate.clock.MonotonicNanos()};
  const Credentials* const credentials = gate.credentials;
  const std::string origin(request.headers.Get("origin"));
  if (credentials != nullptr && request.method == "OPTIONS" && !origin.empty())
    return Preflight(request, *credentials);
  // Whether the process lives is not a secret, and a watchdog need not have credentials.
  Status admitted = request.plan.access == net::Access::kNone ? Ok() : Admit(finishing.api, &request, gate);
  net::Response response;
  if (!admitted.ok()) {
    const bool large = admitted.error().code == ErrorCode::kBodyTooLarge;
    response = ErrorFor(finishing.api, request, admitted.error(), large ? 413 : 0);
  } else {
    if (credentials != nullptr && !origin.empty() && credentials->AllowsOrigin(origin))
      finishing.origin = origin;
    response = Dispatch(finishing.api, request, apis);
  }
  return Finish(finishing, request, gate, metrics, std::move(response));
}

net::RequestPlan PlanOf(const net::Request& head, const Apis& apis) {
  switch (ApiOf(head)) {
    case ApiKind::kOpenSearch:
      return apis.opensearch.Plan(head);
    case ApiKind::kPersonalize:
      return apis.personalize.Plan(head);
    case ApiKind::kBedrock:
      return {net::RequestClass::kLanguage, Access::kRead, limits::kMaxModelBodyBytes};
    case ApiKind::kNative:
      return apis.native.Plan(head);
    case ApiKind::kChat:
      return api::chat::Api::Plan(head);
    case ApiKind::kMcp:
      return api::mcp::Api::Plan(head);
  }
  return {};
}

// Makes the API whose tools call the other APIs with the rights of their caller.
std::shared_ptr<const api::mcp::Api> MakeMcp(const Apis& apis, const Credentials* credentials) {
  api::mcp::Dependencies deps;
  deps.forward = [apis](const net::Request& request) {
    const ApiKind api = ApiOf(request);
    TRINE_CHECK(api != ApiKind::kMcp);
    net::Request planned = request;
    planned.plan = PlanOf(request, apis);
    if (const Status allowed = CheckRole(planned); !allowed.ok())
      return ErrorFor(api, request, allowed.error(), 0);
    return Dispatch(api, request, apis);
  };
  // Without credentials, AdmitLocal has already refused the pages of other machines.
  deps.allows_origin = [credentials](std::string_view origin) {
    return credentials == nullptr || credentials->AllowsOrigin(origin);
  };
  return std::make_shared<const api::mcp::Api>(std::move(deps));
}

}  // namespace

net::Service MakeService(const Apis& given, const Credentials* credentials, const ServicePolicy& policy,
                         const Clock& clock, Log& log, Metrics& metrics) {
  net::Service service;
  Apis apis = given;
  apis.mcp = MakeMcp(given, credentials);
  const auto service_metrics = std::make_shared<ServiceMetrics>(metrics);
  const auto gate = std::make_shared<Gate>(credentials, policy, clock, log);
  service.plan = [apis](const net::Request& head) { return PlanOf(head, apis); };
  if (credentials != nullptr) {
    service.admit = [gate](const net::Request& head) { return AdmitHead(head, *gate); };
  }
  service.handle = [apis, gate, service_metrics](net::Request& request) {
    return HandleRequest(request, apis, *gate, *service_metrics);
  };
  service.refuse = [gate, service_metrics](const net::Request& head, int status, const Error& error) {
    // Count the status that the response has, not the argument: a `status` of 0 lets the error determine it.
    net::Response response = ErrorFor(ApiOf(head), head, error, status);
    HidePaths(gate->policy, &response.body);
    service_metrics->responses.Add(response.status);
    return response;
  };
  return service;
}

void StartProgress::Set(double done, std::string what) {
  const MutexLock lock(mutex_);
  done_ = std::clamp(done, 0.0, 1.0);
  what_ = std::move(what);
}

std::string StartProgress::Text() const {
  const MutexLock lock(mutex_);
  return what_ + ", " + std::to_string(static_cast<int>(done_ * 100)) + " % done";
}

format::Json StartProgress::AsJson() const {
  const MutexLock lock(mutex_);
  format::Json json;
  json.Set("doing", what_);
  json.Set("done", done_);
  return json;
}

namespace {

// The endpoints of the native API that answer while the server starts.
net::Response AnswerWhileStarting(const net::Request& request, const StartProgress& progress) {
  constexpr int kUnavailable = 503;
  const Error starting(ErrorCode::kUnavailable, "the server is starting: " + progress.Text());
  const ApiKind api = ApiOf(request);
  net::Response response;
  if (request.path == "/_trine/live") {
    response = net::Response::JsonText(200, R"({"live":true})");
  } else if (request.path == "/_trine/ready" || request.path == "/_trine/health") {
    format::Json body = *format::ParseJson(api::native::ErrorResponse(starting).body);
    body.Set("status", "starting");
    body.Set("progress", progress.AsJson());
    response = net::Response::JsonText(kUnavailable, format::ToString(body));
  } else if (api == ApiKind::kOpenSearch) {
    response = api::opensearch::NotRecoveredResponse(starting.message);
  } else {
    response = ErrorFor(api, request, starting, kUnavailable);
  }
  if (response.status == kUnavailable) response.headers.Set("retry-after", "1");
  response.headers.Set("x-content-type-options", "nosniff");
  return response;
}

// The service of a server whose engines are not open yet.
net::Service StartingService(const std::shared_ptr<const StartProgress>& progress) {
  net::Service service;
  service.plan = [](const net::Request&) {
    net::RequestPlan plan;
    plan.access = net::Access::kNone;
    plan.on_event_loop = true;
    return plan;
  };
  service.admit = [progress](const net::Request&) -> Result<size_t> {
    return Error(ErrorCode::kUnavailable, "the server is starting: " + progress->Text());
  };
  service.handle = [progress](net::Request& request) { return AnswerWhileStarting(request, *progress); };
  service.refuse = [progress](const net::Request& head, int status, const Error& error) {
    return status == 0 ? AnswerWhileStarting(head, *progress) : ErrorFor(ApiOf(head), head, error, status);
  };
  return service;
}

}  // namespace

Entrance::Entrance() : progress_(std::make_shared<StartProgress>()) {
  starting_ = std::make_shared<const net::Service>(StartingService(progress_));
  current_ = starting_;
}

void Entrance::Open(net::Service service) {
  TRINE_CHECK(service.plan && service.handle && service.refuse);
  auto opened = std::make_shared<const net::Service>(std::move(service));
  const MutexLock lock(mutex_);
  current_ = std::move(opened);
}

std::shared_ptr<const net::Service> Entrance::Current() const {
  const MutexLock lock(mutex_);
  return current_;
}

net::Service Entrance::Switch() {
  net::Service service;
  service.plan = [this](const net::Request& head) { return Current()->plan(head); };
  service.admit = [this](const net::Request& head) -> Result<size_t> {
    const auto current = Current();
    return current->admit ? current->admit(head) : Result<size_t>(head.plan.max_body_bytes);
  };
  service.handle = [this](net::Request& request) {
    const auto current = Current();
    // A request that was planned while the server was starting runs on the event loop, where only the service
    // of that time may answer it.
    const bool too_early = request.plan.on_event_loop && !current->plan(request).on_event_loop;
    return too_early ? starting_->handle(request) : current->handle(request);
  };
  service.refuse = [this](const net::Request& head, int status, const Error& error) {
    return Current()->refuse(head, status, error);
  };
  return service;
}

}  // namespace trine::server
