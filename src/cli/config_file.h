// Options from a TOML file: put among the arguments of a command line, which wins over them.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace trine::cli {

// `arguments` (without the program's name) with `--config FILE`, before or behind the verb, replaced by
// what the file says to that verb: its top-level keys, and those of the tables of the verb's name. What
// the arguments or the environment say already is left out; tables of other verbs are passed over.
// Errors are kUsage: a file that cannot be read, a key that the verb has not, a table that is no
// verb's. Without --config the arguments come back as they are.
Result<std::vector<std::string>> ApplyConfigFile(const CLI::App& app, std::vector<std::string> arguments);

// "no verb 'x'; verbs are ..." when the first argument is neither a verb nor an option.
Status CheckVerb(const CLI::App& app, const std::vector<std::string>& arguments);

// --config in the help of every verb.
void AddConfigOption(CLI::App* app);

}  // namespace trine::cli
