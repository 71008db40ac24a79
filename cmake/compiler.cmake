# Compiler flags. Floating point is never contracted: kernels must equal their naive twins, and scores must equal
# Lucene's to the last bit.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)

find_program(CCACHE ccache)
if(CCACHE)
  # Paths below the checkout are hashed as relative paths, so that a second clone or worktree finds what the
  # first one compiled. For the same reason no flag may contain an absolute path of the checkout, except the
  # prefix map, which ccache leaves out of the hash.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE})
endif()
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  -ffp-contract=off -fno-math-errno -march=x86-64-v2 -fno-omit-frame-pointer)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

# Hardening of the release build: checked libc calls, stack protector, position-independent executable, and a
# relocation table that is read-only before main runs.
add_compile_options(
  $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2> $<$<CONFIG:Release>:-fstack-protector-strong>
  $<$<CONFIG:Release>:-fstack-clash-protection>)
add_link_options($<$<CONFIG:Release>:LINKER:-z,relro,-z,now> $<$<CONFIG:Release>:LINKER:-z,noexecstack>)
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)

# Off by default, because it does not pay: in interleaved runs (bench/compare.py, match) no timing of the program built
# with it was better by more than the noise, and at 8 connections it answered 2 to 3 % fewer queries.
option(TRINE_LTO "link-time optimisation of the program" OFF)
if(TRINE_LTO)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()

# Debug checks (base/check.h): every build but Release. Debug, asan, tsan and fuzz are all Debug builds.
add_compile_definitions($<$<CONFIG:Debug>:TRINE_ENABLE_DCHECKS>)

# With sanitizers, the optimiser of g++ 12 reports variables of std::variant and std::optional as uninitialised
# that are not (GCC bug 107852).
if(TRINE_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-maybe-uninitialized)
endif()
set(TRINE_SANITIZE "" CACHE STRING "address (with undefined), thread, or empty")
if(TRINE_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -O1 -g1)
  add_link_options(-fsanitize=address,undefined)
elseif(TRINE_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -O1 -g1)
  add_link_options(-fsanitize=thread)
endif()
option(TRINE_FUZZ "build the fuzzers (clang, libFuzzer)" OFF)
if(TRINE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address -g1)
  add_link_options(-fsanitize=address)
endif()

option(TRINE_COVERAGE "count executed lines (gcov); `./dev coverage` prints the figure per floor" OFF)
if(TRINE_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
