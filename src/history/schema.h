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
  bool categorical = false;  // a cell may contain several values, joined by '|'
  bool textual = false;
};

struct Schema {
  std::string text;  // as the client sent it, echoed back byte for byte
  std::string record_name;
  std::vector<Column> columns;
  // Returns the column with this name, ignoring ASCII case; nullptr if there is none.
  const Column* Find(std::string_view name) const;
};

// Requires an Avro record of scalar (or nullable scalar) fields with distinct names; otherwise returns
// kSchemaSyntax, and the error's `where` is the invalid field. kLimit if the text is too long.
Result<Schema> ParseSchema(std::string_view avro_json);

// Checks that a schema suits a dataset of `type`; `ecommerce` adds the columns that the e-commerce domain
// requires. kSchemaSyntax if a column is missing or invalid; the error's `where` is that column.
Status CheckSchema(const Schema& schema, DatasetType type, bool ecommerce);

// Parses one text cell as the column's type. An empty cell of a nullable column is null. Categorical strings
// are not split. The reserved times, TIMESTAMP and CREATION_TIMESTAMP, are not negative. kCellValue, with the
// expected and the received value, if the cell does not fit.
Result<format::Json> ParseCell(const Column& column, std::string_view text);

}  // namespace trine::history
