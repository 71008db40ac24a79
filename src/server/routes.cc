#include "server/routes.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "net/status_counters.h"

namespace trine::server {
namespace {

enum class Wire { kOpenSearch, kPersonalize, kBedrock, kNative };
constexpr std::array kWires = {Wire::kOpenSearch, Wire::kPersonalize, Wire::kBedrock, Wire::kNative};

Wire WireOf(const net::Request& request, const Wires& wires) {
  if (wires.native.Owns(request)) return Wire::kNative;
  if (wires.bedrock.Owns(request)) return Wire::kBedrock;
  if (wires.personalize.Owns(request)) return Wire::kPersonalize;
  return Wire::kOpenSearch;
}
std::string_view Name(Wire wire) {
  switch (wire) {
    case Wire::kOpenSearch:
      return "opensearch";
    case Wire::kPersonalize:
      return "personalize";
    case Wire::kBedrock:
      return "bedrock";
    case Wire::kNative:
      return "native";
  }
  return "";
}

// The instruments of the service. Thread-safe and lock-free.
struct ServiceMetrics {
  explicit ServiceMetrics(Metrics& metrics)
      : responses(metrics, "trine_responses_total", "Responses of all APIs, by status.") {
    for (const Wire wire : kWires) {
      request_seconds[static_cast<size_t>(wire)] = &metrics.GetHistogram(
          "trine_request_seconds", "Seconds from admission to response, by API.", Name(wire));
    }
  }

  std::array<Histogram*, kWires.size()> request_seconds;
  net::StatusCounters responses;
};

net::Response ErrorOn(Wire wire, const Error& error, const std::string& id, int status) {
  net::Response response;
  switch (wire) {
    case Wire::kOpenSearch:
      response = api::opensearch::ErrorResponse(error, status);
      break;
    case Wire::kPersonalize:
      response = api::personalize::ErrorResponse(error, id, status);
      break;
    case Wire::kBedrock:
      response = api::bedrock::ErrorResponse(error, id, status);
      break;
    case Wire::kNative:
      response = api::native::ErrorResponse(error, status);
      break;
  }
  if (response.status == 401) response.headers.Set("www-authenticate", "Basic realm=\"trine\"");
  return response;
}

Status CheckRole(const net::Request& request) {
  if (AccessOf(request.caller.role) >= request.plan.access) return Ok();
  return Error(ErrorKind::kForbidden, "these credentials do not allow this request")
      .Code("role")
      .Where(request.method + " " + request.path);
}

Status Admit(net::Request* request, const Credentials* credentials, Millis now) {
  if (credentials == nullptr) return AdmitLocal(request);
  TRINE_TRY(credentials->Authenticate(request, now));
  return CheckRole(*request);
}

// Strangers get no room for large bodies.
Status AdmitHead(net::Request head, const Credentials& credentials) {
  TRINE_TRY(credentials.Recognize(&head));
  return CheckRole(head);
}

// What a browser asks before it sends credentials to another origin.
net::Response Preflight(const net::Request& request, const Credentials& credentials) {
  net::Response response;
  const std::string_view origin = request.headers.Get("origin");
  response.status = credentials.KnowsOrigin(origin) ? 204 : 403;
  if (response.status == 204) {
    response.headers.Set("access-control-allow-origin", std::string(origin));
    response.headers.Set("access-control-allow-methods", "POST");
    response.headers.Set("access-control-allow-headers", "authorization, content-type");
    response.headers.Set("access-control-max-age", "600");
    response.headers.Set("vary", "origin");
  }
  return response;
}

net::Response Dispatch(Wire wire, const net::Request& request, const Wires& wires) {
  switch (wire) {
    case Wire::kOpenSearch:
      return wires.opensearch.Handle(request);
    case Wire::kPersonalize:
      return wires.personalize.Handle(request);
    case Wire::kBedrock:
      return wires.bedrock.Handle(request);
    case Wire::kNative:
      return wires.native.Handle(request);
  }
  return {};
}

net::Response Answer(net::Request& request, const Wires& wires, const Credentials* credentials,
                     const Clock& clock, ServiceMetrics& metrics) {
  const int64_t start = clock.MonotonicNanos();
  const Wire wire = WireOf(request, wires);
  const std::string origin(request.headers.Get("origin"));
  if (credentials != nullptr && request.method == "OPTIONS" && !origin.empty())
    return Preflight(request, *credentials);
  net::Response response;
  if (Status admitted = Admit(&request, credentials, clock.Now()); !admitted.ok()) {
    response = ErrorOn(wire, admitted.error(), request.id, 0);
  } else {
    response = Dispatch(wire, request, wires);
    if (credentials != nullptr && !origin.empty() && credentials->KnowsOrigin(origin)) {
      response.headers.Set("access-control-allow-origin", origin);
      response.headers.Set("vary", "origin");
    }
  }
  response.headers.Set("x-content-type-options", "nosniff");
  metrics.request_seconds[static_cast<size_t>(wire)]->Observe(
      static_cast<double>(clock.MonotonicNanos() - start) * 1e-9);
  metrics.responses.Add(response.status);
  return response;
}

net::RequestPlan PlanOf(const net::Request& head, const Wires& wires) {
  switch (WireOf(head, wires)) {
    case Wire::kOpenSearch:
      return wires.opensearch.Plan(head);
    case Wire::kPersonalize:
      return wires.personalize.Plan(head);
    case Wire::kBedrock:
      return {net::RequestClass::kLanguage, Access::kRead, limits::kMaxModelBodyBytes};
    case Wire::kNative:
      return wires.native.Plan(head);
  }
  return {};
}

}  // namespace

net::Service MakeService(const Wires& wires, const Credentials* credentials, const Clock& clock,
                         Metrics& metrics) {
  net::Service service;
  const auto instruments = std::make_shared<ServiceMetrics>(metrics);
  service.plan = [wires](const net::Request& head) { return PlanOf(head, wires); };
  if (credentials != nullptr) {
    service.admit = [credentials](const net::Request& head) { return AdmitHead(head, *credentials); };
  }
  service.handle = [wires, credentials, &clock, instruments](net::Request& request) {
    return Answer(request, wires, credentials, clock, *instruments);
  };
  service.refuse = [wires, instruments](const net::Request& head, int status, const Error& error) {
    // Counted by the status of the response: `status` is 0 when the error's kind decides.
    net::Response response = ErrorOn(WireOf(head, wires), error, head.id, status);
    instruments->responses.Add(response.status);
    return response;
  };
  return service;
}

}  // namespace trine::server
