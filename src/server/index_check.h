// IndexCheck: verifies the large index files in the background, and has damaged ones built again.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/log.h"
#include "base/result.h"
#include "index/index_set.h"
#include "operations/write/writer.h"
#include "storage/directory.h"

namespace trine::server {

// A file of this name in the index folder states that a damaged segment was found and was not built again
// yet. The next start then verifies every file when it opens it, and an index with a damaged one is built
// again.
inline constexpr const char* kVerifyAllMark = "verify";

struct DamagedFile {
  std::string folder;  // of the collection, such as "c7"
  uint64_t number = 0;
  std::string what;  // a sentence without a full stop
};

// Verifies the body checksums of the segment files with more than `min_bytes` bytes that the manifests in the
// index folder list. A file that vanishes meanwhile was merged and is not an error. Calls `pause` after each
// part of the reading and returns kStopped once it returns false. Calls `damaged` with each damaged file.
// Other errors: those of listing the folder.
Status VerifyLargeSegments(storage::Directory& index, uint64_t min_bytes, const std::function<bool()>& pause,
                           const std::function<void(const DamagedFile&)>& damaged);

// A thread that runs VerifyLargeSegments once, at no more than 100 MB a second, for the segments that opening
// an index does not verify. From then on it looks once a second whether a merge has found a damaged segment.
// A damaged file is built again from the records (Writer::RepairIndexes); if that fails, it is tried again
// after 1, 2, 4 ... seconds, at most 10 minutes. Meanwhile there is the file kVerifyAllMark. Everything given
// must outlive it. The destructor stops it.
class IndexCheck {
 public:
  // `min_bytes`: IndexOptions::verify_bytes, or less in tests.
  IndexCheck(std::string index_folder, uint64_t min_bytes, index::IndexSet& indexes,
             operations::Writer& writer, Log& log);

 private:
  void Run(const std::stop_token& stop);
  Status VerifyOnce(const std::stop_token& stop);
  bool Repair(const std::stop_token& stop);
  bool AnyDamaged() const;
  void SetMark(bool present);

  const std::string folder_;
  const uint64_t min_bytes_;
  index::IndexSet& indexes_;
  operations::Writer& writer_;
  Log& log_;
  bool marked_ = false;  // only the thread uses it
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace trine::server
