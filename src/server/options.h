// Options for `trine serve` and for everything that opens a data directory. The defaults suit a laptop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/free_space.h"
#include "storage/key_value.h"

namespace trine {
class MemoryBudget;
}  // namespace trine

namespace trine::server {

// Opens or creates the store of facts, as storage::OpenKeyValue does.
using OpenFacts = std::function<Result<std::unique_ptr<storage::KeyValue>>(
    const std::string& path, const storage::KeyValueOptions& options)>;

// An outside language model (remote/llm/provider.h). Without one, the built-in model answers. Plain data.
struct LanguageOptions {
  std::string kind = "openai";  // the protocol: "openai", "bedrock" or "anthropic"
  std::string url;              // "http://127.0.0.1:8080/v1"; may be empty for Bedrock and Anthropic
  std::string model;            // as the provider calls it
  std::string key_file;         // holds the key and nothing else; only its owner may read it
  std::string region;           // Bedrock; empty: the region of the environment
  int64_t timeout_ms = 30'000;  // of one call, retries included
  size_t concurrency = 64;      // calls at the same time
  // Per caller and day (UTC); 0: no limit. Money needs prices, which are per million tokens.
  uint64_t tokens_per_day = 0;
  double money_per_day = 0, price_input = 0, price_output = 0;
  std::string in_ask = "both";  // its part in questions: "understand", "answer", "both" or "none"
  std::string prompt_dir;       // replaces prompts (language/prompt_templates.h); empty: those of the program
  // What the model supports, such as "tools=no,json_schema=yes"; the rest is found out.
  std::string supports;
  bool configured() const { return !url.empty() || !model.empty(); }
};

// The options of Engines::Open. Plain data.
struct EngineOptions {
  std::string data_dir = "./trine-data";
  bool create = true;  // make a missing or empty folder a data directory; false: kUsage instead
  std::vector<std::string> import_dirs;     // the only folders that file:// locations may use
  std::string korean_dictionary_dir;        // mecab-ko-dic; empty: see FindKoreanDictionary
  std::string word_file_dir;                // the only folder for files that index settings name
  std::string program;                      // path of this executable; child processes for training run it
  std::string account_id = "123456789012";  // in resource ARNs
  std::string region = "us-east-1";         // in resource ARNs, if the request has no signature
  bool strict_limits = false;  // enforce Personalize's quotas and minimum amounts of training data
  size_t memory_limit = 0;  // bytes for caches and buffers (large indexes may take more); 0: a modest default
  MemoryBudget* memory = nullptr;  // bounds the work of the engines and outlives them; nullptr: unbounded
  storage::SpaceMarks space;       // how much free space leads to a warning, and how much ends writing
  // Replaced by tests that simulate a full or failing disk.
  storage::MeasureSpace measure_space = storage::MeasureDisk;
  OpenFacts open_facts = storage::OpenKeyValue;
  LanguageOptions language;
  size_t threads = 0;  // size of each thread pool (search, recommendation, writes); 0: one thread per core
};

// The options of Server::Start. Plain data.
struct ServeOptions {
  EngineOptions engine;
  std::string host = "127.0.0.1";  // an address, "localhost", or an IPv6 address without brackets
  uint16_t port = 9200;            // 0: any free port
  std::string credentials_file;    // empty: requests need no credentials, and only this machine is served
  std::string admin_token;         // the only bearer token accepted; ignored if credentials_file is set
  std::string tls_cert_file, tls_key_file;  // PEM; both or neither
  bool allow_plain_http = false;            // allow a non-loopback address without TLS
  size_t max_connections = 4096;            // see net::ServerOptions
  bool only_region = false;                 // accept signatures for engine.region only; false: for any region
};

}  // namespace trine::server
