// Buffer: rows that do not form a segment yet, inverted as they arrive. Seal turns them into the bytes of a
// segment.
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

// Owned by one CollectionIndex, which replaces it after Seal. Rows are numbered from 0 in the order of Add.
// Not thread-safe.
class Buffer {
 public:
  Buffer();
  ~Buffer();

  // Requires a seq_no above that of every earlier row. kTermTooLong if a term is too long; kInvalid if the
  // document has a field twice, its vector is too long, or the norms, positions, number type or vector
  // dimension of a field differ from earlier rows. On error no row is added. If it throws std::bad_alloc,
  // only Clear may be called.
  Status Add(const IndexDocument& document);
  // Removes all rows. Never throws.
  void Clear();
  // Marks the row as deleted. Returns false if the buffer has no row with this seq_no.
  bool Delete(SeqNo seq_no);

  // Requires rows() > 0.
  SeqNo first_seq_no() const { return SeqNo{seq_nos_.front()}; }
  uint32_t rows() const { return static_cast<uint32_t>(seq_nos_.size()); }
  size_t bytes() const { return bytes_; }  // heap bytes, estimated

  struct SealedSegment {
    std::string segment;
    LiveBitsPtr live;  // nullptr: no row was deleted
  };
  // Returns all rows as one segment, including deleted ones. Requires rows() > 0. The buffer keeps its rows,
  // so that a caller that then finds no memory can call it again.
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
  std::vector<uint32_t> id_ends_;  // by row: where its id ends in ids_
  std::string ids_;
  std::vector<Row> deleted_;
  std::vector<FieldState*> states_;  // the fields of the document being added, in its order
  std::vector<uint32_t> numbers_;    // scratch space for AddColumns
  size_t bytes_ = 0;
};

}  // namespace trine::index
