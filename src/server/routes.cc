#include "server/routes.h"

#include "api/opensearch/errors/errors.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "net/status_counters.h"

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
  if (response.status == 401) response.headers.Set("www-authenticate", "Basic realm=\"trine\"");
  return response;
}

Status CheckRole(const net::Request& request) {
  TRINE_DCHECK_NE(request.plan.access, Access::kNone);
  if (AccessOf(request.caller.role) >= request.plan.access) return Ok();
  return Error(ErrorCode::kForbidden, "these credentials have a role that does not allow this request")
      .Where(request.method + " " + request.path);
}

Status Admit(net::Request* request, const Credentials* credentials, Millis now) {
  if (credentials == nullptr) return AdmitLocal(request);
  TRINE_TRY(credentials->Authenticate(request, now));
  return CheckRole(*request);
}

// Called before the body is read, so that unknown callers cannot make the server buffer large bodies.
Status AdmitHead(net::Request head, const Credentials& credentials) {
  TRINE_TRY(credentials.AuthenticateHead(&head));
  return CheckRole(head);
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

net::Response HandleRequest(net::Request& request, const Apis& apis, const Credentials* credentials,
                            const Clock& clock, ServiceMetrics& metrics) {
  const int64_t start = clock.MonotonicNanos();
  const ApiKind api = ApiOf(request, apis);
  const std::string origin(request.headers.Get("origin"));
  if (credentials != nullptr && request.method == "OPTIONS" && !origin.empty())
    return Preflight(request, *credentials);
  net::Response response;
  if (Status admitted = Admit(&request, credentials, clock.Now()); !admitted.ok()) {
    response = ErrorFor(api, admitted.error(), request.id, 0);
  } else {
    response = Dispatch(api, request, apis);
    if (credentials != nullptr && !origin.empty() && credentials->AllowsOrigin(origin)) {
      response.headers.Set("access-control-allow-origin", origin);
      response.headers.Set("vary", "origin");
    }
  }
  response.headers.Set("x-content-type-options", "nosniff");
  TRINE_DCHECK_LT(static_cast<size_t>(api), metrics.request_seconds.size());
  metrics.request_seconds[static_cast<size_t>(api)]->Observe(
      static_cast<double>(clock.MonotonicNanos() - start) * 1e-9);
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

net::Service MakeService(const Apis& apis, const Credentials* credentials, const Clock& clock,
                         Metrics& metrics) {
  net::Service service;
  const auto service_metrics = std::make_shared<ServiceMetrics>(metrics);
  service.plan = [apis](const net::Request& head) { return PlanOf(head, apis); };
  if (credentials != nullptr) {
    service.admit = [credentials](const net::Request& head) { return AdmitHead(head, *credentials); };
  }
  service.handle = [apis, credentials, &clock, service_metrics](net::Request& request) {
    return HandleRequest(request, apis, credentials, clock, *service_metrics);
  };
  service.refuse = [apis, service_metrics](const net::Request& head, int status, const Error& error) {
    // Count the status that the response has, not the argument: a `status` of 0 lets the error determine it.
    net::Response response = ErrorFor(ApiOf(head, apis), error, head.id, status);
    service_metrics->responses.Add(response.status);
    return response;
  };
  return service;
}

}  // namespace trine::server
