# Tests that are not one floor's unit tests, and the fuzzers.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_custom_target(tests DEPENDS ${TRINE_TEST_PROGRAMS})

add_test(NAME floors COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/check_includes.py ${CMAKE_SOURCE_DIR})
add_test(NAME wire_words COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/check_wire_words.py ${CMAKE_SOURCE_DIR})
add_test(NAME prose COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/check_prose.py ${CMAKE_SOURCE_DIR})
set_tests_properties(floors wire_words prose PROPERTIES LABELS "fast;unit")

# Python tests: one test per folder, run by the environment that ./dev makes. TRINE_BINARY names the program.
# Tests that need ../shared are skipped, with the reason, where it is missing.
set(TRINE_VENV_PYTHON ${CMAKE_SOURCE_DIR}/build/venv/bin/python)
function(trine_python_test name folder timeout)
  if(EXISTS ${CMAKE_SOURCE_DIR}/${folder})
    add_test(NAME ${name} COMMAND ${TRINE_VENV_PYTHON} -m pytest -q -rs -p no:cacheprovider ${CMAKE_SOURCE_DIR}/${folder})
    set_tests_properties(${name} PROPERTIES LABELS "${ARGN}" TIMEOUT ${timeout}
      ENVIRONMENT "TRINE_BINARY=$<TARGET_FILE:trine>;PYTHONDONTWRITEBYTECODE=1")
  endif()
endfunction()
if(TARGET trine)
  trine_python_test(docs test/docs 120 fast)
  trine_python_test(examples test/examples 600 fast)
  trine_python_test(api test/api 900 fast)
  trine_python_test(clients test/clients 1200 slow)
  trine_python_test(crash test/crash 1800 slow)
  trine_python_test(conformance test/conformance 1200 slow)
  trine_python_test(upgrade test/upgrade 300 fast)
endif()

# A fuzzer is test/fuzz/fuzz_<name>.cc with LLVMFuzzerTestOneInput. In ordinary builds each becomes a
# test that runs its corpus once; with TRINE_FUZZ (clang) a libFuzzer program.
file(GLOB TRINE_FUZZERS CONFIGURE_DEPENDS test/fuzz/fuzz_*.cc)
add_custom_target(fuzzers)
foreach(source IN LISTS TRINE_FUZZERS)
  get_filename_component(fuzzer ${source} NAME_WE)
  string(REGEX REPLACE "^fuzz_" "" corpus ${fuzzer})
  add_executable(${fuzzer} EXCLUDE_FROM_ALL ${source})
  target_include_directories(${fuzzer} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${fuzzer} PRIVATE trine_test_support trine_cli trine_server)
  if(TRINE_FUZZ)
    target_link_options(${fuzzer} PRIVATE -fsanitize=fuzzer,address)
  else()
    target_sources(${fuzzer} PRIVATE test/support/run_corpus.cc)
    add_dependencies(tests ${fuzzer})
    add_test(NAME fuzz_corpus_${corpus} COMMAND ${fuzzer} ${CMAKE_SOURCE_DIR}/test/fuzz/corpus/${corpus})
    set_tests_properties(fuzz_corpus_${corpus} PROPERTIES LABELS "fast;fuzz" TIMEOUT 300)
  endif()
  add_dependencies(fuzzers ${fuzzer})
endforeach()
