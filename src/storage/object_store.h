// ObjectStore: named blobs far away or in a folder. Implementations: local folders here,
// S3 in remote/s3.
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

// Locations are whole URLs with the scheme the store serves. Thread-safe.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  // Gives the bytes to `sink` in pieces as they arrive; a failure of `sink` stops the transfer.
  virtual Status Get(const std::string& location, const std::function<Status(std::string_view)>& sink,
                     const Deadline& deadline) = 0;
  // Stores whole; large bodies go in parts. Atomic: readers see the old or the new object.
  virtual Status Put(const std::string& location, std::string_view bytes, const Deadline& deadline) = 0;
  // Every object whose location begins with `prefix`, sorted; an object named exactly is included.
  virtual Result<std::vector<ObjectInfo>> List(const std::string& prefix, const Deadline& deadline) = 0;
};

// Serves file:// below the given folders only; every other path, `..`, or a link that leads out is
// kForbidden. No folder given: everything is kForbidden, and the message names --import-dir.
std::unique_ptr<ObjectStore> NewFileObjectStore(const std::vector<std::string>& allowed_folders);

// Routes by scheme to the store registered for it; kUnsupported names an unknown scheme.
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
