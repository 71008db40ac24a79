#include "remote/llm/daily_budget.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "format/text.h"

namespace trine::remote::llm {
namespace {

constexpr int64_t kDayMillis = 24LL * 3600 * 1000;
// Not the name of credentials, because names have no NUL.
constexpr std::string_view kOtherCallers("\0others", 7);

}  // namespace

int64_t DailyBudget::StartDay() {
  const int64_t day = clock_.Now().value / kDayMillis;
  if (day != day_) rows_.clear();
  return day_ = day;
}

DailyBudget::Row& DailyBudget::RowOf(const std::string& name) {
  if (const auto at = rows_.find(name); at != rows_.end()) return at->second;
  return rows_[rows_.size() < kMaxCallers ? name : std::string(kOtherCallers)];
}

Result<DailyBudget::Hold> DailyBudget::Reserve(const std::string& caller, uint64_t tokens, double money) {
  TRINE_CHECK_GE(money, 0.0);
  const MutexLock lock(mutex_);
  const int64_t day = StartDay();
  const bool bounded = max_tokens_ > 0 || max_money_ > 0;
  if (!bounded) return Hold(this, "", day, 0, 0);
  Row& row = RowOf(caller);
  const uint64_t taken = row.used_tokens + row.held_tokens;
  if (max_tokens_ > 0 && taken + tokens > max_tokens_) {
    return Error(ErrorCode::kBusy,
                 "the day's budget of tokens for the language model does not allow this call")
        .Expected("at most " + std::to_string(max_tokens_ - std::min(taken, max_tokens_)) + " tokens")
        .Got(std::to_string(tokens) + " tokens, prompt and longest answer together");
  }
  const double spent = row.used_money + row.held_money;
  if (max_money_ > 0 && spent + money > max_money_) {
    return Error(ErrorCode::kBusy,
                 "the day's budget of money for the language model does not allow this call")
        .Expected("at most " + format::ShortestDouble(std::max(max_money_ - spent, 0.0)))
        .Got(format::ShortestDouble(money) + ", prompt and longest answer together");
  }
  row.held_tokens += tokens;
  row.held_money += money;
  const bool own = rows_.find(caller) != rows_.end();
  return Hold(this, own ? caller : std::string(kOtherCallers), day, tokens, money);
}

DailyBudget::Hold::Hold(Hold&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)),
      row_(std::move(other.row_)),
      day_(other.day_),
      tokens_(other.tokens_),
      money_(other.money_) {}

DailyBudget::Hold::~Hold() {
  if (budget_ == nullptr || (tokens_ == 0 && money_ == 0)) return;
  const MutexLock lock(budget_->mutex_);
  if (budget_->StartDay() != day_) return;  // the reservation went with its day
  Row& row = budget_->RowOf(row_);
  TRINE_CHECK_GE(row.held_tokens, tokens_);
  row.held_tokens -= tokens_;
  row.held_money = std::max(row.held_money - money_, 0.0);
}

void DailyBudget::Hold::Spend(uint64_t tokens, double money) {
  TRINE_CHECK(budget_ != nullptr);
  if (budget_->max_tokens_ == 0 && budget_->max_money_ == 0) return;
  const MutexLock lock(budget_->mutex_);
  budget_->StartDay();
  Row& row = budget_->RowOf(row_);
  row.used_tokens += tokens;
  row.used_money += money;
}

}  // namespace trine::remote::llm
