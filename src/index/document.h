// IndexDocument: one record as the index takes it, already analysed. `index` never tokenises.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"

namespace trine::index {

// One term occurrence of an indexed text field.
struct Occurrence {
  std::string term;
  uint32_t position = 0;  // across all values of the field; 100 apart between values
};

// What a record has in one field. Only the parts that apply are filled.
struct FieldContent {
  std::string field;                    // dotted path
  bool has_terms = false;               // indexed: occurrences below (maybe none)
  bool with_norms = false;              // text: the length counts for scoring
  bool with_positions = false;          // text
  std::vector<Occurrence> occurrences;  // in position order; keyword: one per value, position 0
  uint32_t length = 0;                  // number of tokens, alternatives at the same position not counted
  bool has_numbers = false;
  bool numbers_are_double = false;  // else int64 (long, date in ms, boolean 0/1)
  std::vector<int64_t> integers;
  std::vector<double> doubles;
  std::vector<std::string> keywords;  // column of a keyword field
  bool has_keywords = false;
  std::vector<float> vector;  // knn_vector, empty: none
};

struct IndexDocument {
  SeqNo seq_no;
  std::string id;
  std::vector<FieldContent> fields;  // one per field path, any order
};

}  // namespace trine::index
