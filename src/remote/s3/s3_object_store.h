// ObjectStore for s3:// locations over HTTP, signed with SigV4. Also works with MinIO, moto and other servers
// of the protocol; with an endpoint, URLs are path style.
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
  std::string endpoint;  // "http://127.0.0.1:5000"; empty: AWS, virtual-host style
  std::string region = "us-east-1";
  std::optional<net::AwsKey>
      key;  // without one every call is kUnauthenticated, and the message says what to set
  size_t part_bytes = 16u << 20;  // larger objects are uploaded in parts of this size; at least 5 MiB
  int attempts = 4;               // tries per request on 429, 5xx and failed connections, with growing waits
};
// Reads AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE and the files AWS_SHARED_CREDENTIALS_FILE,
// AWS_CONFIG_FILE (default below ~/.aws) by `get` (a getenv). `file` reads a file, nullopt when missing.
Options OptionsFromEnvironment(const std::function<std::optional<std::string>(const char*)>& get,
                               const std::function<std::optional<std::string>(const std::string&)>& file);

// `client` and `clock` must outlive the store. Thread-safe.
std::unique_ptr<storage::ObjectStore> NewS3ObjectStore(Options options, net::HttpClient& client,
                                                       const Clock& clock);

}  // namespace trine::remote::s3
