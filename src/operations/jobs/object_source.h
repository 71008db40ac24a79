// Object source: finds the objects at the location of a job, and reads them chunk by chunk.
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

// Finds the objects at a location: the object with exactly that name, otherwise the data files in the folder
// with that name (.csv .tsv .json .jsonl .ndjson .xlsx, each with or without .gz), otherwise all objects in
// that folder. Skips empty objects and folder markers. Fails if nothing is left.
Result<std::vector<storage::ObjectInfo>> FindObjects(storage::ObjectStore& objects,
                                                     const std::string& location, const Deadline& deadline);

// Returns a ByteSource that reads an object while its own thread downloads it, at most 8 MiB ahead. Next
// returns any error of the transfer. Destroying the source stops the transfer and joins the thread. `objects`
// and `clock` must outlive it.
std::unique_ptr<format::ByteSource> StreamObject(storage::ObjectStore& objects, const std::string& location,
                                                 const Clock& clock, std::stop_token stop);

// The time limit for the transfer of one object. Protects against a peer that hangs; no real transfer takes
// as long.
inline constexpr int64_t kObjectMillis = 6 * 3600 * 1000;

// The part of a location after its last '/'.
std::string ObjectName(const std::string& location);
// `location` as a folder: with a '/' at its end.
std::string AsFolder(const std::string& location);

}  // namespace trine::operations
