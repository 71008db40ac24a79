// PutEvents, PutItems and PutUsers.
#include <algorithm>
#include <cmath>

#include "api/personalize/handlers.h"
#include "api/personalize/properties.h"
#include "base/hash.h"
#include "base/text.h"
#include "format/text.h"

namespace trine::api::personalize {
namespace {

using format::Json;
using history::DatasetType;
using recommend::Resource;
using recommend::ResourceKind;

// Limits of Personalize, in bytes.
constexpr size_t kMaxEventProperties = 1024, kMaxItemProperties = 32000, kMaxUserProperties = 24000;
constexpr double kMaxSeconds = 253402300799;  // the year 9999

// Returns the tracker with this id, else the tracker with this name. Programs may pass a name that was chosen
// before the tracker existed, because its id is assigned at creation. Public callers must know the id: names
// are easy to guess.
Result<Resource> TrackerOf(const Call& call) {
  const std::string id = TextOf(call.input, "trackingId");
  const auto trackers = call.deps.resources.List(ResourceKind::kEventTracker);
  const auto by_id = std::ranges::find_if(
      trackers, [&](const Resource& tracker) { return TextOf(tracker.spec, "tracking_id") == id; });
  if (by_id != trackers.end()) return *by_id;
  const auto by_name = std::ranges::find(trackers, id, &Resource::name);
  if (by_name != trackers.end() && call.caller.role != net::Caller::Role::kPublic) return *by_name;
  return Invalid("The tracking id " + id + " does not exist");
}

Result<Millis> TimeOf(const Json& sent) {
  if (sent.is_number()) {
    const double seconds = sent.number();
    if (!(seconds >= 0 && seconds <= kMaxSeconds))
      return Invalid("sentAt must be a time in seconds since 1970").Got(format::ToString(sent));
    return Millis{std::llround(seconds * 1000)};
  }
  const auto time = format::ParseTime(sent.string(), 0, format::Epoch::kSeconds);
  if (!time) return Invalid("sentAt must be a time").Got(sent.string().substr(0, 40));
  return *time;
}

bool IsReservedProperty(std::string_view name) {
  static constexpr std::string_view kReserved[] = {"userId",    "sessionId",        "eventType",
                                                   "timestamp", "recommendationId", "impression"};
  return std::ranges::any_of(kReserved,
                             [&](std::string_view reserved) { return EqualsIgnoreCase(reserved, name); });
}

// Reads the item id, the event value and the dataset's columns from an event's properties. Members of the
// event itself take precedence over its properties.
Status ReadEventProperties(const Json& given, const history::Schema* schema, history::Event* event) {
  TRINE_ASSIGN(Json properties, ReadProperties(FindMember(given, "properties"), kMaxEventProperties));
  for (const auto& [name, value] : properties.object()) {
    if (IsReservedProperty(name)) return Invalid("properties must not contain the reserved key " + name);
  }
  if (const Json* item = FindMember(properties, "itemId"); item != nullptr && event->item_id.empty()) {
    if (!item->is_string() && !item->is_integer())
      return Invalid("properties.itemId must be a string or an integer");
    event->item_id = item->is_string() ? item->string() : format::ToString(*item);
  }
  if (const Json* value = FindMember(properties, "eventValue"); value != nullptr && !event->value) {
    event->value =
        value->is_string() ? format::ParseDouble(value->string()) : NumberOf(properties, "eventValue");
    if (!event->value) return Invalid("properties.eventValue must be a number");
  }
  properties.Remove("itemId");
  properties.Remove("eventValue");
  std::string dropped;
  TRINE_ASSIGN(const auto columns, ToColumns(properties, schema, &dropped));
  for (const auto& [name, value] : columns)
    event->attributes.emplace_back(name, value.is_string() ? value.string() : format::ToString(value));
  // Properties without a column are not stored, but events that differ in them are not duplicates.
  if (!dropped.empty())
    event->attributes.emplace_back(history::kOtherProperties, std::to_string(Hash64(dropped)));
  return Ok();
}

Result<history::Event> ReadEvent(const Call& call, const Json& given, const history::Schema* schema) {
  history::Event event;
  event.user_id = TextOf(call.input, "userId");
  event.session_id = TextOf(call.input, "sessionId");
  event.unverified = !call.caller.trusted_events;
  event.type = TextOf(given, "eventType");
  event.event_id = TextOf(given, "eventId");
  event.item_id = TextOf(given, "itemId");
  event.recommendation_id = TextOf(given, "recommendationId");
  event.value = NumberOf(given, "eventValue");
  TRINE_ASSIGN(event.time, TimeOf(RequiredMember(given, "sentAt")));
  if (const Json* impression = FindMember(given, "impression")) {
    for (const Json& item : impression->array()) event.impression.push_back(item.string());
  }
  if (const Json* attribution = FindMember(given, "metricAttribution")) {
    const std::string source = TextOf(*attribution, "eventAttributionSource");
    if (!source.empty()) event.attributes.emplace_back("EVENT_ATTRIBUTION_SOURCE", source);
  }
  TRINE_TRY(ReadEventProperties(given, schema, &event));
  return event;
}

// Returns the dataset that the request names. kInvalid if the dataset has another type.
Result<Resource> DatasetOf(const Call& call, DatasetType type) {
  const std::string arn = TextOf(call.input, "datasetArn");
  TRINE_ASSIGN(Resource dataset, FindArn(call, ResourceKind::kDataset, arn));
  if (TextOf(dataset.spec, "type") == history::Name(type)) return dataset;
  return Invalid("The dataset " + arn + " is not of type " + ToUpperAscii(history::Name(type)));
}

// Returns the columns of an item or user as an object, without the id column.
Result<Json> Attributes(const Json& given, size_t max_bytes, std::string_view id_column,
                        const history::Schema* schema) {
  TRINE_ASSIGN(const Json properties, ReadProperties(FindMember(given, "properties"), max_bytes));
  TRINE_ASSIGN(auto columns, ToColumns(properties, schema));
  Json attributes = Json::Object{};
  for (auto& [name, value] : columns) {
    if (name != id_column) attributes.Set(name, std::move(value));
  }
  return attributes;
}

}  // namespace

Result<Json> PutEvents(const Call& call) {
  TRINE_ASSIGN(const Resource tracker, TrackerOf(call));
  TRINE_TRY(CheckMayUseGroup(call, tracker.group));
  const auto schema = SchemaOf(call, tracker.parent, DatasetType::kInteractions);
  std::vector<history::Event> events;
  for (const Json& given : RequiredMember(call.input, "eventList").array()) {
    TRINE_ASSIGN(history::Event event, ReadEvent(call, given, schema ? &*schema : nullptr));
    events.push_back(std::move(event));
  }
  history::ClampFutureTimes(call.deps.clock.Now(), &events);
  TRINE_TRY(call.deps.history.Append(tracker.group, std::move(events)));
  return Json();
}

Result<Json> PutItems(const Call& call) {
  TRINE_ASSIGN(const Resource dataset, DatasetOf(call, DatasetType::kItems));
  const auto schema = SchemaOf(call, dataset.parent, DatasetType::kItems);
  // An item is replaced, except for fields of a bound index that are not columns of this dataset.
  std::vector<std::string> columns;
  if (const auto known = SchemaOf(call, dataset.parent, DatasetType::kItems, true)) {
    for (const history::Column& column : known->columns) columns.push_back(column.name);
  }
  std::vector<operations::ItemWrite> items;
  for (const Json& given : RequiredMember(call.input, "items").array()) {
    operations::ItemWrite item;
    item.id = TextOf(given, "itemId");
    TRINE_ASSIGN(item.attributes,
                 Attributes(given, kMaxItemProperties, "ITEM_ID", schema ? &*schema : nullptr));
    item.whole = true;
    item.columns = columns;
    items.push_back(std::move(item));
  }
  TRINE_TRY(call.deps.writer.PutItems(dataset.group, std::move(items), false, call.deadline));
  return Json();
}

Result<Json> PutUsers(const Call& call) {
  TRINE_ASSIGN(const Resource dataset, DatasetOf(call, DatasetType::kUsers));
  const auto schema = SchemaOf(call, dataset.parent, DatasetType::kUsers);
  std::vector<history::User> users;
  for (const Json& given : RequiredMember(call.input, "users").array()) {
    history::User user;
    user.id = TextOf(given, "userId");
    TRINE_ASSIGN(user.attributes,
                 Attributes(given, kMaxUserProperties, "USER_ID", schema ? &*schema : nullptr));
    users.push_back(std::move(user));
  }
  TRINE_TRY(call.deps.history.PutUsers(dataset.group, users));
  return Json();
}

}  // namespace trine::api::personalize
