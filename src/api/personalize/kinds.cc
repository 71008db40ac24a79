// Kinds: how each kind of resource looks on this wire, as one table.
#include <algorithm>

#include "api/personalize/handlers.h"
#include "base/check.h"

namespace trine::api::personalize {
namespace {

using K = recommend::ResourceKind;

const std::vector<KindInfo>& Kinds() {
  static const std::vector<KindInfo> kinds = {
      {K::kDatasetGroup,
       "dataset-group",
       "datasetGroup",
       "datasetGroups",
       {},
       true,
       "name",
       &DescribeDatasetGroup,
       {"domain"},
       &RemoveDatasetGroup},
      {K::kSchema,
       "schema",
       "schema",
       "schemas",
       {},
       false,
       "name",
       &DescribeSchema,
       {"domain"},
       &RemoveSchema},
      {K::kDataset,
       "dataset",
       "dataset",
       "datasets",
       K::kDatasetGroup,
       true,
       "name",
       &DescribeDataset,
       {"datasetType"},
       &RemoveDataset},
      {K::kImportJob,
       "dataset-import-job",
       "datasetImportJob",
       "datasetImportJobs",
       K::kDataset,
       true,
       "jobName",
       &DescribeImportJob,
       {"importMode"},
       nullptr},
      {K::kExportJob,
       "dataset-export-job",
       "datasetExportJob",
       "datasetExportJobs",
       K::kDataset,
       true,
       "jobName",
       &DescribeExportJob,
       {},
       nullptr},
      {K::kEventTracker,
       "event-tracker",
       "eventTracker",
       "eventTrackers",
       K::kDatasetGroup,
       true,
       "name",
       &DescribeEventTracker,
       {},
       nullptr},
      {K::kSolution,
       "solution",
       "solution",
       "solutions",
       K::kDatasetGroup,
       true,
       "name",
       &DescribeSolution,
       {"recipeArn"},
       &RemoveSolution},
      {K::kSolutionVersion,
       "solution",
       "solutionVersion",
       "solutionVersions",
       K::kSolution,
       true,
       "name",
       &DescribeSolutionVersion,
       {"trainingMode", "trainingType"},
       nullptr},
      {K::kCampaign,
       "campaign",
       "campaign",
       "campaigns",
       K::kSolution,
       true,
       "name",
       &DescribeCampaign,
       {},
       nullptr},
      {K::kRecommender,
       "recommender",
       "recommender",
       "recommenders",
       K::kDatasetGroup,
       true,
       "name",
       &DescribeRecommender,
       {"datasetGroupArn", "recipeArn", "recommenderConfig"},
       &RemoveRecommender},
      {K::kFilter,
       "filter",
       "filter",
       "Filters",
       K::kDatasetGroup,
       true,
       "name",
       &DescribeFilter,
       {"datasetGroupArn"},
       nullptr},
      {K::kBatchInferenceJob,
       "batch-inference-job",
       "batchInferenceJob",
       "batchInferenceJobs",
       K::kSolutionVersion,
       true,
       "jobName",
       &DescribeBatchJob,
       {"solutionVersionArn", "batchInferenceJobMode"},
       nullptr},
  };
  return kinds;
}

}  // namespace

const KindInfo& KindOf(recommend::ResourceKind kind) {
  const auto found = std::ranges::find(Kinds(), kind, &KindInfo::kind);
  TRINE_CHECK(found != Kinds().end());
  return *found;
}

// A solution and its versions share a type; the path tells them apart.
const KindInfo* KindOfArn(std::string_view arn_type, std::string_view path) {
  if (arn_type == "solution" && path.find('/') != std::string_view::npos) return &KindOf(K::kSolutionVersion);
  const auto found = std::ranges::find(Kinds(), arn_type, &KindInfo::arn_type);
  return found == Kinds().end() ? nullptr : &*found;
}

}  // namespace trine::api::personalize
