// Schema: the columns of a dataset, defined by an Avro record (JSON text). Immutable once parsed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json.h"

namespace trine::history {

// Reaches disk; never reuse a number.
enum class DatasetType : int { kInteractions = 1, kItems = 2, kUsers = 3 };
std::string_view Name(DatasetType type);  // "interactions", "items", "users"

// Reaches disk; never reuse a number.
enum class ColumnType : int { kString = 1, kInt = 2, kLong = 3, kFloat = 4, kDouble = 5, kBoolean = 6 };
std::string_view Name(ColumnType type);

struct Column {
  std::string name;  // as written in the schema, for example "CATEGORY_L1"
  ColumnType type = ColumnType::kString;
  bool nullable = false;
  bool categorical = false;  // several values are joined by '|'
  bool textual = false;
};

struct Schema {
  std::string text;  // as the client sent it, echoed back byte for byte
  std::string record_name;
  std::vector<Column> columns;
  // By name, without regard to case; nullptr: none.
  const Column* Find(std::string_view name) const;
};

// kSchemaSyntax and `where` = the field for anything other than an Avro record of scalar (or nullable scalar)
// fields with distinct names.
Result<Schema> ParseSchema(std::string_view avro_json);

// Whether a schema can serve as a dataset of `type`; `ecommerce` adds the required columns of that domain.
// kSchemaSyntax names the missing or mistyped column.
Status CheckSchema(const Schema& schema, DatasetType type, bool ecommerce);

// Parses one cell of text as the column's type. An empty cell is null when the column is nullable.
// Categorical strings stay text. kCellValue states the expected and the received value.
Result<format::Json> ParseCell(const Column& column, std::string_view text);

}  // namespace trine::history
