// Checks for internal invariants and preconditions. A failed check prints the file, the line, the condition
// and, for comparisons, both values; then it aborts. A user's mistake never fails a check: it is returned as
// an Error (result.h).
//
//   TRINE_CHECK(cond)            always on; for cheap conditions and for data that goes to disk
//   TRINE_CHECK_EQ(a, b) ...     the same with both values printed; EQ NE LT LE GT GE
//   TRINE_DCHECK(cond) ...       the same forms, only in debug, sanitizer and fuzz builds
//                                (TRINE_ENABLE_DCHECKS); for inner loops. In release builds the arguments
//                                are compiled but not evaluated.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace trine {

// Prints "trine: check failed: FILE:LINE: WHAT" to stderr and aborts.
[[noreturn]] void FailCheck(const char* file, int line, std::string_view what);

namespace internal {

// Formats a value for the message of a failed check. Types that cannot be printed become "(value)".
template <typename T>
std::string CheckedValue(const T& value) {
  if constexpr (std::same_as<T, std::nullptr_t>) {
    return "nullptr";
  } else if constexpr (std::same_as<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_arithmetic_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    return "\"" + std::string(std::string_view(value)) + "\"";
  } else if constexpr (requires { std::to_string(value.value); }) {  // strong ids and units
    return std::to_string(value.value);
  } else if constexpr (requires { value == nullptr; }) {
    return value == nullptr ? "nullptr" : "(pointer)";
  } else {
    return "(value)";
  }
}

// Out of line, so that a passing check costs only one compare and one branch.
template <typename A, typename B>
[[noreturn, gnu::noinline, gnu::cold]] void FailComparison(const char* file, int line, const char* what,
                                                           const A& a, const B& b) {
  FailCheck(file, line, std::string(what) + " (" + CheckedValue(a) + " against " + CheckedValue(b) + ")");
}

}  // namespace internal

#define TRINE_CHECK(cond) static_cast<void>((cond) ? 0 : (::trine::FailCheck(__FILE__, __LINE__, #cond), 0))

#define TRINE_CHECK_COMPARE(a, op, b)                                                         \
  do {                                                                                        \
    const auto& trine_check_a = (a);                                                          \
    const auto& trine_check_b = (b);                                                          \
    if (!(trine_check_a op trine_check_b)) [[unlikely]]                                       \
      ::trine::internal::FailComparison(__FILE__, __LINE__, #a " " #op " " #b, trine_check_a, \
                                        trine_check_b);                                       \
  } while (false)

#define TRINE_CHECK_EQ(a, b) TRINE_CHECK_COMPARE(a, ==, b)
#define TRINE_CHECK_NE(a, b) TRINE_CHECK_COMPARE(a, !=, b)
#define TRINE_CHECK_LT(a, b) TRINE_CHECK_COMPARE(a, <, b)
#define TRINE_CHECK_LE(a, b) TRINE_CHECK_COMPARE(a, <=, b)
#define TRINE_CHECK_GT(a, b) TRINE_CHECK_COMPARE(a, >, b)
#define TRINE_CHECK_GE(a, b) TRINE_CHECK_COMPARE(a, >=, b)

#ifdef TRINE_ENABLE_DCHECKS
#define TRINE_DCHECK(cond) TRINE_CHECK(cond)
#define TRINE_DCHECK_COMPARE(a, op, b) TRINE_CHECK_COMPARE(a, op, b)
#else
#define TRINE_DCHECK(cond)        \
  do {                            \
    if (false) TRINE_CHECK(cond); \
  } while (false)
#define TRINE_DCHECK_COMPARE(a, op, b)        \
  do {                                        \
    if (false) TRINE_CHECK_COMPARE(a, op, b); \
  } while (false)
#endif

#define TRINE_DCHECK_EQ(a, b) TRINE_DCHECK_COMPARE(a, ==, b)
#define TRINE_DCHECK_NE(a, b) TRINE_DCHECK_COMPARE(a, !=, b)
#define TRINE_DCHECK_LT(a, b) TRINE_DCHECK_COMPARE(a, <, b)
#define TRINE_DCHECK_LE(a, b) TRINE_DCHECK_COMPARE(a, <=, b)
#define TRINE_DCHECK_GT(a, b) TRINE_DCHECK_COMPARE(a, >, b)
#define TRINE_DCHECK_GE(a, b) TRINE_DCHECK_COMPARE(a, >=, b)

}  // namespace trine
