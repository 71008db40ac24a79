// The second stage of a question: one hybrid search returns the three lists that candidates come from.
#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/limits.h"
#include "formation/ask_stages.h"
#include "language/claim.h"
#include "language/refusal_marks.h"
#include "language/season.h"

namespace trine::formation {
namespace {

using search::QueryPtr;

// Recommendations with score 0 get multiples of this score instead, because a list drops hits with score 0.
constexpr float kLeastScore = 1e-9f;

std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

QueryPtr WordsQuery(const catalogue::Roles& roles, const std::string& text, const RetrieveOptions& options,
                    float boost, search::Operator op = search::Operator::kOr) {
  search::MultiMatch multi;
  multi.text = text;
  multi.type = search::MultiMatch::Type::kMostFields;
  multi.op = op;
  multi.tie_breaker = 1;
  multi.lenient = true;
  for (const std::string& field : roles.titles) multi.fields.emplace_back(field, options.title_boost);
  for (const std::string& field : roles.texts) multi.fields.emplace_back(field, options.text_boost);
  return search::MakeQuery(std::move(multi), boost);
}

// The path by which a field is compared with whole values, which dynamic mapping stores in the keyword
// sub-field of a text field.
std::string WholeValuesOf(const std::string& field, const catalogue::Mapping& mapping) {
  const catalogue::Field* f = mapping.Find(field);
  return f != nullptr && f->type == catalogue::FieldType::kText ? field + ".keyword" : field;
}

QueryPtr FacetQuery(const AskState& state, const std::string& field, const std::vector<std::string>& values,
                    float boost) {
  search::Terms terms;
  terms.field = WholeValuesOf(field, state.call.collection->mapping);
  for (const std::string& value : values) {
    terms.values.emplace_back(value);
    // The index has only the whole texts of a field with several tags in one text.
    const auto* texts = state.knowledge ? state.knowledge->TextsOfTag(field, value) : nullptr;
    if (texts == nullptr) continue;
    for (const std::string& text : *texts) terms.values.emplace_back(text);
  }
  return search::MakeQuery(search::ConstantScore{search::MakeQuery(std::move(terms))}, boost);
}

// Titles with all terms of an unwanted word: a compound is not unwanted because a part of it occurs.
QueryPtr TitleQuery(const AskState& state, const std::string& word) {
  catalogue::Roles only;
  only.titles = state.roles.titles;
  return WordsQuery(only, word, state.options.retrieve, 1, search::Operator::kAnd);
}

// Titles with a refused word, under any of its names. Titles that may deny the word ("기모 없는 후디") are
// left to the judgement of the products.
QueryPtr RefusedTitle(const AskState& state, const std::string& word) {
  search::Bool any, refused;
  for (const std::string& name : language::NamesOfExcluded(word))
    any.should.push_back(TitleQuery(state, name));
  any.minimum_should_match = "1";
  refused.must.push_back(search::MakeQuery(std::move(any)));
  for (const language::Mark& mark : language::Marks()) {
    if (mark.Binds(language::kName)) refused.must_not.push_back(TitleQuery(state, std::string(mark.words)));
  }
  return search::MakeQuery(std::move(refused));
}

// A bound in grams or in money, in the unit of the field.
double InUnitOfField(double bound, double scale) {
  constexpr double kPrecision = 1e9;  // 1,100 g are 1.1 kg and no fraction more
  return scale == 1 ? bound : std::round(bound / scale * kPrecision) / kPrecision;
}

// Adds bounds on the numbers of a field. A field that is not numeric in the index ("12,900원") is bounded by
// the numbers that Knowledge has read from it, one per record.
void AddBounds(const AskState& state, const std::string& field, double scale, const language::Bounds& bounds,
               const std::vector<double>* numbers, search::Bool* all) {
  if (bounds.empty()) return;
  const catalogue::Field* f = state.call.collection->mapping.Find(field);
  if (f != nullptr && catalogue::IsNumeric(f->type) && scale > 0) {
    search::Range range;
    range.field = field;
    if (bounds.min) (bounds.min_exclusive ? range.gt : range.gte) = InUnitOfField(*bounds.min, scale);
    if (bounds.max) (bounds.max_exclusive ? range.lt : range.lte) = InUnitOfField(*bounds.max, scale);
    all->filter.push_back(search::MakeQuery(std::move(range)));
    return;
  }
  if (numbers == nullptr) return;  // the fuse stage drops the records that are not within the bounds
  search::Ids ids;
  TRINE_DCHECK_EQ(numbers->size(), state.knowledge->ids.size());
  for (size_t i = 0; i < numbers->size(); ++i) {
    if (bounds.Contains((*numbers)[i])) ids.values.push_back(state.knowledge->ids[i]);
  }
  all->filter.push_back(ids.values.empty()
                            ? search::MakeQuery(search::MatchNone{"nothing is within the bounds"})
                            : search::MakeQuery(std::move(ids)));
}

// The filter on all lists: the price bounds and exclusions of the question, and the caller's filter. nullptr:
// no filter.
QueryPtr HardFilter(const AskState& state) {
  search::Bool all;
  if (state.call.filter) all.filter.push_back(state.call.filter);
  if (!state.roles.price.empty()) {
    AddBounds(state, state.roles.price, 1, state.intent.price,
              state.knowledge ? &state.knowledge->prices : nullptr, &all);
  }
  for (const language::Quantity& quantity : state.intent.quantities) {
    if (!quantity.is_mass() || !state.roles.weight_has_unit) continue;
    AddBounds(state, state.roles.weight, state.roles.grams_per_weight, quantity.grams,
              state.knowledge ? &state.knowledge->grams : nullptr, &all);
  }
  for (const auto& [field, values] : state.intent.excluded)
    all.must_not.push_back(FacetQuery(state, field, values, 1));
  for (const std::string& word : state.intent.excluded_words)
    all.must_not.push_back(RefusedTitle(state, word));
  if (!state.refused_ids.empty()) all.must_not.push_back(search::MakeQuery(search::Ids{state.refused_ids}));
  if (all.filter.empty() && all.must_not.empty()) return nullptr;
  return search::MakeQuery(std::move(all));
}

// Facet values for the season and the use that the question implies. A season is added in one language only;
// otherwise it would count twice in a catalogue that has it in two languages.
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

// The question without what it refuses, because that must not be searched for.
const std::string& WantedText(const AskState& state) {
  return state.intent.wanted_text.empty() ? state.call.question : state.intent.wanted_text;
}

QueryPtr LexicalQuery(const AskState& state) {
  const RetrieveOptions& options = state.options.retrieve;
  const language::QueryIntent& intent = state.intent;
  search::Bool any;
  const std::string words =
      intent.keywords.empty() && intent.facets.empty() ? WantedText(state) : Joined(intent.keywords);
  if (!words.empty()) any.should.push_back(WordsQuery(state.roles, words, options, 1));
  for (const std::string& word : intent.expansions)
    any.should.push_back(WordsQuery(state.roles, word, options, options.expansion_boost));
  for (const auto& [field, values] : intent.facets)
    any.should.push_back(FacetQuery(state, field, values, options.facet_boost));
  if (!state.named_ids.empty()) {
    auto named = search::MakeQuery(search::Ids{state.named_ids});
    any.should.push_back(search::MakeQuery(search::ConstantScore{std::move(named)}, options.named_id_boost));
  }
  for (const auto& [field, values] : HintValues(state))
    any.should.push_back(FacetQuery(state, field, values, options.hint_boost));
  any.minimum_should_match = "1";
  return search::MakeQuery(std::move(any));
}

// Returns recommendations as record ids with scores, best first. They are popular items if the person is
// unknown or the question asks for popular items, otherwise the items that the person would get without a
// question. Empty on any failure, because the lexical and vector lists suffice for an answer.
std::vector<std::pair<std::string, float>> RecommendedCandidates(AskState* state, size_t count,
                                                                 const Deadline& deadline) {
  std::vector<std::pair<std::string, float>> out;
  if (!state->binding) return out;
  const bool nobody = state->call.user_id.empty() && state->call.session_id.empty();
  recommend::RecommendRequest request;
  request.serving.group = state->binding->group;
  if (nobody || state->intent.sort == language::QueryIntent::Sort::kPopular)
    request.serving.recipe = recommend::Recipe::kPopularityCount;
  request.user_id = state->call.user_id;
  request.session_id = state->call.session_id;
  request.context = state->call.context;
  request.count = count;
  // No explanation for a person here: PersonaliseCandidates later ranks and explains the candidates of known
  // people.
  request.explain = nobody;
  request.shares = false;
  auto recommended = state->deps.recommender.Recommend(request, deadline);
  if (!recommended.ok()) return out;
  std::vector<std::string> item_ids;
  item_ids.reserve(recommended->items.size());
  for (const auto& item : recommended->items) item_ids.push_back(item.item_id);
  std::vector<std::optional<std::string>> ids(item_ids.begin(), item_ids.end());
  if (!state->binding->item_id_field.empty()) {
    auto known = state->deps.records.RecordIds(state->call.collection->id, item_ids);
    if (!known.ok()) return out;
    ids = std::move(*known);
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!ids[i]) continue;
    recommend::RecommendedItem& item = recommended->items[i];
    std::erase_if(item.because, [](const recommend::Cause& cause) { return cause.amount <= 0; });
    if (nobody) state->recommendation_causes.emplace(*ids[i], std::move(item.because));
    // Items with score 0 get scores just above 0, which keep them in the list and in order.
    const float in_order = kLeastScore * static_cast<float>(ids.size() - i);
    out.emplace_back(std::move(*ids[i]), std::max(static_cast<float>(item.score), in_order));
  }
  return out;
}

// Returns the newest products, newest first. Empty if the catalogue has no date field.
std::vector<std::pair<std::string, float>> NewestCandidates(const AskState& state,
                                                            const index::IndexReaderPtr& reader,
                                                            const Deadline& deadline) {
  std::vector<std::pair<std::string, float>> out;
  const std::string created = state.knowledge ? state.knowledge->roles.created : "";
  if (created.empty()) return out;
  search::Exists dated;
  dated.field = created;
  search::Bool all;
  all.filter.push_back(search::MakeQuery(std::move(dated)));
  if (QueryPtr hard = HardFilter(state); hard != nullptr) all.filter.push_back(std::move(hard));
  search::SearchRequest request;
  request.query = search::MakeQuery(std::move(all));
  request.size = state.options.retrieve.supplementary_size;
  request.sort.emplace_back().field = created;
  request.sort.back().descending = true;
  const auto found =
      state.deps.searcher.Search({{state.call.collection, reader, nullptr}}, request, deadline);
  if (!found.ok()) return out;
  for (const search::Hit& hit : found->hits)
    out.emplace_back(hit.id, static_cast<float>(found->hits.size() - out.size()));
  return out;
}

// Whether recommendations can answer the question: it is open, asks for an outfit, or browses within the
// facet values that it names. They do not help with a question about specific products.
bool WantsRecommendations(const language::QueryIntent& intent, const RetrieveOptions& options) {
  return intent.open || intent.outfit ||
         (intent.specificity < options.browsing_specificity && !intent.facets.empty());
}

// As ByNumber, for a field that the index holds as text: by the numbers that Knowledge has read from it.
QueryPtr ByKnownNumber(const AskState& state, const std::vector<double>& numbers, bool low_first) {
  std::vector<std::pair<double, const std::string*>> order;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (!std::isnan(numbers[i])) order.emplace_back(numbers[i], &state.knowledge->ids[i]);
  }
  std::stable_sort(order.begin(), order.end(), [low_first](const auto& a, const auto& b) {
    return low_first ? a.first < b.first : a.first > b.first;
  });
  if (order.empty()) return nullptr;
  search::ScoredIds ids;
  ids.label = "number";
  for (const auto& [number, id] : order)
    ids.ids.emplace_back(*id, static_cast<float>(order.size() - ids.ids.size()));
  search::Bool all;
  all.must.push_back(search::MakeQuery(std::move(ids)));
  for (const auto& [name, values] : state.intent.facets)
    all.filter.push_back(FacetQuery(state, name, values, 1));
  return search::MakeQuery(std::move(all));
}

// Finds every product with the named facet values, ordered by the number that a superlative ("the cheapest")
// refers to. Needed because the lexical and vector lists are truncated: the cheapest of several hundred
// products may be missing from both. Returns nullptr if the superlative refers to no number in this
// catalogue.
QueryPtr ByNumber(const AskState& state) {
  using Sort = language::QueryIntent::Sort;
  const catalogue::Roles& roles = state.knowledge->roles;
  const Sort sort = state.intent.sort;
  const std::string& field = sort == Sort::kLightest ? roles.weight : roles.price;
  const bool priced = sort == Sort::kPriceAsc || sort == Sort::kPriceDesc;
  if (field.empty() || (!priced && sort != Sort::kLightest)) return nullptr;
  const catalogue::Field* mapped = state.call.collection->mapping.Find(field);
  if (mapped == nullptr || !catalogue::IsNumeric(mapped->type))
    return ByKnownNumber(state, priced ? state.knowledge->prices : state.knowledge->grams,
                         sort != Sort::kPriceDesc);
  search::Bool all;
  for (const auto& [name, values] : state.intent.facets)
    all.filter.push_back(FacetQuery(state, name, values, 1));
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

// The query for the supplementary list. The list contains products ordered by the number that a superlative
// refers to; if the question has no such superlative, the newest products if it asks for them; if there are
// none, recommendations if `recommend` is set. All of them have the named facet values, unless the question
// asks for an outfit. Returns nullptr if there is nothing to put in the list.
QueryPtr SupplementaryQuery(AskState* state, bool recommend, const index::IndexReaderPtr& reader,
                            const Deadline& deadline) {
  const language::QueryIntent& intent = state->intent;
  if (state->knowledge && intent.superlative && (intent.open || !intent.facets.empty())) {
    if (QueryPtr by_number = ByNumber(*state); by_number != nullptr) return by_number;
  }
  const bool some_of_many = intent.open || !intent.facets.empty();
  search::ScoredIds own;
  own.label = "own";
  if (intent.open && intent.sort == language::QueryIntent::Sort::kNewest)
    own.ids = NewestCandidates(*state, reader, deadline);
  if (recommend && own.ids.empty())
    own.ids = RecommendedCandidates(
        state, some_of_many ? limits::kMaxResults : state->options.retrieve.supplementary_size, deadline);
  if (own.ids.empty()) return nullptr;
  QueryPtr all = search::MakeQuery(std::move(own));
  if (intent.facets.empty() || intent.outfit) return all;
  search::Bool carrying;
  carrying.must.push_back(std::move(all));
  for (const auto& [field, values] : intent.facets)
    carrying.filter.push_back(FacetQuery(*state, field, values, 1));
  return search::MakeQuery(std::move(carrying));
}

QueryPtr VectorQuery(const AskState& state) {
  if (!state.knowledge) return search::MakeQuery(search::MatchNone{"no vectors"});
  const std::string meaning = WantedText(state) + " " + Joined(state.intent.keywords);
  search::ScoredIds near{state.knowledge->Nearest(meaning, state.options.retrieve.list_size), "vector"};
  return near.ids.empty() ? search::MakeQuery(search::MatchNone{"no vectors"})
                          : search::MakeQuery(std::move(near));
}

Status SearchLists(AskState* state, bool recommend, const Deadline& deadline) {
  const auto index = state->deps.indexes.Get(state->call.collection->id);
  if (index == nullptr)
    return Error(ErrorCode::kNotFound, "the index was deleted").Where(state->call.collection->name);
  const index::IndexReaderPtr reader = index->reader();
  const QueryPtr supplementary = SupplementaryQuery(state, recommend, reader, deadline);
  search::Hybrid hybrid;
  hybrid.filter = HardFilter(*state);
  const QueryPtr nothing = search::MakeQuery(search::MatchNone{"nothing is named"});
  if (state->intent.open) {
    // The words of an open question are not searched for: they name no product and would only find records
    // that happen to contain them. Every record that passes the filter is a hit if there is no supplementary
    // list, or if there is a filter, because it may remove most products from the supplementary list.
    hybrid.queries.push_back(hybrid.filter || !supplementary ? search::MakeQuery(search::MatchAll{})
                                                             : nothing);
    hybrid.queries.push_back(nothing);
  } else {
    hybrid.queries.push_back(LexicalQuery(*state));
    hybrid.queries.push_back(VectorQuery(*state));
  }
  hybrid.queries.push_back(supplementary ? supplementary : nothing);
  hybrid.pagination_depth = state->options.retrieve.list_size;
  search::SearchRequest request;
  request.query = search::MakeQuery(std::move(hybrid));
  request.size = state->options.retrieve.list_size;
  TRINE_ASSIGN(auto result,
               state->deps.searcher.Search({{state->call.collection, reader, nullptr}}, request, deadline));
  state->lists = std::move(result.lists);
  TRINE_CHECK_EQ(state->lists.size(), kListCount);
  if (state->knowledge && state->knowledge->without_vectors)
    state->note = "without item vectors, which do not fit into memory";
  if (!reader->damage().empty()) state->note = reader->damage() + "; its products are left out";
  if (result.timed_out) state->note = "stopped at the deadline; the hits are incomplete";
  return Ok();
}

}  // namespace

Status Retrieve(AskState* state, const Deadline& deadline) {
  TRINE_TRY(deadline.Check("retrieving"));
  const bool recommend = WantsRecommendations(state->intent, state->options.retrieve);
  TRINE_TRY(SearchLists(state, recommend, deadline));
  // If nothing matches a browsing question, recommendations are better than an empty answer.
  const bool nothing = state->lists[kLexicalList].empty() && state->lists[kVectorList].empty();
  if (nothing && !recommend && state->intent.specificity < state->options.retrieve.browsing_specificity)
    return SearchLists(state, true, deadline);
  return Ok();
}

}  // namespace trine::formation
