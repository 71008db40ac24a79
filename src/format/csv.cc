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

}  // namespace

std::unique_ptr<ByteSource> NewStringSource(std::string_view text) {
  return std::make_unique<StringSource>(text);
}

// A state machine that reads one row at a time from pieces that may end anywhere.
struct CsvReader::Impl {
  Impl(std::unique_ptr<ByteSource> s, const CsvOptions& o) : source(std::move(s)), options(o) {}

  // The position inside a field. kQuoteSeen: after a '"' in a quoted field, which is either the closing quote
  // or the first half of a doubled one.
  enum class FieldState { kFieldStart, kPlain, kQuoted, kQuoteSeen };

  std::unique_ptr<ByteSource> source;
  const CsvOptions options;
  std::string_view piece;
  bool ended = false;
  uint64_t next_line = 1;
  uint64_t row_line = 0;
  bool header_read = false;
  std::vector<std::string> header;
  std::string problem;  // the first error in the row being read

  // Reads until `piece` is not empty. Returns false at the end of the stream.
  Result<bool> Fill() {
    while (piece.empty() && !ended) {
      TRINE_ASSIGN(piece, source->Next());
      ended = piece.empty();
    }
    return !piece.empty();
  }

  void Append(std::string* field, std::string_view bytes) {
    if (field->size() + bytes.size() > options.max_field_bytes) {
      if (problem.empty()) {
        problem = "a field has more than " + std::to_string(options.max_field_bytes) + " bytes";
      }
      return;
    }
    field->append(bytes);
  }

  void NewField(std::vector<std::string>* row) {
    if (row->size() < options.max_columns) {
      row->emplace_back();
    } else if (problem.empty()) {
      problem = "a row has more than " + std::to_string(options.max_columns) + " columns";
    }
  }

  // Consumes `piece` up to the next state change. Requires a non-empty piece. Returns true if the row is
  // complete.
  bool Step(std::vector<std::string>* row, FieldState* at);
  Result<bool> ReadRow(std::vector<std::string>* row);
};

bool CsvReader::Impl::Step(std::vector<std::string>* row, FieldState* at) {
  TRINE_DCHECK(!piece.empty());
  TRINE_DCHECK(!row->empty());
  const char c = piece[0];
  if (*at == FieldState::kQuoted) {
    const size_t run = std::min(piece.find('"'), piece.size());
    next_line +=
        static_cast<uint64_t>(std::count(piece.begin(), piece.begin() + static_cast<ptrdiff_t>(run), '\n'));
    Append(&row->back(), piece.substr(0, run));
    piece.remove_prefix(run);
    if (!piece.empty()) {
      piece.remove_prefix(1);
      *at = FieldState::kQuoteSeen;
    } else if (!problem.empty()) {
      // A field that is too long probably lacks its closing quote, so stop treating the text as quoted.
      *at = FieldState::kPlain;
    }
    return false;
  }
  if (c == '"' && *at != FieldState::kPlain) {
    if (*at == FieldState::kQuoteSeen) Append(&row->back(), "\"");
    piece.remove_prefix(1);
    *at = FieldState::kQuoted;
    return false;
  }
  if (c == '\n') {
    ++next_line;
    piece.remove_prefix(1);
    if (row->back().ends_with('\r') && *at == FieldState::kPlain) row->back().pop_back();
    return true;
  }
  if (c == options.delimiter) {
    NewField(row);
    piece.remove_prefix(1);
    *at = FieldState::kFieldStart;
    return false;
  }
  // Text after a closing quote is also read here, and kept. A CR before the LF is dropped above.
  size_t run = 1;
  while (run < piece.size() && piece[run] != options.delimiter && piece[run] != '\n') ++run;
  Append(&row->back(), piece.substr(0, run));
  piece.remove_prefix(run);
  *at = FieldState::kPlain;
  return false;
}

Result<bool> CsvReader::Impl::ReadRow(std::vector<std::string>* row) {
  for (;;) {
    row->clear();
    problem.clear();
    TRINE_ASSIGN(bool more, Fill());
    if (!more) return false;
    row->emplace_back();
    row_line = next_line;
    FieldState at = FieldState::kFieldStart;
    bool quoted = false, complete = false;
    while (more && !complete) {
      complete = Step(row, &at);
      quoted |= at == FieldState::kQuoted;
      TRINE_ASSIGN(more, Fill());
    }
    if (at == FieldState::kQuoted && problem.empty()) problem = "a quoted field has no closing quote";
    if (!complete && at == FieldState::kPlain && row->back().ends_with('\r')) row->back().pop_back();
    if (!problem.empty()) {
      return Error(ErrorCode::kInvalid, "malformed CSV row: " + problem)
          .Where("line " + std::to_string(row_line));
    }
    const bool blank = row->size() == 1 && row->front().empty() && !quoted;
    if (!blank) return true;
  }
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
  TRINE_ASSIGN(const bool found, s.ReadRow(&s.header));
  if (!found) {
    return Error(ErrorCode::kInvalid, "the CSV file is empty").Expected("a header line").Where("line 1");
  }
  std::unordered_set<std::string_view> names;
  for (const std::string& name : s.header) {
    if (!names.insert(name).second) {
      return Error(ErrorCode::kInvalid, "the CSV header contains a column twice")
          .Got(name)
          .Where("line " + std::to_string(s.row_line));
    }
  }
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
