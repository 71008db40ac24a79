#include "base/utf8.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace trine {
namespace {

// RFC 3629 validation, written without tables.
bool NaiveIsValidUtf8(std::string_view s) {
  for (size_t i = 0; i < s.size();) {
    const auto b = static_cast<unsigned char>(s[i]);
    size_t n = b < 0x80 ? 1 : (b & 0xe0) == 0xc0 ? 2 : (b & 0xf0) == 0xe0 ? 3 : (b & 0xf8) == 0xf0 ? 4 : 0;
    if (n == 0 || i + n > s.size()) return false;
    uint32_t c = n == 1 ? b : b & (0xffu >> (n + 1));
    for (size_t k = 1; k < n; ++k) {
      const auto x = static_cast<unsigned char>(s[i + k]);
      if ((x & 0xc0) != 0x80) return false;
      c = c << 6 | (x & 63);
    }
    const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return false;
    i += n;
  }
  return true;
}

std::string TrickyBytes() {
  return *rc::gen::container<std::string>(rc::gen::elementOf(
      std::string("a1\x7f\x80\xbf\xc0\xc2\xdf\xe0\xa0\x9f\xed\xef\xf0\x90\x8f\xf4\xf5\xff\xec\x95\x88")));
}

RC_GTEST_PROP(Utf8, ValidPrefixIsTheLongest, ()) {
  const std::string s = TrickyBytes();
  RC_ASSERT(IsValidUtf8(s) == NaiveIsValidUtf8(s));
  const size_t n = ValidUtf8Prefix(s);
  RC_ASSERT(NaiveIsValidUtf8(s.substr(0, n)));
  for (size_t more = n + 1; more <= s.size() && more <= n + 4; ++more)
    RC_ASSERT(!NaiveIsValidUtf8(s.substr(0, more)));
}

RC_GTEST_PROP(Utf8, SanitizedTextIsValidAndValidTextIsUnchanged, ()) {
  const std::string s = TrickyBytes();
  std::string sanitized;
  AppendSanitizedUtf8(s, &sanitized);
  RC_ASSERT(NaiveIsValidUtf8(sanitized));
  if (NaiveIsValidUtf8(s)) RC_ASSERT(sanitized == s);
}

TEST(Utf8, FindsIncompleteSuffixes) {
  EXPECT_EQ(IncompleteUtf8Suffix("a안"), 0u);
  EXPECT_EQ(IncompleteUtf8Suffix("a\xec\x95"), 2u);
  EXPECT_EQ(IncompleteUtf8Suffix("\xf0\x9f\x98"), 3u);
  EXPECT_EQ(IncompleteUtf8Suffix("\xf0"), 1u);
  EXPECT_EQ(IncompleteUtf8Suffix("a\x95"), 0u);
  EXPECT_EQ(IncompleteUtf8Suffix("\xff"), 0u);
}

TEST(Utf8, ReplacesEachMaximalInvalidPartOnce) {
  std::string out;
  AppendSanitizedUtf8("a\xf0\x9f\x98z\xc0\x80\xed\xa0\x80", &out);
  EXPECT_EQ(out, "a\ufffdz\ufffd\ufffd\ufffd\ufffd\ufffd");
}

RC_GTEST_PROP(Utf8, DecodesWhatItEncodes, ()) {
  const auto c = static_cast<char32_t>(*rc::gen::inRange<uint32_t>(0, 0x120000));
  std::string text;
  AppendUtf8(c, &text);
  RC_ASSERT(IsValidUtf8(text));
  size_t at = 0;
  const bool scalar = c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
  RC_ASSERT(DecodeUtf8(text, &at) == (scalar ? c : kReplacementCharacter));
  RC_ASSERT(at == text.size());
}

TEST(Utf8, CountsCodePointsAndUtf16Units) {
  EXPECT_EQ(CountCodePoints("a한😀"), 3u);
  EXPECT_EQ(Utf16Length("a한😀"), 4u);
  EXPECT_EQ(Utf16Length(""), 0u);
}

TEST(CutUtf8, EndsBetweenCharacters) {
  EXPECT_EQ(CutUtf8("abc", 3), "abc");
  EXPECT_EQ(CutUtf8("abc", 2), "ab");
  EXPECT_EQ(CutUtf8("a한b", 4), "a한");
  EXPECT_EQ(CutUtf8("a한b", 3), "a");
  EXPECT_EQ(CutUtf8("a한b", 0), "");
  EXPECT_EQ(CutUtf8("\xf0\x9f\x98\x80", 3), "");
  EXPECT_EQ(CutUtf8("\x80\x80\x80", 2), "");  // not valid UTF-8
}

}  // namespace
}  // namespace trine
