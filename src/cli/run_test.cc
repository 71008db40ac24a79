#include "cli/run.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/invocation.h"
#include "test/support/temp_folder.h"

namespace trine::cli {
namespace {

struct Outcome {
  int status;
  std::string out, err;
};

Outcome RunWith(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "trine");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int status = Run(static_cast<int>(argv.size()), argv.data());
  Outcome outcome{status, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
  return outcome;
}

struct UsageCase {
  std::vector<std::string> arguments;
  const char* message;
};

class UsageErrorTest : public testing::TestWithParam<UsageCase> {};

TEST_P(UsageErrorTest, ExitsWithStatus2AndNamesTheProblem) {
  const Outcome outcome = RunWith(GetParam().arguments);
  EXPECT_EQ(outcome.status, kUsage);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, std::string("trine: error: ") + GetParam().message + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Table, UsageErrorTest,
    testing::Values(
        UsageCase{{}, "a command is required; see trine --help"},
        UsageCase{
            {"sreve"},
            "unknown command 'sreve'; expected one of serve, ask, search, recommend, import, roles, train, "
            "eval, doctor, check, rebuild, backup, restore, version"},
        UsageCase{{"doctor", "--prot", "1"}, "unknown option '--prot' for doctor; see trine doctor --help"},
        UsageCase{{"doctor", "--prot=1"}, "unknown option '--prot' for doctor; see trine doctor --help"},
        UsageCase{{"version", "now"}, "unexpected argument 'now' for version; see trine version --help"},
        UsageCase{{"ask", "chair"}, "missing option --index for ask; see trine ask --help"},
        UsageCase{{"ask", "--index", "x"}, "missing argument 'question' for ask; see trine ask --help"},
        UsageCase{{"ask", " ", "--index", "x"},
                  "invalid value of question for ask: the question is empty; see trine ask --help"},
        UsageCase{{"eval"}, "eval requires a subcommand; see trine eval --help"},
        UsageCase{{"eval", "search"}, "missing option --index for eval search; see trine eval search --help"},
        UsageCase{{"serve", "--port"}, "option --port for serve needs a value; see trine serve --help"},
        UsageCase{
            {"serve", "--port", "many"},
            "invalid value of --port for serve: expected an integer from 0 to 65535, got many; see trine "
            "serve --help"},
        UsageCase{{"ask", "chair", "--index", "x", "--size", "0"},
                  "invalid value of --size for ask: expected an integer from 1 to 100, got 0; see trine ask "
                  "--help"},
        UsageCase{
            {"ask", "chair", "--index", "x", "--language", "fr"},
            "invalid value of --language for ask: expected ko, en or auto, got fr; see trine ask --help"},
        UsageCase{{"ask", "chair", "--index", "x", "--weight", "nan"},
                  "invalid value of --weight for ask: expected a number from 0 to 1, or auto, got nan; see "
                  "trine ask "
                  "--help"},
        UsageCase{{"recommend", "--user", "u"}, "exactly one of --campaign and --recommender is needed"},
        UsageCase{{"import", "rows.csv"}, "missing option --group: the dataset group for the rows"},
        UsageCase{{"import", "rows.csv", "--type", "documents"},
                  "missing option --index: the index for the documents"},
        UsageCase{{"import", "rows.csv", "--group", "g", "--map", "USER_ID"},
                  "invalid value of --map: expected OURS=THEIRS, got USER_ID"},
        UsageCase{{"import", "rows.csv", "--group", "g", "--time-zone", "Mars"},
                  "invalid value of --time-zone: expected KST, UTC or an offset such as +09:00, got Mars"},
        UsageCase{{"serve", "--host", "0.0.0.0", "--data-dir", "/nonexistent/data"},
                  "cannot listen on 0.0.0.0 without --credentials; credentials are optional only on loopback "
                  "addresses"},
        UsageCase{{"check", "--data-dir", "/nonexistent/data"}, "not a data directory (/nonexistent/data)"}));

// Numbers that the parser library would misread, wrap or take although the program cannot work with them.
TEST(Run, OptionsOfServeAreCheckedBeforeAnythingStarts) {
  const std::pair<const char*, std::vector<const char*>> invalid[] = {
      {"--threads", {"-1", "1025", "18446744073709551615", "1e3", "2.5", "0x10", "010", "two", "", " "}},
      {"--port", {"-1", "65536", "99999999999999999999", "080", "9200 ", "http"}},
      {"--memory-limit", {"-1", "1", "1000000", "99999999999999999999", "256MB", "010000000000", "none"}},
      {"--max-connections", {"-1", "0", "1000001", "many"}},
      {"--account-id", {"", "1", "12345678901x", "1234567890123"}},
      {"--region", {"", "us east 1", "US-EAST-1", "../x"}},
      {"--korean-dictionary", {"/nonexistent/dictionary"}},
      {"--word-files", {"/nonexistent/words"}}};
  for (const auto& [option, values] : invalid) {
    for (const std::string value : values) {
      // The address is refused, so that a value that passes by mistake does not start a server.
      const Outcome outcome = RunWith({"serve", "--host", "0.0.0.0", std::string(option) + "=" + value});
      EXPECT_EQ(outcome.status, kUsage) << option << "=" << value;
      EXPECT_NE(outcome.err.find(option), std::string::npos) << option << "=" << value << ": " << outcome.err;
      EXPECT_NE(outcome.err.find(value.empty() ? "needs a value" : "expected "), std::string::npos)
          << outcome.err;
    }
  }
  const std::pair<const char*, std::vector<const char*>> valid[] = {
      {"--threads", {"0", "1", "1024"}},     {"--port", {"0", "65535"}},
      {"--memory-limit", {"0", "33554432"}}, {"--max-connections", {"1", "1000000"}},
      {"--account-id", {"000000000000"}},    {"--region", {"ap-northeast-2"}},
      {"--korean-dictionary", {"/tmp"}},     {"--word-files", {"/tmp"}}};
  for (const auto& [option, values] : valid) {
    for (const std::string value : values) {
      const Outcome outcome = RunWith({"serve", "--host", "0.0.0.0", std::string(option) + "=" + value});
      EXPECT_NE(outcome.err.find("without --credentials"), std::string::npos) << outcome.err;
    }
  }
}

TEST(Run, NumbersOfEveryCommandAreChecked) {
  const std::vector<std::string> invalid[] = {
      {"doctor", "--port=0"},
      {"doctor", "--port=70000"},
      {"search", "x", "--index=x", "--size=-1"},
      {"search", "x", "--index=x", "--size=10001"},
      {"ask", "x", "--index=x", "--size=010"},
      {"recommend", "--campaign=c", "--user=u", "--count=501"},
      {"eval", "recommend", "--group=g", "--people=-1"},
      {"eval", "recommend", "--group=g", "--seed=-1"},
      {"eval", "recommend", "--group=g", "--future=1"},
      {"eval", "search", "--index=i", "--queries=q", "--qrels=r", "--depth=0"},
      {"import", "rows.csv", "--group=g", "--allow-rejects=-1"}};
  for (const std::vector<std::string>& arguments : invalid) {
    const Outcome outcome = RunWith(arguments);
    EXPECT_EQ(outcome.status, kUsage) << arguments.back();
    EXPECT_NE(outcome.err.find("expected a"), std::string::npos) << arguments.back() << outcome.err;
  }
}

TEST(Run, FailedWorkExitsWithStatus1) {
  const Outcome outcome = RunWith({"import", "/nonexistent/rows.csv", "--group", "g"});
  EXPECT_EQ(outcome.status, kFailed);
  EXPECT_EQ(outcome.err, "trine: error: cannot open the file (/nonexistent/rows.csv)\n");
}

TEST(Run, EveryCommandHasHelpWithAnExample) {
  const std::vector<std::vector<std::string>> commands = {
      {"serve"},  {"ask"},     {"search"},         {"recommend"},
      {"import"}, {"roles"},   {"train"},          {"eval", "recommend"},
      {"eval"},   {"doctor"},  {"check"},          {"rebuild"},
      {"backup"}, {"restore"}, {"eval", "search"}, {"version"}};
  for (std::vector<std::string> command : commands) {
    std::string name;
    for (const std::string& word : command) name += " " + word;
    command.push_back("--help");
    const Outcome outcome = RunWith(command);
    EXPECT_EQ(outcome.status, kDone) << name;
    EXPECT_EQ(outcome.err, "") << name;
    EXPECT_NE(outcome.out.find("\n  trine" + name), std::string::npos)
        << "no example of" << name << outcome.out;
  }
}

TEST(Run, VersionPrintsDataToStandardOutput) {
  const Outcome outcome = RunWith({"version", "--json"});
  EXPECT_EQ(outcome.status, kDone);
  EXPECT_TRUE(outcome.out.starts_with("{\"version\":\"")) << outcome.out;
  EXPECT_EQ(outcome.err, "");
}

TEST(Run, RestoreRejectsAMissingBackupFolder) {
  const test::TempFolder folder;
  const Outcome outcome = RunWith({"restore", folder.path("none"), "--data-dir", folder.path()});
  EXPECT_EQ(outcome.status, kUsage);
  EXPECT_NE(outcome.err.find("not a data directory"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace trine::cli
