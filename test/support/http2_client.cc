#include "test/support/http2_client.h"

#include <nghttp2/nghttp2.h>
#include <sys/socket.h>

#include <array>

#include "base/check.h"

namespace trine::test {
namespace {

std::string Text(const uint8_t* bytes, size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }

nghttp2_nv Field(const std::string& name, const std::string& value) {
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

class Http2Client::Session {
 public:
  struct Upload {
    std::string unsent;
    bool ends = true;
  };

  explicit Session(bool reads_bodies) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_option* option = nullptr;
    TRINE_CHECK_EQ(nghttp2_session_callbacks_new(&callbacks), 0);
    TRINE_CHECK_EQ(nghttp2_option_new(&option), 0);
    nghttp2_option_set_no_auto_window_update(option, reads_bodies ? 0 : 1);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
    TRINE_CHECK_EQ(nghttp2_session_client_new2(&session, callbacks, this, option), 0);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_option_del(option);
    TRINE_CHECK_EQ(nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0), 0);
  }
  ~Session() { nghttp2_session_del(session); }

  static ssize_t ReadUpload(nghttp2_session*, int32_t stream, uint8_t* out, size_t room, uint32_t* flags,
                            nghttp2_data_source*, void* user) {
    Upload& upload = static_cast<Session*>(user)->uploads[stream];
    const size_t size = upload.unsent.copy(reinterpret_cast<char*>(out), room);
    upload.unsent.erase(0, size);
    if (upload.unsent.empty() && upload.ends) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return size == 0 && !upload.ends ? static_cast<ssize_t>(NGHTTP2_ERR_DEFERRED)
                                     : static_cast<ssize_t>(size);
  }

  nghttp2_session* session = nullptr;
  std::map<int32_t, Http2Response> responses;
  std::map<int32_t, Upload> uploads;
  std::optional<uint32_t> goaway;
  bool ended = false;

 private:
  static Http2Response& Of(void* user, int32_t stream) {
    return static_cast<Session*>(user)->responses[stream];
  }
  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                      const uint8_t* value, size_t value_size, uint8_t, void* user) {
    Http2Response& response = Of(user, frame->hd.stream_id);
    const std::string field = Text(name, name_size);
    if (field != ":status") {
      response.headers[field] = Text(value, value_size);
    } else if (Text(value, value_size) == "100") {
      response.interim = true;
    } else {
      response.status = std::stoi(Text(value, value_size));
    }
    return 0;
  }
  static int OnData(nghttp2_session*, uint8_t, int32_t stream, const uint8_t* bytes, size_t size,
                    void* user) {
    Of(user, stream).body += Text(bytes, size);
    return 0;
  }
  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_GOAWAY) static_cast<Session*>(user)->goaway = frame->goaway.error_code;
    if (frame->hd.type == NGHTTP2_RST_STREAM)
      Of(user, frame->hd.stream_id).reset_code = frame->rst_stream.error_code;
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 &&
        (frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS))
      Of(user, frame->hd.stream_id).complete = true;
    return 0;
  }
};

Http2Client::Http2Client(RawClient connection, bool reads_bodies)
    : connection_(std::move(connection)), session_(std::make_unique<Session>(reads_bodies)) {
  Flush();
}
Http2Client::~Http2Client() = default;

int32_t Http2Client::Send(const std::string& method, const std::string& path, const Fields& fields,
                          const std::string& body, bool ends) {
  const std::array<std::pair<std::string, std::string>, 4> pseudo = {
      {{":method", method}, {":path", path}, {":scheme", "http"}, {":authority", "h"}}};
  std::vector<nghttp2_nv> list;
  for (const auto& [name, value] : pseudo) list.push_back(Field(name, value));
  for (const auto& [name, value] : fields) list.push_back(Field(name, value));
  nghttp2_data_provider provider{};
  provider.read_callback = Session::ReadUpload;
  const bool has_body = !body.empty() || !ends;
  const int32_t stream = nghttp2_submit_request(session_->session, nullptr, list.data(), list.size(),
                                                has_body ? &provider : nullptr, nullptr);
  TRINE_CHECK(stream > 0);
  session_->uploads[stream] = {body, ends};
  Flush();
  return stream;
}

void Http2Client::Continue(int32_t stream, const std::string& piece, bool ends) {
  Session::Upload& upload = session_->uploads[stream];
  upload.unsent += piece;
  upload.ends = ends;
  static_cast<void>(nghttp2_session_resume_data(session_->session, stream));
  Flush();
}

void Http2Client::Reset(int32_t stream) {
  TRINE_CHECK_EQ(nghttp2_submit_rst_stream(session_->session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL), 0);
  Flush();
}

void Http2Client::OpenWindow(int32_t stream, int32_t bytes) {
  for (const int32_t id : {stream, 0})
    TRINE_CHECK_EQ(nghttp2_submit_window_update(session_->session, NGHTTP2_FLAG_NONE, id, bytes), 0);
  Flush();
}

Http2Response Http2Client::Wait(int32_t stream) { return WaitForBody(stream, SIZE_MAX); }

Http2Response Http2Client::WaitForBody(int32_t stream, size_t bytes) {
  Http2Response& response = session_->responses[stream];
  while (!response.complete && !response.reset_code && response.body.size() < bytes) {
    if (!ReadMore()) break;
  }
  return response;
}

Http2Response Http2Client::Ask(const std::string& method, const std::string& path, const Fields& fields,
                               const std::string& body) {
  return Wait(Send(method, path, fields, body));
}

std::optional<uint32_t> Http2Client::WaitForEnd() {
  while (ReadMore()) {
  }
  return session_->ended ? session_->goaway : std::nullopt;
}

bool Http2Client::ReadMore() {
  std::array<char, 16 << 10> bytes{};
  const ssize_t size = recv(connection_.fd(), bytes.data(), bytes.size(), 0);
  session_->ended = size == 0;
  if (size <= 0) return false;
  const ssize_t read = nghttp2_session_mem_recv(
      session_->session, reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<size_t>(size));
  if (read < 0) return false;
  Flush();
  return true;
}

void Http2Client::Flush() {
  for (;;) {
    const uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_->session, &bytes);
    if (size <= 0 || !connection_.Send(Text(bytes, static_cast<size_t>(size)))) return;
  }
}

}  // namespace trine::test
