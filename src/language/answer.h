// Grounded answers and reasons: words that claim only what the given items and causes say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "language/intent.h"

namespace trine::language {

struct AnswerItem {
  std::string id, title;
  std::vector<std::pair<std::string, std::string>>
      attributes;           // "price" -> "39000", "weight_g" -> "950", ...
  std::string reason = {};  // already worded; may be empty
  bool fits = true;         // false: only near what was asked for, and the answer says so
};
struct Citation {
  std::string item_id;
  size_t start = 0, end = 0;
};  // UTF-16 code units of the text
struct Answer {
  std::string text;
  std::vector<Citation> citations;
  std::string provider;  // "builtin" or a model's name
  bool grounded = true;
};

// Extractive: names the items best first, what they have of what was asked, in the asker's language
// ("ko" or "en"); with intent.outfit, which of them go together. No item, or none that fits: says so. A price
// bound is said only where every item keeps it.
Answer ComposeAnswer(std::string_view question, const QueryIntent& intent,
                     const std::vector<AnswerItem>& items);

// Checks a model's text sentence by sentence: a sentence that names an id or title that is not given, or a
// number that no given item has, is removed. Grounded is false when nothing was left.
Answer Ground(std::string_view text, const std::vector<AnswerItem>& items, std::string provider);

// What really moved an item, as data.
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
  double amount = 0;
  std::string event_type, item_title;  // kEvent: what the person did with what
  std::string attribute, value;        // attribute kinds; kQuery: the matched words
  Millis time;
};
// One sentence made of the strongest causes (at most two); empty causes give an empty text.
std::string ComposeReason(const std::vector<ReasonCause>& causes, std::string_view language, Millis now);

}  // namespace trine::language
