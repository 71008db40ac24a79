#include "test/support/naive_index.h"

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

#include "base/check.h"
#include "index/norm.h"

namespace trine::test {
namespace {

using index::FieldContent;
using index::IndexDocument;
using index::kNoMoreRows;

std::string Word(uint64_t n) { return "w" + std::to_string(n); }

FieldContent TextField(std::string name, uint64_t words, uint64_t vocabulary, Random* random) {
  FieldContent text;
  text.field = std::move(name);
  text.has_terms = text.with_norms = text.with_positions = true;
  uint32_t position = 0;
  for (uint64_t i = 0; i < words; ++i) {
    // The product of two random numbers makes small numbers common.
    const uint64_t n = random->Below(vocabulary) * random->Below(vocabulary) / vocabulary;
    text.occurrences.push_back({Word(n), position});
    if (random->Below(10) != 0) position += 1 + static_cast<uint32_t>(random->Below(3) == 0 ? 100 : 0);
  }
  text.length = static_cast<uint32_t>(words);
  return text;
}

// The postings of one segment's field, computed from the documents.
struct Posting {
  Row row;
  std::vector<uint32_t> positions;
  uint32_t frequency = 0;
};
using Postings = std::map<std::string, std::vector<Posting>>;

class SegmentCheck {
 public:
  SegmentCheck(const index::SegmentReader& segment, std::vector<const IndexDocument*> documents,
               Random* random)
      : segment_(segment), documents_(std::move(documents)), random_(*random) {}

  std::string Run() {
    std::set<std::string> names = {"absent"};
    for (const IndexDocument* document : documents_) {
      for (const FieldContent& content : document->fields) names.insert(content.field);
    }
    for (const std::string& name : names) {
      field_ = name;
      for (const auto check :
           {&SegmentCheck::Terms, &SegmentCheck::Numbers, &SegmentCheck::Keywords, &SegmentCheck::Vectors}) {
        const std::string difference = (this->*check)();
        if (!difference.empty()) return segment_.name() + " [" + field_ + "]: " + difference;
      }
    }
    return "";
  }

 private:
  const FieldContent* Content(Row row) const {
    for (const FieldContent& content : documents_[row]->fields) {
      if (content.field == field_) return &content;
    }
    return nullptr;
  }
  Row rows() const { return static_cast<Row>(documents_.size()); }

  std::string Terms() {
    Postings expected;
    bool has_terms = false, positions = false;
    uint32_t row_count = 0;
    uint64_t total = 0;
    for (Row row = 0; row < rows(); ++row) {
      const FieldContent* content = Content(row);
      if (content == nullptr || !content->has_terms) continue;
      has_terms = true;
      positions = content->with_positions;
      row_count += content->occurrences.empty() ? 0 : 1;
      total += content->occurrences.size();
      for (const index::Occurrence& o : content->occurrences) {
        auto& list = expected[o.term];
        if (list.empty() || list.back().row != row) list.push_back({row, {}, 0});
        ++list.back().frequency;
        if (positions) list.back().positions.push_back(o.position);
      }
    }
    const index::FieldTerms* terms = segment_.terms(field_);
    if (!has_terms || expected.empty())
      return terms == nullptr || terms->term_count() == 0 ? "" : "unexpected terms";
    if (terms == nullptr) return "missing terms";
    if (terms->row_count() != row_count || terms->total_length() != total) return "wrong totals";
    if (terms->term_count() != expected.size()) return "wrong number of terms";
    for (Row row = 0; row < rows(); ++row) {
      const FieldContent* content = Content(row);
      const bool norm = content != nullptr && content->has_terms && content->with_norms;
      if (terms->norm(row) != (norm ? index::EncodeLength(content->length) : 0)) return "wrong norm";
      if (terms->dense_norms() != nullptr && terms->dense_norms()[row] != terms->norm(row))
        return "wrong dense norm";
    }
    return Dictionary(*terms, expected, positions);
  }

  std::string Dictionary(const index::FieldTerms& terms, const Postings& expected, bool positions) {
    auto at = expected.begin();
    std::string difference;
    terms.Visit("", [&](std::string_view term, const index::TermStats& stats) {
      if (at == expected.end() || at->first != term) return difference = "wrong term order", false;
      difference = OneTerm(terms, at->first, stats, at->second, positions);
      ++at;
      return difference.empty();
    });
    if (!difference.empty()) return difference;
    if (at != expected.end()) return "Visit ends early";
    for (int i = 0; i < 10; ++i) {
      const std::string from = Word(random_.Below(500)) + (random_.Below(2) == 0 ? "" : "x");
      const auto found = terms.Find(from);
      if (found.has_value() != expected.contains(from)) return "Find of " + from + " returns a wrong result";
      std::string first;
      terms.Visit(from, [&](std::string_view term, const index::TermStats&) { return first = term, false; });
      const auto next = expected.lower_bound(from);
      if (first != (next == expected.end() ? "" : next->first))
        return "Visit from " + from + " begins at the wrong term";
    }
    return "";
  }

  std::string OneTerm(const index::FieldTerms& terms, const std::string& term, const index::TermStats& walked,
                      const std::vector<Posting>& expected, bool positions) {
    const auto stats = terms.Find(term);
    if (!stats || stats->handle != walked.handle) return term + " is not found";
    uint64_t total = 0;
    uint32_t most = 0;
    uint8_t least = 255;
    for (const Posting& p : expected) {
      total += p.frequency;
      most = std::max(most, p.frequency);
      least = std::min(least, terms.norm(p.row));
    }
    if (stats->row_count != expected.size() || stats->total_frequency != total ||
        stats->max_frequency != most || stats->min_norm != least) {
      return term + " has wrong counts";
    }
    const auto cursor = terms.Open(*stats, positions);
    for (const Posting& p : expected) {
      if (cursor->row() != p.row || cursor->frequency() != p.frequency) return term + " has wrong postings";
      // Read positions only sometimes, to test skipping them too.
      if (random_.Below(3) != 0 && cursor->positions() != p.positions) return term + " has wrong positions";
      cursor->Next();
    }
    if (cursor->row() != kNoMoreRows) return term + " has too many postings";
    return Jumps(terms, *stats, term, expected, positions);
  }

  std::string Jumps(const index::FieldTerms& terms, const index::TermStats& stats, const std::string& term,
                    const std::vector<Posting>& expected, bool positions) {
    const auto cursor = terms.Open(stats, positions);
    size_t at = 0;
    while (at < expected.size()) {
      const Row reach = static_cast<Row>(1 + random_.Below(random_.Below(4) == 0 ? rows() : 40));
      const Row target = cursor->row() + static_cast<Row>(random_.Below(reach));
      if (random_.Below(3) == 0)
        cursor->BlockAt(target + static_cast<Row>(random_.Below(rows())));  // reads ahead
      const auto bound = cursor->BlockAt(target);
      size_t next = at;
      while (next < expected.size() && expected[next].row < target) ++next;
      const size_t block_end =
          std::min(expected.size(), next / index::kBlockSize * index::kBlockSize + index::kBlockSize);
      if (next < expected.size() && bound.last != expected[block_end - 1].row)
        return term + " has a wrong block end";
      if ((bound.last == kNoMoreRows) != (next == expected.size()))
        return term + " has a bound past the end or lacks one";
      for (size_t i = next; i < expected.size() && expected[i].row <= bound.last; ++i) {
        if (expected[i].frequency > bound.max_frequency || terms.norm(expected[i].row) < bound.min_norm) {
          return term + " has a wrong bound";
        }
      }
      const Row row = cursor->Advance(target);
      if (row != (next == expected.size() ? kNoMoreRows : expected[next].row))
        return term + " advances to the wrong row";
      if (next == expected.size()) break;
      if (cursor->frequency() != expected[next].frequency)
        return term + " has a wrong frequency after Advance";
      if (random_.Below(2) == 0 && cursor->positions() != expected[next].positions) {
        return term + " has wrong positions after Advance";
      }
      cursor->Next();
      at = next + 1;
    }
    return Batches(terms, stats, term, expected);
  }

  std::string Batches(const index::FieldTerms& terms, const index::TermStats& stats, const std::string& term,
                      const std::vector<Posting>& expected) {
    const auto cursor = terms.Open(stats, false);
    size_t at = 0;
    Row rows_of[index::kBlockSize];
    uint32_t frequencies[index::kBlockSize];
    while (const size_t n = cursor->NextBatch(rows_of, frequencies, 1 + random_.Below(index::kBlockSize))) {
      for (size_t i = 0; i < n; ++i, ++at) {
        if (at >= expected.size() || rows_of[i] != expected[at].row ||
            frequencies[i] != expected[at].frequency) {
          return term + " has wrong batches";
        }
      }
    }
    return at == expected.size() ? "" : term + " has batches that end early";
  }

  std::string Numbers() {
    const index::NumberColumn* column = segment_.numbers(field_);
    for (Row row = 0; row < rows(); ++row) {
      const FieldContent* content = Content(row);
      std::vector<double> doubles;
      std::vector<int64_t> integers;
      if (content != nullptr && content->has_numbers)
        doubles = content->doubles, integers = content->integers;
      std::sort(doubles.begin(), doubles.end());
      std::sort(integers.begin(), integers.end());
      if (column == nullptr) {
        if (!doubles.empty() || !integers.empty()) return "missing numbers";
        continue;
      }
      const size_t count = column->is_double() ? doubles.size() : integers.size();
      if (column->count(row) != count) return "wrong number of numbers";
      for (size_t i = 0; i < count; ++i) {
        const bool same =
            column->is_double() ? column->real(row, i) == doubles[i] : column->integer(row, i) == integers[i];
        if (!same) return "wrong number";
      }
    }
    return "";
  }

  std::string Keywords() {
    const index::KeywordColumn* column = segment_.keywords(field_);
    for (uint32_t i = 0; column != nullptr && i < column->value_count(); ++i) {
      if (i > 0 && column->value(i - 1) >= column->value(i)) return "values out of order";
      if (column->OrdinalOf(column->value(i)) != i) return "a value is not found";
    }
    if (column != nullptr && column->OrdinalOf("no such value")) return "an unexpected value";
    for (Row row = 0; row < rows(); ++row) {
      const FieldContent* content = Content(row);
      std::set<std::string> values;
      if (content != nullptr && content->has_keywords)
        values.insert(content->keywords.begin(), content->keywords.end());
      if (column == nullptr) {
        if (!values.empty()) return "missing keywords";
        continue;
      }
      std::set<std::string> found;
      for (size_t i = 0; i < column->count(row); ++i) found.emplace(column->value(column->ordinal(row, i)));
      if (found != values || column->count(row) != values.size()) return "wrong keywords";
    }
    return "";
  }

  std::string Vectors() {
    const index::VectorColumn* column = segment_.vectors(field_);
    size_t at = 0;
    for (Row row = 0; row < rows(); ++row) {
      const FieldContent* content = Content(row);
      const bool has = content != nullptr && !content->vector.empty();
      if (column == nullptr) {
        if (has) return "missing vectors";
        continue;
      }
      const float* found = column->Find(row);
      if ((found != nullptr) != has) return "a missing or unexpected vector";
      if (!has) continue;
      if (at >= column->size() || column->row_at(at) != row || column->at(at) != found)
        return "wrong vector order";
      if (!std::equal(content->vector.begin(), content->vector.end(), found)) return "wrong vector";
      ++at;
    }
    return column != nullptr && at != column->size() ? "wrong number of vectors" : "";
  }

  const index::SegmentReader& segment_;
  const std::vector<const IndexDocument*> documents_;
  Random& random_;
  std::string field_;
};

}  // namespace

IndexDocument RandomDocument(SeqNo seq_no, std::string id, Random* random) {
  IndexDocument document{seq_no, std::move(id), {}};
  document.fields.push_back(TextField("title", random->Below(12), 60, random));
  if (random->Below(50) == 0)
    document.fields.push_back(TextField("notes", 1 + random->Below(200), 500, random));
  FieldContent tag;
  tag.field = "tag";
  tag.has_terms = tag.has_keywords = true;
  for (uint64_t i = random->Below(4); i > 0; --i) {
    tag.keywords.push_back(Word(random->Below(300)));
    tag.occurrences.push_back({tag.keywords.back(), 0});
  }
  if (random->Below(5) != 0) document.fields.push_back(tag);
  FieldContent price;
  price.field = "price";
  price.has_numbers = true;
  price.number_kind = index::NumberKind::kDouble;
  price.doubles = {random->Normal() * 1000};
  document.fields.push_back(price);
  FieldContent stock;
  stock.field = "stock";
  stock.has_numbers = true;
  for (uint64_t i = random->Below(3); i > 0; --i) {
    stock.integers.push_back(static_cast<int64_t>(random->Next() >> (random->Below(60) + 1)) - 1000);
  }
  document.fields.push_back(stock);
  FieldContent serial;
  serial.field = "serial";
  serial.has_numbers = true;
  serial.number_kind = index::NumberKind::kUnsigned;
  serial.integers = {std::bit_cast<int64_t>(price.doubles[0])};
  document.fields.push_back(serial);
  if (random->Below(3) == 0) {
    FieldContent vector;
    vector.field = "vector";
    for (int i = 0; i < 5; ++i) vector.vector.push_back(static_cast<float>(random->Normal()));
    document.fields.push_back(vector);
  }
  return document;
}

void NaiveIndex::Add(IndexDocument document) {
  const SeqNo seq_no = document.seq_no;
  Known known;
  known.document = std::move(document);
  documents_.emplace(seq_no, std::move(known));
}

void NaiveIndex::Delete(SeqNo seq_no) {
  const auto it = documents_.find(seq_no);
  if (it != documents_.end()) it->second.deleted = true;
}

void NaiveIndex::Refresh() {
  for (auto& [seq_no, known] : documents_) {
    known.added_visible = true;
    known.deleted_visible = known.deleted;
  }
}

std::vector<SeqNo> NaiveIndex::Live() const {
  std::vector<SeqNo> live;
  for (const auto& [seq_no, known] : documents_) {
    if (!known.deleted) live.push_back(seq_no);
  }
  return live;
}

const IndexDocument* NaiveIndex::Find(SeqNo seq_no) const {
  const auto it = documents_.find(seq_no);
  return it == documents_.end() ? nullptr : &it->second.document;
}

std::string NaiveIndex::Difference(const index::IndexReader& reader, Random* random) const {
  std::set<SeqNo> live;
  std::optional<SeqNo> before;
  uint64_t live_rows = 0, deleted_rows = 0;
  for (const auto& segment : reader.segments()) {
    std::vector<const IndexDocument*> documents;
    uint32_t live_here = 0;
    for (Row row = 0; row < segment->rows(); ++row) {
      const SeqNo seq_no = segment->seq_no(row);
      const std::string at = "seq_no " + std::to_string(seq_no.value);
      if (before && !(*before < seq_no)) return at + " is out of order";
      before = seq_no;
      const auto it = documents_.find(seq_no);
      if (it == documents_.end() || !it->second.added_visible) return at + " is not visible yet";
      if (segment->live(row) == it->second.deleted_visible)
        return at + (segment->live(row) ? " is live" : " is deleted");
      const uint64_t* words = segment->live_words();
      if (words != nullptr && ((words[row / 64] >> (row % 64)) & 1) != (segment->live(row) ? 1 : 0))
        return at + " has a wrong live bit";
      if (segment->id(row) != it->second.document.id) return at + " has a wrong id";
      if (segment->live(row)) {
        live.insert(seq_no);
        ++live_here;
        if (segment->Find(segment->id(row)) != row) return at + " is not found by id";
      }
      documents.push_back(&it->second.document);
    }
    if (segment->live_rows() != live_here) return "wrong number of live rows";
    if (segment->Find("no such id")) return "an unexpected id";
    live_rows += live_here;
    deleted_rows += segment->rows() - live_here;
    std::string difference = SegmentCheck(*segment, std::move(documents), random).Run();
    if (!difference.empty()) return difference;
  }
  for (const auto& [seq_no, known] : documents_) {
    if (known.added_visible && !known.deleted_visible && !live.contains(seq_no)) {
      return "seq_no " + std::to_string(seq_no.value) + " is missing";
    }
  }
  if (reader.live_rows() != live_rows || reader.deleted_rows() != deleted_rows) return "wrong row counts";
  return "";
}

namespace {

void TouchTerms(const index::FieldTerms& terms, Row rows, uint64_t* sum) {
  for (Row row = 0; row < rows; ++row) *sum += terms.norm(row);
  uint64_t walked = 0;
  terms.Visit("", [&](std::string_view term, const index::TermStats& stats) {
    *sum += term.size() + terms.Find(term).has_value();
    const auto cursor = terms.Open(stats, true);
    for (uint64_t n = 0; cursor->row() != kNoMoreRows && n < 2 * uint64_t{rows} + 2; ++n) {
      *sum += cursor->frequency() + cursor->positions().size() + cursor->BlockAt(cursor->row()).last;
      if (n % 3 == 0 && cursor->row() < kNoMoreRows - 1) {
        cursor->Advance(cursor->row() + 1);
      } else {
        cursor->Next();
      }
    }
    return ++walked < 100'000;
  });
}

}  // namespace

void TouchAll(const index::SegmentReader& segment) {
  uint64_t sum = 0;
  const Row rows = std::min<Row>(segment.rows(), 100'000);
  for (Row row = 0; row < rows; ++row) {
    const std::string_view id = segment.id(row);
    sum += segment.seq_no(row).value + id.size() + segment.Find(id).value_or(0);
  }
  for (const char* field : {"title", "notes", "tag", "price", "stock", "vector"}) {
    if (const auto* terms = segment.terms(field); terms != nullptr) TouchTerms(*terms, rows, &sum);
    const auto* numbers = segment.numbers(field);
    const auto* keywords = segment.keywords(field);
    const auto* vectors = segment.vectors(field);
    for (Row row = 0; row < rows; ++row) {
      for (size_t i = 0; numbers != nullptr && i < numbers->count(row); ++i) sum += numbers->real(row, i) > 0;
      for (size_t i = 0; keywords != nullptr && i < keywords->count(row); ++i) {
        const std::string_view value = keywords->value(keywords->ordinal(row, i));
        sum += value.size() + (value.empty() ? 0 : static_cast<unsigned char>(value.back()));
      }
      if (vectors == nullptr) continue;
      if (const float* v = vectors->Find(row); v != nullptr) sum += v[vectors->dimension() - 1] > 0;
    }
    for (size_t i = 0; vectors != nullptr && i < vectors->size(); ++i) sum += vectors->row_at(i);
  }
  // Uses the sum, so that the compiler cannot remove the reads.
  TRINE_CHECK(sum != UINT64_MAX);
}

}  // namespace trine::test
