#include "format/csv.h"
#include "base/utf8.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <zlib.h>

#include "format/text.h"

namespace trine::format {
namespace {

using Row = std::vector<std::string>;

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
  std::string text_;
  size_t size_;
  size_t at_ = 0;
};

std::unique_ptr<ByteSource> Pieces(std::string text, size_t size = 3) {
  return std::make_unique<PieceSource>(std::move(text), size);
}

std::vector<Row> ReadAll(CsvReader* reader) {
  std::vector<Row> rows;
  Row row;
  for (;;) {
    auto more = reader->Next(&row);
    EXPECT_TRUE(more.ok()) << more.error().ToString();
    if (!more.ok() || !*more) return rows;
    rows.push_back(row);
  }
}

Result<std::string> Drain(ByteSource* source) {
  std::string all;
  for (;;) {
    TRINE_ASSIGN(const auto piece, source->Next());
    if (piece.empty()) return all;
    all += piece;
  }
}

std::string Gzip(std::string_view text) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(text.size() + 100, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

TEST(Csv, ReadsHeadersQuotesAndLineBreaks) {
  const std::string text = "id,\"title\"\r\n1,\"a, \"\"b\"\"\nc\"\r\n\r\n2,5\" 나사\r\n3,";
  for (size_t size = 1; size < 12; ++size) {
    CsvReader reader(Pieces(text, size));
    EXPECT_EQ(*reader.Header(), (Row{"id", "title"}));
    Row row;
    ASSERT_TRUE(*reader.Next(&row));
    EXPECT_EQ(row, (Row{"1", "a, \"b\"\nc"}));
    EXPECT_EQ(reader.line(), 2u);
    ASSERT_TRUE(*reader.Next(&row));
    EXPECT_EQ(row, (Row{"2", "5\" 나사"}));
    EXPECT_EQ(reader.line(), 5u);
    ASSERT_TRUE(*reader.Next(&row));
    EXPECT_EQ(row, (Row{"3", ""}));
    EXPECT_FALSE(*reader.Next(&row));
    EXPECT_FALSE(*reader.Next(&row));
  }
}

TEST(Csv, ReadsAQuotedEmptyFieldAsARow) {
  CsvReader reader(Pieces("\"\"\n\nx\n"), {.header = false});
  EXPECT_EQ(ReadAll(&reader), (std::vector<Row>{{""}, {"x"}}));
}

TEST(Csv, AcceptsOtherDelimiters) {
  CsvReader reader(Pieces("a\tb,c\n"), {.delimiter = '\t', .header = false});
  EXPECT_EQ(ReadAll(&reader), (std::vector<Row>{{"a", "b,c"}}));
}

TEST(Csv, RejectsMissingOrDuplicateHeaders) {
  Row row;
  CsvReader empty(Pieces(""));
  EXPECT_EQ(empty.Next(&row).error().kind(), ErrorKind::kInvalid);
  CsvReader twice(Pieces("a,b,a\n1,2,3\n"));
  const auto header = twice.Header();
  ASSERT_FALSE(header.ok());
  EXPECT_EQ(header.error().got, "a");
}

TEST(Csv, ReportsTheLineOfAMalformedRowAndContinues) {
  CsvReader reader(Pieces("a\n" + std::string(50, 'x') + "\nok\n1,2,3,4\n\"open\nend"),
                   {.max_field_bytes = 20, .max_columns = 3});
  Row row;
  auto more = reader.Next(&row);
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().where, "line 2");
  ASSERT_TRUE(*reader.Next(&row));
  EXPECT_EQ(row, Row{"ok"});
  EXPECT_EQ(reader.Next(&row).error().where, "line 4");
  EXPECT_EQ(reader.Next(&row).error().where, "line 5");
  EXPECT_FALSE(*reader.Next(&row));
}

TEST(Csv, RecoversAfterAnUnclosedQuote) {
  std::string text = "a\n\"open\n";
  for (int i = 0; i < 100; ++i) text += "row" + std::to_string(i) + "\n";
  CsvReader reader(Pieces(text, 16), {.max_field_bytes = 64});
  Row row;
  EXPECT_FALSE(reader.Next(&row).ok());
  const auto rows = ReadAll(&reader);
  EXPECT_GT(rows.size(), 80u);
  EXPECT_EQ(rows.back(), Row{"row99"});
}

RC_GTEST_PROP(Csv, RoundTripsWrittenRows, ()) {
  const auto field =
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab ,\"\r\n;\xed\x95\x9c")));
  const auto rows = *rc::gen::container<std::vector<Row>>(rc::gen::nonEmpty(rc::gen::container<Row>(field)));
  std::string text;
  for (const Row& row : rows) AppendCsvRow(row, &text);
  CsvReader reader(Pieces(text, *rc::gen::inRange<size_t>(1, 9)), {.header = false});
  RC_ASSERT(ReadAll(&reader) == rows);
}

RC_GTEST_PROP(Csv, TerminatesForArbitraryBytes, (const std::string& bytes)) {
  CsvReader reader(Pieces(bytes), {.header = false, .max_field_bytes = 8, .max_columns = 3});
  Row row;
  for (size_t i = 0; i <= bytes.size() + 1; ++i) {
    const auto more = reader.Next(&row);
    if (more.ok() && !*more) return;
  }
  RC_FAIL("the reader does not terminate");
}

TEST(GunzipSource, ReadsMembersAndRejectsMalformedStreams) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i) + "\n";
  const std::string packed = Gzip(text) + Gzip("second");
  EXPECT_EQ(*Drain(NewGunzipSource(Pieces(packed, 1000)).get()), text + "second");
  EXPECT_EQ(*Drain(NewGunzipSource(Pieces(Gzip(""), 1)).get()), "");
  EXPECT_EQ(Drain(NewGunzipSource(Pieces("not gzip at all")).get()).error().kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(Drain(NewGunzipSource(Pieces("")).get()).error().kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(Drain(NewGunzipSource(Pieces(packed.substr(0, packed.size() - 3))).get()).error().kind(),
            ErrorKind::kCorrupt);
  std::string flipped = Gzip(text);
  flipped[flipped.size() / 2] ^= 0x10;
  EXPECT_FALSE(Drain(NewGunzipSource(Pieces(flipped, 1000)).get()).ok());
}

std::string Decoded(std::string bytes, std::string_view encoding, size_t size) {
  auto source = NewUtf8Source(Pieces(std::move(bytes), size), encoding);
  EXPECT_TRUE(source.ok());
  return *Drain(source->get());
}

TEST(Charsets, DetectsEncodingsOfKoreanFiles) {
  const std::string cp949 = "id,\xc7\xd1\xb1\xdb\xb6\xca\xc0\xcc\xb9\xe6\n";  // 한글뗑이방, all in EUC-KR
  const std::string beyond_euc = "\x8c\x63\xb9\xe6\xb0\xa2\xc7\xcf\n";        // 똠방각하, only in CP949
  for (size_t size = 1; size < 8; ++size) {
    EXPECT_EQ(Decoded(beyond_euc, "cp949", size), "똠방각하\n");
    EXPECT_EQ(Decoded(beyond_euc, "auto", size), "똠방각하\n");
    EXPECT_EQ(Decoded(cp949, "EUC-KR", size).substr(0, 9), "id,한글");
    EXPECT_EQ(Decoded(cp949, "auto", size).substr(0, 9), "id,한글");
    EXPECT_EQ(Decoded("\xef\xbb\xbfid,한글\n", "auto", size), "id,한글\n");
    EXPECT_EQ(Decoded("\xef\xbb\xbfid,한글\n", "utf-8", size), "id,한글\n");
    EXPECT_EQ(Decoded("id,한글\n", "auto", size), "id,한글\n");
    EXPECT_EQ(Decoded("a\xff"
                      "b",
                      "utf-8", size),
              "a\uFFFDb");
    EXPECT_EQ(Decoded(std::string("\xff\xfe"
                                  "a\0\x5c\xd5",
                                  6),
                      "auto", size),
              "a한");
    EXPECT_EQ(Decoded(std::string("\xfe\xff\0a\xd5\x5c", 6), "utf-16", size), "a한");
    EXPECT_EQ(Decoded("", "auto", size), "");
    EXPECT_EQ(Decoded("a", "auto", size), "a");
    EXPECT_EQ(Decoded("\xed\x95", "auto", size).empty(), false);
  }
  EXPECT_EQ(NewUtf8Source(Pieces(""), "klingon").error().kind(), ErrorKind::kInvalid);
}

RC_GTEST_PROP(Charsets, DecodesAnyBytesToValidUtf8, (const std::string& bytes)) {
  const std::string encoding =
      *rc::gen::elementOf(std::vector<std::string>{"auto", "utf-8", "cp949", "utf-16"});
  RC_ASSERT(IsValidUtf8(Decoded(bytes, encoding, 3)));
}

}  // namespace
}  // namespace trine::format
