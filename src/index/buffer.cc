#include "index/buffer.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "index/bytes.h"
#include "index/norm.h"
#include "index/segment_writer.h"

namespace trine::index {

// The posting list of one term so far. The frequency of a row is known only when the next row begins, so the
// last row stays open until then.
struct Buffer::Postings {
  std::string rows;       // two varints per closed row: distance from the previous row, frequency
  std::string positions;  // a varint per occurrence: distance from the previous one in the row
  Row last_written = 0;
  Row row = UINT32_MAX;  // the open row
  uint32_t frequency = 0;
  uint32_t position = 0;  // last position in the open row

  void CloseRow() {
    if (frequency == 0) return;
    std::string closed;  // short enough to need no memory
    TRINE_DCHECK_GE(row, last_written);
    AppendVarint(row - last_written, &closed);
    AppendVarint(frequency, &closed);
    rows += closed;  // both or none, if there is no memory
    last_written = row;
    frequency = 0;
  }
};

struct Buffer::FieldState {
  bool has_terms = false, with_norms = false, with_positions = false;
  TermTable terms;
  std::vector<Postings> postings;  // by term number
  std::vector<uint8_t> norms;      // by row; may be shorter than the number of rows
  std::unique_ptr<NumberColumnBuilder> numbers;
  std::unique_ptr<KeywordColumnBuilder> keywords;
  std::unique_ptr<VectorColumnBuilder> vectors;
  Row last_row = UINT32_MAX;  // last row with this field; to detect a document that has the field twice
};

namespace {

// Estimates for bytes(): the two varints of a closed row rarely take more than three bytes together. Besides
// its id, each row adds a seq_no, the offset where the id ends, and some unused vector capacity.
constexpr size_t kPostingBytes = 3;
constexpr size_t kRowBytes = 32;

}  // namespace

Buffer::Buffer() = default;
Buffer::~Buffer() = default;

Buffer::FieldState& Buffer::StateOf(const std::string& field) {
  auto& state = fields_[field];
  if (state == nullptr) {
    state = std::make_unique<FieldState>();
    bytes_ += sizeof(FieldState) + field.size();
  }
  return *state;
}

Status Buffer::Check(const FieldContent& content, FieldState& state) const {
  const auto invalid = [&](const char* what) {
    return Error(ErrorCode::kInvalid, what).Where(content.field);
  };
  if (state.last_row == rows()) return invalid("the document has the field twice");
  if (content.has_terms && state.has_terms &&
      (state.with_positions != content.with_positions || state.with_norms != content.with_norms)) {
    return invalid("the field's norms or positions differ from those in earlier documents");
  }
  if (content.has_numbers && state.numbers && state.numbers->kind() != content.number_kind) {
    return invalid("the field has numbers of one kind in some documents and of another in others");
  }
  if (!content.vector.empty()) {
    if (content.vector.size() > limits::kMaxVectorDimension) {
      return invalid("the vector has too many dimensions")
          .Expected("at most " + std::to_string(limits::kMaxVectorDimension))
          .Got(std::to_string(content.vector.size()));
    }
    if (state.vectors && state.vectors->dimension() != content.vector.size()) {
      return invalid("the vector's dimension differs from that of earlier vectors in the field")
          .Expected(std::to_string(state.vectors->dimension()))
          .Got(std::to_string(content.vector.size()));
    }
  }
  for (const Occurrence& o : content.occurrences) {
    if (o.term.size() <= limits::kMaxTermBytes) continue;
    return Error(ErrorCode::kTermTooLong, "a term is too long to be indexed")
        .Expected("at most " + std::to_string(limits::kMaxTermBytes) + " bytes")
        .Got(std::to_string(o.term.size()))
        .Where(content.field);
  }
  return Ok();
}

Status Buffer::Add(const IndexDocument& document) {
  const Row row = rows();
  TRINE_CHECK_LT(row, kNoMoreRows / 2);
  if (!seq_nos_.empty()) TRINE_CHECK_GT(document.seq_no.value, seq_nos_.back());
  states_.clear();
  for (const FieldContent& content : document.fields) {
    FieldState& state = StateOf(content.field);
    auto status = Check(content, state);
    if (!status.ok()) {
      // The document is rejected, and the next one gets its row number. So undo last_row in the fields that
      // were checked before the error.
      for (FieldState* seen : states_) seen->last_row = UINT32_MAX;
      return status;
    }
    state.last_row = row;
    states_.push_back(&state);
  }
  TRINE_DCHECK_EQ(states_.size(), document.fields.size());
  for (size_t i = 0; i < document.fields.size(); ++i) {
    if (document.fields[i].has_terms) AddTerms(row, document.fields[i], states_[i]);
    AddColumns(row, document.fields[i], states_[i]);
  }
  seq_nos_.push_back(document.seq_no.value);
  ids_.append(document.id);
  TRINE_CHECK_LE(ids_.size(), UINT32_MAX);  // id offsets have 32 bits on disk
  id_ends_.push_back(static_cast<uint32_t>(ids_.size()));
  bytes_ += document.id.size() + kRowBytes;
  TRINE_DCHECK_EQ(id_ends_.size(), seq_nos_.size());
  return Ok();
}

void Buffer::AddTerms(Row row, const FieldContent& content, FieldState* state) {
  state->has_terms = true;
  state->with_positions = content.with_positions;
  const size_t table_before = state->terms.bytes();
  for (const Occurrence& o : content.occurrences) {
    const uint32_t number = state->terms.Intern(o.term);
    TRINE_DCHECK_LE(number, state->postings.size());
    if (number == state->postings.size()) {
      state->postings.emplace_back();
      bytes_ += sizeof(Postings);
    }
    Postings& p = state->postings[number];
    if (p.row != row) {
      p.CloseRow();
      p.row = row;
      p.position = 0;
      bytes_ += kPostingBytes;
    }
    ++p.frequency;
    if (content.with_positions) {
      const size_t before = p.positions.size();
      const uint32_t position = std::max(o.position, p.position);
      AppendVarint(position - p.position, &p.positions);
      p.position = position;
      bytes_ += p.positions.size() - before;
    }
  }
  bytes_ += state->terms.bytes() - table_before;
  if (!content.with_norms) return;
  state->with_norms = true;
  TRINE_DCHECK_LE(state->norms.size(), row);
  state->norms.resize(row + 1);
  state->norms[row] = EncodeLength(content.length);
}

void Buffer::AddColumns(Row row, const FieldContent& content, FieldState* state) {
  if (content.has_numbers) {
    if (!state->numbers) state->numbers = std::make_unique<NumberColumnBuilder>(content.number_kind);
    const size_t before = state->numbers->bytes();
    if (content.number_kind == NumberKind::kDouble) {
      state->numbers->AddDoubles(row, content.doubles);
    } else {
      state->numbers->AddIntegers(row, content.integers);
    }
    bytes_ += state->numbers->bytes() - before;
  }
  if (content.has_keywords) {
    if (!state->keywords) state->keywords = std::make_unique<KeywordColumnBuilder>();
    const size_t before = state->keywords->bytes();
    numbers_.clear();
    for (const std::string& keyword : content.keywords) numbers_.push_back(state->keywords->Intern(keyword));
    state->keywords->Add(row, numbers_);
    bytes_ += state->keywords->bytes() - before;
  }
  if (!content.vector.empty()) {
    const auto dimension = static_cast<uint32_t>(content.vector.size());
    if (!state->vectors) state->vectors = std::make_unique<VectorColumnBuilder>(dimension);
    state->vectors->Add(row, content.vector.data());
    bytes_ += 4 * content.vector.size() + 4;
  }
}

void Buffer::Clear() {
  fields_.clear();
  seq_nos_.clear();
  id_ends_.clear();
  ids_.clear();
  deleted_.clear();
  states_.clear();
  numbers_.clear();
  bytes_ = 0;
}

bool Buffer::Delete(SeqNo seq_no) {
  const auto it = std::lower_bound(seq_nos_.begin(), seq_nos_.end(), seq_no.value);
  if (it == seq_nos_.end() || *it != seq_no.value) return false;
  deleted_.push_back(static_cast<Row>(it - seq_nos_.begin()));
  return true;
}

namespace {

// Passes the rows of one term to the writer, and with each row its part of the term's position stream.
void PutPostings(std::string_view rows, std::string_view positions, bool with_positions,
                 TermsWriter* writer) {
  const char* p = rows.data();
  const char* end = p + rows.size();
  const char* position = positions.data();
  Row row = 0;
  while (p < end) {
    row += static_cast<Row>(ReadVarint(&p, end));
    const auto frequency = static_cast<uint32_t>(ReadVarint(&p, end));
    const char* begin = position;
    if (with_positions) {
      const char* stop = positions.data() + positions.size();
      for (uint32_t left = frequency; left > 0 && position < stop; ++position)
        left -= (*position & 0x80) == 0 ? 1 : 0;
    }
    TRINE_DCHECK_GE(frequency, 1u);
    writer->Add(row, frequency, {begin, static_cast<size_t>(position - begin)});
  }
}

}  // namespace

Buffer::SealedSegment Buffer::Seal() {
  TRINE_CHECK_GT(rows(), 0u);
  StringSink sink;
  SegmentWriter writer(&sink, rows());
  std::vector<std::string_view> ids(rows());
  for (Row row = 0; row < rows(); ++row) {
    const uint32_t begin = row == 0 ? 0 : id_ends_[row - 1];
    ids[row] = std::string_view(ids_).substr(begin, id_ends_[row] - begin);
  }
  writer.Identity(seq_nos_, ids);
  std::vector<std::string_view> names;
  for (const auto& [name, state] : fields_) names.push_back(name);
  std::sort(names.begin(), names.end());
  for (std::string_view name : names) {
    FieldState& state = *fields_.find(name)->second;
    if (state.has_terms) {
      TRINE_CHECK_EQ(state.postings.size(), state.terms.size());
      if (state.with_norms) state.norms.resize(rows());
      TermsWriter terms(rows(), state.with_positions, state.norms);
      for (uint32_t number : state.terms.Sorted()) {
        Postings& p = state.postings[number];
        p.CloseRow();
        terms.Begin(state.terms.at(number));
        PutPostings(p.rows, p.positions, state.with_positions, &terms);
        terms.End();
      }
      writer.Terms(name, terms);
    }
    if (state.numbers && !state.numbers->empty()) writer.Numbers(name, *state.numbers);
    if (state.keywords && !state.keywords->empty()) writer.Keywords(name, *state.keywords);
    if (state.vectors) writer.Vectors(name, *state.vectors);
  }
  TRINE_CHECK(writer.Finish().ok());
  SealedSegment sealed{sink.Take(), nullptr};
  if (!deleted_.empty()) {
    auto live = std::make_shared<LiveBits>(rows());
    for (Row row : deleted_) live->Clear(row);
    sealed.live = std::move(live);
  }
  return sealed;
}

}  // namespace trine::index
