#include "server/peer_limits.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "test/support/capturing_log.h"

namespace trine::server {
namespace {

const Error kWrong(ErrorCode::kUnknownCredentials, "unknown user or wrong password");

TEST(PeerAddress, IgnoresPortsAndTheHostPartOfIpv6) {
  EXPECT_EQ(PeerAddress("127.0.0.1:5123"), "127.0.0.1");
  EXPECT_EQ(PeerAddress("[::1]:5123"), "0:0:0:0::");
  EXPECT_EQ(PeerAddress("[2001:db8:1:2:3:4:5:6]:80"), "2001:db8:1:2::");
  EXPECT_EQ(PeerAddress("[2001:db8::6]:80"), "2001:db8:0:0::");
  EXPECT_EQ(PeerAddress("[::ffff:10.0.0.7]:80"), "10.0.0.7");
}

class PeerLimitsTest : public testing::Test {
 protected:
  Status Login(const char* peer, uint64_t credentials, bool right) {
    TRINE_TRY(limits_.BeforeLogin(peer, credentials));
    return limits_.AfterLogin(peer, credentials, "shop", right ? Status(Ok()) : Status(kWrong));
  }
  size_t Lines() const {
    const std::string text = log_.text();
    return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  ErrorCode Guess(const char* peer) { return Login(peer, 7, false).error().code; }

  ManualClock clock_{Millis{1'795'000'000'000}};
  test::CapturingLog log_;
  PeerLimits limits_{clock_, log_};
};

TEST_F(PeerLimitsTest, SlowsDownGuessesAndRefusesEvenARightOne) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Guess("10.0.0.1:1"), ErrorCode::kUnknownCredentials) << i;
  EXPECT_EQ(Guess("10.0.0.1:2"), ErrorCode::kBusy);
  EXPECT_EQ(Login("10.0.0.1:3", 8, true).error().code, ErrorCode::kBusy) << "a right guess looks the same";
  EXPECT_TRUE(Login("10.0.0.2:3", 8, true).ok()) << "another peer is not affected";
  clock_.Advance(1000);
  EXPECT_EQ(Guess("10.0.0.1:4"), ErrorCode::kUnknownCredentials) << "one guess a second";
  EXPECT_EQ(Guess("10.0.0.1:4"), ErrorCode::kBusy);
}

TEST_F(PeerLimitsTest, KeepsServingCredentialsThatWorkedBefore) {
  ASSERT_TRUE(Login("10.0.0.1:1", 8, true).ok());
  for (int i = 0; i < 1000; ++i) {
    static_cast<void>(Guess("10.0.0.1:1"));
    ASSERT_TRUE(Login("10.0.0.1:1", 8, true).ok()) << "after " << i << " guesses";
  }
}

TEST_F(PeerLimitsTest, ChecksFewCredentialsThatAreUnknownWhileGuessesFlood) {
  for (int i = 0; i < 40; ++i) static_cast<void>(Guess("10.0.0.1:1"));
  int checked = 0;
  for (uint64_t i = 0; i < 500; ++i) checked += limits_.BeforeLogin("10.0.0.1:1", 100 + i).ok() ? 1 : 0;
  EXPECT_LE(checked, 100);
}

// The hash of a signature is that of its access key, so wrong signatures may have the hash of right ones.
TEST_F(PeerLimitsTest, SlowsDownWrongSignaturesByAKnownAccessKey) {
  constexpr uint64_t kKey = 8;
  ASSERT_TRUE(Login("10.0.0.1:1", kKey, true).ok());
  int checked = 0;
  for (int i = 0; i < 500; ++i) {
    if (!limits_.BeforeLogin("10.0.0.1:1", kKey).ok()) continue;
    ++checked;
    static_cast<void>(limits_.AfterLogin("10.0.0.1:1", kKey, "AK", kWrong));
  }
  EXPECT_GE(checked, 100);
  EXPECT_LE(checked, 120);
  EXPECT_EQ(Login("10.0.0.1:1", kKey, true).error().code, ErrorCode::kBusy) << "as for a guess";
  clock_.Advance(100);
  EXPECT_TRUE(Login("10.0.0.1:1", kKey, true).ok());
}

TEST_F(PeerLimitsTest, DoesNotCountMissingCredentialsAsGuesses) {
  const Error missing(ErrorCode::kMissingCredentials, "this server requires credentials");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(limits_.AfterLogin("10.0.0.1:1", 0, "", missing).error().code, ErrorCode::kMissingCredentials);
  }
  EXPECT_EQ(Lines(), 0u);
}

TEST_F(PeerLimitsTest, LogsAFewLinesOfManyGuesses) {
  for (int i = 0; i < 1000; ++i) static_cast<void>(Guess("10.0.0.1:1"));
  EXPECT_GE(Lines(), 4u);
  EXPECT_LE(Lines(), 20u);
  EXPECT_NE(log_.text().find("10.0.0.1"), std::string::npos);
  for (int i = 0; i < 1000; ++i) static_cast<void>(Guess(("10.1." + std::to_string(i) + ".1:1").c_str()));
  EXPECT_LE(Lines(), 40u) << "of all peers together";
}

TEST_F(PeerLimitsTest, RemembersALimitedNumberOfPeers) {
  for (int i = 0; i < 40'000; ++i) {
    clock_.Advance(1);
    EXPECT_TRUE(
        limits_.TakePublicRequest("10." + std::to_string(i / 250) + "." + std::to_string(i % 250) + ".1:1")
            .ok());
  }
}

TEST_F(PeerLimitsTest, LimitsPublicRequestsPerPeer) {
  int served = 0;
  for (int i = 0; i < 500; ++i) served += limits_.TakePublicRequest("10.0.0.1:1").ok() ? 1 : 0;
  EXPECT_EQ(served, 100);
  EXPECT_EQ(limits_.TakePublicRequest("10.0.0.1:9").error().code, ErrorCode::kBusy);
  EXPECT_TRUE(limits_.TakePublicRequest("10.0.0.2:9").ok());
  clock_.Advance(1000);
  served = 0;
  for (int i = 0; i < 500; ++i) served += limits_.TakePublicRequest("10.0.0.1:1").ok() ? 1 : 0;
  EXPECT_EQ(served, 20);
}

}  // namespace
}  // namespace trine::server
