// MachineMemory: how much memory this process may take.
#pragma once

#include <cstddef>

namespace trine::server {

// The smallest of the machine's memory, the limit of the control group (a container), and half of the limits
// on the address space and on the data of the process: address space is also taken by mapped files and by
// memory that is not used yet.
size_t MachineMemory();

}  // namespace trine::server
