// PromptSource: the files of src/language/prompts, which the build puts into the program.
#pragma once

#include <string_view>

namespace trine::language {

// The text of a prompt file; empty if there is no file with this name. Thread-safe.
std::string_view PromptSource(std::string_view file_name);

}  // namespace trine::language
