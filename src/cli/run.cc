#include "cli/run.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdio>

#include "cli/config_file.h"
#include "cli/invocation.h"
#include "recommend/train/train.h"

namespace trine::cli {
namespace {

std::string OwnPath(const char* argv0) {
  char path[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
  return n > 0 ? std::string(path, static_cast<size_t>(n)) : std::string(argv0);
}

// The training child: not for people, so it is not in the help.
int TrainChild(const std::string& folder) {
  const auto progress = [](double done, const std::string& what) {
    std::printf("progress %.4f %s\n", done, what.c_str());
    std::fflush(stdout);
  };
  const auto metrics = recommend::TrainFromSnapshot(folder, progress, {});
  return metrics.ok() ? kDone : Fail(metrics.error());
}

}  // namespace

int Run(int argc, char** argv) {
  umask(077);  // histories of people are for the account that runs this alone
  if (argc == 3 && std::string_view(argv[1]) == "train-child") return TrainChild(argv[2]);
  // A command dies of SIGINT and SIGTERM at once, as any program; those that run a server block them.
  signal(SIGPIPE, SIG_IGN);
  Invocation invocation;
  invocation.program = OwnPath(argv[0]);
  CLI::App app{
      "Trine: personalised discovery. Search, recommendation and language in one program.\n\n"
      "  trine serve                                   start the server on 127.0.0.1:9200\n"
      "  trine ask \"요즘 캠핑 갈 때 쓸 가벼운 체어 없어?\" --user user_42 --index products\n"};
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  RegisterServe(&app, &invocation);
  RegisterAsk(&app, &invocation);
  RegisterSearch(&app, &invocation);
  RegisterRecommend(&app, &invocation);
  RegisterImport(&app, &invocation);
  RegisterTrain(&app, &invocation);
  RegisterEval(&app, &invocation);
  RegisterDoctor(&app, &invocation);
  RegisterMaintenance(&app, &invocation);
  RegisterVersion(&app, &invocation);
  AddConfigOption(&app);
  auto arguments = ApplyConfigFile(app, {argv + 1, argv + argc});
  if (!arguments.ok()) return Fail(arguments.error());
  if (const Status known = CheckVerb(app, *arguments); !known.ok()) return Fail(known.error());
  try {
    app.parse(
        std::vector<std::string>(arguments->rbegin(), arguments->rend()));  // it takes them from the end
  } catch (const CLI::Success& done) {                                      // --help
    return app.exit(done);
  } catch (const CLI::ParseError& wrong) {
    const std::string verb = arguments->empty() ? "" : arguments->front() + " ";
    std::fprintf(stderr, "trine: error: %s; see trine %s--help\n", wrong.what(),
                 verb.starts_with("-") ? "" : verb.c_str());
    return kUsage;
  }
  return invocation.run ? invocation.run() : kUsage;
}

}  // namespace trine::cli
