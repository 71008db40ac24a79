// ImportOptions: describes the content of an import file and how to interpret its columns.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "history/schema.h"

namespace trine {
class MemoryBudget;
}  // namespace trine

namespace trine::operations {

// Leaves rows out. A value may end in '*', which stands for any text.
struct RowCondition {
  std::string column;               // the name in the file
  bool negated = false;             // true: the column must have none of the values
  std::vector<std::string> values;  // the column must have one of them
};

// The type of a column that is known although there is no schema, for example from the mapping of an index.
enum class DeclaredType { kNumber, kText };

struct ImportOptions {
  enum class Type { kInteractions, kUsers, kItems, kDocuments } type = Type::kInteractions;
  enum class Format { kAuto, kCsv, kNdjson } format = Format::kAuto;  // kAuto: by name, else by first byte
  // Target name -> name in the file: ("ITEM_ID", "StockCode"). Targets without an entry are found by name.
  std::vector<std::pair<std::string, std::string>> columns;
  // Target name -> the same text for every row: ("EVENT_TYPE", "Purchase").
  std::vector<std::pair<std::string, std::string>> constants;
  std::vector<RowCondition> where;  // rows that do not meet all of them are left out
  std::vector<std::pair<std::string, DeclaredType>> declared;  // by target name; other types are guessed
  // By target name: the currency that the amounts of a column have, for example because the index says so.
  std::vector<std::pair<std::string, std::string>> currencies;
  std::string encoding = "auto";
  int offset_minutes = 0;                   // UTC offset of times without a zone; Korea is 540
  const history::Schema* schema = nullptr;  // column types (nullptr: guessed); must outlive the import
  uint64_t max_rejects = 1'000'000;         // more rejected rows stop the import
  MemoryBudget* memory = nullptr;           // bounds a workbook, which is read as a whole; nullptr: unbounded
};

}  // namespace trine::operations
