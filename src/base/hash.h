// XXH3 hashes for hash tables and content addresses, in memory and on disk.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace trine {

// Returns the 64-bit XXH3 of the bytes. It is the same on every machine, so it may be stored. Thread-safe.
uint64_t Hash64(std::string_view bytes, uint64_t seed = 0);

// For unordered containers keyed by std::string and looked up by std::string_view.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view s) const noexcept { return Hash64(s); }
};

}  // namespace trine
