// DailyBudget: limits the tokens and the money of each caller per day (UTC).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mutex.h"
#include "base/result.h"

namespace trine::remote::llm {

// Kept in memory: a restart begins with a full budget. Thread-safe; one lock, held for short. `clock` must
// outlive it.
class DailyBudget {
 public:
  // Callers beyond this number share one budget, so that made-up names cannot fill the memory.
  static constexpr size_t kMaxCallers = 10'000;

  // Limits per caller and day; 0: no limit.
  DailyBudget(uint64_t tokens, double money, const Clock& clock)
      : max_tokens_(tokens), max_money_(money), clock_(clock) {}

  // A reservation. Its destructor gives back what was not spent. The budget must outlive it. Not thread-safe.
  class Hold {
   public:
    Hold(Hold&& other) noexcept;
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold();
    // Counts a use, which may be more or less than was reserved. May be called several times.
    void Spend(uint64_t tokens, double money);

   private:
    friend class DailyBudget;
    Hold(DailyBudget* budget, std::string row, int64_t day, uint64_t tokens, double money)
        : budget_(budget), row_(std::move(row)), day_(day), tokens_(tokens), money_(money) {}
    DailyBudget* budget_;  // nullptr: moved away
    std::string row_;
    int64_t day_;
    uint64_t tokens_;
    double money_;
  };

  // Reserves the most that a call may use. kBusy if that does not fit into the rest of the caller's day.
  Result<Hold> Reserve(const std::string& caller, uint64_t tokens, double money);

 private:
  struct Row {
    uint64_t used_tokens = 0, held_tokens = 0;
    double used_money = 0, held_money = 0;
  };
  Row& RowOf(const std::string& name) TRINE_REQUIRES(mutex_);
  int64_t StartDay() TRINE_REQUIRES(mutex_);  // forgets the day before; returns the number of the day

  const uint64_t max_tokens_;
  const double max_money_;
  const Clock& clock_;
  Mutex mutex_;
  int64_t day_ TRINE_GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::string, Row, StringHash, std::equal_to<>> rows_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::remote::llm
