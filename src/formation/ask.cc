#include "formation/ask.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>
#include <numeric>
#include <set>

#include "analysis/locale/korean.h"
#include "base/hash.h"
#include "formation/ask_stages.h"
#include "formation/intent_matcher.h"

namespace trine::formation {
namespace {

constexpr int64_t kBuildMillis = 120'000;   // reading a catalogue's words and training its embedder
constexpr int64_t kFirstWaitMillis = 1000;  // that a question waits for its collection's first words
constexpr int64_t kPinMillis = 25'000;      // within a request's own deadline
constexpr std::string_view kPinnedFile = "embedder-pinned";
constexpr size_t kMostItems = 100;

// One collection's knowledge as it is being kept.
struct CollectionKnowledge {
  std::shared_ptr<const Knowledge> knowledge;
  bool building = false;
};

double Millisecs(int64_t nanos) { return static_cast<double>(nanos) * 1e-6; }

// Runs one stage and notes how it went; a stage that fails is left out.
class StageClock {
 public:
  StageClock(const Clock& clock, std::vector<Stage>* stages) : clock_(clock), stages_(stages) {}
  template <typename Work>
  bool Run(const char* name, AskState* state, Work work) {
    const int64_t start = clock_.MonotonicNanos();
    state->note.clear();
    const Status done = work();
    Stage stage{name, Millisecs(clock_.MonotonicNanos() - start), Stage::State::kOk, state->note};
    if (!done.ok()) {
      const Error& error = done.error();
      stage.state = error.code == ErrorCode::kStageSkipped ? Stage::State::kSkipped
                    : error.kind() == ErrorKind::kTimeout  ? Stage::State::kTimeout
                                                           : Stage::State::kFailed;
      stage.why = error.message;
    }
    stages_->push_back(std::move(stage));
    return done.ok();
  }

 private:
  const Clock& clock_;
  std::vector<Stage>* stages_;
};

std::vector<std::pair<std::string, std::string>> AttributesOf(const FieldRoles& roles,
                                                              const format::Json& source) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& field : roles.facets) {
    for (std::string& value : TextsAt(source, field)) out.emplace_back(field, std::move(value));
  }
  for (const std::string& field : {roles.price, roles.weight}) {
    if (field.empty()) continue;
    for (std::string& value : TextsAt(source, field)) out.emplace_back(field, std::move(value));
  }
  return out;
}

// The person's own words that an item carries, as a cause.
std::optional<language::ReasonCause> QueryCause(const IntentMatcher& matcher, const Candidate& candidate) {
  std::string matched;
  for (const std::string& word : matcher.MatchedWords(candidate.source))
    matched += (matched.empty() ? "" : ", ") + word;
  if (matched.empty()) return std::nullopt;
  language::ReasonCause cause;
  cause.kind = language::ReasonCause::Kind::kQuery;
  cause.amount = candidate.scores.base;
  cause.value = matched;
  return cause;
}

// What does not fit stays while it is close: beside what fits, to a perfect match; alone, to the best there
// is.
constexpr double kNearLeast = 0.45;
void DropDistant(std::vector<Candidate>* candidates) {
  double best = 0;
  for (const Candidate& c : *candidates) best = std::max(best, c.matches ? 1.0 : c.scores.search);
  std::erase_if(*candidates,
                [&](const Candidate& c) { return !c.matches && c.scores.search < kNearLeast * best; });
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

// The style that the person's garments lean to: the value of a style field whose best pieces have the most
// personal weight together. Empty when the catalogue knows no styles.
std::pair<std::string, std::string> LeaningStyle(const std::vector<Candidate>& candidates,
                                                 const FieldRoles& roles) {
  constexpr size_t kPieces = 8;  // of one style that are looked at
  std::string field;
  for (const std::string& facet : roles.facets) {
    const std::string folded = analysis::Fold(facet);
    if (field.empty() &&
        (folded.find("style") != std::string::npos || folded.find("스타일") != std::string::npos))
      field = facet;
  }
  if (field.empty()) return {};
  std::map<std::string, std::vector<double>> by_style;
  for (const Candidate& c : candidates) {
    for (std::string& style : TextsAt(c.source, field)) by_style[std::move(style)].push_back(c.scores.taste);
  }
  std::pair<std::string, std::string> best;
  double most = 0;
  for (auto& [style, weights] : by_style) {
    std::sort(weights.rbegin(), weights.rend());
    weights.resize(std::min(weights.size(), kPieces));
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    if (sum > most) {
      most = sum;
      best = {field, style};
    }
  }
  return best;
}

// What goes together: a piece of each kind, best first, in one style where there is one; then the rest.
// The kind is the value of the first facet that the question's outfit named.
std::vector<Candidate> PickOutfit(std::vector<Candidate> candidates, const language::QueryIntent& intent,
                                  const FieldRoles& roles, size_t size) {
  if (!intent.outfit || intent.facets.empty()) return candidates;
  const std::string& field = intent.facets.front().first;
  const auto [style_field, style] = LeaningStyle(candidates, roles);
  const auto in_style = [&field = style_field, &wanted = style](const Candidate& c) {
    if (wanted.empty()) return true;
    const auto styles = TextsAt(c.source, field);
    return std::find(styles.begin(), styles.end(), wanted) != styles.end();
  };
  std::stable_partition(candidates.begin(), candidates.end(), in_style);
  std::set<std::string> taken;
  std::vector<Candidate> head, rest;
  for (Candidate& c : candidates) {
    const auto kinds = TextsAt(c.source, field);
    const std::string kind = kinds.empty() ? "" : kinds.front();
    const bool first_of_kind = head.size() < size && in_style(c) && taken.insert(kind).second;
    (first_of_kind ? head : rest).push_back(std::move(c));
  }
  head.insert(head.end(), std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
  return head;
}

class Service final : public AskService {
 public:
  explicit Service(AskDependencies deps)
      : deps_(deps),
        ask_seconds_(deps.metrics.GetHistogram("trine_ask_seconds", "Duration of questions in seconds.")),
        hash_embedder_(language::NewHashEmbedder(deps.analyzers, 1024)) {}

  // The table of contents of a question.
  Result<AskAnswer> Ask(const AskCall& call, const Deadline& outer) override {
    const int64_t start = deps_.clock.MonotonicNanos();
    const Deadline deadline = outer.Within(deps_.clock, call.deadline_ms);
    AskState state{call,
                   deps_,
                   WaitForKnowledge(call.collection, deadline),
                   deps_.catalogue.BindingOf(call.collection->name),
                   {},
                   {},
                   {},
                   0,
                   {},
                   {}};
    AskAnswer answer;
    StageClock stages(deps_.clock, &answer.stages);
    stages.Run("understand", &state, [&] { return formation::Understand(&state, deadline); });
    stages.Run("retrieve", &state, [&] { return Retrieve(&state, deadline); });
    stages.Run("fuse", &state, [&] { return FuseCandidates(&state, deadline); });
    stages.Run("personalise", &state, [&] { return PersonaliseCandidates(&state, deadline); });
    stages.Run("answer", &state, [&] { return BuildAnswer(&state, &answer, deadline); });
    answer.intent = std::move(state.intent);
    answer.weight = state.weight.value;
    answer.weight_why = state.weight.why;
    answer.recommendation_id = MakeRecommendationId(call);
    answer.took_ms = Millisecs(deps_.clock.MonotonicNanos() - start);
    ask_seconds_.Observe(answer.took_ms * 1e-3);
    return answer;
  }

  Result<language::QueryIntent> Understand(const std::string& question,
                                           const catalogue::CollectionPtr& collection,
                                           const std::string& language) override {
    AskCall call;
    call.question = question;
    call.collection = collection;
    call.language = language;
    AskState state{call, deps_, WaitForKnowledge(collection, {}), std::nullopt, {}, {}, {}, 0, {}, {}};
    TRINE_TRY(formation::Understand(&state, {}));
    return std::move(state.intent);
  }

  Result<std::vector<Reason>> Reasons(const std::string& user_id, const std::vector<std::string>& item_ids,
                                      const catalogue::CollectionPtr& collection, const std::string& question,
                                      const std::string& language, const Deadline& deadline) override {
    AskCall call;
    call.question = question;
    call.user_id = user_id;
    call.collection = collection;
    call.language = language;
    call.weight = 1;
    AskState state{call,
                   deps_,
                   WaitForKnowledge(collection, deadline),
                   deps_.catalogue.BindingOf(collection->name),
                   {},
                   {},
                   {},
                   0,
                   {},
                   {}};
    TRINE_TRY(formation::Understand(&state, deadline));
    const FieldRoles roles = state.knowledge ? state.knowledge->roles : RolesOf(collection->mapping);
    for (const std::string& id : item_ids) {
      auto record = state.binding ? deps_.records.GetItem(*state.binding, collection->id, id)
                                  : deps_.records.Get(collection->id, id);
      if (!record.ok()) return std::move(record).error();
      if (!*record) return Error(ErrorCode::kNotFound, "there is no such item in the index").Where(id);
      Candidate candidate;
      candidate.id = (*record)->id;
      candidate.item_id = id;
      if (auto source = format::ParseJson((*record)->source); source.ok())
        candidate.source = std::move(*source);
      candidate.record = std::move(*record);
      state.candidates.push_back(std::move(candidate));
    }
    // Without a question nobody spoke yet: the catalogue's language is spoken.
    if (question.empty() && language != "ko" && language != "en" && !state.candidates.empty())
      state.intent.language = analysis::DominantLanguage(TitleOf(roles, state.candidates.front().source, ""));
    const Status personal = PersonaliseCandidates(&state, deadline);
    if (!personal.ok() && personal.error().code != ErrorCode::kStageSkipped) return Error(personal.error());
    std::map<std::string, Reason> by_id;
    for (const Candidate& candidate : state.candidates)
      by_id[candidate.item_id] = Reason{candidate.item_id, ReasonText(state, candidate), candidate.because};
    std::vector<Reason> out;
    out.reserve(item_ids.size());
    for (const std::string& id : item_ids) out.push_back(by_id[id]);
    return out;
  }

  std::shared_ptr<const language::Embedder> EmbedderFor(const catalogue::CollectionPtr& collection) override {
    if (collection == nullptr) return PinnedEmbedder();
    const auto knowledge = CurrentKnowledge(collection);
    return knowledge && knowledge->embedder
               ? std::shared_ptr<const language::Embedder>(knowledge, knowledge->embedder.get())
               : hash_embedder_;
  }

  Status Prepare(const catalogue::CollectionPtr& collection, const Deadline& deadline) override {
    return BuildNow(collection, deadline);
  }

  void Warm() override {
    std::set<std::string> files;
    if (const auto listed = deps_.derived.List(); listed.ok()) files.insert(listed->begin(), listed->end());
    for (const auto& collection : deps_.catalogue.All()) {
      if (deps_.records.LiveCount(collection->id) == 0) continue;
      if (files.contains(VectorsFile(collection->id)) || deps_.catalogue.BindingOf(collection->name))
        static_cast<void>(CurrentKnowledge(collection));
    }
  }

 private:
  static std::string VectorsFile(CollectionId id) { return "vectors-" + std::to_string(id.value); }

  std::shared_ptr<const language::Embedder> PinnedEmbedder() {
    std::lock_guard lock(pinned_mutex_);
    if (pinned_) return pinned_;
    const auto file = deps_.models.Open(std::string(kPinnedFile));
    if (!file.ok() && file.error().kind() == ErrorKind::kNotFound) {
      const std::string bytes = TrainPinnedEmbedder();
      if (Status saved = storage::WriteFileAtomically(deps_.models, std::string(kPinnedFile), bytes);
          !saved.ok()) {
        deps_.log.Warning("the pinned embedder was not kept: " + saved.error().ToString());
        return hash_embedder_;
      }
      return pinned_ = OpenPinnedEmbedder(bytes);
    }
    if (!file.ok()) {
      deps_.log.Error("the pinned embedder cannot be read: " + file.error().ToString());
      return hash_embedder_;
    }
    return pinned_ = OpenPinnedEmbedder(std::string((*file)->bytes()));
  }

  // The trained embedder of the largest collection; empty bytes stand for the hash embedder.
  std::string TrainPinnedEmbedder() {
    catalogue::CollectionPtr largest;
    for (const auto& collection : deps_.catalogue.All()) {
      if (!largest || deps_.records.LiveCount(collection->id) > deps_.records.LiveCount(largest->id))
        largest = collection;
    }
    if (!largest) return "";
    const Status built = BuildNow(largest, Deadline::After(deps_.clock, kPinMillis));
    if (!built.ok()) return "";
    std::lock_guard lock(mutex_);
    const auto& knowledge = knowledge_[largest->id].knowledge;
    return knowledge ? knowledge->embedder_bytes : "";
  }

  std::shared_ptr<const language::Embedder> OpenPinnedEmbedder(std::string bytes) {
    if (bytes.empty()) return hash_embedder_;
    pinned_bytes_ = std::move(bytes);
    auto opened = language::OpenCatalogueEmbedder(deps_.analyzers, pinned_bytes_);
    if (opened.ok()) return std::move(*opened);
    deps_.log.Error("the pinned embedder is damaged; restore a backup, or delete models/" +
                    std::string(kPinnedFile) + " and embed again: " + opened.error().ToString());
    return hash_embedder_;
  }

  // The same, but the first questions of a collection wait a moment for it: a shop of some thousand
  // products is read in less, and an answer without its words is a poor one.
  std::shared_ptr<const Knowledge> WaitForKnowledge(const catalogue::CollectionPtr& collection,
                                                    const Deadline& deadline) {
    if (auto known = CurrentKnowledge(collection); known != nullptr) return known;
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::milliseconds(std::min(kFirstWaitMillis, deadline.MillisLeft() / 2));
    std::unique_lock lock(mutex_);
    build_finished_.wait_until(lock, until, [&] { return !knowledge_[collection->id].building; });
    const auto& knowledge = knowledge_[collection->id].knowledge;
    return knowledge && knowledge->vocabulary ? knowledge : nullptr;
  }

  // What is known now; asks for a build in the background when records changed since, never waits for it.
  std::shared_ptr<const Knowledge> CurrentKnowledge(const catalogue::CollectionPtr& collection) {
    std::lock_guard lock(mutex_);
    CollectionKnowledge& entry = knowledge_[collection->id];
    const bool fresh = entry.knowledge && entry.knowledge->vocabulary &&
                       entry.knowledge->end == deps_.records.NextSeqNo(collection->id);
    if (!fresh && !entry.building) {
      entry.building = true;
      const Status started =
          deps_.runner.Start("knowledge of " + collection->name, [this, collection](std::stop_token stop) {
            const Status built =
                BuildNow(collection, Deadline::After(deps_.clock, kBuildMillis, std::move(stop)));
            if (!built.ok())
              deps_.log.Warning("the words of index " + collection->name +
                                " could not be read: " + built.error().ToString());
            std::lock_guard done(mutex_);
            knowledge_[collection->id].building = false;
            build_finished_.notify_all();
          });
      if (!started.ok()) entry.building = false;
    }
    return entry.knowledge && entry.knowledge->vocabulary ? entry.knowledge : nullptr;
  }

  Status BuildNow(const catalogue::CollectionPtr& collection, const Deadline& deadline) {
    const std::string file = VectorsFile(collection->id);
    std::shared_ptr<const Knowledge> before;
    {
      std::lock_guard lock(mutex_);
      before = knowledge_[collection->id].knowledge;
    }
    if (before == nullptr) {
      auto loaded = LoadVectors(deps_.derived, file, deps_.analyzers);
      if (loaded.ok())
        before = *loaded;
      else if (loaded.error().kind() != ErrorKind::kNotFound)
        deps_.log.Warning(loaded.error().ToString());
    }
    // The mapping may have grown since the caller looked.
    const auto newest = deps_.catalogue.Get(collection->id);
    TRINE_ASSIGN(auto built, BuildKnowledge({deps_.analyzers, deps_.records}, newest ? newest : collection,
                                            before, deadline));
    if (before == nullptr || built->end != before->end) {
      if (Status saved = SaveVectors(deps_.derived, file, *built); !saved.ok())
        deps_.log.Warning("item vectors were not saved: " + saved.error().ToString());
    }
    std::lock_guard lock(mutex_);
    knowledge_[collection->id].knowledge = std::move(built);
    return Ok();
  }

  std::string ReasonText(const AskState& state, const Candidate& candidate) const {
    const FieldRoles roles =
        state.knowledge ? state.knowledge->roles : RolesOf(state.call.collection->mapping);
    const IntentMatcher matcher(state.intent, roles,
                                state.knowledge ? state.knowledge->vocabulary.get() : nullptr);
    auto causes = ReasonCauses({deps_, state.call.collection, state.binding, roles, state.intent.language},
                               candidate.source, candidate.because);
    if (auto query = QueryCause(matcher, candidate); query) causes.push_back(std::move(*query));
    return language::ComposeReason(causes, state.intent.language, deps_.clock.Now());
  }

  // The fifth stage: the page, its reasons, the answer.
  Status BuildAnswer(AskState* state, AskAnswer* answer, const Deadline& deadline) const {
    const size_t size = std::min(std::max<size_t>(state->call.size, 1), kMostItems);
    const FieldRoles roles =
        state->knowledge ? state->knowledge->roles : RolesOf(state->call.collection->mapping);
    DropDistant(&state->candidates);
    state->candidates = PickOutfit(std::move(state->candidates), state->intent, roles, size);
    std::vector<language::AnswerItem> items;
    for (Candidate& candidate : state->candidates) {
      if (answer->items.size() >= size) break;
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
      items.push_back({candidate.item_id, TitleOf(roles, candidate.source, state->intent.language),
                       AttributesOf(roles, candidate.source), item.reason, candidate.matches});
      item.record = std::move(*candidate.record);
      answer->items.push_back(std::move(item));
    }
    TRINE_TRY(deadline.Check("wording the answer"));
    answer->answer = language::ComposeAnswer(state->intent, items);
    return Ok();
  }

  std::string MakeRecommendationId(const AskCall& call) {
    const uint64_t number = question_count_.fetch_add(1) + 1;
    const uint64_t a = Hash64(call.question + call.user_id, static_cast<uint64_t>(deps_.clock.Now().value));
    const uint64_t b = Hash64(call.user_id, number ^ a);
    char text[48];
    std::snprintf(text, sizeof(text), "%08x-%04x-4%03x-8%03x-%012llx", static_cast<uint32_t>(a >> 32),
                  static_cast<uint32_t>(a >> 16) & 0xffff, static_cast<uint32_t>(a) & 0xfff,
                  static_cast<uint32_t>(b >> 48) & 0xfff,
                  static_cast<unsigned long long>(b & 0xffffffffffffULL));
    return text;
  }

  AskDependencies deps_;
  Histogram& ask_seconds_;
  std::shared_ptr<const language::Embedder> hash_embedder_;
  std::mutex pinned_mutex_;
  std::string pinned_bytes_;
  std::shared_ptr<const language::Embedder> pinned_;
  std::mutex mutex_;
  std::condition_variable build_finished_;
  std::map<CollectionId, CollectionKnowledge> knowledge_;
  std::atomic<uint64_t> question_count_{0};
};

}  // namespace

Result<std::unique_ptr<AskService>> NewAskService(AskDependencies deps) {
  return std::unique_ptr<AskService>(std::make_unique<Service>(deps));
}

}  // namespace trine::formation
