// The third stage of a question: merges the lists into one, and lowers the search score of candidates that do
// not match the question.
#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "formation/ask_stages.h"
#include "formation/intent_matcher.h"
#include "formation/visible_fields.h"

namespace trine::formation {
namespace {

// Whether a record is within the bounds of the question. The index checks most of this before; the record
// decides, because its price may be in another currency or its text no number.
bool IsAllowed(const AskState& state, const format::Json& source) {
  const language::QueryIntent& intent = state.intent;
  // A product of which the stock is not known stays: an answer does not say that it fits.
  if (intent.in_stock && !catalogue::InStock(state.roles, source).value_or(true)) return false;
  if (!state.roles.price.empty() && !intent.price.empty()) {
    const auto price = catalogue::PriceOf(state.roles, source);
    if (!price || !intent.price.Contains(price->amount)) return false;
    if (!state.roles.currency_code.empty() && price->currency != state.roles.currency_code) return false;
  }
  return std::all_of(intent.quantities.begin(), intent.quantities.end(),
                     [&](const language::Quantity& quantity) {
                       if (!quantity.is_mass() || !state.roles.weight_has_unit) return true;
                       const auto grams = catalogue::GramsOf(state.roles, source);
                       return grams && quantity.grams.Contains(*grams);
                     });
}

Status ReadRecords(AskState* state) {
  std::vector<SeqNo> seq_nos;
  seq_nos.reserve(state->candidates.size());
  for (const Candidate& candidate : state->candidates) seq_nos.push_back(candidate.seq_no);
  state->room = catalogue::AnswerRoom(state->deps.memory);
  TRINE_ASSIGN(auto records, catalogue::MultiGetWithin(state->deps.records, state->call.collection->id,
                                                       seq_nos, &state->room));
  TRINE_CHECK_EQ(records.size(), state->candidates.size());
  size_t damaged = 0;
  for (size_t i = 0; i < records.size(); ++i) {
    Candidate& candidate = state->candidates[i];
    candidate.record = std::move(records[i]);
    if (!candidate.record) {
      // A record that was deleted after the search is not an error.
      damaged += state->deps.records.Get(state->call.collection->id, candidate.seq_no).ok() ? 0 : 1;
      continue;
    }
    auto source = format::ParseJson(candidate.record->source);
    if (!source.ok()) continue;
    candidate.source = std::move(*source);
    candidate.item_id =
        state->binding ? catalogue::AttributeReader(*state->binding).ItemId(candidate.source, candidate.id)
                       : candidate.id;
    // A hidden product stays hidden from a caller who does not see the field that says so.
    if (!catalogue::IsVisible(state->roles_of_all_fields, candidate.source)) {
      candidate.record.reset();
      continue;
    }
    HideFields(state->call.visible_fields, &candidate.source);
  }
  if (damaged > 0)
    state->note = "products left out because their records are damaged: " + std::to_string(damaged);
  // Drop the candidates whose record was deleted after the search or is hidden, those without an item id, and
  // those that the question excludes.
  std::erase_if(state->candidates, [&](const Candidate& candidate) {
    return !candidate.record || candidate.item_id.empty() || !IsAllowed(*state, candidate.source);
  });
  return Ok();
}

// For each matching candidate, whether it has the numbers of the question that set no bound ("55", "2인용").
// All true if none has them, because then they do not distinguish.
std::vector<bool> StateNumbers(const AskState& state, const IntentMatcher& matcher) {
  std::vector<bool> states(state.candidates.size(), true);
  if (!state.named_ids.empty() || state.intent.quantities.empty()) return states;
  bool any = false;
  for (size_t i = 0; i < states.size(); ++i) {
    if (!state.candidates[i].matches) continue;
    states[i] = matcher.StatesNumbers(state.candidates[i].source);
    any = any || states[i];
  }
  if (!any) states.assign(states.size(), true);
  return states;
}

// Scales down the search score of candidates that do not match the intent, lack a number of it that others
// have, or are for another season.
void ScaleByIntentMatch(AskState* state) {
  const IntentMatcher matcher(state->intent, state->roles, state->vocabulary());
  const FuseOptions& options = state->options.fuse;
  for (Candidate& candidate : state->candidates) {
    candidate.matches = state->named_ids.empty() ? matcher.Matches(candidate.source)
                                                 : std::find(state->named_ids.begin(), state->named_ids.end(),
                                                             candidate.id) != state->named_ids.end();
  }
  const bool any = std::any_of(state->candidates.begin(), state->candidates.end(),
                               [](const Candidate& candidate) { return candidate.matches; });
  const std::vector<bool> numbers = StateNumbers(*state, matcher);
  for (size_t i = 0; i < state->candidates.size(); ++i) {
    Candidate& candidate = state->candidates[i];
    const bool named = !state->intent.facets.empty(),
               carries = named && matcher.HasNamedFacets(candidate.source);
    double share = named && !carries                            ? options.outside_category_factor
                   : any && (!candidate.matches || !numbers[i]) ? options.mismatch_factor
                                                                : 1.0;
    share *= SeasonFactor(candidate.source, state->roles, state->intent.season, options.other_season_factor);
    candidate.scores.search = candidate.fused.score * share;
    // A record with the named facet values that is not in the lexical list gets a minimum score, because that
    // list is truncated and the record may match as well as the records in the list.
    if (carries && candidate.lexical.rank == 0)
      candidate.scores.search = std::max(candidate.scores.search, options.facet_floor * share);
    candidate.fused.score = candidate.scores.search;
  }
}

// Whether a hit is among the first `supplementary_size` hits of the supplementary list. These hits do not
// count towards `max_matched`. Needed because that limit keeps the hits with the best search scores, and a
// hit that is only in the supplementary list has the score 0.
bool IsSupplementary(const AskState& state, const search::Hit& hit) {
  TRINE_DCHECK(hit.clauses.empty() || hit.clauses.size() == kListCount);
  const uint32_t rank = hit.clauses.empty() ? 0 : hit.clauses[kSupplementaryList].rank;
  return rank > 0 && rank <= state.options.retrieve.supplementary_size;
}

// The search score of a candidate for an open question: 1, unless the question asks for popular or new
// products. For such a question, a candidate outside the supplementary list gets `guard_whole`, and the score
// of a candidate in the list rises from `guard_whole` to 1 with its score in that list. `best` is the first
// score of the list, or 0 if the list is empty.
float OpenScore(const AskState& state, const search::Hit& hit, float best) {
  if (!AsksForPopularOrNew(state.intent) || best <= 0) return 1;
  const double guard = state.options.blend.guard_whole;
  const float share =
      IsSupplementary(state, hit) ? std::max(0.0F, hit.clauses[kSupplementaryList].score / best) : 0;
  return static_cast<float>(guard + (1 - guard) * static_cast<double>(share));
}

// Moves the supplementary hits to the front, in the order of their list. Returns the score of the first
// supplementary hit in that list, or 0 if there are no such hits.
float PutSupplementaryFirst(const AskState& state, std::vector<search::Hit>* hits) {
  std::stable_sort(hits->begin(), hits->end(), [&state](const search::Hit& a, const search::Hit& b) {
    const bool in_a = IsSupplementary(state, a), in_b = IsSupplementary(state, b);
    if (in_a != in_b) return in_a;
    return in_a && a.clauses[kSupplementaryList].rank < b.clauses[kSupplementaryList].rank;
  });
  const bool any = !hits->empty() && IsSupplementary(state, hits->front());
  return any ? hits->front().clauses[kSupplementaryList].score : 0;
}

}  // namespace

Status FuseCandidates(AskState* state, const Deadline& deadline) {
  TRINE_TRY(deadline.Check("fusing"));
  if (state->lists.size() != kListCount) return Error(ErrorCode::kUnavailable, "nothing was retrieved");
  const FuseOptions& options = state->options.fuse;
  search::Fusion fusion;
  // Lower bounds of 0 make min-max normalisation start at 0. By default it starts at the score of the worst
  // hit, which it subtracts from all scores.
  fusion.lower_bounds.assign(kListCount, search::ScoreBound{search::ScoreBound::Mode::kApply, 0});
  fusion.weights = {options.lexical_weight, options.vector_weight,
                    0};  // the supplementary list adds nothing to a search score
  TRINE_ASSIGN(auto hits, search::Fuse(fusion, state->lists));
  const float best = state->intent.open ? PutSupplementaryFirst(*state, &hits) : 0;
  size_t matched = 0;
  for (const search::Hit& hit : hits) {
    if (!IsSupplementary(*state, hit) && matched++ >= options.max_matched) continue;
    Candidate candidate;
    candidate.id = hit.id;
    candidate.seq_no = hit.seq_no;
    candidate.fused.score = state->intent.open ? OpenScore(*state, hit, best) : hit.score;
    if (const auto why = state->recommendation_causes.find(hit.id); why != state->recommendation_causes.end())
      candidate.because = why->second;
    if (!hit.clauses.empty()) {
      candidate.lexical = {hit.clauses[kLexicalList].rank, hit.clauses[kLexicalList].score};
      candidate.vector = {hit.clauses[kVectorList].rank, hit.clauses[kVectorList].score};
    }
    state->candidates.push_back(std::move(candidate));
  }
  if (Status read = ReadRecords(state); !read.ok()) {
    state->candidates.clear();  // later stages require the records
    return read;
  }
  ScaleByIntentMatch(state);
  std::stable_sort(state->candidates.begin(), state->candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.fused.score > b.fused.score; });
  for (size_t i = 0; i < state->candidates.size(); ++i)
    state->candidates[i].fused.rank = static_cast<uint32_t>(i + 1);
  return Ok();
}

}  // namespace trine::formation
