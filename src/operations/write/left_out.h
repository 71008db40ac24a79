// LeftOut: the values of stored documents that are left out of an index which is built again.
#pragma once

#include <cstdint>
#include <string>

#include "base/log.h"
#include "base/metrics.h"
#include "operations/mapping/document_mapper.h"

namespace trine::operations {

// Counts the values that do not fit the mapping of today; the destructor logs one line about them. Log,
// metrics and the name of the collection must outlive it. Not thread-safe.
class LeftOut {
 public:
  LeftOut(Log& log, Metrics& metrics, const std::string& collection)
      : log_(log), metrics_(metrics), collection_(collection) {}
  LeftOut(const LeftOut&) = delete;
  LeftOut& operator=(const LeftOut&) = delete;
  ~LeftOut();

  void Add(const std::string& id, const MappedDocument& mapped);

 private:
  Log& log_;
  Metrics& metrics_;
  const std::string& collection_;
  uint64_t values_ = 0, documents_ = 0;
  std::string first_;
};

}  // namespace trine::operations
