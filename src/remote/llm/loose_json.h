// Reads the JSON of a provider whose strings may contain broken UTF-8, or characters that are cut in the
// middle because tokens are shorter than characters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/json.h"

namespace trine::remote::llm {

struct LooseJson {
  format::Json json;
  bool broken = false;  // the text was not valid UTF-8

  // Returns the bytes of a string of `json` as the provider sent them, which need not be UTF-8.
  std::string Bytes(const std::string& text) const;
};

// kUnavailable, with a message about `subject` ("an event of the stream"), unless the text is one JSON
// object.
Result<LooseJson> ParseLooseJson(std::string_view text, const char* subject);

// Returns the value of JSON text that the program has checked before, such as the schema of a tool. Requires
// valid JSON.
format::Json ParsedJson(std::string_view text);

// Return a member of an object, if it is there and has the type. `object` may be nullptr.
const std::string* FindText(const format::Json* object, std::string_view key);
const format::Json* FindObject(const format::Json* object, std::string_view key);
const format::Json* FindArray(const format::Json* object, std::string_view key);
// A whole number from 0 to 2^31 - 1, the range that counts of tokens and positions are given in.
std::optional<uint32_t> FindCount(const format::Json* object, std::string_view key);

}  // namespace trine::remote::llm
