// The view of a job: GET /_trine/jobs/{type}/{name}. It shows what the answers of the Personalize API have no
// member for, such as the encoding of the imported files.
#pragma once

#include <optional>
#include <string_view>

#include "format/json.h"
#include "operations/jobs/jobs.h"
#include "recommend/recipe/resources.h"

namespace trine::api::native {

// Returns the kind of job with this word, which is that of its ARN; nullopt for any other word.
std::optional<recommend::ResourceKind> JobKindOf(std::string_view type);
// Returns the answer. `dataset_group` is empty if the group is unknown.
format::Json JobJson(std::string_view type, const recommend::Resource& job, std::string_view dataset_group,
                     const std::optional<operations::Jobs::Progress>& progress);

}  // namespace trine::api::native
