// ReadPrompt: takes a prompt to the language model apart into a question, the products that it lists, and the
// texts that it quotes. Only the question and the lines around the lists are instructions; products and
// documents are data, whatever they say.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "language/model.h"
#include "language/prompt_item.h"

namespace trine::language {

struct Prompt {
  std::string question;
  std::vector<PromptItem> items;       // in the order of the prompt, which is a ranking; at most 100
  std::vector<std::string> material;   // other lines that may be quoted
  std::vector<std::string> documents;  // those of them that are in documents
  size_t unread =
      0;  // lines of `material` that have a price, so that they may be products that were not read
  bool wants_json = false;
};

// Reads the last user message of a request.
//
// The question is what follows a label at the beginning of a line ("사용자의 질문:", "User question:") or is
// in a tag <question>; without one, the last line with a question mark, else the last line. Documents begin
// at a heading ("참고 문서:", "Documents:") or a tag <documents> and end at the closing tag or at the
// question. If a label stands before the first document, the last of those labels counts; otherwise the last
// label of the prompt, so that a label inside a document is never obeyed.
//
// Products are lines "- id: title, ...", "1. title - price" and with the other marks of list_mark.h, blocks
// of lines "name: value" as in YAML, names with their values on the lines below ("1. Tent", "- Price: $20"),
// rows of a table with a header, JSON and literals of Python ("- id: {'title': ...}"), also behind the
// heading of a list, and elements of XML; none of them is read from documents. A letter marks a product only
// in a list: below its heading, with a price, or beside the letter before or after it. The price of a product
// is told from shipping costs, discounts and former prices (stated_price.h). The prompt asks for JSON only
// where it instructs: in a system message, in the question, and in a line outside of lists and documents that
// demands it.
Prompt ReadPrompt(const ChatRequest& request);
// Reads one message, as ReadPrompt does.
Prompt ReadPromptText(std::string_view text);

// Whether a folded title names something that is worn: clothes, shoes, hats.
bool IsWorn(std::string_view folded_title);

}  // namespace trine::language
