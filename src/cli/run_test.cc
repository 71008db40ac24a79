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
            "invalid value 'many' of --port for serve: expected a number in range; see trine serve --help"},
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
