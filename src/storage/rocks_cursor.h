// RocksCursor: a Cursor over one column family that skips damaged blocks. Only for the RocksDB implementation
// of KeyValue and its tests.
#pragma once

#include <rocksdb/iterator.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "storage/key_value.h"
#include "storage/readable_range.h"
#include "storage/rocks_db.h"

namespace trine::storage {

// Receives a damaged range of a family: a key at or before its begin, and the first key after it (or the last
// one before it); empty: the end of the family. Must be thread-safe.
using OnDamage = std::function<void(Family, std::string_view from, std::string_view to)>;

class RocksCursor final : public Cursor {
 public:
  // Keeps `db` open. `on_damage` must outlive the cursor. With a `prefix`, for which IsFilteredPrefix must be
  // true, the cursor has only keys with it, Seek requires one, and SeekBefore and Prev must not be called.
  RocksCursor(std::shared_ptr<RocksDb> db, Family family, std::string prefix, std::string path,
              const OnDamage& on_damage);
  void Seek(std::string_view key) override;
  void SeekBefore(std::string_view key) override;
  bool Valid() const override { return it_->Valid(); }
  void Next() override;
  void Prev() override;
  std::string_view key() const override;
  std::string_view value() const override;
  Status status() const override;
  uint64_t skipped() const override { return skipped_; }

 private:
  std::unique_ptr<rocksdb::Iterator> NewIterator() const;
  SeekOutcome Outcome() const;
  void ForgetBlock();
  bool NameDamage(const std::string& from) const;
  void SkipForwards(std::string from);
  void SkipBackwards(const std::string& from);

  const std::shared_ptr<RocksDb> db_;  // declared first, so that it is closed after it_ is destroyed
  const Family family_;
  const std::string prefix_;  // empty: all keys
  std::unique_ptr<rocksdb::Iterator> it_;
  const std::string path_;
  const OnDamage& on_damage_;
  std::string before_;  // the key before the current one, while Next or Prev runs
  uint64_t skipped_ = 0;
  bool ended_by_damage_ = false;  // everything up to the end of the family is damaged
};

// A cursor without keys, whose status is `error`.
std::unique_ptr<Cursor> NewFailedCursor(Error error);

}  // namespace trine::storage
