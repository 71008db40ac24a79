// The third stage of a question: one list out of the lists, with the records read and weighed by what fits.
#include <algorithm>

#include "base/limits.h"
#include "formation/ask_stages.h"
#include "formation/fit.h"

namespace trine::formation {
namespace {

constexpr size_t kMatched = 120;       // hits of words and meaning, fused, that are looked at further
constexpr double kOutsideShare = 0.4;  // of the search score left to what is outside a named category
constexpr double kBesideShare = 0.7;   // of the search score left to what does not fit where something does
constexpr double kNamedShare = 0.5;    // search score of what only carries the named facets
constexpr float kLexicalWeight = 0.65f, kVectorWeight = 0.35f;

Status ReadRecords(AskState* state) {
  std::vector<SeqNo> seq_nos;
  seq_nos.reserve(state->found.size());
  for (const Found& found : state->found) seq_nos.push_back(found.seq_no);
  size_t bytes_left = limits::kMaxAnswerBytes;
  TRINE_ASSIGN(auto records, catalogue::MultiGetWithin(state->parts.records, state->call.collection->id,
                                                       seq_nos, &bytes_left));
  for (size_t i = 0; i < records.size(); ++i) {
    Found& found = state->found[i];
    found.record = std::move(records[i]);
    if (!found.record) continue;
    auto source = format::ParseJson(found.record->source);
    if (!source.ok()) continue;
    found.source = std::move(*source);
    found.item_id = state->binding
                        ? catalogue::AttributeReader(*state->binding).ItemId(found.source, found.id)
                        : found.id;
  }
  // Deleted between the search and now.
  std::erase_if(state->found, [](const Found& found) { return !found.record || found.item_id.empty(); });
  return Ok();
}

// What does not fit, and what is for another season, keeps a part of its search score.
void WeighFit(AskState* state) {
  const FieldRoles roles =
      state->knowledge ? state->knowledge->roles : RolesOf(state->call.collection->mapping);
  const Fit fit(state->intent, roles, state->knowledge ? state->knowledge->vocabulary.get() : nullptr);
  for (Found& found : state->found) {
    found.fits = state->named.empty()
                     ? fit.Fits(found.source)
                     : std::find(state->named.begin(), state->named.end(), found.id) != state->named.end();
  }
  const bool any =
      std::any_of(state->found.begin(), state->found.end(), [](const Found& found) { return found.fits; });
  for (Found& found : state->found) {
    const bool named = !state->intent.facets.empty(), carries = named && fit.CarriesFacets(found.source);
    double share = named && !carries ? kOutsideShare : any && !found.fits ? kBesideShare : 1.0;
    share *= SeasonShare(found.source, roles, state->intent.season);
    found.blend.search = found.fused.score * share;
    // Of hundreds that carry what was named, the list holds the first; the person's own are as good.
    if (carries && found.lexical.rank == 0)
      found.blend.search = std::max(found.blend.search, kNamedShare * share);
    found.fused.score = found.blend.search;
  }
}

// Its list brings items, not scores: cut off by score, none of them would be seen.
bool OfThirdList(const search::Hit& hit) {
  return hit.clauses.size() == 3 && hit.clauses[2].rank > 0 && hit.clauses[2].rank <= kOwnList;
}

// What names nothing fits all alike; what is popular, or new, was asked for by how much it is.
float OpenScore(const AskState& state, const search::Hit& hit, float best) {
  if (!AsksForOthersChoice(state.intent) || best <= 0) return 1;
  const float share = OfThirdList(hit) ? std::max(0.0F, hit.clauses[2].score / best) : 0;
  return static_cast<float>(kGuardWhole + (1 - kGuardWhole) * static_cast<double>(share));
}

bool InOrderOfThirdList(const search::Hit& a, const search::Hit& b) {
  const bool in_a = OfThirdList(a), in_b = OfThirdList(b);
  return in_a != in_b ? in_a : in_a && a.clauses[2].rank < b.clauses[2].rank;
}

}  // namespace

Status FuseFound(AskState* state, const Deadline& deadline) {
  TRINE_TRY(deadline.Check("fusing"));
  if (state->lists.size() != 3) return Error(ErrorCode::kUnavailable, "nothing was retrieved");
  search::Fusion fusion;
  // From nothing, not from the worst hit: what all hits share must not be taken off them.
  fusion.lower_bounds.assign(3, search::Bound{search::Bound::Mode::kApply, 0});
  fusion.weights = {kLexicalWeight, kVectorWeight, 0};  // own candidates bring themselves, not a score
  TRINE_ASSIGN(auto hits, search::Fuse(fusion, state->lists));
  if (state->intent.open) std::stable_sort(hits.begin(), hits.end(), InOrderOfThirdList);
  const float best =
      state->intent.open && !hits.empty() && OfThirdList(hits.front()) ? hits.front().clauses[2].score : 0;
  size_t matched = 0;
  for (const search::Hit& hit : hits) {
    if (!OfThirdList(hit) && matched++ >= kMatched) continue;
    Found found;
    found.id = hit.id;
    found.seq_no = hit.seq_no;
    found.fused.score = state->intent.open ? OpenScore(*state, hit, best) : hit.score;
    if (const auto why = state->own_causes.find(hit.id); why != state->own_causes.end())
      found.because = why->second;
    if (hit.clauses.size() >= 2) {
      found.lexical = {hit.clauses[0].rank, hit.clauses[0].score};
      found.vector = {hit.clauses[1].rank, hit.clauses[1].score};
    }
    state->found.push_back(std::move(found));
  }
  TRINE_TRY(ReadRecords(state));
  WeighFit(state);
  std::stable_sort(state->found.begin(), state->found.end(),
                   [](const Found& a, const Found& b) { return a.fused.score > b.fused.score; });
  for (size_t i = 0; i < state->found.size(); ++i) state->found[i].fused.rank = static_cast<uint32_t>(i + 1);
  return Ok();
}

}  // namespace trine::formation
