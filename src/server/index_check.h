// IndexCheck: verifies the large index files in the background, after the server has started.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "base/log.h"
#include "base/result.h"
#include "storage/directory.h"
#include "storage/store_health.h"

namespace trine::server {

// A file of this name in the index folder states that a damaged segment was found. The next start then
// verifies every file when it opens it, and an index with a damaged one is built again from the records.
inline constexpr const char* kVerifyAllMark = "verify";

// Verifies the body checksums of the segment files with more than `min_bytes` bytes that the manifests in the
// index folder list. A file that vanishes meanwhile was merged and is not an error. Calls `pause` after each
// part of the reading and returns kStopped once it returns false. Calls `damaged` with a sentence about each
// damaged file. Other errors: those of listing the folder.
Status VerifyLargeSegments(storage::Directory& index, uint64_t min_bytes, const std::function<bool()>& pause,
                           const std::function<void(const std::string&)>& damaged);

// Runs VerifyLargeSegments once on its own thread, at no more than 100 MB a second, for the segments that
// opening an index does not verify. Damage is reported to the health and leaves kVerifyAllMark. The health
// and the log must outlive it. The destructor stops it.
class IndexCheck {
 public:
  IndexCheck(std::string index_folder, storage::StoreHealth& health, Log& log);

 private:
  std::jthread thread_;
};

}  // namespace trine::server
