# Tests that are not one floor's unit tests.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_custom_target(tests DEPENDS ${TRINE_TEST_PROGRAMS})

add_test(NAME floors COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/check_includes.py ${CMAKE_SOURCE_DIR})
set_tests_properties(floors PROPERTIES LABELS "fast;unit")
