// Detects the character encoding of a text from its bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trine::format {

// Returns the name of the encoding of `bytes`, as Utf8Source::Open accepts it. Pure ASCII is "utf-8".
// `offset` is the position of `bytes` in its stream, and `whole` tells whether the stream ends after them.
// A text that is almost entirely valid in an encoding counts as that encoding. kInvalid if none fits; the
// error names the position of the first byte that is not UTF-8, and the encodings that were tried.
Result<std::string> GuessEncoding(std::string_view bytes, uint64_t offset, bool whole);

}  // namespace trine::format
