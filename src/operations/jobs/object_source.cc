#include "operations/jobs/object_source.h"

#include <algorithm>
#include <deque>
#include <new>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/memory_budget.h"
#include "base/mutex.h"
#include "base/text.h"

namespace trine::operations {
namespace {

bool IsDataFile(std::string_view file_name) {
  std::string name = ToLowerAscii(file_name);
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  for (const std::string_view ending : {".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".xlsx"}) {
    if (name.ends_with(ending)) return true;
  }
  return false;
}

// Downloads an object on its own thread, while the reader waits for its chunks. `mutex_` guards the state
// that both threads use, and is a leaf.
class ObjectStream final : public format::ByteSource {
 public:
  ObjectStream(storage::ObjectStore& objects, std::string location, const Clock& clock, std::stop_token stop)
      : stopped_outside_(std::move(stop), [this] { thread_stop_.request_stop(); }) {
    thread_ = std::thread([this, &objects, &clock, where = std::move(location)] {
      std::optional<Status> got;
      try {
        const Deadline deadline = Deadline::After(clock, kObjectMillis, thread_stop_.get_token());
        got = objects.Get(
            where, [this](std::string_view chunk) { return Put(chunk); }, deadline);
      } catch (const std::bad_alloc&) {
      }
      const MutexLock lock(mutex_);
      result_ = std::move(got);
      ended_ = true;
      changed_.NotifyAll();
    });
  }
  ~ObjectStream() override {
    thread_stop_.request_stop();
    {
      const MutexLock lock(mutex_);
      abandoned_ = true;
    }
    changed_.NotifyAll();
    thread_.join();
  }
  Result<std::string_view> Next() override {
    const MutexLock lock(mutex_);
    while (chunks_.empty() && !ended_) changed_.Wait(mutex_);
    if (chunks_.empty()) {
      if (!result_) return OutOfMemory();
      TRINE_TRY(*result_);
      return std::string_view();
    }
    current_ = std::move(chunks_.front());
    chunks_.pop_front();
    changed_.NotifyAll();
    return std::string_view(current_);
  }

 private:
  static constexpr size_t kChunks = 8;  // maximum number downloaded ahead of the reader
  static constexpr size_t kChunkBytes = 1u << 20;

  Status Put(std::string_view bytes) {
    while (!bytes.empty()) {
      const MutexLock lock(mutex_);
      while (!abandoned_ && chunks_.size() >= kChunks) changed_.Wait(mutex_);
      if (abandoned_) return Error(ErrorCode::kStopped, "the reader was closed");
      chunks_.emplace_back(bytes.substr(0, kChunkBytes));
      TRINE_CHECK_LE(chunks_.size(), kChunks);
      bytes.remove_prefix(chunks_.back().size());
      changed_.NotifyAll();
    }
    return Ok();
  }

  Mutex mutex_;
  CondVar changed_;
  std::deque<std::string> chunks_ TRINE_GUARDED_BY(mutex_);
  bool ended_ TRINE_GUARDED_BY(mutex_) = false;            // the transfer
  std::optional<Status> result_ TRINE_GUARDED_BY(mutex_);  // of the transfer; nullopt: there was no memory
  bool abandoned_ TRINE_GUARDED_BY(mutex_) = false;
  std::string current_;  // the chunk that Next returned last; used by the reader only
  std::stop_source thread_stop_;
  std::stop_callback<std::function<void()>> stopped_outside_;
  std::thread thread_;
};

}  // namespace

std::string ObjectName(const std::string& location) {
  const size_t slash = location.rfind('/');
  return slash == std::string::npos ? location : location.substr(slash + 1);
}

std::string AsFolder(const std::string& location) {
  return location.ends_with('/') ? location : location + "/";
}

Result<std::vector<storage::ObjectInfo>> FindObjects(storage::ObjectStore& objects,
                                                     const std::string& location, const Deadline& deadline) {
  TRINE_ASSIGN(const std::vector<storage::ObjectInfo> listed, objects.List(location, deadline));
  std::vector<storage::ObjectInfo> below, data;
  for (const storage::ObjectInfo& object : listed) {
    if (object.location == location && !location.ends_with('/')) return std::vector{object};
    if (object.bytes == 0 || object.location.ends_with('/')) continue;
    if (!object.location.starts_with(AsFolder(location))) continue;
    below.push_back(object);
    if (IsDataFile(object.location)) data.push_back(object);
  }
  if (!data.empty()) return data;
  if (!below.empty()) return below;
  return Error(ErrorCode::kNotFound, "there is no object at " + location).Where(location);
}

std::unique_ptr<format::ByteSource> StreamObject(storage::ObjectStore& objects, const std::string& location,
                                                 const Clock& clock, std::stop_token stop) {
  return std::make_unique<ObjectStream>(objects, location, clock, std::move(stop));
}

}  // namespace trine::operations
