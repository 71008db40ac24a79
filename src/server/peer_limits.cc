#include "server/peer_limits.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "base/check.h"

namespace trine::server {
namespace {

constexpr size_t kMaxLoggedNameBytes = 64;

// The errors of a login that was refused because a name or secret is wrong. Others, such as a wrong clock or
// missing credentials, are not guesses.
bool IsWrongLogin(const Error& error) {
  return error.code == ErrorCode::kUnknownCredentials || error.code == ErrorCode::kUnknownAccessKey ||
         error.code == ErrorCode::kSignatureMismatch;
}

Error TooManyLogins() {
  return Error(ErrorCode::kBusy, "too many refused logins from this address; wait and try again");
}

// Writes out the groups that "::" leaves out of an IPv6 address, and returns the first four.
std::string FirstGroups(std::string_view address) {
  std::vector<std::string> head, tail;
  std::vector<std::string>* into = &head;
  for (size_t at = 0; at <= address.size();) {
    const size_t end = std::min(address.find(':', at), address.size());
    if (end == at) into = &tail;  // "::"
    if (end > at) into->emplace_back(address.substr(at, end - at));
    at = end + 1;
  }
  if (address.find("::") != std::string_view::npos) {
    while (head.size() + tail.size() < 8) head.emplace_back("0");
    head.insert(head.end(), tail.begin(), tail.end());
  }
  std::string out;
  for (size_t i = 0; i < std::min<size_t>(4, head.size()); ++i) out.append(head[i]).append(":");
  return out + ":";
}

}  // namespace

std::string PeerAddress(std::string_view peer) {
  if (peer.starts_with('[')) {
    const std::string_view address = peer.substr(1, peer.find(']') - 1);
    const size_t dots = address.find('.');
    // An IPv4 address in IPv6 notation counts as that IPv4 address.
    if (dots != std::string_view::npos) return std::string(address.substr(address.rfind(':') + 1));
    return FirstGroups(address);
  }
  return std::string(peer.substr(0, peer.rfind(':')));
}

bool PeerLimits::Bucket::Fill(double burst, double per_second, int64_t now) {
  tokens = std::min(burst, tokens + static_cast<double>(now - filled_nanos) * 1e-9 * per_second);
  filled_nanos = now;
  return tokens >= 1;
}

PeerLimits::Peer& PeerLimits::PeerOf(std::string_view peer, int64_t now) {
  const std::string address = PeerAddress(peer);
  auto it = peers_.find(address);
  if (it == peers_.end()) {
    if (peers_.size() >= kMaxPeers) ForgetSilent();
    it = peers_.try_emplace(address).first;
    for (Bucket* bucket : {&it->second.logins, &it->second.checks, &it->second.requests})
      bucket->filled_nanos = now;
  }
  it->second.seen_nanos = now;
  return it->second;
}

// Forgets the half of the peers that were silent longest, so that the search for them is rare.
void PeerLimits::ForgetSilent() {
  TRINE_CHECK(!peers_.empty());
  std::vector<int64_t> times;
  times.reserve(peers_.size());
  for (const auto& [address, peer] : peers_) times.push_back(peer.seen_nanos);
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  const int64_t bound = *middle;
  std::erase_if(peers_, [&](const auto& entry) { return entry.second.seen_nanos <= bound; });
}

bool PeerLimits::MayLog(int64_t now) {
  if (now - window_nanos_ > kLogWindowMillis * 1'000'000) {
    window_nanos_ = now;
    logged_ = 0;
  }
  return logged_++ < kMaxLoggedPerWindow;
}

Status PeerLimits::BeforeLogin(std::string_view peer, uint64_t credentials) {
  const int64_t now = clock_.MonotonicNanos();
  const MutexLock lock(mutex_);
  Peer& state = PeerOf(peer, now);
  if (state.logins.Fill(kLoginBurst, kLoginsPerSecond, now)) return Ok();
  if (const auto known = state.known.find(credentials); known != state.known.end())
    return known->second.Fill(kCheckBurst, kChecksPerSecond, now) ? Status(Ok()) : TooManyLogins();
  if (!state.checks.Fill(kCheckBurst, kChecksPerSecond, now)) return TooManyLogins();
  state.checks.tokens -= 1;
  return Ok();
}

Status PeerLimits::AfterLogin(std::string_view peer, uint64_t credentials, std::string_view name,
                              Status checked) {
  if (!checked.ok() && !IsWrongLogin(checked.error())) return checked;
  const int64_t now = clock_.MonotonicNanos();
  const MutexLock lock(mutex_);
  Peer& state = PeerOf(peer, now);
  const bool allowed = state.logins.Fill(kLoginBurst, kLoginsPerSecond, now);
  const auto known = state.known.find(credentials);
  if (checked.ok()) {
    if (known != state.known.end()) return checked;
    if (!allowed) return TooManyLogins();
    if (state.known.size() < kMaxKnownLogins) state.known.emplace(credentials, Bucket{kCheckBurst, now});
    return checked;
  }
  if (known != state.known.end() && known->second.Fill(kCheckBurst, kChecksPerSecond, now))
    known->second.tokens -= 1;
  // Log the first, second, fourth, eighth ... refusal of a peer.
  if (std::has_single_bit(++state.refused) && MayLog(now)) {
    std::string who = name.empty() ? "" : " as \"" + std::string(name.substr(0, kMaxLoggedNameBytes)) + "\"";
    log_.Warning("refused a login from " + PeerAddress(peer) + who + ": " + checked.error().message + " (" +
                 std::to_string(state.refused) + " refused from there)");
  }
  if (!allowed) return TooManyLogins();
  state.logins.tokens -= 1;
  return checked;
}

Status PeerLimits::TakePublicRequest(std::string_view peer) {
  const int64_t now = clock_.MonotonicNanos();
  const MutexLock lock(mutex_);
  Peer& known = PeerOf(peer, now);
  if (!known.requests.Fill(kPublicBurst, kPublicPerSecond, now)) {
    return Error(ErrorCode::kBusy, "too many requests with public credentials from this address")
        .Expected("at most " + std::to_string(static_cast<int>(kPublicPerSecond)) + " a second");
  }
  known.requests.tokens -= 1;
  return Ok();
}

}  // namespace trine::server
