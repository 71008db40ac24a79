// Maintenance: the background thread that merges segments, one for all indexes of a set.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace trine::index {

// What wants to be maintained. Thread-safe.
class Maintained {
 public:
  virtual ~Maintained() = default;
  // Does what is due, one merge after another; returns soon after the owner stopped.
  virtual void Maintain() = 0;
};

// Owns its thread. Asked again while waiting, a thing waits once. Thread-safe.
class Maintenance {
 public:
  Maintenance();
  ~Maintenance();  // waits for what runs; what waits is dropped
  void Ask(std::weak_ptr<Maintained> what);

 private:
  void Run();
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::weak_ptr<Maintained>> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace trine::index
