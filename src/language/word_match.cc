#include "language/word_match.h"

#include <string>

#include "base/check.h"
#include "language/word_reader.h"

namespace trine::language {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

}  // namespace

std::optional<std::pair<size_t, size_t>> FindWord(std::string_view text, std::string_view word, size_t from) {
  TRINE_DCHECK_LE(from, text.size());
  if (word.empty()) return std::nullopt;
  const bool latin = IsAscii(word.front());
  const std::string one = latin ? Singular(word) : std::string(word);
  for (size_t at = text.find(one, from); at != std::string_view::npos; at = text.find(one, at + 1)) {
    const size_t end = at + one.size();
    if (!latin) {
      const bool alone = (at == 0 || IsAscii(text[at - 1])) && (end == text.size() || IsAscii(text[end]));
      if (one.size() > 3 || alone) return std::pair(at, end);
      continue;
    }
    if (at > 0 && IsLetter(text[at - 1])) continue;
    size_t stop = end;
    while (stop < text.size() && IsLetter(text[stop])) ++stop;
    const std::string_view tail = text.substr(end, stop - end);
    if (tail.empty() || tail == "s" || tail == "es") return std::pair(at, stop);
  }
  return std::nullopt;
}

bool HasWord(std::string_view text, std::string_view word) { return FindWord(text, word, 0).has_value(); }

}  // namespace trine::language
