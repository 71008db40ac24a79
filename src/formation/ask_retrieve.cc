// The first three stages of a question: understand, retrieve, fuse.
#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/limits.h"
#include "formation/ask_stages.h"
#include "formation/fit.h"
#include "language/season.h"

namespace trine::formation {
namespace {

using search::QueryPtr;

constexpr size_t kListSize = 100;  // hits of the words, and as many of the meaning
constexpr size_t kMatched = 120;   // of those, fused, that are looked at further
constexpr size_t kOwnList = 60;    // the person's own candidates (or those of a number): all are looked at
constexpr float kTitleBoost = 3, kTextBoost = 1, kFacetFieldBoost = 2;
constexpr float kExpansionBoost = 0.35f;  // a word of the catalogue's instead of the asker's
constexpr float kFacetBoost = 4;          // a value that the question names
constexpr float kUseBoost = 1.5f;         // season and use that it implies
constexpr float kNamedBoost = 1000;       // a product whose id was typed
constexpr double kOutsideShare = 0.4;     // of the search score left to what is outside a named category
constexpr double kBesideShare = 0.7;  // of the search score left to what does not fit where something does
constexpr double kNamedShare = 0.5;   // search score of what only carries the named facets
constexpr float kLexicalWeight = 0.65f, kVectorWeight = 0.35f;

std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

QueryPtr WordsQuery(const FieldRoles& roles, const std::string& text, float boost) {
  search::MultiMatch multi;
  multi.text = text;
  multi.type = search::MultiMatch::Type::kMostFields;
  multi.tie_breaker = 1;
  multi.lenient = true;
  for (const std::string& field : roles.titles) multi.fields.emplace_back(field, kTitleBoost);
  for (const std::string& field : roles.texts) multi.fields.emplace_back(field, kTextBoost);
  return search::MakeQuery(std::move(multi), boost);
}

QueryPtr FacetQuery(const std::string& field, const std::vector<std::string>& values,
                    const catalogue::Mapping& mapping, float boost) {
  // Dynamic mappings keep whole values in a sub-field.
  const catalogue::Field* f = mapping.Find(field);
  const std::string path =
      f != nullptr && f->type == catalogue::FieldType::kText ? field + ".keyword" : field;
  search::Terms terms;
  terms.field = path;
  for (const std::string& value : values) terms.values.emplace_back(value);
  return search::MakeQuery(search::ConstantScore{search::MakeQuery(std::move(terms))}, boost);
}

QueryPtr TitleQuery(const AskState& state, const std::string& word) {
  FieldRoles only;
  only.titles = (state.knowledge ? state.knowledge->roles : RolesOf(state.call.collection->mapping)).titles;
  return WordsQuery(only, word, 1);
}

// Price bounds are meant strictly, and what is not wanted; the caller's own filter too.
QueryPtr HardFilter(const AskState& state) {
  search::Bool all;
  if (state.call.filter) all.filter.push_back(state.call.filter);
  const std::string price = state.knowledge ? state.knowledge->roles.price : "";
  if (!price.empty() && (state.intent.price_min || state.intent.price_max)) {
    search::Range range;
    range.field = price;
    if (state.intent.price_min) range.gte = *state.intent.price_min;
    if (state.intent.price_max) range.lte = *state.intent.price_max;
    all.filter.push_back(search::MakeQuery(std::move(range)));
  }
  for (const auto& [field, values] : state.intent.excluded)
    all.must_not.push_back(FacetQuery(field, values, state.call.collection->mapping, 1));
  for (const std::string& word : state.intent.excluded_words) all.must_not.push_back(TitleQuery(state, word));
  if (all.filter.empty() && all.must_not.empty()) return nullptr;
  return search::MakeQuery(std::move(all));
}

// Values for the season and the use that the question implies. A season counts in one language only: a
// catalogue that says it in two means it no more than one that says it once.
language::FacetValues HintValues(const AskState& state) {
  language::FacetValues hints;
  if (!state.knowledge) return hints;
  const auto add = [&](const std::string& name) {
    const auto values = state.knowledge->vocabulary->FindValues(analysis::Fold(name));
    for (const auto& value : values) hints.emplace_back(value.field, std::vector{value.value});
    return !values.empty();
  };
  if (!state.intent.use.empty()) add(state.intent.use);
  for (const std::string& name : language::SeasonNames(state.intent.season)) {
    if (add(name)) break;
  }
  return hints;
}

QueryPtr LexicalQuery(const AskState& state, const FieldRoles& roles) {
  const language::Intent& intent = state.intent;
  search::Bool any;
  const std::string words =
      intent.keywords.empty() && intent.facets.empty() ? state.call.question : Joined(intent.keywords);
  if (!words.empty()) any.should.push_back(WordsQuery(roles, words, 1));
  for (const std::string& word : intent.expansions)
    any.should.push_back(WordsQuery(roles, word, kExpansionBoost));
  for (const auto& [field, values] : intent.facets)
    any.should.push_back(FacetQuery(field, values, state.call.collection->mapping, kFacetBoost));
  if (!state.named.empty()) {
    auto named = search::MakeQuery(search::Ids{state.named});
    any.should.push_back(search::MakeQuery(search::ConstantScore{std::move(named)}, kNamedBoost));
  }
  for (const auto& [field, values] : HintValues(state))
    any.should.push_back(FacetQuery(field, values, state.call.collection->mapping, kUseBoost));
  any.minimum_should_match = "1";
  return search::MakeQuery(std::move(any));
}

// The person's own candidates: what they would be offered without a question.
std::vector<std::pair<std::string, float>> PersonalCandidates(const AskState& state,
                                                              const Deadline& deadline) {
  std::vector<std::pair<std::string, float>> out;
  if (!state.binding || state.call.user_id.empty()) return out;
  recommend::RecommendRequest request;
  request.served.group = state.binding->group;
  request.user_id = state.call.user_id;
  request.session_id = state.call.session_id;
  request.context = state.call.context;
  request.count = kOwnList;
  request.explain = request.shares = false;  // a later stage scores them again and tells why
  const auto recommended = state.parts.recommender.Recommend(request, deadline);
  if (!recommended.ok()) return out;
  for (const auto& item : recommended->items) {
    std::string id = item.item_id;
    if (!state.binding->item_id_field.empty()) {
      const auto record =
          state.parts.records.GetItem(*state.binding, state.call.collection->id, item.item_id);
      if (!record.ok() || !*record) continue;
      id = (*record)->id;
    }
    out.emplace_back(std::move(id), static_cast<float>(item.score));
  }
  return out;
}

// A browsing question ("what shall I wear?") has no words that the catalogue knows: the person's own
// candidates then are what there is to choose from.
bool TakesPersonalCandidates(const language::Intent& intent) {
  return intent.outfit || intent.specificity < 0.35;
}

// Every product of the named values, those of the greatest (or least) number first: the lists of the best
// hits may not hold the cheapest of hundreds.
QueryPtr ByNumber(const AskState& state) {
  using Sort = language::Intent::Sort;
  const FieldRoles& roles = state.knowledge->roles;
  const Sort sort = state.intent.sort;
  const std::string& field = sort == Sort::kLightest ? roles.weight : roles.price;
  const bool priced = sort == Sort::kPriceAsc || sort == Sort::kPriceDesc;
  if (field.empty() || (!priced && sort != Sort::kLightest)) return nullptr;
  search::Bool all;
  for (const auto& [name, values] : state.intent.facets)
    all.filter.push_back(FacetQuery(name, values, state.call.collection->mapping, 1));
  search::Exists exists;
  exists.field = field;
  all.must.push_back(search::MakeQuery(search::ConstantScore{search::MakeQuery(std::move(exists))}));
  search::FunctionScore score;
  score.query = search::MakeQuery(std::move(all));
  search::FunctionScore::Function function;
  search::FunctionScore::Function::FieldValueFactor factor;
  factor.field = field;
  factor.modifier = sort == Sort::kPriceDesc ? "none" : "reciprocal";
  function.field_value_factor = std::move(factor);
  score.functions.push_back(std::move(function));
  return search::MakeQuery(std::move(score));
}

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

}  // namespace

std::string SeasonOf(Millis now) {
  // Days since 1970-03-01 in a year of 365.2425 days are close enough for a season.
  const double days = static_cast<double>(now.value) / 86'400'000.0 - 59;
  const double in_year = days - 365.2425 * std::floor(days / 365.2425);
  constexpr const char* kSeasons[] = {"spring", "summer", "autumn", "winter"};
  return kSeasons[std::clamp(static_cast<int>(in_year / 91.3106), 0, 3)];
}

namespace {

constexpr size_t kMostIdWords = 16, kMostNamed = 4, kShortestId = 4;

// Words that may be an id: the whole question, or letters, digits and what joins them.
std::vector<std::string> IdWords(const std::string& question) {
  std::vector<std::string> words;
  const auto add = [&words](std::string_view word, bool whole) {
    while (!word.empty() && std::string_view(" \t\n\"'.,?!").find(word.back()) != std::string_view::npos)
      word.remove_suffix(1);
    while (!word.empty() && std::string_view(" \t\n\"'").find(word.front()) != std::string_view::npos)
      word.remove_prefix(1);
    const bool digit = word.find_first_of("0123456789") != std::string_view::npos;
    const bool other = word.find_first_not_of("0123456789.,") != std::string_view::npos;
    const bool like = digit && other && word.size() >= kShortestId;
    if (!word.empty() && word.size() <= limits::kMaxIdBytes && (like || (whole && digit)))
      words.emplace_back(word);
  };
  add(question, true);
  for (size_t start = 0; start < question.size() && words.size() < kMostIdWords;) {
    const size_t end = std::min(question.find(' ', start), question.size());
    add(std::string_view(question).substr(start, end - start), false);
    start = end + 1;
  }
  return words;
}

// Records whose id was typed.
std::vector<std::string> NamedRecords(const AskState& state) {
  std::vector<std::string> named;
  for (const std::string& word : IdWords(state.call.question)) {
    if (named.size() >= kMostNamed) break;
    auto record = state.parts.records.Get(state.call.collection->id, word);
    if ((!record.ok() || !*record) && state.binding && !state.binding->item_id_field.empty())
      record = state.parts.records.GetItem(*state.binding, state.call.collection->id, word);
    if (record.ok() && *record && std::find(named.begin(), named.end(), (*record)->id) == named.end())
      named.push_back((*record)->id);
  }
  return named;
}

}  // namespace

Status Understand(AskState* state, const Deadline& deadline) {
  TRINE_TRY(deadline.Check("understanding the question"));
  language::IntentOptions options;
  options.language = state->call.language;
  options.season_now = SeasonOf(state->parts.clock.Now());
  if (state->knowledge) options.currency = state->knowledge->currency;
  state->intent = language::ParseIntent(state->call.question,
                                        state->knowledge ? state->knowledge->vocabulary.get() : nullptr,
                                        state->parts.analyzers, options);
  state->named = NamedRecords(*state);
  if (!state->named.empty()) state->intent.specificity = 1;
  if (!state->knowledge)
    state->note = "the catalogue's words are still being read; the question's own words were used";
  else if (state->intent.price_left_out)
    state->note = "the catalogue's prices are in " + state->knowledge->currency + "; the bound in " +
                  state->intent.currency + " was left out";
  return Ok();
}

Status Retrieve(AskState* state, const Deadline& deadline) {
  TRINE_TRY(deadline.Check("retrieving"));
  const auto index = state->parts.indexes.Get(state->call.collection->id);
  if (index == nullptr)
    return Error(ErrorKind::kNotFound, "the index is gone").Where(state->call.collection->name);
  const FieldRoles roles =
      state->knowledge ? state->knowledge->roles : RolesOf(state->call.collection->mapping);
  search::Hybrid hybrid;
  hybrid.queries.push_back(LexicalQuery(*state, roles));
  const std::string meaning = state->call.question + " " + Joined(state->intent.keywords);
  search::ScoredIds near{state->knowledge ? state->knowledge->Nearest(meaning, kListSize)
                                          : std::vector<std::pair<std::string, float>>{},
                         "vector"};
  hybrid.queries.push_back(near.ids.empty() ? search::MakeQuery(search::MatchNone{"no vectors"})
                                            : search::MakeQuery(std::move(near)));
  search::ScoredIds own;
  own.label = "personal";
  QueryPtr third;
  if (state->knowledge && state->intent.superlative && !state->intent.facets.empty())
    third = ByNumber(*state);
  if (third == nullptr && TakesPersonalCandidates(state->intent))
    own.ids = PersonalCandidates(*state, deadline);
  if (third == nullptr)
    third = own.ids.empty() ? search::MakeQuery(search::MatchNone{"no candidates"})
                            : search::MakeQuery(std::move(own));
  hybrid.queries.push_back(std::move(third));
  hybrid.filter = HardFilter(*state);
  hybrid.pagination_depth = kListSize;
  search::SearchRequest request;
  request.query = search::MakeQuery(std::move(hybrid));
  request.size = kListSize;
  TRINE_ASSIGN(auto result, state->parts.searcher.Search({{state->call.collection, index->reader(), nullptr}},
                                                         request, deadline));
  state->lists = std::move(result.lists);
  if (result.timed_out) state->note = "stopped at the deadline with part of the hits";
  return Ok();
}

namespace {

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

}  // namespace

Status FuseFound(AskState* state, const Deadline& deadline) {
  TRINE_TRY(deadline.Check("fusing"));
  if (state->lists.size() != 3) return Error(ErrorKind::kUnavailable, "nothing was retrieved");
  search::Fusion fusion;
  // From nothing, not from the worst hit: what all hits share must not be taken off them.
  fusion.lower_bounds.assign(3, search::Bound{search::Bound::Mode::kApply, 0});
  fusion.weights = {kLexicalWeight, kVectorWeight, 0};  // own candidates bring themselves, not a score
  TRINE_ASSIGN(const auto hits, search::Fuse(fusion, state->lists));
  size_t matched = 0;
  for (const search::Hit& hit : hits) {
    if (!OfThirdList(hit) && matched++ >= kMatched) continue;
    Found found;
    found.id = hit.id;
    found.seq_no = hit.seq_no;
    found.fused.score = hit.score;
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
