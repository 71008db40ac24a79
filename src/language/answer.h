// Answers and reasons in Korean and English that state only what the given items and causes say.
//
// All functions are thread-safe and deterministic, and never fail. Catalogue titles and values are quoted as
// one line of plain text, without markup and cut to a maximum length; they are never followed as
// instructions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "language/intent.h"

namespace trine::language {

struct ItemPrice {
  double amount = 0;
  std::string currency = {};  // ISO 4217 code; empty: unknown, and the bare number is shown
};
// A product as an answer presents it.
struct AnswerItem {
  std::string id, title;
  std::vector<std::pair<std::string, std::string>> attributes;  // "brand" -> "솔밭", "price" -> "39000" ...
  std::string reason = {};                                      // from ComposeReason; may be empty
  bool fits = true;  // false: matches only part of the question, and the answer says so
  std::optional<ItemPrice> price = {};
  std::optional<double> grams = {};
  bool worn = true;  // false: it is not worn, so that an outfit offers it only as what goes with it
};
// A place where an answer names an item.
struct Citation {
  std::string item_id;
  size_t start = 0, end = 0;  // UTF-16 code units [start, end) of the text
};
struct Answer {
  std::string text;
  std::vector<Citation> citations;
  std::string provider;  // "builtin" or a model's name
  bool grounded = true;  // false: nothing of the text was checked
};

// Presents the first five items in the given order, with their prices and reasons, in the intent's language
// ("ko", else English). For an outfit, also states that the first two items that are worn go together; the
// others are offered as what goes with it. If there are no
// items or none fits, the text says so. Mentions a price bound only if every item is within it.
Answer ComposeAnswer(const QueryIntent& intent, const std::vector<AnswerItem>& items);

// One sentence for each kind of thing in `intent.unchecked`, each followed by a blank: "I could not check the
// weight (‘1kg 이하’). ". Empty if everything was checked.
std::string UncheckedSentences(const QueryIntent& intent);

// One cause of an item's rank.
struct ReasonCause {
  enum class Kind {
    kEvent,
    kItemAttribute,
    kUserAttribute,
    kPopularity,
    kTrend,
    kSeason,
    kRegion,
    kExploration,
    kQuery
  } kind = Kind::kQuery;
  double amount = 0;                   // contribution to the score; only positive amounts are reasons
  std::string event_type, item_title;  // kEvent: the event type and the item's title
  // kItemAttribute, kUserAttribute: the attribute's name and value. kQuery: `value` contains the matched
  // words. kRegion: `value` is the region.
  std::string attribute, value;
  Millis time;  // kEvent: the event's time
};
// One sentence built from the first two causes of different kinds with a positive amount, so pass the
// strongest first. Empty if no amount is positive. `language` is "ko" or anything else for English.
std::string ComposeReason(const std::vector<ReasonCause>& causes, std::string_view language, Millis now);

}  // namespace trine::language
