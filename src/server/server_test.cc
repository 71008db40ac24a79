#include "server/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "base/metrics.h"
#include "net/client.h"
#include "server/engines.h"
#include "test/support/temp_folder.h"

namespace trine::server {
namespace {

ErrorCode CodeOf(const ServeOptions& options) {
  const Status checked = CheckOptions(options);
  return checked.ok() ? ErrorCode::kInternal : checked.error().code;
}

TEST(CheckOptions, RejectsNonLoopbackAddressesWithoutProtection) {
  for (const char* host : {"0.0.0.0", "192.168.1.2", "::", "example.com", "128.0.0.1", ""}) {
    ServeOptions options;
    options.host = host;
    EXPECT_EQ(CodeOf(options), ErrorCode::kUsage) << host << " without credentials";
    options.credentials_file = "secrets.json";
    EXPECT_EQ(CodeOf(options), ErrorCode::kUsage) << host << " without TLS";
    options.allow_plain_http = true;
    EXPECT_TRUE(CheckOptions(options).ok()) << host;
    options.allow_plain_http = false;
    options.tls_cert_file = "cert.pem";
    options.tls_key_file = "key.pem";
    EXPECT_TRUE(CheckOptions(options).ok()) << host;
  }
}

TEST(CheckOptions, AcceptsLoopbackWithoutCredentials) {
  for (const char* host : {"127.0.0.1", "127.9.9.9", "localhost", "::1"}) {
    ServeOptions options;
    options.host = host;
    EXPECT_TRUE(CheckOptions(options).ok()) << host;
  }
}

TEST(CheckOptions, RejectsTlsCertificateOrKeyAlone) {
  ServeOptions options;
  options.tls_cert_file = "cert.pem";
  EXPECT_EQ(CodeOf(options), ErrorCode::kUsage);
  std::swap(options.tls_cert_file, options.tls_key_file);
  EXPECT_EQ(CodeOf(options), ErrorCode::kUsage);
}

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    options_.port = 0;
    options_.engine.data_dir = folder_.path("data");
  }
  net::ClientResponse Send(const std::string& method, const std::string& url, const std::string& body) {
    net::ClientRequest request;
    request.method = method;
    request.url = url;
    request.body = body;
    if (!body.empty()) request.headers.Set("Content-Type", "application/json");
    auto response = net::NewHttpClient()->Send(request, Deadline::After(SystemClock(), 10'000));
    return response.ok() ? std::move(response).value() : net::ClientResponse{};
  }
  int StatusAt(const std::string& url) { return Send("GET", url, "").status; }

  test::TempFolder folder_;
  ServeOptions options_;
};

TEST_F(ServerTest, ServesUntilItIsStopped) {
  auto server = Server::Start(options_, SystemClock(), NullLog());
  ASSERT_TRUE(server.ok()) << server.error().ToString();
  EXPECT_NE((*server)->port(), 0);
  const std::string url = (*server)->url();
  EXPECT_EQ(url, "http://127.0.0.1:" + std::to_string((*server)->port()));
  EXPECT_EQ(StatusAt(url + "/_trine/health"), 200);
  EXPECT_EQ(StatusAt(url + "/_trine/metrics"), 200);
  EXPECT_TRUE((*server)->Stop().ok());
  EXPECT_TRUE((*server)->Stop().ok()) << "idempotent";
  EXPECT_EQ(StatusAt(url + "/_trine/health"), 0);
}

TEST_F(ServerTest, RefusesNewDataWhileLittleSpaceIsFree) {
  std::atomic<uint64_t> free_mega = 500;
  options_.engine.space = {*storage::ParseSpaceAmount("10%"), *storage::ParseSpaceAmount("50mb")};
  options_.engine.measure_space = [&](const std::string&) -> Result<storage::DiskSpace> {
    return storage::DiskSpace{free_mega << 20, 1000u << 20};
  };
  auto server = Server::Start(options_, SystemClock(), NullLog());
  ASSERT_TRUE(server.ok()) << server.error().ToString();
  std::string url = (*server)->url();
  const auto until_ready = [&](int status) {
    while (StatusAt(url + "/_trine/ready") != status) std::this_thread::yield();
  };
  const auto event = [](const std::string& item) {
    return R"({"dataset_group":"shop","create":true,"events":[{"user_id":"u","item_id":")" + item +
           R"(","event_type":"view","timestamp":1764000000}]})";
  };
  EXPECT_EQ(Send("PUT", url + "/docs/_doc/1", "{}").status, 201);
  EXPECT_EQ(Send("POST", url + "/_trine/events", event("a")).status, 200);
  free_mega = 10;
  until_ready(503);
  const auto refused = Send("PUT", url + "/docs/_doc/2", "{}");
  EXPECT_EQ(refused.status, 429);
  EXPECT_NE(refused.body.find("index [docs] blocked by: [TOO_MANY_REQUESTS/12/"), std::string::npos)
      << refused.body;
  EXPECT_EQ(Send("POST", url + "/_trine/events", event("b")).status, 503);
  EXPECT_EQ(StatusAt(url + "/docs/_doc/1"), 200);
  EXPECT_TRUE((*server)->Stop().ok());
  server->reset();
  server = Server::Start(options_, SystemClock(), NullLog());
  ASSERT_TRUE(server.ok()) << "little space does not prevent a start: " << server.error().ToString();
  url = (*server)->url();
  EXPECT_EQ(Send("PUT", url + "/docs/_doc/2", "{}").status, 429);
  EXPECT_EQ(Send("PUT", url + "/new", "{}").status, 403);
  EXPECT_EQ(Send("DELETE", url + "/docs", "").status, 200);
  free_mega = 500;
  until_ready(200);
  EXPECT_EQ(Send("PUT", url + "/docs/_doc/2", "{}").status, 201);
}

TEST_F(ServerTest, AdminTokenIsRequired) {
  options_.admin_token = "secret";
  auto server = Server::Start(options_, SystemClock(), NullLog());
  ASSERT_TRUE(server.ok()) << server.error().ToString();
  EXPECT_EQ(StatusAt((*server)->url() + "/_trine/health"), 401);
}

TEST_F(ServerTest, RejectsADataDirectoryThatIsInUse) {
  auto first = Server::Start(options_, SystemClock(), NullLog());
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  const auto second = Server::Start(options_, SystemClock(), NullLog());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), ErrorKind::kInUse);
}

TEST_F(ServerTest, ReportsAPortInUseAndReleasesTheDataDirectory) {
  auto first = Server::Start(options_, SystemClock(), NullLog());
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  ServeOptions other = options_;
  other.engine.data_dir = folder_.path("other");
  other.port = (*first)->port();
  const auto second = Server::Start(other, SystemClock(), NullLog());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), ErrorKind::kIo);
  EXPECT_TRUE(Engines::Open(other.engine, SystemClock(), NullLog(), NullMetrics()).ok());
}

TEST_F(ServerTest, ReportsAMissingCredentialsFileBeforeOpeningTheDirectory) {
  options_.credentials_file = folder_.path("none.json");
  EXPECT_FALSE(Server::Start(options_, SystemClock(), NullLog()).ok());
  EXPECT_FALSE(std::ifstream(options_.engine.data_dir + "/format").good());
}

TEST(EnginesOpen, RejectsNonEmptyFoldersWithoutChangingThem) {
  const test::TempFolder folder;
  std::ofstream(folder.path("notes.txt")) << "mine";
  EngineOptions options;
  options.data_dir = folder.path();
  const auto opened = Engines::Open(options, SystemClock(), NullLog(), NullMetrics());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalid);
  EXPECT_FALSE(std::ifstream(folder.path("format")).good()) << "the folder stays unchanged";
}

TEST(EnginesOpen, RejectsUnsupportedFormatVersion) {
  const test::TempFolder folder;
  std::ofstream(folder.path("format")) << "trine data directory 2\n";
  EngineOptions options;
  options.data_dir = folder.path();
  const auto opened = Engines::Open(options, SystemClock(), NullLog(), NullMetrics());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalid) << "a newer format is not corrupt";
  EXPECT_EQ(opened.error().expected, "trine data directory 1");
}

TEST(FindKoreanDictionary, PrefersTheGivenFolder) {
  EXPECT_EQ(FindKoreanDictionary("/somewhere", "/bin/trine"), "/somewhere");
  const test::TempFolder folder;
  EXPECT_EQ(FindKoreanDictionary("", folder.path("bin/trine")), "");
}

}  // namespace
}  // namespace trine::server
