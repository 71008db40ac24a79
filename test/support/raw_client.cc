#include "test/support/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace trine::test {

RawClient::RawClient(uint16_t port, const char* from) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  const int on = 1;
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, from, &address.sin_addr);
  if (bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(std::exchange(fd_, -1));
    return;
  }
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(fd_);
    fd_ = -1;
  }
}

RawClient::~RawClient() {
  if (fd_ >= 0) close(fd_);
}

RawClient::RawClient(RawClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

bool RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

void RawClient::EndOutput() { shutdown(fd_, SHUT_WR); }

void RawClient::Reset() {
  const linger hard{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  close(std::exchange(fd_, -1));
}

bool RawClient::Fill() {
  char bytes[16384];
  const ssize_t n = recv(fd_, bytes, sizeof bytes, 0);
  if (n <= 0) return false;
  buffer_.append(bytes, static_cast<size_t>(n));
  return true;
}

std::optional<std::string> RawClient::TakeLine() {
  size_t end;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!Fill()) return std::nullopt;
  }
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return line;
}

bool RawClient::Take(size_t n, std::string* out) {
  while (buffer_.size() < n) {
    if (!Fill()) {
      out->append(std::exchange(buffer_, {}));
      return false;
    }
  }
  out->append(buffer_, 0, n);
  buffer_.erase(0, n);
  return true;
}

RawResponse RawClient::Read(bool head) {
  RawResponse r;
  for (;;) {
    const std::optional<std::string> line = TakeLine();
    if (!line) return r;
    if (line->empty()) break;
    r.head += *line + "\r\n";
    if (r.status == 0) {
      r.status = line->size() > 12 ? std::atoi(line->c_str() + 9) : -1;
      continue;
    }
    const size_t colon = std::min(line->find(':'), line->size());
    std::string name = line->substr(0, colon);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    r.headers[name] = colon + 2 <= line->size() ? line->substr(colon + 2) : "";
  }
  const auto field = [&](const char* name) {
    const auto found = r.headers.find(name);
    return found == r.headers.end() ? std::string() : found->second;
  };
  if (head || r.status < 200 || r.status == 204 || r.status == 304) {
    r.complete = true;
  } else if (field("transfer-encoding") == "chunked") {
    for (;;) {
      const std::optional<std::string> line = TakeLine();
      if (!line) return r;
      const size_t size = std::strtoul(line->c_str(), nullptr, 16);
      std::string ending;
      if (!Take(size, &r.body) || !Take(2, &ending)) return r;
      if (size == 0) break;
    }
    r.complete = true;
  } else if (!field("content-length").empty()) {
    r.complete = Take(std::strtoul(field("content-length").c_str(), nullptr, 10), &r.body);
  } else {
    r.body = ReadToEnd().value_or("");
    r.complete = true;
  }
  return r;
}

RawResponse RawClient::Ask(std::string_view request, bool head) {
  Send(request);
  return Read(head);
}

std::optional<std::string> RawClient::ReadToEnd() {
  for (;;) {
    char bytes[16384];
    const ssize_t n = recv(fd_, bytes, sizeof bytes, 0);
    if (n < 0 && errno != ECONNRESET) return std::nullopt;
    if (n <= 0) return std::exchange(buffer_, {});
    buffer_.append(bytes, static_cast<size_t>(n));
  }
}

bool RawClient::Readable(int millis) {
  pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
  return !buffer_.empty() || poll(&waiting, 1, millis) > 0;
}

}  // namespace trine::test
