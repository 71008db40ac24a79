// What the thread sanitizer must be told: the distribution's RocksDB is not instrumented, so it does
// not see that a group commit's leader and followers synchronize.
#if defined(__SANITIZE_THREAD__)
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() { return "race:librocksdb\n"; }
#endif
