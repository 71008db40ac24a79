// GetRecommendations and GetPersonalizedRanking.
#include <algorithm>
#include <list>

#include "api/personalize/filter_parser.h"
#include "api/personalize/handlers.h"
#include "base/id_text.h"
#include "base/limits.h"
#include "base/text.h"
#include "catalogue/item_attribute.h"
#include "formation/search_service.h"
#include "operations/write/item_view.h"

namespace trine::api::personalize {
namespace {

using format::Json;
using recommend::RecipeKind;
using recommend::Recommendation;
using recommend::Resource;
using recommend::ResourceKind;

constexpr size_t kDefaultResults = 25;
constexpr size_t kMaxWithMetadata = 50;  // Personalize's quota; enforced with strict_limits

// Returns the model and group that serve the campaign or recommender `found`, whose ARN is `arn`. kInvalid if
// it is not active.
Result<recommend::ServingConfig> ResolveServed(const Call& call, const Resource& found,
                                               const std::string& arn) {
  const ResourceKind kind = found.kind;
  const formation::ServedLookup lookup(call.deps.resources);
  if (kind == ResourceKind::kCampaign) FollowLatest(call, found.path);
  Result<recommend::ServingConfig> served =
      kind == ResourceKind::kCampaign ? lookup.Campaign(found.path) : lookup.Recommender(found.path);
  if (served.ok() && call.deps.strict_limits)
    served->filtered_events_per_type = limits::kUserHistoryForFilters;
  if (served.ok() || served.error().kind() != ErrorKind::kInUse) return served;
  return Invalid("Resource Arn " + arn + " is in state " + std::string(StatusOf(found.state)) +
                 ", it must be ACTIVE.");
}

// A request's filter and its parameter values. Requests to the recommend floor point to `filter`, which must
// outlive them.
struct RequestFilter {
  recommend::Filter filter;
  recommend::FilterValues values;
};
Result<std::optional<RequestFilter>> FilterOf(const Call& call, const Json& input, GroupId group) {
  const std::string arn = TextOf(input, "filterArn");
  if (arn.empty()) return std::optional<RequestFilter>();
  TRINE_ASSIGN(const Resource found, FindArn(call, ResourceKind::kFilter, arn));
  if (found.group != group) return Invalid("The filter belongs to another dataset group: " + arn);
  RequestFilter asked;
  Result<recommend::Filter> filter = ParseFilter(TextOf(found.spec, "expression"));
  if (!filter.ok()) {  // corrupt, because only valid filters are stored
    return Error(ErrorCode::kCorrupt, "cannot read the stored filter")
        .Where(found.path)
        .Cause(filter.error());
  }
  asked.filter = *std::move(filter);
  for (const auto& [name, text] : TextsOf(FindMember(input, "filterValues"))) {
    TRINE_ASSIGN(std::vector<std::string> values, ParseFilterValue(text));
    asked.values.emplace_back(name, std::move(values));
  }
  return std::optional(std::move(asked));
}

recommend::Context ContextOf(const Call& call) {
  recommend::Context context = TextsOf(FindMember(call.input, "context"));
  for (auto& entry : context) entry.first = ToUpperAscii(entry.first);
  return context;
}

// Reads the item columns that a request lists in `metadataColumns`.
class Metadata {
 public:
  // `server` is the campaign or recommender that answers. kInvalid if metadata is off for
  // `server` or a column does not exist.
  static Result<Metadata> Read(const Call& call, const Resource& server,
                               const recommend::ServingConfig& served) {
    Metadata metadata(call);
    const Json* asked = FindMember(call.input, "metadataColumns");
    if (asked == nullptr || asked->object().empty()) return metadata;
    TRINE_TRY(CheckEnabled(server, served.recipe));
    for (const auto& [dataset, columns] : asked->object()) {
      if (!EqualsIgnoreCase(dataset, "ITEMS"))
        return Invalid("metadataColumns can only name ITEMS").Got(dataset);
      for (const Json& column : columns.array()) metadata.columns_.push_back(column.string());
    }
    metadata.binding_ = call.deps.catalogue.BindingOf(served.group);
    if (metadata.binding_) metadata.items_ = call.deps.catalogue.Get(metadata.binding_->collection);
    const auto group = call.deps.resources.GroupOf(served.group);
    const auto schema = group ? SchemaOf(call, group->path, history::DatasetType::kItems) : std::nullopt;
    for (const std::string& column : metadata.columns_) {
      if ((schema && schema->Find(column) != nullptr) || metadata.HasField(column)) continue;
      return Invalid("metadataColumns contains a column that the items do not have: " + column);
    }
    return metadata;
  }
  bool asked() const { return !columns_.empty(); }
  // Returns the columns as an object of strings; empty for an item without a record, or with a damaged one,
  // which must not cost the other items of the answer.
  Result<Json> Of(const std::string& item_id) const {
    TRINE_DCHECK(items_ == nullptr || binding_.has_value());
    Json values = Json::Object{};
    if (!binding_ || items_ == nullptr) return values;
    const auto record = call_.deps.records.GetItem(*binding_, items_->id, item_id);
    if (!record.ok() && record.error().kind() != ErrorKind::kCorrupt) return record.error();
    if (!record.ok() || !*record) return values;
    const Result<Json> source = format::ParseJson((*record)->source);
    if (!source.ok()) return values;
    const catalogue::AttributeReader reader(*binding_);
    for (const std::string& column : columns_) {
      Json scratch;
      const Json* value =
          catalogue::ReadAttribute(reader, &items_->mapping, *source, ToUpperAscii(column), &scratch);
      if (value != nullptr && !value->is_null()) values.Set(column, AsText(*value));
    }
    return values;
  }

 private:
  explicit Metadata(const Call& call) : call_(call) {}
  // kInvalid if metadata is off for `server`. By default, it is on for the v2 recipes and off for the others.
  static Status CheckEnabled(const Resource& server, recommend::Recipe recipe) {
    const Json* config = FindMember(server.spec, "config");
    const Json* flag = config == nullptr ? nullptr : FindMember(*config, "enableMetadataWithRecommendations");
    const bool by_itself = recipe == recommend::Recipe::kUserPersonalizationV2 ||
                           recipe == recommend::Recipe::kPersonalizedRankingV2;
    if (flag == nullptr ? by_itself : flag->is_bool() && flag->boolean()) return Ok();
    return Invalid("metadataColumns needs enableMetadataWithRecommendations, which is off for " +
                   server.path);
  }
  // Whether the index bound to the group has a field for the column.
  bool HasField(const std::string& column) const {
    if (items_ == nullptr) return false;
    if (items_->mapping.Find(catalogue::AttributeReader(*binding_).PathFor(column)) != nullptr) return true;
    return std::ranges::any_of(items_->mapping.properties, [&](const catalogue::Field& field) {
      return catalogue::SameAttribute(field.name, column);
    });
  }
  static std::string AsText(const Json& value) {
    if (value.is_string()) return value.string();
    if (!value.is_array()) return format::ToString(value);
    std::string joined;
    for (const Json& element : value.array()) joined += (joined.empty() ? "" : "|") + AsText(element);
    return joined;
  }
  const Call& call_;
  std::vector<std::string> columns_;
  std::optional<catalogue::Binding> binding_;
  catalogue::CollectionPtr items_;
};

std::string_view ReasonOf(const recommend::RecommendedItem& item, const Recommendation& answer) {
  if (!item.promotion.empty()) return "Promoted item";
  if (!item.because.empty() && item.because.front().kind == recommend::Cause::Kind::kExploration)
    return "Exploration";
  return answer.fallback && item.known ? "Popular item" : "";
}

Result<Json> Answer(const Call& call, const Recommendation& answer, const Metadata& metadata,
                    std::string_view list) {
  TRINE_DCHECK_LE(answer.items.size(), limits::kMaxResults);
  Json json = Json::Object{};
  Json& items = json.Set(list, Json::Array{});
  for (const recommend::RecommendedItem& item : answer.items) {
    Json entry = Json::Object{};
    entry.Set("itemId", item.item_id);
    if (item.known) entry.Set("score", item.score);
    if (!item.promotion.empty()) entry.Set("promotionName", item.promotion);
    if (metadata.asked()) {
      TRINE_ASSIGN(Json values, metadata.Of(item.item_id));
      entry.Set("metadata", std::move(values));
    }
    if (const std::string_view reason = ReasonOf(item, answer); !reason.empty())
      entry.Set("reason", Json::Array{reason});
    items.Push(std::move(entry));
  }
  json.Set("recommendationId", "RID-" + call.ids.Uuid());
  return json;
}

// Clients send the session id of an anonymous user as userId, so userId is also used as the session id.
Status SetUser(const Call& call, std::string* user, std::string* session) {
  *user = TextOf(call.input, "userId");
  *session = *user;
  return CheckIdText(*user, "userId");
}

Status CheckNeeds(const recommend::RecommendRequest& request, RecipeKind kind) {
  if (kind == RecipeKind::kRanking)
    return Invalid("The recipe of this campaign ranks given items; use GetPersonalizedRanking");
  if (kind == RecipeKind::kUser && request.user_id.empty())
    return Invalid("userId must be provided for this recipe");
  if (kind == RecipeKind::kRelated && request.item_id.empty())
    return Invalid("itemId must be provided for this recipe");
  return Ok();
}

// Adds the promotions of the call to `request`. Their filters are stored in `filters`; `request` points to
// them.
Status ReadPromotions(const Call& call, std::list<RequestFilter>* filters,
                      recommend::RecommendRequest* request) {
  const Json* given = FindMember(call.input, "promotions");
  if (given == nullptr) return Ok();
  for (const Json& entry : given->array()) {
    TRINE_ASSIGN(std::optional<RequestFilter> filter, FilterOf(call, entry, request->serving.group));
    recommend::Promotion promotion;
    promotion.name = TextOf(entry, "name");
    promotion.percent = static_cast<int>(IntegerOf(entry, "percentPromotedItems").value_or(100));
    TRINE_CHECK_GE(promotion.percent, 1);  // guaranteed by the shape of the request
    TRINE_CHECK_LE(promotion.percent, 100);
    if (filter) {
      filters->push_back(*std::move(filter));
      promotion.filter = &filters->back().filter;
      promotion.values = filters->back().values;
    }
    request->promotions.push_back(std::move(promotion));
  }
  return Ok();
}

// On the runtime endpoint, kInUse (such as a recommender that is not trained yet) is an
// InvalidInputException.
Result<Recommendation> AsCallerError(Result<Recommendation> answer) {
  if (answer.ok() || answer.error().kind() != ErrorKind::kInUse) return answer;
  return Invalid(answer.error().ToString());
}

Status CheckCount(const Call& call, size_t count, const Metadata& metadata, const char* member) {
  if (count > limits::kMaxResults)
    return Invalid(std::string(member) + " must not exceed " + std::to_string(limits::kMaxResults));
  if (call.deps.strict_limits && metadata.asked() && count > kMaxWithMetadata)
    return Invalid(std::string(member) + " must not exceed " + std::to_string(kMaxWithMetadata) +
                   " with metadata");
  return Ok();
}

}  // namespace

Status CheckCurrentItem(const recommend::Filter& filter, RecipeKind kind) {
  if (kind == RecipeKind::kRelated || !recommend::UsesCurrentItem(filter)) return Ok();
  return Invalid("A filter with CurrentItem can only be used with recipes for related items");
}

Result<Json> GetRecommendations(const Call& call) {
  const std::string campaign = TextOf(call.input, "campaignArn");
  const std::string recommender = TextOf(call.input, "recommenderArn");
  if (campaign.empty() == recommender.empty())
    return Invalid("Exactly one of campaignArn and recommenderArn must be provided");
  recommend::RecommendRequest request;
  const std::string& arn = campaign.empty() ? recommender : campaign;
  TRINE_ASSIGN(const Resource server,
               FindArn(call, campaign.empty() ? ResourceKind::kRecommender : ResourceKind::kCampaign, arn));
  TRINE_ASSIGN(request.serving, ResolveServed(call, server, arn));
  TRINE_TRY(SetUser(call, &request.user_id, &request.session_id));
  request.item_id = TextOf(call.input, "itemId");
  TRINE_TRY(CheckIdText(request.item_id, "itemId"));
  request.count = static_cast<size_t>(IntegerOf(call.input, "numResults").value_or(kDefaultResults));
  TRINE_TRY(CheckNeeds(request, recommend::Info(request.serving.recipe).kind));
  TRINE_ASSIGN(const Metadata metadata, Metadata::Read(call, server, request.serving));
  TRINE_TRY(CheckCount(call, request.count, metadata, "numResults"));
  request.context = ContextOf(call);
  TRINE_ASSIGN(std::optional<RequestFilter> filter, FilterOf(call, call.input, request.serving.group));
  if (filter) {
    request.filter = &filter->filter;
    request.filter_values = filter->values;
  }
  std::list<RequestFilter> promoted;
  TRINE_TRY(ReadPromotions(call, &promoted, &request));
  const RecipeKind kind = recommend::Info(request.serving.recipe).kind;
  if (filter) TRINE_TRY(CheckCurrentItem(filter->filter, kind));
  for (const RequestFilter& promotion : promoted) TRINE_TRY(CheckCurrentItem(promotion.filter, kind));
  TRINE_ASSIGN(const Recommendation answer,
               AsCallerError(call.deps.recommender.Recommend(request, call.deadline)));
  return Answer(call, answer, metadata, "itemList");
}

Result<Json> GetPersonalizedRanking(const Call& call) {
  recommend::RankRequest request;
  request.explain = false;  // the answer has no member for causes
  const std::string arn = TextOf(call.input, "campaignArn");
  TRINE_ASSIGN(const Resource server, FindArn(call, ResourceKind::kCampaign, arn));
  TRINE_ASSIGN(request.serving, ResolveServed(call, server, arn));
  if (recommend::Info(request.serving.recipe).kind != RecipeKind::kRanking)
    return Invalid("The recipe of this campaign does not rank given items; use GetRecommendations");
  TRINE_TRY(SetUser(call, &request.user_id, &request.session_id));
  if (request.user_id.empty()) return Invalid("userId must be provided for this recipe");
  for (const Json& item : RequiredMember(call.input, "inputList").array()) {
    TRINE_TRY(CheckIdText(item.string(), "inputList"));
    request.items.push_back(item.string());
  }
  if (request.items.empty()) return Invalid("inputList must not be empty");
  TRINE_ASSIGN(const Metadata metadata, Metadata::Read(call, server, request.serving));
  TRINE_TRY(CheckCount(call, request.items.size(), metadata, "inputList"));
  request.context = ContextOf(call);
  TRINE_ASSIGN(std::optional<RequestFilter> filter, FilterOf(call, call.input, request.serving.group));
  if (filter) {
    request.filter = &filter->filter;
    request.filter_values = filter->values;
  }
  if (filter) TRINE_TRY(CheckCurrentItem(filter->filter, RecipeKind::kRanking));
  TRINE_ASSIGN(const Recommendation answer,
               AsCallerError(call.deps.recommender.Rank(request, call.deadline)));
  return Answer(call, answer, metadata, "personalizedRanking");
}

}  // namespace trine::api::personalize
