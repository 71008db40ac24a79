// Messages for invalid command lines, in the program's own words instead of the parser library's.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace trine::cli {

// Describes the mistake in a command line, such as "unknown option '--prot' for doctor" or "missing option
// --index for ask". `error` must come from app.parse().
std::string UsageMessage(const CLI::App& app, const CLI::ParseError& error);

// The help command to suggest: "trine doctor --help" for the command that was being parsed, else "trine
// --help".
std::string HelpCommand(const CLI::App& app);

// Validators for CLI::Option::check(). Each returns a function that returns an empty string for a valid
// value, else "expected WHAT, got VALUE".
std::function<std::string(const std::string&)> IntegerFrom(int64_t least, int64_t most);
// As IntegerFrom, or 0, which stands for a default.
std::function<std::string(const std::string&)> ZeroOrIntegerFrom(int64_t least, int64_t most);
std::function<std::string(const std::string&)> NumberFrom(double least, double most);
std::function<std::string(const std::string&)> OneOf(std::vector<std::string> values);

// Returns "expected WHAT, got VALUE", with VALUE truncated if it is long.
std::string Expected(const std::string& what, const std::string& value);

}  // namespace trine::cli
