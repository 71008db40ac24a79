// Named search pipelines: put, get, delete.
#include <algorithm>
#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/handlers/handlers.h"
#include "api/opensearch/json/pipeline_json.h"
#include "api/opensearch/request/path_filter.h"
#include "catalogue/name_pattern.h"

namespace trine::api::opensearch {

using format::Json;

Result<Answer> PutPipeline(Services& services, const Call& call) {
  TRINE_ASSIGN(const Json body, call.RequiredBody());
  const std::string& name = call.Variable("id");
  if (name.size() > limits::kMaxIdBytes || name == "_none" || name.find('*') != std::string::npos)
    return IllegalArgument("invalid pipeline name [" + name.substr(0, 100) + "]");
  TRINE_ASSIGN(formation::SearchPipeline pipeline, ParsePipeline(name, body, false));
  if (Status stored = services.deps.pipelines.Put(std::move(pipeline)); !stored.ok())
    return std::move(stored).error().Detail("definition", "pipeline");
  return Acknowledged();
}

namespace {

// Stands for a definition that cannot be read, so that its name can be found and deleted.
Json UnreadableDefinition() {
  return Json(
      Json::Object{{"description", "the stored definition cannot be read: delete it or put it again"}});
}

}  // namespace

Result<Answer> GetPipeline(Services& services, const Call& call) {
  const std::string& wanted = call.Variable("id");
  const std::vector<std::string> patterns = SplitList(wanted.empty() ? "*" : wanted);
  const auto matches = [&](const std::string& name) {
    return std::ranges::any_of(
        patterns, [&](const std::string& pattern) { return catalogue::MatchesPattern(pattern, name); });
  };
  Json body(Json::Object{});
  for (const auto& pipeline : services.deps.pipelines.All()) {
    if (matches(pipeline->name)) body.Set(pipeline->name, pipeline->given);
  }
  for (const std::string& name : services.deps.pipelines.Unreadable()) {
    if (matches(name)) body.Set(name, UnreadableDefinition());
  }
  const bool wild = wanted.empty() || wanted.find('*') != std::string::npos;
  return JsonAnswer(body, body.object().empty() && !wild ? 404 : 200);
}

Result<Answer> DeletePipeline(Services& services, const Call& call) {
  const std::string& wanted = call.Variable("id");
  bool any = false;
  std::vector<std::string> names = services.deps.pipelines.Unreadable();
  for (const auto& pipeline : services.deps.pipelines.All()) names.push_back(pipeline->name);
  for (const std::string& name : names) {
    if (!catalogue::MatchesPattern(wanted, name)) continue;
    any = true;
    const Status deleted = services.deps.pipelines.Delete(name);
    if (!deleted.ok() && deleted.error().kind() != ErrorKind::kNotFound) return deleted.error();
  }
  if (!any && wanted.find('*') == std::string::npos)
    return Error(ErrorCode::kNotFound, "pipeline [" + wanted + "] is missing");
  return Acknowledged();
}

}  // namespace trine::api::opensearch
