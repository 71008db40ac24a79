// ItemTable: numbers the items of one group, and keeps their categorical values and tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "base/hash.h"
#include "base/ids.h"
#include "recommend/model/item_features.h"

namespace trine::recommend {

using Item = uint32_t;   // the number of an item in one ItemTable: from 0, dense, never reused
using Value = uint32_t;  // the number of one (column, value) pair or token: from 0, dense
inline constexpr uint32_t kNone = UINT32_MAX;  // no item or no value

// Owned by one GroupState or one TrainingData. Const calls are thread-safe while no thread writes; other
// calls are not. An Item argument must be below size(), and a Value argument below value_count().
class ItemTable {
 public:
  static constexpr uint16_t kTextColumn = 0;      // the column of all tokens
  static constexpr size_t kMaxColumns = 64;       // further columns are ignored
  static constexpr size_t kMaxValues = 4u << 20;  // further values are ignored, to bound memory

  ItemTable();
  // Returns the item with this id, and adds it if it is new: people may use an item before it is in the
  // catalogue.
  Item Intern(std::string_view id);
  Item Find(std::string_view id) const;  // kNone if there is none
  size_t size() const { return entries_.size(); }
  std::string_view Id(Item i) const {
    TRINE_DCHECK_LT(i, entries_.size());
    return entries_[i].id;
  }

  // Puts the item in the catalogue, or replaces its features. `seq_no` identifies the item's catalogue
  // record.
  void SetFeatures(Item i, const ItemFeatures& features, uint64_t seq_no);
  void Remove(Item i);  // marks the item as removed from the catalogue and drops its features
  // If enough items have changed, lays the features out in item order and rebuilds the token lists (see
  // ItemsWithToken); otherwise does nothing. Does not affect scores: items that have changed since the lists
  // were built are only slower to score.
  void Compact();
  bool InCatalogue(Item i) const {
    TRINE_DCHECK_LT(i, extents_.size());
    return extents_[i].state == State::kInCatalogue;
  }
  bool Removed(Item i) const { return extents_[i].state == State::kRemoved; }
  uint64_t SeqNoOf(Item i) const { return entries_[i].seq_no; }
  std::optional<Millis> Created(Item i) const { return entries_[i].created; }
  size_t catalogue_size() const { return catalogue_size_; }

  std::span<const Value> Values(Item i) const {
    TRINE_DCHECK_LT(i, extents_.size());
    TRINE_DCHECK_LE(extents_[i].at + extents_[i].count(), arena_.size());
    return {arena_.data() + extents_[i].at, extents_[i].values};
  }
  std::span<const Value> Tokens(Item i) const {
    TRINE_DCHECK_LT(i, extents_.size());
    return {arena_.data() + extents_[i].at + extents_[i].values, extents_[i].tokens};
  }
  // Returns true if the item has not changed since the token lists were last built.
  bool InTokenLists(Item i) const { return extents_[i].listed; }
  // The token's list: the items that had it when the token lists were last built, ascending. Correct only for
  // items that are still InTokenLists: an item that changed since may be listed wrongly or missing.
  std::span<const Item> ItemsWithToken(Value token) const {
    if (token + 1 >= list_ends_.size()) return {};
    return {lists_.data() + list_ends_[token], lists_.data() + list_ends_[token + 1]};
  }
  size_t value_count() const { return values_.size(); }
  uint16_t ColumnOf(Value v) const {
    TRINE_DCHECK_LT(v, values_.size());
    return values_[v].column;
  }
  std::string_view Text(Value v) const { return values_[v].text; }
  uint32_t ItemsWith(Value v) const { return values_[v].items; }  // catalogue items that have the value
  size_t column_count() const { return columns_.size(); }
  std::string_view ColumnName(uint16_t c) const { return columns_[c]; }
  uint16_t FindColumn(std::string_view name) const;  // column_count() if there is none
  // The columns whose texts became tokens of kTextColumn; at most kMaxColumns.
  const std::vector<std::string>& text_columns() const { return text_columns_; }

  uint64_t version() const { return version_; }  // grows whenever features change

 private:
  enum class State : uint8_t { kOnlyUsed, kInCatalogue, kRemoved };
  struct Entry {
    std::string id;
    uint64_t seq_no = 0;
    std::optional<Millis> created;
  };
  // The members that scoring reads for every item. Kept apart from Entry, so that a pass over all items
  // stays in the cache.
  struct Extent {
    size_t at = 0;  // start of its values in the arena; its tokens follow them
    uint16_t values = 0, tokens = 0;
    State state = State::kOnlyUsed;
    bool listed = false;
    size_t count() const { return static_cast<size_t>(values) + tokens; }
  };
  struct ValueEntry {
    uint16_t column = 0;
    std::string text;
    uint32_t items = 0;
  };
  Value InternValue(uint16_t column, std::string_view text);
  uint16_t InternColumn(std::string_view name);
  void ClearFeatures(Extent& extent);
  void PackArena();
  void BuildTokenLists();

  std::vector<Entry> entries_;
  std::vector<Extent> extents_;  // parallel to entries_
  std::unordered_map<std::string, Item, StringHash, std::equal_to<>> by_id_;
  std::vector<ValueEntry> values_;
  std::unordered_map<std::string, Value, StringHash, std::equal_to<>> value_ids_;
  std::vector<std::string> columns_, text_columns_;
  std::vector<Value> arena_;
  size_t appended_ = 0;            // SetFeatures calls since the arena was last in item order
  std::vector<Item> lists_;        // the lists of all tokens, one after the other
  std::vector<size_t> list_ends_;  // [0] is 0; the list of token t ends at [t + 1]
  size_t catalogue_size_ = 0;
  uint64_t version_ = 0;
};

}  // namespace trine::recommend
