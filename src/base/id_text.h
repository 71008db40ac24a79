// Checks the text of ids that come from outside.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace trine {

// kInvalid if the id contains a control character (C0, DEL or C1): it would be invisible in lists, logs and
// files, and two ids could look the same. `what` names the id in the message: "item id". An empty id is not
// an error. Bytes that are not UTF-8 are not judged here.
Status CheckIdText(std::string_view id, std::string_view what);

}  // namespace trine
