# Puts the prompt files of src/language/prompts into the program: a source file with one raw string for each, which is
# written again when a file changes.
function(trine_embed_prompts target)
  file(GLOB prompts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/language/prompts/*.txt)
  set(rows "")
  foreach(prompt IN LISTS prompts)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${prompt})
    get_filename_component(name ${prompt} NAME)
    file(READ ${prompt} text)
    string(APPEND rows "  if (file_name == \"${name}\") return R\"prompt(${text})prompt\";\n")
  endforeach()
  set(generated ${CMAKE_BINARY_DIR}/generated/prompt_sources.cc)
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT [[
#include "language/prompt_sources.h"

namespace trine::language {

std::string_view PromptSource(std::string_view file_name) {
@rows@  return {};
}

}  // namespace trine::language
]])
  target_sources(${target} PRIVATE ${generated})
endfunction()
