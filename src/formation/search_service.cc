#include "formation/search_service.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>

#include "base/check.h"
#include "base/limits.h"
#include "base/nearest_name.h"
#include "base/text.h"
#include "formation/rerank.h"

namespace trine::formation {
namespace {

using search::Hit;

// The state of one search, from request to answer. Not thread-safe.
struct SearchState {
  const SearchCall& call;
  const Deadline& deadline;
  std::shared_ptr<const SearchPipeline> pipeline;
  std::vector<search::Target> targets;  // their readers keep the records of the hits
  std::vector<RankedHit> hits;          // all hits found so far, best first
  SearchAnswer answer;
};

search::Fusion DefaultFusion() { return search::Fusion{}; }

std::string IdText(const format::Json* value) {
  if (value == nullptr || value->is_null() || value->is_array() || value->is_object()) return "";
  return value->is_string() ? value->string() : format::ToString(*value);
}

// Text that says that none of the collections has the field, with the nearest name; empty if one has it.
std::string UnknownFieldHint(const std::string& path,
                             const std::vector<catalogue::CollectionPtr>& collections) {
  std::vector<std::string> names;
  for (const auto& collection : collections) {
    if (collection->mapping.Find(path) != nullptr) return "";
    for (const auto& [name, field] : collection->mapping.Leaves()) names.push_back(name);
  }
  return "; the field " + path + " does not exist" + NearestNameHint(path, names);
}

// Reads the records of the hits that have none; damaged ones stay without.
Status ReadRecords(const catalogue::RecordStore& store, std::vector<RankedHit>* hits,
                   catalogue::AnswerRoom* room) {
  std::unordered_map<CollectionId, std::vector<size_t>> by_collection;
  for (size_t i = 0; i < hits->size(); ++i) {
    if (!(*hits)[i].record) by_collection[(*hits)[i].collection->id].push_back(i);
  }
  for (const auto& [collection, places] : by_collection) {
    std::vector<SeqNo> seq_nos;
    seq_nos.reserve(places.size());
    for (size_t i : places) seq_nos.push_back((*hits)[i].hit.seq_no);
    TRINE_ASSIGN(auto records, catalogue::MultiGetWithin(store, collection, seq_nos, room));
    TRINE_CHECK_EQ(records.size(), places.size());
    for (size_t i = 0; i < places.size(); ++i) (*hits)[places[i]].record = std::move(records[i]);
  }
  return Ok();
}

void AddFailure(const catalogue::CollectionPtr& collection, const std::string& what,
                std::vector<PartFailure>* failures) {
  const auto known = std::ranges::find(*failures, collection, &PartFailure::collection);
  if (known == failures->end()) return failures->push_back({collection, what});
  known->what += "; " + what;
}

// The steps of a search; SearchService::Search calls them in order.
class SearchSteps {
 public:
  explicit SearchSteps(const SearchDependencies& deps) : deps_(deps) {}

  // Chooses the request's pipeline, else the default pipeline that all collections share.
  Status ChoosePipeline(SearchState* state) const {
    const SearchCall& call = state->call;
    if (call.inline_pipeline) {
      state->pipeline = call.inline_pipeline;
      return Ok();
    }
    std::string name;
    if (call.pipeline) {
      name = *call.pipeline;
    } else if (!call.collections.empty()) {
      name = call.collections.front()->settings.default_search_pipeline;
      for (const auto& c : call.collections) {
        if (c->settings.default_search_pipeline != name) name.clear();
      }
    }
    if (name.empty()) return Ok();
    state->pipeline = deps_.pipelines.Get(name);
    if (state->pipeline) return Ok();
    TRINE_TRY(deps_.pipelines.Readable(name));
    return Error(ErrorCode::kUnknownPipeline, "there is no search pipeline of this name").Where(name);
  }

  // The number of hits to retrieve so that every re-ranker sees its whole window; 0: the page is enough.
  static size_t RerankWindow(const SearchState& state) {
    size_t window = 0;
    if (state.pipeline) {
      for (const PersonalRerank& r : state.pipeline->reranks)
        window = std::max(window, r.weight > 0 ? r.window : 0);
    }
    return window;
  }

  Status Retrieve(SearchState* state) const {
    const SearchCall& call = state->call;
    std::vector<search::Target>& targets = state->targets;
    for (size_t i = 0; i < call.collections.size(); ++i) {
      const auto index = deps_.indexes.Get(call.collections[i]->id);
      if (index == nullptr) continue;  // dropped since the caller resolved its name
      targets.push_back({call.collections[i], index->reader(),
                         call.alias_filters.empty() ? nullptr : call.alias_filters[i]});
    }
    search::SearchRequest request = call.request;
    const size_t window = RerankWindow(*state);
    if (window > 0) {
      request.size = std::max(request.from + request.size, window);
      request.from = 0;
    }
    TRINE_ASSIGN(auto found, deps_.searcher.Search(targets, request, state->deadline));
    SearchAnswer& answer = state->answer;
    answer.total = found.total;
    answer.total_is_lower_bound = found.total_is_lower_bound;
    answer.max_score = found.max_score;
    answer.timed_out = found.timed_out;
    answer.terminated_early = found.terminated_early;
    answer.plan = std::move(found.plan);
    answer.failures = FailuresOf(targets);
    if (found.hybrid) TRINE_TRY(FuseLists(state, &found));
    for (size_t i = 0; i < found.hits.size(); ++i)
      state->hits.push_back(MakeRankedHit(*state, targets, std::move(found.hits[i]), found.hybrid, i));
    return Ok();
  }

  static Status FuseLists(SearchState* state, search::SearchResult* found) {
    const bool has_own = state->pipeline && state->pipeline->fusion;
    TRINE_ASSIGN(found->hits,
                 search::Fuse(has_own ? *state->pipeline->fusion : DefaultFusion(), found->lists));
    const search::SearchRequest& request = state->call.request;
    if (request.from > found->hits.size() && !found->hits.empty()) {
      return Error(ErrorCode::kFusionPage, "the page lies beyond the fused results");
    }
    if (request.min_score) {
      std::erase_if(found->hits, [&](const Hit& hit) { return hit.score < *request.min_score; });
      state->answer.total = found->hits.size();
      state->answer.total_is_lower_bound = false;
    }
    float best = 0;
    for (const Hit& hit : found->hits) best = std::max(best, hit.score);
    if (request.size > 0) state->answer.max_score = best;
    if (!request.sort.empty()) TRINE_TRY(SortFused(state, &found->hits));
    return Ok();
  }

  // Sorts fused hits by the sort values that the searcher left in them. Their scores then become NaN, like
  // the score of any hit that is sorted by a field.
  static Status SortFused(SearchState* state, std::vector<Hit>* hits) {
    const auto& keys = state->call.request.sort;
    const bool by_score = keys.size() == 1 && keys[0].by == search::SortKey::By::kScore;
    if (by_score) {
      for (Hit& hit : *hits) hit.sort = {format::Json(static_cast<double>(hit.score))};
      if (!keys[0].descending)
        std::stable_sort(hits->begin(), hits->end(),
                         [](const Hit& a, const Hit& b) { return a.score < b.score; });
      return Ok();
    }
    std::stable_sort(hits->begin(), hits->end(), [&](const Hit& a, const Hit& b) {
      for (size_t i = 0; i < keys.size() && i < a.sort.size() && i < b.sort.size(); ++i) {
        const int order = search::CompareSortValues(a.sort[i], b.sort[i], keys[i].descending);
        if (order != 0) return order < 0;
      }
      return false;
    });
    for (Hit& hit : *hits) hit.score = std::numeric_limits<float>::quiet_NaN();
    state->answer.max_score.reset();
    return Ok();
  }

  static RankedHit MakeRankedHit(const SearchState& state, const std::vector<search::Target>& targets,
                                 Hit hit, bool hybrid, size_t position) {
    RankedHit found;
    TRINE_DCHECK_LT(hit.target, targets.size());
    found.collection = targets[hit.target].collection;
    const uint32_t rank = static_cast<uint32_t>(position + 1);
    if (state.call.ledger) {
      for (const Hit::Clause& clause : hit.clauses)
        found.ledger.clauses.push_back({clause.rank, clause.score});
      if (!hybrid) found.ledger.clauses.push_back({rank, hit.score});
      if (hybrid) found.ledger.fused = RankAndScore{rank, hit.score};
    }
    found.hit = std::move(hit);
    return found;
  }

  // Re-ranks for the person as the pipeline defines. A failure that the pipeline ignores becomes a note.
  Status Personalise(SearchState* state) const {
    if (!state->pipeline) return Ok();
    for (const PersonalRerank& rerank : state->pipeline->reranks) {
      Status done = Rerank(rerank, state);
      if (done.ok()) continue;
      if (!rerank.ignore_failure) return done;
      state->answer.notes.push_back("personal re-ranking was skipped: " + done.error().ToString());
    }
    return Ok();
  }

  Status Rerank(const PersonalRerank& rerank, SearchState* state) const {
    if (state->hits.empty())
      return Ok();  // even without a user id, as in the Personalize search plugin of OpenSearch
    const auto& person = state->call.person;
    if (!person || IsBlank(person->user_id)) {
      return Error(ErrorCode::kMissingUserId, "personal re-ranking requires a user_id").Where("user_id");
    }
    if (rerank.weight == 0) return Ok();
    const size_t count = std::min(
        {state->hits.size(), rerank.window > 0 ? rerank.window : state->hits.size(), limits::kMaxResults});
    TRINE_ASSIGN(const std::vector<std::string> ids, ItemIds(rerank, state, count));
    recommend::RankRequest request;
    auto served = ServedLookup(deps_.resources).Campaign(rerank.campaign);
    if (!served.ok()) return served.error();
    request.serving = *served;
    request.user_id = person->user_id;
    request.context = person->context;
    for (const std::string& id : ids) {
      if (!id.empty()) request.items.push_back(id);
    }
    if (request.items.empty()) {
      return Error(ErrorCode::kMissingItemIds, "no hit has an item id to rank by")
          .Where(rerank.item_id_field)
          .Detail("hint", UnknownFieldHint(rerank.item_id_field, state->call.collections));
    }
    TRINE_ASSIGN(const auto ranking, deps_.recommender.Rank(request, state->deadline));
    if (!ranking.note.empty()) state->answer.notes.push_back(ranking.note);
    Apply(rerank.weight, ids, ranking, state);
    return Ok();
  }

  // The item id of each of the first `count` hits; empty for a hit that has none.
  Result<std::vector<std::string>> ItemIds(const PersonalRerank& rerank, SearchState* state,
                                           size_t count) const {
    TRINE_CHECK_LE(count, state->hits.size());
    std::vector<std::string> ids(count);
    if (rerank.item_id_field.empty()) {
      for (size_t i = 0; i < count; ++i) ids[i] = state->hits[i].hit.id;
      return ids;
    }
    std::vector<RankedHit> head(std::make_move_iterator(state->hits.begin()),
                                std::make_move_iterator(state->hits.begin() + static_cast<ptrdiff_t>(count)));
    catalogue::AnswerRoom room(deps_.memory);
    const Status fetched = ReadRecords(deps_.records, &head, &room);
    for (size_t i = 0; i < count; ++i) {
      if (head[i].record) {
        const auto source = format::ParseJson(head[i].record->source);
        if (source.ok()) ids[i] = IdText(source->FindPath(rerank.item_id_field));
      }
      state->hits[i] = std::move(head[i]);
    }
    if (!fetched.ok()) return Error(fetched.error());
    return ids;
  }

  static void Apply(double weight, const std::vector<std::string>& ids,
                    const recommend::Recommendation& ranking, SearchState* state) {
    std::unordered_map<std::string_view, size_t> place;
    for (size_t i = 0; i < ranking.items.size(); ++i) place.emplace(ranking.items[i].item_id, i);
    // A rank of 0 adds no personal term to the score. It stays 0 for hits beyond the window.
    std::vector<uint32_t> ranks(state->hits.size(), 0);
    for (size_t i = 0; i < ids.size(); ++i) {
      const auto it = ids[i].empty() ? place.end() : place.find(ids[i]);
      if (it == place.end()) continue;
      ranks[i] = static_cast<uint32_t>(it->second + 1);
      if (!state->call.ledger) continue;
      Ledger& ledger = state->hits[i].ledger;
      ledger.personal = RankAndScore{ranks[i], ranking.items[it->second].score};
      ledger.because = ranking.items[it->second].because;
    }
    const std::vector<float> scores = BlendRanks(weight, ranks);
    TRINE_CHECK_EQ(scores.size(), state->hits.size());
    std::vector<RankedHit> ordered;
    ordered.reserve(state->hits.size());
    float best = 0;
    for (size_t i : OrderByScore(scores)) {
      state->hits[i].hit.score = scores[i];
      best = std::max(best, scores[i]);
      ordered.push_back(std::move(state->hits[i]));
    }
    state->hits = std::move(ordered);
    state->answer.max_score = best;
  }

  void CutPage(SearchState* state) const {
    std::vector<RankedHit>& hits = state->hits;
    for (size_t i = 0; i < hits.size(); ++i)
      hits[i].ledger.final = {static_cast<uint32_t>(i + 1), hits[i].hit.score};
    // The searcher has already reduced the hits to the page, unless re-ranking or fusion needed more hits.
    const search::SearchRequest& request = state->call.request;
    const bool whole = RerankWindow(*state) > 0 ||
                       (request.query && std::holds_alternative<search::Hybrid>(request.query->node));
    const size_t from = whole ? std::min(request.from, hits.size()) : 0;
    const size_t end = std::min(hits.size(), from + request.size);
    TRINE_CHECK_LE(from, end);
    if (!whole) {
      for (RankedHit& hit : hits) hit.ledger.final.rank += static_cast<uint32_t>(request.from);
    }
    state->answer.hits.assign(std::make_move_iterator(hits.begin() + static_cast<ptrdiff_t>(from)),
                              std::make_move_iterator(hits.begin() + static_cast<ptrdiff_t>(end)));
  }

 private:
  const SearchDependencies& deps_;
};

Error NotActive(const recommend::Resource& resource) {
  return Error(ErrorCode::kNotActive,
               "\"" + resource.path + "\" is not active" +
                   (resource.failure_reason.empty() ? "" : ": " + resource.failure_reason))
      .Where(resource.path);
}

std::string TextOf(const format::Json& spec, const char* key) {
  const format::Json* value = spec.Find(key);
  return value != nullptr && value->is_string() ? value->string() : "";
}
double NumberOf(const format::Json& spec, const char* key, double otherwise) {
  const format::Json* value = spec.Find(key);
  return value != nullptr && value->is_number() ? value->number() : otherwise;
}

// The serving configuration of a campaign or recommender, read from its stored definition.
Result<recommend::ServingConfig> FromSpec(const recommend::Resource& owner, const format::Json& recipe_spec,
                                          const std::string& model) {
  const std::string word = TextOf(recipe_spec, "recipe");
  const auto& recipes = recommend::Recipes();
  const auto recipe = std::ranges::find(recipes, word, &recommend::RecipeInfo::name);
  if (recipe == recipes.end())
    return Error(ErrorCode::kCorrupt, "the stored definition has an unknown recipe")
        .Got(word)
        .Where(owner.path);
  recommend::ServingConfig served;
  served.group = owner.group;
  served.recipe = recipe->recipe;
  served.model = model;
  served.exploration_weight = NumberOf(owner.spec, "exploration_weight", 0);
  served.exploration_max_age_days = NumberOf(owner.spec, "exploration_item_age_cut_off", 30);
  return served;
}

}  // namespace

Result<recommend::ServingConfig> ServedLookup::Campaign(std::string_view path) const {
  using recommend::ResourceKind;
  const auto campaign = resources_.Get(ResourceKind::kCampaign, path);
  if (!campaign) {
    TRINE_TRY(resources_.Readable(ResourceKind::kCampaign, path));
    return Error(ErrorCode::kCampaignNotFound, "there is no campaign of that name").Where(std::string(path));
  }
  if (campaign->state != recommend::ResourceState::kActive) return NotActive(*campaign);
  const std::string version_path = TextOf(campaign->spec, "solution_version");
  if (version_path.empty())
    return Error(ErrorCode::kCorrupt, "the stored campaign has no solution version").Where(campaign->path);
  const auto version = resources_.Get(ResourceKind::kSolutionVersion, version_path);
  if (!version) {
    TRINE_TRY(resources_.Readable(ResourceKind::kSolutionVersion, version_path));
    return Error(ErrorCode::kCampaignNotFound, "the solution version of the campaign was deleted")
        .Where(campaign->path);
  }
  if (version->state != recommend::ResourceState::kActive) return NotActive(*version);
  return FromSpec(*campaign, version->spec, TextOf(version->spec, "model"));
}

Result<recommend::ServingConfig> ServedLookup::Recommender(std::string_view path) const {
  const auto recommender = resources_.Get(recommend::ResourceKind::kRecommender, path);
  if (!recommender) {
    TRINE_TRY(resources_.Readable(recommend::ResourceKind::kRecommender, path));
    return Error(ErrorCode::kNotFound, "there is no recommender of that name").Where(std::string(path));
  }
  if (recommender->state != recommend::ResourceState::kActive) return NotActive(*recommender);
  return FromSpec(*recommender, recommender->spec, TextOf(recommender->spec, "model"));
}

std::vector<PartFailure> FailuresOf(const std::vector<search::Target>& targets) {
  std::vector<PartFailure> failures;
  for (const search::Target& target : targets) {
    if (target.reader->damage().empty()) continue;
    AddFailure(target.collection, target.reader->damage() + "; its documents are missing in this answer",
               &failures);
  }
  return failures;
}

Status FetchRecords(const catalogue::RecordStore& records, SearchAnswer* answer) {
  constexpr size_t kMostNamed = 10;
  TRINE_TRY(ReadRecords(records, &answer->hits, &answer->room));
  struct Unread {
    catalogue::CollectionPtr collection;
    std::vector<std::string> ids;
  };
  std::map<CollectionId, Unread> unread;
  for (const RankedHit& hit : answer->hits) {
    if (hit.record) continue;
    Unread& of = unread[hit.collection->id];
    of.collection = hit.collection;
    of.ids.push_back(hit.hit.id);
  }
  if (unread.empty()) return Ok();
  std::erase_if(answer->hits, [](const RankedHit& hit) { return !hit.record; });
  for (const auto& [id, of] : unread) {
    std::string what = "the records of " + std::to_string(of.ids.size()) + " hits cannot be read: ";
    for (size_t i = 0; i < std::min(of.ids.size(), kMostNamed); ++i)
      what += (i == 0 ? "\"" : ", \"") + of.ids[i] + "\"";
    if (of.ids.size() > kMostNamed) what += " and more";
    AddFailure(of.collection, what, &answer->failures);
  }
  return Ok();
}

SearchService::SearchService(const SearchDependencies& deps)
    : deps_(deps),
      search_seconds_(deps.metrics.GetHistogram("trine_search_seconds", "Duration of searches in seconds.")) {
}

Result<SearchAnswer> SearchService::Search(const SearchCall& call, const Deadline& deadline) const {
  TRINE_CHECK(call.alias_filters.empty() || call.alias_filters.size() == call.collections.size());
  const int64_t start = deps_.clock.MonotonicNanos();
  const SearchSteps steps(deps_);
  SearchState state{call, deadline, nullptr, {}, {}, SearchAnswer()};
  TRINE_TRY(steps.ChoosePipeline(&state));
  TRINE_TRY(steps.Retrieve(&state));
  TRINE_TRY(steps.Personalise(&state));
  steps.CutPage(&state);
  state.answer.room = catalogue::AnswerRoom(deps_.memory);
  if (call.fetch_records) TRINE_TRY(FetchRecords(deps_.records, &state.answer));
  search_seconds_.Observe(static_cast<double>(deps_.clock.MonotonicNanos() - start) * 1e-9);
  return std::move(state.answer);
}

}  // namespace trine::formation
