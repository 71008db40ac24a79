#include "catalogue/name_pattern.h"

#include <string>

#include "format/text.h"

namespace trine::catalogue {
namespace {

constexpr size_t kMaxNameBytes = 255;
constexpr std::string_view kForbidden = "\\/*?\"<>| ,";

// Why a name is not one; empty when it is.
std::string Trouble(std::string_view name) {
  if (name.empty()) return "must not be empty";
  if (name == "." || name == "..") return "must not be '.' or '..'";
  if (name.size() > kMaxNameBytes) {
    return "index name is too long, (" + std::to_string(name.size()) + " > " + std::to_string(kMaxNameBytes) +
           ")";
  }
  if (!format::IsUtf8(name)) return "must be UTF-8";
  if (name[0] == '_' || name[0] == '-' || name[0] == '+') return "must not start with '_', '-', or '+'";
  for (const char c : name) {
    if (kForbidden.find(c) != std::string_view::npos) {
      return "must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]";
    }
    if (c == '#') return "must not contain '#'";
    if (c == ':') return "must not contain ':'";
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "must not contain control characters";
  }
  return "";
}

Status Refuse(const char* what, ErrorCode code, std::string_view name, const std::string& why) {
  return Error(code, std::string("Invalid ") + what + " name [" + std::string(name) + "], " + why)
      .Where(std::string(name));
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
  std::string trouble = Trouble(name);
  if (trouble.empty()) {
    for (const char c : name) {
      if (c >= 'A' && c <= 'Z') trouble = "must be lowercase";
    }
  }
  if (trouble.empty() && name.starts_with(kHiddenPrefix) != hidden) {
    trouble = hidden ? "a hidden name starts with '.items-'" : "must not start with '.items-'";
  }
  if (trouble.empty()) return Ok();
  return Refuse("index", ErrorCode::kCollectionName, name, trouble);
}

Status CheckAliasName(std::string_view name) {
  const std::string trouble = Trouble(name);
  if (trouble.empty()) return Ok();
  return Refuse("alias", ErrorCode::kAliasName, name, trouble);
}

}  // namespace trine::catalogue
