#include "storage/store_health.h"

#include <utility>

namespace trine::storage {
namespace {

bool IsReservation(const Error& error) { return error.DetailOf("blocked") == "free_space"; }

}  // namespace

const char* SentenceOf(Finding finding) {
  switch (finding) {
    case Finding::kDamaged:
      return "damaged data was skipped: ";
    case Finding::kMissing:
      return "acknowledged writes are missing: ";
    case Finding::kUnsure:
      return "it is unknown whether acknowledged writes are missing: ";
  }
  FailCheck(__FILE__, __LINE__, "a finding outside its enumeration");
}

void StoreHealth::SetLog(Log* log) {
  const MutexLock lock(mutex_);
  log_ = log;
}

void StoreHealth::SetKeep(Keep keep) {
  const MutexLock lock(mutex_);
  keep_ = std::move(keep);
}

void StoreHealth::WritesFailed(const Error& why) {
  const MutexLock lock(mutex_);
  if (refused_) {
    if (IsReservation(why) && IsReservation(*refused_)) refused_ = why;
    return;
  }
  refused_ = why;
  if (!IsReservation(why)) refused_->details.emplace_back("blocked", "store");
  if (log_ == nullptr) return;
  log_->Error((IsReservation(why) ? "new data is refused, and only deletions are accepted: "
                                  : "the store no longer accepts writes, and every write is refused: ") +
              why.ToString());
}

void StoreHealth::WritesWork() {
  const MutexLock lock(mutex_);
  if (!refused_) return;
  refused_.reset();
  if (log_ != nullptr) log_->Info("the store accepts writes again");
}

Status StoreHealth::Writable() const {
  const MutexLock lock(mutex_);
  if (!refused_) return Ok();
  Error error = *refused_;
  error.message = "the store does not accept writes: " + error.message;
  return error;
}

void StoreHealth::CountRefused() {
  const MutexLock lock(mutex_);
  ++refused_writes_;
}

uint64_t StoreHealth::TakeRefused() {
  const MutexLock lock(mutex_);
  return std::exchange(refused_writes_, 0);
}

bool StoreHealth::Report(Finding finding, const std::string& what) {
  Keep keep;
  {
    const MutexLock lock(mutex_);
    const std::string text = SentenceOf(finding) + what;
    if (named_.contains(text)) return false;
    if (named_.size() < kMaxNamed) {
      named_.insert(text);
    } else {
      ++unnamed_;
    }
    if (log_ != nullptr) log_->Error(text);
    if (finding != Finding::kDamaged) keep = keep_;
  }
  if (keep) keep(finding, what);
  return true;
}

void StoreHealth::Remark(const std::string& what) {
  const MutexLock lock(mutex_);
  if (remarks_.size() < kMaxNamed) remarks_.push_back(what);
  if (log_ != nullptr) log_->Warning(what);
}

std::vector<std::string> StoreHealth::remarks() const {
  const MutexLock lock(mutex_);
  return remarks_;
}

HealthLevel StoreHealth::level() const {
  const MutexLock lock(mutex_);
  if (refused_) return HealthLevel::kFailing;
  return named_.empty() ? HealthLevel::kOk : HealthLevel::kDegraded;
}

std::vector<std::string> StoreHealth::problems() const {
  const MutexLock lock(mutex_);
  std::vector<std::string> all;
  if (refused_) all.push_back("writes are refused: " + refused_->ToString());
  all.insert(all.end(), named_.begin(), named_.end());
  if (unnamed_ > 0) all.push_back(std::to_string(unnamed_) + " more findings are in the log");
  return all;
}

uint64_t StoreHealth::findings() const {
  const MutexLock lock(mutex_);
  return named_.size() + unnamed_;
}

}  // namespace trine::storage
