// Result<T>: a value or an Error. User mistakes and failures of the environment are returned as errors; a
// broken internal invariant fails a check (check.h), which aborts the process.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/error_code.h"

namespace trine {

// A failure that a person can act on. `message` states the problem in one complete sentence without a full
// stop; `expected`, `got` and `where` may be empty. Callers and APIs distinguish cases by `code`.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string expected;
  std::string got;
  std::string where;
  // Named values from which an API builds the error text of the service that it implements.
  std::vector<std::pair<std::string, std::string>> details;
  std::shared_ptr<const Error> cause;  // the error that led to this one; nullptr: none

  Error(ErrorCode c, std::string m) : code(c), message(std::move(m)) {}
  Error&& Expected(std::string v) && { return expected = std::move(v), std::move(*this); }
  Error&& Got(std::string v) && { return got = std::move(v), std::move(*this); }
  Error&& Where(std::string v) && { return where = std::move(v), std::move(*this); }

  Error&& Detail(std::string_view name, std::string v) && {
    return details.emplace_back(name, std::move(v)), std::move(*this);
  }
  Error&& Cause(Error e) && { return cause = std::make_shared<const Error>(std::move(e)), std::move(*this); }

  ErrorKind kind() const { return KindOf(code); }
  // Returns the detail called `name`, or an empty string.
  std::string_view DetailOf(std::string_view name) const;
  // Returns "message (expected E, got G, at W)" without the parts that are empty. Never includes the details
  // or the cause.
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

// TRINE_ASSIGN(auto x, expr): sets x to the value of `expr`, or returns its error like TRINE_TRY.
#define TRINE_CONCAT2(a, b) a##b
#define TRINE_CONCAT(a, b) TRINE_CONCAT2(a, b)
#define TRINE_ASSIGN(decl, expr) TRINE_ASSIGN_IMPL(TRINE_CONCAT(trine_res_, __LINE__), decl, expr)
#define TRINE_ASSIGN_IMPL(tmp, decl, expr)      \
  auto tmp = (expr);                            \
  if (!tmp.ok()) return std::move(tmp).error(); \
  decl = std::move(tmp).value()

}  // namespace trine
