// IndexDocument: one record as the index stores it, already analysed: the index itself never tokenises text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"

namespace trine::index {

// One term occurrence of an indexed text field.
struct Occurrence {
  std::string term;
  uint32_t position = 0;  // counted through all values of the field, with a gap of 100 between values
};

// How a number is stored. Reaches disk; never reuse a number.
enum class NumberKind : uint8_t {
  kInteger = 0,
  kDouble = 1,
  kUnsigned = 2,  // an unsigned 64-bit integer minus 2^63, as an integer, so that the order is the same
};

// The content of one field of a record: terms, numbers, keywords, a vector, in any combination.
struct FieldContent {
  std::string field;                    // dotted path
  bool has_terms = false;               // the field is indexed; `occurrences` may still be empty
  bool with_norms = false;              // text: scoring uses the length
  bool with_positions = false;          // text
  std::vector<Occurrence> occurrences;  // by ascending position; keyword: one per value, position 0
  uint32_t length = 0;                  // tokens; several at one position (such as synonyms) count once
  bool has_numbers = false;
  NumberKind number_kind = NumberKind::kInteger;  // dates in ms and booleans as 0 and 1 are integers
  std::vector<int64_t> integers;
  std::vector<double> doubles;        // kDouble only; then `integers` is empty
  std::vector<std::string> keywords;  // values for the column of a keyword field
  bool has_keywords = false;
  std::vector<float> vector;  // knn_vector; empty: the record has none
};

struct IndexDocument {
  SeqNo seq_no;
  std::string id;
  std::vector<FieldContent> fields;  // at most one per field path, in any order
};

}  // namespace trine::index
