#include "cli/config_file.h"

#include <gtest/gtest.h>

#include <CLI/Formatter.hpp>

#include <cstdlib>
#include <fstream>

#include "test/support/temp_folder.h"

namespace trine::cli {
namespace {

using Arguments = std::vector<std::string>;

// A program with `serve --port --strict-limits --import-dir` and `eval search --depth`.
class ConfigFileTest : public testing::Test {
 protected:
  ConfigFileTest() : app_("test") {
    CLI::App* serve = app_.add_subcommand("serve");
    serve->add_option("--port", port_)->envname("TRINE_TEST_CONFIG_PORT");
    serve->add_flag("--strict-limits", strict_);
    serve->add_option("--import-dir", folders_);
    app_.add_subcommand("eval")->add_subcommand("search")->add_option("--depth", depth_);
    AddConfigOption(&app_);
  }

  std::string Write(const std::string& text) {
    std::string path = folder_.path("options.toml");
    std::ofstream(path) << text;
    return path;
  }
  std::string ErrorOf(const std::string& text, Arguments arguments = {"serve"}) {
    arguments.push_back("--config=" + Write(text));
    const auto applied = ApplyConfigFile(app_, std::move(arguments));
    if (applied.ok()) return "accepted";
    EXPECT_EQ(applied.error().code, ErrorCode::kUsage);
    return applied.error().message;
  }

  test::TempFolder folder_;
  CLI::App app_;
  int port_ = 0, depth_ = 0;
  bool strict_ = false;
  std::vector<std::string> folders_;
};

TEST_F(ConfigFileTest, RejectsMissingFile) {
  const auto applied = ApplyConfigFile(app_, {"serve", "--config", folder_.path("none.toml")});
  ASSERT_FALSE(applied.ok());
  EXPECT_EQ(applied.error().code, ErrorCode::kUsage);
  EXPECT_NE(applied.error().message.find("none.toml"), std::string::npos);
}

TEST_F(ConfigFileTest, RejectsOptionWithoutValue) {
  for (const Arguments& arguments : {Arguments{"serve", "--config"}, Arguments{"serve", "--config="}})
    EXPECT_FALSE(ApplyConfigFile(app_, arguments).ok()) << arguments.back();
}

TEST_F(ConfigFileTest, RejectsUnknownKeysAndTables) {
  EXPECT_NE(ErrorOf("prot = 1\n").find("unknown option 'prot' for serve"), std::string::npos);
  EXPECT_NE(ErrorOf("[serve]\nprot = 1\n").find("unknown option 'serve.prot' for serve"), std::string::npos);
  EXPECT_NE(ErrorOf("depth = 1\n").find("unknown option 'depth' for serve"), std::string::npos)
      << "an option of another command";
  EXPECT_NE(ErrorOf("[sreve]\nport = 1\n").find("table [sreve] does not name a command"), std::string::npos);
  EXPECT_NE(ErrorOf("config = \"other.toml\"\n").find("unknown option 'config'"), std::string::npos)
      << "a file must not refer to another file";
}

TEST_F(ConfigFileTest, RejectsKeysWithoutAValue) {
  for (const char* text : {"port =\n", "port = \"\"\n", "[serve]\nport = \n", "import-dir = [\"a\", \"\"]\n"})
    EXPECT_NE(ErrorOf(text).find("has no value"), std::string::npos) << text << ErrorOf(text);
}

TEST_F(ConfigFileTest, CheckCommandRejectsOptionsWithoutAValue) {
  const Status empty = CheckCommand(app_, {"serve", "--port=", "--strict-limits"});
  ASSERT_FALSE(empty.ok());
  EXPECT_EQ(empty.error().message, "option --port needs a value after '='");
  EXPECT_TRUE(CheckCommand(app_, {"serve", "--port=1=", "--", "--port="}).ok());
}

TEST_F(ConfigFileTest, AcceptsConfigBeforeAndAfterCommand) {
  const std::string path = Write("port = 9201\n");
  const Arguments expected = {"serve", "--port=9201"};
  EXPECT_EQ(*ApplyConfigFile(app_, {"serve", "--config", path}), expected);
  EXPECT_EQ(*ApplyConfigFile(app_, {"--config", path, "serve"}), expected);
}

TEST_F(ConfigFileTest, ReadsOnlyTheCommandsTables) {
  const std::string path = Write(
      "[serve]\nport = 9201\nstrict_limits = true\nimport-dir = [\"a\", \"b\"]\n[eval.search]\ndepth = 5\n");
  EXPECT_EQ(*ApplyConfigFile(app_, {"serve", "--config", path}),
            (Arguments{"serve", "--port=9201", "--strict-limits=true", "--import-dir=a", "--import-dir=b"}));
  EXPECT_EQ(*ApplyConfigFile(app_, {"eval", "search", "--config", path}),
            (Arguments{"eval", "search", "--depth=5"}));
}

TEST_F(ConfigFileTest, CommandLineAndEnvironmentTakePrecedence) {
  const std::string path = Write("port = 9201\n");
  EXPECT_EQ(*ApplyConfigFile(app_, {"serve", "--port", "1", "--config", path}),
            (Arguments{"serve", "--port", "1"}));
  EXPECT_EQ(*ApplyConfigFile(app_, {"serve", "--port=1", "--config", path}),
            (Arguments{"serve", "--port=1"}));
  ::setenv("TRINE_TEST_CONFIG_PORT", "2", 1);
  EXPECT_EQ(*ApplyConfigFile(app_, {"serve", "--config", path}), (Arguments{"serve"}));
  ::unsetenv("TRINE_TEST_CONFIG_PORT");
}

TEST_F(ConfigFileTest, ReturnsArgumentsWithoutConfigUnchanged) {
  EXPECT_EQ(*ApplyConfigFile(app_, {"serve", "--port", "1"}), (Arguments{"serve", "--port", "1"}));
  EXPECT_EQ(*ApplyConfigFile(app_, {}), Arguments());
  EXPECT_EQ(*ApplyConfigFile(app_, {"serve", "--", "--config"}), (Arguments{"serve", "--", "--config"}));
}

TEST_F(ConfigFileTest, CheckCommandListsKnownCommands) {
  EXPECT_TRUE(CheckCommand(app_, {}).ok());
  EXPECT_TRUE(CheckCommand(app_, {"--help"}).ok());
  EXPECT_TRUE(CheckCommand(app_, {"serve"}).ok());
  const Status unknown = CheckCommand(app_, {"sreve"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().message, "unknown command 'sreve'; expected one of serve, eval");
}

}  // namespace
}  // namespace trine::cli
