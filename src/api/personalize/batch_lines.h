// Lines of batch inference files, as the service writes them.
#pragma once

#include "operations/jobs/jobs.h"

namespace trine::api::personalize {

// Input {"userId": "u"}, {"itemId": "i"} or {"userId": "u", "itemList": [...]}, each with an optional
// "filterValues"; output {"input": ..., "output": {"recommendedItems", "scores"} or null, "error"}.
// Stateless; thread-safe.
operations::BatchCodec NewBatchCodec();

}  // namespace trine::api::personalize
