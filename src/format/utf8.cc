#include "format/utf8.h"

#include <cstring>

#include "format/text.h"

namespace trine::format {
namespace {

// How a code point at the front of `text` begins: `need` bytes in all (0 = no lead byte), of which the
// first `have` are right. Table 3-7 of the Unicode Standard.
struct Sequence {
  size_t need = 0;
  size_t have = 0;
};

Sequence ExamineSequence(const unsigned char* p, size_t left) {
  const unsigned char lead = p[0];
  if (lead < 0x80) return {1, 1};
  size_t need = 0;
  unsigned char low = 0x80, high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    need = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    need = 3;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    need = 4;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  } else {
    return {0, 1};
  }
  size_t have = 1;
  while (have < need && have < left) {
    if (p[have] < low || p[have] > high) break;
    low = 0x80;
    high = 0xbf;
    ++have;
  }
  return {need, have};
}

}  // namespace

size_t ValidUtf8Prefix(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  const size_t n = text.size();
  size_t i = 0;
  while (i < n) {
    if (n - i >= 8) {
      uint64_t word;
      std::memcpy(&word, p + i, 8);
      if ((word & 0x8080808080808080ULL) == 0) {
        i += 8;
        continue;
      }
    }
    const Sequence f = ExamineSequence(p + i, n - i);
    if (f.need != f.have) return i;
    i += f.need;
  }
  return n;
}

void AppendUtf8(uint32_t c, std::string* out) {
  auto put = [out](uint32_t b) { *out += static_cast<char>(b); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | (c >> 6));
    put(0x80 | (c & 63));
  } else if (c < 0x10000) {
    put(0xe0 | (c >> 12));
    put(0x80 | ((c >> 6) & 63));
    put(0x80 | (c & 63));
  } else {
    put(0xf0 | (c >> 18));
    put(0x80 | ((c >> 12) & 63));
    put(0x80 | ((c >> 6) & 63));
    put(0x80 | (c & 63));
  }
}

void AppendSanitizedUtf8(std::string_view text, std::string* out) {
  while (!text.empty()) {
    const size_t valid = ValidUtf8Prefix(text);
    out->append(text.substr(0, valid));
    text.remove_prefix(valid);
    if (text.empty()) return;
    const Sequence f = ExamineSequence(reinterpret_cast<const unsigned char*>(text.data()), text.size());
    AppendUtf8(kReplacement, out);
    text.remove_prefix(f.have);
  }
}

size_t IncompleteUtf8Suffix(std::string_view text) {
  for (size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto* p = reinterpret_cast<const unsigned char*>(text.data()) + text.size() - back;
    if ((*p & 0xc0) == 0x80) continue;
    const Sequence f = ExamineSequence(p, back);
    return f.need > back && f.have == back ? back : 0;
  }
  return 0;
}

}  // namespace trine::format
