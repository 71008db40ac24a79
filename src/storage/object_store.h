// ObjectStore: named blobs in local folders (here) or in S3 (remote/s3).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"

namespace trine::storage {

struct ObjectInfo {
  std::string location;  // whole URL: "s3://bucket/key", "file:///folder/name"
  uint64_t bytes = 0;
};

// Locations are whole URLs. An interface because there are several implementations: for folders, for S3 and,
// in tests, for objects in memory. Thread-safe.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  // Passes the bytes to `sink` in pieces as they arrive. An error from `sink` ends the transfer and is
  // returned. Returns kNotFound if there is no such object.
  virtual Status Get(const std::string& location, const std::function<Status(std::string_view)>& sink,
                     const Deadline& deadline) = 0;
  // Stores an object atomically: readers see the old or the new bytes.
  virtual Status Put(const std::string& location, std::string_view bytes, const Deadline& deadline) = 0;
  // Lists every object whose location begins with `prefix`, sorted by location. No match is not an error.
  virtual Result<std::vector<ObjectInfo>> List(const std::string& prefix, const Deadline& deadline) = 0;
};

// A store for file:// locations in the given folders and their subfolders. All other paths, `..` and symbolic
// links inside those folders are kForbidden. Without folders every location is kForbidden, and the message
// mentions --import-dir.
std::unique_ptr<ObjectStore> NewFileObjectStore(const std::vector<std::string>& allowed_folders);

// Routes each location to the store registered for its scheme; kUnsupported if there is none. Add must not
// run concurrently with other calls.
class ObjectStores final : public ObjectStore {
 public:
  void Add(std::string scheme, std::shared_ptr<ObjectStore> store);
  Status Get(const std::string& location, const std::function<Status(std::string_view)>& sink,
             const Deadline& deadline) override;
  Status Put(const std::string& location, std::string_view bytes, const Deadline& deadline) override;
  Result<std::vector<ObjectInfo>> List(const std::string& prefix, const Deadline& deadline) override;

 private:
  Result<std::shared_ptr<ObjectStore>> Find(const std::string& location) const;
  std::vector<std::pair<std::string, std::shared_ptr<ObjectStore>>> stores_;
};

}  // namespace trine::storage
