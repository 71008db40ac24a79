#include "format/xlsx.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "format/text.h"
#include "format/xml_scanner.h"
#include "format/zip.h"

namespace trine::format {
namespace {

// Sizes of XML, far more than in a workbook that people edit.
constexpr size_t kMaxSheetBytes = 512u << 20;
constexpr size_t kMaxPartBytes = 128u << 20;  // of any other part
constexpr size_t kMaxCsvBytes = 256u << 20;   // the cells of a sheet together
constexpr size_t kMaxRowBytes = 16u << 20;    // a longer row could not be imported
constexpr size_t kMaxColumns = 16'384;        // Excel's own bounds
constexpr size_t kMaxStyles = 65'536;

using Kind = XmlPiece::Kind;
using Reserve = std::function<Status(size_t more)>;

// Reserves memory in steps, before it is taken.
class StepwiseMemory {
 public:
  explicit StepwiseMemory(const Reserve& reserve) : reserve_(reserve) {}
  Status GrowTo(size_t bytes) {
    if (bytes <= reserved_) return Ok();
    const size_t more = (bytes - reserved_ + kStep - 1) / kStep * kStep;
    if (reserve_) TRINE_TRY(reserve_(more));
    reserved_ += more;
    return Ok();
  }

 private:
  static constexpr size_t kStep = 1u << 20;
  const Reserve& reserve_;
  size_t reserved_ = 0;
};

// The texts of xl/sharedStrings.xml, one behind the other: a workbook may have millions of short ones.
class SharedStrings {
 public:
  void Begin() { ends_.push_back(Size()); }
  void Append(std::string_view text) {
    text_.insert(text_.end(), text.begin(), text.end());
    ends_.back() = Size();
  }
  size_t count() const { return ends_.size(); }
  size_t bytes() const { return text_.size() + ends_.size() * sizeof(uint32_t); }
  // Requires i < count().
  std::string Get(size_t i) const {
    const auto begin = static_cast<ptrdiff_t>(i == 0 ? 0 : ends_[i - 1]);
    return std::string(text_.begin() + begin, text_.begin() + static_cast<ptrdiff_t>(ends_[i]));
  }

 private:
  uint32_t Size() const { return static_cast<uint32_t>(text_.size()); }  // at most kMaxPartBytes
  std::deque<char> text_;                                                // grows without being copied
  std::deque<uint32_t> ends_;
};

// A text consists of several runs; its pronunciation (rPh) is left out.
Result<SharedStrings> ReadSharedStrings(std::unique_ptr<ByteSource> xml, const Reserve& reserve) {
  SharedStrings strings;
  StepwiseMemory memory(reserve);
  bool text = false, pronunciation = false;
  XmlScanner scanner(std::move(xml));
  for (XmlPiece piece;;) {
    TRINE_ASSIGN(const bool more, scanner.Next(&piece));
    if (!more) return strings;
    const bool open = piece.kind == Kind::kOpen;
    if (piece.name == "si" && (open || piece.kind == Kind::kEmpty)) strings.Begin();
    if (piece.name == "rPh" && piece.kind != Kind::kText) pronunciation = open;
    if (piece.name == "t" && piece.kind != Kind::kText) text = open;
    if (piece.kind != Kind::kText || !text || pronunciation || strings.count() == 0) continue;
    TRINE_TRY(memory.GrowTo(strings.bytes() + piece.inner.size()));
    strings.Append(XmlText(piece.inner));
  }
}

// Whether a number format shows a date or a time: it has letters of dates outside quotes and brackets.
bool IsDateFormat(std::string_view code) {
  bool quoted = false, bracket = false;
  for (size_t i = 0; i < code.size(); ++i) {
    const char c = ToLowerAscii(code[i]);
    if (c == '\\') ++i;
    if (c == '"') quoted = !quoted;
    if (c == '[') bracket = true;
    if (c == ']') bracket = false;
    if (!quoted && !bracket && (c == 'y' || c == 'd' || c == 'h' || c == 'm' || c == 's')) return true;
  }
  return false;
}
bool IsBuiltInDate(int id) {
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

// The cell styles of xl/styles.xml whose numbers are dates.
Result<std::set<size_t>> ReadDateStyles(std::unique_ptr<ByteSource> xml) {
  std::set<int> formats;
  std::set<size_t> styles;
  bool cells = false;
  size_t style = 0;
  XmlScanner scanner(std::move(xml));
  for (XmlPiece piece;;) {
    TRINE_ASSIGN(const bool more, scanner.Next(&piece));
    if (!more) return styles;
    if (piece.kind == Kind::kText) continue;
    if (piece.name == "numFmt" && formats.size() < kMaxStyles &&
        IsDateFormat(XmlAttribute(piece, "formatCode")))
      formats.insert(std::atoi(XmlAttribute(piece, "numFmtId").c_str()));
    if (piece.name == "cellXfs") cells = piece.kind == Kind::kOpen;
    if (piece.name != "xf" || !cells || piece.kind == Kind::kClose || style == kMaxStyles) continue;
    const int id = std::atoi(XmlAttribute(piece, "numFmtId").c_str());
    if (IsBuiltInDate(id) || formats.contains(id)) styles.insert(style);
    ++style;
  }
}

// The first sheet that is not hidden.
struct Workbook {
  std::string sheet;  // the relationship id
  bool from_1904 = false;
};
Result<Workbook> ReadWorkbook(std::unique_ptr<ByteSource> xml) {
  Workbook workbook;
  XmlScanner scanner(std::move(xml));
  for (XmlPiece piece;;) {
    TRINE_ASSIGN(const bool more, scanner.Next(&piece));
    if (!more) return workbook;
    if (piece.kind == Kind::kText || piece.kind == Kind::kClose) continue;
    if (piece.name == "workbookPr") {
      const std::string from_1904 = XmlAttribute(piece, "date1904");
      workbook.from_1904 = from_1904 == "1" || from_1904 == "true";
    }
    if (piece.name == "sheet" && workbook.sheet.empty() && !XmlAttribute(piece, "state").ends_with("idden"))
      workbook.sheet = XmlAttribute(piece, "id");
  }
}

// The name of the part with the relationship `id`; empty if there is none.
Result<std::string> ReadTarget(std::unique_ptr<ByteSource> rels, const std::string& id) {
  XmlScanner scanner(std::move(rels));
  for (XmlPiece piece;;) {
    TRINE_ASSIGN(const bool more, scanner.Next(&piece));
    if (!more) return std::string();
    if (piece.name != "Relationship" || XmlAttribute(piece, "Id") != id) continue;
    const std::string target = XmlAttribute(piece, "Target");
    return target.starts_with('/') ? target.substr(1) : "xl/" + target;
  }
}

// The parts of a workbook to which the cells of a sheet refer.
struct SheetContext {
  SharedStrings strings;
  std::set<size_t> dates;  // the styles of dates
  bool from_1904 = false;
};

// Reads the rows of one sheet in order.
class SheetRows {
 public:
  // `context` and `memory` must outlive the object.
  SheetRows(std::unique_ptr<ByteSource> xml, const SheetContext& context, StepwiseMemory& memory)
      : scanner_(std::move(xml)), context_(context), memory_(memory) {}

  // Reads the next row that the sheet has, without empty cells at its end, and its number; the numbers grow.
  // Returns false at the end. kLimit if the row has more than kMaxRowBytes.
  Result<bool> Next(size_t* number, std::vector<std::string>* cells) {
    cells->clear();
    for (XmlPiece piece;;) {
      TRINE_ASSIGN(const bool more, scanner_.Next(&piece));
      if (!more) return false;
      if (piece.kind == Kind::kText) {
        if (!value_) continue;
        TRINE_TRY(Take(piece.inner.size()));
        cell_.text += XmlText(piece.inner);
        continue;
      }
      const bool open = piece.kind == Kind::kOpen;
      if (piece.name == "v" || piece.name == "t") value_ = open;
      if (piece.name == "c" && piece.kind != Kind::kClose) cell_ = ReadCell(piece, cells->size());
      if (piece.name == "c" && !open && cell_.column < kMaxColumns) TRINE_TRY(Put(cells));
      if (piece.name != "row") continue;
      if (open) {
        const std::string at = XmlAttribute(piece, "r");
        number_ =
            at.empty() ? number_ + 1 : std::max<size_t>(number_ + 1, std::strtoul(at.c_str(), nullptr, 10));
        cells->clear();
        row_bytes_ = 0;
      } else if (piece.kind == Kind::kClose) {
        while (!cells->empty() && cells->back().empty()) cells->pop_back();
        *number = number_;
        return true;
      }
    }
  }

 private:
  struct Cell {
    size_t column = 0, style = 0;
    std::string type, text;
  };

  Status Take(size_t bytes) {
    row_bytes_ += bytes;
    if (row_bytes_ > kMaxRowBytes)
      return Error(ErrorCode::kLimit, "row " + std::to_string(number_) + " of the Excel workbook is too long")
          .Expected("at most " + std::to_string(kMaxRowBytes) + " bytes");
    return memory_.GrowTo(row_bytes_);
  }

  Status Put(std::vector<std::string>* cells) {
    if (cells->size() <= cell_.column) {
      TRINE_TRY(Take((cell_.column + 1 - cells->size()) * sizeof(std::string)));
      cells->resize(cell_.column + 1);
    }
    std::string shown = Shown(cell_);
    TRINE_TRY(Take(shown.size()));
    (*cells)[cell_.column] = std::move(shown);
    return Ok();
  }

  // "BC12" is column 54. A cell without a reference follows the one before it.
  static Cell ReadCell(const XmlPiece& tag, size_t next) {
    Cell cell;
    cell.type = XmlAttribute(tag, "t");
    cell.style = std::strtoul(XmlAttribute(tag, "s").c_str(), nullptr, 10);
    size_t column = 0;
    for (const char c : XmlAttribute(tag, "r").substr(0, 3)) {
      if (c >= 'A' && c <= 'Z') column = column * 26 + static_cast<size_t>(c - 'A' + 1);
    }
    cell.column = column == 0 ? next : column - 1;
    return cell;
  }

  std::string Shown(const Cell& cell) const {
    if (cell.type == "s") {
      const size_t index = std::strtoul(cell.text.c_str(), nullptr, 10);
      return index < context_.strings.count() ? context_.strings.Get(index) : "";
    }
    if (cell.type == "b") return cell.text == "1" ? "true" : "false";
    const std::optional<double> number = ParseDouble(cell.text);
    if (!cell.type.empty() && cell.type != "n") return cell.text;
    if (!number) return cell.text;
    if (context_.dates.contains(cell.style)) return Date(*number);
    if (ParseInt(cell.text)) return cell.text;
    constexpr double kExact = 9007199254740992.0;  // 2^53
    if (std::floor(*number) == *number && std::abs(*number) < kExact)
      return std::to_string(static_cast<int64_t>(*number));
    return ShortestDouble(*number);
  }

  std::string Date(double serial) const {
    constexpr double kDaysTo1970 = 25569, kDaysOf1904 = 1462, kSecondsOfDay = 86'400;
    constexpr double kLastSerial = 2'958'466;  // the year 9999
    if (serial < 0 || serial >= kLastSerial) return ShortestDouble(serial);
    if (context_.from_1904) serial += kDaysOf1904;
    const auto seconds = static_cast<int64_t>(std::llround((serial - kDaysTo1970) * kSecondsOfDay));
    const std::string time = FormatTime(Millis{seconds * 1000});  // 2026-11-22T13:05:00.000Z
    if (serial < 1) return time.substr(11, 8);
    return time.substr(0, 10) + (time.substr(11, 8) == "00:00:00" ? "" : " " + time.substr(11, 8));
  }

  XmlScanner scanner_;
  const SheetContext& context_;
  StepwiseMemory& memory_;
  size_t number_ = 0;
  size_t row_bytes_ = 0;  // of the row that is being read
  Cell cell_;
  bool value_ = false;  // inside a value or a text
};

Error TooLarge() {
  return Error(ErrorCode::kLimit, "the sheet of the Excel workbook is too large")
      .Expected("at most " + std::to_string(kMaxCsvBytes) + " bytes as CSV");
}

// Writes the rows of a sheet as CSV, piece by piece. Owns the workbook.
class XlsxSource final : public ByteSource {
 public:
  XlsxSource(std::string bytes, const Reserve& reserve) : bytes_(std::move(bytes)), reserve_(reserve) {}

  // Reads everything but the rows, and the rows once, for the number of columns and for errors.
  Status Open() {
    TRINE_ASSIGN(const ZipArchive archive, ZipArchive::Open(bytes_));
    if (!archive.Has("xl/workbook.xml"))
      return Error(ErrorCode::kUnsupported, "the file is a ZIP archive, but not an Excel workbook")
          .Expected("CSV, NDJSON, JSON or .xlsx");
    TRINE_TRY(memory_.GrowTo(kWorkBytes));
    TRINE_ASSIGN(auto workbook_xml, archive.Stream("xl/workbook.xml", kMaxPartBytes));
    TRINE_ASSIGN(const Workbook workbook, ReadWorkbook(std::move(workbook_xml)));
    TRINE_ASSIGN(auto rels, archive.Stream("xl/_rels/workbook.xml.rels", kMaxPartBytes));
    TRINE_ASSIGN(const std::string path, ReadTarget(std::move(rels), workbook.sheet));
    if (path.empty() || !archive.Has(path))
      return Error(ErrorCode::kCorrupt, "the Excel workbook has no visible sheet");
    context_.from_1904 = workbook.from_1904;
    const std::string strings = "xl/sharedStrings.xml", styles = "xl/styles.xml";
    if (archive.Has(strings)) {
      TRINE_ASSIGN(auto xml, archive.Stream(strings, kMaxPartBytes));
      TRINE_ASSIGN(context_.strings, ReadSharedStrings(std::move(xml), reserve_));
    }
    if (archive.Has(styles)) {
      TRINE_ASSIGN(auto xml, archive.Stream(styles, kMaxPartBytes));
      TRINE_ASSIGN(context_.dates, ReadDateStyles(std::move(xml)));
    }
    TRINE_ASSIGN(auto first, archive.Stream(path, kMaxSheetBytes));
    TRINE_TRY(Measure(std::move(first)));
    TRINE_ASSIGN(auto second, archive.Stream(path, kMaxSheetBytes));
    rows_.emplace(std::move(second), context_, row_memory_);
    return Ok();
  }

  Result<std::string_view> Next() override {
    TRINE_CHECK(rows_.has_value());
    csv_.clear();
    size_t number = 0;
    std::vector<std::string> cells;
    while (csv_.size() < kPieceBytes) {
      TRINE_ASSIGN(const bool more, rows_->Next(&number, &cells));
      if (!more) break;
      if (cells.empty() || number > kMaxGap) continue;
      csv_.append(number - line_, '\n');
      line_ = number + 1;
      cells.resize(width_);
      AppendCsvRow(cells, &csv_);
    }
    return std::string_view(csv_);
  }

 private:
  static constexpr size_t kMaxGap = 1'048'576;  // Excel's own bound
  static constexpr size_t kPieceBytes = 64u << 10;
  // For the buffer of the scanner, the decompression, and the lines of missing rows.
  static constexpr size_t kWorkBytes = 3 * XmlScanner::kMaxPieceBytes;

  Status Measure(std::unique_ptr<ByteSource> xml) {
    SheetRows rows(std::move(xml), context_, row_memory_);
    size_t number = 0, count = 0, bytes = 0, longest = 0;
    std::vector<std::string> cells;
    for (;;) {
      TRINE_ASSIGN(const bool more, rows.Next(&number, &cells));
      if (!more) break;
      width_ = std::max(width_, cells.size());
      if (cells.empty() || number > kMaxGap) continue;
      ++count;
      size_t row_bytes = 0;
      for (const std::string& cell : cells) row_bytes += cell.size();
      longest = std::max(longest, row_bytes);
      bytes += row_bytes;
      // Every row has a separator for each column of the widest one.
      if (bytes + count * width_ > kMaxCsvBytes) return TooLarge();
    }
    // In a text with quotes each is doubled, and quotes are added around it.
    return csv_memory_.GrowTo(kPieceBytes + 2 * longest + width_ * (sizeof(std::string) + 3));
  }

  const std::string bytes_;
  const Reserve reserve_;
  StepwiseMemory memory_{reserve_}, row_memory_{reserve_}, csv_memory_{reserve_};
  SheetContext context_;
  size_t width_ = 1;
  std::optional<SheetRows> rows_;
  std::string csv_;  // the piece that Next returned last
  size_t line_ = 1;  // of the next row
};

}  // namespace

Result<std::unique_ptr<ByteSource>> XlsxToCsv(std::string bytes,
                                              const std::function<Status(size_t more)>& reserve) {
  auto source = std::make_unique<XlsxSource>(std::move(bytes), reserve);
  TRINE_TRY(source->Open());
  return std::unique_ptr<ByteSource>(std::move(source));
}

}  // namespace trine::format
