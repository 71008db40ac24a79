// CompilePattern: the regular expressions of analysis settings.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace trine::analysis {

// Compiles the value of the option "pattern" (RE2 syntax). kInvalid when it is not a regular expression, and
// when it contains \C: that matches a single byte, so a match could end inside a character.
Result<std::unique_ptr<RE2>> CompilePattern(const std::string& pattern, bool ignore_case);

}  // namespace trine::analysis
