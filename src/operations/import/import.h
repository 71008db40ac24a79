// Importer: rows of a CSV or NDJSON stream into events, users, items or documents; what shops really
// have: CP949, BOM, "12,900원", "2026.11.22", times without a zone, '>'-paths. Used by import jobs and `trine
// import`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "format/csv.h"
#include "operations/import/import_options.h"
#include "operations/import/imported_row.h"

namespace trine::operations {

struct ImportCounts {
  uint64_t rows = 0, kept = 0, rejected = 0, bytes = 0;
  uint64_t unread = 0;       // values of optional columns that could not be read, and were left out
  std::string first_unread;  // "line 17: EVENT_VALUE '-'"
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
