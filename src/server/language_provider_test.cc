#include "server/language_provider.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <tuple>

#include "test/support/scripted_client.h"
#include "test/support/temp_folder.h"

namespace trine::server {
namespace {

using test::Scripted;

struct Fixture {
  test::TempFolder folder;
  LanguageOptions options;
  test::ScriptedClient client;
  Fixture() {
    options.url = "http://127.0.0.1:9/v1";
    options.model = "m1";
  }
  std::string KeyFile(const std::string& text, mode_t mode) {
    const std::string path = folder.path() + "/key";
    std::ofstream(path) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  Result<std::unique_ptr<language::LanguageModel>> Open() {
    return OpenLanguageProvider(options, client, SystemClock(), NullLog(), NullMetrics());
  }
  // Opens the model, calls it once, and returns the request that it sent.
  net::ClientRequest Sent() {
    client.answers = {Scripted(200, "application/json",
                               {R"({"choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]})"})};
    auto model = Open();
    EXPECT_TRUE(model.ok()) << model.error().ToString();
    const auto tried = TryLanguageProvider(**model, SystemClock(), Deadline());
    EXPECT_TRUE(tried.ok()) << tried.error().ToString();
    EXPECT_TRUE(tried->starts_with("language: the model m1 answers within ")) << *tried;
    return client.asked.back();
  }
};

TEST(LanguageProvider, SendsTheKeyOfItsFileWithoutWhiteSpace) {
  Fixture f;
  f.options.key_file = f.KeyFile("sk-1234567890\n", 0600);
  EXPECT_EQ(f.Sent().headers.Get("authorization"), "Bearer sk-1234567890");
  f.options.key_file = "";
  EXPECT_EQ(f.Sent().headers.Find("authorization"), nullptr);
}

TEST(LanguageProvider, RefusesKeyFilesThatOthersCanRead) {
  Fixture f;
  f.options.key_file = f.KeyFile("sk-1234567890", 0644);
  const auto open = f.Open();
  ASSERT_FALSE(open.ok());
  EXPECT_EQ(open.error().code, ErrorCode::kInvalid);
  EXPECT_NE(open.error().message.find("chmod 600"), std::string::npos);
  f.options.key_file = f.folder.path() + "/missing";
  EXPECT_FALSE(f.Open().ok());
}

TEST(LanguageProvider, ReadsTheSupportedFeatures) {
  Fixture f;
  f.options.supports = "streaming=no, tools=yes,json_schema=auto,system_role=no";
  EXPECT_EQ(f.Sent().body.find("\"stream\""), std::string::npos);
  f.options.supports = "";
  EXPECT_NE(f.Sent().body.find("\"stream\":true"), std::string::npos);
  for (const char* wrong :
       {"images=yes", "tools", "tools=maybe", "tools=no;streaming=no", "=", ",", "=yes"}) {
    f.options.supports = wrong;
    const auto open = f.Open();
    ASSERT_FALSE(open.ok()) << wrong;
    EXPECT_EQ(open.error().code, ErrorCode::kUsage);
  }
}

TEST(LanguageProvider, NamesTheWrongOption) {
  Fixture f;
  EXPECT_FALSE(LanguageOptions().configured());
  f.options.kind = "other";
  EXPECT_NE(f.Open().error().message.find("--llm-kind"), std::string::npos);
  f.options.kind = "openai";
  f.options.model = "";
  EXPECT_NE(f.Open().error().message.find("--llm-model"), std::string::npos);
  f.options.model = "m1";
  f.options.url = "localhost:8080";
  const auto open = f.Open();
  ASSERT_FALSE(open.ok());
  EXPECT_EQ(open.error().code, ErrorCode::kUsage);
  EXPECT_NE(open.error().message.find("url"), std::string::npos) << open.error().message;
}

TEST(LanguageProvider, TakesTheKeysOfBedrockFromTheEnvironment) {
  Fixture f;
  f.options.kind = "bedrock";
  f.options.url = "http://127.0.0.1:9";
  f.options.region = "eu-west-1";
  for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"}) ::unsetenv(name);
  ::setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
  ::setenv("AWS_CONFIG_FILE", "/dev/null", 1);
  EXPECT_NE(f.Open().error().message.find("AWS_ACCESS_KEY_ID"), std::string::npos);
  ::setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
  ::setenv("AWS_SECRET_ACCESS_KEY", "SECRET", 1);
  auto model = f.Open();
  ASSERT_TRUE(model.ok()) << model.error().ToString();
  f.client.answers = {Scripted(400, "application/json", {R"({"message":"no"})"})};
  const auto tried = TryLanguageProvider(**model, SystemClock(), Deadline());
  ASSERT_FALSE(tried.ok());
  EXPECT_NE(f.client.asked.back().headers.Get("authorization").find("AKID/"), std::string_view::npos);
  EXPECT_NE(f.client.asked.back().headers.Get("authorization").find("/eu-west-1/bedrock/"),
            std::string_view::npos);
  ::unsetenv("AWS_ACCESS_KEY_ID");
  ::unsetenv("AWS_SECRET_ACCESS_KEY");
}

TEST(LanguageProvider, OptionsSayHowTheModelTakesPartInQuestions) {
  Fixture f;
  for (const auto& [in_ask, understand, answer] :
       {std::tuple("both", true, true), std::tuple("understand", true, false),
        std::tuple("answer", false, true), std::tuple("none", false, false)}) {
    f.options.in_ask = in_ask;
    const auto read = AskModelOptions(f.options);
    ASSERT_TRUE(read.ok()) << in_ask;
    EXPECT_EQ(read->understand, understand) << in_ask;
    EXPECT_EQ(read->answer, answer) << in_ask;
    EXPECT_EQ(read->prompts, nullptr);
  }
  f.options.in_ask = "sometimes";
  EXPECT_EQ(AskModelOptions(f.options).error().code, ErrorCode::kUsage);
  f.options.in_ask = "both";
  f.options.prompt_dir = f.folder.path();
  EXPECT_NE(AskModelOptions(f.options)->prompts, nullptr);
  std::ofstream(f.folder.path("answer.v1.en.txt")) << "[system]\nx\n[user]\n{{itens}}";
  const auto broken = AskModelOptions(f.options);
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().code, ErrorCode::kUsage);
  EXPECT_NE(broken.error().ToString().find("did you mean 'items'?"), std::string::npos)
      << broken.error().ToString();
}

}  // namespace
}  // namespace trine::server
