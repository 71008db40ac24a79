#include "format/xlsx.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/text.h"
#include "base/utf8.h"
#include "format/csv.h"
#include "format/text.h"
#include "format/zip.h"

namespace trine::format {
namespace {

constexpr size_t kMaxPartBytes = 128u << 20;  // of XML; far more than a sheet that people edit
constexpr size_t kMaxColumns = 16'384;        // Excel's own bound
constexpr size_t kMaxCsvBytes = 256u << 20;   // the cells of a sheet together

// One piece of XML: a tag, or the text between two tags.
struct XmlPiece {
  enum class Kind { kOpen, kClose, kEmpty, kText } kind = Kind::kText;
  std::string_view name;   // of a tag, without its namespace prefix
  std::string_view inner;  // the attributes of a tag, or the raw text
};

// Walks over XML without checking it. Comments, processing instructions and declarations are skipped.
class XmlScanner {
 public:
  explicit XmlScanner(std::string_view text) : rest_(text) {}
  bool Next(XmlPiece* piece) {
    for (;;) {
      if (rest_.empty()) return false;
      if (rest_[0] != '<') {
        const size_t end = std::min(rest_.find('<'), rest_.size());
        *piece = {XmlPiece::Kind::kText, {}, rest_.substr(0, end)};
        rest_.remove_prefix(end);
        return true;
      }
      const size_t end = rest_.find('>');
      if (end == std::string_view::npos) return rest_ = {}, false;
      std::string_view tag = rest_.substr(1, end - 1);
      rest_.remove_prefix(end + 1);
      if (tag.empty() || tag[0] == '?' || tag[0] == '!') continue;
      piece->kind = XmlPiece::Kind::kOpen;
      if (tag[0] == '/') {
        piece->kind = XmlPiece::Kind::kClose;
        tag.remove_prefix(1);
      } else if (tag.ends_with('/')) {
        piece->kind = XmlPiece::Kind::kEmpty;
        tag.remove_suffix(1);
      }
      const size_t space = std::min(tag.find_first_of(" \t\r\n"), tag.size());
      piece->name = tag.substr(0, space);
      if (const size_t colon = piece->name.find(':'); colon != std::string_view::npos)
        piece->name.remove_prefix(colon + 1);
      piece->inner = tag.substr(space);
      return true;
    }
  }

 private:
  std::string_view rest_;
};

// Decodes the entities of XML. An unknown one stays as it is.
std::string XmlText(std::string_view raw) {
  std::string out;
  while (!raw.empty()) {
    const size_t amp = std::min(raw.find('&'), raw.size());
    out += raw.substr(0, amp);
    raw.remove_prefix(amp);
    const size_t end = raw.substr(0, 12).find(';');
    if (raw.empty()) break;
    if (end == std::string_view::npos) {
      out += raw[0];
      raw.remove_prefix(1);
      continue;
    }
    const std::string_view entity = raw.substr(1, end - 1);
    if (entity == "amp") {
      out += '&';
    } else if (entity == "lt") {
      out += '<';
    } else if (entity == "gt") {
      out += '>';
    } else if (entity == "quot") {
      out += '"';
    } else if (entity == "apos") {
      out += '\'';
    } else if (entity.starts_with('#')) {
      const bool hex = entity.starts_with("#x");
      const std::string digits(entity.substr(hex ? 2 : 1));
      AppendUtf8(static_cast<char32_t>(std::strtoul(digits.c_str(), nullptr, hex ? 16 : 10)), &out);
    } else {
      out += raw.substr(0, end + 1);
    }
    raw.remove_prefix(end + 1);
  }
  return out;
}

// The value of an attribute, with or without a namespace prefix; empty if there is none.
std::string Attribute(const XmlPiece& tag, std::string_view name) {
  std::string_view rest = tag.inner;
  for (;;) {
    const size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return "";
    std::string_view key = Trim(rest.substr(0, equals));
    if (const size_t colon = key.find(':'); colon != std::string_view::npos) key.remove_prefix(colon + 1);
    const size_t open = rest.find_first_of("\"'", equals);
    if (open == std::string_view::npos) return "";
    const size_t close = rest.find(rest[open], open + 1);
    if (close == std::string_view::npos) return "";
    if (key == name) return XmlText(rest.substr(open + 1, close - open - 1));
    rest.remove_prefix(close + 1);
  }
}

using Kind = XmlPiece::Kind;

// The texts of xl/sharedStrings.xml. A text consists of several runs; its pronunciation (rPh) is left out.
std::vector<std::string> ReadSharedStrings(std::string_view xml) {
  std::vector<std::string> strings;
  bool text = false, pronunciation = false;
  XmlScanner scanner(xml);
  for (XmlPiece piece; scanner.Next(&piece);) {
    const bool open = piece.kind == Kind::kOpen;
    if (piece.name == "si" && piece.kind != Kind::kClose) strings.emplace_back();
    if (piece.name == "rPh" && piece.kind != Kind::kText) pronunciation = open;
    if (piece.name == "t" && piece.kind != Kind::kText) text = open;
    if (piece.kind == Kind::kText && text && !pronunciation && !strings.empty())
      strings.back() += XmlText(piece.inner);
  }
  return strings;
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
std::set<size_t> ReadDateStyles(std::string_view xml) {
  std::set<int> formats;
  std::set<size_t> styles;
  bool cells = false;
  size_t style = 0;
  XmlScanner scanner(xml);
  for (XmlPiece piece; scanner.Next(&piece);) {
    if (piece.kind == Kind::kText) continue;
    if (piece.name == "numFmt" && IsDateFormat(Attribute(piece, "formatCode")))
      formats.insert(std::atoi(Attribute(piece, "numFmtId").c_str()));
    if (piece.name == "cellXfs") cells = piece.kind == Kind::kOpen;
    if (piece.name != "xf" || !cells || piece.kind == Kind::kClose) continue;
    const int id = std::atoi(Attribute(piece, "numFmtId").c_str());
    if (IsBuiltInDate(id) || formats.contains(id)) styles.insert(style);
    ++style;
  }
  return styles;
}

// The first sheet that is not hidden.
struct Workbook {
  std::string sheet;  // the relationship id
  bool from_1904 = false;
};
Workbook ReadWorkbook(std::string_view xml) {
  Workbook workbook;
  XmlScanner scanner(xml);
  for (XmlPiece piece; scanner.Next(&piece);) {
    if (piece.kind == Kind::kText || piece.kind == Kind::kClose) continue;
    if (piece.name == "workbookPr") {
      const std::string from_1904 = Attribute(piece, "date1904");
      workbook.from_1904 = from_1904 == "1" || from_1904 == "true";
    }
    if (piece.name == "sheet" && workbook.sheet.empty() && !Attribute(piece, "state").ends_with("idden"))
      workbook.sheet = Attribute(piece, "id");
  }
  return workbook;
}

std::string ReadTarget(std::string_view rels, const std::string& id) {
  XmlScanner scanner(rels);
  for (XmlPiece piece; scanner.Next(&piece);) {
    if (piece.name != "Relationship" || Attribute(piece, "Id") != id) continue;
    const std::string target = Attribute(piece, "Target");
    return target.starts_with('/') ? target.substr(1) : "xl/" + target;
  }
  return "";
}

// Converts the cells of one sheet.
class Sheet {
 public:
  Sheet(std::string_view xml, const std::vector<std::string>& strings, const std::set<size_t>& dates,
        bool from_1904)
      : xml_(xml), strings_(strings), dates_(dates), from_1904_(from_1904) {}

  // Visits the rows that the sheet has, with their numbers, which grow. Returns false, after a part of the
  // rows, if their texts have more than kMaxCsvBytes.
  bool Visit(const std::function<void(size_t number, std::vector<std::string>&)>& visit) const {
    std::vector<std::string> cells;
    size_t number = 0, bytes = 0;
    Cell cell;
    bool value = false;
    XmlScanner scanner(xml_);
    for (XmlPiece piece; scanner.Next(&piece);) {
      if (piece.kind == Kind::kText) {
        if (value) cell.text += XmlText(piece.inner);
        continue;
      }
      const bool open = piece.kind == Kind::kOpen;
      if (piece.name == "v" || piece.name == "t") value = open;
      if (piece.name == "c" && piece.kind != Kind::kClose) cell = ReadCell(piece, cells.size());
      if (piece.name == "c" && !open && cell.column < kMaxColumns) {
        if (cells.size() <= cell.column) cells.resize(cell.column + 1);
        cells[cell.column] = Shown(cell);
        bytes += cells[cell.column].size();
        if (bytes > kMaxCsvBytes) return false;
      }
      if (piece.name != "row") continue;
      if (open) {
        const std::string at = Attribute(piece, "r");
        number =
            at.empty() ? number + 1 : std::max<size_t>(number + 1, std::strtoul(at.c_str(), nullptr, 10));
        cells.clear();
      } else if (piece.kind == Kind::kClose) {
        while (!cells.empty() && cells.back().empty()) cells.pop_back();
        visit(number, cells);
      }
    }
    return true;
  }

 private:
  struct Cell {
    size_t column = 0, style = 0;
    std::string type, text;
  };

  // "BC12" is column 54. A cell without a reference follows the one before it.
  static Cell ReadCell(const XmlPiece& tag, size_t next) {
    Cell cell;
    cell.type = Attribute(tag, "t");
    cell.style = std::strtoul(Attribute(tag, "s").c_str(), nullptr, 10);
    size_t column = 0;
    for (const char c : Attribute(tag, "r").substr(0, 3)) {
      if (c >= 'A' && c <= 'Z') column = column * 26 + static_cast<size_t>(c - 'A' + 1);
    }
    cell.column = column == 0 ? next : column - 1;
    return cell;
  }

  std::string Shown(const Cell& cell) const {
    if (cell.type == "s") {
      const size_t index = std::strtoul(cell.text.c_str(), nullptr, 10);
      return index < strings_.size() ? strings_[index] : "";
    }
    if (cell.type == "b") return cell.text == "1" ? "true" : "false";
    const std::optional<double> number = ParseDouble(cell.text);
    if (!cell.type.empty() && cell.type != "n") return cell.text;
    if (!number) return cell.text;
    if (dates_.contains(cell.style)) return Date(*number);
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
    if (from_1904_) serial += kDaysOf1904;
    const auto seconds = static_cast<int64_t>(std::llround((serial - kDaysTo1970) * kSecondsOfDay));
    const std::string time = FormatTime(Millis{seconds * 1000});  // 2026-11-22T13:05:00.000Z
    if (serial < 1) return time.substr(11, 8);
    return time.substr(0, 10) + (time.substr(11, 8) == "00:00:00" ? "" : " " + time.substr(11, 8));
  }

  const std::string_view xml_;
  const std::vector<std::string>& strings_;
  const std::set<size_t>& dates_;
  const bool from_1904_;
};

Error TooLarge() {
  return Error(ErrorCode::kLimit, "the sheet of the Excel workbook is too large")
      .Expected("at most " + std::to_string(kMaxCsvBytes) + " bytes as CSV");
}

Result<std::string> SheetToCsv(const Sheet& sheet, const std::function<Status(size_t)>& reserve) {
  constexpr size_t kMaxGap = 1'048'576;  // Excel's own bound
  size_t width = 1, rows = 0, bytes = 0, lines = 0;
  const bool fits = sheet.Visit([&](size_t number, std::vector<std::string>& cells) {
    width = std::max(width, cells.size());
    if (cells.empty() || number > kMaxGap) return;
    ++rows;
    lines = number;
    for (const std::string& cell : cells) bytes += cell.size();
  });
  // Every row has a separator for each column of the widest one.
  if (!fits || rows * width > kMaxCsvBytes || bytes + rows * width > kMaxCsvBytes) return TooLarge();
  // A quote of the text is doubled, and quotes are added around a text with one.
  TRINE_TRY(reserve(2 * bytes + rows * width + lines));
  std::string csv;
  size_t line = 1;
  sheet.Visit([&](size_t number, std::vector<std::string>& cells) {
    if (cells.empty() || number > kMaxGap) return;
    for (; line < number; ++line) csv += '\n';
    ++line;
    cells.resize(width);
    AppendCsvRow(cells, &csv);
  });
  return csv;
}

}  // namespace

Result<std::string> XlsxToCsv(std::string_view bytes, const std::function<Status(size_t more)>& reserve) {
  const auto take = [&reserve](size_t more) { return reserve ? reserve(more) : Ok(); };
  TRINE_ASSIGN(const ZipArchive archive, ZipArchive::Open(bytes));
  if (!archive.Has("xl/workbook.xml"))
    return Error(ErrorCode::kUnsupported, "the file is a ZIP archive, but not an Excel workbook")
        .Expected("CSV, NDJSON, JSON or .xlsx");
  TRINE_ASSIGN(const std::string workbook_xml, archive.Read("xl/workbook.xml", kMaxPartBytes));
  TRINE_ASSIGN(const std::string rels, archive.Read("xl/_rels/workbook.xml.rels", kMaxPartBytes));
  const Workbook workbook = ReadWorkbook(workbook_xml);
  const std::string path = ReadTarget(rels, workbook.sheet);
  if (path.empty() || !archive.Has(path))
    return Error(ErrorCode::kCorrupt, "the Excel workbook has no visible sheet");
  constexpr std::string_view kStrings = "xl/sharedStrings.xml";
  constexpr size_t kStringCopies = 4;  // the XML, and a string object for each text
  TRINE_TRY(take(archive.SizeOf(path) + kStringCopies * archive.SizeOf(std::string(kStrings))));
  TRINE_ASSIGN(const std::string sheet_xml, archive.Read(path, kMaxPartBytes));
  std::vector<std::string> strings;
  std::set<size_t> dates;
  if (archive.Has(std::string(kStrings))) {
    TRINE_ASSIGN(const std::string xml, archive.Read(std::string(kStrings), kMaxPartBytes));
    strings = ReadSharedStrings(xml);
  }
  if (archive.Has("xl/styles.xml")) {
    TRINE_ASSIGN(const std::string xml, archive.Read("xl/styles.xml", kMaxPartBytes));
    dates = ReadDateStyles(xml);
  }
  return SheetToCsv(Sheet(sheet_xml, strings, dates, workbook.from_1904), take);
}

}  // namespace trine::format
