// CSV: a streaming reader for RFC 4180 text and the variants that spreadsheets and shop systems export, and
// the byte sources that it reads from.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trine::format {

// A stream of bytes that is read in pieces. An interface because sources that decompress or transcode wrap
// another source. Not thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Returns the next piece, valid until the next call; an empty piece marks the end of the stream. Pieces are
  // at most a few MiB long.
  virtual Result<std::string_view> Next() = 0;
};

// Reads `text`, which must outlive the source.
std::unique_ptr<ByteSource> NewStringSource(std::string_view text);
// Decompresses gzip (RFC 1952, any number of members, each optionally followed by zero bytes). Next() returns
// kCorrupt if the stream is not gzip or is truncated.
std::unique_ptr<ByteSource> NewGunzipSource(std::unique_ptr<ByteSource> source);

struct CsvOptions {
  char delimiter = ',';
  bool header = true;
  // Inside quotes, \" is a quote and \\ a backslash, as MySQL, Spark and Amazon Personalize write them; a
  // backslash before another character stays. An unquoted \N is an empty field.
  bool backslash_escapes = false;
  bool cr_lines = false;  // lines end with CR alone
  size_t skip_lines = 0;  // before the header
  size_t max_field_bytes = 1 << 20;
  size_t max_row_bytes = 16 << 20;
  size_t max_columns = 2000;
};

// Reads row by row. Quoted fields may contain delimiters, doubled quotes and line breaks; only blanks may
// follow the closing quote. Lines end with LF or CRLF; blank lines are skipped. Owns its source. Not
// thread-safe.
//
// A row whose number of fields differs from the header's is read again with the opposite `backslash_escapes`
// before it is returned as it is. A row with an unclosed quote is reported as one malformed line, and reading
// goes on with the line after it, so that the quote does not swallow the rows that follow.
class CsvReader {
 public:
  CsvReader(std::unique_ptr<ByteSource> source, CsvOptions options = {});
  ~CsvReader();
  // Returns the header line, reading it first if necessary; empty if options.header is false. Several columns
  // may be without a name. Returns kInvalid if the stream is empty or a name occurs twice.
  Result<std::vector<std::string>> Header();
  // Fills `row` and returns true, or returns false at the end. Returns kBadRow with `where` = "line N" for a
  // malformed row (an unclosed quote, a field or row beyond the limits); the next call reads on after it.
  // Other errors come from the source.
  Result<bool> Next(std::vector<std::string>* row);
  // The line on which the last row began, counted from 1.
  uint64_t line() const;
  // The text of the last row without its line end, also of a malformed one, of which it is the first line, at
  // most 64 KiB. Valid until the next call of Next.
  std::string_view raw() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Appends one row and an LF, quoting fields where necessary.
void AppendCsvRow(const std::vector<std::string>& row, std::string* out);

}  // namespace trine::format
