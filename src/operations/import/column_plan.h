// ColumnPlan: which column, constant or part of a category path each of our names takes its text from.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "operations/import/import_options.h"
#include "operations/import/row_reader.h"

namespace trine::operations {

// Where the text of one of our names comes from.
struct ColumnSource {
  std::string name;              // target_name
  std::string source_name;       // their name; empty: none
  std::optional<size_t> column;  // CSV: index in the header
  std::optional<std::string> constant;
  int path_part = 0;       // 1 ..: this part of a path like 패션>여성, when the cell is one
  bool path_only = false;  // nothing when the cell is no path: an upper level found by its sibling
  bool by_name = false;    // NDJSON: looked up in each row
};

// Immutable once made.
class ColumnPlan {
 public:
  // `header` empty: rows name their values themselves.
  ColumnPlan(const ImportOptions& options, const std::vector<std::string>& header)
      : options_(options), header_(header) {}
  // The source of one of our names; nullopt when the file has none (never for NDJSON).
  std::optional<ColumnSource> Find(const std::string& target_name) const;
  // As Find, or kMissingColumn that names what is there.
  Result<ColumnSource> Require(const std::string& target_name) const;
  // The text of a row; nullopt when it has none. Lists are joined by '|'.
  static std::optional<std::string> Text(const ColumnSource& source, const RawRow& row);
  // Columns of the header that no mapping of the options takes.
  std::vector<size_t> Unmapped() const;

 private:
  std::optional<size_t> IndexOf(std::string_view source_name) const;
  const ImportOptions& options_;
  const std::vector<std::string>& header_;
};

}  // namespace trine::operations
