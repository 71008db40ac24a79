// GroundingMaterial: the items, texts and the question against which the sentences of an answer are checked.
#pragma once

#include <string>
#include <vector>

#include "language/answer.h"

namespace trine::language {

// Everything that the sentences of an answer may state. Plain data; all of it is untrusted text.
struct GroundingMaterial {
  std::vector<AnswerItem> items;
  std::vector<std::string> documents;  // retrieved texts; one that describes an item must name it
  std::vector<std::string> facts;      // further true sentences, such as reasons
  std::string question;                // a sentence may repeat its bounds and names of things
};

}  // namespace trine::language
