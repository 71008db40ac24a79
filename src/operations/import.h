// Importer: rows of a CSV or NDJSON stream into events, users, items or documents; what shops really
// have: CP949, BOM, "12,900원", "2026.11.22", times without a zone, '>'-paths. Used by import jobs and `trine
// import`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "format/csv.h"
#include "format/json.h"
#include "history/history.h"
#include "history/schema.h"

namespace trine::operations {

struct ImportOptions {
  enum class Type { kInteractions, kUsers, kItems, kDocuments } type = Type::kInteractions;
  enum class Format { kAuto, kCsv, kNdjson } format = Format::kAuto;  // by name, then by first byte
  std::vector<std::pair<std::string, std::string>> columns;  // ours -> theirs ("ITEM_ID" -> "StockCode")
  std::vector<std::pair<std::string, std::string>>
      constants;  // ours -> fixed text ("EVENT_TYPE" -> "Purchase")
  std::string encoding = "auto";
  int offset_minutes = 0;                   // zone of times without one; KST = 540
  const history::Schema* schema = nullptr;  // strict column types; nullptr: types are guessed
  uint64_t max_rejects = 1'000'000;         // more than this many bad rows stops the import
};
struct ImportCounts {
  uint64_t rows = 0, kept = 0, rejected = 0, bytes = 0;
  uint64_t unread = 0;       // values of optional columns that could not be read, and were left out
  std::string first_unread;  // "line 17: EVENT_VALUE '-'"
};

// One row that was read: exactly the part of its type is filled.
struct ImportedRow {
  uint64_t line = 0;  // on which the row began
  history::Event event;
  history::User user;
  std::string id;                   // items, documents
  format::Json attributes;          // items: upper-case columns; documents: the source
  std::vector<std::string> unread;  // optional columns whose values could not be read: "EVENT_VALUE '-'"
};
// `row` is called in order; its error rejects the row (kInvalid) or stops the import (anything else).
// `reject` gets line number, the raw row and why. `progress` gets counts now and then.
struct ImportSinks {
  std::function<Status(ImportedRow)> row;
  std::function<void(uint64_t line, const std::string& raw, const Error&)> reject;
  std::function<void(const ImportCounts&)> progress;
};
// A required column that is missing from the header is kMissingColumn, naming what is there.
Result<ImportCounts> Import(std::unique_ptr<format::ByteSource> source, const std::string& name,
                            const ImportOptions& options, const ImportSinks& sinks, std::stop_token stop);

}  // namespace trine::operations
