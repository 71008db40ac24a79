// Buffer: the rows that are not a segment yet, inverted as they come. Seal turns them into the bytes
// of a segment.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "index/column_builders.h"
#include "index/document.h"
#include "index/live_bits.h"
#include "index/term_table.h"

namespace trine::index {

// Not thread-safe.
class Buffer {
 public:
  Buffer();
  ~Buffer();

  // Requires a seq_no above those before. kTermTooLong, kInvalid (a
  // field twice in one document, another dimension or number type than before); nothing is changed then.
  Status Add(const IndexDocument& document);
  // False when it has no such row.
  bool Delete(SeqNo seq_no);

  uint32_t rows() const { return static_cast<uint32_t>(seq_nos_.size()); }
  size_t bytes() const { return bytes_; }

  struct SealedSegment {
    std::string segment;
    LiveBitsPtr live;  // nullptr: nothing was deleted meanwhile
  };
  // Everything as one segment. Requires rows() > 0. The buffer is used up.
  SealedSegment Seal();

 private:
  struct Postings;
  struct FieldState;
  FieldState& StateOf(const std::string& field);
  Status Check(const FieldContent& content, FieldState& state) const;
  void AddTerms(Row row, const FieldContent& content, FieldState* state);
  void AddColumns(Row row, const FieldContent& content, FieldState* state);

  std::unordered_map<std::string, std::unique_ptr<FieldState>, StringHash, std::equal_to<>> fields_;
  std::vector<uint64_t> seq_nos_;
  std::vector<uint32_t> id_ends_;
  std::string ids_;
  std::vector<Row> deleted_;
  std::vector<FieldState*> states_;  // of the document being added
  std::vector<uint32_t> numbers_;    // scratch
  size_t bytes_ = 0;
};

}  // namespace trine::index
