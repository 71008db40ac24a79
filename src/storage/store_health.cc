#include "storage/store_health.h"

namespace trine::storage {

void StoreHealth::SetLog(Log* log) {
  const MutexLock lock(mutex_);
  log_ = log;
}

void StoreHealth::WritesFailed(const Error& why) {
  const MutexLock lock(mutex_);
  if (refused_) return;
  refused_ = why;
  if (log_ == nullptr) return;
  log_->Error((why.DetailOf("blocked") == "free_space"
                   ? "new data is refused, and only deletions are accepted: "
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

bool StoreHealth::Add(const std::string& what, const char* prefix) {
  const MutexLock lock(mutex_);
  const std::string text = prefix + what;
  if (named_.contains(text)) return false;
  if (named_.size() < kMaxNamed) {
    named_.insert(text);
  } else {
    ++unnamed_;
  }
  if (log_ != nullptr) log_->Error(text);
  return true;
}

bool StoreHealth::Damaged(const std::string& what) { return Add(what, "damaged data was skipped: "); }

bool StoreHealth::Missing(const std::string& what) { return Add(what, "acknowledged writes are missing: "); }

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
