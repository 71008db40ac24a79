// Converts OpenSearch's search pipelines into the formation floor's.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "format/json.h"
#include "formation/pipeline.h"

namespace trine::api::opensearch {

// {"request_processors": [], "phase_results_processors": [...], "response_processors": [...]}, checked
// with OpenSearch's texts. `ad_hoc`: given inside one search; re-ranking is rejected there. kUnsupported
// names processors of OpenSearch that are not implemented. `given` is kept for GET.
Result<formation::SearchPipeline> ParsePipeline(const std::string& name, const format::Json& given,
                                                bool ad_hoc);

// The resource path in an ARN of a campaign: ".../campaign/my-campaign" -> "my-campaign". kInvalid unless it
// is an ARN of that service; any account and region are accepted.
Result<std::string> CampaignOfArn(std::string_view arn);

}  // namespace trine::api::opensearch
