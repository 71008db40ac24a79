// TaskHealth: which tasks in the background fail at present and are tried again.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace trine {

// Owned by the program that starts the engines; outlives them. Each task reports its own failures and
// success; the caller logs them. Thread-safe; the only lock is a leaf.
class TaskHealth {
 public:
  static constexpr size_t kMostNamed = 100;  // further tasks are not kept

  // `task` names the task in the middle of a sentence, `why` is a sentence without a full stop.
  void Fails(const std::string& task, const std::string& why) {
    Reports(task, task + " fails and is tried again: " + why);
  }
  // As Fails, with a sentence of the caller's own, without a full stop, about a state that will end.
  void Reports(const std::string& task, std::string sentence) {
    const MutexLock lock(mutex_);
    if (failing_.size() < kMostNamed || failing_.contains(task)) failing_[task] = std::move(sentence);
  }
  // Also of a task that never failed, or that no longer exists.
  void Works(const std::string& task) {
    const MutexLock lock(mutex_);
    failing_.erase(task);
  }
  // One sentence for each task that fails.
  std::vector<std::string> problems() const {
    const MutexLock lock(mutex_);
    std::vector<std::string> all;
    for (const auto& [task, sentence] : failing_) all.push_back(sentence);
    return all;
  }

 private:
  mutable Mutex mutex_;
  std::map<std::string, std::string> failing_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine
