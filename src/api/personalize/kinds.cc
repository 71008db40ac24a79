// How the API presents each kind of resource: one row per kind.
#include <algorithm>

#include "api/personalize/handlers.h"
#include "base/check.h"

namespace trine::api::personalize {
namespace {

using K = recommend::ResourceKind;

// clang-format off
const std::vector<KindInfo>& Kinds() {
  constexpr auto kGroup = K::kDatasetGroup;
  static const std::vector<KindInfo> kKinds = {
      {kGroup, "dataset-group", "datasetGroup", "datasetGroups", {}, true, "name", &DescribeDatasetGroup, {"domain"}, &RemoveDatasetGroup, true},
      {K::kSchema, "schema", "schema", "schemas", {}, false, "name", &DescribeSchema, {"domain"}, &RemoveSchema},
      {K::kDataset, "dataset", "dataset", "datasets", kGroup, true, "name", &DescribeDataset, {"datasetType"}, &RemoveDataset},
      {K::kImportJob, "dataset-import-job", "datasetImportJob", "datasetImportJobs", K::kDataset, true, "jobName", &DescribeImportJob, {"importMode"}, nullptr, true},
      {K::kExportJob, "dataset-export-job", "datasetExportJob", "datasetExportJobs", K::kDataset, true, "jobName", &DescribeExportJob, {}, nullptr, true},
      {K::kEventTracker, "event-tracker", "eventTracker", "eventTrackers", kGroup, true, "name", &DescribeEventTracker, {}, nullptr},
      {K::kSolution, "solution", "solution", "solutions", kGroup, true, "name", &DescribeSolution, {"recipeArn"}, &RemoveSolution},
      {K::kSolutionVersion, "solution", "solutionVersion", "solutionVersions", K::kSolution, true, "name", &DescribeSolutionVersion, {"trainingMode", "trainingType"}, nullptr, true, false},
      {K::kCampaign, "campaign", "campaign", "campaigns", K::kSolution, true, "name", &DescribeCampaign, {}, nullptr, true},
      {K::kRecommender, "recommender", "recommender", "recommenders", kGroup, true, "name", &DescribeRecommender, {"datasetGroupArn", "recipeArn", "recommenderConfig"}, &RemoveRecommender},
      {K::kFilter, "filter", "filter", "Filters", kGroup, true, "name", &DescribeFilter, {"datasetGroupArn"}, nullptr, true},
      {K::kBatchInferenceJob, "batch-inference-job", "batchInferenceJob", "batchInferenceJobs", K::kSolutionVersion, true, "jobName", &DescribeBatchJob, {"solutionVersionArn", "batchInferenceJobMode"}, nullptr, true},
      {K::kDataDeletionJob, "data-deletion-job", "dataDeletionJob", "dataDeletionJobs", kGroup, true, "jobName", &DescribeDeletionJob, {"datasetGroupArn"}, nullptr, true, true, true},
  };
  return kKinds;
}
// clang-format on

}  // namespace

const KindInfo& KindOf(recommend::ResourceKind kind) {
  const auto found = std::ranges::find(Kinds(), kind, &KindInfo::kind);
  TRINE_CHECK(found != Kinds().end());
  return *found;
}

// Solutions and solution versions share an ARN type; only the paths of versions contain a slash.
const KindInfo* KindOfArn(std::string_view arn_type, std::string_view path) {
  if (arn_type == "solution" && path.find('/') != std::string_view::npos) return &KindOf(K::kSolutionVersion);
  const auto found = std::ranges::find(Kinds(), arn_type, &KindInfo::arn_type);
  return found == Kinds().end() ? nullptr : &*found;
}

}  // namespace trine::api::personalize
