#include "server/credentials.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "format/text.h"
#include "test/support/temp_folder.h"

namespace trine::server {
namespace {

constexpr Millis kNow{1'795'000'000'000};
constexpr std::string_view kServices[] = {"es"};
constexpr net::ServedScope kScope{"eu-west-1", kServices};
constexpr const char* kFile = R"({
  "keys": [{"access_key": "AKIA1", "secret_key": "key-secret", "role": "write"}],
  "users": [{"name": "ann", "password": "pw"}, {"name": "bob", "password": "pw2", "role": "read"}],
  "tokens": [{"name": "shop", "token": "t0ken", "role": "public", "origins": ["https://shop.example"],
              "indexes": ["products"], "fields": ["title"]}]})";

std::unique_ptr<Credentials> Valid() { return *Credentials::Parse(kFile, "test"); }

net::Request RequestWith(const std::string& authorization) {
  net::Request request;
  request.method = "GET";
  request.target = request.path = "/products/_search";
  request.headers.Add("host", "localhost:9200");
  if (!authorization.empty()) request.headers.Add("authorization", authorization);
  return request;
}

net::Request Signed(const std::string& secret) {
  net::Request request = RequestWith("");
  net::Sign({"AKIA1", secret, ""}, {"eu-west-1", "es"}, kNow, request.method, "localhost:9200", request.path,
            "", "", &request.headers);
  return request;
}

std::string Basic(const std::string& name_and_password) {
  return "Basic " + format::Base64(name_and_password);
}

ErrorCode CodeOf(net::Request request) {
  const Status status = Valid()->Authenticate(&request, kScope, kNow);
  return status.ok() ? ErrorCode::kInternal : status.error().code;
}

struct InvalidFile {
  const char* json;
  const char* message;
};
class CredentialsFileTest : public testing::TestWithParam<InvalidFile> {};

TEST_P(CredentialsFileTest, RejectsInvalidContent) {
  const auto parsed = Credentials::Parse(GetParam().json, "secrets.json");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(parsed.error().where, "secrets.json");
  EXPECT_NE(parsed.error().message.find(GetParam().message), std::string::npos) << parsed.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, CredentialsFileTest,
    testing::Values(
        InvalidFile{"{", "cannot use the credentials file"}, InvalidFile{"[]", "not a JSON object"},
        InvalidFile{"{}", "no entries"}, InvalidFile{R"({"users": []})", "no entries"},
        InvalidFile{R"({"people": []})", "unknown member \"people\""},
        InvalidFile{R"({"users": {}})", "\"users\" is not a list"},
        InvalidFile{R"({"users": [{"name": "a"}]})", "no \"password\""},
        InvalidFile{R"({"users": [{"name": "", "password": "p"}]})", "no \"name\""},
        InvalidFile{R"({"keys": [{"access_key": "a", "secret_key": 5}]})", "no \"secret_key\""},
        InvalidFile{R"({"users": [{"name": "a", "password": "p", "role": "root"}]})", "unknown \"role\""},
        InvalidFile{R"({"tokens": [{"name": "a", "token": "t", "roles": "read"}]})",
                    "unknown member \"roles\" of an entry; did you mean 'role'?"},
        InvalidFile{R"({"tokens": [{"name": "a", "token": "t", "role": "public", "index": ["p"]}]})",
                    "unknown member \"index\""},
        InvalidFile{R"({"tokens": [{"name": "a", "token": "t", "role": "public", "indexes": []}]})",
                    "\"indexes\" is empty"},
        InvalidFile{R"({"tokens": [{"name": "a", "token": "t", "role": "public", "fields": []}]})",
                    "\"fields\" is empty"},
        InvalidFile{R"({"tokens": ["t"]})", "an entry is not a JSON object"},
        InvalidFile{R"({"users": [{"name": "a", "password": "p", "origins": "x"}]})",
                    "not a list of strings"},
        InvalidFile{R"({"users": [{"name": "a", "password": "p", "role": "public", "indexes": [1]}]})",
                    "not a list of strings"},
        InvalidFile{R"({"users": [{"name": "a", "password": "p", "role": "read", "indexes": ["x"]}]})",
                    "only entries with the role public"},
        InvalidFile{R"({"users": [{"name": "a", "password": "p", "role": "read", "trusted_events": true}]})",
                    "only entries with the role public"},
        InvalidFile{R"({"users": [{"name": "a", "password": "p", "role": "public", "trusted_events": 1}]})",
                    "not true or false"},
        InvalidFile{R"({"users": [{"name": "a", "password": "p"}, {"name": "a", "password": "q"}]})",
                    "used twice"}));

TEST(CredentialsLoad, RejectsMissingInsecureAndTooLargeFiles) {
  const test::TempFolder folder;
  const std::string path = folder.path("secrets.json");
  EXPECT_FALSE(Credentials::Load(path).ok()) << "missing";
  std::ofstream(path) << kFile;
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  const auto open = Credentials::Load(path);
  ASSERT_FALSE(open.ok());
  EXPECT_NE(open.error().message.find("chmod 600"), std::string::npos);
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_TRUE(Credentials::Load(path).ok());
  std::filesystem::create_symlink(path, folder.path("link"));
  EXPECT_TRUE(Credentials::Load(folder.path("link")).ok()) << "mounted secrets are links";
  std::ofstream(path) << std::string((1 << 20) + 1, ' ');
  EXPECT_FALSE(Credentials::Load(path).ok()) << "too large";
}

TEST(CredentialsLoad, RejectsANamedPipeWithoutWaiting) {
  const test::TempFolder folder;
  const std::string path = folder.path("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto loaded = Credentials::Load(path);
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message.find("not a regular file"), std::string::npos);
}

TEST(Authenticate, ReadsSchemesWithoutRegardToCase) {
  for (const std::string& given :
       {"basic " + Basic("bob:pw2").substr(6), "BASIC  " + Basic("bob:pw2").substr(6),
        std::string("bearer t0ken"), std::string("BEARER t0ken")}) {
    net::Request request = RequestWith(given);
    EXPECT_TRUE(Valid()->Authenticate(&request, kScope, kNow).ok()) << given;
    EXPECT_TRUE(Valid()->AuthenticateHead(&request).ok()) << given;
  }
}

TEST(Authenticate, TrustsTheEventsOfPublicCallersOnlyIfTheFileSaysSo) {
  net::Request token = RequestWith("Bearer t0ken"), user = RequestWith(Basic("bob:pw2"));
  ASSERT_TRUE(Valid()->Authenticate(&token, kScope, kNow).ok());
  EXPECT_FALSE(token.caller.trusted_events);
  ASSERT_TRUE(Valid()->Authenticate(&user, kScope, kNow).ok());
  EXPECT_TRUE(user.caller.trusted_events);
  const auto trusting = *Credentials::Parse(
      R"({"tokens": [{"name": "shop", "token": "t", "role": "public", "trusted_events": true}]})", "test");
  net::Request trusted = RequestWith("Bearer t");
  ASSERT_TRUE(trusting->Authenticate(&trusted, kScope, kNow).ok());
  EXPECT_TRUE(trusted.caller.trusted_events);
}

TEST(Authenticate, RejectsMissingAndWrongCredentials) {
  EXPECT_EQ(CodeOf(RequestWith("")), ErrorCode::kMissingCredentials);
  EXPECT_EQ(CodeOf(RequestWith("Digest x")), ErrorCode::kMissingCredentials);
  EXPECT_EQ(CodeOf(RequestWith("Basic ***")), ErrorCode::kUnknownCredentials);
  EXPECT_EQ(CodeOf(RequestWith(Basic("ann"))), ErrorCode::kUnknownCredentials);
  EXPECT_EQ(CodeOf(RequestWith(Basic("ann:wrong"))), ErrorCode::kUnknownCredentials);
  EXPECT_EQ(CodeOf(RequestWith(Basic("ann:"))), ErrorCode::kUnknownCredentials);
  EXPECT_EQ(CodeOf(RequestWith(Basic("eve:pw"))), ErrorCode::kUnknownCredentials);
  EXPECT_EQ(CodeOf(RequestWith("Bearer wrong")), ErrorCode::kUnknownCredentials);
  EXPECT_EQ(CodeOf(RequestWith("Bearer ")), ErrorCode::kUnknownCredentials);
  EXPECT_EQ(CodeOf(Signed("wrong-secret")), ErrorCode::kSignatureMismatch);
}

TEST(Authenticate, RejectsUnknownUserAndWrongPasswordWithTheSameMessage) {
  net::Request unknown = RequestWith(Basic("eve:pw")), wrong = RequestWith(Basic("ann:wrong"));
  EXPECT_EQ(Valid()->Authenticate(&unknown, kScope, kNow).error().message,
            Valid()->Authenticate(&wrong, kScope, kNow).error().message);
}

TEST(Authenticate, RejectsOldSignatures) {
  net::Request request = Signed("key-secret");
  EXPECT_EQ(Valid()->Authenticate(&request, kScope, Millis{kNow.value + 6 * 60'000}).error().code,
            ErrorCode::kClockSkew);
}

TEST(Authenticate, FillsInTheCaller) {
  net::Request basic = RequestWith(Basic("bob:pw2"));
  ASSERT_TRUE(Valid()->Authenticate(&basic, kScope, kNow).ok());
  EXPECT_EQ(basic.caller.name, "bob");
  EXPECT_EQ(basic.caller.role, net::Caller::Role::kRead);
  net::Request signature = Signed("key-secret");
  ASSERT_TRUE(Valid()->Authenticate(&signature, kScope, kNow).ok());
  EXPECT_EQ(signature.caller.role, net::Caller::Role::kWrite);
  EXPECT_EQ(signature.caller.region, "eu-west-1");
  net::Request token = RequestWith("Bearer t0ken");
  ASSERT_TRUE(Valid()->Authenticate(&token, kScope, kNow).ok());
  EXPECT_EQ(token.caller.indexes, std::vector<std::string>{"products"});
  EXPECT_EQ(token.caller.fields, std::vector<std::string>{"title"});
}

TEST(Authenticate, LimitsPublicCredentialsToTheirOrigins) {
  net::Request shop = RequestWith("Bearer t0ken"), other = shop, admin = RequestWith(Basic("ann:pw"));
  shop.headers.Add("origin", "https://shop.example");
  other.headers.Add("origin", "https://evil.example");
  admin.headers.Add("origin", "https://evil.example");
  EXPECT_TRUE(Valid()->Authenticate(&shop, kScope, kNow).ok());
  EXPECT_EQ(CodeOf(other), ErrorCode::kForbidden);
  EXPECT_TRUE(Valid()->Authenticate(&admin, kScope, kNow).ok()) << "origins limit public credentials only";
  EXPECT_TRUE(Valid()->AllowsOrigin("https://shop.example"));
  EXPECT_FALSE(Valid()->AllowsOrigin("https://evil.example"));
  EXPECT_FALSE(Valid()->AllowsOrigin(""));
}

TEST(AuthenticateHead, ChecksOnlyTheAccessKeyOfSignatures) {
  net::Request wrong_secret = Signed("wrong-secret");
  EXPECT_TRUE(Valid()->AuthenticateHead(&wrong_secret).ok()) << "the body has not been read yet";
  net::Request wrong_password = RequestWith(Basic("ann:wrong")), none = RequestWith("");
  EXPECT_EQ(Valid()->AuthenticateHead(&wrong_password).error().code, ErrorCode::kUnknownCredentials);
  EXPECT_EQ(Valid()->AuthenticateHead(&none).error().code, ErrorCode::kMissingCredentials);
  net::Request unknown_key = RequestWith("");
  net::Sign({"AKIA2", "s", ""}, {"eu-west-1", "es"}, kNow, "GET", "localhost:9200", "/products/_search", "",
            "", &unknown_key.headers);
  EXPECT_EQ(Valid()->AuthenticateHead(&unknown_key).error().code, ErrorCode::kUnknownAccessKey);
}

TEST(WithAdminToken, AcceptsOnlyThisToken) {
  const auto credentials = Credentials::WithAdminToken("secret");
  net::Request right = RequestWith("Bearer secret"), wrong = RequestWith("Bearer secreT");
  EXPECT_TRUE(credentials->Authenticate(&right, kScope, kNow).ok());
  EXPECT_EQ(right.caller.role, net::Caller::Role::kAdmin);
  EXPECT_FALSE(credentials->Authenticate(&wrong, kScope, kNow).ok());
}

TEST(AccessOf, IncreasesFromPublicToAdmin) {
  using Role = net::Caller::Role;
  EXPECT_LT(AccessOf(Role::kPublic), AccessOf(Role::kRead));
  EXPECT_LT(AccessOf(Role::kRead), AccessOf(Role::kWrite));
  EXPECT_LT(AccessOf(Role::kWrite), AccessOf(Role::kAdmin));
}

bool AdmitsLocal(const std::string& host, const std::string& origin = "", const std::string& site = "") {
  net::Request request;
  if (!host.empty()) request.headers.Add("host", host);
  if (!origin.empty()) request.headers.Add("origin", origin);
  if (!site.empty()) request.headers.Add("sec-fetch-site", site);
  const Status admitted = AdmitLocal(&request);
  if (!admitted.ok()) {
    EXPECT_EQ(admitted.error().code, ErrorCode::kForbidden);
  }
  return admitted.ok();
}

TEST(AdmitLocal, RejectsForeignHosts) {
  for (const char* host :
       {"evil.example", "evil.example:9200", "localhost.evil.example", "127.evil.example",
        "127.0.0.1.evil.example", "192.168.0.2:9200", "[::2]:9200", "[::1", "0.0.0.0", "128.0.0.1"})
    EXPECT_FALSE(AdmitsLocal(host)) << host;
  for (const char* host : {"", "localhost", "localhost:9200", "127.0.0.1", "127.1.2.3:80", "[::1]:9200"})
    EXPECT_TRUE(AdmitsLocal(host)) << host;
}

TEST(AdmitLocal, RejectsForeignPages) {
  for (const char* origin :
       {"https://evil.example", "http://localhost.evil.example", "null", "http://10.0.0.1"})
    EXPECT_FALSE(AdmitsLocal("localhost:9200", origin)) << origin;
  EXPECT_TRUE(AdmitsLocal("localhost:9200", "http://localhost:3000"));
  EXPECT_FALSE(AdmitsLocal("localhost:9200", "", "cross-site")) << "an image loaded by a foreign page";
  EXPECT_TRUE(AdmitsLocal("localhost:9200", "", "same-origin"));
  EXPECT_TRUE(AdmitsLocal("localhost:9200", "http://127.0.0.1:3000", "cross-site"))
      << "a page on this machine";
}

TEST(AdmitLocal, TakesNameAndRegionFromUnverifiedSignatures) {
  net::Request request = Signed("wrong-secret");
  ASSERT_TRUE(AdmitLocal(&request).ok());
  EXPECT_EQ(request.caller.region, "eu-west-1");
  EXPECT_EQ(request.caller.name, "AKIA1");
}

}  // namespace
}  // namespace trine::server
