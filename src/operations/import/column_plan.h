// ColumnPlan: decides where the text of each target name comes from: a column, a constant, or one level of a
// category path.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "operations/import/import_options.h"
#include "operations/import/row_reader.h"

namespace trine::operations {

// Where the text of one target name comes from.
struct ColumnSource {
  std::string name;              // the target: "ITEM_ID"
  std::string source_name;       // the name in the file; empty for a constant
  std::optional<size_t> column;  // CSV: index in the header
  std::optional<std::string> constant;
  int path_part = 0;       // level (from 1) of a path like 패션>여성 that is the text; 0: the whole cell
  bool path_only = false;  // true: a cell that is not a path has no text
  bool by_name = false;    // NDJSON: the member is looked up in each row
};

// Whether a column that the options map to `target_name` also stays a field of the document: the column with
// the document's id does, because queries and bindings may name it.
bool StaysAField(const ImportOptions& options, std::string_view target_name, std::string_view source_name);

// The value of a member of an object. A path finds nested members. If no name is equal, ignores ASCII case
// and underscores. nullptr if there is none.
const format::Json* FindLoosely(const format::Json& object, std::string_view name);

// Immutable; thread-safe. `options` and `header` must outlive it.
class ColumnPlan {
 public:
  // An empty header means NDJSON, whose rows contain the names of their values.
  ColumnPlan(const ImportOptions& options, const std::vector<std::string>& header)
      : options_(options), header_(header) {}
  // The source of a target name; nullopt if the header contains no column for it. For NDJSON, there is always
  // a source.
  std::optional<ColumnSource> Find(const std::string& target_name) const;
  // As Find, but returns kMissingColumn with a list of the header's columns if there is no source.
  Result<ColumnSource> Require(const std::string& target_name) const;
  // The column of the file with this name, whatever it is mapped to. kMissingColumn, with the nearest name,
  // if a header lacks it.
  Result<ColumnSource> OfFile(const std::string& source_name) const;
  // kMissingColumn if the header lacks a column to which `columns` of the options refers.
  Status CheckMapped() const;
  // The source's text in `row`; nullopt if the row has none. Lists are joined with '|'. `row` must come from
  // the file with the plan's header.
  static std::optional<std::string> Text(const ColumnSource& source, const RawRow& row);
  // Indexes of the header's columns that `columns` and `constants` of the options do not mention. The column
  // that is mapped to the id of documents is among them: it stays a field of the document.
  std::vector<size_t> Unmapped() const;
  // Whether the options map the target to a column of another name.
  bool IsMapped(std::string_view target_name) const;

 private:
  std::optional<size_t> IndexOf(std::string_view source_name) const;
  const ImportOptions& options_;
  const std::vector<std::string>& header_;
};

}  // namespace trine::operations
