#include "recommend/candidate/person.h"

#include <algorithm>
#include <array>

#include "format/text.h"

namespace trine::recommend {
namespace {

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return upper;
}

// 0: the event does not count.
double WeightOf(const history::Event& event, const ModelMeta* meta) {
  if (meta != nullptr && !meta->event_types.empty()) {
    const std::string type = LowerType(event.type);
    if (std::ranges::find(meta->event_types, type) == meta->event_types.end()) return 0;
    const auto given = std::ranges::find(meta->event_weights, type, &std::pair<std::string, double>::first);
    if (given != meta->event_weights.end()) return given->second;
  }
  return TasteWeight(ClassOf(event.type));
}

// The middle month of a season by its name; kNone for anything else.
Source SeasonMonth(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Source>, 9> kSeasons = {{{"SPRING", 3},
                                                                            {"SUMMER", 6},
                                                                            {"AUTUMN", 9},
                                                                            {"FALL", 9},
                                                                            {"WINTER", 0},
                                                                            {"봄", 3},
                                                                            {"여름", 6},
                                                                            {"가을", 9},
                                                                            {"겨울", 0}}};
  const std::string upper = Upper(name);
  for (const auto& [season, month] : kSeasons) {
    if (upper == season) return month;
  }
  return kNone;
}

void AddFact(const Statistics& statistics, std::string_view column, std::string_view value, bool replace,
             Person* person) {
  const Source source = statistics.FindSource(column, value);
  if (source == kNone) return;
  const uint16_t of = statistics.source(source).column;
  if (replace) {
    std::erase_if(person->sources, [&](Source s) { return statistics.source(s).column == of; });
  }
  person->sources.push_back(source);
}

void AddContext(const Statistics& statistics, const std::vector<std::pair<std::string, std::string>>& context,
                Person* person) {
  for (const auto& [name, value] : context) {
    const std::string column = Upper(name);
    if (column == "MONTH") {
      const auto month = format::ParseInt(value);
      if (month && *month >= 1 && *month <= 12) person->month = static_cast<Source>(*month - 1);
    } else if (column == "SEASON") {
      const Source month = SeasonMonth(value);
      if (month != kNone) person->month = month;
    } else {
      format::Json attribute;
      attribute.Set(column, value);
      for (const auto& [c, v] : ReadUserFacts(attribute, 1)) AddFact(statistics, c, v, true, person);
    }
  }
}

}  // namespace

Person MakePerson(const GroupCore& core, const ModelMeta* meta, const std::vector<history::Event>& events,
                  const history::User* user, const std::vector<std::pair<std::string, std::string>>& context,
                  Millis now) {
  Person person;
  double greatest = 0;
  for (size_t e = 0; e < events.size(); ++e) {
    const Item item = events[e].item_id.empty() ? kNone : core.items.Find(events[e].item_id);
    const double weight = WeightOf(events[e], meta);
    if (item == kNone || weight <= 0) continue;
    const auto known = std::ranges::find(person.history, item, &Liked::item);
    greatest = std::max(greatest, weight);
    if (known == person.history.end()) {
      person.history.push_back({item, weight, e, weight});
    } else {
      known->weight = std::max(known->weight, weight);  // viewed again after it was bought
      known->times += weight;
    }
  }
  for (Liked& liked : person.history) {
    liked.weight /= greatest;
    liked.times /= greatest;
  }
  person.month = static_cast<Source>(MonthOf(now));
  if (user != nullptr) {
    for (const auto& [column, value] : ReadUserFacts(user->attributes, Statistics::kMaxUserFacts)) {
      if (meta != nullptr &&
          std::ranges::find(meta->excluded_user_columns, column) != meta->excluded_user_columns.end()) {
        continue;
      }
      AddFact(core.statistics, column, value, false, &person);
    }
  }
  AddContext(core.statistics, context, &person);
  return person;
}

}  // namespace trine::recommend
