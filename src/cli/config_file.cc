#include "cli/config_file.h"

#include <CLI/Config.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace trine::cli {
namespace {

using Arguments = std::vector<std::string>;

constexpr const char* kOption = "--config";
constexpr const char* kHelp = "read options from a TOML file; the command line wins";

Error Wrong(std::string message) { return Error(ErrorKind::kInvalid, std::move(message)).Code("options"); }

// Takes --config off the arguments; empty: there is none.
Result<std::string> TakeFile(Arguments* arguments) {
  const std::string joined = std::string(kOption) + "=";
  std::string file;
  for (size_t i = 0; i < arguments->size() && (*arguments)[i] != "--";) {
    const auto at = arguments->begin() + static_cast<std::ptrdiff_t>(i);
    if (at->starts_with(joined)) {
      file = at->substr(joined.size());
      arguments->erase(at);
    } else if (*at == kOption) {
      if (i + 1 == arguments->size()) return Wrong("--config needs the name of a TOML file");
      file = *(at + 1);
      arguments->erase(at, at + 2);
    } else {
      ++i;
      continue;
    }
    if (file.empty()) return Wrong("--config needs the name of a TOML file");
  }
  return file;
}

const CLI::App* VerbNamed(const CLI::App& app, const std::string& name) {
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (verb->get_name() == name) return verb;
  }
  return nullptr;
}

std::string NamesOf(const std::vector<const CLI::App*>& verbs) {
  std::string names;
  for (const CLI::App* verb : verbs) names += (names.empty() ? "" : ", ") + verb->get_name();
  return names;
}

// The option of a verb by its long name, with '_' for '-' allowed; nullptr: it has none.
const CLI::Option* OptionNamed(const CLI::App& verb, std::string name) {
  std::ranges::replace(name, '_', '-');
  for (const CLI::Option* option : verb.get_options()) {
    const auto& names = option->get_lnames();
    if (std::ranges::find(names, name) != names.end() && name != "help" && name != "config") return option;
  }
  return nullptr;
}

bool IsGiven(const Arguments& arguments, const CLI::Option& option) {
  const char* variable = option.get_envname().empty() ? nullptr : std::getenv(option.get_envname().c_str());
  if (variable != nullptr && *variable != '\0') return true;
  return std::ranges::any_of(option.get_lnames(), [&](const std::string& name) {
    return std::ranges::any_of(arguments, [&](const std::string& argument) {
      return argument == "--" + name || argument.starts_with("--" + name + "=");
    });
  });
}

struct Target {
  const CLI::App* verb = nullptr;
  size_t place = 0;               // of the arguments: behind the verb's name
  std::vector<std::string> path;  // "eval", "search"
};

Target FindTarget(const CLI::App& app, const Arguments& arguments) {
  Target target{&app, 0, {}};
  for (size_t i = 0; i < arguments.size(); ++i) {
    const CLI::App* below = VerbNamed(*target.verb, arguments[i]);
    if (below == nullptr) break;
    target = {below, i + 1, target.path};
    target.path.push_back(arguments[i]);
  }
  return target;
}

bool LeadsTo(const std::vector<std::string>& table, const std::vector<std::string>& path) {
  return table.size() <= path.size() && std::equal(table.begin(), table.end(), path.begin());
}

// What one key of the file adds to the arguments.
Status Apply(const CLI::ConfigItem& item, const std::string& file, const Target& target,
             const Arguments& given, Arguments* out) {
  const CLI::Option* option = OptionNamed(*target.verb, item.name);
  if (option == nullptr) {
    std::string verb;
    for (const std::string& name : target.path) verb += (verb.empty() ? "" : " ") + name;
    return Wrong(file + ": '" + item.fullname() + "' is no option of " + verb + "; trine " + verb +
                 " --help lists them");
  }
  if (IsGiven(given, *option)) return Ok();
  for (const std::string& input : item.inputs) out->push_back("--" + option->get_lnames()[0] + "=" + input);
  return Ok();
}

}  // namespace

Result<Arguments> WithConfig(const CLI::App& app, Arguments arguments) {
  TRINE_ASSIGN(const std::string file, TakeFile(&arguments));
  if (file.empty()) return arguments;
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed))
    return Wrong("the file of --config is not there: " + file);
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_file(file);
  } catch (const CLI::Error& error) {
    return Wrong(file + ": " + error.what());
  }
  const Target target = FindTarget(app, arguments);
  if (target.verb == &app) return arguments;  // the verb itself is missing: that is told first
  Arguments more;
  for (const CLI::ConfigItem& item : items) {
    if (item.name == "++" || item.name == "--") continue;  // where tables begin and end
    if (!item.parents.empty() && VerbNamed(app, item.parents[0]) == nullptr)
      return Wrong(file + ": [" + item.parents[0] + "] is no verb of this program");
    if (!LeadsTo(item.parents, target.path)) continue;
    TRINE_TRY(Apply(item, file, target, arguments, &more));
  }
  arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(target.place), more.begin(), more.end());
  return arguments;
}

Status CheckVerb(const CLI::App& app, const Arguments& arguments) {
  if (arguments.empty() || arguments[0].starts_with("-") || VerbNamed(app, arguments[0]) != nullptr)
    return Ok();
  return Wrong("no verb '" + arguments[0] + "'; verbs are " +
               NamesOf(app.get_subcommands([](const CLI::App*) { return true; })));
}

void DescribeConfig(CLI::App* app) {
  app->add_option(kOption, kHelp)->type_name("FILE");
  for (CLI::App* verb : app->get_subcommands([](CLI::App*) { return true; })) DescribeConfig(verb);
}

}  // namespace trine::cli
