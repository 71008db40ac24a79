// ReadSecretFile: reads a file that only the owner of this process may read, such as credentials and keys.
#pragma once

#include <string>

#include "base/result.h"

namespace trine::server {

// Returns the content of a file of at most 1 MiB. `name` describes it in errors ("the credentials file").
// kInvalid if the file cannot be read, is not a regular file, is accessible to other accounts, belongs to
// neither this process's user nor root, or is larger; the message says what to do, and never has content of
// the file.
Result<std::string> ReadSecretFile(const std::string& path, const std::string& name);

}  // namespace trine::server
