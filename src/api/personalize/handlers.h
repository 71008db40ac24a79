// Handlers: one function per operation. Each requires a call whose input passed Validate and returns the body
// of the answer; null for an empty body.
#pragma once

#include "api/personalize/call.h"
#include "recommend/rank/filter.h"

namespace trine::api::personalize {

// groups.cc
Result<format::Json> CreateDatasetGroup(const Call& call);
Result<format::Json> CreateSchema(const Call& call);
Result<format::Json> CreateDataset(const Call& call);
Result<format::Json> UpdateDataset(const Call& call);
// transfers.cc
Result<format::Json> CreateDatasetImportJob(const Call& call);
Result<format::Json> CreateDatasetExportJob(const Call& call);
Result<format::Json> CreateBatchInferenceJob(const Call& call);
Result<format::Json> CreateDataDeletionJob(const Call& call);
// solutions.cc
Result<format::Json> CreateSolution(const Call& call);
Result<format::Json> UpdateSolution(const Call& call);
Result<format::Json> CreateSolutionVersion(const Call& call);
Result<format::Json> StopSolutionVersionCreation(const Call& call);
Result<format::Json> GetSolutionMetrics(const Call& call);
// campaigns.cc
Result<format::Json> CreateCampaign(const Call& call);
Result<format::Json> UpdateCampaign(const Call& call);
Result<format::Json> CreateRecommender(const Call& call);
Result<format::Json> UpdateRecommender(const Call& call);
Result<format::Json> StartRecommender(const Call& call);
Result<format::Json> StopRecommender(const Call& call);
// filters.cc
Result<format::Json> CreateFilter(const Call& call);
Result<format::Json> CreateEventTracker(const Call& call);
// recipes.cc
Result<format::Json> ListRecipes(const Call& call);
Result<format::Json> DescribeRecipe(const Call& call);
// tags.cc
Result<format::Json> ListTagsForResource(const Call& call);
Result<format::Json> TagResource(const Call& call);
Result<format::Json> UntagResource(const Call& call);
// runtime.cc
Result<format::Json> GetRecommendations(const Call& call);
Result<format::Json> GetPersonalizedRanking(const Call& call);
// events.cc
Result<format::Json> PutEvents(const Call& call);
Result<format::Json> PutItems(const Call& call);
Result<format::Json> PutUsers(const Call& call);

// Functions of KindInfo, by kind; kinds.cc lists them. Each requires a resource of its kind.
format::Json::Object DescribeDatasetGroup(const Call& call, const recommend::Resource& resource);
format::Json::Object DescribeSchema(const Call& call, const recommend::Resource& resource);
format::Json::Object DescribeDataset(const Call& call, const recommend::Resource& resource);
format::Json::Object DescribeImportJob(const Call& call, const recommend::Resource& resource);
format::Json::Object DescribeExportJob(const Call& call, const recommend::Resource& resource);
format::Json::Object DescribeBatchJob(const Call& call, const recommend::Resource& resource);
format::Json::Object DescribeDeletionJob(const Call& call, const recommend::Resource& resource);
format::Json::Object DescribeSolution(const Call& call, const recommend::Resource& resource);
format::Json::Object DescribeSolutionVersion(const Call& call, const recommend::Resource& resource);
format::Json::Object DescribeCampaign(const Call& call, const recommend::Resource& resource);
format::Json::Object DescribeRecommender(const Call& call, const recommend::Resource& resource);
format::Json::Object DescribeFilter(const Call& call, const recommend::Resource& resource);
format::Json::Object DescribeEventTracker(const Call& call, const recommend::Resource& resource);
Status RemoveDatasetGroup(const Call& call, const recommend::Resource& resource);
Status RemoveSchema(const Call& call, const recommend::Resource& resource);
Status RemoveDataset(const Call& call, const recommend::Resource& resource);
Status RemoveSolution(const Call& call, const recommend::Resource& resource);
Status RemoveRecommender(const Call& call, const recommend::Resource& resource);

// kInUse if `parent` still has children of `kind`.
Status CheckNoChildren(const Call& call, recommend::ResourceKind kind, const recommend::Resource& parent);
// Sets `excluded_columns` and `included_columns` in `spec` to those of the `trainingDataConfig` in `config`.
// kInvalid for an unknown dataset type or, if the group has a schema for it, an unknown column.
Status ReadTrainingColumns(const Call& call, const recommend::Resource& group, const format::Json& config,
                           format::Json* spec);
// Sets the exploration settings in `spec` to the recipe's defaults, then to the values in `config`, which may
// be nullptr. kInvalid for an unknown setting or value.
Status ReadExploration(const format::Json* config, recommend::Recipe recipe, format::Json* spec);
// kInvalid if the filter refers to the current item, unless the recipe's requests have one: only those for
// related items do.
Status CheckCurrentItem(const recommend::Filter& filter, recommend::RecipeKind kind);
// Switches a campaign that was created with .../$LATEST, or with syncWithLatestSolutionVersion, to the newest
// active version of its solution. Does nothing for other campaigns. Failures are only logged: the campaign
// keeps serving its old version.
void FollowLatest(const Call& call, const std::string& campaign);

}  // namespace trine::api::personalize
