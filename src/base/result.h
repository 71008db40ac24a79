// Result<T>: a value or an Error. The caller's mistakes and the world's failures travel as values;
// a broken invariant of our own is a CHECK (check.h) and ends the process.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.h"

namespace trine {

// What sort of failure this is. Wire formats map a kind to a status; they never parse messages.
// Numbered because jobs and event logs keep them; never reuse a number.
enum class ErrorKind : int {
  kInvalid = 1,          // the request is wrong: type, range, grammar, unknown name of an option
  kNotFound = 2,         // a named thing is not there
  kExists = 3,           // a name is already taken
  kConflict = 4,         // optimistic concurrency lost
  kInUse = 5,            // right now the state of the thing forbids this
  kLimit = 6,            // a bound was reached (size, count, nesting, clauses)
  kBusy = 7,             // a queue is full; try again
  kUnauthenticated = 8,  // no or wrong credentials
  kForbidden = 9,        // credentials do not allow it
  kTimeout = 10,         // the deadline passed or the work was stopped
  kUnavailable = 11,     // an outside service or a part of ours is not there
  kCorrupt = 12,         // stored bytes are not what was written
  kIo = 13,              // the operating system refused (no space, permission)
  kUnsupported = 14,     // known, and not built yet
  kInternal = 15,        // our mistake, caught
};

// The stable lower-case word of a kind ("invalid", "not_found" ...), for logs and the native API.
std::string_view Name(ErrorKind kind);

// A failure a person can act on. `message` says it whole in one sentence without a final stop;
// `expected`, `got`, `where` may be empty. `code` is a domain slug ("version_conflict",
// "field_parse") for callers that must tell cases of one kind apart; it is never a wire name.
struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;
  std::string code;
  std::string expected;
  std::string got;
  std::string where;

  Error(ErrorKind k, std::string m) : kind(k), message(std::move(m)) {}
  Error&& Code(std::string v) && { return code = std::move(v), std::move(*this); }
  Error&& Expected(std::string v) && { return expected = std::move(v), std::move(*this); }
  Error&& Got(std::string v) && { return got = std::move(v), std::move(*this); }
  Error&& Where(std::string v) && { return where = std::move(v), std::move(*this); }

  // "message (expected E, got G, at W)", with the empty parts left out.
  std::string ToString() const;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  using Value = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & { return Checked(), *std::get_if<0>(&state_); }
  const T& value() const& { return Checked(), *std::get_if<0>(&state_); }
  T&& value() && { return Checked(), std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const& { return TRINE_CHECK(!ok()), *std::get_if<1>(&state_); }
  Error&& error() && { return TRINE_CHECK(!ok()), std::move(*std::get_if<1>(&state_)); }

 private:
  void Checked() const {
    if (!ok()) FailCheck(__FILE__, __LINE__, std::get_if<1>(&state_)->ToString());
  }
  std::variant<T, Error> state_;
};

// A Result with nothing to return: Ok() or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit
  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  void value() const {
    if (error_) FailCheck(__FILE__, __LINE__, error_->ToString());
  }
  const Error& error() const& { return TRINE_CHECK(!ok()), *error_; }
  Error&& error() && { return TRINE_CHECK(!ok()), std::move(*error_); }

 private:
  std::optional<Error> error_;
};
using Status = Result<void>;
inline Status Ok() { return {}; }

// TRINE_TRY(expr): returns the error of `expr` (a Status or Result) from the enclosing function.
#define TRINE_TRY(expr)                                         \
  do {                                                          \
    auto trine_try_ = (expr);                                   \
    if (!trine_try_.ok()) return std::move(trine_try_).error(); \
  } while (false)

// TRINE_ASSIGN(auto x, expr): x is the value of `expr`, or its error is returned.
#define TRINE_CONCAT2(a, b) a##b
#define TRINE_CONCAT(a, b) TRINE_CONCAT2(a, b)
#define TRINE_ASSIGN(decl, expr) TRINE_ASSIGN_IMPL(TRINE_CONCAT(trine_res_, __LINE__), decl, expr)
#define TRINE_ASSIGN_IMPL(tmp, decl, expr)      \
  auto tmp = (expr);                            \
  if (!tmp.ok()) return std::move(tmp).error(); \
  decl = std::move(tmp).value()

}  // namespace trine
