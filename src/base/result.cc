#include "base/result.h"

#include <cstdio>
#include <cstdlib>

namespace trine {

void FailCheck(const char* file, int line, std::string_view what) {
  std::fprintf(stderr, "trine: check failed: %s:%d: %.*s\n", file, line, static_cast<int>(what.size()),
               what.data());
  std::abort();
}

std::string_view Error::DetailOf(std::string_view name) const {
  for (const auto& [key, value] : details) {
    if (key == name) return value;
  }
  return {};
}

std::string Error::ToString() const {
  std::string text = message;
  std::string notes;
  auto note = [&notes](std::string_view label, const std::string& value) {
    if (value.empty()) return;
    notes += notes.empty() ? " (" : ", ";
    notes += label;
    notes += value;
  };
  note("expected ", expected);
  note("got ", got);
  note("at ", where);
  if (!notes.empty()) text += notes + ")";
  return text;
}

}  // namespace trine
