// RowBuilder: converts a raw row into an event, user, item or document, whichever is being imported.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "operations/import/cell_values.h"
#include "operations/import/column_plan.h"
#include "operations/import/import_options.h"
#include "operations/import/imported_row.h"
#include "operations/import/row_reader.h"

namespace trine::operations {

// Used for one file. Not thread-safe. `options` and `header` outlive it.
class RowBuilder {
 public:
  // kMissingColumn when a column is missing that the type or the schema needs.
  static Result<std::unique_ptr<RowBuilder>> Make(const ImportOptions& options,
                                                  const std::vector<std::string>& header);
  // Learns the types of untyped columns from a row, which is built later.
  void Observe(const RawRow& row);
  bool needs_sample() const { return !guesses_.empty(); }
  // kInvalid says what is wrong with the row.
  Result<ImportedRow> Build(const RawRow& row) const;

 private:
  // An attribute with its source and its type: of the schema, guessed (index in guesses_), or text.
  struct Attribute {
    ColumnSource source;
    const history::Column* column = nullptr;
    std::optional<size_t> guess;
  };
  RowBuilder(const ImportOptions& options, const std::vector<std::string>& header)
      : options_(options), plan_(options, header), header_(header) {}
  Status PlanRoles();
  Status PlanAttributes();
  void AddAttribute(ColumnSource source, const history::Column* column);
  bool IsRole(std::string_view name) const;
  bool Wanted(const std::string& role) const;

  using Unread = std::vector<std::string>;
  Result<history::Event> BuildEvent(const RawRow& row, Unread* unread) const;
  Result<format::Json> BuildAttributes(const RawRow& row, Unread* unread) const;
  // Reads a cell by its schema column. A value of an optional column that cannot be read is null, and noted.
  Result<format::Json> Typed(const history::Column& column, const std::string& text, Unread* unread) const;
  Result<std::string> Id(const RawRow& row, const std::string& role, bool required) const;
  std::string Text(const RawRow& row, const std::string& role) const;

  const ImportOptions& options_;
  const ColumnPlan plan_;
  const std::vector<std::string>& header_;
  std::vector<ColumnSource> roles_;  // targets with a member of their own: ids, time, type ...
  std::vector<Attribute> attributes_;
  std::vector<ColumnTypeGuess> guesses_;
  std::optional<ColumnSource>
      category_path_;  // of the path whose levels are attributes: kept as CATEGORY too
};

}  // namespace trine::operations
