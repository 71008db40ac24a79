#include "base/memory_budget.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"

namespace trine {
namespace {

constexpr std::array kAllUses = {MemoryUse::kRequests, MemoryUse::kHandling,  MemoryUse::kAnswers,
                                 MemoryUse::kImports,  MemoryUse::kKnowledge, MemoryUse::kTraining};
static_assert(kAllUses.size() == kMemoryUses);

constexpr std::string_view kReservedHelp = "Bytes of memory that work has reserved, by purpose.";
constexpr std::string_view kRefusedHelp =
    "Work that was refused because it did not fit into memory, by purpose.";

std::string Bytes(size_t bytes) { return std::to_string(bytes) + " bytes"; }

}  // namespace

std::string_view Name(MemoryUse use) {
  switch (use) {
    case MemoryUse::kRequests:
      return "requests";
    case MemoryUse::kHandling:
      return "handling";
    case MemoryUse::kAnswers:
      return "answers";
    case MemoryUse::kImports:
      return "imports";
    case MemoryUse::kKnowledge:
      return "knowledge";
    case MemoryUse::kTraining:
      return "training";
  }
  return "unknown";
}

MemoryBounds MemoryBounds::Of(size_t limit) {
  const auto share = [limit](size_t eighths) { return std::max(limit / 8 * eighths, kLeastMemoryBound); };
  MemoryBounds bounds;
  bounds.total = share(5);
  bounds.background = share(2);
  bounds.most.fill(share(2));
  bounds.most[static_cast<size_t>(MemoryUse::kHandling)] = share(3);
  return bounds;
}

MemoryBounds MemoryBounds::Each(size_t bytes) {
  MemoryBounds bounds;
  bounds.total = bounds.background = bytes;
  bounds.most.fill(bytes);
  return bounds;
}

bool MemoryBudget::Sum::Add(size_t bytes) {
  size_t before = now.load();
  do {
    if (bytes > bound || before > bound - bytes) return false;
  } while (!now.compare_exchange_weak(before, before + bytes));
  const size_t after = before + bytes;
  size_t highest = peak.load();
  while (highest < after && !peak.compare_exchange_weak(highest, after)) {
  }
  return true;
}

void MemoryBudget::Sum::Subtract(size_t bytes) {
  const size_t before = now.fetch_sub(bytes);
  TRINE_CHECK_LE(bytes, before);
}

MemoryBudget::MemoryBudget(const MemoryBounds& bounds, Metrics& metrics) {
  total_.bound = bounds.total;
  background_.bound = bounds.background;
  for (const MemoryUse use : kAllUses) {
    const auto i = static_cast<size_t>(use);
    uses_[i].bound = bounds.most[i];
    reserved_gauges_[i] = &metrics.GetGauge("trine_memory_reserved_bytes", kReservedHelp, Name(use));
    refused_counters_[i] = &metrics.GetCounter("trine_memory_refused_total", kRefusedHelp, Name(use));
  }
}

size_t MemoryBudget::most(MemoryUse use) const {
  const size_t most = std::min(Of(use).bound, total_.bound);
  return InBackground(use) ? std::min(most, background_.bound) : most;
}

Error MemoryBudget::Refusal(MemoryUse use, size_t bytes) const {
  const size_t limit = most(use), held = std::min(reserved(use), SIZE_MAX - bytes);
  const bool fits_alone = bytes <= limit;
  std::string message =
      "not enough memory for " + std::string(Name(use)) + ": the work needs " + Bytes(bytes);
  message += fits_alone ? ", and " + Bytes(held) + " of " + Bytes(limit) + " are taken; try again later"
                        : ", but at most " + Bytes(limit) + " are allowed; raise --memory-limit";
  return Error(ErrorCode::kBusy, std::move(message))
      .Detail("use", std::string(Name(use)))
      .Detail("bytes_wanted", std::to_string(bytes + (fits_alone ? held : 0)))
      .Detail("bytes_limit", std::to_string(limit))
      .Detail("durability", fits_alone ? "TRANSIENT" : "PERMANENT");
}

bool MemoryBudget::TryReserve(MemoryUse use, size_t bytes) {
  const auto i = static_cast<size_t>(use);
  if (!uses_[i].Add(bytes)) return false;
  if (InBackground(use) && !background_.Add(bytes)) {
    uses_[i].Subtract(bytes);
    return false;
  }
  if (!total_.Add(bytes)) {
    uses_[i].Subtract(bytes);
    if (InBackground(use)) background_.Subtract(bytes);
    return false;
  }
  reserved_gauges_[i]->Set(static_cast<double>(reserved(use)));
  return true;
}

Status MemoryBudget::Reserve(MemoryUse use, size_t bytes) {
  if (TryReserve(use, bytes)) return Ok();
  return Refuse(use, bytes);
}

Error MemoryBudget::Refuse(MemoryUse use, size_t bytes) {
  const auto i = static_cast<size_t>(use);
  ++refused_[i];
  refused_counters_[i]->Add();
  return Refusal(use, bytes);
}

void MemoryBudget::Release(MemoryUse use, size_t bytes) {
  const auto i = static_cast<size_t>(use);
  total_.Subtract(bytes);
  if (InBackground(use)) background_.Subtract(bytes);
  uses_[i].Subtract(bytes);
  reserved_gauges_[i]->Set(static_cast<double>(reserved(use)));
}

Status MemoryBudget::Check(MemoryUse use, size_t bytes) const {
  const auto fits = [bytes](const Sum& sum) {
    return bytes <= sum.bound && sum.now.load() <= sum.bound - bytes;
  };
  if (fits(Of(use)) && fits(total_) && (!InBackground(use) || fits(background_))) return Ok();
  return Refusal(use, bytes);
}

MemoryHold::MemoryHold(MemoryHold&& other) noexcept
    : budget_(other.budget_), use_(other.use_), held_(std::exchange(other.held_, 0)) {}

MemoryHold& MemoryHold::operator=(MemoryHold&& other) noexcept {
  if (this == &other) return *this;
  Release();
  budget_ = other.budget_;
  use_ = other.use_;
  held_ = std::exchange(other.held_, 0);
  return *this;
}

Status MemoryHold::Add(size_t more) {
  // Waiting does not free the memory that this hold has already.
  if (budget_ != nullptr && more > most() - std::min(most(), held_))
    return budget_->Refuse(use_, held_ + more);
  if (budget_ != nullptr) TRINE_TRY(budget_->Reserve(use_, more));
  held_ += more;
  return Ok();
}

void MemoryHold::ShrinkTo(size_t bytes) {
  if (bytes >= held_) return;
  if (budget_ != nullptr) budget_->Release(use_, held_ - bytes);
  held_ = bytes;
}

Error OutOfMemory() {
  return Error(ErrorCode::kBusy, "the operating system has no memory left for this work")
      .Detail("durability", "TRANSIENT");
}

}  // namespace trine
