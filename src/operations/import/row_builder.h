// RowBuilder: converts a raw row into an event, user, item or document, whichever is being imported.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "operations/import/cell_values.h"
#include "operations/import/column_plan.h"
#include "operations/import/file_notes.h"
#include "operations/import/import_options.h"
#include "operations/import/imported_row.h"
#include "operations/import/row_filter.h"
#include "operations/import/row_reader.h"

namespace trine::operations {

// Used for one file. Not thread-safe. `options` and `header` must outlive it.
class RowBuilder {
 public:
  // Returns kMissingColumn if the header lacks a column that the type, the schema or the options require, and
  // kInvalid if two columns that would become the same attribute differ only in case.
  static Result<std::unique_ptr<RowBuilder>> Make(const ImportOptions& options,
                                                  const std::vector<std::string>& header);
  // Learns the types of untyped columns from a sample row. Call it before the first Build.
  void Observe(const RawRow& row);
  // Learns the names in NDJSON from a sample row, also from one that is left out.
  void ObserveNames(const RawRow& row);
  bool needs_sample() const { return !guesses_.empty() || !unseen_.empty(); }
  // Call it after the sample. kMissingColumn if the options refer to a name that no sample row has.
  Status CheckSample() const;
  // Whether the conditions of the options let the row in.
  bool Selects(const RawRow& row) const { return filter_.Selects(row); }
  // The use of each column, in the order of the file. For NDJSON, only the targets that are known.
  std::vector<ColumnNote> Columns() const;
  // Every error means that the row is invalid.
  Result<ImportedRow> Build(const RawRow& row);

 private:
  // An attribute, the source of its text, and its type: that of its schema column, otherwise the guessed type
  // (an index in guesses_), otherwise text.
  struct Attribute {
    ColumnSource source;
    const history::Column* column = nullptr;
    std::optional<size_t> guess;
    ColumnCurrency currency = ColumnCurrency();
  };
  RowBuilder(const ImportOptions& options, const std::vector<std::string>& header)
      : options_(options), plan_(options, header), header_(header) {}
  Status PlanReferences();
  Status PlanRoles();
  Status PlanAttributes();
  bool IsImported(std::string_view name) const;
  Status CheckDistinct() const;
  bool IsIdColumn(size_t column) const;
  bool HasDocumentId() const;
  std::optional<DeclaredType> DeclaredAs(std::string_view name) const;
  std::string KnownCurrency(const ColumnSource& source) const;
  void AddAttribute(ColumnSource source, const history::Column* column);
  bool IsRole(std::string_view name) const;
  bool Wanted(const std::string& role) const;

  using Unread = std::vector<std::string>;
  Result<history::Event> BuildEvent(const RawRow& row, Unread* unread);
  Result<format::Json> BuildAttributes(const RawRow& row, Unread* unread);
  // Reads a cell by its schema column. An unreadable value of an optional column becomes null and is added to
  // `unread`.
  Result<format::Json> Typed(const history::Column& column, const std::string& text, Unread* unread) const;
  Result<std::string> Id(const RawRow& row, const std::string& role, bool required) const;
  std::string Text(const RawRow& row, const std::string& role) const;

  const ImportOptions& options_;
  const ColumnPlan plan_;
  const std::vector<std::string>& header_;
  RowFilter filter_;
  std::vector<std::string> unseen_;      // NDJSON: names in the options that no sample row had so far
  std::vector<std::string> seen_names_;  // NDJSON: of the sample, for messages; at most 200
  bool sampled_ = false;
  std::vector<ColumnSource> roles_;  // targets that are not attributes: ids, time, type ...
  std::vector<Attribute> attributes_;
  ColumnCurrency value_currency_ = ColumnCurrency();  // of EVENT_VALUE
  std::vector<ColumnTypeGuess> guesses_;
  // The column mapped to CATEGORY_L1. A path in it (패션>여성) also becomes the attribute CATEGORY as a
  // whole, unless the row has that attribute.
  std::optional<ColumnSource> category_path_;
};

}  // namespace trine::operations
