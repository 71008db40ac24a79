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
#include "formation/fit.h"

namespace trine::formation {
namespace {

constexpr int64_t kBuildMillis = 120'000;   // reading a catalogue's words and training its embedder
constexpr int64_t kFirstWaitMillis = 1000;  // that a question waits for its collection's first words
constexpr int64_t kPinMillis = 25'000;      // within a request's own deadline
constexpr std::string_view kPinnedFile = "embedder-pinned";
constexpr size_t kMostItems = 100;

// One collection's knowledge as it is being kept.
struct Kept {
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
std::optional<language::ReasonCause> QueryCause(const Fit& fit, const Found& found) {
  std::string matched;
  for (const std::string& word : fit.SaidWords(found.source)) matched += (matched.empty() ? "" : ", ") + word;
  if (matched.empty()) return std::nullopt;
  language::ReasonCause cause;
  cause.kind = language::ReasonCause::Kind::kQuery;
  cause.amount = found.blend.base;
  cause.value = matched;
  return cause;
}

// What does not fit stays while it is close: beside what fits, to a perfect match; alone, to the best there
// is.
constexpr double kNearLeast = 0.45;
void DropFar(std::vector<Found>* found) {
  double best = 0;
  for (const Found& f : *found) best = std::max(best, f.fits ? 1.0 : f.blend.search);
  std::erase_if(*found, [&](const Found& f) { return !f.fits && f.blend.search < kNearLeast * best; });
}

std::vector<Move> MovesOf(const Found& found) {
  std::vector<Move> moves;
  const auto add = [&moves](Move::By by, double amount, std::vector<recommend::Cause> because) {
    if (amount != 0) moves.push_back({by, amount, std::move(because)});
  };
  const auto only = [&found](auto keep) {
    std::vector<recommend::Cause> out;
    std::copy_if(found.because.begin(), found.because.end(), std::back_inserter(out), keep);
    return out;
  };
  using Kind = recommend::Cause::Kind;
  const auto is_popularity = [](const recommend::Cause& c) {
    return c.kind == Kind::kPopularity || c.kind == Kind::kTrend;
  };
  add(Move::By::kSearch, found.blend.base, {});
  add(Move::By::kTaste, found.blend.taste,
      only([&](const recommend::Cause& c) { return !is_popularity(c) && c.kind != Kind::kExploration; }));
  add(Move::By::kPopularity, found.blend.popularity, only(is_popularity));
  add(Move::By::kExploration, found.blend.exploration,
      only([](const recommend::Cause& c) { return c.kind == Kind::kExploration; }));
  add(Move::By::kRule, found.blend.wish, {});
  return moves;
}

// The style that the person's garments lean to: the value of a style field whose best pieces have the most
// personal weight together. Empty when the catalogue knows no styles.
std::pair<std::string, std::string> LeaningStyle(const std::vector<Found>& found, const FieldRoles& roles) {
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
  for (const Found& f : found) {
    for (std::string& style : TextsAt(f.source, field)) by_style[std::move(style)].push_back(f.blend.taste);
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
std::vector<Found> PickOutfit(std::vector<Found> found, const language::QueryIntent& intent,
                              const FieldRoles& roles, size_t size) {
  if (!intent.outfit || intent.facets.empty()) return found;
  const std::string& field = intent.facets.front().first;
  const auto [style_field, style] = LeaningStyle(found, roles);
  const auto in_style = [&field = style_field, &wanted = style](const Found& f) {
    if (wanted.empty()) return true;
    const auto styles = TextsAt(f.source, field);
    return std::find(styles.begin(), styles.end(), wanted) != styles.end();
  };
  std::stable_partition(found.begin(), found.end(), in_style);
  std::set<std::string> taken;
  std::vector<Found> head, rest;
  for (Found& f : found) {
    const auto kinds = TextsAt(f.source, field);
    const std::string kind = kinds.empty() ? "" : kinds.front();
    const bool first_of_kind = head.size() < size && in_style(f) && taken.insert(kind).second;
    (first_of_kind ? head : rest).push_back(std::move(f));
  }
  head.insert(head.end(), std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
  return head;
}

class Service final : public AskService {
 public:
  explicit Service(AskParts parts)
      : parts_(parts),
        ask_seconds_(parts.metrics.GetHistogram("trine_ask_seconds", "Duration of questions in seconds.")),
        hash_embedder_(language::NewHashEmbedder(parts.analyzers, 1024)) {}

  // The table of contents of a question.
  Result<AskAnswer> Ask(const AskCall& call, const Deadline& outer) override {
    const int64_t start = parts_.clock.MonotonicNanos();
    const Deadline deadline = outer.Within(parts_.clock, call.deadline_ms);
    AskState state{call,
                   parts_,
                   Known(call.collection, deadline),
                   parts_.catalogue.BindingOf(call.collection->name),
                   {},
                   {},
                   {},
                   0,
                   {},
                   {}};
    AskAnswer answer;
    StageClock stages(parts_.clock, &answer.stages);
    stages.Run("understand", &state, [&] { return formation::Understand(&state, deadline); });
    stages.Run("retrieve", &state, [&] { return Retrieve(&state, deadline); });
    stages.Run("fuse", &state, [&] { return FuseFound(&state, deadline); });
    stages.Run("personalise", &state, [&] { return PersonaliseFound(&state, deadline); });
    stages.Run("answer", &state, [&] { return Word(&state, &answer, deadline); });
    answer.intent = std::move(state.intent);
    answer.weight = state.weight.value;
    answer.weight_why = state.weight.why;
    answer.recommendation_id = NewId(call);
    answer.took_ms = Millisecs(parts_.clock.MonotonicNanos() - start);
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
    AskState state{call, parts_, Known(collection, {}), std::nullopt, {}, {}, {}, 0, {}, {}};
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
                   parts_,
                   Known(collection, deadline),
                   parts_.catalogue.BindingOf(collection->name),
                   {},
                   {},
                   {},
                   0,
                   {},
                   {}};
    TRINE_TRY(formation::Understand(&state, deadline));
    const FieldRoles roles = state.knowledge ? state.knowledge->roles : RolesOf(collection->mapping);
    for (const std::string& id : item_ids) {
      auto record = state.binding ? parts_.records.GetItem(*state.binding, collection->id, id)
                                  : parts_.records.Get(collection->id, id);
      if (!record.ok()) return std::move(record).error();
      if (!*record) return Error(ErrorCode::kNotFound, "there is no such item in the index").Where(id);
      Found found;
      found.id = (*record)->id;
      found.item_id = id;
      if (auto source = format::ParseJson((*record)->source); source.ok()) found.source = std::move(*source);
      found.record = std::move(*record);
      state.found.push_back(std::move(found));
    }
    // Without a question nobody spoke yet: the catalogue's language is spoken.
    if (question.empty() && language != "ko" && language != "en" && !state.found.empty())
      state.intent.language = analysis::DominantLanguage(TitleOf(roles, state.found.front().source, ""));
    const Status personal = PersonaliseFound(&state, deadline);
    if (!personal.ok() && personal.error().code != ErrorCode::kStageSkipped) return Error(personal.error());
    std::map<std::string, Reason> by_id;
    for (const Found& found : state.found)
      by_id[found.item_id] = Reason{found.item_id, ReasonText(state, found), found.because};
    std::vector<Reason> out;
    out.reserve(item_ids.size());
    for (const std::string& id : item_ids) out.push_back(by_id[id]);
    return out;
  }

  std::shared_ptr<const language::Embedder> EmbedderFor(const catalogue::CollectionPtr& collection) override {
    if (collection == nullptr) return Pinned();
    const auto knowledge = Current(collection);
    return knowledge && knowledge->embedder
               ? std::shared_ptr<const language::Embedder>(knowledge, knowledge->embedder.get())
               : hash_embedder_;
  }

  Status Prepare(const catalogue::CollectionPtr& collection, const Deadline& deadline) override {
    return BuildNow(collection, deadline);
  }

  void Warm() override {
    std::set<std::string> files;
    if (const auto listed = parts_.derived.List(); listed.ok()) files.insert(listed->begin(), listed->end());
    for (const auto& collection : parts_.catalogue.All()) {
      if (parts_.records.LiveCount(collection->id) == 0) continue;
      if (files.contains(VectorsFile(collection->id)) || parts_.catalogue.BindingOf(collection->name))
        static_cast<void>(Current(collection));
    }
  }

 private:
  static std::string VectorsFile(CollectionId id) { return "vectors-" + std::to_string(id.value); }

  std::shared_ptr<const language::Embedder> Pinned() {
    std::lock_guard lock(pinned_mutex_);
    if (pinned_) return pinned_;
    const auto kept = parts_.models.Open(std::string(kPinnedFile));
    if (!kept.ok() && kept.error().kind() == ErrorKind::kNotFound) {
      const std::string bytes = ChoosePinned();
      if (Status saved = storage::WriteFileAtomically(parts_.models, std::string(kPinnedFile), bytes);
          !saved.ok()) {
        parts_.log.Warning("the pinned embedder was not kept: " + saved.error().ToString());
        return hash_embedder_;
      }
      return pinned_ = OpenPinned(bytes);
    }
    if (!kept.ok()) {
      parts_.log.Error("the pinned embedder cannot be read: " + kept.error().ToString());
      return hash_embedder_;
    }
    return pinned_ = OpenPinned(std::string((*kept)->bytes()));
  }

  // The trained embedder of the largest collection; empty bytes stand for the hash embedder.
  std::string ChoosePinned() {
    catalogue::CollectionPtr largest;
    for (const auto& collection : parts_.catalogue.All()) {
      if (!largest || parts_.records.LiveCount(collection->id) > parts_.records.LiveCount(largest->id))
        largest = collection;
    }
    if (!largest) return "";
    const Status built = BuildNow(largest, Deadline::After(parts_.clock, kPinMillis));
    if (!built.ok()) return "";
    std::lock_guard lock(mutex_);
    const auto& knowledge = kept_[largest->id].knowledge;
    return knowledge ? knowledge->embedder_bytes : "";
  }

  std::shared_ptr<const language::Embedder> OpenPinned(std::string bytes) {
    if (bytes.empty()) return hash_embedder_;
    pinned_bytes_ = std::move(bytes);
    auto opened = language::OpenCatalogueEmbedder(parts_.analyzers, pinned_bytes_);
    if (opened.ok()) return std::move(*opened);
    parts_.log.Error("the pinned embedder is damaged; restore a backup, or delete models/" +
                     std::string(kPinnedFile) + " and embed again: " + opened.error().ToString());
    return hash_embedder_;
  }

  // The same, but the first questions of a collection wait a moment for it: a shop of some thousand
  // products is read in less, and an answer without its words is a poor one.
  std::shared_ptr<const Knowledge> Known(const catalogue::CollectionPtr& collection,
                                         const Deadline& deadline) {
    if (auto known = Current(collection); known != nullptr) return known;
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::milliseconds(std::min(kFirstWaitMillis, deadline.MillisLeft() / 2));
    std::unique_lock lock(mutex_);
    built_.wait_until(lock, until, [&] { return !kept_[collection->id].building; });
    const auto& knowledge = kept_[collection->id].knowledge;
    return knowledge && knowledge->vocabulary ? knowledge : nullptr;
  }

  // What is known now; asks for a build in the background when records changed since, never waits for it.
  std::shared_ptr<const Knowledge> Current(const catalogue::CollectionPtr& collection) {
    std::lock_guard lock(mutex_);
    Kept& kept = kept_[collection->id];
    const bool fresh = kept.knowledge && kept.knowledge->vocabulary &&
                       kept.knowledge->end == parts_.records.NextSeqNo(collection->id);
    if (!fresh && !kept.building) {
      kept.building = true;
      const Status started =
          parts_.runner.Start("knowledge of " + collection->name, [this, collection](std::stop_token stop) {
            const Status built =
                BuildNow(collection, Deadline::After(parts_.clock, kBuildMillis, std::move(stop)));
            if (!built.ok())
              parts_.log.Warning("the words of index " + collection->name +
                                 " could not be read: " + built.error().ToString());
            std::lock_guard done(mutex_);
            kept_[collection->id].building = false;
            built_.notify_all();
          });
      if (!started.ok()) kept.building = false;
    }
    return kept.knowledge && kept.knowledge->vocabulary ? kept.knowledge : nullptr;
  }

  Status BuildNow(const catalogue::CollectionPtr& collection, const Deadline& deadline) {
    const std::string file = VectorsFile(collection->id);
    std::shared_ptr<const Knowledge> before;
    {
      std::lock_guard lock(mutex_);
      before = kept_[collection->id].knowledge;
    }
    if (before == nullptr) {
      auto loaded = LoadVectors(parts_.derived, file, parts_.analyzers);
      if (loaded.ok())
        before = *loaded;
      else if (loaded.error().kind() != ErrorKind::kNotFound)
        parts_.log.Warning(loaded.error().ToString());
    }
    // The mapping may have grown since the caller looked.
    const auto newest = parts_.catalogue.Get(collection->id);
    TRINE_ASSIGN(auto built, BuildKnowledge({parts_.analyzers, parts_.records}, newest ? newest : collection,
                                            before, deadline));
    if (before == nullptr || built->end != before->end) {
      if (Status saved = SaveVectors(parts_.derived, file, *built); !saved.ok())
        parts_.log.Warning("item vectors were not saved: " + saved.error().ToString());
    }
    std::lock_guard lock(mutex_);
    kept_[collection->id].knowledge = std::move(built);
    return Ok();
  }

  std::string ReasonText(const AskState& state, const Found& found) const {
    const FieldRoles roles =
        state.knowledge ? state.knowledge->roles : RolesOf(state.call.collection->mapping);
    const Fit fit(state.intent, roles, state.knowledge ? state.knowledge->vocabulary.get() : nullptr);
    auto causes = ReasonCauses({parts_, state.call.collection, state.binding, roles, state.intent.language},
                               found.source, found.because);
    if (auto query = QueryCause(fit, found); query) causes.push_back(std::move(*query));
    return language::ComposeReason(causes, state.intent.language, parts_.clock.Now());
  }

  // The fifth stage: the page, its reasons, the answer.
  Status Word(AskState* state, AskAnswer* answer, const Deadline& deadline) const {
    const size_t size = std::min(std::max<size_t>(state->call.size, 1), kMostItems);
    const FieldRoles roles =
        state->knowledge ? state->knowledge->roles : RolesOf(state->call.collection->mapping);
    DropFar(&state->found);
    state->found = PickOutfit(std::move(state->found), state->intent, roles, size);
    std::vector<language::AnswerItem> items;
    for (Found& found : state->found) {
      if (answer->items.size() >= size) break;
      AskItem item;
      item.item_id = found.item_id;
      item.score = found.blend.score;
      item.lexical = found.lexical;
      item.vector = found.vector;
      item.fused = found.fused;
      item.personal = found.personal;
      item.final = {static_cast<uint32_t>(answer->items.size() + 1), found.blend.score};
      item.moves = MovesOf(found);
      item.because = found.because;
      item.reason = ReasonText(*state, found);
      items.push_back({found.item_id, TitleOf(roles, found.source, state->intent.language),
                       AttributesOf(roles, found.source), item.reason, found.fits});
      item.record = std::move(*found.record);
      answer->items.push_back(std::move(item));
    }
    TRINE_TRY(deadline.Check("wording the answer"));
    answer->answer = language::ComposeAnswer(state->call.question, state->intent, items);
    return Ok();
  }

  std::string NewId(const AskCall& call) {
    const uint64_t number = asked_.fetch_add(1) + 1;
    const uint64_t a = Hash64(call.question + call.user_id, static_cast<uint64_t>(parts_.clock.Now().value));
    const uint64_t b = Hash64(call.user_id, number ^ a);
    char text[48];
    std::snprintf(text, sizeof(text), "%08x-%04x-4%03x-8%03x-%012llx", static_cast<uint32_t>(a >> 32),
                  static_cast<uint32_t>(a >> 16) & 0xffff, static_cast<uint32_t>(a) & 0xfff,
                  static_cast<uint32_t>(b >> 48) & 0xfff,
                  static_cast<unsigned long long>(b & 0xffffffffffffULL));
    return text;
  }

  AskParts parts_;
  Histogram& ask_seconds_;
  std::shared_ptr<const language::Embedder> hash_embedder_;
  std::mutex pinned_mutex_;
  std::string pinned_bytes_;
  std::shared_ptr<const language::Embedder> pinned_;
  std::mutex mutex_;
  std::condition_variable built_;
  std::map<CollectionId, Kept> kept_;
  std::atomic<uint64_t> asked_{0};
};

}  // namespace

Result<std::unique_ptr<AskService>> NewAskService(AskParts parts) {
  return std::unique_ptr<AskService>(std::make_unique<Service>(parts));
}

}  // namespace trine::formation
