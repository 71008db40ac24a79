#include "remote/s3/s3_object_store.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>

namespace trine::remote::s3 {
namespace {

// Answers from a list and records the requests.
class ScriptedClient final : public net::HttpClient {
 public:
  std::deque<net::ClientResponse> answers;
  std::vector<net::ClientRequest> asked;
  Result<net::ClientResponse> Send(const net::ClientRequest& request, const Deadline&,
                                   const std::function<Status(std::string_view)>& sink) override {
    asked.push_back(request);
    if (answers.empty()) return Error(ErrorCode::kUnavailable, "no answer left");
    net::ClientResponse answer = answers.front();
    answers.pop_front();
    if (sink && answer.status < 300) {
      if (Status s = sink(answer.body); !s.ok()) return std::move(s).error();
    }
    return answer;
  }
};

struct Fixture {
  ScriptedClient client;
  ManualClock clock{Millis{1'700'000'000'000}};
  Options options;
  Fixture() {
    options.endpoint = "http://127.0.0.1:5000/";
    options.key = net::AwsKey{"AK", "SK", ""};
    options.attempts = 2;
  }
  std::unique_ptr<storage::ObjectStore> Store() { return NewS3ObjectStore(options, client, clock); }
};

TEST(S3, GetsWithSignedPathStyleUrls) {
  Fixture f;
  f.client.answers = {{200, {}, "rows"}};
  std::string got;
  const Status s = f.Store()->Get("s3://bucket/a b/한.csv",
                                  [&](std::string_view piece) { return got += piece, Ok(); }, {});
  ASSERT_TRUE(s.ok()) << s.error().ToString();
  EXPECT_EQ(got, "rows");
  EXPECT_EQ(f.client.asked[0].url, "http://127.0.0.1:5000/bucket/a%20b/%ED%95%9C.csv");
  EXPECT_NE(f.client.asked[0].headers.Get("authorization").find("/us-east-1/s3/aws4_request"),
            std::string_view::npos);
}

TEST(S3, RetriesServerErrorsOnly) {
  Fixture f;
  f.client.answers = {{503, {}, ""}, {200, {}, ""}};
  EXPECT_TRUE(f.Store()->Put("s3://b/k", "x", {}).ok());
  EXPECT_EQ(f.client.asked.size(), 2u);
  f.client.asked.clear();
  f.client.answers = {{404, {}, "<Error><Code>NoSuchBucket</Code><Message>no &lt;b&gt;</Message></Error>"}};
  const Status missing = f.Store()->Put("s3://b/k", "x", {});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind(), ErrorKind::kNotFound);
  EXPECT_NE(missing.error().message.find("NoSuchBucket: no <b>"), std::string::npos);
  EXPECT_EQ(f.client.asked.size(), 1u);
}

TEST(S3, ListsEveryPage) {
  Fixture f;
  f.client.answers = {
      {200,
       {},
       "<R><IsTruncated>true</IsTruncated><Contents><Key>p/2</Key><Size>7</Size></"
       "Contents><NextContinuationToken>t/1</NextContinuationToken></R>"},
      {200, {}, "<R><IsTruncated>false</IsTruncated><Contents><Key>p/1</Key><Size>3</Size></Contents></R>"}};
  const auto list = f.Store()->List("s3://b/p/", {});
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[0].location, "s3://b/p/1");
  EXPECT_EQ((*list)[1].bytes, 7u);
  EXPECT_EQ(f.client.asked[1].url,
            "http://127.0.0.1:5000/b?continuation-token=t%2F1&list-type=2&prefix=p%2F");
}

TEST(S3, UploadsInPartsAndAbortsOnFailure) {
  Fixture f;
  f.options.part_bytes = 1;  // raised to the protocol's least
  const std::string body(11u << 20, 'x');
  net::ClientResponse part{200, {}, ""};
  part.headers.Set("etag", "\"e\"");
  f.client.answers = {{200, {}, "<I><UploadId>u</UploadId></I>"}, part, part, part, {200, {}, "<C></C>"}};
  ASSERT_TRUE(f.Store()->Put("s3://b/k", body, {}).ok());
  EXPECT_EQ(f.client.asked.size(), 5u);
  f.client.asked.clear();
  f.client.answers = {{200, {}, "<I><UploadId>u</UploadId></I>"}, {400, {}, ""}, {204, {}, ""}};
  EXPECT_FALSE(f.Store()->Put("s3://b/k", body, {}).ok());
  EXPECT_EQ(f.client.asked.back().method, "DELETE");
}

TEST(S3, RefusesInvalidLocationsAndMissingCredentials) {
  Fixture f;
  EXPECT_EQ(f.Store()->Put("s3:///k", "", {}).error().kind(), ErrorKind::kInvalid);
  EXPECT_EQ(f.Store()->Put("s3://b?x/k", "", {}).error().kind(), ErrorKind::kInvalid);
  f.options.key.reset();
  const Status s = f.Store()->Put("s3://b/k", "", {});
  EXPECT_EQ(s.error().kind(), ErrorKind::kUnauthenticated);
  EXPECT_NE(s.error().message.find("AWS_ACCESS_KEY_ID"), std::string::npos);
}

TEST(S3, ReadsTheEnvironmentThenFiles) {
  const std::map<std::string, std::string> env = {
      {"AWS_ENDPOINT_URL", "http://x"}, {"AWS_PROFILE", "p"}, {"HOME", "/h"}};
  const auto get = [&](const char* name) {
    const auto it = env.find(name);
    return it == env.end() ? std::nullopt : std::optional<std::string>(it->second);
  };
  const auto file = [](const std::string& path) -> std::optional<std::string> {
    if (path == "/h/.aws/credentials")
      return "[default]\naws_access_key_id=no\n[p]\naws_access_key_id = AK\naws_secret_access_key = SK\n";
    if (path == "/h/.aws/config") return "[profile p]\nregion = ap-northeast-2\n";
    return std::nullopt;
  };
  const Options o = OptionsFromEnvironment(get, file);
  EXPECT_EQ(o.endpoint, "http://x");
  EXPECT_EQ(o.region, "ap-northeast-2");
  ASSERT_TRUE(o.key.has_value());
  EXPECT_EQ(o.key->access_key, "AK");
}

}  // namespace
}  // namespace trine::remote::s3
