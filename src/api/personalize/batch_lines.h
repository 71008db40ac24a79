// Lines of batch inference files in Personalize's format.
#pragma once

#include "operations/jobs/jobs.h"

namespace trine::api::personalize {

// An input line is {"userId": "u"}, {"itemId": "i"} or {"userId": "u", "itemList": [...]}, each with optional
// "filterValues". Its output line is {"input": ..., "output": {"recommendedItems", "scores"}, "error": null};
// on failure, "output" is null and "error" is a string. The codec has no state and is thread-safe.
operations::BatchCodec NewBatchCodec();

}  // namespace trine::api::personalize
