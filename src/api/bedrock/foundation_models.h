// ListFoundationModels and GetFoundationModel, of the service "bedrock".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "format/json.h"
#include "net/http.h"

namespace trine::api::bedrock {

// The listed models (model_id.h) that the query parameters byProvider, byOutputModality, byInferenceType and
// byCustomizationType select. `region` is that of the ARNs.
Result<format::Json> ListFoundationModels(const net::Request& request, const std::string& region);
// One listed model by its id or ARN; kNotFound for others.
Result<format::Json> GetFoundationModel(std::string_view model_id, const std::string& region);

}  // namespace trine::api::bedrock
