// Locks for clang's thread safety analysis: Mutex, SharedMutex, CondVar, their scoped locks, and the
// annotations that declare which lock guards which data. The annotations are empty for other compilers.
// `./dev lint` runs the analysis (-Wthread-safety). ARCHITECTURE.md documents the program's lock order.
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
// The analysis looks at one function at a time, and a lambda is a function of its own: annotate a lambda that
// uses guarded members, `[this]() TRINE_REQUIRES(mutex_) { ... }`, or write a loop instead. Constructors and
// destructors are not analysed, because no other thread uses the object while they run.
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

// On a class: TRINE_CAPABILITY declares that it is a lock, which the compiler's messages call `name`;
// TRINE_SCOPED_CAPABILITY declares that it holds a lock for its lifetime.
#define TRINE_CAPABILITY(name) TRINE_THREAD_ATTRIBUTE(capability(name))
#define TRINE_SCOPED_CAPABILITY TRINE_THREAD_ATTRIBUTE(scoped_lockable)

// On a member: reading it requires the lock, shared or exclusive; writing it requires the lock exclusively.
// TRINE_PT_GUARDED_BY guards the object that a pointer points to.
#define TRINE_GUARDED_BY(mutex) TRINE_THREAD_ATTRIBUTE(guarded_by(mutex))
#define TRINE_PT_GUARDED_BY(mutex) TRINE_THREAD_ATTRIBUTE(pt_guarded_by(mutex))

// On a lock: every thread takes this lock before (BEFORE) or after (AFTER) the given locks.
// Only checked between locks that are members of the same class.
#define TRINE_ACQUIRED_BEFORE(...) TRINE_THREAD_ATTRIBUTE(acquired_before(__VA_ARGS__))
#define TRINE_ACQUIRED_AFTER(...) TRINE_THREAD_ATTRIBUTE(acquired_after(__VA_ARGS__))

// On a function: the caller must hold the locks (REQUIRES) or must not hold them (EXCLUDES).
#define TRINE_REQUIRES(...) TRINE_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define TRINE_REQUIRES_SHARED(...) TRINE_THREAD_ATTRIBUTE(requires_shared_capability(__VA_ARGS__))
#define TRINE_EXCLUDES(...) TRINE_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))

// On a function: it acquires or releases the given locks or, without arguments, `this`.
#define TRINE_ACQUIRE(...) TRINE_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define TRINE_ACQUIRE_SHARED(...) TRINE_THREAD_ATTRIBUTE(acquire_shared_capability(__VA_ARGS__))
#define TRINE_TRY_ACQUIRE(...) TRINE_THREAD_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define TRINE_TRY_ACQUIRE_SHARED(...) TRINE_THREAD_ATTRIBUTE(try_acquire_shared_capability(__VA_ARGS__))
#define TRINE_RELEASE(...) TRINE_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define TRINE_RELEASE_SHARED(...) TRINE_THREAD_ATTRIBUTE(release_shared_capability(__VA_ARGS__))
#define TRINE_RELEASE_GENERIC(...) TRINE_THREAD_ATTRIBUTE(release_generic_capability(__VA_ARGS__))

// On a function: the analysis assumes that the lock is held after the call. For cases that it cannot follow,
// for example a lock that is moved.
#define TRINE_ASSERT_CAPABILITY(mutex) TRINE_THREAD_ATTRIBUTE(assert_capability(mutex))
#define TRINE_ASSERT_SHARED_CAPABILITY(mutex) TRINE_THREAD_ATTRIBUTE(assert_shared_capability(mutex))

// On a function: it returns a reference to the lock.
#define TRINE_RETURN_CAPABILITY(mutex) TRINE_THREAD_ATTRIBUTE(lock_returned(mutex))

// On a function: its body is not analysed. Each use needs a comment with the reason.
#define TRINE_NO_THREAD_SAFETY_ANALYSIS TRINE_THREAD_ATTRIBUTE(no_thread_safety_analysis)

namespace trine {

// A std::mutex. Not recursive. Lock it with MutexLock; the methods have the standard names only so that
// std::condition_variable_any accepts it.
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

// A std::shared_mutex: one writer or many readers. Not recursive, not even for readers. Lock it with
// WriterLock or ReaderLock.
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

// Holds a SharedMutex, or a lock with the same methods, exclusively.
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

// Holds a SharedMutex, or a lock with the same methods, shared with other readers.
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

// A std::condition_variable for a Mutex. A wait function releases the mutex while it waits and locks it
// again before it returns. A wait may end without a notification, so wait in a loop that tests the condition.
// Concurrent waits must use the same mutex.
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
  // Returns false if `end` was reached.
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
