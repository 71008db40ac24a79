#include "remote/s3/s3_object_store.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

#include "base/text.h"
#include "format/text.h"

namespace trine::remote::s3 {
namespace {

constexpr size_t kMinPartBytes = 5u << 20;  // S3 rejects smaller parts
constexpr int kMaxListPages = 1000;         // a million objects
constexpr int64_t kFirstWaitMillis = 100;
constexpr std::string_view kScheme = "s3://";

struct Location {
  std::string bucket, key;
};

Result<Location> ParseLocation(const std::string& location) {
  const std::string_view text = location;
  const size_t slash =
      text.substr(0, kScheme.size()) == kScheme ? text.find('/', kScheme.size()) : std::string_view::npos;
  const std::string_view bucket =
      text.substr(std::min(text.size(), kScheme.size()),
                  slash == std::string_view::npos ? std::string_view::npos : slash - kScheme.size());
  const bool plain =
      !bucket.empty() &&
      bucket.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
          std::string_view::npos;
  if (text.substr(0, kScheme.size()) != kScheme || !plain)
    return Error(ErrorCode::kInvalid, "not an S3 location").Expected("s3://bucket/key").Got(location);
  return Location{std::string(bucket),
                  slash == std::string_view::npos ? "" : std::string(text.substr(slash + 1))};
}

// Returns the text of the first <tag>...</tag> at or after `*from`, with XML entities resolved, and moves
// `*from` past it. nullopt if there is none.
std::optional<std::string> NextElement(std::string_view xml, const std::string& tag, size_t* from) {
  const std::string open = "<" + tag + ">", close = "</" + tag + ">";
  const size_t start = xml.find(open, *from);
  if (start == std::string_view::npos) return std::nullopt;
  const size_t end = xml.find(close, start);
  if (end == std::string_view::npos) return std::nullopt;
  *from = end + close.size();
  std::string text(xml.substr(start + open.size(), end - start - open.size()));
  constexpr std::pair<const char*, const char*> kEntities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}};
  for (const auto& [entity, plain] : kEntities) {
    for (size_t at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1))
      text.replace(at, std::string_view(entity).size(), plain);
  }
  return text;
}
std::string FirstElement(std::string_view xml, const std::string& tag) {
  size_t from = 0;
  return NextElement(xml, tag, &from).value_or("");
}

// Whether a body is a list of objects that is not cut off.
bool IsWholeList(std::string_view xml) {
  xml = Trim(xml);
  const size_t root = xml.find("<ListBucketResult");
  if (root == std::string_view::npos) return false;
  return xml.ends_with("</ListBucketResult>") ||
         (xml.ends_with("/>") && xml.find('>', root) + 1 == xml.size());
}

Error StatusError(int status, const std::string& body, const std::string& location) {
  const std::string name = FirstElement(body, "Code"), message = FirstElement(body, "Message");
  const std::string words = "the object store responded with " + std::to_string(status) +
                            (name.empty() ? "" : " " + name) + (message.empty() ? "" : ": " + message);
  ErrorCode code = ErrorCode::kUnavailable;
  if (status == 404)
    code = ErrorCode::kNotFound;
  else if (status == 403)
    code = ErrorCode::kForbidden;
  else if (status == 401)
    code = ErrorCode::kUnauthenticated;
  else if (status < 500 && status != 429)
    code = ErrorCode::kInvalid;
  return Error(code, words).Where(location);
}

bool IsRetryable(const Result<net::ClientResponse>& response) {
  if (!response.ok()) return response.error().kind() == ErrorKind::kUnavailable;
  return response->status == 429 || response->status >= 500;
}

class S3ObjectStore final : public storage::ObjectStore {
 public:
  S3ObjectStore(Options options, net::HttpClient& client, const Clock& clock)
      : options_(std::move(options)), client_(client), clock_(clock) {
    options_.part_bytes = std::max(options_.part_bytes, kMinPartBytes);
    TRINE_CHECK_GE(options_.attempts, 1);
  }

  Status Get(const std::string& location, const std::function<Status(std::string_view)>& sink,
             const Deadline& deadline) override {
    TRINE_ASSIGN(const Location at, ParseLocation(location));
    // True once bytes were passed to the sink. After that a failed request cannot be retried.
    bool started = false;
    const auto guarded = [&](std::string_view piece) { return started = true, sink(piece); };
    TRINE_ASSIGN(const auto response, SendWithRetries("GET", at, "", "", deadline, guarded, &started));
    return response.status < 300 ? Ok() : Status(StatusError(response.status, response.body, location));
  }

  Status Put(const std::string& location, std::string_view bytes, const Deadline& deadline) override {
    TRINE_ASSIGN(const Location at, ParseLocation(location));
    if (bytes.size() > options_.part_bytes) return PutInParts(at, location, bytes, deadline);
    TRINE_ASSIGN(const auto response, SendWithRetries("PUT", at, "", bytes, deadline));
    return response.status < 300 ? Ok() : Status(StatusError(response.status, response.body, location));
  }

  Result<std::vector<storage::ObjectInfo>> List(const std::string& prefix,
                                                const Deadline& deadline) override {
    TRINE_ASSIGN(const Location at, ParseLocation(prefix));
    std::vector<storage::ObjectInfo> objects;
    std::string token;
    for (int page = 0; page < kMaxListPages; ++page) {
      // The parameters are in the order of their names, which is also their order in the signature.
      std::string query = token.empty() ? "" : "continuation-token=" + format::PercentEncode(token) + "&";
      query += "list-type=2&prefix=" + format::PercentEncode(at.key);
      TRINE_ASSIGN(const auto response, SendWithRetries("GET", Location{at.bucket, ""}, query, "", deadline));
      if (response.status >= 300) return StatusError(response.status, response.body, prefix);
      size_t from = 0;
      while (const auto contents = NextElement(response.body, "Contents", &from)) {
        const auto bytes = format::ParseInt(FirstElement(*contents, "Size"));
        objects.push_back({std::string(kScheme) + at.bucket + "/" + FirstElement(*contents, "Key"),
                           static_cast<uint64_t>(bytes.value_or(0))});
      }
      const std::string truncated = FirstElement(response.body, "IsTruncated");
      token = truncated == "false" ? "" : FirstElement(response.body, "NextContinuationToken");
      // An incomplete list is an error, because an import would silently miss objects. Some stores leave out
      // IsTruncated; their whole list without a token is the last page.
      const bool last = truncated == "false" || (truncated.empty() && IsWholeList(response.body));
      if (token.empty() && !last) {
        return Error(ErrorCode::kUnavailable, "the object store responded with an incomplete list")
            .Where(prefix);
      }
      if (token.empty()) break;
    }
    if (!token.empty()) {
      return Error(ErrorCode::kLimit, "the prefix matches too many objects")
          .Expected("at most " + std::to_string(kMaxListPages) + " pages of results")
          .Where(prefix);
    }
    std::sort(objects.begin(), objects.end(),
              [](const auto& a, const auto& b) { return a.location < b.location; });
    return objects;
  }

 private:
  Status PutInParts(const Location& at, const std::string& location, std::string_view bytes,
                    const Deadline& deadline) {
    TRINE_ASSIGN(const auto begun, SendWithRetries("POST", at, "uploads=", "", deadline));
    if (begun.status >= 300) return StatusError(begun.status, begun.body, location);
    const std::string upload = format::PercentEncode(FirstElement(begun.body, "UploadId"));
    if (upload.empty()) {
      return Error(ErrorCode::kUnavailable, "the object store's response to a new upload has no UploadId")
          .Where(location);
    }
    Status done = SendParts(at, location, upload, bytes, deadline);
    // Abort a failed upload, because S3 keeps its parts, and charges for them, until it is aborted.
    if (!done.ok()) static_cast<void>(SendWithRetries("DELETE", at, "uploadId=" + upload, "", deadline));
    return done;
  }

  Status SendParts(const Location& at, const std::string& location, const std::string& upload,
                   std::string_view bytes, const Deadline& deadline) {
    std::string complete = "<CompleteMultipartUpload>";
    for (size_t start = 0, number = 1; start < bytes.size(); start += options_.part_bytes, ++number) {
      const std::string query = "partNumber=" + std::to_string(number) + "&uploadId=" + upload;
      TRINE_ASSIGN(const auto sent,
                   SendWithRetries("PUT", at, query, bytes.substr(start, options_.part_bytes), deadline));
      if (sent.status >= 300) return StatusError(sent.status, sent.body, location);
      complete += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" +
                  std::string(sent.headers.Get("etag")) + "</ETag></Part>";
    }
    complete += "</CompleteMultipartUpload>";
    TRINE_ASSIGN(const auto ended, SendWithRetries("POST", at, "uploadId=" + upload, complete, deadline));
    // If S3 fails after it has sent the head, the status is 200 and the body is an error document.
    if (ended.status >= 300 || !FirstElement(ended.body, "Code").empty())
      return StatusError(ended.status >= 300 ? ended.status : 500, ended.body, location);
    return Ok();
  }

  Result<net::ClientResponse> SendWithRetries(const std::string& method, const Location& at,
                                              const std::string& query, std::string_view body,
                                              const Deadline& deadline,
                                              const std::function<Status(std::string_view)>& sink = {},
                                              const bool* started = nullptr) {
    if (!options_.key) {
      return Error(ErrorCode::kUnauthenticated,
                   "there are no credentials for s3:// locations; set AWS_ACCESS_KEY_ID and "
                   "AWS_SECRET_ACCESS_KEY (and "
                   "AWS_ENDPOINT_URL_S3 for a server other than Amazon S3)")
          .Where("s3://" + at.bucket);
    }
    for (int attempt = 1;; ++attempt) {
      TRINE_CHECK_LE(attempt, options_.attempts);
      TRINE_TRY(deadline.Check("a call to the object store"));
      auto response = SendOnce(method, at, query, body, deadline, sink);
      const bool again =
          IsRetryable(response) && attempt < options_.attempts && (started == nullptr || !*started);
      if (!again) return response;
      Pause(kFirstWaitMillis << attempt, deadline);
    }
  }

  // Waits, but not beyond the deadline or a stop request.
  static void Pause(int64_t millis, const Deadline& deadline) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any wake;
    wake.wait_for(lock, deadline.stop(), std::chrono::milliseconds(std::min(millis, deadline.MillisLeft())),
                  [] { return false; });
  }

  Result<net::ClientResponse> SendOnce(const std::string& method, const Location& at,
                                       const std::string& query, std::string_view body,
                                       const Deadline& deadline,
                                       const std::function<Status(std::string_view)>& sink) {
    std::string base, path = "/" + format::PercentEncode(at.key, true);
    if (options_.endpoint.empty()) {
      base = "https://" + at.bucket + ".s3." + options_.region + ".amazonaws.com";
    } else {
      base = options_.endpoint;
      while (!base.empty() && base.back() == '/') base.pop_back();
      path = "/" + at.bucket + (at.key.empty() ? "" : path);
    }
    net::ClientRequest request;
    request.method = method;
    request.url = base + path + (query.empty() ? "" : "?" + query);
    request.body = std::string(body);
    const std::string host = base.substr(base.find("://") + 3);
    net::Sign(*options_.key, {options_.region, "s3"}, clock_.Now(), method, host, path, query, body,
              &request.headers);
    return client_.Send(request, deadline, sink);
  }

  Options options_;
  net::HttpClient& client_;
  const Clock& clock_;
};

// Returns the value of `name` in a section of an AWS configuration file; nullopt if it is not set.
std::optional<std::string> ReadProfileValue(const std::string& text, const std::string& section,
                                            const std::string& name) {
  std::string_view rest = text;
  bool inside = false;
  while (const auto line = format::NextLine(&rest)) {
    const std::string_view body = Trim(*line);
    if (!body.empty() && body.front() == '[')
      inside = body == "[" + section + "]" || body == "[profile " + section + "]";
    const size_t equals = body.find('=');
    if (inside && equals != std::string_view::npos && Trim(body.substr(0, equals)) == name)
      return std::string(Trim(body.substr(equals + 1)));
  }
  return std::nullopt;
}

}  // namespace

Options OptionsFromEnvironment(const std::function<std::optional<std::string>(const char*)>& get,
                               const std::function<std::optional<std::string>(const std::string&)>& file) {
  const auto first = [&](std::initializer_list<const char*> names) {
    for (const char* name : names) {
      if (auto value = get(name); value && !value->empty()) return *value;
    }
    return std::string();
  };
  const std::string profile = get("AWS_PROFILE").value_or("default"), home = get("HOME").value_or("");
  const std::string credentials =
      file(get("AWS_SHARED_CREDENTIALS_FILE").value_or(home + "/.aws/credentials")).value_or("");
  const std::string config = file(get("AWS_CONFIG_FILE").value_or(home + "/.aws/config")).value_or("");
  Options options;
  options.endpoint = first({"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  std::string region = first({"AWS_REGION", "AWS_DEFAULT_REGION"});
  if (region.empty()) region = ReadProfileValue(config, profile, "region").value_or("");
  if (!region.empty()) options.region = region;
  net::AwsKey key{first({"AWS_ACCESS_KEY_ID"}), first({"AWS_SECRET_ACCESS_KEY"}),
                  first({"AWS_SESSION_TOKEN"})};
  if (key.access_key.empty() || key.secret_key.empty()) {
    key.access_key = ReadProfileValue(credentials, profile, "aws_access_key_id").value_or("");
    key.secret_key = ReadProfileValue(credentials, profile, "aws_secret_access_key").value_or("");
    key.session_token = ReadProfileValue(credentials, profile, "aws_session_token").value_or("");
  }
  if (!key.access_key.empty() && !key.secret_key.empty()) options.key = key;
  return options;
}

std::unique_ptr<storage::ObjectStore> NewS3ObjectStore(Options options, net::HttpClient& client,
                                                       const Clock& clock) {
  return std::make_unique<S3ObjectStore>(std::move(options), client, clock);
}

}  // namespace trine::remote::s3
