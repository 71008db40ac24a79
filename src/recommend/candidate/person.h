// What is known of a person at the moment of a request, as the scorer wants it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "history/history.h"
#include "recommend/candidate/group_core.h"
#include "recommend/model/scorer.h"

namespace trine::recommend {

// `events` newest first; `user` nullptr: unknown; `meta` nullptr: no model. A context entry named like
// a user's attribute replaces it for this request ("REGION" -> "제주"); MONTH (1..12) and SEASON
// (spring, summer, autumn, winter, or 봄 여름 가을 겨울) replace the calendar's.
Person MakePerson(const GroupCore& core, const ModelMeta* meta, const std::vector<history::Event>& events,
                  const history::User* user, const std::vector<std::pair<std::string, std::string>>& context,
                  Millis now);

}  // namespace trine::recommend
