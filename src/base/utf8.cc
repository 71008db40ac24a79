#include "base/utf8.h"

#include <simdjson.h>

#include <cstring>

namespace trine {
namespace {

// The sequence at the start of a string. It needs `need` bytes (0 if the first byte cannot begin a sequence),
// of which the first `have` are present and valid; an invalid first byte counts as present.
struct Sequence {
  size_t need = 0;
  size_t have = 0;
};

Sequence ExamineSequence(const unsigned char* p, size_t left) {
  TRINE_DCHECK_GT(left, 0u);
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

bool IsValidUtf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

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

void AppendUtf8(char32_t c, std::string* out) {
  if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) c = kReplacementCharacter;
  const auto put = [out](char32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | (c >> 6));
    put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3f));
    put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3f));
    put(0x80 | ((c >> 6) & 0x3f));
    put(0x80 | (c & 0x3f));
  }
}

void AppendSanitizedUtf8(std::string_view text, std::string* out) {
  while (!text.empty()) {
    const size_t valid = ValidUtf8Prefix(text);
    out->append(text.substr(0, valid));
    text.remove_prefix(valid);
    if (text.empty()) return;
    const Sequence f = ExamineSequence(reinterpret_cast<const unsigned char*>(text.data()), text.size());
    AppendUtf8(kReplacementCharacter, out);
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

uint32_t Utf16Length(std::string_view text) {
  uint32_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += ((byte & 0xc0) != 0x80) + (byte >= 0xf0);
  }
  return units;
}

size_t CountCodePoints(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

std::string_view CutUtf8(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace trine
