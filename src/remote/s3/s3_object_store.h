// ObjectStore for s3:// locations, over HTTP with SigV4 signatures. Also works with MinIO, moto and other
// servers that implement the S3 protocol. If an endpoint is set, URLs are path-style.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "net/client.h"
#include "net/sigv4.h"
#include "storage/object_store.h"

namespace trine::remote::s3 {

struct Options {
  std::string endpoint;  // "http://127.0.0.1:5000"; empty: AWS with virtual-hosted-style URLs
  std::string region = "us-east-1";
  std::optional<net::AwsKey>
      key;  // without a key every call is kUnauthenticated, and the message says what to set
  size_t part_bytes = 16u << 20;  // larger objects are uploaded in parts of this size; at least 5 MiB
  int attempts = 4;               // tries per request on 429, 5xx and connection failures, with backoff
};
// Reads AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE and the files AWS_SHARED_CREDENTIALS_FILE and
// AWS_CONFIG_FILE (by default in ~/.aws). `get` works like getenv; `file` returns a file's content, nullopt
// if the file is missing.
Options OptionsFromEnvironment(const std::function<std::optional<std::string>(const char*)>& get,
                               const std::function<std::optional<std::string>(const std::string&)>& file);

// `client` and `clock` must outlive the store. Thread-safe.
std::unique_ptr<storage::ObjectStore> NewS3ObjectStore(Options options, net::HttpClient& client,
                                                       const Clock& clock);

}  // namespace trine::remote::s3
