// Filters and event trackers.
#include "api/personalize/filter_columns.h"
#include "api/personalize/filter_parser.h"
#include "api/personalize/handlers.h"

namespace trine::api::personalize {

using format::Json;
using recommend::Resource;
using recommend::ResourceKind;

Result<Json> CreateFilter(const Call& call) {
  TRINE_ASSIGN(const Resource group, FindActive(call, ResourceKind::kDatasetGroup, "datasetGroupArn"));
  const std::string expression = TextOf(call.input, "filterExpression");
  TRINE_ASSIGN(const recommend::Filter filter, ParseFilter(expression));
  TRINE_TRY(GroupColumns(call, group).Check(filter));
  Resource resource = NewResource(call, ResourceKind::kFilter, TextOf(call.input, "name"), &group);
  resource.spec.Set("expression", expression);
  return Create(call, std::move(resource));
}

Json::Object DescribeFilter(const Call& call, const Resource& filter) {
  return {{"datasetGroupArn", ArnOf(call, ResourceKind::kDatasetGroup, filter.parent)},
          {"filterExpression", TextOf(filter.spec, "expression")}};
}

Result<Json> CreateEventTracker(const Call& call) {
  TRINE_ASSIGN(const Resource group, FindActive(call, ResourceKind::kDatasetGroup, "datasetGroupArn"));
  if (const auto trackers = call.deps.resources.List(ResourceKind::kEventTracker, group.path);
      !trackers.empty()) {
    return Error(ErrorCode::kExists,
                 "The dataset group already has an event tracker: " + ArnOf(call, trackers.front()));
  }
  Resource tracker = NewResource(call, ResourceKind::kEventTracker, call.ids.Hex8(), &group);
  const std::string tracking_id = call.ids.Uuid();
  tracker.spec.Set("tracking_id", tracking_id);
  TRINE_ASSIGN(Json answer, Create(call, std::move(tracker)));
  answer.Set("trackingId", tracking_id);
  return answer;
}

Json::Object DescribeEventTracker(const Call& call, const Resource& tracker) {
  return {{"accountId", call.deps.account_id},
          {"trackingId", TextOf(tracker.spec, "tracking_id")},
          {"datasetGroupArn", ArnOf(call, ResourceKind::kDatasetGroup, tracker.parent)}};
}

}  // namespace trine::api::personalize
