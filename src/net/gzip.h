// Gzip bodies, bounded (RFC 1952, zlib inside).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trine::net {

// Unpacks a whole gzip body (several members one after the other are one body). kLimit with code
// "body_too_large" past `max_bytes`, whatever the packed size says; kInvalid when it is broken or cut
// off. `reserve` is asked before each growth of the output and its error is passed on. Thread-safe.
Result<std::string> Gunzip(std::string_view packed, size_t max_bytes,
                           const std::function<Status(size_t more)>& reserve = {});

// Packs at a fast level. Thread-safe.
std::string Gzip(std::string_view bytes);

}  // namespace trine::net
