#include "formation/pipeline.h"

#include <utility>

namespace trine::formation {
namespace {

using format::Json;
using storage::Family;

const std::string kPrefix = std::string("search_pipeline") + '\0';

Json BoundsToJson(const std::vector<search::ScoreBound>& bounds) {
  Json list(Json::Array{});
  for (const search::ScoreBound& bound : bounds) {
    Json one;
    one.Set("mode", static_cast<int64_t>(bound.mode));
    one.Set("value", static_cast<double>(bound.value));
    list.Push(std::move(one));
  }
  return list;
}

Json FusionToJson(const search::Fusion& fusion) {
  Json out, weights(Json::Array{});
  for (float w : fusion.weights) weights.Push(static_cast<double>(w));
  out.Set("normalization", static_cast<int64_t>(fusion.normalization));
  out.Set("combination", static_cast<int64_t>(fusion.combination));
  out.Set("weights", std::move(weights));
  out.Set("lower_bounds", BoundsToJson(fusion.lower_bounds));
  out.Set("upper_bounds", BoundsToJson(fusion.upper_bounds));
  out.Set("rank_constant", static_cast<int64_t>(fusion.rank_constant));
  return out;
}

Json ToJson(const SearchPipeline& pipeline) {
  Json out, reranks(Json::Array{});
  for (const PersonalRerank& r : pipeline.reranks) {
    Json one;
    one.Set("campaign", r.campaign);
    one.Set("item_id_field", r.item_id_field);
    one.Set("weight", r.weight);
    one.Set("window", static_cast<uint64_t>(r.window));
    one.Set("ignore_failure", r.ignore_failure);
    one.Set("tag", r.tag);
    one.Set("description", r.description);
    reranks.Push(std::move(one));
  }
  if (pipeline.fusion) out.Set("fusion", FusionToJson(*pipeline.fusion));
  out.Set("reranks", std::move(reranks));
  out.Set("given", pipeline.given);
  return out;
}

// Reads the members of a stored object. A member that is missing or has another type yields a default and
// sets failed().
class MemberReader {
 public:
  explicit MemberReader(const Json& json) : json_(json) {}
  int64_t Int(const char* key, int64_t most) {
    const Json* v = json_.Find(key);
    if (v == nullptr || !v->is_int() || v->integer() < 0 || v->integer() > most) return Fail(), 0;
    return v->integer();
  }
  double Number(const char* key) {
    const Json* v = json_.Find(key);
    return v != nullptr && v->is_number() ? v->number() : (Fail(), 0.0);
  }
  std::string Text(const char* key) {
    const Json* v = json_.Find(key);
    return v != nullptr && v->is_string() ? v->string() : (Fail(), std::string());
  }
  bool Flag(const char* key) {
    const Json* v = json_.Find(key);
    return v != nullptr && v->is_bool() ? v->boolean() : (Fail(), false);
  }
  const Json::Array& List(const char* key) {
    static const Json::Array kNone;
    const Json* v = json_.Find(key);
    return v != nullptr && v->is_array() ? v->array() : (Fail(), kNone);
  }
  bool failed() const { return failed_; }

 private:
  void Fail() { failed_ = true; }
  const Json& json_;
  bool failed_ = false;
};

bool ReadBounds(const Json::Array& list, std::vector<search::ScoreBound>* out) {
  for (const Json& one : list) {
    MemberReader r(one);
    search::ScoreBound bound;
    bound.mode = static_cast<search::ScoreBound::Mode>(
        r.Int("mode", static_cast<int64_t>(search::ScoreBound::Mode::kIgnore)));
    bound.value = static_cast<float>(r.Number("value"));
    if (r.failed()) return false;
    out->push_back(bound);
  }
  return true;
}

std::optional<search::Fusion> ReadFusion(const Json& json) {
  MemberReader r(json);
  search::Fusion fusion;
  fusion.normalization = static_cast<search::Fusion::Normalization>(
      r.Int("normalization", static_cast<int64_t>(search::Fusion::Normalization::kNone)));
  fusion.combination = static_cast<search::Fusion::Combination>(
      r.Int("combination", static_cast<int64_t>(search::Fusion::Combination::kRrf)));
  fusion.rank_constant = static_cast<int>(r.Int("rank_constant", 10'000));
  for (const Json& w : r.List("weights")) {
    if (!w.is_number()) return std::nullopt;
    fusion.weights.push_back(static_cast<float>(w.number()));
  }
  if (!ReadBounds(r.List("lower_bounds"), &fusion.lower_bounds)) return std::nullopt;
  if (!ReadBounds(r.List("upper_bounds"), &fusion.upper_bounds) || r.failed()) return std::nullopt;
  return fusion;
}

std::shared_ptr<const SearchPipeline> FromJson(const std::string& name, const Json& json) {
  auto pipeline = std::make_shared<SearchPipeline>();
  pipeline->name = name;
  if (const Json* given = json.Find("given"); given != nullptr) pipeline->given = *given;
  if (const Json* fusion = json.Find("fusion"); fusion != nullptr) {
    pipeline->fusion = ReadFusion(*fusion);
    if (!pipeline->fusion) return nullptr;
  }
  for (const Json& one : MemberReader(json).List("reranks")) {
    MemberReader r(one);
    PersonalRerank rerank;
    rerank.campaign = r.Text("campaign");
    rerank.item_id_field = r.Text("item_id_field");
    rerank.weight = r.Number("weight");
    rerank.window = static_cast<size_t>(r.Int("window", 10'000));
    rerank.ignore_failure = r.Flag("ignore_failure");
    rerank.tag = r.Text("tag");
    rerank.description = r.Text("description");
    if (r.failed()) return nullptr;
    pipeline->reranks.push_back(std::move(rerank));
  }
  return pipeline;
}

}  // namespace

Result<std::unique_ptr<PipelineStore>> PipelineStore::Open(storage::KeyValue& kv, Log& log) {
  std::unique_ptr<PipelineStore> store(new PipelineStore(kv));
  TRINE_TRY(store->Load(log));
  return store;
}

Status PipelineStore::Load(Log& log) {
  const WriterLock lock(mutex_);
  const auto cursor = kv_.Scan(Family::kResources);
  for (cursor->Seek(kPrefix); cursor->Valid() && cursor->key().substr(0, kPrefix.size()) == kPrefix;
       cursor->Next()) {
    const std::string name(cursor->key().substr(kPrefix.size()));
    const auto json = format::ParseJson(cursor->value());
    auto pipeline = json.ok() ? FromJson(name, *json) : nullptr;
    if (pipeline == nullptr) {
      log.Error("cannot read search pipeline \"" + name + "\"; it will not be available");
      unreadable_.insert(name);
    } else {
      pipelines_[name] = std::move(pipeline);
    }
  }
  return cursor->status();
}

Status PipelineStore::Put(SearchPipeline pipeline) {
  const WriterLock lock(mutex_);
  storage::WriteBatch batch;
  // Replaces a row, which is allowed while little space is free: in OpenSearch, the block is on indexes only.
  batch.Delete(Family::kResources, kPrefix + pipeline.name);
  batch.Put(Family::kResources, kPrefix + pipeline.name, format::ToString(ToJson(pipeline)));
  TRINE_TRY(kv_.Write(batch, storage::Durability::kSync));
  const std::string name = pipeline.name;
  unreadable_.erase(name);
  pipelines_[name] = std::make_shared<const SearchPipeline>(std::move(pipeline));
  return Ok();
}

std::shared_ptr<const SearchPipeline> PipelineStore::Get(std::string_view name) const {
  const ReaderLock lock(mutex_);
  const auto it = pipelines_.find(name);
  return it != pipelines_.end() ? it->second : nullptr;
}

std::vector<std::shared_ptr<const SearchPipeline>> PipelineStore::All() const {
  const ReaderLock lock(mutex_);
  std::vector<std::shared_ptr<const SearchPipeline>> all;
  all.reserve(pipelines_.size());
  for (const auto& [name, pipeline] : pipelines_) all.push_back(pipeline);
  return all;
}

Status PipelineStore::Delete(const std::string& name) {
  const WriterLock lock(mutex_);
  if (!pipelines_.contains(name) && !unreadable_.contains(name))
    return Error(ErrorCode::kPipelineNotFound, "there is no search pipeline with this name").Where(name);
  storage::WriteBatch batch;
  batch.Delete(Family::kResources, kPrefix + name);
  TRINE_TRY(kv_.Write(batch, storage::Durability::kSync));
  pipelines_.erase(name);
  unreadable_.erase(name);
  return Ok();
}

Status PipelineStore::Readable(std::string_view name) const {
  const ReaderLock lock(mutex_);
  if (!unreadable_.contains(name)) return Ok();
  return Error(ErrorCode::kCorrupt, "the stored search pipeline cannot be read").Where(std::string(name));
}

std::vector<std::string> PipelineStore::Unreadable() const {
  const ReaderLock lock(mutex_);
  return {unreadable_.begin(), unreadable_.end()};
}

}  // namespace trine::formation
