#include "api/opensearch/json/ledger_json.h"
#include "base/check.h"

#include <cmath>
#include <utility>

namespace trine::api::opensearch {
namespace {

using format::Json;
using recommend::Cause;

Json RankAndScoreJson(const formation::RankAndScore& at, Json score) {
  Json out;
  out.Set("rank", static_cast<uint64_t>(at.rank));
  out.Set("score", std::move(score));
  return out;
}
// Search scores are float32 and are printed as such.
Json SearchPlace(const formation::RankAndScore& at) {
  return RankAndScoreJson(at, Json::Float(static_cast<float>(at.score)));
}

Json PrintCause(const Cause& cause) {
  Json out;
  switch (cause.kind) {
    case Cause::Kind::kEvent:
      out.Set("event_type", cause.event.type);
      out.Set("item_id", cause.event.item_id);
      out.Set("timestamp", cause.event.time.value / 1000);
      break;
    case Cause::Kind::kPopularity:
      out.Set("attribute", "popularity");
      out.Set("value", cause.value);
      break;
    case Cause::Kind::kTrend:
      out.Set("attribute", "trend");
      out.Set("value", cause.value);
      break;
    case Cause::Kind::kExploration:
      out.Set("attribute", "exploration");
      out.Set("value", cause.value);
      break;
    case Cause::Kind::kPromotion:
      out.Set("attribute", "promotion");
      out.Set("value", cause.value);
      break;
    case Cause::Kind::kItemAttribute:
    case Cause::Kind::kUserAttribute:
    case Cause::Kind::kSeason:
    case Cause::Kind::kRegion:
      out.Set("attribute", cause.attribute);
      out.Set("value", cause.value);
      break;
  }
  out.Set("amount", cause.amount);
  return out;
}

Json PrintMove(const char* by, double amount, const std::vector<Cause>& because) {
  Json out, causes(Json::Array{});
  for (const Cause& cause : because) causes.Push(PrintCause(cause));
  out.Set("by", by);
  out.Set("amount", amount);
  out.Set("because", std::move(causes));
  return out;
}

}  // namespace

Json PrintLedger(const formation::Ledger& ledger, std::optional<double> rerank_weight) {
  Json out(Json::Object{}), clauses(Json::Array{}), moves(Json::Array{});
  // The names of the first two clauses, by convention.
  static constexpr const char* kNames[] = {"lexical", "vector"};
  for (size_t i = 0; i < ledger.clauses.size(); ++i) {
    if (i < 2 && ledger.clauses[i].rank > 0) out.Set(kNames[i], SearchPlace(ledger.clauses[i]));
    clauses.Push(SearchPlace(ledger.clauses[i]));
  }
  if (ledger.clauses.size() > 1) out.Set("clauses", std::move(clauses));
  if (ledger.fused) out.Set("fused", SearchPlace(*ledger.fused));
  if (ledger.personal) out.Set("personal", RankAndScoreJson(*ledger.personal, ledger.personal->score));
  out.Set("final", SearchPlace(ledger.final));
  const double total = ledger.final.score;
  if (ledger.personal && rerank_weight && std::isfinite(total)) {
    TRINE_DCHECK_GT(ledger.personal->rank, 0u);  // ranks count from 1
    const double taste = *rerank_weight / std::log2(1.0 + static_cast<double>(ledger.personal->rank));
    moves.Push(PrintMove("search", total - taste, {}));
    moves.Push(PrintMove("taste", taste, ledger.because));
  } else if (std::isfinite(total)) {
    moves.Push(PrintMove("search", total, {}));
  }
  out.Set("moves", std::move(moves));
  return out;
}

}  // namespace trine::api::opensearch
