#include "format/csv.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "format/text.h"
#include "test/support/gzip.h"

namespace trine::format {
namespace {

using test::Gzip;

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
  EXPECT_EQ(reader.raw(), "\"open");
  ASSERT_TRUE(*reader.Next(&row)) << "the line after an unclosed quote is a row again";
  EXPECT_EQ(row, Row{"end"});
  EXPECT_FALSE(*reader.Next(&row));
}

// Reads all rows; a malformed one is {"line N", its text}.
std::vector<Row> ReadWithErrors(CsvReader* reader) {
  std::vector<Row> rows;
  for (;;) {
    Row row;
    const auto more = reader->Next(&row);
    if (!more.ok()) {
      EXPECT_EQ(more.error().code, ErrorCode::kBadRow);
      rows.push_back({more.error().where, std::string(reader->raw())});
      continue;
    }
    if (!*more) return rows;
    rows.push_back(row);
  }
}

TEST(Csv, AnUnclosedQuoteCostsOneLine) {
  const std::string tails[] = {
      "",                       // no further quote
      "901,\"mug\",1\n",        // the next quote opens a field
      "901,\"\",1\n902,x,1\n",  // the next quotes are an empty field
      "901,x,\"1\"\n",          // the next quote opens the last field
  };
  for (const std::string& tail : tails) {
    for (const size_t size : {1u, 7u, 4096u}) {
      std::string text = "id,name,n\n";
      for (int i = 1; i <= 1000; ++i) text += std::to_string(i) + (i == 501 ? ",\"chair,2\n" : ",chair,2\n");
      CsvReader reader(Pieces(text + tail, size));
      const auto rows = ReadWithErrors(&reader);
      ASSERT_EQ(rows.size(), 1000u + static_cast<size_t>(std::count(tail.begin(), tail.end(), '\n')));
      EXPECT_EQ(rows[499], (Row{"500", "chair", "2"}));
      EXPECT_EQ(rows[500], (Row{"line 502", "501,\"chair,2"}));
      EXPECT_EQ(rows[501], (Row{"502", "chair", "2"}));
    }
  }
}

// A stray quote at the end of a later cell closes the field, so the row has the right number of cells.
TEST(Csv, AQuoteThatSwallowsWholeRowsIsUnclosed) {
  std::string text = "id,name,n\n";
  for (int i = 1; i <= 9; ++i)
    text += std::to_string(i) + (i == 2 ? ",\"chair,2\n" : i == 7 ? ",15\",2\n" : ",chair,2\n");
  CsvReader reader(Pieces(text));
  const auto rows = ReadWithErrors(&reader);
  ASSERT_EQ(rows.size(), 9u);
  EXPECT_EQ(rows[1], (Row{"line 3", "2,\"chair,2"}));
  EXPECT_EQ(rows[6], (Row{"7", "15\"", "2"}));
  // Text of several lines that only resembles rows is one field.
  CsvReader lines(Pieces("id,name,n\n1,\"a,b\nc,d,e\nf,g\",2\n"));
  EXPECT_EQ(ReadWithErrors(&lines), (std::vector<Row>{{"1", "a,b\nc,d,e\nf,g", "2"}}));
}

TEST(Csv, ReadsBackslashEscapes) {
  const std::string text =
      "id,name,n\n"
      "1,\"15\\\" laptop bag, black\",2\n"
      "2,\"size 15\\\"\",2\n"
      "3,\"C:\\\\temp\",2\n"
      "4,\"C:\\temp\",2\n"
      "5,\"a \"\"b\"\" c\",\\N\n"
      "6,C:\\\\temp,2\n"
      "7,\"ends with \\\",2\n"
      "8,\"x\" ,2\n";
  const std::vector<Row> expected = {{"1", "15\" laptop bag, black", "2"},
                                     {"2", "size 15\"", "2"},
                                     {"3", "C:\\temp", "2"},
                                     {"4", "C:\\temp", "2"},
                                     {"5", "a \"b\" c", ""},
                                     {"6", "C:\\\\temp", "2"},
                                     {"7", "ends with \\", "2"},
                                     {"8", "x", "2"}};
  for (size_t size = 1; size < 40; size += 3) {
    CsvReader reader(Pieces(text, size), {.backslash_escapes = true});
    EXPECT_EQ(ReadWithErrors(&reader), expected) << size;
  }
  CsvReader doubled(Pieces("a,b\n\"C:\\\\temp\",\\N\n\"15\\\" bag, black\",1\n"));
  EXPECT_EQ(ReadWithErrors(&doubled), (std::vector<Row>{{"C:\\\\temp", "\\N"}, {"15\" bag, black", "1"}}))
      << "a row that does not fit is read by the other rule";
}

TEST(Csv, RejectsTextAfterAClosingQuote) {
  CsvReader reader(Pieces("a,b\n\"15\" bag\",1\nx,2\n"));
  EXPECT_EQ(ReadWithErrors(&reader), (std::vector<Row>{{"line 2", "\"15\" bag\",1"}, {"x", "2"}}));
}

TEST(Csv, ReadsLoneCarriageReturnsAndSkipsLines) {
  CsvReader mac(Pieces("title\ra,b\r1,\"x\ry\"\r\r2,z"), {.cr_lines = true, .skip_lines = 1});
  EXPECT_EQ(*mac.Header(), (Row{"a", "b"}));
  EXPECT_EQ(ReadAll(&mac), (std::vector<Row>{{"1", "x\ry"}, {"2", "z"}}));
  EXPECT_EQ(mac.line(), 6u);
}

TEST(Csv, AllowsColumnsWithoutAName) {
  CsvReader reader(Pieces("A,B,,\n1,2,,\n"));
  EXPECT_EQ(*reader.Header(), (Row{"A", "B", "", ""}));
  EXPECT_EQ(ReadAll(&reader), (std::vector<Row>{{"1", "2", "", ""}}));
}

TEST(Csv, BoundsTheLengthOfARow) {
  std::string text = "a,b\n\"" + std::string(500, 'x') + "\n" + std::string(500, 'y') + "\",1\nz,2\n";
  CsvReader reader(Pieces(text, 64), {.max_field_bytes = 600});
  const auto rows = ReadWithErrors(&reader);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0][0], "line 2");
  EXPECT_EQ(rows[2], (Row{"z", "2"}));
  CsvReader row(Pieces(text, 64), {.max_row_bytes = 600});
  EXPECT_EQ(ReadWithErrors(&row).back(), (Row{"z", "2"}));
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
  const std::string zeros(5000, '\0');
  EXPECT_EQ(*Drain(NewGunzipSource(Pieces(Gzip("a") + zeros, 7)).get()), "a") << "padded, as on a tape";
  EXPECT_EQ(*Drain(NewGunzipSource(Pieces(Gzip("a") + zeros + Gzip("b"), 7)).get()), "ab");
  EXPECT_EQ(Drain(NewGunzipSource(Pieces(Gzip("a") + zeros + "x", 7)).get()).error().kind(),
            ErrorKind::kCorrupt);
  std::string flipped = Gzip(text);
  flipped[flipped.size() / 2] ^= 0x10;
  EXPECT_FALSE(Drain(NewGunzipSource(Pieces(flipped, 1000)).get()).ok());
}

}  // namespace
}  // namespace trine::format
