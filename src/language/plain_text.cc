#include "language/plain_text.h"

#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "format/text.h"

namespace trine::language {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsIn(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

bool IsInNumber(std::string_view text, size_t at) {
  return at > 0 && at + 1 < text.size() && IsAsciiDigit(text[at - 1]) && IsAsciiDigit(text[at + 1]);
}

}  // namespace

bool HasHangul(std::string_view text) {
  // Hangul syllables are U+AC00..U+D7A3: three bytes from EA B0 80 to ED 9E A3.
  for (size_t i = 0; i + 2 < text.size(); ++i) {
    const unsigned char a = static_cast<unsigned char>(text[i]), b = static_cast<unsigned char>(text[i + 1]);
    if ((a == 0xEA && b >= 0xB0) || a == 0xEB || a == 0xEC || (a == 0xED && b <= 0x9E)) return true;
  }
  return false;
}

std::vector<WrittenWord> SplitAtBlanks(std::string_view text) {
  const auto separates = [text](size_t at) {
    return IsIn(".;!?,:()[]\"", text[at]) && !IsInNumber(text, at);
  };
  std::vector<WrittenWord> words;
  bool punctuation = false;
  for (size_t at = 0; at < text.size();) {
    if (IsBlank(text[at]) || separates(at)) {
      punctuation = punctuation || !IsBlank(text[at]) || text[at] == '\n';
      ++at;
      continue;
    }
    size_t end = at;
    while (end < text.size() && !IsBlank(text[end]) && !separates(end)) ++end;
    words.push_back({at, end, punctuation});
    punctuation = false;
    at = end;
  }
  return words;
}

bool EndsClause(std::string_view text, size_t at) {
  TRINE_DCHECK_LT(at, text.size());
  return IsIn(".;!?\n", text[at]) && !IsInNumber(text, at);
}

std::string PlainLine(std::string_view text, size_t max_bytes) {
  std::string out = format::Printable(CutUtf8(text, max_bytes));
  for (char& c : out) {
    if (c == '<' || c == '>') c = '/';
  }
  return out;
}

}  // namespace trine::language
