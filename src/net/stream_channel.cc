#include "net/stream_channel.h"

#include <charconv>
#include <utility>

namespace trine::net {

Status StreamChannel::Write(std::string_view piece) {
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    TRINE_CHECK(!ended_);
    while (!gone_ && unsent_.size() >= kHighWaterBytes) room_.Wait(mutex_);
    if (gone_) {
      return Error(ErrorCode::kUnavailable, "the client closed the connection during a streamed response");
    }
    if (piece.empty()) return Ok();  // an empty chunk would end the body
    if (chunked_) {
      char size[20];
      const auto end = std::to_chars(size, size + sizeof size, piece.size(), 16).ptr;
      unsent_.append(size, end).append("\r\n").append(piece).append("\r\n");
    } else {
      unsent_.append(piece);
    }
    wake = !std::exchange(wake_pending_, true);
  }
  if (wake) wake_();
  return Ok();
}

void StreamChannel::Finish(bool whole) {
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    TRINE_CHECK(!ended_);
    ended_ = true;
    whole_ = whole;
    if (whole && chunked_) unsent_.append("0\r\n\r\n");
    wake = !std::exchange(wake_pending_, true);
  }
  if (wake) wake_();
}

StreamChannel::Pending StreamChannel::TakePending() {
  Pending pending;
  {
    const MutexLock lock(mutex_);
    wake_pending_ = false;
    pending = {std::exchange(unsent_, {}), ended_, whole_};
  }
  room_.NotifyOne();
  return pending;
}

void StreamChannel::Abandon() {
  {
    const MutexLock lock(mutex_);
    gone_ = true;
    unsent_.clear();
  }
  room_.NotifyOne();
}

}  // namespace trine::net
