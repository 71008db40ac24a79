#include "api/opensearch/api.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/handlers/handlers.h"
#include "api/opensearch/request/path_filter.h"
#include "api/opensearch/router.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/memory_budget.h"
#include "base/text.h"

namespace trine::api::opensearch {
namespace {

using format::Json;

Answer ErrorAnswer(const Error& error) {
  const WireError wire = ToWire(error);
  return JsonAnswer(ErrorBody(wire), wire.status);
}

Answer PlainError(int status, std::string message) {
  Json body;
  body.Set("error", std::move(message));
  if (status != 400) body.Set("status", status);
  return JsonAnswer(body, status);
}

// The answer to a write that the store may have refused. It names the index.
Answer BlockedAnswer(const Services& services, const Call& call, const Error& error) {
  ErrorContext about;
  if (error.DetailOf("blocked") != "store") about.index = error.where;  // there it is a path
  const auto found = services.deps.catalogue.ResolveOne(call.Variable("index"));
  if (found.ok()) about.index = (*found)->name;
  const WireError wire = ToWire(error, about);
  return JsonAnswer(ErrorBody(wire), wire.status);
}

// OpenSearch's answer if no route matches a request.
Answer NoHandlerFound(const net::Request& request, const RouteMatch& match) {
  if (match.allowed.empty())
    return PlainError(
        400, "no handler found for uri [" + request.target + "] and method [" + request.method + "]");
  Answer answer = PlainError(405, "Incorrect HTTP method for uri [" + request.target + "] and method [" +
                                      request.method + "], allowed: [" + match.allowed + "]");
  answer.allow = match.allowed;
  return answer;
}

// Bodies are JSON or lines of JSON; a missing type is treated as JSON.
std::optional<Answer> WrongContentType(const net::Request& request) {
  if (request.body.empty()) return std::nullopt;
  const std::string_view type = request.headers.Get("content-type");
  if (type.empty() || ToLowerAscii(type).find("json") != std::string::npos) return std::nullopt;
  return PlainError(406, "Content-Type header [" + std::string(type) + "] is not supported");
}

Status CheckParameters(const net::Request& request, const Route& route, const Call::Pairs& parameters) {
  std::string unknown;
  size_t count = 0;
  for (const auto& [name, value] : parameters) {
    if (KnowsParameter(route, name)) continue;
    unknown += (count++ > 0 ? ", [" : "[") + name + "]";
  }
  if (count == 0) return Ok();
  return IllegalArgument("request [" + request.path + "] contains unrecognized parameter" +
                         (count > 1 ? "s" : "") + ": " + unknown);
}

// Checks the parameters that every route accepts. Tables (_cat) have formats of their own.
Status CheckCommonParameters(const Call& call, const Route& route) {
  const std::string format = ToLowerAscii(call.Text("format", "json"));
  if (format != "json" && !route.pattern.starts_with("/_cat/"))
    return NotSupported("[format: " + format + "]");
  const std::string type = ToLowerAscii(call.Text("source_content_type", "application/json"));
  if (type.find("json") == std::string::npos) return NotSupported("[source_content_type: " + type + "]");
  for (const char* name : {"timeout", "master_timeout", "cluster_manager_timeout"}) {
    const std::string* value = call.Parameter(name);
    if (value != nullptr && !ParseDuration(*value))
      return IllegalArgument("failed to parse setting [" + std::string(name) + "] with value [" + *value +
                             "] as a time value: unit is missing or unrecognized");
  }
  return Ok();
}

bool IsOn(const std::string* value) { return value != nullptr && *value != "false"; }

// An estimate of the memory for parsing an answer again and printing it: copies of its text, and its values.
// Small answers are bounded by the number of threads.
size_t ShapingBytes(std::string_view body) {
  constexpr size_t kSmall = 64u << 10, kCopies = 6, kBytesPerValue = 120;
  if (body.size() <= kSmall) return 0;
  return kCopies * body.size() + kBytesPerValue * static_cast<size_t>(std::ranges::count(body, ','));
}

// Applies filter_path and pretty to a JSON answer by parsing it again. If the answer is too long to parse, or
// if there is no memory for it, pretty leaves it unchanged and filter_path turns it into an error.
void ApplyResponseOptions(const Services& services, const Call& call, Answer* answer) {
  if (answer->plain || answer->body.empty()) return;
  const std::string* pretty = call.Parameter("pretty");
  const bool is_pretty = pretty != nullptr ? IsOn(pretty) : answer->pretty;
  const std::vector<std::string> paths = SplitList(call.Text("filter_path"));
  if (!is_pretty && paths.empty()) return;
  MemoryHold memory(services.deps.memory, MemoryUse::kAnswers);
  if (const Status fits = memory.Add(ShapingBytes(answer->body)); !fits.ok()) {
    if (!paths.empty()) *answer = ErrorAnswer(fits.error());
    return;
  }
  auto body = format::ParseJson(answer->body, {512, limits::kMaxShapedBytes});
  if (!body.ok() && paths.empty()) return;
  if (!body.ok()) {
    *answer = ErrorAnswer(
        Error(ErrorCode::kAnswerTooLarge, "[filter_path] cannot be applied: the answer is too long")
            .Expected("at most " + std::to_string(limits::kMaxShapedBytes) + " bytes and " +
                      std::to_string(limits::kMaxJsonValues) + " values"));
    return;
  }
  // As in OpenSearch, an error is shown whole, whatever the filter.
  const bool is_error = answer->status >= 400 && body->Find("error") != nullptr;
  if (!paths.empty() && !is_error) *body = FilterPath(*body, paths);
  answer->body = format::ToString(*body, {is_pretty, format::NumberStyle::kJava});
  if (is_pretty) answer->body += '\n';
}

net::Response ToResponse(Answer answer) {
  TRINE_DCHECK(answer.allow.empty() || answer.status == 405);
  net::Response response =
      net::Response::JsonText(answer.status, std::move(answer.body),
                              answer.plain ? "text/plain; charset=UTF-8" : "application/json; charset=UTF-8");
  if (!answer.allow.empty()) response.headers.Set("Allow", answer.allow);
  response.wait = std::move(answer.wait);
  return response;
}

Answer RunRoute(Services& services, const Route& route, const Call& call) {
  if (route.handler == nullptr)
    return ErrorAnswer(NotSupported("[" + call.request().method + " " + call.request().path + "]"));
  if (auto wrong = WrongContentType(call.request())) return std::move(*wrong);
  if (const Status known = CheckParameters(call.request(), route, call.parameters()); !known.ok())
    return ErrorAnswer(known.error());
  if (const Status common = CheckCommonParameters(call, route); !common.ok())
    return ErrorAnswer(common.error());
  auto answer = route.handler(services, call);
  if (answer.ok()) return std::move(*answer);
  const Error& error = answer.error();
  const bool refused = !error.DetailOf("blocked").empty();  // the store logs that itself
  if (IsServerFailure(error.kind()) && !refused)
    services.deps.log.Error(call.request().method + " " + call.request().path + ": " + error.ToString());
  if (refused || error.code == ErrorCode::kUnavailable) return BlockedAnswer(services, call, error);
  return ErrorAnswer(error);
}

}  // namespace

Api::Api(Dependencies deps) : services_(std::make_unique<Services>(std::move(deps))) {}
Api::~Api() = default;

net::Response Api::Handle(const net::Request& request) {
  auto segments = request.PathSegments();
  auto parameters = request.QueryParameters();
  if (!segments.ok()) return ToResponse(ErrorAnswer(segments.error()));
  if (!parameters.ok()) return ToResponse(ErrorAnswer(parameters.error()));
  RouteMatch match = FindRoute(request.method, *segments);
  const Call call(request, std::move(match.variables), std::move(*parameters));
  Answer answer =
      match.route == nullptr ? NoHandlerFound(request, match) : RunRoute(*services_, *match.route, call);
  ApplyResponseOptions(*services_, call, &answer);
  return ToResponse(std::move(answer));
}

net::RequestPlan Api::Plan(const net::Request& head) const {
  const auto segments = head.PathSegments();
  if (!segments.ok()) return {};
  const RouteMatch match = FindRoute(head.method, *segments);
  return match.route != nullptr ? match.route->plan : net::RequestPlan();
}

}  // namespace trine::api::opensearch
