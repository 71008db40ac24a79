// SpaceGuard: watches the free space of the disks of a data directory, and stops new data before a disk is
// full.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"
#include "base/result.h"
#include "storage/key_value.h"
#include "storage/store_health.h"

namespace trine::storage {

// Of the disk that contains a folder, in bytes: `free` is what this process may still use.
struct DiskSpace {
  uint64_t free = 0, total = 0;
};
// Returns the space of the disk that contains `folder`: kNotFound if there is no such folder, kIo otherwise.
Result<DiskSpace> MeasureDisk(const std::string& folder);
using MeasureSpace = std::function<Result<DiskSpace>(const std::string& folder)>;

// An amount of free space: bytes, a percentage of the disk, or both, of which the smaller one counts.
struct SpaceAmount {
  std::optional<uint64_t> bytes;
  std::optional<double> percent;

  uint64_t Of(uint64_t total) const;  // in bytes; 0 if neither is given
  std::string ToString() const;       // "256mb", "5%" or "256mb or 5%, whichever is less"
};
// Reads "5%", "512mb" or "0". Units are those of OpenSearch, powers of 1024: b, kb, mb, gb, tb, each also
// without its "b", in any case; a number without a unit is in bytes. kInvalid for anything else, and for 100
// % and more.
Result<SpaceAmount> ParseSpaceAmount(std::string_view text);

// The watermarks, as free space. The defaults leave room for a merge of small segments and for the log, and
// do not trouble small disks.
struct SpaceMarks {
  SpaceAmount low = {1u << 30, 10.0};        // below: a warning
  SpaceAmount reserved = {256u << 20, 5.0};  // below: new data is refused
};
// The least amount of free space at which new data is refused, whatever the marks say: 32 MiB, or an eighth
// of a small disk. Deletions need room in the log of the store.
uint64_t LeastReserve(uint64_t total);
// kInvalid if both marks have the same unit and `reserved` is more than `low`. A `low` with both units, such
// as the default, is not an error; it counts as at least twice `reserved`.
Status CheckSpaceMarks(const SpaceMarks& marks);

// Whether an error means that new data is refused because too little space is free. Its code is kUnavailable,
// and its detail "blocked" is "free_space".
bool IsSpaceReserved(const Error& error);

// The largest batch while space is reserved, in bytes. Summaries, marks and the state of a job are smaller.
inline constexpr size_t kSmallBatchBytes = 16384;

// Ok if the store accepts this batch. While space is reserved, it accepts batches that free space, and small
// ones: those that store rows of the family kMeta only, and those that remove rows and store none but
// definitions (kMeta, kResources), in both cases at most kSmallBatchBytes. For implementations of
// KeyValue::Write.
Status MayWrite(const StoreHealth& health, const WriteBatch& batch);

// The amount of free space.
enum class SpaceLevel : int {
  kEnough = 0,
  kLow = 1,       // below the first watermark: only a warning
  kReserved = 2,  // below the second one: the rest is kept for deletions and for the store itself
};

// Makes a StoreHealth refuse new data while space is reserved. The health and the log must outlive it. Check
// must be called from one thread at a time, warning() may be called from any thread.
class SpaceGuard {
 public:
  // Each folder may be on a disk of its own; a folder that does not exist is ignored.
  SpaceGuard(std::vector<std::string> folders, const SpaceMarks& marks, StoreHealth& health, Log& log,
             MeasureSpace measure = MeasureDisk);

  // Measures all folders; the fullest disk counts. New data is accepted again when a tenth more than the mark
  // is free, so that a disk near the mark does not change between both states all the time. If a disk cannot
  // be measured, nothing changes. Each change of the level is logged.
  void Check() TRINE_EXCLUDES(mutex_);

  // A sentence about the free space while it is low but not reserved; nullopt otherwise.
  std::optional<std::string> warning() const TRINE_EXCLUDES(mutex_);

 private:
  SpaceLevel LevelOf(const DiskSpace& space) const;
  std::string MarkOf(SpaceLevel level, uint64_t total) const;
  void Report(SpaceLevel level, const std::string& text) TRINE_EXCLUDES(mutex_);

  const std::vector<std::string> folders_;
  const SpaceMarks marks_;
  StoreHealth& health_;
  Log& log_;
  const MeasureSpace measure_;
  SpaceLevel level_ = SpaceLevel::kEnough;
  mutable Mutex mutex_;
  std::optional<std::string> warning_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::storage
