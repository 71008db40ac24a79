#include "base/metrics.h"

namespace trine {
namespace {

class DroppingMetrics final : public Metrics {
 public:
  void Count(std::string_view, std::string_view, double) override {}
  void Observe(std::string_view, std::string_view, double) override {}
  void Set(std::string_view, std::string_view, double) override {}
};

}  // namespace

Metrics& NullMetrics() {
  static DroppingMetrics metrics;
  return metrics;
}

}  // namespace trine
