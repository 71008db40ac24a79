// How commands print answers of a server.
#pragma once

#include <string>

#include "format/json.h"

namespace trine::cli {

// A text as it is, and any other value as JSON, without control characters: answers hold the words of
// catalogues and models, which must not steer the terminal. Empty for nullptr and null.
std::string PrintableText(const format::Json* value, bool keep_newlines = false);

// The name of an item for people: the first text among the usual title fields of its source; empty without
// one.
std::string TitleOf(const format::Json* source);

// Prints indented JSON to standard output.
void PrintDocument(const format::Json& value);

}  // namespace trine::cli
