// Fuzzes the frames of HTTP/2 that a client sends after its preface. Every request is answered with a body;
// the first byte of the input decides how the answers begin and end. Each stream is closed at most once, and
// a head comes before its body.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "net/http2_session.h"

namespace {

using trine::net::Http2Session;

constexpr size_t kMaxHeaderBytes = 4096;
constexpr size_t kBodyBytes = 40'000;

class Answers final : public Http2Session::Events {
 public:
  explicit Answers(uint8_t mode) : mode_(mode), session(kMaxHeaderBytes, *this) {}

  void OnHeadBegin(int32_t stream) override { TRINE_CHECK(streams_.emplace(stream, Stream()).second); }
  void OnHead(int32_t stream, Http2Session::Head head) override {
    TRINE_CHECK(streams_.contains(stream) && !std::exchange(streams_[stream].has_head, true));
    TRINE_CHECK(head.failure_status == 0 || head.failure_status >= 400);
    if (head.expects_continue) session.Continue(stream);
    if ((mode_ & 1) != 0) Answer(stream);  // before the request has ended
  }
  void OnBody(int32_t stream, std::string_view piece) override {
    TRINE_CHECK(streams_.contains(stream) && streams_[stream].has_head && !piece.empty());
    if ((mode_ & 2) != 0) session.Reset(stream);
  }
  void OnRequestEnd(int32_t stream) override {
    TRINE_CHECK(streams_.contains(stream));
    Answer(stream);
  }
  void OnClosed(int32_t stream) override { TRINE_CHECK_EQ(streams_.erase(stream), 1u); }
  Http2Session::BodyRead ReadBody(int32_t stream, char* out, size_t room) override {
    TRINE_CHECK(streams_.contains(stream));
    Stream& answered = streams_[stream];
    const size_t size = std::min({room, kBodyBytes - answered.sent, size_t{5000}});
    std::string(size, 'x').copy(out, size);
    answered.sent += size;
    using State = Http2Session::BodyRead::State;
    if (answered.sent < kBodyBytes) return {State::kMore, size};
    return {(mode_ & 4) != 0 && size == 0 ? State::kBroken : State::kEnd, size};
  }

 private:
  struct Stream {
    bool has_head = false, answered = false;
    size_t sent = 0;
  };
  void Answer(int32_t stream) {
    if (std::exchange(streams_[stream].answered, true)) return;
    session.Respond(stream, 200, {{"content-type", "text/plain"}}, true);
  }

  const uint8_t mode_;
  std::map<int32_t, Stream> streams_;

 public:
  Http2Session session;  // after the streams, because its end closes none of them
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  Answers answers(data[0]);
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  bool open = answers.session.Receive(trine::net::kHttp2Preface).ok();
  while (open && !rest.empty()) {
    const size_t piece = std::min<size_t>(rest.size(), 1 + data[0] % 64);
    open = answers.session.Receive(rest.substr(0, piece)).ok();
    rest.remove_prefix(piece);
    std::string sent;
    answers.session.Send(1u << 16, &sent);
    open = open && !answers.session.finished();
  }
  return 0;
}
