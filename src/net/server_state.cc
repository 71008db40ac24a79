#include "net/server_state.h"

#include <new>
#include <random>
#include <utility>

#include "base/hash.h"

namespace trine::net {
namespace {

constexpr std::string_view kRefusedHelp =
    "Requests rejected before a handler ran, by status, and connections closed above the limit.";
constexpr size_t kOwnMemory = 1u << 30;  // without a budget in the options
constexpr size_t kLargeText = 8u << 20;  // freeing fewer pages takes less than a millisecond

}  // namespace

RequestIds::RequestIds() {
  std::random_device device;
  seed_ = (static_cast<uint64_t>(device()) << 32) | device();
}

std::string RequestIds::Next() {
  const uint64_t number = next_.fetch_add(1);
  const std::string_view bytes(reinterpret_cast<const char*>(&number), sizeof number);
  const uint64_t high = (Hash64(bytes, seed_) & ~0xf000ull) | 0x4000ull;                          // version 4
  const uint64_t low = (Hash64(bytes, ~seed_) & ~0xc000000000000000ull) | 0x8000000000000000ull;  // variant 1
  std::string id;
  id.reserve(36);
  for (int digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) id += '-';
    const uint64_t half = digit < 16 ? high : low;
    id += "0123456789abcdef"[(half >> (60 - 4 * (digit % 16))) & 15];
  }
  return id;
}

std::string_view Name(RequestClass kind) {
  switch (kind) {
    case RequestClass::kSearch:
      return "search";
    case RequestClass::kRecommend:
      return "recommend";
    case RequestClass::kWrite:
      return "write";
    case RequestClass::kLanguage:
      return "language";
    case RequestClass::kAdmin:
      return "admin";
  }
  return "unknown";
}

ServerMetrics::ServerMetrics(Metrics& metrics)
    : refused(metrics, "trine_http_refused_total", kRefusedHelp),
      refused_connections(metrics.GetCounter("trine_http_refused_total", kRefusedHelp, "connections")),
      connections(metrics.GetGauge("trine_http_connections", "Open client connections.")),
      loop_lag(
          metrics.GetHistogram("trine_http_loop_lag_seconds",
                               "Seconds by which a timer of the event loop was late, ten times a second.")) {
  for (size_t i = 0; i < request_seconds.size(); ++i) {
    request_seconds[i] = &metrics.GetHistogram(
        "trine_http_request_seconds",
        "Seconds from the start of a request on its pool thread to its response, by request class.",
        Name(static_cast<RequestClass>(i)));
  }
  constexpr std::string_view kHundreds[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
  for (size_t i = 0; i < responses_by_hundred.size(); ++i) {
    responses_by_hundred[i] = &metrics.GetCounter(
        "trine_http_responses_total", "Responses, by the first digit of the status.", kHundreds[i]);
  }
}

ServerState::ServerState(const ServerOptions& o, Service s, const Clock& c, Log& l, Metrics& m)
    : own_memory_(o.memory != nullptr ? nullptr
                                      : std::make_unique<MemoryBudget>(MemoryBounds::Of(kOwnMemory), m)),
      options(o),
      service(std::move(s)),
      clock(c),
      log(l),
      metrics(m),
      memory(o.memory != nullptr ? *o.memory : *own_memory_) {
  const std::pair<size_t, size_t> sizes[] = {{o.search_threads, o.search_queue},
                                             {o.recommend_threads, o.recommend_queue},
                                             {o.write_threads, o.write_queue},
                                             {o.language_threads, o.language_queue},
                                             {o.admin_threads, o.admin_queue}};
  for (size_t i = 0; i < pools_.size(); ++i) {
    const std::string name(Name(static_cast<RequestClass>(i)));
    ThreadPoolGrowth growth;
    if (static_cast<RequestClass>(i) == RequestClass::kLanguage) growth.max_threads = o.max_language_threads;
    pools_[i] = std::make_unique<ThreadPool>(name, sizes[i].first, sizes[i].second, growth);
  }
}

void ServerState::StopPools() {
  for (auto& pool : pools_) pool->Stop();
}

void ServerState::Discard(std::string text, MemoryHold hold) {
  if (text.size() < kLargeText) return;
  struct Discarded {
    MemoryHold hold;
    std::string text;  // destroyed first
  };
  try {
    auto both = std::make_shared<Discarded>(Discarded{std::move(hold), std::move(text)});
    // A pool that does not take the task destroys it here.
    static_cast<void>(pool(RequestClass::kAdmin).Submit([both]() mutable { both.reset(); }).ok());
  } catch (const std::bad_alloc&) {  // the parameters are freed here
  }
}

}  // namespace trine::net
