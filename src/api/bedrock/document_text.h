// Documents of requests as part of a prompt.
#pragma once

#include <string>
#include <vector>

namespace trine::api::bedrock {

struct Document {
  std::string title, text;
};

// Returns the documents between <documents> and </documents>, each in its lines, with a newline at the end;
// "" for no documents. A closing tag inside a document is taken apart, so that a document cannot end the
// list.
std::string DocumentsText(const std::vector<Document>& documents);

}  // namespace trine::api::bedrock
