#include "cli/config_file.h"

#include <CLI/Config.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace trine::cli {
namespace {

using Arguments = std::vector<std::string>;

constexpr const char* kConfigOption = "--config";
constexpr const char* kConfigHelp = "read options from this TOML file; command-line options take precedence";

Error OptionError(std::string message) { return Error(ErrorCode::kUsage, std::move(message)); }

// Removes --config and its value from the arguments and returns the value; empty without --config.
Result<std::string> TakeConfigOption(Arguments* arguments) {
  const std::string joined = std::string(kConfigOption) + "=";
  std::string file;
  for (size_t i = 0; i < arguments->size() && (*arguments)[i] != "--";) {
    const auto at = arguments->begin() + static_cast<std::ptrdiff_t>(i);
    if (at->starts_with(joined)) {
      file = at->substr(joined.size());
      arguments->erase(at);
    } else if (*at == kConfigOption) {
      if (i + 1 == arguments->size())
        return OptionError("option --config needs a value: the path of a TOML file");
      file = *(at + 1);
      arguments->erase(at, at + 2);
    } else {
      ++i;
      continue;
    }
    if (file.empty()) return OptionError("option --config needs a value: the path of a TOML file");
  }
  return file;
}

const CLI::App* FindCommand(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

std::string CommandNames(const CLI::App& app) {
  std::string names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names += (names.empty() ? "" : ", ") + command->get_name();
  return names;
}

// Finds a command's option by its long name, in which '_' may replace '-'; nullptr if there is none.
const CLI::Option* FindOption(const CLI::App& command, std::string name) {
  std::ranges::replace(name, '_', '-');
  for (const CLI::Option* option : command.get_options()) {
    const auto& names = option->get_lnames();
    if (std::ranges::find(names, name) != names.end() && name != "help" && name != "config") return option;
  }
  return nullptr;
}

bool IsSet(const Arguments& arguments, const CLI::Option& option) {
  const char* variable = option.get_envname().empty() ? nullptr : std::getenv(option.get_envname().c_str());
  if (variable != nullptr && *variable != '\0') return true;
  return std::ranges::any_of(option.get_lnames(), [&](const std::string& name) {
    return std::ranges::any_of(arguments, [&](const std::string& argument) {
      return argument == "--" + name || argument.starts_with("--" + name + "=");
    });
  });
}

struct CommandPath {
  const CLI::App* command = nullptr;
  size_t end = 0;                 // index of the first argument after the command's name
  std::vector<std::string> path;  // {"eval", "search"}
};

CommandPath FindCommandPath(const CLI::App& app, const Arguments& arguments) {
  CommandPath found{&app, 0, {}};
  for (size_t i = 0; i < arguments.size(); ++i) {
    const CLI::App* below = FindCommand(*found.command, arguments[i]);
    if (below == nullptr) break;
    found = {below, i + 1, found.path};
    found.path.push_back(arguments[i]);
  }
  return found;
}

bool AppliesTo(const std::vector<std::string>& table, const std::vector<std::string>& path) {
  return table.size() <= path.size() && std::equal(table.begin(), table.end(), path.begin());
}

// Appends the option that `item`, one key of the file, sets to `out`, unless `given` or the environment
// already sets that option.
Status AppendItem(const CLI::ConfigItem& item, const std::string& file, const CommandPath& found,
                  const Arguments& given, Arguments* out) {
  const CLI::Option* option = FindOption(*found.command, item.name);
  if (option == nullptr) {
    std::string command;
    for (const std::string& name : found.path) command += (command.empty() ? "" : " ") + name;
    return OptionError(file + ": unknown option '" + item.fullname() + "' for " + command + "; see trine " +
                       command + " --help");
  }
  if (IsSet(given, *option)) return Ok();
  TRINE_CHECK(!option->get_lnames().empty());
  // The parser takes the next argument as the value of "--port=".
  if (item.inputs.empty() || std::ranges::find(item.inputs, "") != item.inputs.end())
    return OptionError(file + ": option '" + item.fullname() + "' has no value");
  for (const std::string& input : item.inputs) out->push_back("--" + option->get_lnames()[0] + "=" + input);
  return Ok();
}

}  // namespace

Result<Arguments> ApplyConfigFile(const CLI::App& app, Arguments arguments) {
  TRINE_ASSIGN(const std::string file, TakeConfigOption(&arguments));
  if (file.empty()) return arguments;
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed))
    return OptionError("cannot read the --config file: " + file);
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_file(file);
  } catch (const CLI::Error& error) {
    return OptionError(file + ": " + error.what());
  }
  const CommandPath found = FindCommandPath(app, arguments);
  if (found.command == &app) return arguments;  // the caller reports the missing command
  Arguments more;
  for (const CLI::ConfigItem& item : items) {
    // These items are not options: the parser inserts them to mark the beginning and the end of a table.
    if (item.name == "++" || item.name == "--") continue;
    if (!item.parents.empty() && FindCommand(app, item.parents[0]) == nullptr)
      return OptionError(file + ": table [" + item.parents[0] +
                         "] does not name a command; expected one of " + CommandNames(app));
    if (!AppliesTo(item.parents, found.path)) continue;
    TRINE_TRY(AppendItem(item, file, found, arguments, &more));
  }
  TRINE_CHECK_LE(found.end, arguments.size());
  arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(found.end), more.begin(), more.end());
  return arguments;
}

Status CheckCommand(const CLI::App& app, const Arguments& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    if (argument.starts_with("--") && argument.find('=') == argument.size() - 1)
      return OptionError("option " + argument.substr(0, argument.size() - 1) + " needs a value after '='");
  }
  if (arguments.empty() || arguments[0].starts_with("-") || FindCommand(app, arguments[0]) != nullptr)
    return Ok();
  return OptionError("unknown command '" + arguments[0] + "'; expected one of " + CommandNames(app));
}

void AddConfigOption(CLI::App* app) {
  app->add_option(kConfigOption, kConfigHelp)->type_name("FILE");
  for (CLI::App* command : app->get_subcommands([](CLI::App*) { return true; })) AddConfigOption(command);
}

}  // namespace trine::cli
