// KeyValue in memory, for tests.
#include <array>
#include <filesystem>
#include <map>

#include "base/mutex.h"
#include "storage/free_space.h"
#include "storage/key_value.h"

namespace trine::storage {
namespace {

using Map = std::map<std::string, std::string, std::less<>>;

class MemoryCursor final : public Cursor {
 public:
  explicit MemoryCursor(std::shared_ptr<const Map> map) : map_(std::move(map)), at_(map_->end()) {}
  void Seek(std::string_view key) override { at_ = map_->lower_bound(key); }
  void SeekBefore(std::string_view key) override {
    at_ = map_->lower_bound(key);
    Prev();
  }
  bool Valid() const override { return at_ != map_->end(); }
  void Next() override {
    if (at_ != map_->end()) ++at_;
  }
  void Prev() override { at_ = at_ == map_->begin() ? map_->end() : std::prev(at_); }
  std::string_view key() const override {
    TRINE_CHECK(Valid());
    return at_->first;
  }
  std::string_view value() const override {
    TRINE_CHECK(Valid());
    return at_->second;
  }
  Status status() const override { return Ok(); }

 private:
  std::shared_ptr<const Map> map_;
  Map::const_iterator at_;
};

class MemoryKeyValue final : public KeyValue {
 public:
  MemoryKeyValue() {
    for (auto& map : maps_) map = std::make_shared<Map>();
  }

  Result<std::optional<std::string>> Get(Family family, std::string_view key) const override {
    const ReaderLock lock(mutex_);
    return Find(family, key);
  }

  Result<std::vector<std::optional<std::string>>> MultiGet(
      Family family, const std::vector<std::string>& keys) const override {
    const ReaderLock lock(mutex_);
    std::vector<std::optional<std::string>> values;
    values.reserve(keys.size());
    for (const std::string& key : keys) values.push_back(Find(family, key));
    return values;
  }

  Status Write(const WriteBatch& batch, Durability) override {
    if (Status allowed = MayWrite(health(), batch); !allowed.ok()) {
      health().CountRefused();
      return allowed;
    }
    const WriterLock lock(mutex_);
    for (const WriteBatch::Op& op : batch.ops()) {
      Map& map = Writable(op.family);
      if (op.value) {
        map.insert_or_assign(op.key, *op.value);
      } else if (op.end.empty()) {
        map.erase(op.key);
      } else if (op.key < op.end) {
        map.erase(map.lower_bound(op.key), map.lower_bound(op.end));
      }
    }
    return Ok();
  }

  std::unique_ptr<Cursor> Scan(Family family) const override {
    const ReaderLock lock(mutex_);
    return std::make_unique<MemoryCursor>(maps_[static_cast<size_t>(family)]);
  }

  // The copy must outlive the process, so it is a RocksDB store.
  Status Checkpoint(const std::string& path) override {
    std::error_code failed;
    if (!std::filesystem::is_empty(path, failed) && !failed) {
      return Error(ErrorCode::kExists, "the folder for the copy is not empty").Where(path);
    }
    WriteBatch all;
    {
      const ReaderLock lock(mutex_);
      for (size_t f = 0; f < maps_.size(); ++f) {
        for (const auto& [key, value] : *maps_[f]) all.Put(static_cast<Family>(f), key, value);
      }
    }
    TRINE_ASSIGN(const auto copy, OpenKeyValue(path));
    TRINE_TRY(copy->Write(all, Durability::kSync));
    return copy->Flush();
  }

  Status VerifyChecksums() const override { return Ok(); }
  Status Flush() override { return Ok(); }

 private:
  std::optional<std::string> Find(Family family, std::string_view key) const TRINE_REQUIRES_SHARED(mutex_) {
    const Map& map = *maps_[static_cast<size_t>(family)];
    const auto at = map.find(key);
    if (at == map.end()) return std::nullopt;
    return at->second;
  }

  // Copies the map if a cursor shares it, because cursors must not see later writes.
  Map& Writable(Family family) TRINE_REQUIRES(mutex_) {
    auto& map = maps_[static_cast<size_t>(family)];
    if (map.use_count() > 1) map = std::make_shared<Map>(*map);
    return *map;
  }

  mutable SharedMutex mutex_;
  std::array<std::shared_ptr<Map>, kFamilyCount> maps_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<KeyValue> NewMemoryKeyValue() { return std::make_unique<MemoryKeyValue>(); }

}  // namespace trine::storage
