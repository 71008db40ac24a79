#include "server/store_watch.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <utility>

namespace trine::server {
namespace {

constexpr auto kInterval = std::chrono::seconds(1);

}  // namespace

StoreWatch::StoreWatch(storage::KeyValue& store, storage::SpaceGuard& space,
                       std::function<void()> while_writable)
    : thread_([&store, &space, work = std::move(while_writable)](const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any stopped;
        while (!stop.stop_requested()) {
          try {
            // Both report every change themselves.
            space.Check();
            const Status writable = store.health().Writable();
            if (!writable.ok() && !storage::IsSpaceReserved(writable.error()))
              static_cast<void>(store.Recover().ok());
            if (work && store.health().Writable().ok()) work();
          } catch (const std::bad_alloc&) {
            // The next look tries again.
          }
          std::unique_lock lock(mutex);
          stopped.wait_for(lock, stop, kInterval, [] { return false; });
        }
      }) {}

}  // namespace trine::server
