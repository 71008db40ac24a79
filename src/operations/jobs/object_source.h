// Objects as streams: what a job's location names, read piece by piece.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/result.h"
#include "format/csv.h"
#include "storage/object_store.h"

namespace trine::operations {

// The objects of a location: the one of exactly that name, else those below it as a folder whose names
// end as data files do (.csv .tsv .json .jsonl .ndjson, each maybe with .gz), else all below it. Folder
// markers and empty objects are left out. kNotFound names the location.
Result<std::vector<storage::ObjectInfo>> FindObjects(storage::ObjectStore& objects,
                                                     const std::string& location, const Deadline& deadline);

// A ByteSource that reads an object while it arrives, holding a few pieces at most. Reading it fails as the
// transfer failed. Destroying it stops the transfer. `objects` outlives it.
std::unique_ptr<format::ByteSource> StreamObject(storage::ObjectStore& objects, const std::string& location,
                                                 const Clock& clock, std::stop_token stop);

// How long one object may take: a bound against a peer that hangs, far above any honest transfer.
inline constexpr int64_t kObjectMillis = 6 * 3600 * 1000;

// The last part of a location.
std::string ObjectName(const std::string& location);
// `location` as a folder: with one '/' at its end.
std::string AsFolder(const std::string& location);

}  // namespace trine::operations
