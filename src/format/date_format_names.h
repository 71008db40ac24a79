// The named date formats of OpenSearch.
#pragma once

#include <span>
#include <string_view>

namespace trine::format {

// One named format. The patterns are extended (see DatePattern::Compile).
struct NamedDateFormat {
  std::string_view name;
  std::string_view reads;
  std::string_view prints;
};
// All named formats except epoch_millis and epoch_second, which are numbers rather than patterns.
std::span<const NamedDateFormat> NamedDateFormats();

// Returns nullptr if no format has this name. A name may also be in camel case, as old clients write it.
const NamedDateFormat* FindNamedDateFormat(std::string_view name);

}  // namespace trine::format
