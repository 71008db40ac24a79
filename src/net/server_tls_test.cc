// TLS with a certificate that the test generates.
#include <curl/curl.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "net/client.h"
#include "net/server.h"
#include "test/support/running_server.h"

namespace trine::net {
namespace {

using test::Echo;
using test::RawClient;
using test::RunningServer;

void AddExtension(X509* certificate, int name, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, name, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Writes a key and a self-signed certificate for 127.0.0.1 that is valid for an hour.
void WriteCertificate(const std::string& cert_file, const std::string& key_file) {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1,
                             0);
  X509_set_issuer_name(certificate.get(), name);
  AddExtension(certificate.get(), NID_subject_alt_name, "IP:127.0.0.1");
  AddExtension(certificate.get(), NID_basic_constraints, "CA:TRUE");
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  std::FILE* out = std::fopen(cert_file.c_str(), "w");
  PEM_write_X509(out, certificate.get());
  std::fclose(out);
  out = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
}

class Tls : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("trine-tls-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    options_.tls_cert_file = folder_ / "cert.pem";
    options_.tls_key_file = folder_ / "key.pem";
    WriteCertificate(options_.tls_cert_file, options_.tls_key_file);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  ErrorKind StartError() const {
    Service service{[](const Request&) { return RequestPlan(); },
                    {},
                    Echo,
                    [](const Request&, int, const Error&) { return Response(); }};
    ServerOptions options = options_;
    options.port = 0;
    const auto started = StartHttpServer(options, service, SystemClock(), NullLog(), NullMetrics());
    return started.ok() ? ErrorKind::kInternal : started.error().kind();
  }

  std::filesystem::path folder_;
  ServerOptions options_;
};

TEST_F(Tls, ServesRequestsWithLargeBodies) {
  RunningServer server(Echo, options_);
  auto client = NewHttpClient({.ca_file = options_.tls_cert_file});
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/t";
  for (const size_t size : {0u, 10u, 100'000u, 5'000'000u}) {
    const std::string body(size, 't');
    const auto r = client->Send({.method = "POST", .url = url, .headers = {}, .body = body}, Deadline());
    ASSERT_TRUE(r.ok()) << r.error().ToString();
    EXPECT_TRUE(r->body == "POST /t " + body);
  }
  ClientRequest last{.method = "GET", .url = url, .headers = {}, .body = ""};
  last.headers.Add("Connection", "close");
  EXPECT_EQ(client->Send(last, Deadline())->headers.Get("connection"), "close");
}

TEST_F(Tls, StreamsResponses) {
  RunningServer server(
      [](const Request&) {
        Response r;
        r.stream = [](BodyWriter& out) -> Status {
          for (int i = 0; i < 300; ++i) TRINE_TRY(out.Write(std::string(5000, 's')));
          return Ok();
        };
        return r;
      },
      options_);
  auto client = NewHttpClient({.ca_file = options_.tls_cert_file});
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
  const auto r = client->Send({.method = "GET", .url = url, .headers = {}, .body = ""}, Deadline());
  ASSERT_TRUE(r.ok()) << r.error().ToString();
  EXPECT_EQ(r->body.size(), 300u * 5000);
}

// Asks as a client that offers `version` (CURL_HTTP_VERSION_...). Returns the version that was agreed on.
long AskOver(long version, const std::string& url, const std::string& ca_file, std::string* body) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_CAINFO, ca_file.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HTTP_VERSION, version);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 10L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, body);
  curl_easy_setopt(
      curl.get(), CURLOPT_WRITEFUNCTION, +[](char* bytes, size_t, size_t n, void* out) {
        static_cast<std::string*>(out)->append(bytes, n);
        return n;
      });
  long agreed = 0;
  if (curl_easy_perform(curl.get()) == CURLE_OK)
    curl_easy_getinfo(curl.get(), CURLINFO_HTTP_VERSION, &agreed);
  return agreed;
}

TEST_F(Tls, AgreesOnTheVersionOfHttp) {
  Request seen;
  RunningServer server([&](const Request& r) { return seen = r, Echo(r); }, options_);
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/t";
  const std::string& ca = options_.tls_cert_file;
  std::string body;
  EXPECT_EQ(AskOver(CURL_HTTP_VERSION_2TLS, url, ca, &body), CURL_HTTP_VERSION_2_0);
  EXPECT_EQ(seen.http_version, 20);
  EXPECT_TRUE(seen.tls);
  EXPECT_EQ(AskOver(CURL_HTTP_VERSION_1_1, url, ca, &body), CURL_HTTP_VERSION_1_1);
  EXPECT_EQ(seen.http_version, 11);
  EXPECT_EQ(body, "GET /t GET /t ");
}

TEST_F(Tls, ClientRejectsUntrustedCertificate) {
  RunningServer server(Echo, options_);
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
  const auto r = NewHttpClient()->Send({.method = "GET", .url = url, .headers = {}, .body = ""}, Deadline());
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().kind(), ErrorKind::kUnavailable);
}

TEST_F(Tls, RejectsPlainHttp) {
  RunningServer server(Echo, options_);
  RawClient client = server.Connect();
  client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto rest = client.ReadToEnd();
  ASSERT_TRUE(rest.has_value());
  EXPECT_EQ(rest->find("HTTP/1.1 200"), std::string::npos);
}

TEST_F(Tls, TimesOutSilentHandshake) {
  options_.header_timeout_ms = 40;
  RunningServer server(Echo, options_);
  RawClient client = server.Connect();
  for (int i = 0; i < 400 && !client.Readable(10); ++i) server.clock.Advance(5);
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(Tls, DoesNotStartWithInvalidCertificates) {
  EXPECT_EQ(StartError(), ErrorKind::kInternal);  // the files are valid: the server starts
  std::swap(options_.tls_cert_file, options_.tls_key_file);
  EXPECT_EQ(StartError(), ErrorKind::kInvalid);
  std::swap(options_.tls_cert_file, options_.tls_key_file);
  WriteCertificate(options_.tls_cert_file, folder_ / "other.pem");  // its key does not match
  EXPECT_EQ(StartError(), ErrorKind::kInvalid);
  options_.tls_key_file = folder_ / "absent.pem";
  EXPECT_EQ(StartError(), ErrorKind::kInvalid);
  options_.tls_key_file.clear();
  EXPECT_EQ(StartError(), ErrorKind::kInvalid);
}

}  // namespace
}  // namespace trine::net
