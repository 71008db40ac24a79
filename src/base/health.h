// HealthLevel: how well the program can do its work. Each API has its own names for the levels.
#pragma once

namespace trine {

enum class HealthLevel : int {
  kOk = 0,        // everything works
  kDegraded = 1,  // stored data is damaged or missing; everything else is served
  kFailing = 2,   // writes are refused because the store cannot make them durable
};

}  // namespace trine
