#include "operations/import/row_reader.h"

#include <utility>

#include "base/text.h"
#include "format/line_reader.h"
#include "format/text.h"

namespace trine::operations {
namespace {

using format::ByteSource;
using format::Json;

// Adds the number of bytes read to `count` (nullptr: not counted). Peek returns the first chunk without
// consuming it.
class CountingSource final : public ByteSource {
 public:
  CountingSource(std::unique_ptr<ByteSource> source, uint64_t* count)
      : source_(std::move(source)), count_(count) {}
  Result<std::string_view> Peek() {
    if (!peeked_) {
      TRINE_ASSIGN(first_, source_->Next());
      peeked_ = true;
      Count(first_);
    }
    return first_;
  }
  Result<std::string_view> Next() override {
    if (peeked_ && !given_) {
      given_ = true;
      return first_;
    }
    TRINE_ASSIGN(const std::string_view piece, source_->Next());
    Count(piece);
    return piece;
  }

 private:
  void Count(std::string_view piece) {
    if (count_ != nullptr) *count_ += piece.size();
  }
  std::unique_ptr<ByteSource> source_;
  uint64_t* count_;
  std::string_view first_;
  bool peeked_ = false, given_ = false;
};

Error BadRow(const Error& why) {
  Error error(ErrorCode::kBadRow, why.message);
  error.expected = why.expected;
  error.got = why.got;
  error.where = why.where;
  return error;
}

class CsvRows final : public RowReader {
 public:
  CsvRows(std::unique_ptr<ByteSource> source, char delimiter, std::unique_ptr<uint64_t> bytes)
      : bytes_(std::move(bytes)), reader_(std::move(source), Options(delimiter)) {}
  Status Open() {
    TRINE_ASSIGN(header_, reader_.Header());
    for (std::string& name : header_) name = std::string(Trim(name, " \t"));
    return Ok();
  }
  Result<bool> Next(RawRow* row) override {
    for (;;) {
      Result<bool> more = reader_.Next(&row->cells);
      row->line = reader_.line();
      row->raw.clear();
      if (!more.ok()) return more.error().kind() == ErrorKind::kInvalid ? BadRow(more.error()) : more.error();
      if (!*more) return false;
      if (row->cells.size() == 1 && row->cells[0].empty()) continue;  // an empty line
      format::AppendCsvRow(row->cells, &row->raw);
      if (row->raw.ends_with('\n')) row->raw.pop_back();
      if (row->cells.size() == header_.size()) return true;
      return Error(ErrorCode::kBadRow, "the row has " + std::to_string(row->cells.size()) +
                                           " cells but the header has " + std::to_string(header_.size()));
    }
  }
  const std::vector<std::string>& header() const override { return header_; }
  uint64_t bytes() const override { return *bytes_; }

 private:
  static format::CsvOptions Options(char delimiter) {
    format::CsvOptions options;
    options.delimiter = delimiter;
    return options;
  }
  std::unique_ptr<uint64_t> bytes_;
  format::CsvReader reader_;
  std::vector<std::string> header_;
};

class NdjsonRows final : public RowReader {
 public:
  NdjsonRows(std::unique_ptr<ByteSource> source, std::unique_ptr<uint64_t> bytes)
      : bytes_(std::move(bytes)), lines_(std::move(source), kMaxLine) {}
  Result<bool> Next(RawRow* row) override {
    for (;;) {
      const Result<bool> more = lines_.Next(&row->raw);
      row->line = lines_.line();
      if (lines_.too_long())
        return Error(ErrorCode::kBadRow, "the line has more than " + std::to_string(kMaxLine) + " bytes");
      if (!more.ok() || !*more) return more;
      if (IsBlank(row->raw, " \t")) continue;
      Result<Json> object = format::ParseJson(row->raw);
      if (!object.ok()) return BadRow(object.error());
      if (!object->is_object()) return Error(ErrorCode::kBadRow, "the line is not a JSON object");
      row->object = std::move(object).value();
      return true;
    }
  }
  const std::vector<std::string>& header() const override { return header_; }
  uint64_t bytes() const override { return *bytes_; }

 private:
  static constexpr size_t kMaxLine = 16u << 20;  // larger than any document that can be indexed

  std::unique_ptr<uint64_t> bytes_;
  format::LineReader lines_;
  const std::vector<std::string> header_;
};

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
  return Trim(first).starts_with('{');
}

// A tab for .tsv files. Otherwise a comma, a tab or a semicolon: the first of these, in this order, that the
// header line contains; a comma if it contains none.
char Delimiter(const std::string& plain, std::string_view first) {
  if (plain.ends_with(".tsv")) return '\t';
  const std::string_view line = first.substr(0, first.find('\n'));
  if (line.find(',') != std::string_view::npos) return ',';
  if (line.find('\t') != std::string_view::npos) return '\t';
  return line.find(';') != std::string_view::npos ? ';' : ',';
}

}  // namespace

Result<std::unique_ptr<RowReader>> OpenRows(std::unique_ptr<ByteSource> source, const std::string& name,
                                            const ImportOptions& options) {
  auto bytes = std::make_unique<uint64_t>(0);
  auto counted = std::make_unique<CountingSource>(std::move(source), bytes.get());
  TRINE_ASSIGN(const std::string_view head, counted->Peek());
  std::unique_ptr<ByteSource> plain_bytes = std::move(counted);
  if (head.starts_with("\x1f\x8b")) plain_bytes = format::NewGunzipSource(std::move(plain_bytes));
  TRINE_ASSIGN(std::unique_ptr<ByteSource> decoded,
               format::NewUtf8Source(std::move(plain_bytes), options.encoding));
  auto text = std::make_unique<CountingSource>(std::move(decoded), nullptr);
  TRINE_ASSIGN(const std::string_view first, text->Peek());
  const std::string plain = PlainName(name);
  const bool ndjson = IsNdjson(options.format, plain, first);
  const char delimiter = Delimiter(plain, first);
  if (ndjson)
    return std::unique_ptr<RowReader>(std::make_unique<NdjsonRows>(std::move(text), std::move(bytes)));
  auto csv = std::make_unique<CsvRows>(std::move(text), delimiter, std::move(bytes));
  TRINE_TRY(csv->Open());
  return std::unique_ptr<RowReader>(std::move(csv));
}

}  // namespace trine::operations
