// Objects as streams: the objects at the location of a job, read chunk by chunk.
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

// The objects of a location: the object of exactly that name, else the data files below it as a folder (.csv
// .tsv .json .jsonl .ndjson, each with or without .gz), else all objects below it. Empty objects and folder
// markers are left out. An error when nothing is left.
Result<std::vector<storage::ObjectInfo>> FindObjects(storage::ObjectStore& objects,
                                                     const std::string& location, const Deadline& deadline);

// A ByteSource that reads an object while a thread of its own downloads it, at most kChunks chunks ahead. Its
// Next returns the error of the transfer. Destroying it stops the transfer and joins the thread. `objects`
// and `clock` outlive it.
std::unique_ptr<format::ByteSource> StreamObject(storage::ObjectStore& objects, const std::string& location,
                                                 const Clock& clock, std::stop_token stop);

// The longest transfer of one object. Protects against a peer that hangs; larger than any real transfer
// needs.
inline constexpr int64_t kObjectMillis = 6 * 3600 * 1000;

// The last part of a location.
std::string ObjectName(const std::string& location);
// `location` as a folder: with one '/' at its end.
std::string AsFolder(const std::string& location);

}  // namespace trine::operations
