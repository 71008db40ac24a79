#include "recommend/model/item_table.h"

#include <algorithm>

namespace trine::recommend {

ItemTable::ItemTable() { columns_.emplace_back("TEXT"); }

Item ItemTable::Intern(std::string_view id) {
  if (const auto found = by_id_.find(id); found != by_id_.end()) return found->second;
  const auto item = static_cast<Item>(entries_.size());
  by_id_.emplace(std::string(id), item);
  entries_.emplace_back().id = id;
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

void ItemTable::Forget(Entry& entry) {
  if (entry.state == State::kInCatalogue) --catalogue_size_;
  for (size_t i = 0; i < static_cast<size_t>(entry.values) + entry.tokens; ++i) {
    --values_[arena_[entry.at + i]].items;
  }
  garbage_ += static_cast<size_t>(entry.values) + entry.tokens;
  entry.values = entry.tokens = 0;
}

void ItemTable::SetFacts(Item i, const ItemFacts& facts, uint64_t seq_no) {
  Entry& entry = entries_[i];
  Forget(entry);
  entry.state = State::kInCatalogue;
  entry.seq_no = seq_no;
  entry.created = facts.created;
  entry.at = arena_.size();
  ++catalogue_size_;
  const auto add = [&](uint16_t column, std::string_view text, uint16_t* count) {
    const Value value = column < columns_.size() ? InternValue(column, text) : kNone;
    if (value == kNone) return;
    arena_.push_back(value);
    ++values_[value].items;
    ++*count;
  };
  for (const auto& [column, text] : facts.values) add(InternColumn(column), text, &entry.values);
  for (const std::string& token : facts.tokens) add(kTextColumn, token, &entry.tokens);
  ++version_;
  CompactWhenHalfEmpty();
}

void ItemTable::Remove(Item i) {
  Forget(entries_[i]);
  entries_[i].state = State::kRemoved;
  ++version_;
}

void ItemTable::CompactWhenHalfEmpty() {
  if (garbage_ < 4096 || garbage_ * 2 < arena_.size()) return;
  std::vector<Value> packed;
  packed.reserve(arena_.size() - garbage_);
  for (Entry& entry : entries_) {
    const size_t at = packed.size();
    const size_t count = static_cast<size_t>(entry.values) + entry.tokens;
    packed.insert(packed.end(), arena_.begin() + static_cast<std::ptrdiff_t>(entry.at),
                  arena_.begin() + static_cast<std::ptrdiff_t>(entry.at + count));
    entry.at = at;
  }
  arena_ = std::move(packed);
  garbage_ = 0;
}

}  // namespace trine::recommend
