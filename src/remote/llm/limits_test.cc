// The parts that bound the use of a provider: features, circuit breaker, budgets and slots.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "base/metrics.h"
#include "remote/llm/call_slots.h"
#include "remote/llm/circuit_breaker.h"
#include "remote/llm/daily_budget.h"
#include "remote/llm/feature.h"

namespace trine::remote::llm {
namespace {

using Outcome = CircuitBreaker::Outcome;
using State = CircuitBreaker::State;

TEST(RejectedFeature, FindsTheFeatureThatAnErrorNames) {
  const struct {
    const char* text;
    std::optional<Feature> feature;
  } rows[] = {
      {"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'.",
       Feature::kMaxTokensMember},
      {"Unrecognized request argument supplied: stream_options", Feature::kStreamUsage},
      {"stream_options: Extra inputs are not permitted", Feature::kStreamUsage},
      {"Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
       Feature::kJsonSchema},
      {"output_config.format: Extra inputs are not permitted", Feature::kJsonSchema},
      {"registry.ollama.ai/library/gemma3 does not support tools", Feature::kTools},
      {"tools param requires --jinja flag", Feature::kTools},
      {"\"auto\" tool choice requires --enable-auto-tool-choice", Feature::kTools},
      {"This model doesn't support tool use.", Feature::kTools},
      {"System role not supported", Feature::kSystemRole},
      {"Conversation roles must alternate user/assistant/user", Feature::kSystemRole},
      {"`temperature` and `top_p` cannot both be specified for this model", Feature::kTopP},
      {"'temperature' does not support 0.2 with this model. Only the default (1) is supported.",
       Feature::kTemperature},
      {"The model is unsupported for streaming", Feature::kStreaming},
      // Wrong values are not missing features.
      {"Invalid schema for response_format 'x': 'additionalProperties' must be false", std::nullopt},
      {"temperature: must be at most 1", std::nullopt},
      {"this model is not supported", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& row : rows)
    EXPECT_EQ(RejectedFeature(row.text, FeatureSet::All()), row.feature) << row.text;
  // Only what was used can be the reason.
  EXPECT_EQ(RejectedFeature("tools are not supported", FeatureSet::All().Without(Feature::kTools)),
            std::nullopt);
  EXPECT_EQ(RejectedFeature(std::string(10'000'000, 'x') + " tools not supported", FeatureSet::All()),
            std::nullopt);
}

TEST(FeatureMemory, ForgetsRejectionsAfterAnHour) {
  ManualClock clock{Millis{1'700'000'000'000}};
  FeatureMemory memory(FeatureSet::All().Without(Feature::kTools), FeatureSet().With(Feature::kStreaming),
                       clock);
  EXPECT_FALSE(memory.Supported().Has(Feature::kTools));
  EXPECT_TRUE(memory.IsFixed(Feature::kStreaming));
  EXPECT_TRUE(memory.Reject(Feature::kJsonSchema));
  EXPECT_FALSE(memory.Reject(Feature::kJsonSchema));
  EXPECT_FALSE(memory.Supported().Has(Feature::kJsonSchema));
  EXPECT_TRUE(memory.Supported().Has(Feature::kSystemRole));
  clock.Advance(3'600'000);
  EXPECT_TRUE(memory.Supported().Has(Feature::kJsonSchema));
  EXPECT_FALSE(memory.Supported().Has(Feature::kTools));
}

TEST(CircuitBreaker, OpensAfterFailuresInARowAndClosesByOneTrial) {
  ManualClock clock{Millis{1'700'000'000'000}};
  CircuitBreaker breaker(3, 10'000, clock);
  const auto call = [&](Outcome outcome) { return breaker.Report(*breaker.Admit(), outcome); };
  EXPECT_FALSE(call(Outcome::kFailed));
  EXPECT_FALSE(call(Outcome::kFailed));
  EXPECT_FALSE(call(Outcome::kWorked));  // the row begins again
  EXPECT_FALSE(call(Outcome::kFailed));
  EXPECT_FALSE(call(Outcome::kUnknown));
  EXPECT_FALSE(call(Outcome::kFailed));
  EXPECT_TRUE(call(Outcome::kFailed));
  EXPECT_EQ(breaker.state(), State::kOpen);
  const auto refused = breaker.Admit();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().message.find("in 10 s"), std::string::npos) << refused.error().message;

  clock.Advance(10'000);
  const auto trial = breaker.Admit();
  ASSERT_TRUE(trial.ok());
  EXPECT_EQ(breaker.state(), State::kTrial);
  EXPECT_FALSE(breaker.Admit().ok());  // one trial at a time
  EXPECT_FALSE(breaker.Report(*trial, Outcome::kFailed));
  EXPECT_EQ(breaker.state(), State::kOpen);
  EXPECT_FALSE(breaker.Admit().ok());
  clock.Advance(10'000);
  EXPECT_FALSE(call(Outcome::kUnknown));  // says nothing: the next call is a trial at once
  EXPECT_TRUE(call(Outcome::kWorked));
  EXPECT_EQ(breaker.state(), State::kClosed);
}

TEST(CircuitBreaker, IgnoresCallsThatBeganBeforeItOpened) {
  ManualClock clock{Millis{1'700'000'000'000}};
  CircuitBreaker breaker(1, 10'000, clock);
  const auto early = *breaker.Admit(), late = *breaker.Admit();
  EXPECT_TRUE(breaker.Report(early, Outcome::kFailed));
  EXPECT_FALSE(breaker.Report(late, Outcome::kWorked));
  EXPECT_EQ(breaker.state(), State::kOpen);
}

TEST(DailyBudget, AdmitsWhatFitsIntoTheDayOfTheCaller) {
  ManualClock clock{Millis{1'700'000'000'000}};
  DailyBudget budget(1000, 0, clock);
  {
    auto first = budget.Reserve("a", 600, 0);
    ASSERT_TRUE(first.ok());
    const auto second = budget.Reserve("a", 600, 0);  // while the first may still use all of it
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, ErrorCode::kBusy);
    EXPECT_EQ(second.error().expected, "at most 400 tokens");
    EXPECT_TRUE(budget.Reserve("b", 600, 0).ok());
    first->Spend(100, 0);
  }
  EXPECT_TRUE(budget.Reserve("a", 900, 0).ok());
  EXPECT_FALSE(budget.Reserve("a", 901, 0).ok());
  {
    auto greedy = budget.Reserve("a", 900, 0);
    greedy->Spend(5000, 0);  // a provider may count more than was reserved
  }
  EXPECT_FALSE(budget.Reserve("a", 1, 0).ok());
  clock.Advance(24LL * 3600 * 1000);
  EXPECT_TRUE(budget.Reserve("a", 1000, 0).ok());
}

TEST(DailyBudget, StartsTheDayAtMidnightUtc) {
  ManualClock clock{Millis{1'700'006'399'999}};  // 2023-11-14T23:59:59.999Z
  DailyBudget budget(10, 0, clock);
  auto over_midnight = budget.Reserve("a", 10, 0);
  ASSERT_TRUE(over_midnight.ok());
  clock.Advance(1);
  {
    DailyBudget::Hold hold = *std::move(over_midnight);
    EXPECT_TRUE(budget.Reserve("a", 10, 0).ok());
    hold.Spend(4, 0);  // counts for the day on which it is known
  }
  EXPECT_TRUE(budget.Reserve("a", 6, 0).ok());
  EXPECT_FALSE(budget.Reserve("a", 7, 0).ok());
}

TEST(DailyBudget, LimitsMoneyAndTheNumberOfCallers) {
  ManualClock clock{Millis{1'700'000'000'000}};
  DailyBudget money(0, 1.5, clock);
  {
    auto hold = money.Reserve("a", 1'000'000'000, 1.0);
    ASSERT_TRUE(hold.ok());
    hold->Spend(0, 1.0);
  }
  const auto refused = money.Reserve("a", 1, 0.75);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kBusy);
  EXPECT_TRUE(money.Reserve("a", 1, 0.5).ok());

  DailyBudget unbounded(0, 0, clock);
  EXPECT_TRUE(unbounded.Reserve("a", ~uint64_t{0}, 1e300).ok());

  DailyBudget crowded(10, 0, clock);
  for (size_t i = 0; i < DailyBudget::kMaxCallers; ++i)
    ASSERT_TRUE(crowded.Reserve("caller" + std::to_string(i), 1, 0).ok());
  auto other = crowded.Reserve("one more", 10, 0);
  ASSERT_TRUE(other.ok());
  EXPECT_FALSE(crowded.Reserve("yet another", 1, 0).ok());  // they share a budget
  EXPECT_TRUE(crowded.Reserve("caller0", 10, 0).ok());
}

TEST(CallSlots, HandsSlotsOverInOrder) {
  Gauge running, waiting;
  CallSlots slots(1, 2, running, waiting);
  std::string order;
  std::mutex mutex;
  auto first = std::make_unique<Result<CallSlots::Slot>>(slots.Acquire(Deadline()));
  ASSERT_TRUE(first->ok());
  EXPECT_EQ(running.value(), 1);
  std::vector<std::thread> threads;
  for (char name : {'a', 'b'}) {
    threads.emplace_back([&, name] {
      const auto slot = slots.Acquire(Deadline());
      const std::lock_guard lock(mutex);
      order += name;
    });
    while (waiting.value() < (name == 'a' ? 1 : 2)) std::this_thread::yield();
  }
  const auto refused = slots.Acquire(Deadline());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kBusy);
  first.reset();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(order, "ab");
  EXPECT_EQ(running.value(), 0);
  EXPECT_EQ(waiting.value(), 0);
}

TEST(CallSlots, EndsTheWaitAtTheDeadlineAndAtAStop) {
  Gauge running, waiting;
  CallSlots slots(1, 2, running, waiting);
  const auto first = slots.Acquire(Deadline());
  EXPECT_EQ(slots.Acquire(Deadline::After(SystemClock(), 5)).error().code, ErrorCode::kTimeout);
  std::stop_source stop;
  auto waits = std::async(std::launch::async, [&] {
    return slots.Acquire(Deadline::After(SystemClock(), 60'000, stop.get_token())).error().code;
  });
  while (waiting.value() < 1) std::this_thread::yield();
  stop.request_stop();
  EXPECT_EQ(waits.get(), ErrorCode::kTimeout);
  EXPECT_EQ(waiting.value(), 0);
  EXPECT_EQ(slots.Acquire(Deadline::After(SystemClock(), 60'000, stop.get_token())).error().code,
            ErrorCode::kTimeout);
  EXPECT_EQ(running.value(), 1);
}

}  // namespace
}  // namespace trine::remote::llm
