// S3ObjectStore: s3:// locations over HTTP with our own signatures. Also speaks to MinIO, moto and
// other servers of that protocol, path style when an endpoint is given.
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
  std::optional<net::AwsKey> key;  // none: every call is kUnauthenticated and says what to set
  size_t part_bytes = 16u << 20;   // larger bodies go in parts (at least 5 MiB)
  int attempts = 4;                // on 429, 5xx and broken connections, with growing waits
};
// Reads AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE and the files AWS_SHARED_CREDENTIALS_FILE,
// AWS_CONFIG_FILE (default below ~/.aws) by `get` (a getenv). `file` reads a file, nullopt when missing.
Options OptionsFromEnvironment(const std::function<std::optional<std::string>(const char*)>& get,
                               const std::function<std::optional<std::string>(const std::string&)>& file);

// `client` and `clock` outlive it. Thread-safe.
std::unique_ptr<storage::ObjectStore> NewS3ObjectStore(Options options, net::HttpClient& client,
                                                       const Clock& clock);

}  // namespace trine::remote::s3
