// ImportOptions: what an import file holds and how its columns are read.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "history/schema.h"

namespace trine::operations {

struct ImportOptions {
  enum class Type { kInteractions, kUsers, kItems, kDocuments } type = Type::kInteractions;
  enum class Format { kAuto, kCsv, kNdjson } format = Format::kAuto;  // by name, then by first byte
  std::vector<std::pair<std::string, std::string>>
      columns;  // target_name -> source_name ("ITEM_ID" -> "StockCode")
  std::vector<std::pair<std::string, std::string>>
      constants;  // target_name -> fixed text ("EVENT_TYPE" -> "Purchase")
  std::string encoding = "auto";
  int offset_minutes = 0;                   // zone of times without one; KST = 540
  const history::Schema* schema = nullptr;  // strict column types; nullptr: types are guessed
  uint64_t max_rejects = 1'000'000;         // more than this many bad rows stops the import
};

}  // namespace trine::operations
