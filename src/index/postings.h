// Postings of one term: writer and cursor. Layout: docs/formats/segment.md, "Postings".
//
// Blocks of 128 rows are bit-packed; a block decodes in about 30 ns. A table before the blocks has one entry
// per block (last row, offsets, largest frequency, smallest norm byte), so that a block can be skipped
// without decoding it. The rows after the last whole block, and every list with fewer than 128 rows, are
// varints.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/bit_pack.h"
#include "index/reader.h"

namespace trine::index {

static_assert(kPackedValues == kBlockSize);

// Writes the posting lists of one field, one after another: Begin, Add for every row, End. `norms` has one
// byte per row of the segment, or is empty for a field without norms; it must outlive the writer. Not
// thread-safe.
class PostingsWriter {
 public:
  PostingsWriter(bool with_positions, const std::vector<uint8_t>& norms)
      : with_positions_(with_positions), norms_(norms) {}

  void Begin();
  // Requires strictly ascending rows and frequency >= 1. `positions` holds `frequency` varints, each the
  // distance from the previous position (the first from 0); it is ignored if the field has no positions.
  void Add(Row row, uint32_t frequency, std::string_view positions);
  // Returns the list's statistics; `handle` is where the list begins in postings(). Requires at least one Add
  // since Begin.
  TermStats End();

  const std::string& postings() const { return postings_; }
  const std::string& positions() const { return positions_; }

 private:
  struct Block {
    Row last;
    uint32_t data;       // where its bytes begin, relative to the first block
    uint32_t positions;  // where its positions begin, relative to those of the term
    uint32_t max_frequency;
    uint8_t min_norm;
  };
  void EndBlock();
  void PutTail();

  const bool with_positions_;
  const std::vector<uint8_t>& norms_;
  std::string postings_;
  std::string positions_;

  TermStats stats_;
  uint64_t positions_begin_ = 0;
  uint32_t block_positions_ = 0;  // where the positions of the open block begin
  std::vector<Block> blocks_;
  std::string data_;  // packed whole blocks
  uint32_t rows_[kBlockSize];
  uint32_t frequencies_[kBlockSize];
  uint32_t filled_ = 0;
  Row base_ = 0;  // last row of the previous block
  uint32_t block_max_frequency_ = 0;
  uint8_t block_min_norm_ = 255;
};

// The posting lists of a field. Views over the segment's bytes.
struct PostingsSource {
  std::string_view postings;
  std::string_view positions;
  bool has_positions = false;
  uint32_t row_count = 0;  // rows of the segment
};

// Opens a cursor over one list, valid as long as the segment's bytes. Damaged bytes end the list early but
// never cause a read outside the segment. `with_positions` is ignored if the field has no positions.
std::unique_ptr<PostingCursor> OpenPostings(const PostingsSource& source, const TermStats& term,
                                            bool with_positions);

// The postings of a term together with the encoded positions of each row, for merging. Not thread-safe;
// valid as long as the segment's bytes. row, frequency, positions and Next require Valid().
class RawPostings {
 public:
  RawPostings(const PostingsSource& source, const TermStats& term);
  bool Valid() const { return cursor_->row() != kNoMoreRows; }
  Row row() const { return cursor_->row(); }
  uint32_t frequency() const { return cursor_->frequency(); }
  std::string_view positions() const { return positions_; }
  void Next();

 private:
  void CutPositions();
  std::unique_ptr<PostingCursor> cursor_;
  const char* next_ = nullptr;  // positions of the later rows; nullptr if there are none or they are damaged
  const char* end_ = nullptr;
  std::string_view positions_;
};

}  // namespace trine::index
