// ServeOptions: everything `trine serve` can be told. Defaults are right for a laptop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace trine::server {

// What opens a data directory. Plain data.
struct EngineOptions {
  std::string data_dir = "./trine-data";
  std::vector<std::string> import_dirs;  // the only folders that file:// locations may name
  std::string korean_dictionary_dir;     // empty: looked for beside the program
  std::string program;                   // this executable; runs training children
  std::string account_id = "123456789012";
  std::string region = "us-east-1";
  bool strict_limits = false;  // refuse what the originals' quotas refuse
  size_t memory_limit = 0;     // bytes for caches and buffers; 0: a modest default
  size_t threads = 0;          // 0: one a core
};

struct ServeOptions {
  EngineOptions engine;
  std::string host = "127.0.0.1";
  uint16_t port = 9200;
  std::string credentials_file;  // empty: nobody is asked, and only loopback is served
  std::string admin_token;       // the one bearer token that is served, for a server of a command's own
  std::string tls_cert_file, tls_key_file;
  bool allow_plain_http = false;  // an address other than loopback without TLS
};

}  // namespace trine::server
