#include "index/merger.h"

#include <algorithm>
#include <map>
#include <memory>

#include "base/check.h"
#include "index/column_builders.h"
#include "index/segment_writer.h"

namespace trine::index {
namespace {

constexpr int kTermsBetweenStopChecks = 1024;

// One field in each source; nullptr if the source does not have it.
using FieldSources = std::vector<const Segment::Field*>;

class SegmentMerge {
 public:
  SegmentMerge(const std::vector<MergeSource>& sources, const std::atomic<bool>& stop)
      : sources_(sources), stop_(stop) {}

  Result<MergeResult> Run(ByteSink* sink) {
    CheckSources();
    MapRows();
    if (result_.rows == 0) return std::move(result_);
    SegmentWriter writer(sink, result_.rows);
    PutIdentity(&writer);
    for (const auto& [name, fields] : Fields()) {
      TRINE_TRY(CheckStop());
      TRINE_TRY(PutTerms(name, fields, &writer));
      PutNumbers(name, fields, &writer);
      PutKeywords(name, fields, &writer);
      PutVectors(name, fields, &writer);
    }
    TRINE_ASSIGN(result_.bytes, writer.Finish());
    return std::move(result_);
  }

 private:
  Status CheckStop() const {
    if (!stop_.load(std::memory_order_relaxed)) return Ok();
    return Error(ErrorCode::kTimeout, "the merge was stopped because the index is closing");
  }

  // The merged segment keeps the order of the sources, so they must be in ascending order of seq_no.
  void CheckSources() const {
    for (size_t s = 0; s < sources_.size(); ++s) {
      const Segment& segment = *sources_[s].segment;
      if (sources_[s].live != nullptr) TRINE_CHECK_EQ(sources_[s].live->rows, segment.rows());
      if (s > 0 && segment.rows() > 0) {
        TRINE_CHECK_GT(segment.seq_no(0), sources_[s - 1].segment->last_seq_no());
      }
    }
  }

  void MapRows() {
    for (const MergeSource& source : sources_) {
      std::vector<Row>& map = result_.new_rows.emplace_back(source.segment->rows(), kNoMoreRows);
      for (Row row = 0; row < map.size(); ++row) {
        if (IsLive(source.live, row)) map[row] = result_.rows++;
      }
    }
  }

  void PutIdentity(SegmentWriter* writer) const {
    std::vector<uint64_t> seq_nos;
    std::vector<std::string_view> ids;
    for (size_t s = 0; s < sources_.size(); ++s) {
      for (Row row = 0; row < result_.new_rows[s].size(); ++row) {
        if (result_.new_rows[s][row] == kNoMoreRows) continue;
        seq_nos.push_back(sources_[s].segment->seq_no(row).value);
        ids.push_back(sources_[s].segment->id(row));
      }
    }
    TRINE_CHECK_EQ(seq_nos.size(), size_t{result_.rows});
    writer->Identity(seq_nos, ids);
  }

  std::map<std::string_view, FieldSources> Fields() const {
    std::map<std::string_view, FieldSources> fields;
    for (size_t s = 0; s < sources_.size(); ++s) {
      for (const FieldLayout& layout : sources_[s].segment->fields()) {
        auto& field = fields[layout.name];
        field.resize(sources_.size());
        field[s] = sources_[s].segment->field(layout.name);
      }
    }
    return fields;
  }

  // Calls use(source, part, old row, new row) for every row that is kept, in order.
  template <typename Part, typename Use>
  void ForEachKeptRow(const FieldSources& fields, std::unique_ptr<Part> Segment::Field::*part,
                      const Use& use) const {
    for (size_t s = 0; s < fields.size(); ++s) {
      if (fields[s] == nullptr || fields[s]->*part == nullptr) continue;
      const std::vector<Row>& map = result_.new_rows[s];
      for (Row row = 0; row < map.size(); ++row) {
        if (map[row] != kNoMoreRows) use(s, *(fields[s]->*part), row, map[row]);
      }
    }
  }

  Status PutTerms(std::string_view name, const FieldSources& fields, SegmentWriter* writer) const;
  void PutNumbers(std::string_view name, const FieldSources& fields, SegmentWriter* writer) const;
  void PutKeywords(std::string_view name, const FieldSources& fields, SegmentWriter* writer) const;
  void PutVectors(std::string_view name, const FieldSources& fields, SegmentWriter* writer) const;

  const std::vector<MergeSource>& sources_;
  const std::atomic<bool>& stop_;
  MergeResult result_;
};

// A position in the sorted terms of one source.
struct TermStream {
  size_t source;
  const SegmentTerms* terms;
  TermDictionary::Iterator at;
};

// Orders a heap so that the smallest term is on top, and among equal terms the oldest source.
bool Later(const TermStream* a, const TermStream* b) {
  const int order = a->at.term().compare(b->at.term());
  return order != 0 ? order > 0 : a->source > b->source;
}

Status SegmentMerge::PutTerms(std::string_view name, const FieldSources& fields,
                              SegmentWriter* writer) const {
  bool norms = false, positions = true, any = false;
  std::vector<TermStream> streams;
  for (size_t s = 0; s < fields.size(); ++s) {
    if (fields[s] == nullptr || fields[s]->terms == nullptr) continue;
    const SegmentTerms* terms = fields[s]->terms.get();
    any = true;
    norms |= terms->has_norms();
    // The merged field has positions only if every source has them. Otherwise a phrase query would miss the
    // rows of the sources without positions.
    positions &= terms->has_positions();
    streams.push_back({s, terms, TermDictionary::Iterator(terms->dictionary(), "")});
  }
  if (!any) return Ok();
  std::vector<uint8_t> norm_bytes(norms ? result_.rows : 0);
  if (norms) {
    ForEachKeptRow(fields, &Segment::Field::terms,
                   [&](size_t, const SegmentTerms& terms, Row row, Row new_row) {
                     norm_bytes[new_row] = terms.norm(row);
                   });
  }
  TermsWriter out(result_.rows, positions, std::move(norm_bytes));
  std::vector<TermStream*> heap;
  for (TermStream& stream : streams) {
    if (stream.at.Valid()) heap.push_back(&stream);
  }
  std::make_heap(heap.begin(), heap.end(), Later);
  std::string term;
  for (int until_check = kTermsBetweenStopChecks; !heap.empty();) {
    term = heap.front()->at.term();
    out.Begin(term);
    while (!heap.empty() && heap.front()->at.term() == term) {
      std::pop_heap(heap.begin(), heap.end(), Later);
      TermStream* stream = heap.back();
      const std::vector<Row>& map = result_.new_rows[stream->source];
      for (RawPostings p(stream->terms->postings(), stream->at.stats()); p.Valid(); p.Next()) {
        // A damaged list may contain rows that the segment does not have.
        if (p.row() < map.size() && map[p.row()] != kNoMoreRows)
          out.Add(map[p.row()], p.frequency(), p.positions());
      }
      stream->at.Next();
      if (stream->at.Valid()) {
        std::push_heap(heap.begin(), heap.end(), Later);
      } else {
        heap.pop_back();
      }
    }
    out.End();
    if (--until_check == 0) {
      until_check = kTermsBetweenStopChecks;
      TRINE_TRY(CheckStop());
    }
  }
  writer->Terms(name, out);
  return Ok();
}

void SegmentMerge::PutNumbers(std::string_view name, const FieldSources& fields,
                              SegmentWriter* writer) const {
  NumberKind kind = NumberKind::kInteger;
  for (const Segment::Field* field : fields) {
    if (field == nullptr || field->numbers == nullptr || kind == NumberKind::kDouble) continue;
    if (field->numbers->kind() != NumberKind::kInteger) kind = field->numbers->kind();
  }
  const bool is_double = kind == NumberKind::kDouble;
  NumberColumnBuilder out(kind);
  std::vector<int64_t> integers;
  std::vector<double> doubles;
  ForEachKeptRow(fields, &Segment::Field::numbers,
                 [&](size_t, const NumberColumn& column, Row row, Row new_row) {
                   integers.clear();
                   doubles.clear();
                   const size_t count = column.count(row);
                   for (size_t i = 0; i < count; ++i) {
                     if (is_double) {
                       doubles.push_back(column.real(row, i));
                     } else {
                       integers.push_back(column.integer(row, i));
                     }
                   }
                   if (is_double) {
                     out.AddDoubles(new_row, doubles);
                   } else {
                     out.AddIntegers(new_row, integers);
                   }
                 });
  if (!out.empty()) writer->Numbers(name, out);
}

void SegmentMerge::PutKeywords(std::string_view name, const FieldSources& fields,
                               SegmentWriter* writer) const {
  KeywordColumnBuilder out;
  size_t source = SIZE_MAX;
  // By ordinal in the current source: the number that out.Intern returned for the value; UINT32_MAX if the
  // value is not interned yet.
  std::vector<uint32_t> number_of;
  std::vector<uint32_t> numbers;
  ForEachKeptRow(fields, &Segment::Field::keywords,
                 [&](size_t s, const KeywordColumn& column, Row row, Row new_row) {
                   if (s != source) number_of.assign(column.value_count(), UINT32_MAX);
                   source = s;
                   numbers.clear();
                   const size_t count = column.count(row);
                   for (size_t i = 0; i < count; ++i) {
                     const uint32_t ordinal = column.ordinal(row, i);
                     if (ordinal >= number_of.size()) continue;
                     if (number_of[ordinal] == UINT32_MAX)
                       number_of[ordinal] = out.Intern(column.value(ordinal));
                     numbers.push_back(number_of[ordinal]);
                   }
                   out.Add(new_row, numbers);
                 });
  if (!out.empty()) writer->Keywords(name, out);
}

void SegmentMerge::PutVectors(std::string_view name, const FieldSources& fields,
                              SegmentWriter* writer) const {
  std::unique_ptr<VectorColumnBuilder> out;
  ForEachKeptRow(fields, &Segment::Field::vectors,
                 [&](size_t, const VectorColumn& column, Row row, Row new_row) {
                   const float* vector = column.Find(row);
                   if (vector == nullptr) return;
                   if (out == nullptr) out = std::make_unique<VectorColumnBuilder>(column.dimension());
                   if (out->dimension() == column.dimension()) out->Add(new_row, vector);
                 });
  if (out != nullptr) writer->Vectors(name, *out);
}

}  // namespace

Result<MergeResult> MergeSegments(const std::vector<MergeSource>& sources, ByteSink* sink,
                                  const std::atomic<bool>& stop) {
  return SegmentMerge(sources, stop).Run(sink);
}

}  // namespace trine::index
