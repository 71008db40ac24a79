// CSV: a streaming reader of RFC 4180 text, as shops really write it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trine::format {

// Gives bytes in pieces; an empty piece ends the stream. Not thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // The next piece, valid until the next call; empty at the end. Pieces are at most a few MiB.
  virtual Result<std::string_view> Next() = 0;
};

// A ByteSource over text that outlives it.
std::unique_ptr<ByteSource> NewStringSource(std::string_view text);
// Unpacks gzip (RFC 1952, many members) on the way. kCorrupt when the stream is not gzip.
std::unique_ptr<ByteSource> NewGunzipSource(std::unique_ptr<ByteSource> source);
// Turns the stream to UTF-8 by ICU: "utf-8" (a BOM is dropped), "cp949" (also "euc-kr"), "utf-16",
// or "auto" (BOM, else UTF-8 when the first piece is valid UTF-8, else CP949). kInvalid on an
// unknown name.
Result<std::unique_ptr<ByteSource>> NewUtf8Source(std::unique_ptr<ByteSource> source,
                                                  std::string_view encoding);

struct CsvOptions {
  char delimiter = ',';
  bool header = true;
  size_t max_field_bytes = 1 << 20;
  size_t max_columns = 2000;
};

// Reads row by row. Quoted fields may hold delimiters, doubled quotes and line breaks; CRLF or LF.
// Not thread-safe.
class CsvReader {
 public:
  CsvReader(std::unique_ptr<ByteSource> source, CsvOptions options = {});
  ~CsvReader();
  // Reads the header line first when there is one. kInvalid when it is missing or has a name twice.
  Result<std::vector<std::string>> Header();
  // Fills `row`; false at the end. A malformed row (open quote at the end of file, too many bytes)
  // is kInvalid with `where` = "line N"; reading may go on after it.
  Result<bool> Next(std::vector<std::string>* row);
  // Line on which the row last given began, from 1.
  uint64_t line() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Appends one row with LF, quoting where needed.
void AppendCsvRow(const std::vector<std::string>& row, std::string* out);

}  // namespace trine::format
