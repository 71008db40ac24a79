// ItemTable: the items of one group as small numbers, with their categorical values and tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "recommend/model/item_facts.h"

namespace trine::recommend {

using Item = uint32_t;   // in one ItemTable, from 0, never reused
using Value = uint32_t;  // one (column, value) pair or token, from 0
inline constexpr uint32_t kNone = UINT32_MAX;

// Owned by one group's state or one training. Not thread-safe while written; const access is.
class ItemTable {
 public:
  static constexpr uint16_t kTextColumn = 0;  // tokens
  static constexpr size_t kMaxColumns = 64;
  static constexpr size_t kMaxValues = 4u << 20;

  ItemTable();
  // The item of an id, made when new: an item that people used and the catalogue does not know yet.
  Item Intern(std::string_view id);
  Item Find(std::string_view id) const;  // kNone
  size_t size() const { return entries_.size(); }
  std::string_view Id(Item i) const { return entries_[i].id; }

  // What the catalogue says; replaces what it said before. `seq_no` finds the record again.
  void SetFacts(Item i, const ItemFacts& facts, uint64_t seq_no);
  void Remove(Item i);  // deleted from the catalogue
  // After many facts were set: lays them out in the order of items, and lists the items of each token. Cheap
  // when few changed since; until then scoring all items is only slower.
  void Settle();
  bool InCatalogue(Item i) const { return extents_[i].state == State::kInCatalogue; }
  bool Removed(Item i) const { return extents_[i].state == State::kRemoved; }
  uint64_t SeqNoOf(Item i) const { return entries_[i].seq_no; }
  std::optional<Millis> Created(Item i) const { return entries_[i].created; }
  size_t catalogue_size() const { return catalogue_size_; }

  std::span<const Value> Values(Item i) const { return {arena_.data() + extents_[i].at, extents_[i].values}; }
  std::span<const Value> Tokens(Item i) const {
    return {arena_.data() + extents_[i].at + extents_[i].values, extents_[i].tokens};
  }
  // True when nothing changed of the item since ItemsWithToken was made.
  bool Listed(Item i) const { return extents_[i].listed; }
  // The items that had the token when it was made, in their order; of those that are not Listed any more
  // it says nothing.
  std::span<const Item> ItemsWithToken(Value token) const {
    if (token + 1 >= list_ends_.size()) return {};
    return {lists_.data() + list_ends_[token], lists_.data() + list_ends_[token + 1]};
  }
  size_t value_count() const { return values_.size(); }
  uint16_t ColumnOf(Value v) const { return values_[v].column; }
  std::string_view Text(Value v) const { return values_[v].text; }
  uint32_t ItemsWith(Value v) const { return values_[v].items; }  // of the catalogue
  size_t column_count() const { return columns_.size(); }
  std::string_view ColumnName(uint16_t c) const { return columns_[c]; }
  uint16_t FindColumn(std::string_view name) const;  // column_count() when there is none

  uint64_t version() const { return version_; }  // grows when facts change

 private:
  enum class State : uint8_t { kOnlyUsed, kInCatalogue, kRemoved };
  struct Entry {
    std::string id;
    uint64_t seq_no = 0;
    std::optional<Millis> created;
  };
  // What scoring reads of every item, apart from the rest so that a pass over all stays in the cache.
  struct Extent {
    size_t at = 0;  // in the arena: values, then tokens
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
  void Forget(Extent& extent);
  void PackArena();
  void ListTokens();

  std::vector<Entry> entries_;
  std::vector<Extent> extents_;  // of each entry
  std::unordered_map<std::string, Item, StringHash, std::equal_to<>> by_id_;
  std::vector<ValueEntry> values_;
  std::unordered_map<std::string, Value, StringHash, std::equal_to<>> value_ids_;
  std::vector<std::string> columns_;
  std::vector<Value> arena_;
  size_t appended_ = 0;  // items whose facts were put at the arena's end since it was in the order of items
  std::vector<Item> lists_;        // of each token, one behind the other
  std::vector<size_t> list_ends_;  // where the list of token - 1 ends; the first is 0
  size_t catalogue_size_ = 0;
  uint64_t version_ = 0;
};

}  // namespace trine::recommend
