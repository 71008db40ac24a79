// What verbs print of answers.
#pragma once

#include <string>

#include "format/json.h"

namespace trine::cli {

// A value as text that no byte of steers the terminal: catalogues and models are others' words. Empty for
// nullptr and null.
std::string PrintableText(const format::Json* value, bool keep_newlines = false);
// What a person would call an item: its title in any of the usual fields; empty: it has none.
std::string TitleOf(const format::Json* source);
void PrintDocument(const format::Json& value);

}  // namespace trine::cli
