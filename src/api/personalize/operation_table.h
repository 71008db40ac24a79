// The operations of the three endpoints as a table of name, input shape and handler.
#pragma once

#include <string_view>
#include <vector>

#include "api/personalize/call.h"

namespace trine::api::personalize {

// The three endpoints of the service, which share one port here.
enum class Endpoint : uint8_t { kControl, kRuntime, kEvents };

using Handler = Result<format::Json> (*)(const Call&);

struct Operation {
  Endpoint endpoint;
  std::string_view name;  // from the X-Amz-Target header, or the path of a REST endpoint
  Shape input;
  Handler handler;
  std::optional<recommend::ResourceKind> kind = {};  // set for Describe, List and Delete operations
};
// nullptr if the endpoint has no supported operation with that name.
const Operation* FindOperation(Endpoint endpoint, std::string_view name);
// Whether Personalize has an operation with this name that Trine does not support.
bool IsKnownOperation(std::string_view name);

}  // namespace trine::api::personalize
