#include "operations/import/row_reader.h"

#include <algorithm>
#include <utility>

#include "base/memory_budget.h"
#include "base/text.h"
#include "format/csv_dialect.h"
#include "format/encoding.h"
#include "format/json_element_reader.h"
#include "format/line_reader.h"
#include "format/strict_json.h"
#include "format/xlsx.h"

namespace trine::operations {
namespace {

using format::ByteSource;
using format::Json;

// Adds the number of bytes read to `count`.
class CountingSource final : public ByteSource {
 public:
  CountingSource(std::unique_ptr<ByteSource> source, uint64_t* count)
      : source_(std::move(source)), count_(count) {}
  Result<std::string_view> Next() override {
    TRINE_ASSIGN(const std::string_view piece, source_->Next());
    *count_ += piece.size();
    return piece;
  }

 private:
  const std::unique_ptr<ByteSource> source_;
  uint64_t* const count_;
};

// Lets the reader look at the start of a stream before it reads it.
class PeekSource final : public ByteSource {
 public:
  explicit PeekSource(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
  // Returns the first bytes, at least `bytes` unless the stream is shorter. Not after Next().
  Result<std::string_view> Peek(size_t bytes) {
    while (start_.size() < bytes && !ended_) {
      TRINE_ASSIGN(const std::string_view piece, source_->Next());
      ended_ = piece.empty();
      start_ += piece;
    }
    return std::string_view(start_);
  }
  Result<std::string_view> Next() override {
    if (!start_.empty() && !given_) {
      given_ = true;
      return std::string_view(start_);
    }
    return ended_ ? std::string_view() : source_->Next();
  }

 private:
  const std::unique_ptr<ByteSource> source_;
  std::string start_;
  bool ended_ = false, given_ = false;
};

// The stream that a reader reads, and what is known about it.
struct TextStream {
  std::unique_ptr<ByteSource> text;
  const format::Utf8Source* decoder = nullptr;  // owned by `text`
  std::unique_ptr<uint64_t> bytes;
  bool workbook = false;  // `text` was made by format::XlsxToCsv
};

// Keeps the memory that another source needs.
class HeldSource final : public ByteSource {
 public:
  HeldSource(std::unique_ptr<ByteSource> source, std::unique_ptr<MemoryHold> memory)
      : memory_(std::move(memory)), source_(std::move(source)) {}
  Result<std::string_view> Next() override { return source_->Next(); }

 private:
  const std::unique_ptr<MemoryHold> memory_;  // the source may refer to it
  const std::unique_ptr<ByteSource> source_;
};

// Whether bytes of the row could not be decoded. In a stream that was decoded whole, U+FFFD is a character
// like any other.
bool IsBroken(const format::Utf8Source& decoder, std::string_view row) {
  return decoder.broken() > 0 && row.find("\uFFFD") != std::string_view::npos;
}

constexpr size_t kMaxRow = 16u << 20;  // of JSON; larger than any document that can be indexed

Error BadRow(const Error& why) {
  Error error(ErrorCode::kBadRow, why.message);
  error.expected = why.expected;
  error.got = why.got;
  error.where = why.where;
  return error;
}

class CsvRows final : public RowReader {
 public:
  CsvRows(TextStream stream, const format::CsvOptions& options)
      : bytes_(std::move(stream.bytes)),
        decoder_(*stream.decoder),
        skipped_lines_(options.skip_lines),
        reader_(std::move(stream.text), options) {}
  Status Open() {
    TRINE_ASSIGN(first_, reader_.Header());
    header_ = first_;
    for (std::string& name : header_) name = std::string(Trim(name, " \t"));
    return Ok();
  }
  Result<bool> Next(RawRow* row) override {
    for (;;) {
      Result<bool> more = reader_.Next(&row->cells);
      row->line = reader_.line();
      row->raw = reader_.raw();
      row->broken = IsBroken(decoder_, row->raw);
      if (!more.ok() || !*more) return more;
      if (row->cells.size() == 1 && row->cells[0].empty()) continue;  // an empty line
      if (RepeatsHeader(row->cells)) {
        ++repeated_headers_;
        continue;
      }
      if (row->cells.size() == header_.size()) return true;
      return Error(ErrorCode::kBadRow, "the row has " + std::to_string(row->cells.size()) +
                                           " cells but the header has " + std::to_string(header_.size()));
    }
  }
  const std::vector<std::string>& header() const override { return header_; }
  uint64_t bytes() const override { return *bytes_; }
  FileNotes notes() const override { return {decoder_.encoding(), skipped_lines_, repeated_headers_}; }

 private:
  // Files that are joined with cat keep the header of each part, and its byte order mark.
  bool RepeatsHeader(const std::vector<std::string>& cells) const {
    if (cells.size() != first_.size() || cells.size() < 2) return false;  // a single cell may be a value
    std::string_view cell = cells[0];
    if (cell.starts_with("\uFEFF")) cell.remove_prefix(3);
    return cell == first_[0] && std::equal(cells.begin() + 1, cells.end(), first_.begin() + 1);
  }
  const std::unique_ptr<uint64_t> bytes_;
  const format::Utf8Source& decoder_;
  const size_t skipped_lines_;
  format::CsvReader reader_;
  std::vector<std::string> first_;   // the header as written
  std::vector<std::string> header_;  // without blanks around the names
  uint64_t repeated_headers_ = 0;
};

// Whether the object is the action line of a bulk request: {"index": {"_id": "1"}}.
bool IsBulkAction(const Json& object) {
  if (object.object().size() != 1 || !object.object()[0].second.is_object()) return false;
  const std::string& name = object.object()[0].first;
  return name == "index" || name == "create" || name == "update" || name == "delete";
}

// As rows, action lines would become documents of their own, and the documents would lose their ids.
Error BulkFile(uint64_t line) {
  return Error(ErrorCode::kUnsupported, "line " + std::to_string(line) +
                                            " is an action of a bulk request, so the file is the body of one "
                                            "and not a file of rows")
      .Expected("one row per line; send the file to the bulk endpoint instead, or remove the action lines")
      .Detail("format", "bulk");
}

class NdjsonRows final : public RowReader {
 public:
  explicit NdjsonRows(TextStream stream)
      : bytes_(std::move(stream.bytes)), decoder_(*stream.decoder), lines_(std::move(stream.text), kMaxRow) {}
  Result<bool> Next(RawRow* row) override {
    for (;;) {
      Result<bool> more = lines_.Next(&row->raw);
      row->line = lines_.line();
      if (lines_.too_long())
        return Error(ErrorCode::kBadRow, "the line has more than " + std::to_string(kMaxRow) + " bytes");
      if (!more.ok() || !*more) return more;
      if (IsBlank(row->raw, " \t")) continue;
      row->broken = IsBroken(decoder_, row->raw);
      Result<Json> object = format::ParseStrictJson(row->raw);
      if (!object.ok()) return BadRow(object.error());
      if (!object->is_object()) return Error(ErrorCode::kBadRow, "the line is not a JSON object");
      if (!std::exchange(has_row_, true) && IsBulkAction(*object)) return BulkFile(row->line);
      row->object = std::move(object).value();
      return true;
    }
  }
  const std::vector<std::string>& header() const override { return header_; }
  uint64_t bytes() const override { return *bytes_; }
  FileNotes notes() const override { return {decoder_.encoding(), 0, 0}; }

 private:
  const std::unique_ptr<uint64_t> bytes_;
  const format::Utf8Source& decoder_;
  format::LineReader lines_;
  bool has_row_ = false;  // a row was read
  const std::vector<std::string> header_;
};

// The objects of a JSON array, or objects that are spread over several lines.
class JsonRows final : public RowReader {
 public:
  explicit JsonRows(TextStream stream)
      : bytes_(std::move(stream.bytes)),
        decoder_(*stream.decoder),
        objects_(std::move(stream.text), kMaxRow) {}
  Result<bool> Next(RawRow* row) override {
    Result<bool> more = objects_.Next(&row->raw);
    row->line = objects_.line();
    if (!more.ok() || !*more) return more;
    row->broken = IsBroken(decoder_, row->raw);
    Result<Json> object = format::ParseStrictJson(row->raw);
    if (!object.ok()) return BadRow(object.error());
    row->object = std::move(object).value();
    return true;
  }
  const std::vector<std::string>& header() const override { return header_; }
  uint64_t bytes() const override { return *bytes_; }
  FileNotes notes() const override { return {decoder_.encoding(), 0, 0}; }

 private:
  const std::unique_ptr<uint64_t> bytes_;
  const format::Utf8Source& decoder_;
  format::JsonElementReader objects_;
  const std::vector<std::string> header_;
};

// Whether the text is an array of objects.
bool IsJsonArray(std::string_view text) {
  text = Trim(text);
  return text.starts_with('[') && (text.size() == 1 || Trim(text.substr(1)).starts_with('{'));
}

// Whether the text is JSON whose objects do not each have a line of their own.
bool IsSpreadJson(std::string_view text) {
  text = Trim(text);
  return text.starts_with('[') || (text.starts_with('{') && IsBlank(text.substr(1, text.find('\n'))));
}

// The name in lower case, without ".gz".
std::string PlainName(const std::string& name) {
  std::string plain = ToLowerAscii(name);
  if (plain.ends_with(".gz")) plain.resize(plain.size() - 3);
  return plain;
}

bool IsNdjson(ImportOptions::Format format, const std::string& plain, std::string_view first) {
  if (format != ImportOptions::Format::kAuto) return format == ImportOptions::Format::kNdjson;
  for (const std::string_view ending : {".ndjson", ".jsonl", ".json"}) {
    if (plain.ends_with(ending)) return true;
  }
  if (plain.ends_with(".csv") || plain.ends_with(".tsv")) return false;
  return Trim(first).starts_with('{') || IsJsonArray(first);
}

Error OldWorkbook() {
  return Error(ErrorCode::kUnsupported,
               "the file is an Excel workbook of the old format, or an encrypted one")
      .Expected("CSV, NDJSON, JSON or .xlsx; in Excel: Save As, CSV UTF-8");
}

// Shop systems export HTML tables with the file name extension .xls.
bool IsHtml(std::string_view start) {
  const std::string lower = ToLowerAscii(Trim(start.substr(0, 1024)));
  for (const std::string_view tag : {"<!doctype html", "<html", "<table", "<head", "<body", "<meta"}) {
    if (lower.starts_with(tag)) return true;
  }
  return false;
}

Error HtmlTable() {
  return Error(ErrorCode::kUnsupported, "the file is an HTML page, not a table of rows")
      .Expected("CSV, NDJSON, JSON or .xlsx; in Excel: Save As, CSV UTF-8");
}

// Converts a workbook. The compressed file must be in memory as a whole; its sheet is read piece by piece.
Result<std::unique_ptr<ByteSource>> OpenWorkbook(std::unique_ptr<ByteSource> source, MemoryBudget* memory) {
  constexpr size_t kMaxWorkbookBytes = 64u << 20;  // compressed; larger ones are to be saved as CSV
  constexpr size_t kSmallWorkbook = 1u << 20;
  std::string bytes;
  auto work = std::make_unique<MemoryHold>(memory, MemoryUse::kImports);
  for (;;) {
    TRINE_ASSIGN(const std::string_view piece, source->Next());
    if (piece.empty()) break;
    TRINE_TRY(work->Add(piece.size()));
    // Growing in steps would hold two copies. What is never written takes address space only.
    if (bytes.size() + piece.size() > kSmallWorkbook) bytes.reserve(kMaxWorkbookBytes);
    bytes += piece;
    if (bytes.size() > kMaxWorkbookBytes)
      return Error(ErrorCode::kLimit, "the Excel workbook is too large")
          .Expected("at most " + std::to_string(kMaxWorkbookBytes) + " bytes; save it as CSV");
  }
  const auto reserve = [hold = work.get()](size_t more) { return hold->Add(more); };
  TRINE_ASSIGN(auto csv, format::XlsxToCsv(std::move(bytes), reserve));
  return std::unique_ptr<ByteSource>(std::make_unique<HeldSource>(std::move(csv), std::move(work)));
}

Result<TextStream> OpenText(std::unique_ptr<ByteSource> source, std::string encoding, MemoryBudget* memory) {
  using namespace std::string_view_literals;
  TextStream stream;
  stream.bytes = std::make_unique<uint64_t>(0);
  auto head =
      std::make_unique<PeekSource>(std::make_unique<CountingSource>(std::move(source), stream.bytes.get()));
  constexpr size_t kMagicBytes = 4;
  TRINE_ASSIGN(const std::string_view magic, head->Peek(kMagicBytes));
  if (magic.starts_with("\xd0\xcf\x11\xe0"sv)) return OldWorkbook();
  const bool packed = magic.starts_with("\x1f\x8b"sv);
  stream.workbook = magic.starts_with("PK\x03\x04"sv);
  std::unique_ptr<ByteSource> plain = std::move(head);
  if (packed) plain = format::NewGunzipSource(std::move(plain));
  if (stream.workbook) {
    TRINE_ASSIGN(plain, OpenWorkbook(std::move(plain), memory));
    encoding = "utf-8";
  }
  TRINE_ASSIGN(std::unique_ptr<format::Utf8Source> decoded,
               format::Utf8Source::Open(std::move(plain), encoding));
  stream.decoder = decoded.get();
  stream.text = std::move(decoded);
  return stream;
}

}  // namespace

Result<std::unique_ptr<RowReader>> OpenRows(std::unique_ptr<ByteSource> source, const std::string& name,
                                            const ImportOptions& options) {
  TRINE_ASSIGN(TextStream stream, OpenText(std::move(source), options.encoding, options.memory));
  auto text = std::make_unique<PeekSource>(std::move(stream.text));
  TRINE_ASSIGN(const std::string_view first, text->Peek(1));
  const std::string plain = PlainName(name);
  if (!stream.workbook && IsNdjson(options.format, plain, first)) {
    const bool spread = IsSpreadJson(first);
    stream.text = std::move(text);
    if (spread) return std::unique_ptr<RowReader>(std::make_unique<JsonRows>(std::move(stream)));
    return std::unique_ptr<RowReader>(std::make_unique<NdjsonRows>(std::move(stream)));
  }
  constexpr size_t kSampleBytes = 256u << 10;  // from which the dialect is detected
  TRINE_ASSIGN(const std::string_view sample, text->Peek(kSampleBytes));
  if (!stream.workbook && IsHtml(sample)) return HtmlTable();
  const char fixed = stream.workbook ? ',' : plain.ends_with(".tsv") ? '\t' : '\0';
  format::CsvOptions csv_options = format::DetectCsvDialect(sample, fixed);
  if (stream.workbook) csv_options.backslash_escapes = false;
  stream.text = std::move(text);
  auto csv = std::make_unique<CsvRows>(std::move(stream), csv_options);
  TRINE_TRY(csv->Open());
  return std::unique_ptr<RowReader>(std::move(csv));
}

}  // namespace trine::operations
