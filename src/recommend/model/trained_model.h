// TrainedModel: the result of training, one mapped and checksummed file. Layout: docs/formats/model.md.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/hash.h"
#include "base/result.h"
#include "recommend/model/event_selection.h"
#include "recommend/model/live_rules.h"
#include "recommend/model/recipes.h"
#include "recommend/model/rules.h"
#include "recommend/model/score_weights.h"
#include "recommend/model/section_file.h"

namespace trine::recommend {

// The model file's description, stored as JSON.
struct ModelMeta {
  Recipe recipe = Recipe::kUserPersonalizationV2;
  ScoreWeights weights;
  EventSelection events;  // TasteWeight is used for types without a weight
  ColumnChoice item_columns, user_columns;
  double popularity_discount = 0.5;  // used by the recipe sims
  int64_t trend_slots = 6;           // used by the recipe trending-now; half hours
  uint64_t interactions = 0, users = 0;
  int64_t trained_at = 0;  // milliseconds since the epoch
};

// The parts of a model file; borrowed until WriteModel returns.
struct ModelContent {
  ModelMeta meta;
  std::vector<std::string_view> items;  // ids by number
  const RuleTable* rules = nullptr;
  std::vector<uint32_t> people;  // by item: distinct people in the events that count
};
// Requires one row of rules per item.
std::string WriteModel(const ModelContent& content);

// Immutable and thread-safe. Points into the mapped file, which it keeps alive.
class TrainedModel {
 public:
  // Verifies everything that is read later, so that a damaged file cannot cause reads out of bounds. Returns
  // kCorrupt, or kFormatVersion for an incompatible format version.
  static Result<std::shared_ptr<const TrainedModel>> Open(std::shared_ptr<const storage::FileBytes> file);
  static Result<std::shared_ptr<const TrainedModel>> Open(std::string_view bytes);  // `bytes` must outlive it

  const ModelMeta& meta() const { return meta_; }
  size_t items() const { return ids_->size(); }
  std::string_view Id(Item i) const { return (*ids_)[i]; }
  Item Find(std::string_view id) const;  // kNone if there is none
  const RuleRows& rules() const { return rules_; }
  uint32_t People(Item i) const { return people_[i]; }

 private:
  Status Read();
  Status ReadMeta();
  Status CheckRules() const;
  SectionFile file_;
  ModelMeta meta_;
  std::optional<StringSections> ids_;
  std::unordered_map<std::string_view, Item> by_id_;
  RuleRows rules_;
  std::span<const uint32_t> people_;
};

// Maps the item numbers of a model to those of a group's table and back. The table keeps growing; Extend adds
// the items that are new since the last call. Const calls are thread-safe while no thread calls Extend.
class ModelItems {
 public:
  void Extend(const TrainedModel& model, const ItemTable& items);
  Item ToModel(Item live) const { return live < to_model_.size() ? to_model_[live] : kNone; }
  Item ToLive(Item of_model) const {
    TRINE_DCHECK_LT(of_model, to_live_.size());
    return to_live_[of_model];
  }
  size_t live_size() const { return to_model_.size(); }  // items of the table that Extend has seen
  // How many of the items that Extend has seen are not in the model.
  size_t unknown() const { return unknown_; }

 private:
  std::vector<Item> to_model_, to_live_;
  size_t unknown_ = 0;
};

// The rules of a model joined with live rules. The rule of a pair comes from the model if the model
// contains both items, and from the live rules otherwise. `rows` and `live` may be nullptr. Borrows
// everything for one request.
struct RuleSource {
  const RuleRows* rows = nullptr;   // a model's rules
  const ModelItems* map = nullptr;  // nullptr: the rows use the item numbers of the group's table
  const LiveRules* live = nullptr;

  // Calls fn(b, weight) for every rule from a to an item b.
  template <typename F>
  void ForEach(Item a, F&& fn) const {
    const Item in_model = ToModel(a);
    if (in_model != kNone) {
      const auto to = rows->To(in_model);
      const auto weights = rows->Weights(in_model);
      for (size_t k = 0; k < to.size(); ++k) {
        const Item b = map != nullptr ? map->ToLive(to[k]) : to[k];
        if (b != kNone) fn(b, static_cast<double>(weights[k]));
      }
    }
    if (live == nullptr || (in_model != kNone && map != nullptr && map->unknown() == 0)) return;
    live->ForEach(a, [&](Item b, double weight) {
      if (in_model == kNone || ToModel(b) == kNone) fn(b, weight);
    });
  }
  double Find(Item a, Item b) const {
    const Item model_a = ToModel(a), model_b = ToModel(b);
    if (model_a != kNone && model_b != kNone) return rows->Find(model_a, model_b);
    return live != nullptr ? live->Find(a, b) : 0;
  }

 private:
  Item ToModel(Item i) const {
    if (rows == nullptr) return kNone;
    if (map != nullptr) return map->ToModel(i);
    return i < rows->size() ? i : kNone;
  }
};

}  // namespace trine::recommend
