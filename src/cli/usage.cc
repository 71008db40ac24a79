#include "cli/usage.h"

#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "format/text.h"

namespace trine::cli {
namespace {

constexpr size_t kMaxShownBytes = 40;

std::string Quoted(const std::string& text) { return "'" + text.substr(0, kMaxShownBytes) + "'"; }

// The parsed command and its subcommands, outermost first: {"eval", "search"}.
std::vector<const CLI::App*> ParsedCommands(const CLI::App& app) {
  std::vector<const CLI::App*> commands;
  const CLI::App* current = &app;
  for (auto parsed = current->get_subcommands(); !parsed.empty(); parsed = current->get_subcommands()) {
    current = parsed.front();
    commands.push_back(current);
  }
  return commands;
}

std::string CommandName(const CLI::App& app) {
  std::string name;
  for (const CLI::App* command : ParsedCommands(app)) name += (name.empty() ? "" : " ") + command->get_name();
  return name;
}

std::string ForCommand(const CLI::App& app) {
  const std::string name = CommandName(app);
  return name.empty() ? "" : " for " + name;
}

bool IsOption(const std::string& text) { return text.starts_with("-") && text != "-"; }

std::string UnexpectedArgument(const CLI::App& app) {
  const std::vector<std::string> extras = app.remaining(true);
  if (extras.empty()) return "unexpected argument" + ForCommand(app);
  const std::string& first = extras.front();
  if (!IsOption(first)) return "unexpected argument " + Quoted(first) + ForCommand(app);
  return "unknown option " + Quoted(first.substr(0, first.find('='))) + ForCommand(app);
}

std::string MissingArgument(const CLI::App& app, const std::string& what) {
  constexpr std::string_view kTail = " is required";
  if (what == "A subcommand is required") {
    const std::string name = CommandName(app);
    return name.empty() ? "a command is required" : name + " requires a subcommand";
  }
  if (!what.ends_with(kTail)) return what;
  const std::string name = what.substr(0, what.size() - kTail.size());
  return (IsOption(name) ? "missing option " + name : "missing argument " + Quoted(name)) + ForCommand(app);
}

// Whether a name ("--strict-limits") is that of a flag of the parsed command.
bool IsFlag(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : ParsedCommands(app)) {
    const CLI::Option* option = command->get_option_no_throw(name);
    if (option != nullptr) return option->get_items_expected_max() == 0 || option->get_type_size_max() == 0;
  }
  return false;
}

// Rewrites the parser's message "Could not convert: --port = many".
std::string NotConvertible(const CLI::App& app, const std::string& what) {
  constexpr std::string_view kHead = "Could not convert: ";
  const size_t equals = what.find(" = ");
  if (!what.starts_with(kHead) || equals == std::string::npos) return what;
  const std::string name = what.substr(kHead.size(), equals - kHead.size());
  return "invalid value " + Quoted(what.substr(equals + 3)) + " of " + name + ForCommand(app) +
         (IsFlag(app, name) ? ": expected true or false" : ": expected a number in range");
}

// Rewrites the parser's message "--size: " followed by the message of the failed validator.
std::string InvalidValue(const CLI::App& app, const std::string& what) {
  const size_t colon = what.find(": ");
  if (colon == std::string::npos) return what;
  return "invalid value of " + what.substr(0, colon) + ForCommand(app) + ": " + what.substr(colon + 2);
}

// Rewrites the parser's message "--port: 1 required UINT missing".
std::string MissingValue(const CLI::App& app, const std::string& what) {
  const size_t colon = what.find(": ");
  if (colon == std::string::npos || !what.ends_with(" missing")) return what;
  return "option " + what.substr(0, colon) + ForCommand(app) + " needs a value";
}

}  // namespace

std::string UsageMessage(const CLI::App& app, const CLI::ParseError& error) {
  std::string what = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return UnexpectedArgument(app);
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) return MissingArgument(app, what);
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) return NotConvertible(app, what);
  if (dynamic_cast<const CLI::ValidationError*>(&error) != nullptr) return InvalidValue(app, what);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) return MissingValue(app, what);
  return what;
}

std::string HelpCommand(const CLI::App& app) {
  const std::string name = CommandName(app);
  return "trine " + (name.empty() ? "" : name + " ") + "--help";
}

std::string Expected(const std::string& what, const std::string& value) {
  return "expected " + what + ", got " +
         (value.empty() ? "an empty string" : value.substr(0, kMaxShownBytes));
}

std::function<std::string(const std::string&)> IntegerFrom(int64_t least, int64_t most) {
  TRINE_CHECK_LE(least, most);
  return [least, most](const std::string& text) {
    const auto number = format::ParseInt(text);
    // The parser library reads 010 as eight.
    const size_t digits = text.find_first_not_of("+-");
    const bool octal = digits != std::string::npos && digits + 1 < text.size() && text[digits] == '0';
    if (number && !octal && *number >= least && *number <= most) return std::string();
    return Expected("an integer from " + std::to_string(least) + " to " + std::to_string(most), text);
  };
}

std::function<std::string(const std::string&)> ZeroOrIntegerFrom(int64_t least, int64_t most) {
  return [check = IntegerFrom(least, most), least, most](const std::string& text) {
    if (text == "0" || check(text).empty()) return std::string();
    return Expected("0 or an integer from " + std::to_string(least) + " to " + std::to_string(most), text);
  };
}

std::function<std::string(const std::string&)> NumberFrom(double least, double most) {
  TRINE_CHECK_LE(least, most);
  return [least, most](const std::string& text) {
    const auto number = format::ParseDouble(text);
    if (number && *number >= least && *number <= most) return std::string();
    return Expected("a number from " + format::ShortestDouble(least) + " to " + format::ShortestDouble(most),
                    text);
  };
}

std::function<std::string(const std::string&)> OneOf(std::vector<std::string> values) {
  TRINE_CHECK(!values.empty());
  return [values = std::move(values)](const std::string& text) {
    if (std::ranges::find(values, text) != values.end()) return std::string();
    std::string list;
    for (size_t i = 0; i < values.size(); ++i)
      list += (i == 0 ? "" : i + 1 == values.size() ? " or " : ", ") + values[i];
    return Expected(list, text);
  };
}

}  // namespace trine::cli
