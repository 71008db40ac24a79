// StreamChannel: a streamed body on its way from the pool thread that makes it to the event loop that
// sends it, with back pressure.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

#include "net/http.h"

namespace trine::net {

// Shared by one writing thread and the event loop; thread-safe.
class StreamChannel final : public BodyWriter {
 public:
  // More than this unsent makes Write wait: a slow client must not fill the memory.
  static constexpr size_t kHighWaterBytes = 256u << 10;

  // `wake` tells the event loop that TakePending() has something; it is called from the writing thread.
  StreamChannel(bool chunked, std::function<void()> wake) : chunked_(chunked), wake_(std::move(wake)) {}

  // Writing side. Write frames the piece as one chunk; an empty piece writes nothing.
  Status Write(std::string_view piece) override;
  // No more pieces; `whole` false means that the body must look broken to the client.
  void Finish(bool whole);

  // Event-loop side.
  struct Pending {
    std::string bytes;  // everything unsent, framed
    bool ended = false;
    bool whole = true;  // meaningful when ended
  };
  Pending TakePending();
  // The client is gone: Write fails from now on.
  void Abandon();

 private:
  const bool chunked_;
  const std::function<void()> wake_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::string unsent_;
  bool wake_pending_ = false;
  bool gone_ = false;
  bool ended_ = false;
  bool whole_ = true;
};

}  // namespace trine::net
