// The command line of the program.
#pragma once

namespace trine::cli {

// Parses, runs one command, returns the exit status: 0 done, 1 the work failed, 2 wrong usage.
int Run(int argc, char** argv);

}  // namespace trine::cli
