#include "test/support/source_folder.h"

#include <cstdlib>

namespace trine::test {

std::string SourceFolder() { return TRINE_SOURCE_FOLDER; }

std::string SharedFolder() {
  const char* given = std::getenv("TRINE_SHARED");
  return given != nullptr ? given : SourceFolder() + "/../shared";
}

}  // namespace trine::test
