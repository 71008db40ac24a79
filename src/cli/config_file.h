// Options from a TOML file (`--config FILE`).
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace trine::cli {

// Returns `arguments` (without the program's name) with `--config FILE`, which may be before or after the
// command, replaced by the options that the file sets for that command: top-level keys and the keys of the
// table with the command's name ("[eval.search]" for `eval search`). Keys may have '_' for '-'. Options that
// the command line or the environment sets already win over the file; tables of other commands are ignored.
// Arguments without --config, or without a command, are returned without options of a file.
// kUsage for a file that is missing or not TOML, a key that is not an option of the command, and a table that
// is not named after a command.
Result<std::vector<std::string>> ApplyConfigFile(const CLI::App& app, std::vector<std::string> arguments);

// kUsage, with a list of commands, when the first argument is neither a command nor an option.
Status CheckCommand(const CLI::App& app, const std::vector<std::string>& arguments);

// Adds --config to the help of every command. The option itself is handled by ApplyConfigFile.
void AddConfigOption(CLI::App* app);

}  // namespace trine::cli
