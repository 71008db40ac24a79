// Lines of batch inference files in the format of Personalize.
#pragma once

#include "operations/jobs/jobs.h"

namespace trine::api::personalize {

// An input line is {"userId": "u"}, {"itemId": "i"} or {"userId": "u", "itemList": [...]}, each with optional
// "filterValues". Its output line is {"input": ..., "output": {"recommendedItems", "scores"}, "error": null},
// or null as output and a text as error. The codec has no state and is thread-safe.
operations::BatchCodec NewBatchCodec();

}  // namespace trine::api::personalize
