#include "api/bedrock/document_text.h"

#include <string_view>

#include "base/check.h"

namespace trine::api::bedrock {
namespace {

void AppendHarmless(std::string_view text, std::string* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    *out += text[i];
    if (text[i] == '<' && i + 1 < text.size() && text[i + 1] == '/') *out += ' ';
  }
}

}  // namespace

std::string DocumentsText(const std::vector<Document>& documents) {
  if (documents.empty()) return "";
  std::string out = "<documents>\n";
  for (const Document& document : documents) {
    if (!document.title.empty()) {
      AppendHarmless(document.title, &out);
      out += '\n';
    }
    AppendHarmless(document.text, &out);
    if (!out.ends_with('\n')) out += '\n';
  }
  TRINE_DCHECK(out.find("</") == std::string::npos);
  return out + "</documents>\n";
}

}  // namespace trine::api::bedrock
