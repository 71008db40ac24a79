// The tools that /mcp offers: their schemas, and the requests of other APIs that they stand for.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "format/json.h"

namespace trine::api::mcp {

// The tools with their schemas, as tools/list prints them.
format::Json ToolsJson();

struct ToolRequest {
  std::string path;  // where the API that does the work is served; POST
  format::Json body;
};
// Checks the arguments against the tool's schema. kNotFound for an unknown tool, kInvalid for arguments that
// do not fit.
Result<ToolRequest> RequestOf(std::string_view tool, const format::Json& arguments);

// The structured content of a result, from the answer of that API.
format::Json StructuredContent(std::string_view tool, const format::Json& answer);

}  // namespace trine::api::mcp
