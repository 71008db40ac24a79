// Messages for wrong command lines, in the program's own words instead of the parser library's.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace trine::cli {

// Describes the mistake in a command line, such as "unknown option '--prot' for doctor" or "missing option
// --index for ask". `error` is what app.parse() threw.
std::string UsageMessage(const CLI::App& app, const CLI::ParseError& error);

// The help to point to: "trine doctor --help" for the command that was being parsed, else "trine --help".
std::string HelpCommand(const CLI::App& app);

// Checks for CLI::Option::check(). Each returns a function that gives an empty text for a valid value, else
// "expected WHAT, got VALUE".
std::function<std::string(const std::string&)> IntegerFrom(int64_t least, int64_t most);
std::function<std::string(const std::string&)> NumberFrom(double least, double most);
std::function<std::string(const std::string&)> OneOf(std::vector<std::string> values);

// "expected WHAT, got VALUE"; a long value is cut.
std::string Expected(const std::string& what, const std::string& value);

}  // namespace trine::cli
