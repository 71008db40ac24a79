// StreamChannel: passes a streamed body from the pool thread that produces it to the event loop that sends
// it, with back pressure.
#pragma once

#include <functional>
#include <string>

#include "base/mutex.h"
#include "net/http.h"

namespace trine::net {

// Shared by one writing thread and the event loop. Thread-safe; has one lock, which is not held during
// `wake`.
class StreamChannel final : public BodyWriter {
 public:
  // Write waits while at least this many bytes are unsent, so that a slow client cannot fill the memory.
  static constexpr size_t kHighWaterBytes = 256u << 10;

  // `wake` is called on the writing thread when TakePending() has new bytes or the end of the body.
  StreamChannel(bool chunked, std::function<void()> wake) : chunked_(chunked), wake_(std::move(wake)) {}

  // Writing side. Frames the piece as one chunk; an empty piece writes nothing. Requires that Finish was not
  // called.
  Status Write(std::string_view piece) override;
  // Ends the body. `whole` is false if the body could not be completed; the connection is then reset, so that
  // the client sees an incomplete body.
  void Finish(bool whole);

  // Event-loop side.
  struct Pending {
    std::string bytes;  // everything unsent, framed
    bool ended = false;
    bool whole = true;  // meaningful when ended
  };
  Pending TakePending();
  // Called when the client is gone. Write fails from now on.
  void Abandon();

 private:
  const bool chunked_;
  const std::function<void()> wake_;
  Mutex mutex_;
  CondVar room_;  // notified when bytes are taken or the client is gone
  std::string unsent_ TRINE_GUARDED_BY(mutex_);
  bool wake_pending_ TRINE_GUARDED_BY(mutex_) = false;
  bool gone_ TRINE_GUARDED_BY(mutex_) = false;
  bool ended_ TRINE_GUARDED_BY(mutex_) = false;
  bool whole_ TRINE_GUARDED_BY(mutex_) = true;
};

}  // namespace trine::net
