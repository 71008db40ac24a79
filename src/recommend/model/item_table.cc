#include "recommend/model/item_table.h"

#include <algorithm>

namespace trine::recommend {

ItemTable::ItemTable() { columns_.emplace_back("TEXT"); }

Item ItemTable::Intern(std::string_view id) {
  if (const auto found = by_id_.find(id); found != by_id_.end()) return found->second;
  const auto item = static_cast<Item>(entries_.size());
  TRINE_CHECK_LT(item, kNone);
  by_id_.emplace(std::string(id), item);
  entries_.emplace_back().id = id;
  extents_.emplace_back();
  return item;
}

Item ItemTable::Find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? kNone : found->second;
}

uint16_t ItemTable::FindColumn(std::string_view name) const {
  return static_cast<uint16_t>(std::ranges::find(columns_, name) - columns_.begin());
}

uint16_t ItemTable::InternColumn(std::string_view name) {
  const uint16_t column = FindColumn(name);
  if (column == columns_.size() && columns_.size() < kMaxColumns) columns_.emplace_back(name);
  return column;
}

Value ItemTable::InternValue(uint16_t column, std::string_view text) {
  std::string key(1, static_cast<char>(column));
  key.append(text);
  if (const auto found = value_ids_.find(key); found != value_ids_.end()) return found->second;
  if (values_.size() >= kMaxValues) return kNone;
  const auto value = static_cast<Value>(values_.size());
  values_.push_back({column, std::string(text), 0});
  value_ids_.emplace(std::move(key), value);
  return value;
}

void ItemTable::ClearFeatures(Extent& extent) {
  if (extent.state == State::kInCatalogue) {
    TRINE_CHECK_GT(catalogue_size_, 0u);
    --catalogue_size_;
  }
  for (size_t i = 0; i < extent.count(); ++i) --values_[arena_[extent.at + i]].items;
  extent.values = extent.tokens = 0;
  extent.listed = false;
}

void ItemTable::SetFeatures(Item i, const ItemFeatures& features, uint64_t seq_no) {
  TRINE_CHECK_LT(i, extents_.size());
  TRINE_CHECK_LE(features.values.size(), kMaxItemValues);
  TRINE_CHECK_LE(features.tokens.size(), kMaxItemTokens);
  Extent& extent = extents_[i];
  ClearFeatures(extent);
  extent.state = State::kInCatalogue;
  extent.at = arena_.size();
  entries_[i].seq_no = seq_no;
  entries_[i].created = features.created;
  ++catalogue_size_;
  const auto add = [&](uint16_t column, std::string_view text, uint16_t* count) {
    const Value value = column < columns_.size() ? InternValue(column, text) : kNone;
    if (value == kNone) return;
    arena_.push_back(value);
    ++values_[value].items;
    ++*count;
  };
  for (const auto& [column, text] : features.values) add(InternColumn(column), text, &extent.values);
  for (const std::string& token : features.tokens) add(kTextColumn, token, &extent.tokens);
  for (const std::string& column : features.text_columns) {
    const bool known = std::ranges::find(text_columns_, column) != text_columns_.end();
    if (!known && text_columns_.size() < kMaxColumns) text_columns_.push_back(column);
  }
  ++version_;
  ++appended_;
}

void ItemTable::Remove(Item i) {
  TRINE_CHECK_LT(i, extents_.size());
  ClearFeatures(extents_[i]);
  extents_[i].state = State::kRemoved;
  ++version_;
}

// Features arrive in a different order, but scoring visits items in the order of their numbers, and an
// unordered arena would cost it a cache miss per item. So the arena is put in this order, which also frees
// the space of replaced features.
void ItemTable::Compact() {
  // 1/kShare of the items may be out of order: a pass over all items is hardly slower then.
  constexpr size_t kShare = 8;
  if (appended_ == 0 || appended_ * kShare < entries_.size()) return;
  PackArena();
  BuildTokenLists();
  appended_ = 0;
}

void ItemTable::PackArena() {
  std::vector<Value> packed;
  packed.reserve(arena_.size());
  for (Extent& extent : extents_) {
    const auto from = arena_.begin() + static_cast<std::ptrdiff_t>(extent.at);
    extent.at = packed.size();
    packed.insert(packed.end(), from, from + static_cast<std::ptrdiff_t>(extent.count()));
  }
  arena_ = std::move(packed);
}

void ItemTable::BuildTokenLists() {
  list_ends_.assign(values_.size() + 1, 0);
  for (Item i = 0; i < extents_.size(); ++i) {
    for (const Value token : Tokens(i)) ++list_ends_[token + 1];
  }
  for (size_t v = 1; v < list_ends_.size(); ++v) list_ends_[v] += list_ends_[v - 1];
  lists_.resize(list_ends_.back());
  std::vector<size_t> next(list_ends_.begin(), list_ends_.end() - 1);
  for (Item i = 0; i < extents_.size(); ++i) {
    for (const Value token : Tokens(i)) lists_[next[token]++] = i;
    extents_[i].listed = true;
  }
}

}  // namespace trine::recommend
