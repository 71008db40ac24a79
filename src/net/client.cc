#include "net/client.h"

#include <curl/curl.h>
#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <stop_token>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/text.h"

namespace trine::net {
namespace {

constexpr size_t kMaxIdleHandles = 32;  // each keeps a few connections open
constexpr size_t kMaxHeaderBytes = 1u << 20;
constexpr int64_t kMaxMillis = 24LL * 3600 * 1000;
constexpr int64_t kMaxPollMillis = 1000;  // a deadline may follow a clock that moves in jumps

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

// A transfer at a time, and the connections that are kept for the next ones. curl's interface for many
// transfers is used because it returns between two pieces of data, so that every limit is checked in time.
struct Handle {
  struct FreeEasy {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  struct FreeMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };
  std::unique_ptr<CURLM, FreeMulti> multi;
  std::unique_ptr<CURL, FreeEasy> easy;  // never in `multi` outside Perform
};

using RealClock = std::chrono::steady_clock;

int64_t MillisSince(RealClock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(RealClock::now() - start).count();
}

// The state of one transfer, which curl's callbacks read and write.
struct Transfer {
  CURL* handle;
  const ClientRequest& request;
  const Deadline& deadline;
  const std::function<Status(std::string_view)>& sink;
  ClientResponse response = {};
  size_t header_bytes = 0;
  size_t body_bytes = 0;
  bool has_head = false;  // the head of the final response is complete
  RealClock::time_point last_progress = RealClock::now();
  std::optional<Error> failure = {};

  bool Fail(Error error) {
    if (!failure) failure = std::move(error);
    return false;
  }

  // The milliseconds until the first of the limits is reached; 0 if one is.
  int64_t MillisLeft() const {
    int64_t left = deadline.MillisLeft();
    if (deadline.Passed()) return 0;
    left = std::max<int64_t>(left, 1);  // less than a millisecond is left
    const int64_t limit = has_head ? request.idle_ms : request.first_byte_ms;
    return limit == 0 ? left : std::min(left, std::max<int64_t>(limit - MillisSince(last_progress), 0));
  }

  bool TakeHeader(std::string_view line) {
    header_bytes += line.size();
    if (header_bytes > kMaxHeaderBytes) {
      return Fail(Error(ErrorCode::kLimit, "the response header fields are too large").Where(request.url));
    }
    if (line.starts_with("HTTP/")) response.headers = {};  // drops the fields of an interim response
    if (Trim(line).empty() && !has_head) return EndHead();
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || line.starts_with("HTTP/")) return true;
    response.headers.Add(std::string(line.substr(0, colon)), std::string(Trim(line.substr(colon + 1))));
    return true;
  }

  bool EndHead() {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200) return true;
    has_head = true;
    response.status = static_cast<int>(status);
    Status accepted = request.on_head ? request.on_head(response) : Ok();
    last_progress = RealClock::now();
    return accepted.ok() || Fail(std::move(accepted).error());
  }

  bool TakeBody(std::string_view piece) {
    TRINE_CHECK(has_head);
    last_progress = RealClock::now();
    body_bytes += piece.size();
    if (body_bytes > request.max_response_bytes) {
      return Fail(Error(ErrorCode::kLimit, "the response is too large")
                      .Expected("at most " + std::to_string(request.max_response_bytes) + " bytes")
                      .Where(request.url));
    }
    if (!sink || response.status >= 300) {
      response.body.append(piece);
      return true;
    }
    Status taken = sink(piece);
    last_progress = RealClock::now();  // the sink's own time does not count
    return taken.ok() || Fail(std::move(taken).error());
  }
};

size_t OnHeader(char* data, size_t size, size_t count, void* transfer) {
  return static_cast<Transfer*>(transfer)->TakeHeader({data, size * count}) ? size * count : 0;
}

size_t OnBody(char* data, size_t size, size_t count, void* transfer) {
  return static_cast<Transfer*>(transfer)->TakeBody({data, size * count}) ? size * count
                                                                          : CURL_WRITEFUNC_ERROR;
}

// A child process must not keep a connection of this one open.
int CloseOnExec(void*, curl_socket_t socket, curlsocktype) {
  return ::fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

Error TimedOut(const ClientRequest& request) {
  return Error(ErrorCode::kTimeout, "the external service did not respond before the deadline")
      .Where(request.url);
}

class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(ClientOptions options) : options_(std::move(options)) {}

  Result<ClientResponse> Send(const ClientRequest& request, const Deadline& deadline,
                              const std::function<Status(std::string_view)>& sink) override {
    if (deadline.Passed()) return TimedOut(request);
    TRINE_TRY(CheckRequest(request));
    Handle handle = Borrow();
    if (!handle.easy || !handle.multi) return Error(ErrorCode::kInternal, "curl cannot allocate a transfer");
    CURL* const easy = handle.easy.get();
    Transfer transfer{.handle = easy, .request = request, .deadline = deadline, .sink = sink};
    const HeaderList headers = ListHeaders(request);
    SetUp(easy, request, deadline, headers.get(), &transfer);
    char detail[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail);
    const CURLcode code = Perform(handle, transfer);
    curl_easy_reset(easy);  // forgets our pointers
    GiveBack(std::move(handle));
    if (transfer.failure) return *std::move(transfer.failure);
    if (code == CURLE_OPERATION_TIMEDOUT) return TimedOut(request);
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
      return Error(ErrorCode::kInvalid, "not an http or https URL").Got(request.url);
    }
    if (code != CURLE_OK) {
      return Error(ErrorCode::kUnavailable, std::string("the external service cannot be reached: ") +
                                                (detail[0] != '\0' ? detail : curl_easy_strerror(code)))
          .Where(request.url);
    }
    if (!transfer.has_head) {
      return Error(ErrorCode::kUnavailable, "the external service sent no response").Where(request.url);
    }
    return std::move(transfer.response);
  }

 private:
  // Runs the transfer to its end, or until one of its limits is reached, which is CURLE_OPERATION_TIMEDOUT.
  static CURLcode Perform(const Handle& handle, const Transfer& transfer) {
    CURLM* const multi = handle.multi.get();
    const std::stop_callback wake(transfer.deadline.stop(), [multi] { curl_multi_wakeup(multi); });
    if (curl_multi_add_handle(multi, handle.easy.get()) != CURLM_OK) return CURLE_OUT_OF_MEMORY;
    CURLcode code = CURLE_OPERATION_TIMEDOUT;
    for (int64_t left = 1; left > 0; left = transfer.MillisLeft()) {
      int running = 0;
      if (curl_multi_perform(multi, &running) != CURLM_OK) {
        code = CURLE_FAILED_INIT;
        break;
      }
      if (running == 0) {
        int waiting = 0;
        const CURLMsg* const message = curl_multi_info_read(multi, &waiting);
        TRINE_CHECK(message != nullptr && message->msg == CURLMSG_DONE);
        code = message->data.result;
        break;
      }
      const int64_t most = std::min(transfer.MillisLeft(), kMaxPollMillis);
      curl_multi_poll(multi, nullptr, 0, static_cast<int>(most), nullptr);
    }
    curl_multi_remove_handle(multi, handle.easy.get());  // closes the connection of an unfinished transfer
    return code;
  }

  static Status CheckRequest(const ClientRequest& request) {
    if (!request.url.starts_with("http://") && !request.url.starts_with("https://")) {
      return Error(ErrorCode::kInvalid, "not an http or https URL").Got(request.url);
    }
    const auto breaks = [](std::string_view text) {
      return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
    };
    bool broken = breaks(request.url) || breaks(request.method) || request.method.empty();
    for (const auto& [name, value] : request.headers.fields())
      broken |= breaks(name) || breaks(value) || name.empty();
    if (broken)
      return Error(ErrorCode::kInvalid,
                   "the request line or a header field is empty or contains a line break or NUL");
    return Ok();
  }

  static HeaderList ListHeaders(const ClientRequest& request) {
    curl_slist* list = nullptr;
    for (const auto& [name, value] : request.headers.fields()) {
      // In curl's notation, "Name;" is a field with an empty value.
      list = curl_slist_append(list, (value.empty() ? name + ";" : name + ": " + value).c_str());
    }
    // Suppress the fields that curl would add by itself, such as a form's content type and an Expect that
    // delays the body by a second.
    for (const char* name : {"Content-Type", "Expect", "Accept", "User-Agent"}) {
      if (!request.headers.Find(name)) list = curl_slist_append(list, (std::string(name) + ":").c_str());
    }
    return HeaderList(list);
  }

  void SetUp(CURL* h, const ClientRequest& request, const Deadline& deadline, curl_slist* headers,
             Transfer* transfer) const {
    const int64_t left = std::clamp<int64_t>(deadline.MillisLeft(), 1, kMaxMillis);
    const int64_t connect = request.connect_ms > 0 ? std::min(left, request.connect_ms) : left;
    curl_easy_setopt(h, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(h, CURLOPT_PATH_AS_IS, 1L);  // do not resolve "..": the path is signed as given
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_PROXY, "");  // ignore the environment
    curl_easy_setopt(h, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(h, CURLOPT_SOCKOPTFUNCTION, &CloseOnExec);
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, static_cast<long>(left));
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect));
    if (!options_.ca_file.empty()) curl_easy_setopt(h, CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, &OnHeader);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, &OnBody);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, transfer);
    if (request.method == "HEAD") {
      curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
      return;
    }
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
      curl_easy_setopt(h, CURLOPT_POSTFIELDS, request.body.data());
      curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
    curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  Handle Borrow() {
    const MutexLock lock(mutex_);
    if (idle_.empty()) {
      return {.multi = std::unique_ptr<CURLM, Handle::FreeMulti>(curl_multi_init()),
              .easy = std::unique_ptr<CURL, Handle::FreeEasy>(curl_easy_init())};
    }
    Handle handle = std::move(idle_.back());
    idle_.pop_back();
    return handle;
  }

  void GiveBack(Handle handle) {
    const MutexLock lock(mutex_);
    if (idle_.size() < kMaxIdleHandles) idle_.push_back(std::move(handle));
  }

  const ClientOptions options_;
  Mutex mutex_;
  std::vector<Handle> idle_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<HttpClient> NewHttpClient(ClientOptions options) {
  static std::once_flag once;  // curl_global_init may run only once
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  return std::make_unique<CurlClient>(std::move(options));
}

}  // namespace trine::net
