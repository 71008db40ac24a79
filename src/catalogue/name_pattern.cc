#include "catalogue/name_pattern.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/utf8.h"
#include "format/text.h"

namespace trine::catalogue {
namespace {

constexpr size_t kMaxNameBytes = 255;
constexpr std::string_view kForbidden = "\\/*?\"<>| ,";

// Why a name is invalid: one word from which the APIs select their message, and the broken rule as text for
// our own message.
struct NameProblem {
  const char* word;
  const char* rule;
};

std::optional<NameProblem> ProblemOf(std::string_view name) {
  if (name.empty()) return NameProblem{"empty", "must not be empty"};
  if (name == "." || name == "..") return NameProblem{"dots", "must not be '.' or '..'"};
  if (name.size() > kMaxNameBytes) return NameProblem{"too_long", "must not have more than 255 bytes"};
  if (!IsValidUtf8(name)) return NameProblem{"not_utf8", "must be UTF-8"};
  if (name[0] == '_' || name[0] == '-' || name[0] == '+')
    return NameProblem{"first_character", "must not start with '_', '-' or '+'"};
  for (const char c : name) {
    if (kForbidden.find(c) != std::string_view::npos)
      return NameProblem{"forbidden_character", "must not contain a space or one of , \" * \\ < | > / ?"};
    if (c == '#') return NameProblem{"hash", "must not contain '#'"};
    if (c == ':') return NameProblem{"colon", "must not contain ':'"};
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return NameProblem{"control_character", "must not contain control characters"};
  }
  return std::nullopt;
}

Status InvalidName(const char* what, ErrorCode code, std::string_view name, const NameProblem& problem) {
  return Error(code, std::string("the name of ") + what + " " + problem.rule)
      .Where(std::string(name))
      .Detail("problem", problem.word)
      .Detail("bytes", std::to_string(name.size()))
      .Detail("limit", std::to_string(kMaxNameBytes));
}

}  // namespace

bool MatchesPattern(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Status CheckCollectionName(std::string_view name, bool hidden) {
  std::optional<NameProblem> problem = ProblemOf(name);
  if (!problem && std::ranges::any_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }))
    problem = NameProblem{"upper_case", "must be lowercase"};
  if (!problem && name.starts_with(kHiddenPrefix) != hidden) {
    problem = hidden ? NameProblem{"not_hidden", "must start with '.items-'"}
                     : NameProblem{"hidden", "must not start with '.items-'"};
  }
  return problem ? InvalidName("an index", ErrorCode::kCollectionName, name, *problem) : Ok();
}

Status CheckAliasName(std::string_view name) {
  const std::optional<NameProblem> problem = ProblemOf(name);
  return problem ? InvalidName("an alias", ErrorCode::kAliasName, name, *problem) : Ok();
}

}  // namespace trine::catalogue
