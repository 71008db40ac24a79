#include "cli/run.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <new>

#include "base/check.h"
#include "base/memory_budget.h"
#include "cli/config_file.h"
#include "cli/invocation.h"
#include "cli/usage.h"
#include "format/text.h"
#include "recommend/train/train.h"

namespace trine::cli {
namespace {

std::string OwnPath(const char* argv0) {
  char path[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
  return n > 0 ? std::string(path, static_cast<size_t>(n)) : std::string(argv0);
}

// Runs in the process that a server starts to train a model. People do not call it, so the help does not list
// it. recommend/train/training_child.cc reads its progress lines. `parent` is the process id of the server.
int TrainChild(const std::string& folder, std::string_view parent) {
  const auto id = format::ParseInt(parent);
  if (!id || *id < 1 || *id > INT_MAX)
    return Fail(Error(ErrorCode::kUsage, "invalid process id").Got(std::string(parent)));
  if (const Status alive = recommend::EndWithParent(static_cast<int>(*id)); !alive.ok())
    return Fail(alive.error());
  const auto progress = [](double done, const std::string& what) {
    std::printf("progress %.4f %s\n", done, what.c_str());
    std::fflush(stdout);
  };
  const auto metrics = CatchBadAlloc([&] { return recommend::TrainFromSnapshot(folder, progress, {}); });
  return metrics.ok() ? kDone : Fail(metrics.error());
}

}  // namespace

int Run(int argc, char** argv) {
  umask(077);  // no other account may read a data directory, because it contains users' histories
  if (argc == 4 && std::string_view(argv[1]) == "train-child") return TrainChild(argv[2], argv[3]);
  // Only SIGPIPE is ignored. SIGINT and SIGTERM end the process at once, unless the command runs a server:
  // then both are blocked, and the server shuts down first.
  signal(SIGPIPE, SIG_IGN);
  Invocation invocation;
  invocation.program = OwnPath(argv[0]);
  CLI::App app{
      "Trine: personalised discovery. Search, recommendation and language in one program.\n\n"
      "Start a server:\n  trine serve\n"
      "Ask it a question, from another terminal:\n"
      "  trine ask \"요즘 캠핑 갈 때 쓸 가벼운 체어 없어?\" --user user_42 --index products "
      "--url http://127.0.0.1:9200\n"};
  app.require_subcommand(1);
  RegisterServe(&app, &invocation);
  RegisterAsk(&app, &invocation);
  RegisterSearch(&app, &invocation);
  RegisterRecommend(&app, &invocation);
  RegisterImport(&app, &invocation);
  RegisterRoles(&app, &invocation);
  RegisterTrain(&app, &invocation);
  RegisterEval(&app, &invocation);
  RegisterDoctor(&app, &invocation);
  RegisterMaintenance(&app, &invocation);
  RegisterVersion(&app, &invocation);
  AddConfigOption(&app);
  const auto arguments = ApplyConfigFile(app, {argv + 1, argv + argc});
  if (!arguments.ok()) return Fail(arguments.error());
  if (const Status known = CheckCommand(app, *arguments); !known.ok()) return Fail(known.error());
  try {
    // Reversed, because parse() takes arguments from the end of the vector.
    app.parse(std::vector<std::string>(arguments->rbegin(), arguments->rend()));
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "trine: error: %s; see %s\n", format::Printable(UsageMessage(app, error)).c_str(),
                 HelpCommand(app).c_str());
    return kUsage;
  }
  TRINE_CHECK(invocation.run != nullptr);
  try {
    return invocation.run();
  } catch (const std::bad_alloc&) {
    return Fail(OutOfMemory());
  }
}

}  // namespace trine::cli
