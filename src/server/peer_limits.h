// PeerLimits: slows down refused logins, and limits the rate of public callers, per peer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/result.h"

namespace trine::server {

// A peer is an IPv4 address or the first 64 bits of an IPv6 address. Each limit is a bucket of tokens that
// fills up again over time; a request that finds its bucket empty is kBusy (429) at once, without waiting.
//
// Guessing: a refused login takes a token. While the bucket is empty, a peer gets the same answer for right
// and wrong credentials, so that it cannot continue to guess. Credentials that it used successfully before
// are recognised by their hash before anything is counted, and still work, so that a shop behind the same
// address is not locked out. The hash of a password or token covers the secret, so a guess never has the hash
// of known credentials. That of a signature covers only the access key: wrong signatures by a known key use
// up a bucket of that key, and while it is empty, right ones by the same key are kBusy, too.
//
// Thread-safe; the functions take microseconds. `clock` and `log` must outlive the object.
class PeerLimits {
 public:
  static constexpr double kLoginBurst = 20;      // refused logins in a row
  static constexpr double kLoginsPerSecond = 1;  // from then on
  // Credentials checked while the first bucket is empty: all unknown ones together, and the wrong signatures
  // by one known access key.
  static constexpr double kCheckBurst = 100;
  static constexpr double kChecksPerSecond = 50;
  static constexpr double kPublicBurst = 100;  // requests of public callers
  static constexpr double kPublicPerSecond = 20;
  static constexpr size_t kMaxPeers = 16'384;        // then the peers that were silent longest are forgotten
  static constexpr size_t kMaxKnownLogins = 64;      // per peer
  static constexpr size_t kMaxLoggedPerWindow = 20;  // lines about refused logins
  static constexpr int64_t kLogWindowMillis = 10'000;

  PeerLimits(const Clock& clock, Log& log) : clock_(clock), log_(log) {}

  // Call before credentials are checked, with a hash that identifies them: of a password or token with its
  // secret, of a signature by its access key. kBusy if the peer has had too many refused logins, and the
  // credentials are unknown and the peer has used up the checks that it still gets.
  Status BeforeLogin(std::string_view peer, uint64_t credentials);
  // Call with the result of the complete check and the same hash. Returns the result, or kBusy if the peer
  // has had too many refused logins and the credentials did not work before. `name` is for the log: the user
  // or access key, or empty.
  Status AfterLogin(std::string_view peer, uint64_t credentials, std::string_view name, Status checked);
  // kBusy if the peer sends requests with public credentials too fast.
  Status TakePublicRequest(std::string_view peer);

 private:
  struct Bucket {
    double tokens;
    int64_t filled_nanos = 0;
    // Fills the bucket for the time since the last call. Returns whether it has a whole token.
    bool Fill(double burst, double per_second, int64_t now);
  };
  struct Peer {
    Bucket logins{kLoginBurst}, checks{kCheckBurst}, requests{kPublicBurst};
    int64_t seen_nanos = 0;
    uint64_t refused = 0;
    // By the hash of credentials that were right: the wrong signatures that are still checked.
    std::unordered_map<uint64_t, Bucket> known;
  };
  Peer& PeerOf(std::string_view peer, int64_t now) TRINE_REQUIRES(mutex_);
  void ForgetSilent() TRINE_REQUIRES(mutex_);
  bool MayLog(int64_t now) TRINE_REQUIRES(mutex_);

  const Clock& clock_;
  Log& log_;
  Mutex mutex_;
  std::unordered_map<std::string, Peer, StringHash, std::equal_to<>> peers_ TRINE_GUARDED_BY(mutex_);
  int64_t window_nanos_ TRINE_GUARDED_BY(mutex_) = 0;
  size_t logged_ TRINE_GUARDED_BY(mutex_) = 0;
};

// The address part of "127.0.0.1:5123" or "[2001:db8::1]:5123"; of an IPv6 address only its first four
// groups.
std::string PeerAddress(std::string_view peer);

}  // namespace trine::server
