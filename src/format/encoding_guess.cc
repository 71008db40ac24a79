// Problem: shops export CSV in UTF-8, in the encodings of old spreadsheets, or in a mixture, and no file says
// which. A wrong guess turns every name into other, valid characters, which nobody notices.
//
// Method: the encodings are tried in the order of how unlikely it is that text in another encoding looks like
// them. Multi-byte encodings have a grammar, so the count of sequences that break it is strong evidence; the
// frequency of kana, Hangul and Hanja separates those whose grammars overlap. Single-byte encodings accept
// almost every byte, so windows-1252 is only accepted if its letters stand beside ASCII letters, as they do
// in western words, and if ICU's statistics of letter sequences do not prefer another single-byte encoding.
// Otherwise there is no answer: a text that has to be named explicitly is better than one that is misread.
#include "format/encoding_guess.h"

#include <unicode/ucsdet.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>

#include "base/utf8.h"

namespace trine::format {
namespace {

unsigned char Byte(std::string_view text, size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
}
bool In(unsigned char c, unsigned char low, unsigned char high) { return c >= low && c <= high; }

// At most 2 % of the characters may be broken.
bool NearlyValid(size_t broken, size_t characters) { return characters > 0 && broken * 50 <= characters; }

// UTF-16 without a byte order mark: delimiters, digits and line ends have a zero byte, always in the same
// half of a unit. A stray zero byte in other text must not count, so there have to be many: a quarter of the
// bytes if the text is also valid UTF-8 (both are then ASCII), otherwise one in a hundred.
std::optional<std::string> Utf16(std::string_view bytes, bool valid_utf8) {
  size_t even = 0, odd = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == 0) ++(i % 2 == 0 ? even : odd);
  }
  const size_t least = std::max<size_t>(1, bytes.size() / (valid_utf8 ? 4 : 100));
  if (odd >= least && even * 20 <= odd) return "utf-16le";
  if (even >= least && odd * 20 <= even) return "utf-16be";
  return std::nullopt;
}

// Text in other encodings contains sequences of two bytes that happen to be valid UTF-8, but hardly any
// longer ones, so those weigh more.
bool IsUtf8(std::string_view bytes) {
  size_t pairs = 0, longer = 0, broken = 0;
  for (size_t i = 0; i < bytes.size();) {
    const unsigned char lead = Byte(bytes, i);
    const size_t length = lead < 0x80 ? 1 : In(lead, 0xc2, 0xdf) ? 2 : In(lead, 0xe0, 0xef) ? 3 : 4;
    if (length == 1 || IsValidUtf8(bytes.substr(i, length))) {
      if (length == 2) ++pairs;
      if (length > 2) ++longer;
      i += length;
      continue;
    }
    ++broken;
    ++i;
    while (In(Byte(bytes, i), 0x80, 0xbf)) ++i;  // the rest of the broken character
  }
  return broken == 0 || longer >= 2 * broken || longer + pairs >= 10 * broken;
}

// Shift_JIS. Korean EUC text also follows its grammar, as half-width katakana, so only full-width kana count.
bool IsShiftJis(std::string_view bytes) {
  size_t kana = 0, characters = 0, broken = 0;
  for (size_t i = 0; i < bytes.size();) {
    const unsigned char lead = Byte(bytes, i), trail = Byte(bytes, i + 1);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    ++characters;
    if (In(lead, 0xa1, 0xdf)) {
      ++i;
    } else if ((In(lead, 0x81, 0x9f) || In(lead, 0xe0, 0xfc)) && In(trail, 0x40, 0xfc) && trail != 0x7f) {
      if ((lead == 0x82 && In(trail, 0x9f, 0xf1)) || (lead == 0x83 && In(trail, 0x40, 0x96))) ++kana;
      i += 2;
    } else {
      ++broken;
      ++i;
    }
  }
  return NearlyValid(broken, characters) && kana * 10 >= characters;
}

// The characters of a two-byte EUC encoding with the extension of CP949.
struct EucCensus {
  size_t characters = 0, broken = 0;
  size_t japanese = 0;  // hiragana and katakana of EUC-JP that are rare or undefined in EUC-KR
  size_t hangul = 0;    // the 2,350 usual syllables
  size_t rare = 0;      // the 8,822 other syllables, which only CP949 has
  size_t hanja = 0;
};
EucCensus CountEuc(std::string_view bytes) {
  EucCensus census;
  for (size_t i = 0; i < bytes.size();) {
    const unsigned char lead = Byte(bytes, i), trail = Byte(bytes, i + 1);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    ++census.characters;
    const bool extended = In(trail, 0x41, 0x5a) || In(trail, 0x61, 0x7a) || In(trail, 0x81, 0xfe);
    if (In(lead, 0xa1, 0xfe) && In(trail, 0xa1, 0xfe)) {
      if ((lead == 0xa4 && trail >= 0xd4) || lead == 0xa5) ++census.japanese;
      if (In(lead, 0xb0, 0xc8)) ++census.hangul;
      if (In(lead, 0xca, 0xfd)) ++census.hanja;
      i += 2;
    } else if (In(lead, 0x81, 0xc6) && extended) {
      ++census.rare;
      i += 2;
    } else {
      ++census.broken;
      ++i;
    }
  }
  return census;
}

bool IsEucJp(const EucCensus& c) {
  return NearlyValid(c.broken, c.characters) && c.rare * 50 <= c.characters &&
         c.japanese * 10 >= c.characters;
}

// Chinese, Cyrillic and other text also follows the grammar of CP949, but yields many Hanja or rare
// syllables.
bool IsCp949(const EucCensus& c) {
  return NearlyValid(c.broken, c.characters) && c.hangul > 0 && c.rare * 2 <= c.hangul &&
         c.hanja * 5 <= c.hangul + c.hanja;
}

bool IsAsciiLetter(unsigned char c) { return In(c, 'a', 'z') || In(c, 'A', 'Z'); }
bool IsWesternLetter(unsigned char c) {
  return (c >= 0xc0 && c != 0xd7 && c != 0xf7) || c == 0x8a || c == 0x8c || c == 0x9a || c == 0x9c ||
         c == 0x9f;
}

// Whether a byte of windows-1252 outside ASCII is plausible between its neighbours: a letter in a word, or a
// symbol that is not inside one.
bool IsPlausible(unsigned char before, unsigned char c, unsigned char after) {
  constexpr std::string_view kSymbols =
      "\x80\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97\x99\xa0\xa3\xa7\xa9\xab\xae\xb0\xb1\xb2\xb3\xb4\xb5\xb7"
      "\xba\xbb\xbc\xbd\xbe\xbf\xa1\xd7";
  if (IsWesternLetter(c)) {
    const bool capital = In(c, 0xc0, 0xde) || c == 0x8a || c == 0x8c || c == 0x9f;
    if (IsAsciiLetter(before) || IsAsciiLetter(after)) return !(capital && In(before, 'a', 'z'));
    return c == 0xe0 || c == 0xe8 || c == 0xe9 || c == 0xf3;  // words of one letter: à, è, é, ó
  }
  if (kSymbols.find(static_cast<char>(c)) == std::string_view::npos) return false;
  const auto letter = [](unsigned char x) { return IsAsciiLetter(x) || IsWesternLetter(x); };
  if (c == 0x82 || c == 0x84 || c == 0xa1 || c == 0xbf) return !letter(before);  // these open a phrase
  if (c >= 0xb1 && c <= 0xb3 && letter(after)) return false;  // a superscript follows a unit
  // An apostrophe, a middle dot, a dash, a blank or a trademark sign may stand between two letters.
  constexpr std::string_view kInside = "\x92\x96\x97\xa0\xb7\x99\xae\xd7";
  return !(letter(before) && letter(after)) || kInside.find(static_cast<char>(c)) != std::string_view::npos;
}

// Whether ICU finds another single-byte encoding more probable than windows-1252.
bool IcuPrefersAnother(std::string_view bytes) {
  constexpr size_t kText = 64u << 10;  // ICU looks at no more than a few thousand letters
  UErrorCode failed = U_ZERO_ERROR;
  const std::unique_ptr<UCharsetDetector, decltype(&ucsdet_close)> detector(ucsdet_open(&failed),
                                                                            &ucsdet_close);
  if (U_FAILURE(failed)) return false;
  const std::string_view text = bytes.substr(0, kText);
  ucsdet_setText(detector.get(), text.data(), static_cast<int32_t>(text.size()), &failed);
  int32_t count = 0;
  const UCharsetMatch** matches = ucsdet_detectAll(detector.get(), &count, &failed);
  if (U_FAILURE(failed)) return false;
  int32_t western = 0, other = 0;
  for (int32_t i = 0; i < count; ++i) {
    const std::string_view name = ucsdet_getName(matches[i], &failed);
    const int32_t confidence = ucsdet_getConfidence(matches[i], &failed);
    if (name == "ISO-8859-1" || name == "windows-1252") {
      western = std::max(western, confidence);
    } else if (name.starts_with("ISO-8859-") || name.starts_with("windows-125") || name == "KOI8-R") {
      other = std::max(other, confidence);
    }
  }
  return other > western;
}

bool IsWindows1252(std::string_view bytes) {
  size_t characters = 0, implausible = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (Byte(bytes, i) < 0x80) continue;
    ++characters;
    if (!IsPlausible(i == 0 ? 0 : Byte(bytes, i - 1), Byte(bytes, i), Byte(bytes, i + 1))) ++implausible;
  }
  return characters > 0 && implausible * 20 <= characters && !IcuPrefersAnother(bytes);
}

}  // namespace

Result<std::string> GuessEncoding(std::string_view bytes, uint64_t offset, bool whole) {
  if (!whole) bytes.remove_suffix(IncompleteUtf8Suffix(bytes));
  const size_t valid = ValidUtf8Prefix(bytes);
  const bool zeros = bytes.find('\0') != std::string_view::npos;
  // These escape sequences select a character set and have no other use.
  if (bytes.find("\x1b$B") != std::string_view::npos || bytes.find("\x1b$@") != std::string_view::npos)
    return std::string("iso-2022-jp");
  if (bytes.find("\x1b$)C") != std::string_view::npos) return std::string("iso-2022-kr");
  if (zeros) {
    if (std::optional<std::string> utf16 = Utf16(bytes, valid == bytes.size())) return *std::move(utf16);
  }
  if (valid == bytes.size() || IsUtf8(bytes)) return std::string("utf-8");
  if (IsShiftJis(bytes)) return std::string("shift_jis");
  const EucCensus census = CountEuc(bytes);
  if (IsEucJp(census)) return std::string("euc-jp");
  if (IsCp949(census)) return std::string("cp949");
  if (IsWindows1252(bytes)) return std::string("windows-1252");
  std::array<char, 8> hex{};
  std::snprintf(hex.data(), hex.size(), "0x%02X", static_cast<unsigned>(Byte(bytes, valid)));
  return Error(ErrorCode::kInvalid,
               "cannot detect the encoding of the text: byte " + std::string(hex.data()) + " at position " +
                   std::to_string(offset + valid) +
                   " is not valid UTF-8; tried utf-8, utf-16, shift_jis, euc-jp, cp949 and windows-1252")
      .Expected("UTF-8, or the name of the encoding")
      .Where("byte " + std::to_string(offset + valid));
}

}  // namespace trine::format
