#include "format/csv.h"

#include <algorithm>
#include <unordered_set>

namespace trine::format {
namespace {

class StringSource final : public ByteSource {
 public:
  explicit StringSource(std::string_view text) : rest_(text) {}
  Result<std::string_view> Next() override {
    constexpr size_t kPiece = 256u << 10;
    const std::string_view piece = rest_.substr(0, kPiece);
    rest_.remove_prefix(piece.size());
    return piece;
  }

 private:
  std::string_view rest_;
};

// The result of parsing the text of one row.
struct ParsedRow {
  enum class Kind { kRow, kNeedsMore, kMalformed } kind = Kind::kRow;
  size_t end = 0;     // after the row's line end; where a malformed row fails
  size_t breaks = 0;  // line breaks inside quoted fields
  size_t fields = 0;
  std::string problem;  // of a malformed row
};

// Parses the row at the start of `text`, which is the rest of the stream if `whole`.
class RowParser {
 public:
  RowParser(const CsvOptions& options, std::string_view text, bool whole, bool backslash,
            std::vector<std::string>* row)
      : options_(options), text_(text), whole_(whole), backslash_(backslash), row_(*row) {}

  ParsedRow Parse() {
    for (;;) {
      if (parsed_.fields == options_.max_columns)
        return Malformed("a row has more than " + std::to_string(options_.max_columns) + " columns");
      if (row_.size() == parsed_.fields) row_.emplace_back();
      field_ = &row_[parsed_.fields++];
      field_->clear();
      const bool quoted = at_ < text_.size() && text_[at_] == '"';
      if (quoted ? !ReadQuoted() : !ReadPlain()) return std::move(parsed_);
      if (at_ < text_.size() && text_[at_] == options_.delimiter) {
        ++at_;
        continue;
      }
      row_.resize(parsed_.fields);
      parsed_.end = std::min(at_ + LineEnd(at_), text_.size());
      return std::move(parsed_);
    }
  }

 private:
  using Kind = ParsedRow::Kind;

  ParsedRow Malformed(std::string problem) {
    Fail(std::move(problem));
    return std::move(parsed_);
  }
  bool Fail(std::string problem) {
    parsed_.kind = Kind::kMalformed;
    parsed_.end = at_;
    parsed_.problem = std::move(problem);
    return false;
  }
  bool NeedsMore() {
    parsed_.kind = Kind::kNeedsMore;
    return false;
  }
  bool Append(std::string_view bytes) {
    if (field_->size() + bytes.size() > options_.max_field_bytes)
      return Fail("a field has more than " + std::to_string(options_.max_field_bytes) + " bytes");
    field_->append(bytes);
    return true;
  }
  // The length of the line end at `at`; 0 if there is none.
  size_t LineEnd(size_t at) const {
    if (at >= text_.size()) return 0;
    if (text_[at] == '\n') return 1;
    if (text_[at] != '\r') return 0;
    if (options_.cr_lines) return 1;
    return at + 1 < text_.size() && text_[at + 1] == '\n' ? 2 : 0;
  }

  // Each returns true with `at_` on the delimiter, the line end or the end of the text; false if the row is
  // malformed or needs more text.
  bool ReadQuoted();
  bool ReadPlain();

  const CsvOptions& options_;
  const std::string_view text_;
  const bool whole_, backslash_;
  std::vector<std::string>& row_;
  std::string* field_ = nullptr;
  size_t at_ = 0;
  ParsedRow parsed_;
};

bool RowParser::ReadQuoted() {
  const size_t size = text_.size();
  const char line_end = options_.cr_lines ? '\r' : '\n';
  for (++at_;;) {
    size_t end = at_;
    while (end < size && text_[end] != '"' && !(backslash_ && text_[end] == '\\')) {
      if (text_[end] == line_end) ++parsed_.breaks;
      ++end;
    }
    if (!Append(text_.substr(at_, end - at_))) return false;
    at_ = end;
    if (size - at_ < 2 && !whole_) return NeedsMore();
    if (at_ == size) return Fail("a quoted field has no closing quote");
    const char next = at_ + 1 < size ? text_[at_ + 1] : '\0';
    const bool escape = text_[at_] == '\\';
    if (next == '"' || (escape && next == '\\' && at_ + 1 < size)) {
      if (!Append(text_.substr(at_ + 1, 1))) return false;
      at_ += 2;
      continue;
    }
    ++at_;
    if (!escape) break;
    if (!Append("\\")) return false;
  }
  while (at_ < size && (text_[at_] == ' ' || text_[at_] == '\t') && text_[at_] != options_.delimiter) ++at_;
  if (!whole_ && size - at_ < 2) return NeedsMore();
  if (at_ == size || text_[at_] == options_.delimiter || LineEnd(at_) > 0) return true;
  if (text_[at_] == '\r' && at_ + 1 == size) return ++at_, true;
  return Fail("text follows the closing quote of a field, or a quote is not closed");
}

bool RowParser::ReadPlain() {
  const size_t size = text_.size();
  size_t end = at_;
  while (end < size && text_[end] != options_.delimiter && text_[end] != '\n' &&
         !(options_.cr_lines && text_[end] == '\r'))
    ++end;
  if (end == size && !whole_) {
    // Without a line end so far, the row is only judged by its length.
    return end - at_ > options_.max_field_bytes ? Append(text_.substr(at_, end - at_)) : NeedsMore();
  }
  std::string_view plain = text_.substr(at_, end - at_);
  const bool ends_line = end == size || text_[end] == '\n';
  if (ends_line && plain.ends_with('\r')) plain.remove_suffix(1);
  at_ = end;
  if (backslash_ && plain == "\\N") plain = {};
  return Append(plain);
}

}  // namespace

std::unique_ptr<ByteSource> NewStringSource(std::string_view text) {
  return std::make_unique<StringSource>(text);
}

// Holds the unread text in a buffer, so that a row can be parsed again.
struct CsvReader::Impl {
  Impl(std::unique_ptr<ByteSource> s, const CsvOptions& o) : source(std::move(s)), options(o) {}

  static constexpr size_t kMaxRawBytes = 64u << 10;  // of a malformed line, for the message

  std::unique_ptr<ByteSource> source;
  const CsvOptions options;
  std::string buffer;
  size_t at = 0;  // of the next row in `buffer`
  bool ended = false;
  uint64_t next_line = 1;
  uint64_t row_line = 0;
  bool header_read = false;
  std::vector<std::string> header;
  size_t columns = 0;  // of the header; 0: any number
  size_t raw_begin = 0, raw_end = 0;
  std::string bad_line;            // if the last row was malformed
  std::vector<std::string> other;  // scratch: the row under the opposite rule for backslashes

  std::string_view rest() const { return std::string_view(buffer).substr(at); }
  char LineBreak() const { return options.cr_lines ? '\r' : '\n'; }

  // Reads until the unread text has grown to `bytes`, or to the end of the stream.
  Status Fill(size_t bytes) {
    if (buffer.size() - at >= bytes || ended) return Ok();
    buffer.erase(0, at);
    at = raw_begin = raw_end = 0;
    while (buffer.size() < bytes && !ended) {
      TRINE_ASSIGN(const std::string_view piece, source->Next());
      ended = piece.empty();
      buffer += piece;
    }
    return Ok();
  }

  Status SkipLine();
  Result<bool> SkipBlankLines();
  Result<ParsedRow> ParseRow(std::vector<std::string>* row);
  bool Fits(const ParsedRow& parsed) const;
  bool LooksLikeRows(const ParsedRow& parsed) const;
  void Consume(const ParsedRow& parsed);
  Result<bool> ReadRow(std::vector<std::string>* row);
};

// Drops the rest of the line, however long it is.
Status CsvReader::Impl::SkipLine() {
  for (;;) {
    TRINE_TRY(Fill(1));
    if (rest().empty()) return Ok();
    const size_t end = rest().find(LineBreak());
    at = end == std::string_view::npos ? buffer.size() : at + end + 1;
    if (end == std::string_view::npos) continue;
    ++next_line;
    return Ok();
  }
}

// Returns false at the end of the stream.
Result<bool> CsvReader::Impl::SkipBlankLines() {
  for (;;) {
    TRINE_TRY(Fill(2));
    const std::string_view text = rest();
    if (text.empty() || text == "\r") return false;
    if (text[0] != LineBreak() && !text.starts_with("\r\n")) return true;
    at += text[0] == LineBreak() ? 1 : 2;
    ++next_line;
  }
}

bool CsvReader::Impl::Fits(const ParsedRow& parsed) const {
  return parsed.kind == ParsedRow::Kind::kRow && (columns == 0 || parsed.fields == columns) &&
         !LooksLikeRows(parsed);
}

// Whether a quoted field has swallowed whole rows: every line inside the row has the right number of cells.
bool CsvReader::Impl::LooksLikeRows(const ParsedRow& parsed) const {
  constexpr size_t kFewColumns = 5, kManyLines = 4;  // below these, the text of a field may look like rows
  if (parsed.breaks < 2 || columns < 3 || (columns < kFewColumns && parsed.breaks < kManyLines)) return false;
  std::string_view text = rest().substr(0, parsed.end);
  for (size_t line = 0; line <= parsed.breaks; ++line) {
    const size_t end = std::min(text.find(LineBreak()), text.size());
    const auto cells = static_cast<size_t>(std::count(
                           text.begin(), text.begin() + static_cast<ptrdiff_t>(end), options.delimiter)) +
                       1;
    if (line > 0 && line < parsed.breaks && cells != columns) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

// Parses the row at `at`, first by the rule of the options for backslashes, then by the opposite one.
Result<ParsedRow> CsvReader::Impl::ParseRow(std::vector<std::string>* row) {
  for (size_t wanted = 2;;) {
    TRINE_TRY(Fill(wanted));
    const bool whole = ended || rest().size() >= options.max_row_bytes;
    ParsedRow parsed = RowParser(options, rest(), whole, options.backslash_escapes, row).Parse();
    bool more = parsed.kind == ParsedRow::Kind::kNeedsMore;
    if (!more && Fits(parsed)) return parsed;
    if (!more && rest().substr(0, parsed.end).find('\\') != std::string_view::npos) {
      ParsedRow again = RowParser(options, rest(), whole, !options.backslash_escapes, &other).Parse();
      if (again.kind != ParsedRow::Kind::kNeedsMore && Fits(again)) {
        row->swap(other);
        return again;
      }
      more = again.kind == ParsedRow::Kind::kNeedsMore;
    }
    if (!more) {
      if (parsed.kind == ParsedRow::Kind::kRow && parsed.breaks > 0) {
        parsed.kind = ParsedRow::Kind::kMalformed;
        parsed.problem = "a quote is not closed, or the row has " + std::to_string(parsed.fields) +
                         " fields but the header has " + std::to_string(columns);
      }
      return parsed;
    }
    wanted = rest().size() * 2;
  }
}

// Takes the parsed row from the buffer and sets `raw`.
void CsvReader::Impl::Consume(const ParsedRow& parsed) {
  raw_begin = at;
  raw_end = at + parsed.end;
  at += parsed.end;
  if (raw_end > raw_begin && buffer[raw_end - 1] == LineBreak()) {
    --raw_end;
    ++next_line;
  }
  if (raw_end > raw_begin && buffer[raw_end - 1] == '\r') --raw_end;
  next_line += parsed.breaks;
}

Result<bool> CsvReader::Impl::ReadRow(std::vector<std::string>* row) {
  raw_begin = raw_end = at;
  bad_line.clear();
  TRINE_ASSIGN(const bool more, SkipBlankLines());
  if (!more) {
    row->clear();
    return false;
  }
  row_line = next_line;
  TRINE_ASSIGN(const ParsedRow parsed, ParseRow(row));
  if (parsed.kind == ParsedRow::Kind::kRow) {
    Consume(parsed);
    return true;
  }
  // Give up the first line only: the lines after it may be rows.
  const size_t end = std::min(rest().find(LineBreak()), rest().size());
  bad_line = rest().substr(0, std::min(end, kMaxRawBytes));
  if (bad_line.ends_with('\r')) bad_line.pop_back();
  TRINE_TRY(SkipLine());
  return Error(ErrorCode::kBadRow, "malformed CSV row: " + parsed.problem)
      .Where("line " + std::to_string(row_line));
}

CsvReader::CsvReader(std::unique_ptr<ByteSource> source, CsvOptions options)
    : impl_(std::make_unique<Impl>(std::move(source), options)) {
  TRINE_CHECK(impl_->source != nullptr);
  TRINE_CHECK_GE(options.max_columns, 1u);
}
CsvReader::~CsvReader() = default;

Result<std::vector<std::string>> CsvReader::Header() {
  Impl& s = *impl_;
  if (!s.options.header || s.header_read) return s.header;
  for (size_t i = 0; i < s.options.skip_lines; ++i) TRINE_TRY(s.SkipLine());
  TRINE_ASSIGN(const bool found, s.ReadRow(&s.header));
  if (!found) {
    return Error(ErrorCode::kInvalid, "the CSV file is empty").Expected("a header line").Where("line 1");
  }
  std::unordered_set<std::string_view> names;
  for (const std::string& name : s.header) {
    if (!name.empty() && !names.insert(name).second) {
      return Error(ErrorCode::kInvalid, "the CSV header contains a column twice")
          .Got(name)
          .Where("line " + std::to_string(s.row_line));
    }
  }
  s.columns = s.header.size();
  s.header_read = true;
  return s.header;
}

Result<bool> CsvReader::Next(std::vector<std::string>* row) {
  if (impl_->options.header && !impl_->header_read) {
    TRINE_ASSIGN(const auto header, Header());
    static_cast<void>(header);
  }
  return impl_->ReadRow(row);
}

uint64_t CsvReader::line() const { return impl_->row_line; }

std::string_view CsvReader::raw() const {
  if (!impl_->bad_line.empty()) return impl_->bad_line;
  return std::string_view(impl_->buffer).substr(impl_->raw_begin, impl_->raw_end - impl_->raw_begin);
}

void AppendCsvRow(const std::vector<std::string>& row, std::string* out) {
  for (size_t i = 0; i < row.size(); ++i) {
    if (i > 0) *out += ',';
    const std::string& field = row[i];
    // Quote the empty field of a row with one field. Otherwise the row would be a blank line, which readers
    // skip.
    const bool quote = field.find_first_of(",\"\r\n") != std::string::npos ||
                       (row.size() == 1 && field.empty()) || field.starts_with(' ') || field.ends_with(' ');
    if (!quote) {
      *out += field;
      continue;
    }
    *out += '"';
    for (const char c : field) {
      if (c == '"') *out += '"';
      *out += c;
    }
    *out += '"';
  }
  *out += '\n';
}

}  // namespace trine::format
