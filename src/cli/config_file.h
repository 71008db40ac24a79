// Options from a TOML file (`--config FILE`).
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace trine::cli {

// Replaces `--config FILE` in `arguments` (which must not contain the program's name) by the options that the
// file sets for the command, and returns the result. `--config` may be before or after the command. The
// options are the top-level keys of the file and the keys of the table with the command's name, such as
// "[eval.search]" for `eval search`. In keys, '_' may replace '-'. The command line and the environment take
// precedence over the file; tables for other commands are ignored. Without --config or without a command, no
// options are added. kUsage if the file is missing or not TOML, if a key is not an option of the command or
// has no value, or if a table is not named after a command.
Result<std::vector<std::string>> ApplyConfigFile(const CLI::App& app, std::vector<std::string> arguments);

// kUsage, with a list of commands, if the first argument is neither a command nor an option; also for
// "--NAME=" without a value, for which the parser would take the next argument.
Status CheckCommand(const CLI::App& app, const std::vector<std::string>& arguments);

// Adds --config to the help of every command. The option itself is handled by ApplyConfigFile.
void AddConfigOption(CLI::App* app);

}  // namespace trine::cli
