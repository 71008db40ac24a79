#include "format/csv_dialect.h"

#include <gtest/gtest.h>

namespace trine::format {
namespace {

TEST(CsvDialect, FindsTheDelimiter) {
  EXPECT_EQ(DetectCsvDialect("a,b\n").delimiter, ',');
  EXPECT_EQ(DetectCsvDialect("a\tb, c\td\n").delimiter, '\t');
  EXPECT_EQ(DetectCsvDialect("a;b;\"c,d,e\"\n1;2;3\n").delimiter, ';');
  EXPECT_EQ(DetectCsvDialect("a|b|c\n").delimiter, '|');
  EXPECT_EQ(DetectCsvDialect("a\n").delimiter, ',');
  EXPECT_EQ(DetectCsvDialect("a,b,c\td\n", '\t').delimiter, '\t');
  EXPECT_EQ(DetectCsvDialect("").delimiter, ',');
}

TEST(CsvDialect, ReadsTheSeparatorLineOfExcel) {
  const CsvOptions options = DetectCsvDialect("sep=;\r\nA,x;B\r\n1;2\r\n");
  EXPECT_EQ(options.delimiter, ';');
  EXPECT_EQ(options.skip_lines, 1u);
  EXPECT_EQ(DetectCsvDialect("sep=\t\nA\tB\n").delimiter, '\t');
}

TEST(CsvDialect, FindsLoneCarriageReturns) {
  EXPECT_TRUE(DetectCsvDialect("a,b\r1,2\r").cr_lines);
  EXPECT_FALSE(DetectCsvDialect("a,b\r\n1,2\r\n").cr_lines);
  EXPECT_FALSE(DetectCsvDialect("a,b").cr_lines);
}

TEST(CsvDialect, FindsThePreamble) {
  const auto skipped = [](std::string_view text) { return DetectCsvDialect(text).skip_lines; };
  EXPECT_EQ(skipped("상품 목록 (2026-11-22 기준)\n번호,상품명,판매가\n1,컵,5000\n"), 1u);
  EXPECT_EQ(skipped("상품 목록,,\n,,\n번호,상품명,판매가\n1,컵,5000\n"), 2u);
  EXPECT_EQ(skipped("기간: 2026-11-01, 2026-11-30\na;b;c\n1;2;3\n"), 1u);
  EXPECT_EQ(skipped("a,b,c\n1,2,3\n"), 0u);
  EXPECT_EQ(skipped("a,b,,\n1,2,,\n"), 0u);
  EXPECT_EQ(skipped("a\n1,2\n3,4\n"), 0u) << "a file with one column";
  EXPECT_EQ(skipped("a,b,c\n"), 0u);
  EXPECT_EQ(skipped("title\n"), 0u);
}

TEST(CsvDialect, RecognisesFilesThatOnlyDoubleQuotes) {
  const auto backslash = [](std::string_view text) { return DetectCsvDialect(text).backslash_escapes; };
  EXPECT_TRUE(backslash("a,b\n\"x\",1\n"));
  EXPECT_TRUE(backslash("a,b\n\"\",1\n")) << "an empty field";
  EXPECT_FALSE(backslash("a,b\n\"C:\\\\temp\",\"5\"\" pipe\"\n"));
  EXPECT_FALSE(backslash("a,b\n\"C:\\\\temp\",\"pipe 5\"\"\"\n"));
  EXPECT_TRUE(backslash("a,b\n\"15\\\" bag\",\"5\"\" pipe\"\n"));
  EXPECT_TRUE(backslash("a,b\n\"bag 15\\\"\",1\n"));
}

}  // namespace
}  // namespace trine::format
