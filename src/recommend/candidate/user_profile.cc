#include "recommend/candidate/user_profile.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "format/text.h"
#include "recommend/model/item_features.h"

namespace trine::recommend {
namespace {

// Returns the weight of an event in the profile, or 0 if it does not count.
double WeightOf(const history::Event& event, const ModelMeta* meta) {
  if (meta != nullptr) {
    if (!meta->events.Counts(event.type, event.value)) return 0;
    if (const auto given = meta->events.WeightOf(event.type)) return *given;
  }
  return TasteWeight(ClassOf(event.type));
}

// Returns the middle month of the season with this name, or kNone for any other name.
Cohort SeasonMonth(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Cohort>, 9> kSeasons = {{{"SPRING", 3},
                                                                            {"SUMMER", 6},
                                                                            {"AUTUMN", 9},
                                                                            {"FALL", 9},
                                                                            {"WINTER", 0},
                                                                            {"봄", 3},
                                                                            {"여름", 6},
                                                                            {"가을", 9},
                                                                            {"겨울", 0}}};
  const std::string upper = UpperColumn(name);
  for (const auto& [season, month] : kSeasons) {
    if (upper == season) return month;
  }
  return kNone;
}

void AddAttribute(const Statistics& statistics, std::string_view column, std::string_view value, bool replace,
                  UserProfile* profile) {
  const Cohort cohort = statistics.FindCohort(column, value);
  if (cohort == kNone) return;
  const uint16_t of = statistics.cohort(cohort).column;
  if (replace) {
    std::erase_if(profile->cohorts, [&](Cohort s) { return statistics.cohort(s).column == of; });
  }
  profile->cohorts.push_back(cohort);
}

bool Uses(const ModelMeta* meta, std::string_view column) {
  return meta == nullptr || meta->user_columns.Uses(column);
}

void AddContext(const Statistics& statistics, const ModelMeta* meta,
                const std::vector<std::pair<std::string, std::string>>& context, UserProfile* profile) {
  for (const auto& [name, value] : context) {
    const std::string column = UpperColumn(name);
    if (column == "MONTH") {
      const auto month = format::ParseInt(value);
      if (month && *month >= 1 && *month <= 12) profile->month = static_cast<Cohort>(*month - 1);
    } else if (column == "SEASON") {
      const Cohort month = SeasonMonth(value);
      if (month != kNone) profile->month = month;
    } else {
      format::Json attribute;
      attribute.Set(column, value);
      for (const auto& [c, v] : ReadUserAttributes(attribute, 1)) {
        if (Uses(meta, c)) AddAttribute(statistics, c, v, true, profile);
      }
    }
  }
}

}  // namespace

UserProfile MakeUserProfile(const GroupView& group, const ModelMeta* meta,
                            const std::vector<history::Event>& events, const history::User* user,
                            const std::vector<std::pair<std::string, std::string>>& context, Millis now) {
  UserProfile profile;
  double greatest = 0;
  for (size_t e = 0; e < events.size(); ++e) {
    const Item item = events[e].item_id.empty() ? kNone : group.items().Find(events[e].item_id);
    const double weight = WeightOf(events[e], meta);
    if (item == kNone || weight <= 0) continue;
    const auto known = std::ranges::find(profile.history, item, &HistoryItem::item);
    greatest = std::max(greatest, weight);
    if (known == profile.history.end()) {
      profile.history.push_back({item, weight, e, weight});
    } else {
      known->weight = std::max(known->weight, weight);  // a later view must not weaken a purchase
      known->times += weight;
    }
  }
  for (HistoryItem& entry : profile.history) {
    TRINE_DCHECK_GT(greatest, 0.0);
    entry.weight /= greatest;
    entry.times /= greatest;
  }
  profile.month = static_cast<Cohort>(MonthOf(now));
  if (user != nullptr) {
    for (const auto& [column, value] : ReadUserAttributes(user->attributes, Statistics::kMaxUserAttributes)) {
      if (Uses(meta, column)) AddAttribute(group.statistics(), column, value, false, &profile);
    }
  }
  AddContext(group.statistics(), meta, context, &profile);
  return profile;
}

}  // namespace trine::recommend
