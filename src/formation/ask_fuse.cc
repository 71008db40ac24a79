// The third stage of a question: one list out of the lists, with the records read and weighed by what fits.
#include <algorithm>

#include "base/limits.h"
#include "formation/ask_stages.h"
#include "formation/intent_matcher.h"

namespace trine::formation {
namespace {

constexpr size_t kMatched = 120;       // hits of words and meaning, fused, that are looked at further
constexpr double kOutsideShare = 0.4;  // of the search score left to what is outside a named category
constexpr double kBesideShare = 0.7;   // of the search score left to what does not fit where something does
constexpr double kNamedShare = 0.5;    // search score of what only carries the named facets
constexpr float kLexicalWeight = 0.65f, kVectorWeight = 0.35f;

Status ReadRecords(AskState* state) {
  std::vector<SeqNo> seq_nos;
  seq_nos.reserve(state->candidates.size());
  for (const Candidate& candidate : state->candidates) seq_nos.push_back(candidate.seq_no);
  size_t bytes_left = limits::kMaxAnswerBytes;
  TRINE_ASSIGN(auto records, catalogue::MultiGetWithin(state->deps.records, state->call.collection->id,
                                                       seq_nos, &bytes_left));
  for (size_t i = 0; i < records.size(); ++i) {
    Candidate& candidate = state->candidates[i];
    candidate.record = std::move(records[i]);
    if (!candidate.record) continue;
    auto source = format::ParseJson(candidate.record->source);
    if (!source.ok()) continue;
    candidate.source = std::move(*source);
    candidate.item_id =
        state->binding ? catalogue::AttributeReader(*state->binding).ItemId(candidate.source, candidate.id)
                       : candidate.id;
  }
  // Deleted between the search and now.
  std::erase_if(state->candidates,
                [](const Candidate& candidate) { return !candidate.record || candidate.item_id.empty(); });
  return Ok();
}

// What does not fit, and what is for another season, keeps a part of its search score.
void ScaleByIntentMatch(AskState* state) {
  const FieldRoles roles =
      state->knowledge ? state->knowledge->roles : RolesOf(state->call.collection->mapping);
  const IntentMatcher matcher(state->intent, roles,
                              state->knowledge ? state->knowledge->vocabulary.get() : nullptr);
  for (Candidate& candidate : state->candidates) {
    candidate.matches = state->named_ids.empty() ? matcher.Matches(candidate.source)
                                                 : std::find(state->named_ids.begin(), state->named_ids.end(),
                                                             candidate.id) != state->named_ids.end();
  }
  const bool any = std::any_of(state->candidates.begin(), state->candidates.end(),
                               [](const Candidate& candidate) { return candidate.matches; });
  for (Candidate& candidate : state->candidates) {
    const bool named = !state->intent.facets.empty(),
               carries = named && matcher.HasNamedFacets(candidate.source);
    double share = named && !carries ? kOutsideShare : any && !candidate.matches ? kBesideShare : 1.0;
    share *= SeasonFactor(candidate.source, roles, state->intent.season);
    candidate.scores.search = candidate.fused.score * share;
    // Of hundreds that carry what was named, the list holds the first; the person's own are as good.
    if (carries && candidate.lexical.rank == 0)
      candidate.scores.search = std::max(candidate.scores.search, kNamedShare * share);
    candidate.fused.score = candidate.scores.search;
  }
}

// Its list brings items, not scores: cut off by score, none of them would be seen.
bool IsSupplementary(const search::Hit& hit) {
  return hit.clauses.size() == 3 && hit.clauses[2].rank > 0 && hit.clauses[2].rank <= kSupplementaryListSize;
}

// What names nothing fits all alike; what is popular, or new, was asked for by how much it is.
float OpenScore(const AskState& state, const search::Hit& hit, float best) {
  if (!AsksForPopularOrNew(state.intent) || best <= 0) return 1;
  const float share = IsSupplementary(hit) ? std::max(0.0F, hit.clauses[2].score / best) : 0;
  return static_cast<float>(kGuardWhole + (1 - kGuardWhole) * static_cast<double>(share));
}

bool SupplementaryOrder(const search::Hit& a, const search::Hit& b) {
  const bool in_a = IsSupplementary(a), in_b = IsSupplementary(b);
  return in_a != in_b ? in_a : in_a && a.clauses[2].rank < b.clauses[2].rank;
}

}  // namespace

Status FuseCandidates(AskState* state, const Deadline& deadline) {
  TRINE_TRY(deadline.Check("fusing"));
  if (state->lists.size() != 3) return Error(ErrorCode::kUnavailable, "nothing was retrieved");
  search::Fusion fusion;
  // From nothing, not from the worst hit: what all hits share must not be taken off them.
  fusion.lower_bounds.assign(3, search::ScoreBound{search::ScoreBound::Mode::kApply, 0});
  fusion.weights = {kLexicalWeight, kVectorWeight, 0};  // own candidates bring themselves, not a score
  TRINE_ASSIGN(auto hits, search::Fuse(fusion, state->lists));
  if (state->intent.open) std::stable_sort(hits.begin(), hits.end(), SupplementaryOrder);
  const float best = state->intent.open && !hits.empty() && IsSupplementary(hits.front())
                         ? hits.front().clauses[2].score
                         : 0;
  size_t matched = 0;
  for (const search::Hit& hit : hits) {
    if (!IsSupplementary(hit) && matched++ >= kMatched) continue;
    Candidate candidate;
    candidate.id = hit.id;
    candidate.seq_no = hit.seq_no;
    candidate.fused.score = state->intent.open ? OpenScore(*state, hit, best) : hit.score;
    if (const auto why = state->recommendation_causes.find(hit.id); why != state->recommendation_causes.end())
      candidate.because = why->second;
    if (hit.clauses.size() >= 2) {
      candidate.lexical = {hit.clauses[0].rank, hit.clauses[0].score};
      candidate.vector = {hit.clauses[1].rank, hit.clauses[1].score};
    }
    state->candidates.push_back(std::move(candidate));
  }
  TRINE_TRY(ReadRecords(state));
  ScaleByIntentMatch(state);
  std::stable_sort(state->candidates.begin(), state->candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.fused.score > b.fused.score; });
  for (size_t i = 0; i < state->candidates.size(); ++i)
    state->candidates[i].fused.rank = static_cast<uint32_t>(i + 1);
  return Ok();
}

}  // namespace trine::formation
