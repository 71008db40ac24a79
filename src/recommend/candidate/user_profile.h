// Builds the UserProfile of a request from events, attributes and context.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "history/history.h"
#include "recommend/candidate/group_state.h"
#include "recommend/model/scorer.h"

namespace trine::recommend {

// `events` are newest first; `user` is nullptr for an unknown user, and `meta` for a group without a model.
// A context entry with the name of a user attribute replaces the attribute for this request ("REGION" ->
// "제주"). MONTH (1 to 12) and SEASON (spring, summer, autumn, winter, or 봄 여름 가을 겨울) replace the
// month of `now`. Entries that cannot be used are ignored. HistoryItem::event is an index into `events`.
UserProfile MakeUserProfile(const GroupView& group, const ModelMeta* meta,
                            const std::vector<history::Event>& events, const history::User* user,
                            const std::vector<std::pair<std::string, std::string>>& context, Millis now);

}  // namespace trine::recommend
