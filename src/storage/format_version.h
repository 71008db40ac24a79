// The error for stored data with an unsupported format version. The data is intact and is not reported as
// corrupt.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trine::storage {

// Returns kFormatVersion with both versions. `what` is the data with its article, for example "a segment".
inline Error UnsupportedFormatVersion(std::string_view what, uint64_t found, uint64_t supported) {
  return Error(ErrorCode::kFormatVersion,
               "cannot read " + std::string(what) + " of format version " + std::to_string(found) +
                   ", which " + (found > supported ? "a newer" : "an older") + " version of Trine wrote")
      .Expected("format version " + std::to_string(supported))
      .Got(std::to_string(found));
}

}  // namespace trine::storage
