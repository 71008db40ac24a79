// The command line of the program.
#pragma once

namespace trine::cli {

// Parses the command line, runs one command and returns the exit status of the process: kDone (0), kFailed
// (1) or kUsage (2) of invocation.h. Data goes to standard output, messages about the run to standard error.
// Called once, before any other thread is started.
int Run(int argc, char** argv);

}  // namespace trine::cli
