// Suppressions for the thread sanitizer. The distribution's RocksDB is not instrumented, so the sanitizer
// does not see how the leader and the followers of a group commit synchronise.
#if defined(__SANITIZE_THREAD__)
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() { return "race:librocksdb\n"; }
#endif
