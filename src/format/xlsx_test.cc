#include "format/xlsx.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "format/xml_scanner.h"
#include "format/zip.h"
#include "test/support/gzip.h"

namespace trine::format {
namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

std::string Little(uint32_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
  return out;
}

std::string Zip(const Members& members, bool deflate = true) {
  std::string out, directory;
  for (const auto& [name, text] : members) {
    const std::string packed = deflate ? test::Deflate(text) : text;
    const auto crc = static_cast<uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
    const auto size = static_cast<uint32_t>(text.size()), small = static_cast<uint32_t>(packed.size());
    const std::string common = Little(20, 2) + Little(0, 2) + Little(deflate ? 8 : 0, 2) + Little(0, 4) +
                               Little(crc, 4) + Little(small, 4) + Little(size, 4) +
                               Little(static_cast<uint32_t>(name.size()), 2) + Little(0, 2);
    directory += "PK\x01\x02" + Little(20, 2) + common + Little(0, 2) + Little(0, 2) + Little(0, 2) +
                 Little(0, 4) + Little(static_cast<uint32_t>(out.size()), 4) + name;
    out += "PK\x03\x04" + common + name + packed;
  }
  const auto count = static_cast<uint32_t>(members.size());
  const std::string end = "PK\x05\x06" + Little(0, 4) + Little(count, 2) + Little(count, 2) +
                          Little(static_cast<uint32_t>(directory.size()), 4) +
                          Little(static_cast<uint32_t>(out.size()), 4) + Little(7, 2) + "comment";
  return out + directory + end;
}

// The whole CSV text of a workbook.
Result<std::string> CsvOf(std::string bytes, const std::function<Status(size_t)>& reserve = {}) {
  TRINE_ASSIGN(const auto source, XlsxToCsv(std::move(bytes), reserve));
  std::string csv;
  for (;;) {
    TRINE_ASSIGN(const std::string_view piece, source->Next());
    if (piece.empty()) return csv;
    csv += piece;
  }
}

Members Book(const std::string& rows) {
  return {
      {"xl/workbook.xml",
       R"(<?xml version="1.0"?><workbook><workbookPr/><sheets><sheet name="h" state="hidden" r:id="rId9"/>)"
       R"(<sheet name="상품" sheetId="1" r:id="rId1"/></sheets></workbook>)"},
      {"xl/_rels/workbook.xml.rels",
       R"(<Relationships><Relationship Id="rId9" Target="worksheets/none.xml"/>)"
       R"(<Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>)"},
      {"xl/sharedStrings.xml",
       R"(<sst><si><t>상품명</t></si><si><r><t>무선 </t></r><r><t xml:space="preserve">이어폰 &amp; "A"</t></r>)"
       R"(<rPh><t>no</t></rPh></si><si><t/></si></sst>)"},
      {"xl/styles.xml",
       R"(<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;년&quot; m"/>)"
       R"(<numFmt numFmtId="165" formatCode="#,##0&quot;days&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/>)"
       R"(</cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="164"/><xf numFmtId="165"/>)"
       R"(</cellXfs></styleSheet>)"},
      {"xl/worksheets/sheet1.xml", "<worksheet><sheetData>" + rows + "</sheetData></worksheet>"}};
}

TEST(Xlsx, ConvertsTheFirstVisibleSheet) {
  const std::string rows =
      R"(<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="inlineStr"><is><t>price</t></is></c><c r="D2" t="str"><v>at</v></c></row>)"
      R"(<row r="3"><c r="A3" t="s"><v>1</v></c><c r="B3"><v>12900</v></c><c r="C3" s="1"/><c r="D3" s="1"><v>45244.6</v></c></row>)"
      R"(<row r="4"><c t="b"><v>1</v></c><c s="3"><v>0.10000000000000001</v></c><c s="2"><v>45244</v></c><c><v>1.5E+3</v></c></row>)"
      R"(<row r="5"/><row r="6"><c r="D6" s="1"><v>0.5</v></c><c r="C6" t="s"><v>2</v></c></row>)";
  const std::string expected =
      "\n상품명,price,,at\n"
      "\"무선 이어폰 & \"\"A\"\"\",12900,,2023-11-14 14:24:00\n"
      "true,0.1,2023-11-14,1500\n"
      "\n,,,12:00:00\n";
  for (const bool deflate : {false, true}) {
    const auto csv = CsvOf(Zip(Book(rows), deflate));
    ASSERT_TRUE(csv.ok()) << csv.error().ToString();
    EXPECT_EQ(*csv, expected);
  }
}

TEST(Xlsx, ReadsDatesOf1904) {
  Members book = Book(R"(<row r="1"><c r="A1" s="1"><v>43782</v></c></row>)");
  book[0].second.replace(book[0].second.find("<workbookPr/>"), 13, R"(<workbookPr date1904="1"/>)");
  EXPECT_EQ(*CsvOf(Zip(book)), "2023-11-14\n");
}

// A few bytes of a workbook can stand for gigabytes of CSV.
TEST(Xlsx, RefusesASheetThatIsFarLargerThanItsFile) {
  std::string repeated = R"(<row r="1">)";
  Members book = Book("");
  book[2].second = "<sst><si><t>" + std::string(10'000, 'x') + "</t></si></sst>";
  for (int i = 0; i < 30'000; ++i) repeated += R"(<c t="s"><v>0</v></c></row><row>)";
  book[4].second = "<worksheet><sheetData>" + repeated + "</row></sheetData></worksheet>";
  EXPECT_EQ(CsvOf(Zip(book)).error().code, ErrorCode::kLimit) << "300 MB of repeated text";
  std::string wide = R"(<row r="1"><c r="XFD1"><v>1</v></c></row>)";
  for (int i = 2; i < 20'000; ++i) wide += "<row><c><v>1</v></c></row>";
  const std::string bytes = Zip(Book(wide));
  EXPECT_LT(bytes.size(), 20'000u);
  EXPECT_EQ(CsvOf(bytes).error().code, ErrorCode::kLimit) << "16,384 separators in each row";
}

TEST(Xlsx, ReservesMemoryBeforeItIsTaken) {
  const std::string bytes = Zip(Book(R"(<row r="1"><c t="s"><v>0</v></c></row>)"));
  size_t reserved = 0;
  const auto csv = CsvOf(bytes, [&](size_t more) { return reserved += more, Ok(); });
  ASSERT_TRUE(csv.ok());
  EXPECT_GE(reserved, csv->size());
  size_t steps = 0;
  while (steps < 10) {  // each step may be the one that is refused
    size_t left = steps;
    const auto limited = CsvOf(
        bytes, [&](size_t) -> Status { return left-- > 0 ? Ok() : Status(Error(ErrorCode::kBusy, "no")); });
    if (limited.ok()) break;
    EXPECT_EQ(limited.error().code, ErrorCode::kBusy);
    ++steps;
  }
  EXPECT_GE(steps, 3u);
  EXPECT_LT(steps, 10u);
  const auto refused = CsvOf(bytes, [](size_t) -> Status { return Error(ErrorCode::kBusy, "no"); });
  EXPECT_EQ(refused.error().code, ErrorCode::kBusy);
}

// 40 MB of XML, of which neither the sheet nor its CSV is ever in memory as a whole.
TEST(Xlsx, ReadsALargeSheetInLittleMemory) {
  std::string rows;
  constexpr int kRows = 100'000;
  for (int n = 0; n < kRows; ++n) {
    const std::string text = std::to_string(n);
    rows += "<row>";
    for (int column = 0; column < 10; ++column)
      rows += R"(<c t="inlineStr"><is><t>)" + text + "</t></is></c>";
    rows += "</row>";
  }
  const std::string bytes = Zip(Book(rows));
  size_t reserved = 0, pieces = 0, largest = 0, lines = 0;
  const auto source = XlsxToCsv(bytes, [&](size_t more) { return reserved += more, Ok(); });
  ASSERT_TRUE(source.ok()) << source.error().ToString();
  for (;; ++pieces) {
    const auto piece = (*source)->Next();
    ASSERT_TRUE(piece.ok());
    if (piece->empty()) break;
    largest = std::max(largest, piece->size());
    lines += static_cast<size_t>(std::count(piece->begin(), piece->end(), '\n'));
  }
  EXPECT_EQ(lines, size_t{kRows});
  EXPECT_GT(pieces, 50u);
  EXPECT_LT(largest, 128u << 10);
  EXPECT_LT(reserved, 8u << 20);
}

TEST(Xlsx, KeepsLongTextsAndTheirEntities) {
  // An entity that lies across the end of a piece must not be split.
  std::string text, expected;
  while (text.size() < 3 * XmlScanner::kMaxPieceBytes) {
    text += "a&amp;&#x1F600;";
    expected += "a&\U0001F600";
  }
  const std::string cell = R"(<c t="inlineStr"><is><t>)" + text + "</t></is></c>";
  const auto csv = CsvOf(Zip(Book("<row>" + cell + "</row>")));
  ASSERT_TRUE(csv.ok()) << csv.error().ToString();
  EXPECT_TRUE(*csv == expected + "\n");
  std::string row = "<row>";
  for (int i = 0; i < 6; ++i) row += cell;
  EXPECT_EQ(CsvOf(Zip(Book(row + "</row>"))).error().code, ErrorCode::kLimit) << "a row of 18 MB";
  const std::string tag = "<row><c r=\"" + std::string(2 * XmlScanner::kMaxPieceBytes, 'A') + "\"/></row>";
  EXPECT_EQ(CsvOf(Zip(Book(tag))).error().code, ErrorCode::kLimit) << "a tag of 2 MB";
}

TEST(Xlsx, RejectsOtherArchivesAndDamage) {
  EXPECT_EQ(CsvOf("PK").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(CsvOf(std::string(100, 'x')).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(CsvOf(Zip({{"a.txt", "x"}})).error().code, ErrorCode::kUnsupported);
  Members book = Book("");
  book.pop_back();
  EXPECT_EQ(CsvOf(Zip(book)).error().message, "the Excel workbook has no visible sheet");
  const std::string whole = Zip(Book(R"(<row r="1"><c><v>1</v></c></row>)"));
  for (size_t size = 0; size + 8 < whole.size(); size += 7) {  // the comment may be cut
    EXPECT_FALSE(CsvOf(whole.substr(0, size)).ok()) << size;
    std::string flipped = whole;
    flipped[size] ^= 0x55;
    static_cast<void>(CsvOf(flipped).ok());  // must not crash
  }
}

TEST(Zip, BoundsAndChecksMembers) {
  const std::string bytes = Zip({{"a", std::string(1000, 'x')}});
  const auto archive = ZipArchive::Open(bytes);
  ASSERT_TRUE(archive.ok());
  EXPECT_EQ(archive->Read("a", 1000)->size(), 1000u);
  EXPECT_EQ(archive->Read("a", 999).error().code, ErrorCode::kLimit);
  EXPECT_EQ(archive->Read("b", 999).error().code, ErrorCode::kNotFound);
  std::string damaged = bytes;
  damaged[damaged.find("PK\x01\x02") + 16] ^= 1;  // the checksum in the directory
  EXPECT_EQ(ZipArchive::Open(damaged)->Read("a", 1000).error().code, ErrorCode::kCorrupt);
  std::string encrypted = bytes;
  encrypted[encrypted.find("PK\x01\x02") + 8] |= 1;
  EXPECT_EQ(ZipArchive::Open(encrypted)->Read("a", 1000).error().code, ErrorCode::kUnsupported);
  std::string method = bytes;
  method[method.find("PK\x01\x02") + 10] = 12;
  EXPECT_EQ(ZipArchive::Open(method)->Read("a", 1000).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace trine::format
