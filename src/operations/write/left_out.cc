#include "operations/write/left_out.h"

namespace trine::operations {

void LeftOut::Add(const std::string& id, const MappedDocument& mapped) {
  if (mapped.left_out == 0) return;
  if (values_ == 0) first_ = "document \"" + id + "\": " + mapped.first_left_out->ToString();
  values_ += mapped.left_out;
  ++documents_;
}

LeftOut::~LeftOut() {
  if (values_ == 0) return;
  log_.Warning("index of \"" + collection_ + "\": " + std::to_string(values_) + " values of " +
               std::to_string(documents_) +
               " stored documents do not fit the mapping and cannot be searched; the documents keep them. "
               "The first: " +
               first_);
  metrics_
      .GetCounter("trine_stored_values_left_out_total",
                  "Values of stored documents that could not be indexed again, by collection.", collection_)
      .Add(static_cast<double>(values_));
}

}  // namespace trine::operations
