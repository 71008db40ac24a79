// TRINE_CHECK: an invariant of ours, always on. A failure prints where and what, and aborts.
#pragma once

#include <string_view>

namespace trine {

[[noreturn]] void FailCheck(const char* file, int line, std::string_view what);

#define TRINE_CHECK(cond) static_cast<void>((cond) ? 0 : (::trine::FailCheck(__FILE__, __LINE__, #cond), 0))

}  // namespace trine
