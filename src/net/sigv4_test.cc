#include "net/sigv4.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "format/json.h"
#include "format/text.h"
#include "test/support/source_folder.h"

namespace trine::net {
namespace {

const AwsKey kKey{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
const Millis kDocumented = *format::ParseTime("2015-08-30T12:36:00Z");

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

struct Vector {
  std::string name, service, region;
  Request request;
};

struct Vectors {
  Millis time;
  std::vector<Vector> list;
};

Vectors ReadVectors() {
  const auto json =
      format::ParseJson(ReadFile(test::SourceFolder() + "/test/data/sigv4_botocore.json")).value();
  Vectors out{Millis{json.Find("time")->integer()}, {}};
  for (const format::Json& row : json.Find("requests")->array()) {
    Vector v{row.Find("name")->string(), row.Find("service")->string(), row.Find("region")->string(), {}};
    v.request.method = row.Find("method")->string();
    v.request.path = row.Find("path")->string();
    v.request.query = row.Find("query")->string();
    for (const auto& field : row.Find("headers")->array()) {
      v.request.headers.Add(field.array()[0].string(), field.array()[1].string());
    }
    v.request.body = *format::UnBase64(row.Find("body")->string());
    v.request.wire_body_hash = Sha256Hex(v.request.body);
    out.list.push_back(std::move(v));
  }
  return out;
}

constexpr std::string_view kServices[] = {"service", "s3", "es", "aoss", "personalize", "bedrock"};
constexpr ServedScope kAnyRegion{"", kServices};

std::string Verdict(const Request& request, std::string_view secret, Millis now,
                    const ServedScope& scope = kAnyRegion) {
  auto claim = ParseSignature(request);
  if (!claim.ok()) return std::string(Name(claim.error().code));
  if (!*claim) return "unsigned";
  const Status status = VerifySignature(request, **claim, secret, scope, now);
  return status.ok() ? "ok" : std::string(Name(status.error().code));
}

// The well-known get-vanilla example of AWS's signing documentation.
TEST(Sign, MatchesTheDocumentedExample) {
  Headers headers;
  Sign(kKey, {"us-east-1", "service"}, kDocumented, "GET", "example.amazonaws.com", "/", "", "", &headers);
  EXPECT_EQ(headers.Get("x-amz-date"), "20150830T123600Z");
  EXPECT_EQ(headers.Get("authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  EXPECT_EQ(headers.Find("x-amz-content-sha256"), nullptr);
}

TEST(Sign, SignsS3PayloadHashAndSessionToken) {
  Headers headers;
  const AwsKey key{"AK", "SK", "token"};
  Sign(key, {"us-east-1", "s3"}, kDocumented, "PUT", "h", "/b/k", "", "body", &headers);
  EXPECT_EQ(headers.Get("x-amz-content-sha256"), Sha256Hex("body"));
  EXPECT_NE(headers.Get("authorization")
                .find("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,"),
            std::string_view::npos);
}

TEST(Sha256, HashesEmptyInput) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Botocore, VerifiesBotocoreSignatures) {
  const Vectors vectors = ReadVectors();
  ASSERT_GE(vectors.list.size(), 18u);
  for (const Vector& v : vectors.list) {
    EXPECT_EQ(Verdict(v.request, kKey.secret_key, vectors.time), "ok") << v.name;
    const auto claim = ParseSignature(v.request).value();
    EXPECT_EQ(claim->access_key, "AKIDEXAMPLE") << v.name;
    EXPECT_EQ(claim->region, v.region) << v.name;
    EXPECT_EQ(claim->service, v.service) << v.name;
  }
}

TEST(Botocore, SignsLikeBotocore) {
  const Vectors vectors = ReadVectors();
  for (const Vector& v : vectors.list) {
    AwsKey key = kKey;
    key.session_token = v.request.headers.Get("x-amz-security-token");
    Headers headers;
    for (const auto& [name, value] : v.request.headers.fields()) {
      if (name != "Authorization" && name != "Host") headers.Add(name, value);
    }
    Sign(key, {v.region, v.service}, vectors.time, v.request.method, v.request.headers.Get("host"),
         v.request.path, v.request.query, v.request.body, &headers);
    EXPECT_EQ(headers.Get("authorization"), v.request.headers.Get("authorization")) << v.name;
  }
}

TEST(Botocore, DetectsAnyChange) {
  const Vectors vectors = ReadVectors();
  for (const Vector& v : vectors.list) {
    const auto verdict = [&](const auto& change) {
      Request changed = v.request;
      change(changed);
      return Verdict(changed, kKey.secret_key, vectors.time);
    };
    EXPECT_EQ(Verdict(v.request, "another secret", vectors.time), "signature_mismatch") << v.name;
    EXPECT_EQ(verdict([](Request& r) { r.method = "DELETE"; }), "signature_mismatch") << v.name;
    EXPECT_EQ(verdict([](Request& r) { r.path += "x"; }), "signature_mismatch") << v.name;
    EXPECT_EQ(verdict([](Request& r) { r.query += "&z=1"; }), "signature_mismatch") << v.name;
    EXPECT_EQ(verdict([](Request& r) { r.headers.Set("Host", "elsewhere"); }), "signature_mismatch")
        << v.name;
    EXPECT_EQ(verdict([](Request& r) { r.wire_body_hash = Sha256Hex("other"); }), "signature_mismatch")
        << v.name;
    EXPECT_EQ(verdict([](Request& r) { r.headers.Remove("x-amz-date"); }), "incomplete_signature") << v.name;
  }
}

TEST(VerifySignature, EncodesThePathTwiceOutsideS3) {
  const Vectors vectors = ReadVectors();
  for (Vector v : vectors.list) {
    if (v.name != "bedrock model id") continue;
    EXPECT_NE(v.request.path.find("%3A"), std::string::npos);
    v.request.path.replace(v.request.path.find("%3A"), 3, ":");
    EXPECT_EQ(Verdict(v.request, kKey.secret_key, vectors.time), "signature_mismatch");
  }
}

Request Signed(std::string_view service, std::string path, std::string query,
               const std::string& signed_query) {
  Request request;
  request.method = "GET";
  request.path = std::move(path);
  request.query = std::move(query);
  request.headers.Add("Host", "localhost:9200");
  Sign(kKey, {"us-east-1", std::string(service)}, kDocumented, "GET", "localhost:9200", request.path,
       signed_query, "", &request.headers);
  return request;
}

TEST(VerifySignature, AcceptsTheQueryAsSentOrReencoded) {
  const auto verdict = [](std::string sent, std::string canonical) {
    return Verdict(Signed("es", "/i/_search", std::move(sent), std::move(canonical)), kKey.secret_key,
                   kDocumented);
  };
  EXPECT_EQ(verdict("q=a+b", "q=a+b"), "ok");
  EXPECT_EQ(verdict("q=a+b", "q=a%2Bb"), "ok");
  EXPECT_EQ(verdict("q=a+b", "q=a%20b"), "ok");
  EXPECT_EQ(verdict("b=2&a=1&pretty", "a=1&b=2&pretty="), "ok");
  EXPECT_EQ(verdict("q=*,x", "q=%2A%2Cx"), "ok");
  EXPECT_EQ(verdict("q=a+b", "q=ab"), "signature_mismatch");
  EXPECT_EQ(verdict("q=%zz", "q=%zz"), "ok");  // an invalid escape matches only as sent
}

TEST(VerifySignature, AllowsFiveMinutesOfClockSkew) {
  const Request request = Signed("es", "/", "", "");
  for (const int64_t sign : {-1, 1}) {
    EXPECT_EQ(Verdict(request, kKey.secret_key, Millis{kDocumented.value + sign * 300'000}), "ok");
    EXPECT_EQ(Verdict(request, kKey.secret_key, Millis{kDocumented.value + sign * 301'000}), "clock_skew");
  }
}

TEST(VerifySignature, ChecksThePayloadHash) {
  Request request = Signed("es", "/", "", "");
  request.headers.Add("X-Amz-Content-SHA256", Sha256Hex(""));
  EXPECT_EQ(Verdict(request, kKey.secret_key, kDocumented), "ok");
  request.headers.Set("X-Amz-Content-SHA256", Sha256Hex("x"));
  EXPECT_EQ(Verdict(request, kKey.secret_key, kDocumented), "signature_mismatch");
  request.headers.Set("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD");  // the client signed a hash instead
  EXPECT_EQ(Verdict(request, kKey.secret_key, kDocumented), "incomplete_signature");
}

// A request whose signature covers these headers too.
Request SignedWith(const std::vector<std::pair<std::string, std::string>>& headers) {
  Request request;
  request.method = "POST";
  request.path = "/";
  request.peer = "192.0.2.1:4711";
  request.wire_body_hash = Sha256Hex("");
  request.headers.Add("host", "localhost:9200");
  for (const auto& [name, value] : headers) request.headers.Add(name, value);
  Sign(kKey, {"us-east-1", "personalize"}, kDocumented, request.method, "localhost:9200", "/", "", "",
       &request.headers);
  return request;
}

TEST(VerifySignature, RequiresThatEveryAmzHeaderIsSigned) {
  Request request = SignedWith({{"X-Amz-Target", "AmazonPersonalize.ListSchemas"}});
  EXPECT_EQ(Verdict(request, kKey.secret_key, kDocumented), "ok");
  request.headers.Set("X-Amz-Target", "AmazonPersonalize.DeleteSchema");
  EXPECT_EQ(Verdict(request, kKey.secret_key, kDocumented), "signature_mismatch");
  Request unsigned_target = SignedWith({});
  unsigned_target.headers.Add("X-AMZ-Target", "AmazonPersonalize.DeleteSchema");
  EXPECT_EQ(Verdict(unsigned_target, kKey.secret_key, kDocumented), "incomplete_signature");
  Request unsigned_token = SignedWith({});
  unsigned_token.headers.Add("x-amz-security-token", "t");
  EXPECT_EQ(Verdict(unsigned_token, kKey.secret_key, kDocumented), "incomplete_signature");
}

TEST(VerifySignature, RequiresTheServedRegionAndService) {
  const Request request = SignedWith({});
  const std::string_view own[] = {"personalize"}, other[] = {"es", "aoss"};
  EXPECT_EQ(Verdict(request, kKey.secret_key, kDocumented, {"us-east-1", own}), "ok");
  EXPECT_EQ(Verdict(request, kKey.secret_key, kDocumented, {"eu-west-1", own}), "signature_mismatch");
  EXPECT_EQ(Verdict(request, kKey.secret_key, kDocumented, {"us-east-1", other}), "signature_mismatch");
}

TEST(VerifySignature, AcceptsAnUnsignedPayloadOnlyOverTlsOrFromThisMachine) {
  // Sign() hashes the body, so the claim is checked up to the comparison of signatures only.
  Request request = SignedWith({{"X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"}});
  EXPECT_EQ(Verdict(request, kKey.secret_key, kDocumented), "incomplete_signature");
  request.tls = true;
  EXPECT_EQ(Verdict(request, kKey.secret_key, kDocumented), "signature_mismatch");
  request.tls = false;
  for (const char* peer : {"127.0.0.1:5", "[::1]:5", "[::ffff:127.0.0.1]:5"}) {
    request.peer = peer;
    EXPECT_EQ(Verdict(request, kKey.secret_key, kDocumented), "signature_mismatch") << peer;
  }
}

TEST(VerifySignature, AcceptsAuthorityInPlaceOfHost) {
  Request request = Signed("bedrock", "/model/x%3A0/invoke", "", "");
  auto claim = *ParseSignature(request).value();
  EXPECT_EQ(claim.signed_headers, (std::vector<std::string>{"host", "x-amz-date"}));
  claim.signed_headers[0] = ":authority";
  EXPECT_FALSE(VerifySignature(request, claim, kKey.secret_key, kAnyRegion, kDocumented).ok());
  // Computed by an independent program from the canonical lines ":authority:localhost:9200" and
  // "x-amz-date:20150830T123600Z".
  claim.signature = "fc5162b3d0ea83e101504d01fee1f6eff47228b93217cac995235837672bad80";
  EXPECT_TRUE(VerifySignature(request, claim, kKey.secret_key, kAnyRegion, kDocumented).ok());
}

TEST(VerifySignature, RequiresASignedHost) {
  const Request request = Signed("es", "/", "", "");
  auto claim = *ParseSignature(request).value();
  claim.signed_headers = {"x-amz-date"};
  const Status status = VerifySignature(request, claim, kKey.secret_key, kAnyRegion, kDocumented);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kIncompleteSignature);
}

TEST(ParseSignature, IgnoresOtherSchemesAndRejectsMalformedHeaders) {
  const auto parse = [](std::string authorization) {
    Request request;
    if (!authorization.empty()) request.headers.Add("Authorization", std::move(authorization));
    auto claim = ParseSignature(request);
    return !claim.ok() ? "broken" : *claim ? (*claim)->access_key : "none";
  };
  const std::string digest(64, 'a');
  EXPECT_EQ(parse(""), "none");
  EXPECT_EQ(parse("Basic YTpi"), "none");
  EXPECT_EQ(parse("Bearer x"), "none");
  const std::string good =
      "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request,SignedHeaders=host,Signature=";
  EXPECT_EQ(parse(good + digest), "A");
  EXPECT_EQ(parse("aws4-hmac-sha256" + (good + digest).substr(16)), "A");
  for (const std::string& bad :
       {std::string("AWS4-HMAC-SHA256"), std::string("AWS4-HMAC-SHA256 x"), good, good + "zz",
        good + digest + "0",
        "AWS4-HMAC-SHA256 Credential=A/20150830/r/s, SignedHeaders=host, Signature=" + digest,
        "AWS4-HMAC-SHA256 Credential=/20150830/r/s/aws4_request, SignedHeaders=host, Signature=" + digest,
        "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, Signature=" + digest}) {
    EXPECT_EQ(parse(bad), "broken") << bad;
  }
}

}  // namespace
}  // namespace trine::net
