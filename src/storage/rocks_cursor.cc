#include "storage/rocks_cursor.h"

#include <utility>

#include "storage/rocksdb_error.h"

namespace trine::storage {
namespace {

rocksdb::Slice ToSlice(std::string_view s) { return {s.data(), s.size()}; }
std::string_view ToView(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

class FailedCursor final : public Cursor {
 public:
  explicit FailedCursor(Error error) : error_(std::move(error)) {}
  void Seek(std::string_view) override {}
  void SeekBefore(std::string_view) override {}
  bool Valid() const override { return false; }
  void Next() override {}
  void Prev() override {}
  std::string_view key() const override { return {}; }
  std::string_view value() const override { return {}; }
  Status status() const override { return error_; }

 private:
  const Error error_;
};

}  // namespace

std::unique_ptr<Cursor> NewFailedCursor(Error error) {
  return std::make_unique<FailedCursor>(std::move(error));
}

RocksCursor::RocksCursor(std::shared_ptr<RocksDb> db, Family family, std::string prefix, std::string path,
                         const OnDamage& on_damage)
    : db_(std::move(db)),
      family_(family),
      prefix_(std::move(prefix)),
      it_(NewIterator()),
      path_(std::move(path)),
      on_damage_(on_damage) {}

std::unique_ptr<rocksdb::Iterator> RocksCursor::NewIterator() const {
  rocksdb::ReadOptions how;
  how.total_order_seek = prefix_.empty();
  how.prefix_same_as_start = !prefix_.empty();
  return std::unique_ptr<rocksdb::Iterator>(db_->db->NewIterator(how, db_->Handle(family_)));
}

SeekOutcome RocksCursor::Outcome() const {
  if (it_->Valid()) return SeekOutcome::kKey;
  // Only damage is skipped. If the disk cannot be read at all, nothing is known about the rows.
  return it_->status().IsCorruption() ? SeekOutcome::kDamaged : SeekOutcome::kEnd;
}

// After a block could not be read, RocksDB 7.8 can take it for the next one that is sought and report its
// error again. Seeking past the last key makes it read the next block again.
void RocksCursor::ForgetBlock() { it_->Seek(std::string(8, '\xff')); }

// Reports the damage as a cursor over all keys finds it: one that is limited to a prefix does not see where
// it ends. Returns whether it is found there, too.
bool RocksCursor::NameDamage(const std::string& from) const {
  RocksCursor all(db_, family_, {}, path_, on_damage_);
  all.Seek(from);
  return all.skipped() > 0;
}

void RocksCursor::SkipForwards(std::string from) {
  ended_by_damage_ = false;
  if (Outcome() != SeekOutcome::kDamaged) return;
  ++skipped_;
  const std::string begin = from;
  const bool named = !prefix_.empty() && NameDamage(begin);
  SeekPastDamage(std::move(from), [this](const std::string& key) {
    if (!key.starts_with(prefix_)) return SeekOutcome::kEnd;  // the iterator does not find such keys
    ForgetBlock();
    it_->Seek(key);
    return Outcome();
  });
  if (!prefix_.empty() && !it_->Valid())
    ForgetBlock();  // the end, also if the last key that was sought is damaged
  ended_by_damage_ = Outcome() == SeekOutcome::kDamaged;
  if (!named) on_damage_(family_, begin, it_->Valid() ? ToView(it_->key()) : std::string_view());
}

void RocksCursor::SkipBackwards(const std::string& from) {
  ended_by_damage_ = false;
  if (Outcome() != SeekOutcome::kDamaged) return;
  ++skipped_;
  SeekBeforeDamage(from, [this](const std::string& key) {
    ForgetBlock();
    it_->SeekForPrev(key);
    return Outcome();
  });
  ended_by_damage_ = Outcome() == SeekOutcome::kDamaged;
  on_damage_(family_, it_->Valid() ? ToView(it_->key()) : std::string_view(), from);
}

void RocksCursor::Seek(std::string_view key) {
  TRINE_DCHECK(key.starts_with(prefix_));
  it_->Seek(ToSlice(key));
  if (!it_->Valid()) SkipForwards(std::string(key));
}

void RocksCursor::SeekBefore(std::string_view key) {
  TRINE_CHECK(prefix_.empty());
  it_->SeekForPrev(ToSlice(key));
  if (it_->Valid() && ToView(it_->key()) == key) it_->Prev();
  if (!it_->Valid()) SkipBackwards(std::string(key));
}

void RocksCursor::Next() {
  if (!it_->Valid()) return;
  before_.assign(it_->key().data(), it_->key().size());
  it_->Next();
  if (!it_->Valid()) SkipForwards(before_ + '\0');
}

void RocksCursor::Prev() {
  TRINE_CHECK(prefix_.empty());
  if (!it_->Valid()) return;
  before_.assign(it_->key().data(), it_->key().size());
  it_->Prev();
  if (!it_->Valid()) SkipBackwards(before_);
}

std::string_view RocksCursor::key() const {
  TRINE_DCHECK(it_->Valid());
  return ToView(it_->key());
}

std::string_view RocksCursor::value() const {
  TRINE_DCHECK(it_->Valid());
  return ToView(it_->value());
}

Status RocksCursor::status() const {
  if (it_->status().ok() || ended_by_damage_) return Ok();
  return StoreError(it_->status(), path_);
}

}  // namespace trine::storage
