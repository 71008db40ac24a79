// How commands print a server's answers.
#pragma once

#include <string>
#include <vector>

#include "cli/connection.h"
#include "format/json.h"

namespace trine::cli {

// Returns the text of a string, or any other value as JSON; empty for nullptr and null. Control characters
// are removed or replaced, because answers contain text from catalogues and models, which must not control
// the terminal.
std::string PrintableText(const format::Json* value, bool keep_newlines = false);

// The fields of an index with the role "title", best first. Empty if the credentials do not allow the request
// or no field has the role.
std::vector<std::string> TitleFields(Connection& connection, const std::string& index);

// The display name of an item: the first text among these fields of its source, or empty if there is none.
std::string TitleOf(const format::Json* source, const std::vector<std::string>& fields);

// Prints indented JSON to standard output.
void PrintDocument(const format::Json& value);

}  // namespace trine::cli
