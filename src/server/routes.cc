#include "server/routes.h"

#include "api/opensearch/errors/errors.h"

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

enum class ApiKind { kOpenSearch, kPersonalize, kBedrock, kNative };
constexpr std::array kApiKinds = {ApiKind::kOpenSearch, ApiKind::kPersonalize, ApiKind::kBedrock,
                                  ApiKind::kNative};

ApiKind ApiOf(const net::Request& request, const Apis& apis) {
  if (apis.native.Owns(request)) return ApiKind::kNative;
  if (apis.bedrock.Owns(request)) return ApiKind::kBedrock;
  if (apis.personalize.Owns(request)) return ApiKind::kPersonalize;
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

net::Response ErrorFor(ApiKind api, const Error& error, const std::string& id, int status) {
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
  }
  return {};
}

// What admission needs besides the request. Shared by the callbacks of one service.
struct Gate {
  Gate(const Credentials* accepted, ServicePolicy rules, const Clock& time, Log& log)
      : credentials(accepted), policy(std::move(rules)), clock(time), limits(time, log) {}
  const Credentials* const credentials;  // nullptr: only this machine is served
  const ServicePolicy policy;
  const Clock& clock;
  PeerLimits limits;
};

// What PeerLimits needs to know about the credentials of a request.
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

Status Admit(ApiKind api, net::Request* request, Gate& gate) {
  if (gate.credentials == nullptr) return AdmitLocal(request);
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
void HidePaths(const std::vector<std::string>& paths, std::string* text) {
  constexpr std::string_view kShown = "<server>";
  const auto in_name = [text](size_t at) {
    if (at >= text->size()) return false;
    const char c = ToLowerAscii((*text)[at]);
    return IsAsciiDigit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  };
  const auto continues = [&](size_t at) {
    return in_name(at) || (at < text->size() && (*text)[at] == '.' && in_name(at + 1));
  };
  for (const std::string& path : paths) {
    for (size_t at = text->find(path); at != std::string::npos; at = text->find(path, at + 1)) {
      if (!continues(at + path.size())) text->replace(at, path.size(), kShown);
    }
  }
}

// Whether an answer may contain the text of an internal error: errors, the state of jobs, and health.
bool MayShowPaths(ApiKind api, const net::Request& request, const net::Response& response) {
  return response.status >= 400 || api == ApiKind::kPersonalize || request.path == "/_trine/health";
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
  }
  return {};
}

net::Response HandleRequest(net::Request& request, const Apis& apis, Gate& gate, ServiceMetrics& metrics) {
  const int64_t start = gate.clock.MonotonicNanos();
  const Credentials* const credentials = gate.credentials;
  const ApiKind api = ApiOf(request, apis);
  const std::string origin(request.headers.Get("origin"));
  if (credentials != nullptr && request.method == "OPTIONS" && !origin.empty())
    return Preflight(request, *credentials);
  net::Response response;
  if (Status admitted = Admit(api, &request, gate); !admitted.ok()) {
    const bool large = admitted.error().code == ErrorCode::kBodyTooLarge;
    response = ErrorFor(api, admitted.error(), request.id, large ? 413 : 0);
  } else {
    response = Dispatch(api, request, apis);
    if (credentials != nullptr && !origin.empty() && credentials->AllowsOrigin(origin)) {
      response.headers.Set("access-control-allow-origin", origin);
      response.headers.Set("vary", "origin");
    }
  }
  if (MayShowPaths(api, request, response)) HidePaths(gate.policy.hidden_paths, &response.body);
  response.headers.Set("x-content-type-options", "nosniff");
  TRINE_DCHECK_LT(static_cast<size_t>(api), metrics.request_seconds.size());
  metrics.request_seconds[static_cast<size_t>(api)]->Observe(
      static_cast<double>(gate.clock.MonotonicNanos() - start) * 1e-9);
  metrics.responses.Add(response.status);
  return response;
}

net::RequestPlan PlanOf(const net::Request& head, const Apis& apis) {
  switch (ApiOf(head, apis)) {
    case ApiKind::kOpenSearch:
      return apis.opensearch.Plan(head);
    case ApiKind::kPersonalize:
      return apis.personalize.Plan(head);
    case ApiKind::kBedrock:
      return {net::RequestClass::kLanguage, Access::kRead, limits::kMaxModelBodyBytes};
    case ApiKind::kNative:
      return apis.native.Plan(head);
  }
  return {};
}

}  // namespace

net::Service MakeService(const Apis& apis, const Credentials* credentials, const ServicePolicy& policy,
                         const Clock& clock, Log& log, Metrics& metrics) {
  net::Service service;
  const auto service_metrics = std::make_shared<ServiceMetrics>(metrics);
  const auto gate = std::make_shared<Gate>(credentials, policy, clock, log);
  service.plan = [apis](const net::Request& head) { return PlanOf(head, apis); };
  if (credentials != nullptr) {
    service.admit = [gate](const net::Request& head) { return AdmitHead(head, *gate); };
  }
  service.handle = [apis, gate, service_metrics](net::Request& request) {
    return HandleRequest(request, apis, *gate, *service_metrics);
  };
  service.refuse = [apis, gate, service_metrics](const net::Request& head, int status, const Error& error) {
    // Count the status that the response has, not the argument: a `status` of 0 lets the error determine it.
    net::Response response = ErrorFor(ApiOf(head, apis), error, head.id, status);
    HidePaths(gate->policy.hidden_paths, &response.body);
    service_metrics->responses.Add(response.status);
    return response;
  };
  return service;
}

}  // namespace trine::server
