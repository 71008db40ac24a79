#include "base/result.h"

#include <cstdio>
#include <cstdlib>

namespace trine {

void FailCheck(const char* file, int line, std::string_view what) {
  std::fprintf(stderr, "trine: check failed: %s:%d: %.*s\n", file, line, static_cast<int>(what.size()),
               what.data());
  std::abort();
}

std::string_view Name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid:
      return "invalid";
    case ErrorKind::kNotFound:
      return "not_found";
    case ErrorKind::kExists:
      return "exists";
    case ErrorKind::kConflict:
      return "conflict";
    case ErrorKind::kInUse:
      return "in_use";
    case ErrorKind::kLimit:
      return "limit";
    case ErrorKind::kBusy:
      return "busy";
    case ErrorKind::kUnauthenticated:
      return "unauthenticated";
    case ErrorKind::kForbidden:
      return "forbidden";
    case ErrorKind::kTimeout:
      return "timeout";
    case ErrorKind::kUnavailable:
      return "unavailable";
    case ErrorKind::kCorrupt:
      return "corrupt";
    case ErrorKind::kIo:
      return "io";
    case ErrorKind::kUnsupported:
      return "unsupported";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "internal";
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
