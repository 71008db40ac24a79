// Filters and event trackers.
#include "api/personalize/filter_parser.h"

#include "api/personalize/handlers.h"
#include "base/text.h"

namespace trine::api::personalize {
namespace {

using format::Json;
using history::DatasetType;
using recommend::Condition;
using recommend::Resource;
using recommend::ResourceKind;

// The columns of a group's datasets. A dataset without a schema allows every column name.
struct GroupColumns {
  std::optional<history::Schema> items, users, interactions;
  std::optional<catalogue::Binding> binding;

  bool Has(Condition::Subject subject, std::string_view name) const {
    switch (subject) {
      case Condition::Subject::kItem:
      case Condition::Subject::kCurrentItem: {
        if (!items || items->Find(name) != nullptr || name == "ITEM_ID") return true;
        if (!binding) return false;
        for (const auto& field : binding->fields) {
          if (EqualsIgnoreCase(field.first, name)) return true;
        }
        return false;
      }
      case Condition::Subject::kUser:
        return !users || users->Find(name) != nullptr || name == "USER_ID";
      case Condition::Subject::kInteraction:
        return !interactions || interactions->Find(name) != nullptr || name == "EVENT_TYPE";
    }
    return false;
  }
};

Status CheckCondition(const Condition& condition, const GroupColumns& columns) {
  const auto missing = [](std::string_view name) {
    return Invalid("The filter expression is not valid: no dataset of the group has the field " +
                   std::string(name));
  };
  if (!columns.Has(condition.subject, condition.attribute)) return missing(condition.attribute);
  if (!condition.other_attribute.empty() && !columns.Has(condition.other_subject, condition.other_attribute))
    return missing(condition.other_attribute);
  return Ok();
}

Status CheckColumns(const recommend::Filter& filter, const GroupColumns& columns) {
  for (const recommend::FilterClause& clause : filter.clauses) {
    for (const auto& all : clause.any_of) {
      for (const Condition& condition : all) TRINE_TRY(CheckCondition(condition, columns));
    }
    for (const Condition& condition : clause.only_if) TRINE_TRY(CheckCondition(condition, columns));
  }
  return Ok();
}

}  // namespace

Result<Json> CreateFilter(const Call& call) {
  TRINE_ASSIGN(const Resource group, FindActive(call, ResourceKind::kDatasetGroup, "datasetGroupArn"));
  const std::string expression = TextOf(call.input, "filterExpression");
  TRINE_ASSIGN(const recommend::Filter filter, ParseFilter(expression));
  const GroupColumns columns{
      SchemaOf(call, group.path, DatasetType::kItems), SchemaOf(call, group.path, DatasetType::kUsers),
      SchemaOf(call, group.path, DatasetType::kInteractions), call.deps.catalogue.BindingOf(group.group)};
  TRINE_TRY(CheckColumns(filter, columns));
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
