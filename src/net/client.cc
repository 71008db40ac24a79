#include "net/client.h"

#include <curl/curl.h>
#include <fcntl.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/text.h"

namespace trine::net {
namespace {

constexpr size_t kMaxIdleHandles = 32;  // each keeps a few connections open
constexpr size_t kMaxHeaderBytes = 1u << 20;
constexpr long kConnectTimeoutMillis = 10'000;
constexpr long kMaxMillis = 24L * 3600 * 1000;

struct CurlFree {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, CurlFree>;
using HeaderList = std::unique_ptr<curl_slist, CurlFree>;

// The state of one transfer, which curl's callbacks read and write.
struct Transfer {
  CURL* handle;
  const ClientRequest& request;
  const Deadline& deadline;
  const std::function<Status(std::string_view)>& sink;
  ClientResponse response;
  size_t header_bytes = 0;
  size_t body_bytes = 0;
  std::optional<Error> failure;

  bool Fail(Error error) {
    if (!failure) failure = std::move(error);
    return false;
  }

  bool TakeHeader(std::string_view line) {
    header_bytes += line.size();
    if (header_bytes > kMaxHeaderBytes) {
      return Fail(Error(ErrorCode::kLimit, "the response header fields are too large").Where(request.url));
    }
    if (line.starts_with("HTTP/")) response.headers = {};  // drops the fields of an interim response
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || line.starts_with("HTTP/")) return true;
    response.headers.Add(std::string(line.substr(0, colon)), std::string(Trim(line.substr(colon + 1))));
    return true;
  }

  bool TakeBody(std::string_view piece) {
    body_bytes += piece.size();
    if (body_bytes > request.max_response_bytes) {
      return Fail(Error(ErrorCode::kLimit, "the response is too large")
                      .Expected("at most " + std::to_string(request.max_response_bytes) + " bytes")
                      .Where(request.url));
    }
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    if (!sink || status < 200 || status >= 300) {
      response.body.append(piece);
      return true;
    }
    Status taken = sink(piece);
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

// curl calls this at least once a second, so that a stop request takes effect while the network is silent.
int OnProgress(void* transfer, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(transfer)->deadline.Passed() ? 1 : 0;
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
    if (!handle) return Error(ErrorCode::kInternal, "curl cannot allocate a transfer");
    Transfer transfer{.handle = handle.get(),
                      .request = request,
                      .deadline = deadline,
                      .sink = sink,
                      .response = {},
                      .failure = {}};
    const HeaderList headers = ListHeaders(request);
    SetUp(handle.get(), request, deadline, headers.get(), &transfer);
    char detail[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, detail);
    const CURLcode code = curl_easy_perform(handle.get());
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_reset(handle.get());  // forgets our pointers, keeps the connections
    GiveBack(std::move(handle));
    if (transfer.failure) return *std::move(transfer.failure);
    if (code == CURLE_OPERATION_TIMEDOUT || code == CURLE_ABORTED_BY_CALLBACK) return TimedOut(request);
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
      return Error(ErrorCode::kInvalid, "not an http or https URL").Got(request.url);
    }
    if (code != CURLE_OK) {
      return Error(ErrorCode::kUnavailable, std::string("the external service cannot be reached: ") +
                                                (detail[0] != '\0' ? detail : curl_easy_strerror(code)))
          .Where(request.url);
    }
    transfer.response.status = static_cast<int>(status);
    return std::move(transfer.response);
  }

 private:
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
    const long left = static_cast<long>(std::clamp<int64_t>(deadline.MillisLeft(), 1, kMaxMillis));
    curl_easy_setopt(h, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(h, CURLOPT_PATH_AS_IS, 1L);  // do not resolve "..": the path is signed as given
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_PROXY, "");  // ignore the environment
    curl_easy_setopt(h, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(h, CURLOPT_SOCKOPTFUNCTION, &CloseOnExec);
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, left);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, std::min(left, kConnectTimeoutMillis));
    if (!options_.ca_file.empty()) curl_easy_setopt(h, CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, &OnHeader);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, &OnBody);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, &OnProgress);
    curl_easy_setopt(h, CURLOPT_XFERINFODATA, transfer);
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
    if (idle_.empty()) return Handle(curl_easy_init());
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
