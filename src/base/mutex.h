// Locks that clang checks: Mutex, SharedMutex, CondVar, their scoped locks, and the annotations that say
// which lock guards what. Under another compiler the annotations are empty. `./dev lint` runs the check
// (-Wthread-safety). The order of all locks of the program is in ARCHITECTURE.md.
//
//   class Queue {
//    public:
//     void Put(int value) {
//       const MutexLock lock(mutex_);
//       values_.push_back(value);
//       not_empty_.NotifyOne();
//     }
//     int Take() {
//       const MutexLock lock(mutex_);
//       while (values_.empty()) not_empty_.Wait(mutex_);
//       return TakeFirst();
//     }
//
//    private:
//     int TakeFirst() TRINE_REQUIRES(mutex_);  // the caller holds the lock
//
//     Mutex mutex_;
//     CondVar not_empty_;
//     std::deque<int> values_ TRINE_GUARDED_BY(mutex_);
//   };
//
// The analysis looks at one function at a time, lambdas included: a lambda that touches guarded members is
// annotated itself, `[this]() TRINE_REQUIRES(mutex_) { ... }`, or, simpler, is a loop. It does not look into
// constructors and destructors, which one thread runs alone.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>

#if defined(__clang__)
#define TRINE_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define TRINE_THREAD_ATTRIBUTE(x)
#endif

// Of a class: it is a lock ("mutex" is the word for it in messages), or it holds one while it lives.
#define TRINE_CAPABILITY(name) TRINE_THREAD_ATTRIBUTE(capability(name))
#define TRINE_SCOPED_CAPABILITY TRINE_THREAD_ATTRIBUTE(scoped_lockable)

// Of a member: reading needs the lock, shared or exclusive; writing needs it exclusive. The second form
// guards what a pointer points to.
#define TRINE_GUARDED_BY(mutex) TRINE_THREAD_ATTRIBUTE(guarded_by(mutex))
#define TRINE_PT_GUARDED_BY(mutex) TRINE_THREAD_ATTRIBUTE(pt_guarded_by(mutex))

// Of a lock: a thread that takes both takes this one first, or last. Checked for locks of one class.
#define TRINE_ACQUIRED_BEFORE(...) TRINE_THREAD_ATTRIBUTE(acquired_before(__VA_ARGS__))
#define TRINE_ACQUIRED_AFTER(...) TRINE_THREAD_ATTRIBUTE(acquired_after(__VA_ARGS__))

// Of a function: the caller holds the locks, or does not hold them.
#define TRINE_REQUIRES(...) TRINE_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define TRINE_REQUIRES_SHARED(...) TRINE_THREAD_ATTRIBUTE(requires_shared_capability(__VA_ARGS__))
#define TRINE_EXCLUDES(...) TRINE_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))

// Of a function: it takes or releases the locks. Without arguments: those of the class itself.
#define TRINE_ACQUIRE(...) TRINE_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define TRINE_ACQUIRE_SHARED(...) TRINE_THREAD_ATTRIBUTE(acquire_shared_capability(__VA_ARGS__))
#define TRINE_TRY_ACQUIRE(...) TRINE_THREAD_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define TRINE_TRY_ACQUIRE_SHARED(...) TRINE_THREAD_ATTRIBUTE(try_acquire_shared_capability(__VA_ARGS__))
#define TRINE_RELEASE(...) TRINE_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define TRINE_RELEASE_SHARED(...) TRINE_THREAD_ATTRIBUTE(release_shared_capability(__VA_ARGS__))
#define TRINE_RELEASE_GENERIC(...) TRINE_THREAD_ATTRIBUTE(release_generic_capability(__VA_ARGS__))

// Of a function: after the call the lock counts as held, shared or exclusive. For what the analysis cannot
// follow, for example a lock that is moved.
#define TRINE_ASSERT_CAPABILITY(mutex) TRINE_THREAD_ATTRIBUTE(assert_capability(mutex))
#define TRINE_ASSERT_SHARED_CAPABILITY(mutex) TRINE_THREAD_ATTRIBUTE(assert_shared_capability(mutex))

// Of a function: it returns the lock.
#define TRINE_RETURN_CAPABILITY(mutex) TRINE_THREAD_ATTRIBUTE(lock_returned(mutex))

// Of a function: its body is not analysed. Say why where it is used.
#define TRINE_NO_THREAD_SAFETY_ANALYSIS TRINE_THREAD_ATTRIBUTE(no_thread_safety_analysis)

namespace trine {

// A std::mutex. Not recursive. The names are those of the standard, so that std::condition_variable_any
// accepts it; code takes it through MutexLock.
class TRINE_CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  void lock() TRINE_ACQUIRE() { mutex_.lock(); }
  void unlock() TRINE_RELEASE() { mutex_.unlock(); }
  bool try_lock() TRINE_TRY_ACQUIRE(true) { return mutex_.try_lock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

// A std::shared_mutex: one writer or many readers. Not recursive, not even for readers. Code takes it through
// WriterLock and ReaderLock.
class TRINE_CAPABILITY("mutex") SharedMutex {
 public:
  SharedMutex() = default;
  SharedMutex(const SharedMutex&) = delete;
  SharedMutex& operator=(const SharedMutex&) = delete;
  void lock() TRINE_ACQUIRE() { mutex_.lock(); }
  void unlock() TRINE_RELEASE() { mutex_.unlock(); }
  bool try_lock() TRINE_TRY_ACQUIRE(true) { return mutex_.try_lock(); }
  void lock_shared() TRINE_ACQUIRE_SHARED() { mutex_.lock_shared(); }
  void unlock_shared() TRINE_RELEASE_SHARED() { mutex_.unlock_shared(); }
  bool try_lock_shared() TRINE_TRY_ACQUIRE_SHARED(true) { return mutex_.try_lock_shared(); }

 private:
  std::shared_mutex mutex_;
};

// Holds a Mutex from construction to destruction.
class TRINE_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) TRINE_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() TRINE_RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Holds a SharedMutex, or another lock of that form, exclusively.
template <typename M>
class TRINE_SCOPED_CAPABILITY WriterLock {
 public:
  explicit WriterLock(M& mutex) TRINE_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~WriterLock() TRINE_RELEASE() { mutex_.unlock(); }
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  M& mutex_;
};

// Holds a SharedMutex, or another lock of that form, shared with other readers.
template <typename M>
class TRINE_SCOPED_CAPABILITY ReaderLock {
 public:
  explicit ReaderLock(M& mutex) TRINE_ACQUIRE_SHARED(mutex) : mutex_(mutex) { mutex_.lock_shared(); }
  ~ReaderLock() TRINE_RELEASE_GENERIC() { mutex_.unlock_shared(); }
  ReaderLock(const ReaderLock&) = delete;
  ReaderLock& operator=(const ReaderLock&) = delete;

 private:
  M& mutex_;
};

// A std::condition_variable for a Mutex. The waits release the mutex, wait, and take it again before they
// return. They may return without a notification, so they stand in a loop that tests the condition. All waits
// at one time use the same mutex.
class CondVar {
 public:
  CondVar() = default;
  CondVar(const CondVar&) = delete;
  CondVar& operator=(const CondVar&) = delete;

  void Wait(Mutex& mutex) TRINE_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    changed_.wait(lock);
    lock.release();
  }
  // False when the time has passed.
  template <typename Clock, typename Duration>
  bool WaitUntil(Mutex& mutex, std::chrono::time_point<Clock, Duration> end) TRINE_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const bool in_time = changed_.wait_until(lock, end) == std::cv_status::no_timeout;
    lock.release();
    return in_time;
  }
  template <typename Rep, typename Period>
  bool WaitFor(Mutex& mutex, std::chrono::duration<Rep, Period> most) TRINE_REQUIRES(mutex) {
    return WaitUntil(mutex, std::chrono::steady_clock::now() + most);
  }
  void NotifyOne() { changed_.notify_one(); }
  void NotifyAll() { changed_.notify_all(); }

 private:
  std::condition_variable changed_;
};

}  // namespace trine
