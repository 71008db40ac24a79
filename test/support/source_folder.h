// The folders of the repository and of the data sets beside it.
#pragma once

#include <string>

namespace trine::test {

// The root of the checkout that the tests were configured in, without a final slash.
std::string SourceFolder();

// The folder of shared data sets: the environment variable TRINE_SHARED, else "../shared" beside the
// checkout. It may not exist; then tests that need it skip themselves.
std::string SharedFolder();

}  // namespace trine::test
