#include "server/server.h"

#include <gtest/gtest.h>

#include <fstream>

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
  int StatusAt(const std::string& url) {
    net::ClientRequest request;
    request.method = "GET";
    request.url = url;
    const auto response = net::NewHttpClient()->Send(request, Deadline::After(SystemClock(), 10'000));
    return response.ok() ? response->status : 0;
  }

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
