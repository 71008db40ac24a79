#include "remote/s3/s3_object_store.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>

namespace trine::remote::s3 {
namespace {

// Returns scripted responses and records the requests. For a response with status 0, the connection fails
// with `failure` after the body.
class ScriptedClient final : public net::HttpClient {
 public:
  std::deque<net::ClientResponse> answers;
  std::vector<net::ClientRequest> asked;
  ErrorCode failure = ErrorCode::kUnavailable;
  Result<net::ClientResponse> Send(const net::ClientRequest& request, const Deadline&,
                                   const std::function<Status(std::string_view)>& sink) override {
    asked.push_back(request);
    if (answers.empty()) return Error(ErrorCode::kUnavailable, "no scripted response left");
    net::ClientResponse answer = answers.front();
    answers.pop_front();
    if (sink && answer.status < 300 && !answer.body.empty()) {
      if (Status s = sink(answer.body); !s.ok()) return std::move(s).error();
    }
    if (answer.status == 0) return Error(failure, "the connection was lost");
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

TEST(S3, GetSendsASignedPathStyleRequest) {
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

TEST(S3, GivesUpAfterTheLastAttempt) {
  const struct {
    int status;
    const char* body;
    ErrorCode code;
    size_t attempts;
  } rows[] = {
      {500, "<Error><Code>InternalError</Code><Message>again</Message></Error>", ErrorCode::kUnavailable, 2},
      {503, "", ErrorCode::kUnavailable, 2},
      {429, "", ErrorCode::kUnavailable, 2},
      {0, "", ErrorCode::kUnavailable, 2},
      {400, "<Error><Code>InvalidRequest</Code></Error>", ErrorCode::kInvalid, 1},
      {401, "", ErrorCode::kUnauthenticated, 1},
      {403, "<Error><Code>AccessDenied</Code></Error>", ErrorCode::kForbidden, 1},
      {404, "<Error><Code>NoSuchKey</Code></Error>", ErrorCode::kNotFound, 1},
  };
  for (const auto& row : rows) {
    for (const char* call : {"get", "put", "list"}) {
      SCOPED_TRACE(std::to_string(row.status) + " " + call);
      Fixture f;
      f.client.answers = {{row.status, {}, row.body}, {row.status, {}, row.body}, {200, {}, "late"}};
      const auto store = f.Store();
      std::string got;
      const auto sink = [&](std::string_view piece) { return got += piece, Ok(); };
      Status status;
      if (call == std::string("get")) status = store->Get("s3://b/k", sink, {});
      if (call == std::string("put")) status = store->Put("s3://b/k", "x", {});
      if (call == std::string("list")) {
        const auto list = store->List("s3://b/p/", {});
        status = list.ok() ? Ok() : Status(list.error());
      }
      ASSERT_FALSE(status.ok());
      EXPECT_EQ(status.error().code, row.code);
      EXPECT_EQ(f.client.asked.size(), row.attempts);
      EXPECT_EQ(got, "") << "an error document is not data";
      if (row.status != 0) {
        EXPECT_NE(status.error().message.find(std::to_string(row.status)), std::string::npos);
        EXPECT_TRUE(status.error().where.starts_with("s3://b/"));
      }
    }
  }
}

TEST(S3, DoesNotRetryAfterTheFirstByte) {
  Fixture f;
  std::string got;
  const auto sink = [&](std::string_view piece) { return got += piece, Ok(); };
  f.client.answers = {{0, {}, "half a "}, {200, {}, "half a row"}};
  const Status broken = f.Store()->Get("s3://b/k", sink, {});
  ASSERT_FALSE(broken.ok()) << "the body is truncated";
  EXPECT_EQ(broken.error().kind(), ErrorKind::kUnavailable);
  EXPECT_EQ(got, "half a ");
  EXPECT_EQ(f.client.asked.size(), 1u);
  // Before the first byte, the request is retried.
  got.clear();
  f.client.answers = {{0, {}, ""}, {200, {}, "a row"}};
  ASSERT_TRUE(f.Store()->Get("s3://b/k", sink, {}).ok());
  EXPECT_EQ(got, "a row");
  // An error from the sink is returned and not retried.
  f.client.asked.clear();
  f.client.answers = {{200, {}, "a row"}, {200, {}, "a row"}};
  const auto full = [](std::string_view) { return Status(Error(ErrorCode::kNoSpace, "the disk is full")); };
  EXPECT_EQ(f.Store()->Get("s3://b/k", full, {}).error().code, ErrorCode::kNoSpace);
  EXPECT_EQ(f.client.asked.size(), 1u);
}

TEST(S3, StopsAtTheDeadlineAndAtATimeout) {
  Fixture f;
  f.client.answers = {{200, {}, "x"}};
  EXPECT_EQ(f.Store()->Put("s3://b/k", "x", Deadline::After(f.clock, -1)).error().kind(),
            ErrorKind::kTimeout);
  EXPECT_EQ(f.client.asked.size(), 0u);
  f.client.failure = ErrorCode::kTimeout;
  f.client.answers = {{0, {}, ""}, {200, {}, "x"}};
  EXPECT_EQ(f.Store()->Put("s3://b/k", "x", {}).error().kind(), ErrorKind::kTimeout);
  EXPECT_EQ(f.client.asked.size(), 1u) << "no time is left for a second attempt";
  std::stop_source stop;
  stop.request_stop();
  f.client.answers = {{200, {}, "x"}};
  EXPECT_FALSE(f.Store()->Put("s3://b/k", "x", Deadline::After(f.clock, 1000, stop.get_token())).ok());
}

TEST(S3, RejectsIncompleteLists) {
  const std::string page = "<R><Contents><Key>p/1</Key><Size>3</Size></Contents>";
  for (const std::string& body : {
           std::string(), std::string("<html>sign in</html>"), page,                   // no IsTruncated
           page + "<IsTruncated>true</IsTruncated></R>",                               // no token
           page + "<IsTruncated>true</IsTruncated><NextContinuationToken></NextConti"  // truncated
       }) {
    SCOPED_TRACE(body);
    Fixture f;
    f.client.answers = {{200, {}, body}};
    const auto list = f.Store()->List("s3://b/p/", {});
    ASSERT_FALSE(list.ok());
    EXPECT_EQ(list.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(list.error().where, "s3://b/p/");
  }
  Fixture f;
  for (int i = 0; i < 1001; ++i) {
    f.client.answers.push_back(
        {200,
         {},
         page + "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></R>"});
  }
  EXPECT_EQ(f.Store()->List("s3://b/p/", {}).error().code, ErrorCode::kLimit);
  EXPECT_EQ(f.client.asked.size(), 1000u);
}

TEST(S3, ListsAllPages) {
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

TEST(S3, ListsOfStoresWithoutIsTruncated) {
  const std::string page = "<ListBucketResult xmlns=\"x\"><Contents><Key>p/1</Key><Size>3</Size></Contents>";
  Fixture f;
  f.client.answers = {{200, {}, page + "<NextContinuationToken>t</NextContinuationToken></ListBucketResult>"},
                      {200, {}, page + "</ListBucketResult>\n"}};
  const auto list = f.Store()->List("s3://b/p/", {});
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->size(), 2u) << "a token means that there is another page";
  f.client.answers = {{200, {}, "<?xml version=\"1.0\"?><ListBucketResult/>"}};
  ASSERT_TRUE(f.Store()->List("s3://b/p/", {}).ok());
  f.client.answers = {{200, {}, page}};
  EXPECT_EQ(f.Store()->List("s3://b/p/", {}).error().code, ErrorCode::kUnavailable) << "cut off";
}

TEST(S3, UploadsInPartsAndAbortsOnFailure) {
  Fixture f;
  f.options.part_bytes = 1;  // raised to the S3 minimum
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

TEST(S3, AbortsAndReportsFailedUploads) {
  const std::string body(11u << 20, 'x');
  net::ClientResponse part{200, {}, ""}, begun{200, {}, "<I><UploadId>u</UploadId></I>"},
      aborted{204, {}, ""};
  part.headers.Set("etag", "\"e\"");
  const net::ClientResponse busy{503, {}, ""}, broken{0, {}, ""}, nameless{200, {}, "<I></I>"},
      late{200, {}, "<Error><Code>InternalError</Code><Message>again</Message></Error>"};
  const struct {
    const char* name;
    std::deque<net::ClientResponse> answers;
    bool aborts;
  } rows[] = {
      {"cannot begin", {busy, busy}, false},
      {"no upload id", {nameless}, false},
      {"second part", {begun, part, busy, broken, aborted}, true},
      {"failure after a 200 head", {begun, part, part, part, late, aborted}, true},
      {"abort fails too", {begun, busy, busy, broken, broken}, true},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Fixture f;
    f.options.part_bytes = 1;  // raised to the S3 minimum
    f.client.answers = row.answers;
    const Status status = f.Store()->Put("s3://b/k", body, {});
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(f.client.answers.size(), 0u);
    EXPECT_EQ(f.client.asked.back().method == "DELETE", row.aborts);
    if (row.aborts) {
      EXPECT_NE(f.client.asked.back().url.find("uploadId=u"), std::string::npos);
    }
  }
}

TEST(S3, RejectsInvalidLocationsAndMissingCredentials) {
  Fixture f;
  EXPECT_EQ(f.Store()->Put("s3:///k", "", {}).error().kind(), ErrorKind::kInvalid);
  EXPECT_EQ(f.Store()->Put("s3://b?x/k", "", {}).error().kind(), ErrorKind::kInvalid);
  f.options.key.reset();
  const Status s = f.Store()->Put("s3://b/k", "", {});
  EXPECT_EQ(s.error().kind(), ErrorKind::kUnauthenticated);
  EXPECT_NE(s.error().message.find("AWS_ACCESS_KEY_ID"), std::string::npos);
}

TEST(S3, ReadsOptionsFromEnvironmentAndProfileFiles) {
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
