#include "api/bedrock/foundation_models.h"

#include <algorithm>

#include "api/bedrock/errors.h"
#include "api/bedrock/model_id.h"
#include "base/check.h"
#include "base/text.h"

namespace trine::api::bedrock {
namespace {

using format::Json;

Json ListOf(std::string_view only) { return Json(Json::Array{Json(only)}); }

std::string_view OutputOf(Family family) {
  const bool vectors =
      family == Family::kTitanEmbed || family == Family::kCohereEmbed || family == Family::kNovaEmbed;
  return vectors ? "EMBEDDING" : "TEXT";
}

Json Describe(const ModelInfo& model, const std::string& region) {
  constexpr size_t kMaxName = 20;  // the service's bound
  TRINE_DCHECK_LE(model.name.size(), kMaxName);
  const Family family = FamilyOf(model.id);
  TRINE_CHECK(family != Family::kUnknown);
  Json out, lifecycle;
  out.Set("modelArn", "arn:aws:bedrock:" + region + "::foundation-model/" + std::string(model.id));
  out.Set("modelId", model.id);
  out.Set("modelName", model.name);
  out.Set("providerName", model.provider);
  out.Set("inputModalities", ListOf("TEXT"));
  out.Set("outputModalities", ListOf(OutputOf(family)));
  out.Set("responseStreamingSupported", IsChat(family));
  out.Set("customizationsSupported", Json(Json::Array{}));
  out.Set("inferenceTypesSupported", ListOf("ON_DEMAND"));
  lifecycle.Set("status", "ACTIVE");
  out.Set("modelLifecycle", std::move(lifecycle));
  return out;
}

struct Filters {
  std::string provider, output, inference, customization;  // empty: any
};

Status TakeChoice(const std::string& name, const std::string& value, std::vector<std::string_view> allowed,
                  std::string* into) {
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    std::string listed;
    for (const std::string_view one : allowed) listed += (listed.empty() ? "" : ", ") + std::string(one);
    return Invalid("1 validation error detected: Value '" + value + "' at '" + name +
                       "' failed to satisfy constraint: Member must satisfy enum value set: [" + listed + "]",
                   name);
  }
  *into = value;
  return Ok();
}

Result<Filters> ReadFilters(const net::Request& request) {
  Filters filters;
  TRINE_ASSIGN(const auto parameters, request.QueryParameters());
  for (const auto& [name, value] : parameters) {
    if (name == "byProvider") filters.provider = value;
    if (name == "byOutputModality")
      TRINE_TRY(TakeChoice(name, value, {"TEXT", "IMAGE", "EMBEDDING"}, &filters.output));
    if (name == "byInferenceType")
      TRINE_TRY(TakeChoice(name, value, {"ON_DEMAND", "PROVISIONED"}, &filters.inference));
    if (name == "byCustomizationType")
      TRINE_TRY(TakeChoice(name, value, {"FINE_TUNING", "CONTINUED_PRE_TRAINING", "DISTILLATION"},
                           &filters.customization));
  }
  return filters;
}

}  // namespace

Result<Json> ListFoundationModels(const net::Request& request, const std::string& region) {
  TRINE_ASSIGN(const Filters filters, ReadFilters(request));
  Json out, list(Json::Array{});
  for (const ModelInfo& model : Models()) {
    if (!filters.provider.empty() && !EqualsIgnoreCase(filters.provider, model.provider)) continue;
    if (!filters.output.empty() && filters.output != OutputOf(FamilyOf(model.id))) continue;
    if (filters.inference == "PROVISIONED" || !filters.customization.empty()) continue;
    list.Push(Describe(model, region));
  }
  out.Set("modelSummaries", std::move(list));
  return out;
}

Result<Json> GetFoundationModel(std::string_view model_id, const std::string& region) {
  const std::string_view base = BaseModelId(model_id);
  for (const ModelInfo& model : Models()) {
    if (model.id != base) continue;
    Json out;
    out.Set("modelDetails", Describe(model, region));
    return out;
  }
  return Error(ErrorCode::kNotFound, "Could not find the model \"" + std::string(model_id) + "\"")
      .Expected("an id that ListFoundationModels lists");
}

}  // namespace trine::api::bedrock
