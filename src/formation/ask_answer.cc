// The fifth stage of a question: selects the page, and composes the reasons and the answer.
#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/utf8.h"
#include "formation/ask_stages.h"
#include "formation/intent_matcher.h"
#include "language/claim.h"
#include "language/prompt.h"

namespace trine::formation {
namespace {

constexpr size_t kMaxItems = 100;  // per answer; the reason of each item costs lookups

std::vector<std::pair<std::string, std::string>> AttributesOf(const catalogue::Roles& roles,
                                                              const format::Json& source) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const catalogue::FacetField& facet : roles.facets) {
    for (std::string& value : catalogue::FacetTexts(source, facet))
      out.emplace_back(facet.path, std::move(value));
  }
  for (const std::string& field : {roles.price, roles.weight}) {
    if (field.empty()) continue;
    for (std::string& value : catalogue::TextsAt(source, field)) out.emplace_back(field, std::move(value));
  }
  return out;
}

// Whether an outfit may name the product: its title or the last level of its category is something worn.
bool IsWornProduct(const catalogue::Roles& roles, const format::Json& source, const std::string& title) {
  if (language::IsWorn(analysis::Fold(title))) return true;
  for (const std::string& field : roles.categories) {
    for (const std::string& value : catalogue::FacetTexts(roles, source, field)) {
      if (language::IsWorn(analysis::Fold(value.substr(value.rfind('>') + 1)))) return true;
    }
  }
  return false;
}

language::AnswerItem AnswerItemOf(const AskState& state, const Candidate& candidate,
                                  const std::string& reason) {
  language::AnswerItem item{candidate.item_id, TitleOf(state.roles, candidate.source, state.intent.language),
                            AttributesOf(state.roles, candidate.source), reason, candidate.fits};
  if (const auto price = catalogue::PriceOf(state.roles, candidate.source))
    item.price = language::ItemPrice{price->amount, price->currency};
  item.grams = catalogue::GramsOf(state.roles, candidate.source);
  item.worn = !state.intent.outfit || IsWornProduct(state.roles, candidate.source, item.title);
  return item;
}

// Drops the candidates that do not match the question and have a search score below a limit. The limit is
// `distant_share` if some candidate matches, otherwise `distant_share` times the best search score.
void DropDistant(double distant_share, std::vector<Candidate>* candidates) {
  double best = 0;
  for (const Candidate& c : *candidates) best = std::max(best, c.matches ? 1.0 : c.scores.search);
  std::erase_if(*candidates,
                [&](const Candidate& c) { return !c.matches && c.scores.search < distant_share * best; });
}

std::vector<ScoreContribution> ContributionsOf(const Candidate& candidate) {
  std::vector<ScoreContribution> contributions;
  const auto add = [&contributions](ScoreContribution::By by, double amount,
                                    std::vector<recommend::Cause> because) {
    if (amount != 0) contributions.push_back({by, amount, std::move(because)});
  };
  const auto only = [&candidate](auto keep) {
    std::vector<recommend::Cause> out;
    std::copy_if(candidate.because.begin(), candidate.because.end(), std::back_inserter(out), keep);
    return out;
  };
  using Kind = recommend::Cause::Kind;
  const auto is_popularity = [](const recommend::Cause& c) {
    return c.kind == Kind::kPopularity || c.kind == Kind::kTrend;
  };
  add(ScoreContribution::By::kSearch, candidate.scores.base, {});
  add(ScoreContribution::By::kTaste, candidate.scores.taste,
      only([&](const recommend::Cause& c) { return !is_popularity(c) && c.kind != Kind::kExploration; }));
  add(ScoreContribution::By::kPopularity, candidate.scores.popularity, only(is_popularity));
  add(ScoreContribution::By::kExploration, candidate.scores.exploration,
      only([](const recommend::Cause& c) { return c.kind == Kind::kExploration; }));
  add(ScoreContribution::By::kRule, candidate.scores.wish, {});
  return contributions;
}

// The style that the person prefers, as field and value: the style whose best `style_items` candidates have
// the largest sum of taste scores. Empty if no facet of the catalogue is a style, or if no candidate has a
// taste score.
std::pair<std::string, std::string> PreferredStyle(const std::vector<Candidate>& candidates,
                                                   const catalogue::Roles& roles, size_t style_items) {
  std::string field;
  for (const catalogue::FacetField& facet : roles.facets) {
    const std::string folded = analysis::Fold(facet.path);
    if (field.empty() &&
        (folded.find("style") != std::string::npos || folded.find("스타일") != std::string::npos))
      field = facet.path;
  }
  if (field.empty()) return {};
  std::map<std::string, std::vector<double>> by_style;
  for (const Candidate& c : candidates) {
    for (std::string& style : catalogue::FacetTexts(roles, c.source, field))
      by_style[std::move(style)].push_back(c.scores.taste);
  }
  std::pair<std::string, std::string> best;
  double most = 0;
  for (auto& [style, weights] : by_style) {
    std::sort(weights.rbegin(), weights.rend());
    weights.resize(std::min(weights.size(), style_items));
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    if (sum > most) {
      most = sum;
      best = {field, style};
    }
  }
  return best;
}

// Orders the candidates of an outfit: the best of each kind first, in one style if the catalogue has styles,
// then the rest. The kind of a record is its value of the intent's first facet.
std::vector<Candidate> PickOutfit(std::vector<Candidate> candidates, const AskState& state, size_t size) {
  const language::QueryIntent& intent = state.intent;
  if (!intent.outfit || intent.facets.empty()) return candidates;
  const std::string& field = intent.facets.front().first;
  const auto [style_field, style] = PreferredStyle(candidates, state.roles, state.options.outfit_style_items);
  const auto in_style = [&state, &field = style_field, &wanted = style](const Candidate& c) {
    if (wanted.empty()) return true;
    const auto styles = catalogue::FacetTexts(state.roles, c.source, field);
    return std::find(styles.begin(), styles.end(), wanted) != styles.end();
  };
  std::stable_partition(candidates.begin(), candidates.end(), in_style);
  std::set<std::string> taken;
  std::vector<Candidate> head, rest;
  for (Candidate& c : candidates) {
    const auto kinds = catalogue::FacetTexts(state.roles, c.source, field);
    const std::string kind = kinds.empty() ? "" : kinds.front();
    const bool first_of_kind = head.size() < size && in_style(c) && taken.insert(kind).second;
    (first_of_kind ? head : rest).push_back(std::move(c));
  }
  head.insert(head.end(), std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
  return head;
}

void NameUncheckedWords(AskState* state) {
  using About = language::UncheckedPart::About;
  for (const language::UncheckedPart& part : state->intent.unchecked) {
    if (part.about == About::kKind)
      state->note += (state->note.empty() ? "" : "; ") + std::string("whether products are \"") + part.text +
                     "\" or something that goes with it is not known";
  }
  for (const language::UncheckedPart& part : state->intent.unchecked) {
    if (part.about != About::kWord) continue;
    state->note += (state->note.empty() ? "no product says anything about \"" : ", \"") + part.text + "\"";
  }
}

// Keeps the candidates at the places that are true.
void Keep(const std::vector<bool>& places, std::vector<Candidate>* candidates) {
  TRINE_DCHECK_EQ(places.size(), candidates->size());
  size_t kept = 0;
  for (size_t i = 0; i < places.size(); ++i) {
    if (!places[i]) continue;
    if (kept != i) (*candidates)[kept] = std::move((*candidates)[i]);
    ++kept;
  }
  candidates->resize(kept);
}

// Drops all candidates but those that are most closely related to the thing that the question asks for. For
// an answer in which none fits: the nearest ones are of that kind, or there are none.
void DropUnrelated(const IntentMatcher& matcher, AskState* state) {
  if (state->intent.open) return;
  std::vector<int> related;
  related.reserve(state->candidates.size());
  for (const Candidate& candidate : state->candidates)
    related.push_back(matcher.Relatedness(candidate.source));
  const int most = related.empty() ? 0 : *std::max_element(related.begin(), related.end());
  std::vector<bool> keep(related.size());
  for (size_t i = 0; i < related.size(); ++i) keep[i] = most > 0 && related[i] == most;
  Keep(keep, &state->candidates);
}

// Drops the candidates whose names say a word that the question refuses.
void DropRefused(AskState* state) {
  if (state->intent.excluded_words.empty()) return;
  const IntentMatcher matcher(state->intent, state->roles, state->vocabulary());
  std::vector<bool> keep;
  for (const Candidate& candidate : state->candidates) {
    const language::ProductFacts facts = matcher.FactsOf(candidate.source);
    const auto& words = state->intent.excluded_words;
    keep.push_back(std::none_of(words.begin(), words.end(), [&facts](const std::string& word) {
      return language::HasExcludedWord(word, facts);
    }));
  }
  Keep(keep, &state->candidates);
}

// Decides which candidates fit, and which parts of the question nothing is known about. The fitting ones come
// first: an answer says how many fit, and never that nothing fits while something does.
void JudgeCandidates(AskState* state) {
  DropRefused(state);
  if (!state->named_ids.empty()) {
    for (Candidate& candidate : state->candidates) candidate.fits = candidate.matches;
    return;
  }
  const IntentMatcher matcher(state->intent, state->roles, state->vocabulary());
  std::vector<language::ProductFacts> facts;
  facts.reserve(state->candidates.size());
  for (const Candidate& candidate : state->candidates) facts.push_back(matcher.FactsOf(candidate.source));
  const bool outfit = state->intent.outfit;
  language::QueryIntent conditions = outfit ? language::OutfitConditions(state->intent) : state->intent;
  language::AddUncheckedParts(state->call.question, facts, state->vocabulary(), &conditions);
  const auto categories_of = [&](size_t i) { return matcher.CategoriesOf(state->candidates[i].source); };
  language::TellKinds(state->call.question, categories_of, state->vocabulary(), &facts, &conditions);
  state->intent.unchecked = conditions.unchecked;
  NameUncheckedWords(state);
  std::vector<bool> keep(facts.size(), true);
  for (size_t i = 0; i < facts.size(); ++i) {
    Candidate& candidate = state->candidates[i];
    const bool named = outfit ? candidate.matches : matcher.HasNamedCategories(candidate.source);
    candidate.fits = named && language::Fits(conditions, facts[i]);
    for (const language::Quantity& quantity : state->intent.excluded_quantities)
      keep[i] = keep[i] && !language::HasExcluded(quantity, facts[i]);
  }
  Keep(keep, &state->candidates);
  const auto fits = [](const Candidate& candidate) { return candidate.fits; };
  if (std::none_of(state->candidates.begin(), state->candidates.end(), fits))
    return DropUnrelated(matcher, state);
  // Candidates that do not fit are not a part of an outfit.
  if (outfit) std::erase_if(state->candidates, [](const Candidate& candidate) { return !candidate.fits; });
  std::stable_partition(state->candidates.begin(), state->candidates.end(), fits);
}

// Tells the observer the built-in answer, line by line: a line is a sentence, or a product with its reason.
Status TellBuiltinAnswer(const language::Answer& answer, AskState* state) {
  if (state->call.observer == nullptr) return Ok();
  size_t units = 0, citation = 0;
  for (size_t at = 0; at < answer.text.size();) {
    const size_t end = std::min(answer.text.find('\n', at), answer.text.size() - 1) + 1;
    const std::string_view line = std::string_view(answer.text).substr(at, end - at);
    units += Utf16Length(line);
    std::vector<language::Citation> within;
    for (; citation < answer.citations.size() && answer.citations[citation].start < units; ++citation)
      within.push_back(answer.citations[citation]);
    TRINE_TRY(state->Observe([&](AskObserver& observer) { return observer.OnSentence(line, within); }));
    at = end;
  }
  return Ok();
}

}  // namespace

Status BuildAnswer(AskState* state, AskAnswer* answer, const Deadline& deadline) {
  TRINE_CHECK(answer->items.empty());
  const size_t size = std::min(std::max<size_t>(state->call.size, 1), kMaxItems);
  DropDistant(state->options.distant_share, &state->candidates);
  state->candidates = PickOutfit(std::move(state->candidates), *state, size);
  JudgeCandidates(state);
  std::vector<language::AnswerItem> items;
  for (Candidate& candidate : state->candidates) {
    if (answer->items.size() >= size) break;
    TRINE_CHECK(candidate.record.has_value());  // FuseCandidates drops candidates without a record
    AskItem item;
    item.item_id = candidate.item_id;
    item.score = candidate.scores.score;
    item.lexical = candidate.lexical;
    item.vector = candidate.vector;
    item.fused = candidate.fused;
    item.personal = candidate.personal;
    item.final = {static_cast<uint32_t>(answer->items.size() + 1), candidate.scores.score};
    item.moves = ContributionsOf(candidate);
    item.because = candidate.because;
    item.reason = ReasonText(*state, candidate);
    items.push_back(AnswerItemOf(*state, candidate, item.reason));
    item.record = std::move(*candidate.record);
    answer->items.push_back(std::move(item));
  }
  TRINE_TRY(state->Observe([&](AskObserver& observer) { return observer.OnItems(answer->items); }));
  TRINE_TRY(deadline.Check("wording the answer"));
  if (auto worded = WordAnswer(state, items, deadline)) {
    answer->answer = *std::move(worded);
    return Ok();
  }
  if (state->ended) return *state->ended;
  answer->answer = language::ComposeAnswer(state->intent, items);
  return TellBuiltinAnswer(answer->answer, state);
}

}  // namespace trine::formation
