#include "net/http2_session.h"

#include <nghttp2/nghttp2.h>

#include <array>
#include <exception>

#include "base/check.h"
#include "base/text.h"
#include "format/text.h"
#include "net/request_parser.h"

namespace trine::net {
namespace {

// Bytes of a body that a client may send before it must wait: for one stream, and for all together.
constexpr int32_t kStreamWindowBytes = 1 << 20, kConnectionWindowBytes = 4 << 20;
constexpr uint64_t kResetBurst = 200, kResetsPerSecond = 33;  // streams that a client may reset
constexpr size_t kMaxContinuations = 16;                      // frames of one head
constexpr size_t kMaxUnreadAcks = 200;  // acknowledgements that the client makes necessary and does not read
constexpr size_t kFieldOverhead = 32;   // RFC 9113, section 10.5.1
constexpr size_t kInterimFields = 1;

std::string_view View(const uint8_t* bytes, size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_nv Field(std::string_view name, std::string_view value) {
  // nghttp2 copies the bytes, and its type only lacks the const.
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

Error Malformed(std::string message) { return Error(ErrorCode::kMalformedRequest, std::move(message)); }

}  // namespace

class Http2Session::Impl {
 public:
  Impl(size_t max_header_bytes, Events& events) : max_header_bytes_(max_header_bytes), events_(events) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_option* option = nullptr;
    TRINE_CHECK_EQ(nghttp2_session_callbacks_new(&callbacks), 0);
    TRINE_CHECK_EQ(nghttp2_option_new(&option), 0);
    SetCallbacks(callbacks);
    nghttp2_option_set_no_closed_streams(option, 1);
    nghttp2_option_set_stream_reset_rate_limit(option, kResetBurst, kResetsPerSecond);
    nghttp2_option_set_max_continuations(option, kMaxContinuations);
    nghttp2_option_set_max_outbound_ack(option, kMaxUnreadAcks);
    const int made = nghttp2_session_server_new2(&session_, callbacks, this, option);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_option_del(option);
    TRINE_CHECK_EQ(made, 0);
    const std::array<nghttp2_settings_entry, 4> settings = {
        {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMaxHttp2Streams},
         {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindowBytes},
         {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(max_header_bytes)},
         {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1}}};
    TRINE_CHECK_EQ(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size()), 0);
    TRINE_CHECK_EQ(
        nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindowBytes), 0);
  }
  ~Impl() { nghttp2_session_del(session_); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Status Receive(std::string_view bytes) {
    const ssize_t read =
        nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    if (read >= 0) return Ok();
    GoAway(true);
    return Malformed(std::string("the connection of HTTP/2 is malformed: ") +
                     nghttp2_strerror(static_cast<int>(read)));
  }

  void Send(size_t enough, std::string* out) {
    while (out->size() < enough) {
      const uint8_t* bytes = nullptr;
      const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
      if (size < 0) broken_ = true;
      if (size <= 0) return;
      out->append(View(bytes, static_cast<size_t>(size)));
    }
  }

  void Respond(int32_t stream, int status, const std::vector<std::pair<std::string, std::string>>& fields,
               bool has_body) {
    const std::string code = std::to_string(status);
    std::vector<nghttp2_nv> list;
    list.reserve(fields.size() + 1);
    list.push_back(Field(":status", code));
    for (const auto& [name, value] : fields) list.push_back(Field(name, value));
    nghttp2_data_provider body{};
    body.read_callback = ReadBody;
    Check(nghttp2_submit_response(session_, stream, list.data(), list.size(), has_body ? &body : nullptr));
  }

  void Continue(int32_t stream) {
    const std::array<nghttp2_nv, kInterimFields> list = {Field(":status", "100")};
    Check(nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream, nullptr, list.data(), list.size(),
                                 nullptr));
  }

  void ResumeBody(int32_t stream) { Check(nghttp2_session_resume_data(session_, stream)); }

  void Reset(int32_t stream, uint32_t code) {
    Check(nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, code));
  }

  void GoAway(bool misbehaving) {
    if (misbehaving) {
      Check(nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM));
    } else {
      Check(nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                                  nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                                  nullptr, 0));
    }
  }

  size_t queued_frames() const { return nghttp2_session_get_outbound_queue_size(session_); }
  bool finished() const {
    return broken_ || (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0);
  }

 private:
  // A stream may have ended meanwhile, which nghttp2 reports as an invalid argument or state. Only a lack of
  // memory leaves the session unusable.
  void Check(int result) { broken_ = broken_ || nghttp2_is_fatal(result) != 0; }

  static Impl& Self(void* user) { return *static_cast<Impl*>(user); }

  // nghttp2 is written in C, through which no exception may pass.
  template <typename Call>
  static int Guarded(void* user, const Call& call) {
    try {
      return call(Self(user));
    } catch (const std::exception&) {
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
  }

  static void SetCallbacks(nghttp2_session_callbacks* callbacks) {
    nghttp2_session_callbacks_set_on_begin_headers_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
          return Guarded(user, [&](Impl& self) { return self.OnBeginHeaders(*frame); });
        });
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                      const uint8_t* value, size_t value_size, uint8_t, void* user) {
          return Guarded(user, [&](Impl& self) {
            return self.OnField(*frame, View(name, name_size), View(value, value_size));
          });
        });
    // Without this callback, nghttp2 drops an invalid field and goes on.
    nghttp2_session_callbacks_set_on_invalid_header_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame*, const uint8_t*, size_t, const uint8_t*, size_t,
                      uint8_t, void*) { return static_cast<int>(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE); });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
          return Guarded(user, [&](Impl& self) { return self.OnFrame(*frame); });
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks,
        [](nghttp2_session*, uint8_t, int32_t stream, const uint8_t* bytes, size_t size, void* user) {
          return Guarded(user, [&](Impl& self) {
            self.events_.OnBody(stream, View(bytes, size));
            return 0;
          });
        });
    nghttp2_session_callbacks_set_on_frame_send_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
          return Guarded(user, [&](Impl& self) { return self.OnFrameSent(*frame); });
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        callbacks, [](nghttp2_session*, int32_t stream, uint32_t, void* user) {
          return Guarded(user, [&](Impl& self) {
            self.events_.OnClosed(stream);
            return 0;
          });
        });
  }

  static ssize_t ReadBody(nghttp2_session*, int32_t stream, uint8_t* out, size_t room, uint32_t* flags,
                          nghttp2_data_source*, void* user) {
    BodyRead read;
    const int failed = Guarded(user, [&](Impl& self) {
      read = self.events_.ReadBody(stream, reinterpret_cast<char*>(out), room);
      return 0;
    });
    if (failed != 0) return failed;
    TRINE_CHECK_LE(read.size, room);
    switch (read.state) {
      case BodyRead::State::kLater:
        return NGHTTP2_ERR_DEFERRED;
      case BodyRead::State::kBroken:
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
      case BodyRead::State::kEnd:
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        break;
      case BodyRead::State::kMore:
        break;
    }
    return static_cast<ssize_t>(read.size);
  }

  int OnBeginHeaders(const nghttp2_frame& frame) {
    head_ = {};
    head_bytes_ = 0;
    authority_.clear();
    if (frame.hd.type != NGHTTP2_HEADERS || frame.headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    events_.OnHeadBegin(frame.hd.stream_id);
    return 0;
  }

  // The fields of one head arrive without those of another one between them (RFC 9113, section 4.3).
  int OnField(const nghttp2_frame& frame, std::string_view name, std::string_view value) {
    head_bytes_ += name.size() + value.size() + kFieldOverhead;
    if (head_bytes_ > max_header_bytes_) return 0;  // OnHead rejects it
    // Trailers are ignored: they must not change decisions made from the head.
    if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    Request& request = head_.request;
    if (name == ":method") {
      request.method = value;
    } else if (name == ":path") {
      request.target = value;
    } else if (name == ":authority") {
      authority_ = value;
    } else if (name == "cookie" && request.headers.Find(name) != nullptr) {  // RFC 9113, section 8.2.3
      request.headers.Set(name, *request.headers.Find(name) + "; " + std::string(value));
    } else if (!name.starts_with(':')) {
      request.headers.Add(std::string(name), std::string(value));
    }
    return 0;
  }

  int OnFrame(const nghttp2_frame& frame) {
    const bool ends = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
      head_.ended = ends;
      CompleteHead();
      events_.OnHead(frame.hd.stream_id, std::exchange(head_, {}));
    }
    if (ends && (frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA))
      events_.OnRequestEnd(frame.hd.stream_id);
    return 0;
  }

  void CompleteHead() {
    Request& request = head_.request;
    request.http_version = 20;
    const std::string authority = std::exchange(authority_, {});
    const auto fail = [this](int status, Error error) {
      head_.failure_status = status;
      head_.failure = std::move(error);
    };
    // A head that is too large is incomplete. Its path may still decide how it is rejected.
    const bool split = SplitTarget(&request).ok();
    if (head_bytes_ > max_header_bytes_) return fail(431, HeaderTooLarge(max_header_bytes_));
    if (!split) return fail(400, Malformed("the request target is not a path").Expected("/path?query"));
    const std::string* host = request.headers.Find("host");
    if (host != nullptr && !authority.empty() && !EqualsIgnoreCase(*host, authority)) {
      return fail(400, Malformed("the Host header differs from :authority")
                           .Expected(authority.substr(0, 64))
                           .Got(host->substr(0, 64)));
    }
    if (!authority.empty()) request.headers.Set("host", authority);
    if (const std::string* length = request.headers.Find("content-length")) {
      const std::optional<int64_t> bytes = format::ParseInt(*length);
      if (bytes && *bytes >= 0) head_.length = static_cast<uint64_t>(*bytes);
    }
    if (head_.ended) head_.length = 0;
    if (const std::string* expected = request.headers.Find("expect")) {
      if (const Status known = CheckExpectation(*expected); !known.ok()) return fail(417, known.error());
      head_.expects_continue = true;
    }
  }

  // A client that is answered before the end of its request need not send the rest (RFC 9113, section 8.1).
  int OnFrameSent(const nghttp2_frame& frame) {
    if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return 0;
    if (nghttp2_session_get_stream_remote_close(session_, frame.hd.stream_id) == 0)
      Reset(frame.hd.stream_id, NGHTTP2_NO_ERROR);
    return 0;
  }

  const size_t max_header_bytes_;
  Events& events_;
  nghttp2_session* session_ = nullptr;
  Head head_;  // the head that is being read
  std::string authority_;
  size_t head_bytes_ = 0;
  bool broken_ = false;
};

Http2Session::Http2Session(size_t max_header_bytes, Events& events)
    : impl_(std::make_unique<Impl>(max_header_bytes, events)) {}
Http2Session::~Http2Session() = default;

Status Http2Session::Receive(std::string_view bytes) { return impl_->Receive(bytes); }
void Http2Session::Send(size_t enough, std::string* out) { impl_->Send(enough, out); }
void Http2Session::Respond(int32_t stream, int status,
                           const std::vector<std::pair<std::string, std::string>>& fields, bool has_body) {
  impl_->Respond(stream, status, fields, has_body);
}
void Http2Session::Continue(int32_t stream) { impl_->Continue(stream); }
void Http2Session::ResumeBody(int32_t stream) { impl_->ResumeBody(stream); }
void Http2Session::Reset(int32_t stream) { impl_->Reset(stream, NGHTTP2_INTERNAL_ERROR); }
void Http2Session::GoAway(bool misbehaving) { impl_->GoAway(misbehaving); }
size_t Http2Session::queued_frames() const { return impl_->queued_frames(); }
bool Http2Session::finished() const { return impl_->finished(); }

}  // namespace trine::net
