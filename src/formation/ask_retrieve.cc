// The first three stages of a question: understand, retrieve, fuse.
#include <algorithm>
#include <unordered_set>

#include "base/limits.h"
#include "formation/ask_stages.h"

namespace trine::formation {
namespace {

using search::QueryPtr;

constexpr size_t kListSize = 120;  // candidates of each list
constexpr float kTitleBoost = 3, kTextBoost = 1, kFacetFieldBoost = 2;
constexpr float kExpansionBoost = 0.35f;  // a word of the catalogue's instead of the asker's
constexpr float kFacetBoost = 4;          // a value that the question names
constexpr float kUseBoost = 1.5f;         // season and use that it implies
constexpr double kOutsideShare = 0.4;     // of the search score left to what is outside a named category
constexpr double kNamedShare = 0.5;       // search score of what only carries the named facets
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

// Price bounds are meant strictly; the caller's own filter too.
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
  if (all.filter.empty()) return nullptr;
  return search::MakeQuery(std::move(all));
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
  if (state.knowledge) {
    for (const std::string& hint : {intent.season, intent.use}) {
      if (hint.empty()) continue;
      for (const auto& value : state.knowledge->vocabulary->FindValues(analysis::Fold(hint)))
        any.should.push_back(
            FacetQuery(value.field, {value.value}, state.call.collection->mapping, kUseBoost));
    }
  }
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
  request.count = kListSize;
  request.explain = false;  // a later stage tells why
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

// Whether a record carries one of the values that the question named, field by field.
bool CarriesFacets(const format::Json& source, const language::Intent& intent) {
  for (const auto& [field, values] : intent.facets) {
    const auto texts = TextsAt(source, field);
    const bool any = std::any_of(values.begin(), values.end(), [&](const std::string& v) {
      return std::find(texts.begin(), texts.end(), v) != texts.end();
    });
    if (!any) return false;
  }
  return true;
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
  const double in_year = days - 365.2425 * static_cast<int64_t>(days / 365.2425);
  constexpr const char* kSeasons[] = {"spring", "summer", "autumn", "winter"};
  return kSeasons[std::clamp(static_cast<int>(in_year / 91.3106), 0, 3)];
}

Status Understand(AskState* state, const Deadline& deadline) {
  TRINE_TRY(deadline.Check("understanding the question"));
  language::IntentOptions options;
  options.language = state->call.language;
  options.season_now = SeasonOf(state->parts.clock.Now());
  state->intent = language::ParseIntent(state->call.question,
                                        state->knowledge ? state->knowledge->vocabulary.get() : nullptr,
                                        state->parts.analyzers, options);
  if (!state->knowledge)
    state->note = "the catalogue's words are still being read; the question's own words were used";
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
  if (TakesPersonalCandidates(state->intent)) own.ids = PersonalCandidates(*state, deadline);
  hybrid.queries.push_back(own.ids.empty() ? search::MakeQuery(search::MatchNone{"no candidates"})
                                           : search::MakeQuery(std::move(own)));
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

Status FuseFound(AskState* state, const Deadline& deadline) {
  TRINE_TRY(deadline.Check("fusing"));
  if (state->lists.size() != 3) return Error(ErrorKind::kUnavailable, "nothing was retrieved");
  search::Fusion fusion;
  // From nothing, not from the worst hit: what all hits share must not be taken off them.
  fusion.lower_bounds.assign(3, search::Bound{search::Bound::Mode::kApply, 0});
  fusion.weights = {kLexicalWeight, kVectorWeight, 0};  // own candidates bring themselves, not a score
  TRINE_ASSIGN(const auto hits, search::Fuse(fusion, state->lists));
  for (const search::Hit& hit : hits) {
    if (state->found.size() >= 2 * kListSize) break;
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
  for (Found& found : state->found) {
    const bool named = !state->intent.facets.empty(),
               carries = named && CarriesFacets(found.source, state->intent);
    found.blend.search = found.fused.score * (named && !carries ? kOutsideShare : 1.0);
    // Of hundreds that carry what was named, the list holds the first; the person's own are as good.
    if (carries && found.lexical.rank == 0) found.blend.search = std::max(found.blend.search, kNamedShare);
    found.fused.score = found.blend.search;
  }
  std::stable_sort(state->found.begin(), state->found.end(),
                   [](const Found& a, const Found& b) { return a.fused.score > b.fused.score; });
  for (size_t i = 0; i < state->found.size(); ++i) state->found[i].fused.rank = static_cast<uint32_t>(i + 1);
  return Ok();
}

}  // namespace trine::formation
