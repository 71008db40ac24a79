// MemoryObjectStore: an ObjectStore that keeps its objects in a map and fails on request.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/object_store.h"

namespace trine::test {

// Thread-safe.
class MemoryObjectStore final : public storage::ObjectStore {
 public:
  Status Get(const std::string& location, const std::function<Status(std::string_view)>& sink,
             const Deadline& deadline) override {
    std::string bytes;
    {
      const std::lock_guard lock(mutex_);
      const auto found = objects_.find(location);
      if (found == objects_.end()) return Error(ErrorCode::kNotFound, "no such object").Where(location);
      bytes = found->second;
    }
    // In chunks with arbitrary ends, like data from a network.
    for (size_t at = 0; at < bytes.size(); at += kChunkBytes) {
      TRINE_TRY(deadline.Check("get"));
      TRINE_TRY(Fault(at, location));
      TRINE_TRY(sink(std::string_view(bytes).substr(at, kChunkBytes)));
    }
    return Ok();
  }
  Status Put(const std::string& location, std::string_view bytes, const Deadline& deadline) override {
    TRINE_TRY(deadline.Check("put"));
    TRINE_TRY(Fault(bytes.size(), location));
    const std::lock_guard lock(mutex_);
    objects_[location] = bytes;
    return Ok();
  }
  Result<std::vector<storage::ObjectInfo>> List(const std::string& prefix,
                                                const Deadline& deadline) override {
    TRINE_TRY(deadline.Check("list"));
    TRINE_TRY(Fault(0, prefix));
    const std::lock_guard lock(mutex_);
    std::vector<storage::ObjectInfo> listed;
    for (const auto& [location, bytes] : objects_) {
      if (location.starts_with(prefix)) listed.push_back({location, bytes.size()});
    }
    return listed;
  }
  // From now on, a call fails once it has transferred about `bytes` bytes, as if the connection were lost;
  // with 0, List fails too. nullopt: nothing fails.
  void FailAfter(std::optional<uint64_t> bytes) {
    const std::lock_guard lock(mutex_);
    fail_after_ = bytes;
  }
  std::string Text(const std::string& location) const {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(location);
    return found == objects_.end() ? "(none)" : found->second;
  }
  void Set(const std::string& location, std::string bytes) {
    const std::lock_guard lock(mutex_);
    objects_[location] = std::move(bytes);
  }

 private:
  static constexpr size_t kChunkBytes = 7;
  Status Fault(uint64_t moved, const std::string& location) const {
    const std::lock_guard lock(mutex_);
    if (!fail_after_ || moved < *fail_after_) return Ok();
    return Error(ErrorCode::kUnavailable, "the object store does not respond").Where(location);
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::string> objects_;
  std::optional<uint64_t> fail_after_;
};

}  // namespace trine::test
