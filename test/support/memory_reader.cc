#include "test/support/memory_reader.h"

#include <algorithm>
#include <bit>
#include <map>

#include "base/check.h"
#include "catalogue/mapping.h"

namespace trine::test {
namespace {

using index::FieldContent;
using index::kNoMoreRows;

struct Posting {
  Row row;
  std::vector<uint32_t> positions;
};
struct TermData {
  std::vector<Posting> postings;
  index::TermStats stats;
};

class Terms;

class Postings final : public index::PostingCursor {
 public:
  Postings(const TermData& term, const std::vector<uint8_t>& norms, uint32_t block_size, bool positions)
      : term_(term), norms_(norms), block_size_(block_size), with_positions_(positions) {}
  Row row() const override { return at_ < term_.postings.size() ? term_.postings[at_].row : kNoMoreRows; }
  Row Next() override { return ++at_, row(); }
  Row Advance(Row target) override {
    while (row() < target) ++at_;
    return row();
  }
  uint32_t frequency() const override { return static_cast<uint32_t>(term_.postings[at_].positions.size()); }
  const std::vector<uint32_t>& positions() override {
    return with_positions_ ? term_.postings[at_].positions : none_;
  }
  uint32_t cost() const override { return static_cast<uint32_t>(term_.postings.size()); }
  BlockBound BlockAt(Row target) override {
    size_t i = at_;
    while (i < term_.postings.size() && term_.postings[i].row < target) ++i;
    if (i == term_.postings.size()) return {};
    const size_t begin = i / block_size_ * block_size_;
    const size_t end = std::min(begin + block_size_, term_.postings.size());
    BlockBound bound{term_.postings[end - 1].row, 0, 255};
    for (size_t p = begin; p < end; ++p) {
      const auto frequency = static_cast<uint32_t>(term_.postings[p].positions.size());
      bound.max_frequency = std::max(bound.max_frequency, frequency);
      bound.min_norm = std::min(bound.min_norm, norms_[term_.postings[p].row]);
    }
    return bound;
  }

 private:
  const TermData& term_;
  const std::vector<uint8_t>& norms_;
  const uint32_t block_size_;
  const bool with_positions_;
  const std::vector<uint32_t> none_;
  size_t at_ = 0;
};

class Terms final : public index::FieldTerms {
 public:
  explicit Terms(const MemorySegment& segment)
      : block_size_(segment.block_size), dense_(segment.dense_norms), norms_(segment.documents.size(), 0) {}
  void Add(Row row, const FieldContent& content) {
    with_norms_ |= content.with_norms;
    with_positions_ |= content.with_positions;
    norms_[row] = NormOf(content.length);
    std::map<std::string, std::vector<uint32_t>> by_term;
    for (const auto& occurrence : content.occurrences)
      by_term[occurrence.term].push_back(occurrence.position);
    if (!content.occurrences.empty()) ++rows_;
    length_ += content.occurrences.size();
    for (auto& [term, positions] : by_term) {
      std::sort(positions.begin(), positions.end());
      terms_[term].postings.push_back({row, std::move(positions)});
    }
  }
  void Finish() {
    uint64_t handle = 0;
    for (auto& [term, data] : terms_) {
      data.stats.handle = handle++;
      data.stats.row_count = static_cast<uint32_t>(data.postings.size());
      data.stats.min_norm = 255;
      for (const Posting& posting : data.postings) {
        const auto frequency = static_cast<uint32_t>(posting.positions.size());
        data.stats.total_frequency += frequency;
        data.stats.max_frequency = std::max(data.stats.max_frequency, frequency);
        data.stats.min_norm = std::min(data.stats.min_norm, norms_[posting.row]);
      }
      by_handle_.push_back(&data);
    }
  }
  uint32_t row_count() const override { return rows_; }
  uint64_t total_length() const override { return length_; }
  bool has_norms() const override { return with_norms_; }
  bool has_positions() const override { return with_positions_; }
  uint8_t norm(Row row) const override { return norms_[row]; }
  const uint8_t* dense_norms() const override { return dense_ ? norms_.data() : nullptr; }
  std::optional<index::TermStats> Find(std::string_view term) const override {
    const auto found = terms_.find(std::string(term));
    if (found == terms_.end()) return std::nullopt;
    return found->second.stats;
  }
  std::unique_ptr<index::PostingCursor> Open(const index::TermStats& term, bool positions) const override {
    return std::make_unique<Postings>(*by_handle_[term.handle], norms_, block_size_, positions);
  }
  void Visit(std::string_view from,
             const std::function<bool(std::string_view, const index::TermStats&)>& visit) const override {
    for (auto it = terms_.lower_bound(std::string(from)); it != terms_.end(); ++it) {
      if (!visit(it->first, it->second.stats)) return;
    }
  }
  uint64_t term_count() const override { return terms_.size(); }

 private:
  const uint32_t block_size_;
  const bool dense_;
  std::vector<uint8_t> norms_;
  bool with_norms_ = false, with_positions_ = false;
  uint32_t rows_ = 0;
  uint64_t length_ = 0;
  std::map<std::string, TermData> terms_;
  std::vector<const TermData*> by_handle_;
};

class Numbers final : public index::NumberColumn {
 public:
  explicit Numbers(size_t rows) : integers_(rows), doubles_(rows) {}
  void Add(Row row, const FieldContent& content) {
    kind_ = content.number_kind;
    integers_[row] = content.integers;
    doubles_[row] = content.doubles;
    std::sort(integers_[row].begin(), integers_[row].end());
    std::sort(doubles_[row].begin(), doubles_[row].end());
  }
  index::NumberKind kind() const override { return kind_; }
  size_t count(Row row) const override { return is_double() ? doubles_[row].size() : integers_[row].size(); }
  int64_t integer(Row row, size_t i) const override {
    TRINE_CHECK(!is_double());
    return integers_[row][i];
  }
  double real(Row row, size_t i) const override {
    if (is_double()) return doubles_[row][i];
    if (kind_ == index::NumberKind::kUnsigned)
      return static_cast<double>(catalogue::UnsignedValue(integers_[row][i]));
    return static_cast<double>(integers_[row][i]);
  }

 private:
  index::NumberKind kind_ = index::NumberKind::kInteger;
  std::vector<std::vector<int64_t>> integers_;
  std::vector<std::vector<double>> doubles_;
};

class Keywords final : public index::KeywordColumn {
 public:
  explicit Keywords(size_t rows) : values_(rows), rows_(rows) {}
  void Add(Row row, const FieldContent& content) {
    values_[row] = content.keywords;
    all_.insert(content.keywords.begin(), content.keywords.end());
  }
  void Finish() {
    sorted_.assign(all_.begin(), all_.end());
    for (size_t row = 0; row < values_.size(); ++row) {
      for (const std::string& value : values_[row]) rows_[row].push_back(*OrdinalOf(value));
      std::sort(rows_[row].begin(), rows_[row].end());
    }
  }
  size_t count(Row row) const override { return rows_[row].size(); }
  uint32_t ordinal(Row row, size_t i) const override { return rows_[row][i]; }
  std::string_view value(uint32_t ordinal) const override { return sorted_[ordinal]; }
  uint32_t value_count() const override { return static_cast<uint32_t>(sorted_.size()); }
  std::optional<uint32_t> OrdinalOf(std::string_view value) const override {
    const auto found = std::lower_bound(sorted_.begin(), sorted_.end(), value);
    if (found == sorted_.end() || *found != value) return std::nullopt;
    return static_cast<uint32_t>(found - sorted_.begin());
  }

 private:
  std::vector<std::vector<std::string>> values_;
  std::vector<std::vector<uint32_t>> rows_;
  std::set<std::string> all_;
  std::vector<std::string> sorted_;
};

class Vectors final : public index::VectorColumn {
 public:
  void Add(Row row, const FieldContent& content) { all_.emplace_back(row, content.vector); }
  uint32_t dimension() const override { return static_cast<uint32_t>(all_.front().second.size()); }
  size_t size() const override { return all_.size(); }
  Row row_at(size_t i) const override { return all_[i].first; }
  const float* at(size_t i) const override { return all_[i].second.data(); }
  const float* Find(Row row) const override {
    for (const auto& [r, vector] : all_) {
      if (r == row) return vector.data();
    }
    return nullptr;
  }

 private:
  std::vector<std::pair<Row, std::vector<float>>> all_;
};

class Segment final : public index::SegmentReader {
 public:
  explicit Segment(MemorySegment segment)
      : segment_(std::move(segment)), live_((segment_.documents.size() + 63) / 64, 0) {
    const size_t rows = segment_.documents.size();
    for (Row row = 0; row < rows; ++row) {
      if (!segment_.deleted.contains(row)) live_[row / 64] |= uint64_t{1} << (row % 64);
      for (const FieldContent& content : segment_.documents[row].fields) {
        if (content.has_terms) terms_.try_emplace(content.field, segment_).first->second.Add(row, content);
        if (content.has_numbers) numbers_.try_emplace(content.field, rows).first->second.Add(row, content);
        if (content.has_keywords) keywords_.try_emplace(content.field, rows).first->second.Add(row, content);
        if (!content.vector.empty()) vectors_[content.field].Add(row, content);
      }
    }
    for (auto& [field, terms] : terms_) terms.Finish();
    for (auto& [field, keywords] : keywords_) keywords.Finish();
  }
  uint32_t rows() const override { return static_cast<uint32_t>(segment_.documents.size()); }
  uint32_t live_rows() const override { return rows() - static_cast<uint32_t>(segment_.deleted.size()); }
  bool live(Row row) const override { return !segment_.deleted.contains(row); }
  const uint64_t* live_words() const override { return segment_.deleted.empty() ? nullptr : live_.data(); }
  SeqNo seq_no(Row row) const override { return segment_.documents[row].seq_no; }
  std::string_view id(Row row) const override { return segment_.documents[row].id; }
  std::optional<Row> Find(std::string_view id) const override {
    for (Row row = 0; row < rows(); ++row) {
      if (live(row) && segment_.documents[row].id == id) return row;
    }
    return std::nullopt;
  }
  const index::FieldTerms* terms(std::string_view field) const override { return In(terms_, field); }
  const index::NumberColumn* numbers(std::string_view field) const override { return In(numbers_, field); }
  const index::KeywordColumn* keywords(std::string_view field) const override { return In(keywords_, field); }
  const index::VectorColumn* vectors(std::string_view field) const override { return In(vectors_, field); }
  uint64_t bytes() const override { return 0; }
  std::string name() const override { return "memory"; }

 private:
  template <typename Map>
  static const typename Map::mapped_type* In(const Map& map, std::string_view field) {
    const auto found = map.find(std::string(field));
    return found == map.end() ? nullptr : &found->second;
  }
  const MemorySegment segment_;
  std::vector<uint64_t> live_;
  std::map<std::string, Terms> terms_;
  std::map<std::string, Numbers> numbers_;
  std::map<std::string, Keywords> keywords_;
  std::map<std::string, Vectors> vectors_;
};

class Reader final : public index::IndexReader {
 public:
  explicit Reader(std::vector<MemorySegment> segments) {
    for (MemorySegment& segment : segments) {
      segments_.push_back(std::make_shared<const Segment>(std::move(segment)));
      live_ += segments_.back()->live_rows();
      deleted_ += segments_.back()->rows() - segments_.back()->live_rows();
    }
  }
  const std::vector<std::shared_ptr<const index::SegmentReader>>& segments() const override {
    return segments_;
  }
  uint64_t live_rows() const override { return live_; }
  uint64_t deleted_rows() const override { return deleted_; }
  uint64_t generation() const override { return 1; }
  SeqNo end_seq_no() const override { return SeqNo{live_ + deleted_}; }
  const std::string& damage() const override { return damage_; }

 private:
  const std::string damage_;  // empty
  std::vector<std::shared_ptr<const index::SegmentReader>> segments_;
  uint64_t live_ = 0, deleted_ = 0;
};

}  // namespace

uint8_t NormOf(uint32_t length) {
  if (length < 24) return static_cast<uint8_t>(length);
  const uint32_t rest = length - 24;
  const int bits = std::bit_width(rest);
  if (bits < 4) return static_cast<uint8_t>(24 + rest);
  const int shift = bits - 4;
  return static_cast<uint8_t>(24 + (((rest >> shift) & 7) | static_cast<uint32_t>(shift + 1) << 3));
}

index::IndexReaderPtr MakeMemoryReader(std::vector<MemorySegment> segments) {
  return std::make_shared<Reader>(std::move(segments));
}

}  // namespace trine::test
