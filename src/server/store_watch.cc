#include "server/store_watch.h"

#include <chrono>
#include <new>
#include <string>
#include <utility>

#include "server/pause.h"

namespace trine::server {
namespace {

constexpr auto kInterval = std::chrono::seconds(1);
constexpr int64_t kReportNanos = 60'000'000'000;

}  // namespace

void RefusedWrites::Check(storage::StoreHealth& health, int64_t now_nanos, Log& log) {
  count_ += health.TakeRefused();
  if (count_ == 0 || (logged_at_ && now_nanos - *logged_at_ < kReportNanos)) return;
  const Status writable = health.Writable();
  log.Warning(std::to_string(count_) + (count_ == 1 ? " write was refused" : " writes were refused") +
              (writable.ok() ? "; the store accepts writes again" : ": " + writable.error().ToString()));
  count_ = 0;
  logged_at_ = now_nanos;
}

StoreWatch::StoreWatch(storage::KeyValue& store, storage::SpaceGuard& space, const Clock& clock, Log& log,
                       std::function<void()> while_writable)
    : thread_([&store, &space, &clock, &log, work = std::move(while_writable)](const std::stop_token& stop) {
        RefusedWrites refused;
        do {
          try {
            // Both report every change themselves.
            space.Check();
            const Status writable = store.health().Writable();
            static_cast<void>(store.Recover().ok());  // also keeps a reserve of space while the store works
            if (!writable.ok() && storage::IsSpaceReserved(writable.error())) {
              if (const Status reclaimed = store.Reclaim(stop); !reclaimed.ok())
                log.Error("cannot give the space of deleted rows back: " + reclaimed.error().ToString());
            }
            refused.Check(store.health(), clock.MonotonicNanos(), log);
            if (work && store.health().Writable().ok()) work();
          } catch (const std::bad_alloc&) {
            // The next look tries again.
          }
        } while (Pause(stop, kInterval));
      }) {}

}  // namespace trine::server
