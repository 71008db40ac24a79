// Products that a prompt lists as JSON, or as programs of Python print them.
//
// All functions are thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/json.h"
#include "language/prompt_item.h"

namespace trine::language {

// The JSON for a literal of Python as print() and f-strings write it: strings in single quotes, True, False,
// None, tuples, Decimal('1'). nullopt for any other text; the result may still not be JSON.
std::optional<std::string> JsonOfPython(std::string_view text);
// Parses JSON or a literal of Python; nullopt if the text is neither.
std::optional<format::Json> ParsePrinted(std::string_view text);

// Adds the products of a value: objects with a title or an id, also inside other objects and arrays, and the
// texts of an array. `id` is that of an object that has none ("{id: {...}}").
void AddJsonItems(const format::Json& json, const std::string& id, std::vector<PromptItem>* items);

}  // namespace trine::language
