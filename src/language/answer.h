// Answers and reasons in Korean and English that state only what the given items and causes say.
//
// All functions are thread-safe and deterministic, and never fail. Titles and values of a catalogue are
// quoted as plain text in one line, without markup and cut to a length; they are never instructions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "language/intent.h"

namespace trine::language {

// A product as an answer presents it.
struct AnswerItem {
  std::string id, title;
  std::vector<std::pair<std::string, std::string>> attributes;  // "price" -> "39000", "weight_g" -> "950" ...
  std::string reason = {};                                      // a sentence of ComposeReason; may be empty
  bool fits = true;  // false: matches the question only in part, and the answer says so
};
// The place where a text names an item.
struct Citation {
  std::string item_id;
  size_t start = 0, end = 0;  // UTF-16 code units [start, end) of the text
};
struct Answer {
  std::string text;
  std::vector<Citation> citations;
  std::string provider;  // "builtin" or a model's name
  bool grounded = true;  // see Ground
};

// Presents the first five items in the given order, with their prices and reasons, in the language of the
// intent
// ("ko", else English); for an outfit, also which two go together. States when there are no items and when
// none fits. A price bound is stated only when every item keeps it.
Answer ComposeAnswer(const QueryIntent& intent, const std::vector<AnswerItem>& items);

// Checks a model's text sentence by sentence against the given items. A sentence is removed when it contains
// an identifier (letters and digits joined by '-' or '_') or a number that no id, title or attribute of the
// items contains; the numbers of a list of the items are allowed. A product that is named by an invented
// title without such marks is not detected. Citations are set where an id or a title occurs. `grounded` is
// false when no sentence is left. `provider` is the model's name.
Answer Ground(std::string_view text, const std::vector<AnswerItem>& items, std::string provider);

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
  std::string event_type, item_title;  // kEvent: the action, and its item
  std::string attribute, value;        // for attributes; kQuery: the matched words; kRegion: the region
  Millis time;                         // kEvent: when
};
// One sentence made of the first two causes that have a positive amount and differ in kind, so pass the
// strongest first. Empty when there is none. `language` is "ko" or anything else for English.
std::string ComposeReason(const std::vector<ReasonCause>& causes, std::string_view language, Millis now);

}  // namespace trine::language
