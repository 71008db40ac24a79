#include "analysis/locale/korean_characters.h"

#include <unicode/uchar.h>

#include "analysis/utf8.h"

namespace trine::analysis {
namespace {

bool Has(char32_t c, UProperty property) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), property) != 0;
}

bool IsSkinTone(char32_t c) { return c >= 0x1F3FB && c <= 0x1F3FF; }

bool IsLeadingConsonant(char32_t c) { return (c >= 0x1100 && c <= 0x115F) || (c >= 0xA960 && c <= 0xA97C); }

bool IsMiddleDot(char32_t c, char32_t before) {
  if (c == 0x119E || c == 0x11A2) return !IsLeadingConsonant(before);
  return c == 0x318D || c == 0x2024 || c == 0xA78F || c == 0x1427;
}

// Whether `c` is removed when it follows `before` (0 at the beginning).
bool IsWithoutForm(char32_t c, char32_t before) {
  if (c == 0x200D) {
    return !IsSkinTone(before) && (before < 0x80 || !Has(before, UCHAR_EXTENDED_PICTOGRAPHIC));
  }
  if (c == 0x20E3) return (before >= '0' && before <= '9') || before == '#' || before == '*';
  return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF) || c == 0x00AD || c == 0x200C ||
         c == 0x2060 || c == 0xFEFF;
}

}  // namespace

bool PrepareKoreanSource(std::string_view source, std::string* text, OffsetMap* to_source) {
  std::string out;
  bool changed = false;
  size_t copied = 0;  // source bytes that `out` already has, while `changed`
  char32_t before = 0;
  uint32_t units = 0;  // of the prepared text
  int64_t shift = 0;
  for (size_t i = 0; i < source.size();) {
    const size_t at = i;
    const char32_t c = DecodeUtf8(source, &i);
    const bool removed = c >= 0x80 && IsWithoutForm(c, before);
    const bool dot = c >= 0x80 && !removed && IsMiddleDot(c, before);
    if (removed || dot) {
      changed = true;
      out.append(source.substr(copied, at - copied));
      copied = i;
    }
    if (removed) {
      shift += Utf16Units(c);
      to_source->Add(units, shift);
      continue;
    }
    if (dot) out += "\u00B7";
    before = dot ? 0xB7 : c;
    units += Utf16Units(c);
  }
  if (!changed) return false;
  out.append(source.substr(copied));
  *text = std::move(out);
  return true;
}

bool BeginsEmojiTerm(char32_t c) {
  if (c < 0x2300 || (c >= 0x25A0 && c <= 0x25FF)) return false;
  return Has(c, UCHAR_EMOJI) || Has(c, UCHAR_REGIONAL_INDICATOR);
}

std::string WithoutSkinTone(std::string_view emoji) {
  std::string plain;
  for (size_t i = 0; i < emoji.size();) {
    const size_t at = i;
    if (!IsSkinTone(DecodeUtf8(emoji, &i))) plain.append(emoji.substr(at, i - at));
  }
  return plain.empty() ? std::string(emoji) : plain;
}

}  // namespace trine::analysis
