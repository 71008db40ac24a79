// CSV: a streaming reader for RFC 4180 text and the variants that spreadsheets and shop systems export, and
// the byte sources it reads from.
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
// Decompresses gzip (RFC 1952, any number of members). Next() returns kCorrupt if the stream is not gzip.
std::unique_ptr<ByteSource> NewGunzipSource(std::unique_ptr<ByteSource> source);
// Converts the stream to UTF-8. `encoding` (in any case) is "utf-8", "cp949" (also "euc-kr", "ms949", "uhc"),
// "utf-16" (also "utf-16le", "utf-16be") or "auto". "auto" uses the encoding of the byte order mark if there
// is one; otherwise, at the first byte outside ASCII, it chooses UTF-8 if all bytes read so far are valid
// UTF-8, and CP949 if not. Drops a leading byte order mark; bytes that cannot be decoded become U+FFFD.
// Returns kInvalid for an unknown name.
Result<std::unique_ptr<ByteSource>> NewUtf8Source(std::unique_ptr<ByteSource> source,
                                                  std::string_view encoding);

struct CsvOptions {
  char delimiter = ',';
  bool header = true;
  size_t max_field_bytes = 1 << 20;
  size_t max_columns = 2000;
};

// Reads row by row. Quoted fields may contain delimiters, doubled quotes and line breaks. Lines end with LF
// or CRLF; blank lines are skipped. Owns its source. Not thread-safe.
class CsvReader {
 public:
  CsvReader(std::unique_ptr<ByteSource> source, CsvOptions options = {});
  ~CsvReader();
  // Returns the header line, reading it first if necessary; empty if options.header is false. Returns
  // kInvalid if the stream is empty or a name occurs twice.
  Result<std::vector<std::string>> Header();
  // Fills `row` and returns true, or returns false at the end. Returns kInvalid with `where` = "line N" for a
  // malformed row (an unclosed quote, a field or row beyond the limits); the next call reads the next row.
  Result<bool> Next(std::vector<std::string>* row);
  // The line on which the last row began, counted from 1.
  uint64_t line() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Appends one row and an LF, quoting fields where necessary.
void AppendCsvRow(const std::vector<std::string>& row, std::string* out);

}  // namespace trine::format
