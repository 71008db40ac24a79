#include "language/plain_text.h"

#include "base/utf8.h"
#include "format/text.h"

namespace trine::language {

bool HasHangul(std::string_view text) {
  // Hangul syllables are U+AC00..U+D7A3: three bytes from EA B0 80 to ED 9E A3.
  for (size_t i = 0; i + 2 < text.size(); ++i) {
    const unsigned char a = static_cast<unsigned char>(text[i]), b = static_cast<unsigned char>(text[i + 1]);
    if ((a == 0xEA && b >= 0xB0) || a == 0xEB || a == 0xEC || (a == 0xED && b <= 0x9E)) return true;
  }
  return false;
}

std::string PlainLine(std::string_view text, size_t max_bytes) {
  std::string out = format::Printable(CutUtf8(text, max_bytes));
  for (char& c : out) {
    if (c == '<' || c == '>') c = '/';
  }
  return out;
}

}  // namespace trine::language
