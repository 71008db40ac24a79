// RunTrainingChild: starts the training process and monitors it.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "format/text.h"
#include "recommend/train/spec_codec.h"
#include "recommend/train/train.h"
#include "storage/directory.h"

extern char** environ;

namespace trine::recommend {
namespace {

constexpr int kPriority = 10;        // nice value: serving goes first
constexpr int kPollMillis = 100;     // how soon a stop request is seen
constexpr size_t kMaxLine = 4096;    // bytes of a progress line
constexpr size_t kErrorTail = 4096;  // bytes of standard error that are kept

Error System(const char* what) {
  return Error(ErrorCode::kIo, std::string(what) + ": " + std::strerror(errno));
}

// A pipe. The destructor closes its ends, and other children do not inherit them.
struct Pipe {
  int read = -1, write = -1;
  ~Pipe() {
    if (read >= 0) ::close(read);
    if (write >= 0) ::close(write);
  }
  Status Open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return System("cannot create a pipe");
    read = ends[0];
    write = ends[1];
    return Ok();
  }
  void CloseWrite() {
    ::close(write);
    write = -1;
  }
};

// The child process. The destructor kills and reaps a child that is still running.
class Child {
 public:
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    Wait();
  }
  Status Start(const std::string& program, const std::vector<std::string>& arguments) {
    TRINE_TRY(out_.Open());
    TRINE_TRY(err_.Open());
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out_.write, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err_.write, STDERR_FILENO);
    // All descriptors are close-on-exec; this covers a socket that another thread has just accepted and has
    // not marked yet. A child with a listening socket would keep its port after a crash of the server.
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    // The child must inherit neither the signal mask of a server's thread nor that SIGPIPE is ignored.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> argv;
    argv.push_back(const_cast<char*>(program.c_str()));
    for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
    argv.push_back(nullptr);
    const int failed = ::posix_spawn(&pid_, program.c_str(), &actions, &attributes, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failed != 0) {
      pid_ = -1;
      errno = failed;
      return System("cannot start the training process");
    }
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(pid_), kPriority);
    out_.CloseWrite();
    err_.CloseWrite();
    return Ok();
  }
  void Kill() {
    TRINE_CHECK_GT(pid_, 0);  // kill(-1) would reach every process
    ::kill(pid_, SIGKILL);
  }
  int Wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }
  int out() const { return out_.read; }
  int err() const { return err_.read; }

 private:
  Pipe out_, err_;
  pid_t pid_ = -1;
};

// Reports a line such as "progress 0.25 fitting"; ignores any other line.
void ReportLine(std::string_view line, const TrainingProgress& progress) {
  constexpr std::string_view kWord = "progress ";
  if (!line.starts_with(kWord) || !progress) return;
  line.remove_prefix(kWord.size());
  const size_t space = line.find(' ');
  const auto share = format::ParseDouble(line.substr(0, space));
  if (!share || !(*share >= 0 && *share <= 1)) return;
  progress(*share,
           std::string(space == std::string_view::npos ? std::string_view() : line.substr(space + 1)));
}

// Appends the available bytes. Returns false at the end of the stream.
bool ReadSome(int fd, std::string* out) {
  std::array<char, 4096> bytes;
  const ssize_t n = ::read(fd, bytes.data(), bytes.size());
  if (n > 0) out->append(bytes.data(), static_cast<size_t>(n));
  return n > 0 || (n < 0 && errno == EINTR);
}

// Reads both streams to their ends. Returns true if a stop was requested.
bool Follow(Child& child, const TrainingProgress& progress, const std::stop_token& stop,
            std::string* errors) {
  std::string out;
  bool out_open = true, err_open = true, stopped = false;
  while (out_open || err_open) {
    if (stop.stop_requested() && !stopped) {
      stopped = true;
      child.Kill();
    }
    pollfd fds[2] = {{out_open ? child.out() : -1, POLLIN, 0}, {err_open ? child.err() : -1, POLLIN, 0}};
    if (::poll(fds, 2, kPollMillis) <= 0) continue;
    if (fds[0].revents != 0) out_open = ReadSome(child.out(), &out);
    if (fds[1].revents != 0) err_open = ReadSome(child.err(), errors);
    std::string_view lines = out;
    for (size_t end = lines.find('\n'); end != std::string_view::npos; end = lines.find('\n')) {
      ReportLine(lines.substr(0, end), progress);
      lines.remove_prefix(end + 1);
    }
    out = lines.size() > kMaxLine ? std::string() : std::string(lines);
    if (errors->size() > 2 * kErrorTail) errors->erase(0, errors->size() - kErrorTail);
  }
  return stopped;
}

}  // namespace

Status EndWithParent(int parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return System("cannot watch the parent process");
  // The parent may have ended before the call above; the process then has another parent.
  if (::getppid() == parent) return Ok();
  return Error(ErrorCode::kStopped, "the server that started the training has ended");
}

Result<TrainingMetrics> RunTrainingChild(const std::string& program,
                                         const std::vector<std::string>& arguments, const std::string& folder,
                                         const TrainingProgress& progress, const std::stop_token& stop) {
  Child child;
  std::vector<std::string> with_parent = arguments;
  with_parent.push_back(std::to_string(::getpid()));
  TRINE_TRY(child.Start(program, with_parent));
  std::string errors;
  const bool stopped = Follow(child, progress, stop, &errors);
  const int status = child.Wait();
  if (stopped) return Error(ErrorCode::kStopped, "training was stopped");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    if (errors.size() > kErrorTail) errors.erase(0, errors.size() - kErrorTail);
    while (!errors.empty() && errors.back() == '\n') errors.pop_back();
    // Every command prints this prefix before an error. The text after it is the reason for the failure.
    constexpr std::string_view kSays = "trine: error: ";
    const size_t last = errors.rfind('\n') == std::string::npos ? 0 : errors.rfind('\n') + 1;
    if (WIFEXITED(status) && std::string_view(errors).substr(last).starts_with(kSays))
      return Error(ErrorCode::kUnavailable, errors.substr(last + kSays.size()));
    const std::string how = WIFSIGNALED(status)
                                ? "was terminated by signal " + std::to_string(WTERMSIG(status))
                                : "failed with status " + std::to_string(WEXITSTATUS(status));
    return Error(ErrorCode::kUnavailable,
                 "the training process " + how + (errors.empty() ? "" : ": " + errors));
  }
  TRINE_ASSIGN(const auto dir, storage::OpenDirectory(folder));
  TRINE_ASSIGN(const auto bytes, dir->Open(kMetricsFile));
  return ReadMetrics(bytes->bytes());
}

}  // namespace trine::recommend
