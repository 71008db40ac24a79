// Options of `trine serve` and of everything that opens a data directory. The defaults suit a laptop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace trine::server {

// The options of Engines::Open. Plain data.
struct EngineOptions {
  std::string data_dir = "./trine-data";
  std::vector<std::string> import_dirs;     // the only folders that file:// locations may name
  std::string korean_dictionary_dir;        // of mecab-ko-dic; empty: see FindKoreanDictionary
  std::string program;                      // path of this executable, which also runs training children
  std::string account_id = "123456789012";  // in the ARNs of resources
  std::string region = "us-east-1";         // of callers whose requests are not signed for a region
  bool strict_limits = false;  // enforce Personalize's quotas and minimum amounts of training data
  size_t memory_limit = 0;  // bytes for caches and buffers; 0: a modest default. Raise it for large indexes
  size_t threads = 0;       // per request class that has several; 0: one per core
};

// The options of Server::Start. Plain data.
struct ServeOptions {
  EngineOptions engine;
  std::string host = "127.0.0.1";  // an address, "localhost", or an IPv6 address without brackets
  uint16_t port = 9200;            // 0: a free one
  std::string credentials_file;    // empty: requests need no credentials, and only this machine is served
  std::string admin_token;         // the only bearer token admitted; ignored when there is a credentials file
  std::string tls_cert_file, tls_key_file;  // PEM; both or neither
  bool allow_plain_http = false;            // serve an address other than loopback without TLS
};

}  // namespace trine::server
