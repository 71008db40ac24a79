// Suppressions for the sanitizers. The distribution's RocksDB is not instrumented, so the thread sanitizer
// does not see how the leader and the followers of a group commit synchronise. When the sync of a new log
// file fails, RocksDB 7.8 does not free the memtable that was to replace the full one.
#if defined(__SANITIZE_THREAD__)
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() { return "race:librocksdb\n"; }
#endif
#if defined(__SANITIZE_ADDRESS__)
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:rocksdb::DBImpl::SwitchMemtable\n"; }
#endif
