#include "storage/free_space.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "storage/file_descriptor.h"

namespace trine::storage {
namespace {

// Units from the largest to the smallest, so that a size is printed in the largest one that fits.
constexpr std::array<std::pair<std::string_view, int>, 5> kUnits = {
    {{"tb", 40}, {"gb", 30}, {"mb", 20}, {"kb", 10}, {"b", 0}}};

std::string PrintBytes(uint64_t bytes) {
  for (const auto& [unit, shift] : kUnits) {
    const uint64_t whole = uint64_t{1} << shift;
    if (bytes >= whole && bytes % whole == 0) return std::to_string(bytes >> shift) + std::string(unit);
  }
  return "0b";
}

std::string PrintPercent(double percent) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), percent).ptr;
  return std::string(text.data(), end) + "%";
}

Error InvalidAmount(std::string_view text) {
  return Error(ErrorCode::kInvalid, "not an amount of free space")
      .Expected("a size such as 512mb, or a percentage of the disk below 100 such as 5%")
      .Got(std::string(text.substr(0, 40)));
}

std::optional<double> ParsePercent(std::string_view digits) {
  double percent = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), percent, std::chars_format::fixed);
  const bool good = error == std::errc() && end == digits.data() + digits.size() && !digits.empty() &&
                    digits.front() != '-' && std::isfinite(percent) && percent < 100;
  return good ? std::optional<double>(percent) : std::nullopt;
}

}  // namespace

Result<DiskSpace> MeasureDisk(const std::string& folder) {
  struct statvfs disk {};
  int failed = 0;
  do {
    failed = ::statvfs(folder.c_str(), &disk);
  } while (failed != 0 && errno == EINTR);
  if (failed != 0) return SystemError("cannot measure the free space", folder, errno);
  return DiskSpace{uint64_t{disk.f_bavail} * disk.f_frsize, uint64_t{disk.f_blocks} * disk.f_frsize};
}

uint64_t SpaceAmount::Of(uint64_t total) const {
  uint64_t amount = bytes.value_or(std::numeric_limits<uint64_t>::max());
  if (percent) amount = std::min(amount, static_cast<uint64_t>(static_cast<double>(total) * *percent / 100));
  return bytes || percent ? amount : 0;
}

std::string SpaceAmount::ToString() const {
  if (bytes && percent) return PrintBytes(*bytes) + " or " + PrintPercent(*percent) + ", whichever is less";
  return percent ? PrintPercent(*percent) : PrintBytes(bytes.value_or(0));
}

Result<SpaceAmount> ParseSpaceAmount(std::string_view text) {
  SpaceAmount amount;
  if (text.ends_with('%')) {
    amount.percent = ParsePercent(text.substr(0, text.size() - 1));
    if (!amount.percent) return InvalidAmount(text);
    return amount;
  }
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return InvalidAmount(text);
  const std::string unit = ToLowerAscii(text.substr(static_cast<size_t>(end - text.data())));
  for (const auto& [name, shift] : kUnits) {
    if (unit != name && unit != name.substr(0, 1) && !(unit.empty() && shift == 0)) continue;
    if (shift > 0 && number > (std::numeric_limits<uint64_t>::max() >> shift)) return InvalidAmount(text);
    amount.bytes = number << shift;
    return amount;
  }
  return InvalidAmount(text);
}

Status CheckSpaceMarks(const SpaceMarks& marks) {
  const auto wrong = [&] {
    return Error(ErrorCode::kInvalid,
                 "the watermark at which new data is refused is above the one for the warning")
        .Expected("at most " + marks.low.ToString())
        .Got(marks.reserved.ToString());
  };
  if (marks.low.bytes && marks.low.percent) return Ok();            // the default, which adapts
  if (marks.low.bytes == 0 || marks.low.percent == 0) return Ok();  // no warning
  if (marks.low.bytes && marks.reserved.bytes && *marks.reserved.bytes > *marks.low.bytes) return wrong();
  if (marks.low.percent && marks.reserved.percent && *marks.reserved.percent > *marks.low.percent)
    return wrong();
  return Ok();
}

bool IsSpaceReserved(const Error& error) {
  return error.code == ErrorCode::kUnavailable && error.DetailOf("blocked") == "free_space";
}

Status MayWrite(const StoreHealth& health, const WriteBatch& batch) {
  const Status writable = health.Writable();
  if (writable.ok() || !IsSpaceReserved(writable.error())) return writable;
  bool removes = false, defines = false;
  size_t stored = 0;
  for (const WriteBatch::Op& op : batch.ops()) {
    removes = removes || !op.value;
    if (!op.value) continue;
    stored += op.key.size() + op.value->size();
    if (op.family == Family::kMeta) continue;
    if (op.family != Family::kResources) return writable;
    defines = true;
  }
  return (defines && !removes) || stored > kSmallBatchBytes ? writable : Ok();
}

uint64_t LeastReserve(uint64_t total) {
  constexpr uint64_t kMost = 32u << 20;
  return std::min(kMost, total / 8);
}

SpaceGuard::SpaceGuard(std::vector<std::string> folders, const SpaceMarks& marks, StoreHealth& health,
                       Log& log, MeasureSpace measure)
    : folders_(std::move(folders)), marks_(marks), health_(health), log_(log), measure_(std::move(measure)) {
  TRINE_CHECK(measure_ != nullptr);
}

SpaceLevel SpaceGuard::LevelOf(const DiskSpace& space) const {
  uint64_t reserved = std::max(marks_.reserved.Of(space.total), LeastReserve(space.total));
  uint64_t low = marks_.low.Of(space.total);
  if (marks_.low.bytes && marks_.low.percent) low = std::max(low, 2 * reserved);
  if (level_ == SpaceLevel::kReserved) reserved += reserved / 10;
  if (space.free < reserved) return SpaceLevel::kReserved;
  return space.free < low ? SpaceLevel::kLow : SpaceLevel::kEnough;
}

void SpaceGuard::Check() {
  SpaceLevel level = SpaceLevel::kEnough;
  std::optional<DiskSpace> worst;
  std::string where;
  for (const std::string& folder : folders_) {
    const auto space = measure_(folder);
    if (!space.ok()) {
      if (space.error().kind() == ErrorKind::kNotFound) continue;
      return;
    }
    const SpaceLevel found = LevelOf(*space);
    if (worst && (found < level || (found == level && space->free >= worst->free))) continue;
    level = found;
    worst = *space;
    where = folder;
  }
  if (!worst) return;
  Report(level, std::to_string(worst->free >> 20) + " MiB of " + std::to_string(worst->total >> 20) +
                    " MiB are free on the disk of " + where + "; the watermark is " +
                    MarkOf(level, worst->total));
}

std::string SpaceGuard::MarkOf(SpaceLevel level, uint64_t total) const {
  if (level != SpaceLevel::kReserved) return marks_.low.ToString();
  const uint64_t least = LeastReserve(total);
  if (marks_.reserved.Of(total) >= least) return marks_.reserved.ToString();
  return "the least possible one, " + PrintBytes(least >> 20 << 20);
}

void SpaceGuard::Report(SpaceLevel level, const std::string& text) {
  const SpaceLevel before = std::exchange(level_, level);
  {
    const MutexLock lock(mutex_);
    warning_.reset();
    if (level == SpaceLevel::kLow) warning_ = "space is low: " + text;
  }
  const Status writable = health_.Writable();
  // Keeps another reason, and replaces the amount of an earlier call.
  if (level == SpaceLevel::kReserved)
    health_.WritesFailed(
        Error(ErrorCode::kUnavailable, "too little space is free: " + text).Detail("blocked", "free_space"));
  if (level != SpaceLevel::kReserved && !writable.ok() && IsSpaceReserved(writable.error()))
    health_.WritesWork();
  if (level == before) return;
  if (level == SpaceLevel::kLow) log_.Warning("space is low: " + text);
  if (level == SpaceLevel::kEnough) log_.Info("enough space is free again: " + text);
}

std::optional<std::string> SpaceGuard::warning() const {
  const MutexLock lock(mutex_);
  return warning_;
}

}  // namespace trine::storage
