#include "api/native/answer_json.h"

#include <cmath>
#include <string_view>

namespace trine::api::native {
namespace {

using format::Json;

Json TextList(const std::vector<std::string>& texts) {
  Json list(Json::Array{});
  for (const std::string& text : texts) list.Push(text);
  return list;
}

double Rounded(double ms) { return std::round(ms * 1000) / 1000; }

std::string_view SortName(language::QueryIntent::Sort sort) {
  using Sort = language::QueryIntent::Sort;
  switch (sort) {
    case Sort::kRelevance:
      return "relevance";
    case Sort::kPriceAsc:
      return "price_asc";
    case Sort::kPriceDesc:
      return "price_desc";
    case Sort::kNewest:
      return "newest";
    case Sort::kPopular:
      return "popular";
    case Sort::kLightest:
      return "lightest";
  }
  return "relevance";
}

std::string_view AboutName(language::UncheckedPart::About about) {
  using About = language::UncheckedPart::About;
  switch (about) {
    case About::kWord:
      return "word";
    case About::kPrice:
      return "price";
    case About::kCurrency:
      return "currency";
    case About::kUnknownCurrency:
      return "unknown_currency";
    case About::kWeight:
      return "weight";
    case About::kQuantity:
      return "quantity";
    case About::kStock:
      return "stock";
    case About::kNewest:
      return "newest";
    case About::kPopular:
      return "popular";
    case About::kRefusal:
      return "refusal";
    case About::kKind:
      return "kind";
  }
  return "word";
}

std::string_view MoveName(formation::ScoreContribution::By by) {
  using By = formation::ScoreContribution::By;
  switch (by) {
    case By::kSearch:
      return "search";
    case By::kTaste:
      return "taste";
    case By::kPopularity:
      return "popularity";
    case By::kExploration:
      return "exploration";
    case By::kRule:
      return "rule";
  }
  return "rule";
}

std::string_view StateName(formation::Stage::State state) {
  using State = formation::Stage::State;
  switch (state) {
    case State::kOk:
      return "ok";
    case State::kSkipped:
      return "skipped";
    case State::kTimeout:
      return "timeout";
    case State::kFailed:
      return "failed";
  }
  return "failed";
}

std::string_view CauseName(recommend::Cause::Kind kind) {
  using Kind = recommend::Cause::Kind;
  switch (kind) {
    case Kind::kPopularity:
      return "popularity";
    case Kind::kTrend:
      return "trend";
    case Kind::kSeason:
      return "season";
    case Kind::kRegion:
      return "region";
    case Kind::kExploration:
      return "exploration";
    case Kind::kPromotion:
      return "promotion";
    default:
      return "";
  }
}

// Prints an item's place in a list; null if the item is not in that list.
Json RankJson(const formation::RankAndScore& place) {
  if (place.rank == 0) return Json();
  Json out;
  out.Set("rank", static_cast<uint64_t>(place.rank));
  out.Set("score", place.score);
  return out;
}

Json SourceJson(const std::string& text, const AnswerView& view) {
  auto source = format::ParseJson(text);
  if (!source.ok()) return Json();
  if (view.fields.empty()) return std::move(*source);
  Json kept(Json::Object{});
  for (const std::string& field : view.fields) {
    if (const Json* value = source->Find(field); value != nullptr) kept.Set(field, *value);
  }
  return kept;
}

// Says which bounds are outside of the range themselves. Absent members are false, as before there were any.
void SetExclusive(const language::Bounds& bounds, Json* out) {
  if (bounds.min_exclusive) out->Set("min_exclusive", true);
  if (bounds.max_exclusive) out->Set("max_exclusive", true);
}

Json QuantityJson(const language::Quantity& quantity) {
  Json out, numbers(Json::Array{});
  out.Set("text", quantity.text);
  if (quantity.bounds.empty()) {
    numbers.Push(quantity.number);
    for (const double number : quantity.others) numbers.Push(number);
  }
  out.Set("numbers", std::move(numbers));
  out.Set("unit", quantity.unit.empty() ? Json() : Json(quantity.unit));
  out.Set("min", quantity.bounds.min ? Json(*quantity.bounds.min) : Json());
  out.Set("max", quantity.bounds.max ? Json(*quantity.bounds.max) : Json());
  SetExclusive(quantity.bounds, &out);
  return out;
}

Json LedgerJson(const formation::AskItem& item) {
  Json ledger, moves(Json::Array{});
  ledger.Set("lexical", RankJson(item.lexical));
  ledger.Set("vector", RankJson(item.vector));
  ledger.Set("fused", RankJson(item.fused));
  ledger.Set("personal", RankJson(item.personal));
  ledger.Set("final", RankJson(item.final));
  for (const formation::ScoreContribution& move : item.moves) {
    Json one;
    one.Set("by", MoveName(move.by));
    one.Set("amount", move.amount);
    one.Set("because", CausesJson(move.because));
    moves.Push(std::move(one));
  }
  ledger.Set("moves", std::move(moves));
  return ledger;
}

Json ModelUseJson(const formation::ModelUse& use) {
  Json out;
  out.Set("calls", static_cast<uint64_t>(use.calls));
  out.Set("input_tokens", use.input_tokens);
  out.Set("output_tokens", use.output_tokens);
  out.Set("cost", use.cost);
  out.Set("ms", Rounded(use.ms));
  out.Set("cached", use.cached);
  return out;
}

Json ItemJson(const formation::AskItem& item, const AnswerView& view) {
  Json out, reason;
  out.Set("item_id", item.item_id);
  out.Set("source", SourceJson(item.record.source, view));
  out.Set("score", item.score);
  if (view.causes) out.Set("ledger", LedgerJson(item));
  reason.Set("text", item.reason);
  reason.Set("because", view.causes ? CausesJson(item.because) : Json(Json::Array{}));
  out.Set("reason", std::move(reason));
  return out;
}

}  // namespace

Json CausesJson(const std::vector<recommend::Cause>& because) {
  Json list(Json::Array{});
  for (const recommend::Cause& cause : because) {
    Json one;
    if (cause.kind == recommend::Cause::Kind::kEvent) {
      one.Set("event_type", cause.event.type);
      one.Set("item_id", cause.event.item_id);
      one.Set("timestamp", static_cast<double>(cause.event.time.value) / 1000);
    } else {
      const std::string_view word = CauseName(cause.kind);
      one.Set("attribute", cause.attribute.empty() ? std::string(word) : cause.attribute);
      one.Set("value", cause.value);
      if (!cause.reason_item.empty()) one.Set("item_id", cause.reason_item);
    }
    one.Set("amount", cause.amount);
    list.Push(std::move(one));
  }
  return list;
}

Json IntentJson(const language::QueryIntent& intent) {
  Json out, facets(Json::Object{}), excluded(Json::Object{}), price;
  for (const auto& [field, values] : intent.facets) facets.Set(field, TextList(values));
  price.Set("min", intent.price.min ? Json(*intent.price.min) : Json());
  price.Set("max", intent.price.max ? Json(*intent.price.max) : Json());
  SetExclusive(intent.price, &price);
  out.Set("language", intent.language);
  out.Set("keywords", TextList(intent.keywords));
  out.Set("expansions", TextList(intent.expansions));
  for (const auto& [field, values] : intent.excluded) excluded.Set(field, TextList(values));
  if (!intent.excluded_ids.empty()) excluded.Set("_id", TextList(intent.excluded_ids));
  out.Set("facets", std::move(facets));
  out.Set("excluded", std::move(excluded));
  std::vector<std::string> excluded_words = intent.excluded_words;
  for (const language::Quantity& quantity : intent.excluded_quantities)
    excluded_words.push_back(quantity.text);
  out.Set("excluded_words", TextList(excluded_words));
  out.Set("price", std::move(price));
  Json quantities(Json::Array{});
  for (const language::Quantity& quantity : intent.quantities) quantities.Push(QuantityJson(quantity));
  out.Set("quantities", std::move(quantities));
  Json unchecked(Json::Array{});
  for (const language::UncheckedPart& part : intent.unchecked) {
    Json one;
    one.Set("text", part.text);
    one.Set("about", AboutName(part.about));
    unchecked.Push(std::move(one));
  }
  out.Set("unchecked", std::move(unchecked));
  out.Set("in_stock", intent.in_stock);
  out.Set("sort", SortName(intent.sort));
  out.Set("superlative", intent.superlative);
  out.Set("wants", TextList(intent.wants));
  out.Set("use", intent.use.empty() ? Json() : Json(intent.use));
  out.Set("season", intent.season.empty() ? Json() : Json(intent.season));
  out.Set("outfit", intent.outfit);
  out.Set("open", intent.open);
  out.Set("specificity", intent.specificity);
  out.Set("provider", intent.provider);
  return out;
}

Json CitationsJson(const std::vector<language::Citation>& citations) {
  Json list(Json::Array{});
  for (const language::Citation& citation : citations) {
    Json one;
    one.Set("item_id", citation.item_id);
    one.Set("start", static_cast<uint64_t>(citation.start));
    one.Set("end", static_cast<uint64_t>(citation.end));
    list.Push(std::move(one));
  }
  return list;
}

Json ItemsJson(const std::vector<formation::AskItem>& items, const AnswerView& view) {
  Json list(Json::Array{});
  for (const formation::AskItem& item : items) list.Push(ItemJson(item, view));
  return list;
}

Json AnswerJson(const formation::AskAnswer& answer, const AnswerView& view) {
  Json out, text, weight, stages(Json::Array{});
  text.Set("text", answer.answer.text);
  text.Set("citations", CitationsJson(answer.answer.citations));
  text.Set("provider", answer.answer.provider);
  text.Set("grounded", answer.answer.grounded);
  weight.Set("value", answer.weight);
  weight.Set("why", answer.weight_why);
  for (const formation::Stage& stage : answer.stages) {
    Json one;
    one.Set("name", stage.name);
    one.Set("ms", Rounded(stage.ms));
    one.Set("status", StateName(stage.state));
    if (!stage.why.empty()) one.Set("why", stage.why);
    if (stage.model && view.costs) one.Set("model", ModelUseJson(*stage.model));
    stages.Push(std::move(one));
  }
  out.Set("answer", std::move(text));
  out.Set("intent", IntentJson(answer.intent));
  out.Set("items", ItemsJson(answer.items, view));
  out.Set("weight", std::move(weight));
  out.Set("stages", std::move(stages));
  out.Set("recommendation_id", answer.recommendation_id);
  out.Set("took_ms", Rounded(answer.took_ms));
  return out;
}

}  // namespace trine::api::native
