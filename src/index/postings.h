// Postings of one term: writer and cursor. The layout is in docs/formats/segment.md, "Postings".
//
// Blocks of 128 rows, bit-packed, so that a block decodes in some 30 ns and a whole block can be
// stepped over by one entry of the table before the blocks (last row, offsets, largest frequency,
// smallest norm byte). What is left over after the last whole block, and every short list, is varints.
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

// Writes the lists of one field one after another. Not thread-safe. `norms` is one byte a row, or
// empty; it must outlive the writer.
class PostingsWriter {
 public:
  PostingsWriter(bool with_positions, const std::vector<uint8_t>& norms)
      : with_positions_(with_positions), norms_(norms) {}

  void Begin();
  // Rows ascending, frequency >= 1. `positions`: `frequency` varints, each the distance from the one
  // before (the first from 0); ignored when the field has none.
  void Add(Row row, uint32_t frequency, std::string_view positions);
  // The list's counts and where it begins. Requires at least one Add.
  TermStats End();

  const std::string& postings() const { return postings_; }
  const std::string& positions() const { return positions_; }

 private:
  struct Block {
    Row last;
    uint32_t data;       // where its bytes begin, from the first block
    uint32_t positions;  // where its positions begin, from those of the term
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
  std::string data_;  // of the whole blocks
  uint32_t rows_[kBlockSize];
  uint32_t frequencies_[kBlockSize];
  uint32_t filled_ = 0;
  Row base_ = 0;  // last row of the block before
  uint32_t block_max_frequency_ = 0;
  uint8_t block_min_norm_ = 255;
};

// Where the lists of a field lie. Views over the segment's bytes.
struct PostingsSource {
  std::string_view postings;
  std::string_view positions;
  bool has_positions = false;
  uint32_t row_count = 0;  // of the segment
};

// A cursor over one list. Bytes that are not what a writer wrote end the list early; they never lead
// outside the segment.
std::unique_ptr<PostingCursor> OpenPostings(const PostingsSource& source, const TermStats& term,
                                            bool with_positions);

// The postings of a term with the bytes of each row's positions, for merging.
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
  const char* next_ = nullptr;
  const char* end_ = nullptr;
  std::string_view positions_;
};

}  // namespace trine::index
