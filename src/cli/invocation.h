// Invocation: one run of the program, and what all commands share.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace trine::cli {

// Exit statuses of the program.
inline constexpr int kDone = 0;    // the command did its work
inline constexpr int kFailed = 1;  // the work failed
inline constexpr int kUsage = 2;   // the command line is wrong; the command did no work

// The options that commands share, filled in while the command line is parsed. Run() owns it, and the
// commands' callbacks keep pointers to it. Not thread-safe.
struct Invocation {
  bool json = false;    // print one JSON document instead of text
  std::string program;  // path of this executable
  std::string data_dir = "./trine-data";
  std::string url;          // URL of a running server; empty: the command opens data_dir itself
  std::string auth, token;  // "name:password" or a bearer token, for `url`
  std::vector<std::string> import_dirs;
  std::function<int()> run;  // the chosen command; set after its arguments are parsed. Returns an exit status
};

// Adds the options of commands that talk to a server: --data-dir, --url, --auth, --token, --json.
void AddTargetOptions(CLI::App* command, Invocation* invocation);

// Prints "trine: error: MESSAGE; expected E, got G (WHERE)" to standard error, without the parts that are
// empty. Returns the exit status: kUsage for command-line errors, else kFailed.
int Fail(const Error& error);

// Each adds one command, or a family of commands, to `app`. `invocation` must outlive `app`.
void RegisterServe(CLI::App* app, Invocation* invocation);
void RegisterAsk(CLI::App* app, Invocation* invocation);
void RegisterSearch(CLI::App* app, Invocation* invocation);
void RegisterRecommend(CLI::App* app, Invocation* invocation);
void RegisterImport(CLI::App* app, Invocation* invocation);
void RegisterRoles(CLI::App* app, Invocation* invocation);
void RegisterTrain(CLI::App* app, Invocation* invocation);
void RegisterEval(CLI::App* app, Invocation* invocation);
void RegisterDoctor(CLI::App* app, Invocation* invocation);
void RegisterMaintenance(CLI::App* app, Invocation* invocation);  // check, rebuild, backup, restore
void RegisterVersion(CLI::App* app, Invocation* invocation);

}  // namespace trine::cli
