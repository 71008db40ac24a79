#include "api/personalize/operation_table.h"

#include <algorithm>

#include "api/personalize/arn.h"
#include "api/personalize/handlers.h"
#include "base/utf8.h"

namespace trine::api::personalize {
namespace {

using T = Shape::Type;
using K = recommend::ResourceKind;

bool IsAlnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool IsDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}
bool IsName(std::string_view text) {
  return !text.empty() && IsAlnum(text[0]) &&
         std::ranges::all_of(text, [](char c) { return IsAlnum(c) || c == '-' || c == '_'; });
}
bool IsArn(std::string_view text) { return ParseArn(text).has_value(); }
bool IsRoleArn(std::string_view text) {
  const size_t iam = text.find(":iam::");
  if (!text.starts_with("arn:") || iam == std::string_view::npos) return false;
  const std::string_view rest = text.substr(iam + 6);
  const size_t role = rest.find(":role/");
  return role != std::string_view::npos && IsDigits(rest.substr(0, role)) && rest.size() > role + 6;
}
bool IsLocation(std::string_view text) {
  for (const std::string_view scheme : {"s3://", "http://", "https://", "file://"}) {
    if (text.starts_with(scheme) && text.size() > scheme.size()) return true;
  }
  return false;
}
bool IsTypeName(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return IsAlnum(c) || c == '_'; }) &&
         std::ranges::none_of(text, [](char c) { return c >= '0' && c <= '9'; });
}
bool IsWord(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return IsAlnum(c) || c == '_'; });
}
// Whether a character beyond ASCII may be in a tag: letters, digits and blanks of all scripts, by the ranges
// of the Unicode blocks for punctuation, symbols and private use, which are refused.
bool IsTagLetter(char32_t c) {
  struct Range {
    char32_t first, last;
  };
  static constexpr Range kRefused[] = {
      {0x80, 0x9f},     {0xa1, 0xa9},     {0xab, 0xb1},     {0xb4, 0xb4},       {0xb6, 0xb8},
      {0xbb, 0xbb},     {0xbf, 0xbf},     {0xd7, 0xd7},     {0xf7, 0xf7},       {0x200b, 0x2027},
      {0x202a, 0x202e}, {0x2030, 0x205e}, {0x2060, 0x206f}, {0x20a0, 0x20cf},   {0x2190, 0x245f},
      {0x2500, 0x2775}, {0x2794, 0x2bff}, {0x2e00, 0x2e7f}, {0x3001, 0x3004},   {0x3008, 0x3020},
      {0x3030, 0x3030}, {0xe000, 0xf8ff}, {0xfe10, 0xfe6f}, {0xff01, 0xff0f},   {0xff1a, 0xff20},
      {0xff3b, 0xff40}, {0xff5b, 0xff65}, {0xffe0, 0xffff}, {0x1f000, 0x1faff}, {0xe0000, 0x10ffff}};
  return std::ranges::none_of(kRefused, [&](const Range& r) { return c >= r.first && c <= r.last; });
}
bool IsTagText(std::string_view text) {
  if (!IsValidUtf8(text)) return false;
  for (size_t at = 0; at < text.size();) {
    const char32_t c = DecodeUtf8(text, &at);
    const bool ascii = c < 0x80;
    const char byte = ascii ? static_cast<char>(c) : '\0';
    if (ascii && !IsAlnum(byte) && std::string_view(" _.:/=+-@").find(byte) == std::string_view::npos)
      return false;
    if (!ascii && !IsTagLetter(c)) return false;
  }
  return true;
}
bool IsRate(std::string_view text) {
  if (!text.starts_with("rate(")) return false;
  text.remove_prefix(5);
  const size_t blank = text.find(' ');
  if (blank == std::string_view::npos || !IsDigits(text.substr(0, blank))) return false;
  return text.substr(blank) == " day)" || text.substr(blank) == " days)";
}
bool IsAttributionSource(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }) &&
         std::ranges::any_of(text, [](char c) { return c != ' '; });
}
bool IsColumn(std::string_view text) { return IsWord(text) && (text[0] < '0' || text[0] > '9'); }

Shape TextUpTo(double max, double min = 0) { return {.type = T::kText, .min = min, .max = max}; }
Shape Structure(std::vector<Member> members) {
  return {.type = T::kStructure, .members = std::move(members)};
}
Shape ListOf(const Shape& element, double min, double max) {
  return {.type = T::kList, .min = min, .max = max, .element = &element};
}
Shape MapOf(const Shape& key, const Shape& value, double max) {
  return {.type = T::kMap, .max = max, .key = &key, .element = &value};
}
Shape OneOf(std::vector<std::string_view> values) { return {.type = T::kText, .values = std::move(values)}; }

// Scalars.
const Shape kName{.min = 1, .max = 63, .matches = &IsName, .pattern = "^[a-zA-Z0-9][a-zA-Z0-9\\-_]*"};
const Shape kArn{.max = 256, .matches = &IsArn, .pattern = "arn:([a-z\\d-]+):personalize:.*:.*:.+"};
const Shape kRole{.max = 256,
                  .matches = &IsRoleArn,
                  .pattern = "arn:([a-z\\d-]+):iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+"};
const Shape kLocation{.max = 256, .matches = &IsLocation, .pattern = "(s3|http|https|file)://.+"};
const Shape kDatasetType{.max = 256, .matches = &IsTypeName, .pattern = "^[A-Za-z_]+$"};
const Shape kColumn{.max = 150, .matches = &IsColumn, .pattern = "[A-Za-z_][A-Za-z\\d_]*"};
const Shape kAvro = TextUpTo(20000);
const Shape kKmsKey = TextUpTo(2048);
const Shape kExpression = TextUpTo(2500, 1);
const Shape kText256 = TextUpTo(256);
const Shape kText1000 = TextUpTo(1000);
const Shape kId = TextUpTo(256, 1);
const Shape kUserId = TextUpTo(256);
const Shape kFlag{.type = T::kBoolean};
const Shape kNumber{.type = T::kNumber};
const Shape kWeight{.type = T::kNumber, .min = 0, .max = 1};
const Shape kCount{.type = T::kInteger, .min = 0};
const Shape kTps{.type = T::kInteger, .min = 1};
const Shape kTime{.type = T::kTime};
const Shape kAny{.type = T::kAny};
const Shape kDomain = OneOf({"ECOMMERCE", "VIDEO_ON_DEMAND"});
const Shape kImportMode = OneOf({"FULL", "INCREMENTAL"});
const Shape kIngestionMode = OneOf({"BULK", "PUT", "ALL"});
const Shape kTrainingMode = OneOf({"FULL", "UPDATE", "AUTOTRAIN"});
const Shape kBatchMode = OneOf({"BATCH_INFERENCE", "THEME_GENERATION"});
const Shape kSensitivity = OneOf({"LOW", "MEDIUM", "HIGH", "OFF"});
const Shape kProvider = OneOf({"SERVICE"});
const Shape kPage{.type = T::kInteger, .min = 1, .max = 100};
const Shape kToken = TextUpTo(1500);

// Structures.
constexpr std::string_view kTagPattern = "^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$";
const Shape kTagKey{.min = 1, .max = 128, .matches = &IsTagText, .pattern = kTagPattern};
const Shape kTagValue{.min = 0, .max = 256, .matches = &IsTagText, .pattern = kTagPattern};
const Shape kTag = Structure({{"tagKey", &kTagKey, true}, {"tagValue", &kTagValue, true}});
const Shape kTags = ListOf(kTag, 0, 200);
const Shape kTagKeys = ListOf(kTagKey, 0, 200);
const Shape kParameters = MapOf(kText256, kText1000, 100);
const Shape kInfluenceType = OneOf({"POPULARITY", "FRESHNESS"});
const Shape kInfluence = MapOf(kInfluenceType, kWeight, 2);
const Shape kS3 = Structure({{"path", &kLocation, true}, {"kmsKeyArn", &kKmsKey}});
const Shape kS3Source = Structure({{"s3DataSource", &kS3, true}});
const Shape kS3Target = Structure({{"s3DataDestination", &kS3, true}});
const Shape kDataSource = Structure({{"dataLocation", &kLocation}});
const Shape kColumns = ListOf(kColumn, 0, 50);
const Shape kColumnsByType = MapOf(kDatasetType, kColumns, 3);
const Shape kTrainingData =
    Structure({{"excludedDatasetColumns", &kColumnsByType}, {"includedDatasetColumns", &kColumnsByType}});
const Shape kEventParameters =
    Structure({{"eventType", &kText256}, {"eventValueThreshold", &kNumber}, {"weight", &kWeight}});
const Shape kEventParametersList = ListOf(kEventParameters, 0, 10);
const Shape kEventsConfig = Structure({{"eventParametersList", &kEventParametersList}});
const Shape kItemAttribute = TextUpTo(150, 1);
const Shape kObjective =
    Structure({{"itemAttribute", &kItemAttribute}, {"objectiveSensitivity", &kSensitivity}});
const Shape kHpoObjective =
    Structure({{"type", &kText256}, {"metricName", &kText256}, {"metricRegex", &kText256}});
const Shape kHpoResource =
    Structure({{"maxNumberOfTrainingJobs", &kText256}, {"maxParallelTrainingJobs", &kText256}});
const Shape kLeastInteger{.type = T::kInteger, .min = -1'000'000};
const Shape kMostInteger{.type = T::kInteger, .max = 1'000'000};
const Shape kLeastNumber{.type = T::kNumber, .min = -1'000'000};
const Shape kIntegerRange =
    Structure({{"name", &kText256}, {"minValue", &kLeastInteger}, {"maxValue", &kMostInteger}});
const Shape kNumberRange =
    Structure({{"name", &kText256}, {"minValue", &kLeastNumber}, {"maxValue", &kLeastNumber}});
const Shape kCategories = ListOf(kText1000, 0, 100);
const Shape kCategoryRange = Structure({{"name", &kText256}, {"values", &kCategories}});
const Shape kIntegerRanges = ListOf(kIntegerRange, 0, 100);
const Shape kNumberRanges = ListOf(kNumberRange, 0, 100);
const Shape kCategoryRanges = ListOf(kCategoryRange, 0, 100);
const Shape kHpoRanges = Structure({{"integerHyperParameterRanges", &kIntegerRanges},
                                    {"continuousHyperParameterRanges", &kNumberRanges},
                                    {"categoricalHyperParameterRanges", &kCategoryRanges}});
const Shape kHpo = Structure({{"hpoObjective", &kHpoObjective},
                              {"hpoResourceConfig", &kHpoResource},
                              {"algorithmHyperParameterRanges", &kHpoRanges}});
const Shape kArns = ListOf(kArn, 0, 100);
const Shape kAutoMl = Structure({{"metricName", &kText256}, {"recipeList", &kArns}});
const Shape kRate{.min = 1, .max = 16, .matches = &IsRate, .pattern = "rate\\(\\d+ days?\\)"};
const Shape kAutoTraining = Structure({{"schedulingExpression", &kRate}});
const Shape kSolutionUpdate =
    Structure({{"autoTrainingConfig", &kAutoTraining}, {"eventsConfig", &kEventsConfig}});
const Shape kThemeFields = Structure({{"itemName", &kColumn, true}});
const Shape kThemes = Structure({{"fieldsForThemeGeneration", &kThemeFields, true}});
const Shape kSolutionConfig = Structure({{"eventValueThreshold", &kText256},
                                         {"hpoConfig", &kHpo},
                                         {"algorithmHyperParameters", &kParameters},
                                         {"featureTransformationParameters", &kParameters},
                                         {"autoMLConfig", &kAutoMl},
                                         {"eventsConfig", &kEventsConfig},
                                         {"optimizationObjective", &kObjective},
                                         {"trainingDataConfig", &kTrainingData},
                                         {"autoTrainingConfig", &kAutoTraining}});
const Shape kCampaignConfig = Structure({{"itemExplorationConfig", &kParameters},
                                         {"enableMetadataWithRecommendations", &kFlag},
                                         {"syncWithLatestSolutionVersion", &kFlag},
                                         {"rankingInfluence", &kInfluence}});
const Shape kRecommenderConfig = Structure({{"itemExplorationConfig", &kParameters},
                                            {"minRecommendationRequestsPerSecond", &kTps},
                                            {"trainingDataConfig", &kTrainingData},
                                            {"enableMetadataWithRecommendations", &kFlag}});
const Shape kBatchConfig =
    Structure({{"itemExplorationConfig", &kParameters}, {"rankingInfluence", &kInfluence}});

// Runtime and events.
const Shape kContextKey{.max = 150, .matches = &IsWord, .pattern = "[A-Za-z\\d_]+"};
const Shape kContext = MapOf(kContextKey, kText1000, 150);
const Shape kFilterKey{.max = 50, .matches = &IsWord, .pattern = "[A-Za-z0-9_]+"};
const Shape kFilterValues = MapOf(kFilterKey, kText1000, 25);
const Shape kPercent{.type = T::kInteger, .min = 1, .max = 100};
const Shape kPromotion = Structure({{"name", &kName},
                                    {"percentPromotedItems", &kPercent},
                                    {"filterArn", &kArn},
                                    {"filterValues", &kFilterValues}});
const Shape kPromotions = ListOf(kPromotion, 0, 1);
const Shape kColumnNames = ListOf(kColumn, 0, 99);
const Shape kMetadataColumns = MapOf(kText256, kColumnNames, 1);
const Shape kInputList = ListOf(kUserId, 0, 500);
const Shape kEventId = TextUpTo(40, 1);
const Shape kImpression = ListOf(kId, 1, 25);
const Shape kAttributionSource{
    .max = 1024, .matches = &IsAttributionSource, .pattern = "^[\\x20-\\x7E]*[\\x21-\\x7E]+[\\x20-\\x7E]*$"};
const Shape kAttribution = Structure({{"eventAttributionSource", &kAttributionSource, true}});
const Shape kEvent = Structure({{"eventId", &kId},
                                {"eventType", &kId, true},
                                {"eventValue", &kNumber},
                                {"itemId", &kId},
                                {"properties", &kAny},
                                {"sentAt", &kTime, true},
                                {"recommendationId", &kEventId},
                                {"impression", &kImpression},
                                {"metricAttribution", &kAttribution}});
const Shape kEvents = ListOf(kEvent, 1, 10);
const Shape kItem = Structure({{"itemId", &kId, true}, {"properties", &kAny}});
const Shape kItems = ListOf(kItem, 1, 10);
const Shape kUser = Structure({{"userId", &kId, true}, {"properties", &kAny}});
const Shape kUsers = ListOf(kUser, 1, 10);

struct ResourceOperations {
  K kind;
  std::string_view describe, list, remove;  // names of operations; empty: there is none
};
constexpr ResourceOperations kResourceOperations[] = {
    {K::kDatasetGroup, "DescribeDatasetGroup", "ListDatasetGroups", "DeleteDatasetGroup"},
    {K::kSchema, "DescribeSchema", "ListSchemas", "DeleteSchema"},
    {K::kDataset, "DescribeDataset", "ListDatasets", "DeleteDataset"},
    {K::kImportJob, "DescribeDatasetImportJob", "ListDatasetImportJobs", ""},
    {K::kExportJob, "DescribeDatasetExportJob", "ListDatasetExportJobs", ""},
    {K::kEventTracker, "DescribeEventTracker", "ListEventTrackers", "DeleteEventTracker"},
    {K::kSolution, "DescribeSolution", "ListSolutions", "DeleteSolution"},
    {K::kSolutionVersion, "DescribeSolutionVersion", "ListSolutionVersions", ""},
    {K::kCampaign, "DescribeCampaign", "ListCampaigns", "DeleteCampaign"},
    {K::kRecommender, "DescribeRecommender", "ListRecommenders", "DeleteRecommender"},
    {K::kFilter, "DescribeFilter", "ListFilters", "DeleteFilter"},
    {K::kBatchInferenceJob, "DescribeBatchInferenceJob", "ListBatchInferenceJobs", ""},
    {K::kDataDeletionJob, "DescribeDataDeletionJob", "ListDataDeletionJobs", ""},
};

// Returns "datasetGroupArn" for a dataset group, and so on. The strings live as long as the program.
std::string_view ArnMember(K kind) {
  static const std::vector<std::pair<K, std::string>> kNames = [] {
    std::vector<std::pair<K, std::string>> made;
    for (const ResourceOperations& row : kResourceOperations)
      made.emplace_back(row.kind, std::string(KindOf(row.kind).member) + "Arn");
    return made;
  }();
  const auto found = std::ranges::find(kNames, kind, &std::pair<K, std::string>::first);
  TRINE_CHECK(found != kNames.end());
  return found->second;
}

void AddResourceOperations(std::vector<Operation>* all) {
  for (const ResourceOperations& row : kResourceOperations) {
    const Shape by_arn = Structure({{ArnMember(row.kind), &kArn, true}});
    std::vector<Member> list = {{"nextToken", &kToken}, {"maxResults", &kPage}};
    if (const auto parent = KindOf(row.kind).parent) list.push_back({ArnMember(*parent), &kArn});
    all->push_back({Endpoint::kControl, row.describe, by_arn, &DescribeResource, row.kind});
    all->push_back({Endpoint::kControl, row.list, Structure(list), &ListResources, row.kind});
    if (!row.remove.empty())
      all->push_back({Endpoint::kControl, row.remove, by_arn, &DeleteResource, row.kind});
  }
}

void AddData(std::vector<Operation>* all) {
  const auto add = [&](std::string_view name, std::vector<Member> members, Handler handler) {
    all->push_back({Endpoint::kControl, name, Structure(std::move(members)), handler});
  };
  add("CreateDatasetGroup",
      {{"name", &kName, true},
       {"roleArn", &kRole},
       {"kmsKeyArn", &kKmsKey},
       {"domain", &kDomain},
       {"tags", &kTags}},
      &CreateDatasetGroup);
  add("CreateSchema", {{"name", &kName, true}, {"schema", &kAvro, true}, {"domain", &kDomain}},
      &CreateSchema);
  add("CreateDataset",
      {{"name", &kName, true},
       {"schemaArn", &kArn, true},
       {"datasetGroupArn", &kArn, true},
       {"datasetType", &kDatasetType, true},
       {"tags", &kTags}},
      &CreateDataset);
  add("UpdateDataset", {{"datasetArn", &kArn, true}, {"schemaArn", &kArn, true}}, &UpdateDataset);
  add("CreateDatasetImportJob",
      {{"jobName", &kName, true},
       {"datasetArn", &kArn, true},
       {"dataSource", &kDataSource, true},
       {"roleArn", &kRole},
       {"tags", &kTags},
       {"importMode", &kImportMode},
       {"publishAttributionMetricsToS3", &kFlag}},
      &CreateDatasetImportJob);
  add("CreateDatasetExportJob",
      {{"jobName", &kName, true},
       {"datasetArn", &kArn, true},
       {"ingestionMode", &kIngestionMode},
       {"roleArn", &kRole, true},
       {"jobOutput", &kS3Target, true},
       {"tags", &kTags}},
      &CreateDatasetExportJob);
  add("CreateBatchInferenceJob",
      {{"jobName", &kName, true},
       {"solutionVersionArn", &kArn, true},
       {"filterArn", &kArn},
       {"numResults", &kCount},
       {"jobInput", &kS3Source, true},
       {"jobOutput", &kS3Target, true},
       {"roleArn", &kRole, true},
       {"batchInferenceJobConfig", &kBatchConfig},
       {"batchInferenceJobMode", &kBatchMode},
       {"themeGenerationConfig", &kThemes},
       {"tags", &kTags}},
      &CreateBatchInferenceJob);
  add("CreateDataDeletionJob",
      {{"jobName", &kName, true},
       {"datasetGroupArn", &kArn, true},
       {"dataSource", &kDataSource, true},
       {"roleArn", &kRole, true},
       {"tags", &kTags}},
      &CreateDataDeletionJob);
  add("CreateFilter",
      {{"name", &kName, true},
       {"datasetGroupArn", &kArn, true},
       {"filterExpression", &kExpression, true},
       {"tags", &kTags}},
      &CreateFilter);
  add("CreateEventTracker", {{"name", &kName, true}, {"datasetGroupArn", &kArn, true}, {"tags", &kTags}},
      &CreateEventTracker);
  add("ListTagsForResource", {{"resourceArn", &kArn, true}}, &ListTagsForResource);
  add("TagResource", {{"resourceArn", &kArn, true}, {"tags", &kTags, true}}, &TagResource);
  add("UntagResource", {{"resourceArn", &kArn, true}, {"tagKeys", &kTagKeys, true}}, &UntagResource);
}

void AddModels(std::vector<Operation>* all) {
  const auto add = [&](std::string_view name, std::vector<Member> members, Handler handler) {
    all->push_back({Endpoint::kControl, name, Structure(std::move(members)), handler});
  };
  add("CreateSolution",
      {{"name", &kName, true},
       {"performHPO", &kFlag},
       {"performAutoML", &kFlag},
       {"performAutoTraining", &kFlag},
       {"performIncrementalUpdate", &kFlag},
       {"recipeArn", &kArn},
       {"datasetGroupArn", &kArn, true},
       {"eventType", &kText256},
       {"solutionConfig", &kSolutionConfig},
       {"tags", &kTags}},
      &CreateSolution);
  add("UpdateSolution",
      {{"solutionArn", &kArn, true},
       {"performAutoTraining", &kFlag},
       {"performIncrementalUpdate", &kFlag},
       {"solutionUpdateConfig", &kSolutionUpdate}},
      &UpdateSolution);
  add("CreateSolutionVersion",
      {{"name", &kName}, {"solutionArn", &kArn, true}, {"trainingMode", &kTrainingMode}, {"tags", &kTags}},
      &CreateSolutionVersion);
  add("StopSolutionVersionCreation", {{"solutionVersionArn", &kArn, true}}, &StopSolutionVersionCreation);
  add("GetSolutionMetrics", {{"solutionVersionArn", &kArn, true}}, &GetSolutionMetrics);
  add("CreateCampaign",
      {{"name", &kName, true},
       {"solutionVersionArn", &kArn, true},
       {"minProvisionedTPS", &kTps},
       {"campaignConfig", &kCampaignConfig},
       {"tags", &kTags}},
      &CreateCampaign);
  add("UpdateCampaign",
      {{"campaignArn", &kArn, true},
       {"solutionVersionArn", &kArn},
       {"minProvisionedTPS", &kTps},
       {"campaignConfig", &kCampaignConfig}},
      &UpdateCampaign);
  add("CreateRecommender",
      {{"name", &kName, true},
       {"datasetGroupArn", &kArn, true},
       {"recipeArn", &kArn, true},
       {"recommenderConfig", &kRecommenderConfig},
       {"tags", &kTags}},
      &CreateRecommender);
  add("UpdateRecommender",
      {{"recommenderArn", &kArn, true}, {"recommenderConfig", &kRecommenderConfig, true}},
      &UpdateRecommender);
  add("StartRecommender", {{"recommenderArn", &kArn, true}}, &StartRecommender);
  add("StopRecommender", {{"recommenderArn", &kArn, true}}, &StopRecommender);
  add("ListRecipes",
      {{"recipeProvider", &kProvider}, {"nextToken", &kToken}, {"maxResults", &kPage}, {"domain", &kDomain}},
      &ListRecipes);
  add("DescribeRecipe", {{"recipeArn", &kArn, true}}, &DescribeRecipe);
}

void AddServing(std::vector<Operation>* all) {
  all->push_back({Endpoint::kRuntime, "/recommendations",
                  Structure({{"campaignArn", &kArn},
                             {"recommenderArn", &kArn},
                             {"itemId", &kUserId},
                             {"userId", &kUserId},
                             {"numResults", &kCount},
                             {"context", &kContext},
                             {"filterArn", &kArn},
                             {"filterValues", &kFilterValues},
                             {"promotions", &kPromotions},
                             {"metadataColumns", &kMetadataColumns}}),
                  &GetRecommendations});
  all->push_back({Endpoint::kRuntime, "/personalize-ranking",
                  Structure({{"campaignArn", &kArn, true},
                             {"inputList", &kInputList, true},
                             {"userId", &kUserId, true},
                             {"context", &kContext},
                             {"filterArn", &kArn},
                             {"filterValues", &kFilterValues},
                             {"metadataColumns", &kMetadataColumns}}),
                  &GetPersonalizedRanking});
  all->push_back({Endpoint::kEvents, "/events",
                  Structure({{"trackingId", &kId, true},
                             {"userId", &kId},
                             {"sessionId", &kId, true},
                             {"eventList", &kEvents, true}}),
                  &PutEvents});
  all->push_back({Endpoint::kEvents, "/items",
                  Structure({{"datasetArn", &kArn, true}, {"items", &kItems, true}}), &PutItems});
  all->push_back({Endpoint::kEvents, "/users",
                  Structure({{"datasetArn", &kArn, true}, {"users", &kUsers, true}}), &PutUsers});
}

const std::vector<Operation>& Operations() {
  static const std::vector<Operation> kOperations = [] {
    std::vector<Operation> all;
    AddResourceOperations(&all);
    AddData(&all);
    AddModels(&all);
    AddServing(&all);
    for (const Operation& operation : all) {
      TRINE_CHECK(!operation.name.empty());
      TRINE_CHECK(operation.handler != nullptr);
      TRINE_CHECK_EQ(operation.input.type, T::kStructure);
      TRINE_CHECK_EQ(operation.kind.has_value(), operation.handler == &DescribeResource ||
                                                     operation.handler == &ListResources ||
                                                     operation.handler == &DeleteResource);
    }
    return all;
  }();
  return kOperations;
}

}  // namespace

const Operation* FindOperation(Endpoint endpoint, std::string_view name) {
  const auto found = std::ranges::find_if(
      Operations(), [&](const Operation& o) { return o.endpoint == endpoint && o.name == name; });
  return found == Operations().end() ? nullptr : &*found;
}

bool IsKnownOperation(std::string_view name) {
  static constexpr std::string_view kKnown[] = {"CreateBatchSegmentJob",
                                                "DescribeBatchSegmentJob",
                                                "ListBatchSegmentJobs",
                                                "CreateMetricAttribution",
                                                "DescribeMetricAttribution",
                                                "ListMetricAttributions",
                                                "ListMetricAttributionMetrics",
                                                "UpdateMetricAttribution",
                                                "DeleteMetricAttribution",
                                                "DescribeAlgorithm",
                                                "DescribeFeatureTransformation",
                                                "/action-recommendations",
                                                "/actions",
                                                "/action-interactions"};
  return std::ranges::find(kKnown, name) != std::end(kKnown);
}

}  // namespace trine::api::personalize
