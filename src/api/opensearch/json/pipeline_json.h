// Converts OpenSearch's search pipelines into the formation floor's.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "format/json.h"
#include "formation/pipeline.h"

namespace trine::api::opensearch {

// Reads {"request_processors": [], "phase_results_processors": [...], "response_processors": [...]}. Invalid
// values are reported with OpenSearch's texts, and processors that are not implemented as kUnsupported.
// `ad_hoc` means that the pipeline is given inside one search, where re-ranking is rejected. `given` is kept
// in the result for GET.
Result<formation::SearchPipeline> ParsePipeline(const std::string& name, const format::Json& given,
                                                bool ad_hoc);

// Returns the resource path in a campaign's ARN: ".../campaign/my-campaign" -> "my-campaign". kInvalid unless
// it is a Personalize ARN; any account and region are accepted.
Result<std::string> CampaignOfArn(std::string_view arn);

}  // namespace trine::api::opensearch
