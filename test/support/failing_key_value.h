// FailingKeyValue: a KeyValue that fails on request, like RocksDB on a full or broken disk.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/key_value.h"

namespace trine::test {

// Passes every call to the store that it owns until a fault is switched on. A failing write stores nothing.
// Thread-safe, except that the functions must be set while no call runs.
class FailingKeyValue final : public storage::KeyValue {
 public:
  explicit FailingKeyValue(std::unique_ptr<storage::KeyValue> kv = storage::NewMemoryKeyValue())
      : kv_(std::move(kv)) {}

  // Lets `writes` more writes succeed; all later ones fail with `code`, until Repair().
  void FailWritesAfter(uint64_t writes, ErrorCode code = ErrorCode::kIo) {
    const std::lock_guard lock(mutex_);
    writes_left_ = writes;
    write_error_ = code;
  }
  void FailWrites(ErrorCode code = ErrorCode::kIo) { FailWritesAfter(0, code); }
  // Makes only buffered writes fail, for example the removal of old records.
  void FailBufferedWrites() { fail_buffered_ = true; }
  // Until Repair(), every read fails with `code`, and every new cursor is invalid with this error.
  void FailReads(ErrorCode code = ErrorCode::kIo) {
    const std::lock_guard lock(mutex_);
    read_error_ = code;
  }
  void Repair() {
    fail_buffered_ = false;
    const std::lock_guard lock(mutex_);
    writes_left_.reset();
    read_error_.reset();
  }
  // The number of successful writes so far, for tests that fail at each of them in turn.
  uint64_t writes() const { return writes_; }

  // Called once, before the next buffered write.
  std::function<void()> before_buffered_write;
  // Called once, after the next write. Must be set while no call runs.
  std::function<void()> after_write;

  Result<std::optional<std::string>> Get(storage::Family family, std::string_view key) const override {
    TRINE_TRY(ReadFault());
    return kv_->Get(family, key);
  }
  Result<std::vector<std::optional<std::string>>> MultiGet(
      storage::Family family, const std::vector<std::string>& keys) const override {
    TRINE_TRY(ReadFault());
    return kv_->MultiGet(family, keys);
  }
  Status Write(const storage::WriteBatch& batch, storage::Durability durability) override {
    if (durability == storage::Durability::kBuffered) {
      if (before_buffered_write) std::exchange(before_buffered_write, {})();
      if (fail_buffered_) return Refused(ErrorCode::kIo);
    }
    TRINE_TRY(WriteFault());
    TRINE_TRY(kv_->Write(batch, durability));
    ++writes_;
    if (after_write) std::exchange(after_write, {})();
    return Ok();
  }
  std::unique_ptr<storage::Cursor> Scan(storage::Family family) const override {
    if (const Status fault = ReadFault(); !fault.ok()) return std::make_unique<FailingCursor>(fault.error());
    return kv_->Scan(family);
  }
  Status Checkpoint(const std::string& path) override { return kv_->Checkpoint(path); }
  Status VerifyChecksums() const override {
    TRINE_TRY(ReadFault());
    return kv_->VerifyChecksums();
  }
  Status Flush() override { return kv_->Flush(); }

  static constexpr const char* kWriteMessage = "cannot write to the store: the test made it fail";
  static constexpr const char* kReadMessage = "cannot read from the store: the test made it fail";

 private:
  class FailingCursor final : public storage::Cursor {
   public:
    explicit FailingCursor(Error error) : error_(std::move(error)) {}
    void Seek(std::string_view) override {}
    void SeekBefore(std::string_view) override {}
    bool Valid() const override { return false; }
    void Next() override { TRINE_CHECK(Valid()); }
    void Prev() override { TRINE_CHECK(Valid()); }
    std::string_view key() const override { return {}; }
    std::string_view value() const override { return {}; }
    Status status() const override { return error_; }

   private:
    const Error error_;
  };

  // As the store on disk marks its errors (storage/store_health.h).
  static Error Refused(ErrorCode code) { return Error(code, kWriteMessage).Detail("blocked", "store"); }
  Status ReadFault() const {
    const std::lock_guard lock(mutex_);
    return read_error_ ? Status(Error(*read_error_, kReadMessage)) : Ok();
  }
  Status WriteFault() {
    const std::lock_guard lock(mutex_);
    if (!writes_left_) return Ok();
    if (*writes_left_ == 0) return Refused(write_error_);
    --*writes_left_;
    return Ok();
  }

  const std::unique_ptr<storage::KeyValue> kv_;
  std::atomic<bool> fail_buffered_ = false;
  std::atomic<uint64_t> writes_ = 0;
  mutable std::mutex mutex_;
  std::optional<uint64_t> writes_left_;  // nullopt: all succeed
  ErrorCode write_error_ = ErrorCode::kIo;
  std::optional<ErrorCode> read_error_;
};

}  // namespace trine::test
