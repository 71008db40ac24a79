// MemoryBudget: bounds the memory that work takes while it runs, by purpose and in total. Work reserves its
// bytes before it allocates them, and is refused if they do not fit; so a flood of work ends in refusals and
// not in a process that the operating system kills.
//
// The bytes are estimates, made by the code that does the work. Memory that data take as long as they are
// stored (caches, index buffers, the counters of a dataset group) is not reserved here.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>

#include "base/metrics.h"
#include "base/result.h"

namespace trine {

enum class MemoryUse {
  kRequests,   // request bodies
  kHandling,   // what is made from request bodies: parsed values, and documents on their way to the index
  kAnswers,    // records that are read for an answer, and answers that wait for their clients
  kImports,    // files that a job reads or writes as a whole
  kKnowledge,  // the vectors of a catalogue while they are made
  kTraining,   // the training process
};
inline constexpr size_t kMemoryUses = 6;
// The lower-case name ("requests", "answers" ...), for messages and metrics.
std::string_view Name(MemoryUse use);

// The bounds of a MemoryBudget, in bytes. Plain data.
struct MemoryBounds {
  size_t total = 0;
  size_t background = 0;                   // kImports, kKnowledge and kTraining together
  std::array<size_t, kMemoryUses> most{};  // by MemoryUse
  // The bounds for a process that may take `limit` bytes in all: caches, index buffers and the program itself
  // need about three eighths of a small limit. kHandling has the largest share, three eighths, because one
  // document takes many times its size. Each bound is at least kLeastMemoryBound.
  static MemoryBounds Of(size_t limit);
  // The same bound for each use and for the total.
  static MemoryBounds Each(size_t bytes);
};
inline constexpr size_t kLeastMemoryBound = 1u << 20;

// Owned by the program that starts the engines; outlives all holds. Thread-safe and lock-free.
class MemoryBudget {
 public:
  explicit MemoryBudget(const MemoryBounds& bounds, Metrics& metrics = NullMetrics());

  // kBusy, with nothing reserved, if the bytes do not fit now. The details "bytes_wanted" and
  // "bytes_limit" are the sum that was refused and the bound; "durability" is "PERMANENT" if the bytes would
  // not fit into an empty budget either, else "TRANSIENT".
  Status Reserve(MemoryUse use, size_t bytes);
  // As Reserve, but makes no error and does not count as a refusal: the caller tries again. Never throws.
  bool TryReserve(MemoryUse use, size_t bytes);
  // The error of work that was refused after TryReserve. Counts the refusal.
  Error Refuse(MemoryUse use, size_t bytes);
  // Requires that `bytes` are reserved for `use`.
  void Release(MemoryUse use, size_t bytes);
  // The error that Reserve would return now; reserves nothing.
  Status Check(MemoryUse use, size_t bytes) const;

  // The most bytes that a single reservation for `use` can ever have.
  size_t most(MemoryUse use) const;
  // The memory that one step of a large write may take. Larger steps would not be faster.
  size_t step() const { return std::min(most(MemoryUse::kHandling) / kSteps, kMostInStep); }
  size_t reserved(MemoryUse use) const { return Of(use).now.load(); }
  size_t reserved() const { return total_.now.load(); }
  // The most bytes that were ever reserved at one time.
  size_t peak(MemoryUse use) const { return Of(use).peak.load(); }
  size_t peak() const { return total_.peak.load(); }
  // The number of refused reservations.
  size_t refused(MemoryUse use) const { return refused_[static_cast<size_t>(use)].load(); }

 private:
  // One bounded sum.
  struct Sum {
    size_t bound = 0;
    std::atomic<size_t> now{0}, peak{0};
    bool Add(size_t bytes);
    void Subtract(size_t bytes);
  };
  static constexpr size_t kSteps = 8, kMostInStep = 64u << 20;
  static bool InBackground(MemoryUse use) { return use >= MemoryUse::kImports; }
  const Sum& Of(MemoryUse use) const { return uses_[static_cast<size_t>(use)]; }
  Error Refusal(MemoryUse use, size_t bytes) const;

  std::array<Sum, kMemoryUses> uses_;
  Sum background_, total_;
  std::array<std::atomic<size_t>, kMemoryUses> refused_{};
  std::array<Gauge*, kMemoryUses> reserved_gauges_{};
  std::array<Counter*, kMemoryUses> refused_counters_{};
};

// A share of a budget; released on destruction. Without a budget it counts, and refuses nothing. Movable. Not
// thread-safe.
class MemoryHold {
 public:
  MemoryHold() = default;
  // `budget` may be nullptr, else it must outlive the hold.
  MemoryHold(MemoryBudget* budget, MemoryUse use) : budget_(budget), use_(use) {}
  ~MemoryHold() { Release(); }
  MemoryHold(MemoryHold&& other) noexcept;
  MemoryHold& operator=(MemoryHold&& other) noexcept;

  Status Add(size_t more);  // on error, the hold is unchanged
  // Raises the hold to `bytes`; never lowers it.
  Status GrowTo(size_t bytes) { return bytes > held_ ? Add(bytes - held_) : Ok(); }
  // Lowers the hold to `bytes`; never raises it.
  void ShrinkTo(size_t bytes);
  void Release() { ShrinkTo(0); }
  size_t bytes() const { return held_; }
  // The most bytes that this hold can ever have; SIZE_MAX without a budget.
  size_t most() const { return budget_ == nullptr ? SIZE_MAX : budget_->most(use_); }

 private:
  MemoryBudget* budget_ = nullptr;
  MemoryUse use_ = MemoryUse::kRequests;
  size_t held_ = 0;
};

// The error of work for which the operating system had no memory, in place of std::bad_alloc.
Error OutOfMemory();
// Calls `work`, which returns a Status or a Result, and returns OutOfMemory() if it throws std::bad_alloc.
// Throws std::bad_alloc itself if there is not even memory for the error.
template <typename Work>
auto CatchBadAlloc(const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return OutOfMemory();
  }
}

}  // namespace trine
