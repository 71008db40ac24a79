# Measuring programs, built on demand: `ninja bench_<name>`.
add_executable(bench_korquad EXCLUDE_FROM_ALL bench/quality/korquad.cc)
target_link_libraries(bench_korquad PRIVATE trine_analysis trine_format)
