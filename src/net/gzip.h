// Gzip bodies with a bounded size (RFC 1952, zlib inside).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trine::net {

// Decompresses a whole gzip body; consecutive members form one body. kBodyTooLarge if the result exceeds
// `max_bytes`, kInvalid if the body is invalid or truncated. `reserve` is called before each growth of the
// output; its error is returned. Thread-safe.
Result<std::string> Gunzip(std::string_view packed, size_t max_bytes,
                           const std::function<Status(size_t more)>& reserve = {});

// Compresses at a fast level. Thread-safe.
std::string Gzip(std::string_view bytes);

}  // namespace trine::net
