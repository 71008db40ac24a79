#include "format/encoding.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "base/utf8.h"
#include "format/encoding_guess.h"

namespace trine::format {
namespace {

// Returns the text in pieces of `size` bytes.
class PieceSource final : public ByteSource {
 public:
  PieceSource(std::string text, size_t size) : text_(std::move(text)), size_(size) {}
  Result<std::string_view> Next() override {
    const std::string_view piece = std::string_view(text_).substr(at_, size_);
    at_ += piece.size();
    return piece;
  }

 private:
  const std::string text_;
  const size_t size_;
  size_t at_ = 0;
};

struct Decoded {
  std::string text, encoding, error;
  uint64_t broken = 0, first_broken = 0;
};

Decoded Decode(std::string bytes, std::string_view encoding, size_t size = 3) {
  auto source = Utf8Source::Open(std::make_unique<PieceSource>(std::move(bytes), size), encoding);
  EXPECT_TRUE(source.ok());
  Decoded decoded;
  for (;;) {
    const auto piece = (*source)->Next();
    if (!piece.ok()) {
      decoded.error = piece.error().ToString();
      break;
    }
    if (piece->empty()) break;
    decoded.text += *piece;
  }
  decoded.encoding = (*source)->encoding();
  decoded.broken = (*source)->broken();
  decoded.first_broken = (*source)->first_broken();
  return decoded;
}

// Texts in UTF-8 and in the encoding that is to be detected.
struct Sample {
  const char* encoding;
  std::string utf8, bytes;
};
std::vector<Sample> Samples() {
  return {
      {"cp949", "무선 이어폰, 가벼운 캠핑 의자와 텀블러\n",
       "\xb9\xab\xbc\xb1 \xc0\xcc\xbe\xee\xc6\xf9, \xb0\xa1\xba\xad\xbf\xee \xc4\xb7\xc7\xce "
       "\xc0\xc7\xc0\xda\xbf\xcd \xc5\xd2\xba\xed\xb7\xaf\n"},
      {"cp949", "똠방각하\n",
       "\x8c"
       "c\xb9\xe6\xb0\xa2\xc7\xcf\n"},
      {"shift_jis", "コーヒーカップと水筒、かるいイスです\n",
       "\x83R\x81[\x83q\x81[\x83J\x83"
       "b\x83v\x82\xc6\x90\x85\x93\x9b\x81"
       "A\x82\xa9\x82\xe9\x82\xa2\x83"
       "C\x83X\x82\xc5\x82\xb7\n"},
      {"euc-jp", "コーヒーカップと水筒、かるいイスです\n",
       "\xa5\xb3\xa1\xbc\xa5\xd2\xa1\xbc\xa5\xab\xa5\xc3\xa5\xd7\xa4\xc8\xbf\xe5\xc5\xfb\xa1\xa2\xa4\xab\xa4"
       "\xeb\xa4\xa4\xa5\xa4\xa5\xb9\xa4\xc7\xa4\xb9\n"},
      {"windows-1252", "café crème, déjà vu à la façade\n",
       "caf\xe9 cr\xe8me, d\xe9j\xe0 vu \xe0 la fa\xe7"
       "ade\n"},
      {"windows-1252", "the “best” chair – it’s 5 €\n",
       "the \x93"
       "best\x94 chair \x96 it\x92s 5 \x80\n"},
      {"windows-1252", "Ärger, Übergröße\n",
       "\xc4rger, \xdc"
       "bergr\xf6\xdf"
       "e\n"},
  };
}

TEST(Encoding, DetectsEncodings) {
  for (const Sample& sample : Samples()) {
    for (const size_t size : {1u, 2u, 3u, 4096u}) {
      const Decoded decoded = Decode("id,name\n1," + sample.bytes, "auto", size);
      EXPECT_EQ(decoded.text, "id,name\n1," + sample.utf8);
      EXPECT_EQ(decoded.encoding, sample.encoding) << sample.utf8;
      EXPECT_EQ(decoded.broken, 0u);
      EXPECT_EQ(Decode(sample.bytes, sample.encoding, size).text, sample.utf8);
    }
  }
}

TEST(Encoding, JudgesALetterByTheOneBeforeIt) {
  for (const size_t size : {1u, 5u, 4096u}) {
    EXPECT_EQ(Decode("name\ncaf\xe9\n", "auto", size).text, "name\ncafé\n");
    EXPECT_NE(Decode("name\ncaf\x82\n", "auto", size).error, "") << "DOS";
    EXPECT_NE(Decode("name\ncaf\x8e\n", "auto", size).error, "") << "Mac OS Roman";
  }
}

TEST(Encoding, AStrayZeroByteIsNotUtf16) {
  using namespace std::string_literals;
  EXPECT_EQ(Decode("id,name\n1,a\0b\n2,c\n"s, "auto").text, "id,name\n1,a\0b\n2,c\n"s);
  EXPECT_EQ(Decode("id,name\n1,가벼운 의자\0\n2,컵\n"s, "auto").text, "id,name\n1,가벼운 의자\0\n2,컵\n"s);
  std::string cp949 = "\0"s;
  for (int i = 0; i < 200; ++i) cp949 += "\xc7\xd1\xb1\xdb\n";
  EXPECT_EQ(Decode(cp949, "auto").encoding, "cp949");
}

TEST(Encoding, ReadsIso2022) {
  const Decoded decoded = Decode("id,\x1b$B%3!<%R!<\x1b(B\n", "auto");
  EXPECT_EQ(decoded.encoding, "iso-2022-jp");
  EXPECT_EQ(decoded.text, "id,コーヒー\n");
  EXPECT_EQ(Decode("id,\x1b[1mbold\n", "auto").text, "id,\x1b[1mbold\n");
}

TEST(Encoding, RejectsTextsInOtherEncodings) {
  const std::string texts[] = {
      ("\xc7\xe1\xb1\xe3\xb5\xc4\xc2\xb6\xd3\xaa\xd2\xce\xd7\xd3\xba\xcd\xbf\xa7\xb7\xc8\xb1\xad\xd7"
       "\xd3\n"),  // Chinese in GB18030
      ("\xeb\xb8\xe3\xea\xee\xe5 \xea\xf0\xe5\xf1\xeb\xee \xe4\xeb\xff "
       "\xea\xe5\xec\xef\xe8\xed\xe3\xe0\n"),  // Russian in windows-1251
      ("\xcc\xa3\xc7\xcb\xcf\xc5 \xcb\xd2\xc5\xd3\xcc\xcf \xc4\xcc\xd1 "
       "\xcb\xc5\xcd\xd0\xc9\xce\xc7\xc1\n"),  // Russian in KOI8-R
      ("G\xea\x9cl\xb9 ja\x9f\xf1, \xb3\xf3"
       "d\x9f i \x9f"
       "d\x9f"
       "b\xb3o, \x9cwie\xbf"
       "e jab\xb3ka\n"),     // Polish in windows-1250
      "caf\x8e cr\x8fme\n",  // Mac OS Roman
      "caf\x82 cr\x8ame\n",  // DOS
  };
  for (const std::string& text : texts) {
    const Decoded decoded = Decode("id,name\n1," + text, "auto");
    EXPECT_NE(decoded.error.find("cannot detect the encoding of the text: byte 0x"), std::string::npos)
        << decoded.encoding << ": " << decoded.text;
    EXPECT_NE(decoded.error.find("tried utf-8, utf-16, shift_jis, euc-jp, cp949 and windows-1252"),
              std::string::npos);
  }
  EXPECT_NE(Decode("a,\xff\n", "auto").error.find("byte 0xFF at position 2"), std::string::npos);
  EXPECT_FALSE(Decode("\xed\x95", "auto").error.empty());
}

TEST(Encoding, ATextThatIsNearlyUtf8IsUtf8) {
  std::string text = "id,name\n";
  for (int i = 0; i < 8000; ++i) text += std::to_string(i) + ",가벼운 캠핑 의자\n";
  const size_t at = text.find("4000,") + 5;
  text[at] = '\xff';
  for (const size_t size : {100u, 4096u, 1u << 20}) {
    const Decoded decoded = Decode(text, "auto", size);
    EXPECT_EQ(decoded.encoding, "utf-8");
    EXPECT_EQ(decoded.error, "");
    EXPECT_GT(decoded.broken, 0u);
    EXPECT_EQ(decoded.first_broken, at);
    EXPECT_NE(decoded.text.find("3999,가벼운 캠핑 의자\n4000,\uFFFD"), std::string::npos);
    EXPECT_TRUE(decoded.text.ends_with("7999,가벼운 캠핑 의자\n"));
  }
  // A character that was cut in half, in a small file and at its beginning.
  const Decoded cut = Decode("id,name\n1,캠핑 의\xec\x9e\n2,가벼운 의자\n", "auto");
  EXPECT_EQ(cut.text, "id,name\n1,캠핑 의\uFFFD\n2,가벼운 의자\n");
  EXPECT_EQ(cut.broken, 1u);
}

TEST(Encoding, CountsBrokenCharactersOfOtherEncodings) {
  std::string text, utf8;
  for (int i = 0; i < 100; ++i) text += "\xc7\xd1\xb1\xdb,", utf8 += "한글,";
  for (const std::string bad : {"\xff", "\xc7"}) {
    const Decoded decoded = Decode(text + bad + ",\n", "auto", 5);
    EXPECT_EQ(decoded.encoding, "cp949");
    EXPECT_TRUE(decoded.text == utf8 + "\uFFFD,\n") << decoded.text.substr(utf8.size());
    EXPECT_EQ(decoded.broken, 1u);
    EXPECT_EQ(decoded.first_broken, text.size());
  }
}

TEST(Encoding, RejectsATextThatChangesItsEncoding) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "가벼운 의자\n";
  for (int i = 0; i < 100'000; ++i) text += "\xc7\xd1\xb1\xdb \xc7\xd1\xb1\xdb\n";
  const Decoded decoded = Decode(text, "auto", 65536);
  EXPECT_NE(decoded.error.find("the text is not utf-8: "), std::string::npos) << decoded.error;
  EXPECT_NE(decoded.error.find("the first at position 1700000"), std::string::npos) << decoded.error;
}

TEST(Encoding, ReadsByteOrderMarksAndUtf16WithoutOne) {
  using namespace std::string_literals;
  for (size_t size = 1; size < 8; ++size) {
    EXPECT_EQ(Decode("\xef\xbb\xbfid,한글\n", "auto", size).text, "id,한글\n");
    EXPECT_EQ(Decode("\xef\xbb\xbfid,한글\n", "utf-8", size).text, "id,한글\n");
    EXPECT_EQ(Decode("\xef\xbb\xbfid,한글\n", "cp949", size).text, "id,한글\n");
    EXPECT_EQ(Decode("\xff\xfe"
                     "a\0\x5c\xd5"s,
                     "auto", size)
                  .text,
              "a한");
    EXPECT_EQ(Decode("\xfe\xff\0a\xd5\x5c"s, "utf-16", size).text, "a한");
    EXPECT_EQ(Decode("\xff\xfe"
                     "a\0"s,
                     "utf-16le", size)
                  .text,
              "a");
    EXPECT_EQ(Decode("\xff\xfe\0\0a\0\0\0\x5c\xd5\0\0"s, "auto", size).text, "a한");
    EXPECT_EQ(Decode("i\0,\0\x5c\xd5\n\0"s, "auto", size).text, "i,한\n");
    EXPECT_EQ(Decode("\x5c\xd5,\0\n\0"s, "auto", size).text, "한,\n");
    EXPECT_EQ(Decode("\0i\0,\xd5\x5c\0\n"s, "auto", size).text, "i,한\n");
    EXPECT_EQ(Decode("", "auto", size).text, "");
    EXPECT_EQ(Decode("a", "auto", size).text, "a");
    EXPECT_EQ(Decode("ab\xff"
                     "c",
                     "utf-8", size)
                  .text,
              "ab\uFFFDc");
  }
  EXPECT_EQ(Decode("i\0,\0\x5c\xd5\n\0"s, "auto").encoding, "utf-16le");
}

TEST(Encoding, ListsTheKnownNames) {
  const auto unknown = Utf8Source::Open(NewStringSource(""), "klingon");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().kind(), ErrorKind::kInvalid);
  EXPECT_TRUE(unknown.error().expected.starts_with("auto, utf-8, cp949")) << unknown.error().expected;
  EXPECT_FALSE(Utf8Source::Open(NewStringSource(""), "").ok());
  for (const char* name : {"auto", "UTF-8", "EUC-KR", "latin-1", "cp1252", "sjis", "gbk", "big5", "utf-32"})
    EXPECT_TRUE(Utf8Source::Open(NewStringSource(""), name).ok()) << name;
}

RC_GTEST_PROP(Encoding, DecodesAnyBytesToValidUtf8, (const std::string& bytes)) {
  const std::string encoding =
      *rc::gen::elementOf(std::vector<std::string>{"auto", "utf-8", "cp949", "utf-16", "shift_jis"});
  RC_ASSERT(IsValidUtf8(Decode(bytes, encoding).text));
}

}  // namespace
}  // namespace trine::format
