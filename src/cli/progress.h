// Progress: one line on a terminal that shows how far a long command has come.
#pragma once

#include <cstdint>
#include <string>

namespace trine::cli {

// On a terminal it draws one line on standard error, after two seconds, and removes it at the end. Elsewhere
// it writes "WHAT ..." once, at the start. Not thread-safe.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `done` is a share from 0 to 1; 0 or less if it is unknown. `note` describes what has been done so far.
  void Show(double done, const std::string& note);

 private:
  const std::string what_;
  const int64_t start_nanos_;
  const bool terminal_;
  bool shown_ = false;
  int64_t last_nanos_ = 0;
};

}  // namespace trine::cli
