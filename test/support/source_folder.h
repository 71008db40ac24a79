// The folders of the repository and the shared data sets.
#pragma once

#include <string>

namespace trine::test {

// Returns the root of the checkout in which the tests were configured, without a trailing slash.
std::string SourceFolder();

// Returns the folder of shared data sets: the environment variable TRINE_SHARED, else "../shared" relative to
// the checkout. Tests that need the folder are skipped if it does not exist.
std::string SharedFolder();

}  // namespace trine::test
