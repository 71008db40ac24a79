// Segment reads one segment's bytes, on the heap or mapped, without deletes. SegmentView adds the live bits
// of one refresh.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "index/live_bits.h"
#include "index/postings.h"
#include "index/reader.h"
#include "index/segment_format.h"
#include "index/term_dictionary.h"
#include "storage/directory.h"

namespace trine::index {

// The terms of one field of a segment, with the raw access that a merge needs. Immutable and thread-safe; a
// view over the segment's bytes, owned by the Segment.
class SegmentTerms final : public FieldTerms {
 public:
  // Returns nullptr if the sizes in the layout contradict each other. Requires extents inside `segment`.
  static std::unique_ptr<SegmentTerms> Open(std::string_view segment, const TermsLayout& layout,
                                            uint32_t rows);

  uint32_t row_count() const override { return layout_.row_count; }
  uint64_t total_length() const override { return layout_.total_length; }
  bool has_norms() const override { return layout_.norms; }
  bool has_positions() const override { return layout_.positions; }
  uint8_t norm(Row row) const override {
    const uint32_t rank = norm_rows_.Rank(row);
    return rank == RowSet::kAbsent ? 0 : static_cast<uint8_t>(norm_bytes_[rank]);
  }
  const uint8_t* dense_norms() const override {
    return layout_.norms && norm_rows_.kind() == RowSetKind::kAll
               ? reinterpret_cast<const uint8_t*>(norm_bytes_)
               : nullptr;
  }
  std::optional<TermStats> Find(std::string_view term) const override { return dictionary_.Find(term); }
  std::unique_ptr<PostingCursor> Open(const TermStats& term, bool with_positions) const override {
    return OpenPostings(postings_, term, with_positions);
  }
  void Visit(std::string_view from,
             const std::function<bool(std::string_view, const TermStats&)>& visit) const override;
  uint64_t term_count() const override { return dictionary_.count(); }

  const TermDictionary& dictionary() const { return dictionary_; }
  const PostingsSource& postings() const { return postings_; }

 private:
  TermsLayout layout_;
  TermDictionary dictionary_;
  PostingsSource postings_;
  RowSet norm_rows_;
  const char* norm_bytes_ = nullptr;
};

// Shares ownership of its bytes; everything that it returns is valid as long as the segment. Immutable and
// thread-safe. For a row that does not exist, id returns an empty string and seq_no the last seq_no.
class Segment {
 public:
  struct Field {
    std::unique_ptr<SegmentTerms> terms;
    std::unique_ptr<NumberColumn> numbers;
    std::unique_ptr<KeywordColumn> keywords;
    std::unique_ptr<VectorColumn> vectors;
  };
  // Checks the whole structure: magic, footer, checksum of the table of contents, and every size against the
  // others. kFormatVersion for an unsupported format version, kCorrupt for any other fault. VerifyBody checks
  // the body's checksum; a damaged body gives wrong results, but never causes a read outside the bytes.
  // `name` is "_3" for file _3.seg, or "memory".
  static Result<std::shared_ptr<const Segment>> Open(std::shared_ptr<const storage::FileBytes> bytes,
                                                     std::string name);
  // Like Open, with bytes on the heap.
  static Result<std::shared_ptr<const Segment>> OpenHeap(std::string bytes, std::string name);

  Status VerifyBody() const;  // kCorrupt if the body's checksum is wrong
  uint32_t body_crc() const;  // CRC-32C of the body, as stored in the footer
  uint32_t rows() const { return layout_.rows; }
  SeqNo seq_no(Row row) const;
  SeqNo last_seq_no() const { return SeqNo{layout_.last_seq_no}; }
  std::optional<Row> RowOf(SeqNo seq_no) const;  // nullopt: no row has this seq_no
  std::string_view id(Row row) const;
  // Returns the newest row of an id that is live according to `live`; nullopt if there is none.
  std::optional<Row> Find(std::string_view id, const LiveBitsPtr& live) const;
  const Field* field(std::string_view name) const;  // nullptr: no row has the field
  const std::vector<FieldLayout>& fields() const { return layout_.fields; }
  const std::string& name() const { return name_; }
  std::string_view bytes() const { return bytes_->bytes(); }

 private:
  Segment() = default;
  Status OpenIdentity();
  Status OpenFields();

  std::shared_ptr<const storage::FileBytes> bytes_;
  std::string name_;
  SegmentLayout layout_;
  const char* seq_nos_ = nullptr;
  const char* id_offsets_ = nullptr;
  std::string_view id_bytes_;
  const char* id_slots_ = nullptr;
  std::unordered_map<std::string, Field, StringHash, std::equal_to<>> fields_;
};
using SegmentPtr = std::shared_ptr<const Segment>;

// A segment at one refresh: its rows with the live bits of that refresh.
class SegmentView final : public SegmentReader {
 public:
  SegmentView(SegmentPtr segment, LiveBitsPtr live) : segment_(std::move(segment)), live_(std::move(live)) {}
  uint32_t rows() const override { return segment_->rows(); }
  uint32_t live_rows() const override { return live_ == nullptr ? rows() : live_->live; }
  bool live(Row row) const override { return live_ == nullptr ? row < rows() : live_->Get(row); }
  const uint64_t* live_words() const override { return live_ == nullptr ? nullptr : live_->words.data(); }
  SeqNo seq_no(Row row) const override { return segment_->seq_no(row); }
  std::string_view id(Row row) const override { return segment_->id(row); }
  std::optional<Row> Find(std::string_view id) const override { return segment_->Find(id, live_); }
  const FieldTerms* terms(std::string_view field) const override;
  const NumberColumn* numbers(std::string_view field) const override;
  const KeywordColumn* keywords(std::string_view field) const override;
  const VectorColumn* vectors(std::string_view field) const override;
  uint64_t bytes() const override { return segment_->bytes().size(); }
  std::string name() const override { return segment_->name(); }

 private:
  const SegmentPtr segment_;
  const LiveBitsPtr live_;
};

// Opens bytes as a segment and also verifies the body's checksum. Same errors as Segment::Open. For tests and
// fuzzing.
Result<SegmentPtr> OpenVerifiedSegment(std::string bytes);

}  // namespace trine::index
