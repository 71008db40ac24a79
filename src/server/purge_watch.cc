#include "server/purge_watch.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <string>

#include "server/pause.h"

namespace trine::server {
namespace {

constexpr auto kInterval = std::chrono::seconds(1);
constexpr auto kLeastRest = std::chrono::seconds(10);
constexpr int kRestFactor = 5;

// Returns whether anything was purged.
Result<bool> FinishAndPurge(history::History& history, bool* finished, const std::stop_token& stop) {
  if (!*finished) TRINE_TRY(history.FinishErasures());
  *finished = true;
  return history.PurgeAll(stop);
}

}  // namespace

PurgeWatch::PurgeWatch(history::History& history, const storage::KeyValue& store, Log& log)
    : thread_([&history, &store, &log](const std::stop_token& stop) {
        bool finished = false;
        std::string last_failure;
        std::chrono::nanoseconds wait = kInterval;
        while (Pause(stop, wait)) {
          wait = kInterval;
          if (!store.health().Writable().ok()) continue;
          try {
            const auto start = std::chrono::steady_clock::now();
            const Result<bool> purged = FinishAndPurge(history, &finished, stop);
            const auto taken = std::chrono::steady_clock::now() - start;
            if (stop.stop_requested()) return;
            const std::string failure = purged.ok() ? "" : purged.error().ToString();
            if (!failure.empty() && failure != last_failure)
              log.Error("rows of deleted people are still in the files of the store: " + failure);
            last_failure = failure;
            if (!purged.ok() || *purged)
              wait = std::max<std::chrono::nanoseconds>(kLeastRest, kRestFactor * taken);
          } catch (const std::bad_alloc&) {
            wait = kLeastRest;
          }
        }
      }) {}

}  // namespace trine::server
