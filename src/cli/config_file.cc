#include "cli/config_file.h"

#include <CLI/Config.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace trine::cli {
namespace {

using Arguments = std::vector<std::string>;

constexpr const char* kConfigOption = "--config";
constexpr const char* kConfigHelp = "read options from a TOML file; the command line wins";

Error OptionError(std::string message) { return Error(ErrorCode::kUsage, std::move(message)); }

// Takes --config off the arguments; empty: there is none.
Result<std::string> TakeConfigOption(Arguments* arguments) {
  const std::string joined = std::string(kConfigOption) + "=";
  std::string file;
  for (size_t i = 0; i < arguments->size() && (*arguments)[i] != "--";) {
    const auto at = arguments->begin() + static_cast<std::ptrdiff_t>(i);
    if (at->starts_with(joined)) {
      file = at->substr(joined.size());
      arguments->erase(at);
    } else if (*at == kConfigOption) {
      if (i + 1 == arguments->size()) return OptionError("--config needs the name of a TOML file");
      file = *(at + 1);
      arguments->erase(at, at + 2);
    } else {
      ++i;
      continue;
    }
    if (file.empty()) return OptionError("--config needs the name of a TOML file");
  }
  return file;
}

const CLI::App* FindVerb(const CLI::App& app, const std::string& name) {
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (verb->get_name() == name) return verb;
  }
  return nullptr;
}

std::string JoinNames(const std::vector<const CLI::App*>& verbs) {
  std::string names;
  for (const CLI::App* verb : verbs) names += (names.empty() ? "" : ", ") + verb->get_name();
  return names;
}

// The option of a verb by its long name, with '_' for '-' allowed; nullptr: it has none.
const CLI::Option* FindOption(const CLI::App& verb, std::string name) {
  std::ranges::replace(name, '_', '-');
  for (const CLI::Option* option : verb.get_options()) {
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

struct VerbPath {
  const CLI::App* verb = nullptr;
  size_t place = 0;               // of the arguments: behind the verb's name
  std::vector<std::string> path;  // "eval", "search"
};

VerbPath FindVerbPath(const CLI::App& app, const Arguments& arguments) {
  VerbPath verb_path{&app, 0, {}};
  for (size_t i = 0; i < arguments.size(); ++i) {
    const CLI::App* below = FindVerb(*verb_path.verb, arguments[i]);
    if (below == nullptr) break;
    verb_path = {below, i + 1, verb_path.path};
    verb_path.path.push_back(arguments[i]);
  }
  return verb_path;
}

bool AppliesTo(const std::vector<std::string>& table, const std::vector<std::string>& path) {
  return table.size() <= path.size() && std::equal(table.begin(), table.end(), path.begin());
}

// What one key of the file adds to the arguments.
Status AppendItem(const CLI::ConfigItem& item, const std::string& file, const VerbPath& verb_path,
                  const Arguments& given, Arguments* out) {
  const CLI::Option* option = FindOption(*verb_path.verb, item.name);
  if (option == nullptr) {
    std::string verb;
    for (const std::string& name : verb_path.path) verb += (verb.empty() ? "" : " ") + name;
    return OptionError(file + ": '" + item.fullname() + "' is no option of " + verb + "; trine " + verb +
                       " --help lists them");
  }
  if (IsSet(given, *option)) return Ok();
  for (const std::string& input : item.inputs) out->push_back("--" + option->get_lnames()[0] + "=" + input);
  return Ok();
}

}  // namespace

Result<Arguments> ApplyConfigFile(const CLI::App& app, Arguments arguments) {
  TRINE_ASSIGN(const std::string file, TakeConfigOption(&arguments));
  if (file.empty()) return arguments;
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed))
    return OptionError("the file of --config is not there: " + file);
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_file(file);
  } catch (const CLI::Error& error) {
    return OptionError(file + ": " + error.what());
  }
  const VerbPath verb_path = FindVerbPath(app, arguments);
  if (verb_path.verb == &app) return arguments;  // the verb itself is missing: that is told first
  Arguments more;
  for (const CLI::ConfigItem& item : items) {
    if (item.name == "++" || item.name == "--") continue;  // where tables begin and end
    if (!item.parents.empty() && FindVerb(app, item.parents[0]) == nullptr)
      return OptionError(file + ": [" + item.parents[0] + "] is no verb of this program");
    if (!AppliesTo(item.parents, verb_path.path)) continue;
    TRINE_TRY(AppendItem(item, file, verb_path, arguments, &more));
  }
  arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(verb_path.place), more.begin(),
                   more.end());
  return arguments;
}

Status CheckVerb(const CLI::App& app, const Arguments& arguments) {
  if (arguments.empty() || arguments[0].starts_with("-") || FindVerb(app, arguments[0]) != nullptr)
    return Ok();
  return OptionError("no verb '" + arguments[0] + "'; verbs are " +
                     JoinNames(app.get_subcommands([](const CLI::App*) { return true; })));
}

void AddConfigOption(CLI::App* app) {
  app->add_option(kConfigOption, kConfigHelp)->type_name("FILE");
  for (CLI::App* verb : app->get_subcommands([](CLI::App*) { return true; })) AddConfigOption(verb);
}

}  // namespace trine::cli
