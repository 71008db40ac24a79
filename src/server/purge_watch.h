// PurgeWatch: the thread that removes the bytes of erased people from the files of the store.
#pragma once

#include <thread>

#include "base/log.h"
#include "history/history.h"
#include "storage/key_value.h"

namespace trine::server {

// Looks once a second whether people were erased, and then calls History::PurgeAll. Each call rewrites all
// rows of a group, so the next one waits ten seconds, or five times as long as the previous call took. First
// it continues the erasures that the end of the former process interrupted. A failure is logged when it is
// new, and tried again. The arguments must outlive the watch. The destructor stops a running call.
class PurgeWatch {
 public:
  PurgeWatch(history::History& history, const storage::KeyValue& store, Log& log);

 private:
  std::jthread thread_;
};

}  // namespace trine::server
