// PrometheusMetrics: the Metrics seam kept in a prometheus-cpp registry.
#pragma once

#include <memory>
#include <string>

#include "base/metrics.h"

namespace trine::server {

// Thread-safe. Families are made on first use; a name's single label is called "kind". At most 200
// label values a name; more are counted under "other".
class PrometheusMetrics : public Metrics {
 public:
  virtual std::string Text() const = 0;  // exposition format
};
std::unique_ptr<PrometheusMetrics> NewPrometheusMetrics();

}  // namespace trine::server
