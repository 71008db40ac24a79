// ServerOptions: the address, the thread pools and the limits of an HttpServer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/memory_budget.h"

namespace trine::net {

struct ServerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 9200;       // 0: any free port
  std::string tls_cert_file;  // PEM; set both files or neither
  std::string tls_key_file;
  size_t io_threads = 1;
  size_t search_threads = 2, search_queue = 1000;
  size_t recommend_threads = 2, recommend_queue = 1000;
  size_t write_threads = 2, write_queue = 200;
  size_t language_threads = 4, language_queue = 100;
  // Threads of the language class that are started while all are busy: they wait for models, which takes no
  // core. 64 questions at once wait side by side.
  size_t max_language_threads = 64;
  size_t admin_threads = 2, admin_queue = 200;
  // Further connections are closed at once, unless a peer with more connections has a silent one, which is
  // then closed instead.
  size_t max_connections = 4096;
  // Descriptors that the process needs besides those of its clients: the files of the store and of imports.
  size_t reserved_descriptors = 512;
  size_t max_body_bytes = 100u << 20;
  size_t max_header_bytes = 64u << 10;
  // Bounds request bodies, their handling, and waiting answers; beyond it a request gets 429. nullptr: a
  // budget of its own of 1 GiB. Outlives the server.
  MemoryBudget* memory = nullptr;
  // The longest time that a complete request waits for the memory to handle it. Half of its deadline, so that
  // it can still be handled.
  int64_t memory_wait_ms = 15'000;
  int64_t header_timeout_ms = 15'000;  // longest time from the first byte to the end of the head
  int64_t body_timeout_ms = 60'000;    // longest time without progress in reading or writing a body
  int64_t stalled_timeout_ms = 3'000;  // the same for an answer, while there is no memory for others
  // A body must arrive at this rate on average once `body_grace_ms` have passed since its head. The defaults
  // are those of the Apache HTTP server (mod_reqtimeout).
  int64_t body_grace_ms = 20'000;
  size_t min_body_bytes_per_second = 500;
  int64_t idle_timeout_ms = 120'000;  // between requests
  int64_t request_deadline_ms = 30'000;
};

}  // namespace trine::net
