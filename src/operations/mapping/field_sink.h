// FieldSink: collects the content of each field of one document while its source is walked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "format/json.h"
#include "index/document.h"
#include "operations/mapping/mapping_plan.h"

namespace trine::operations {

// Used while one document is mapped. Not thread-safe.
class FieldSink {
 public:
  // `stored`: the document was accepted earlier, perhaps by 0.1.0, whose dates are read as it read them.
  explicit FieldSink(index::IndexDocument* document, bool stored = false)
      : document_(*document), stored_(stored) {}
  // Adds one value to a planned leaf. `value` must not be null, and may be an array only for a vector field.
  // After an error, the content added so far remains, so the caller must discard the document.
  Status Add(const PlannedField& leaf, const format::Json& value);
  // How often a value was compared with an earlier value of its field, or looked up among them. At most
  // kScannedTerms for each value, so that the work grows linearly with the values.
  size_t comparisons() const { return comparisons_; }
  static constexpr size_t kScannedTerms = 16;

 private:
  index::FieldContent& Content(const PlannedField& leaf);
  Status AddText(const PlannedField& leaf, const format::Json& value);
  Status AddKeyword(const PlannedField& leaf, const format::Json& value);
  Status AddNumber(const PlannedField& leaf, const format::Json& value);
  Status AddDate(const PlannedField& leaf, const format::Json& value);
  Status MarkEmptyText(const PlannedField& leaf);
  void AddInteger(const PlannedField& leaf, int64_t value);
  Status AddTerm(index::FieldContent* content, std::string term, uint32_t position);
  bool IsNewTerm(const PlannedField& leaf, const index::FieldContent& content, const std::string& term);

  index::IndexDocument& document_;
  const bool stored_;
  std::vector<int32_t> slots_;      // by ordinal: index in document_.fields, -1: none yet
  std::vector<int64_t> positions_;  // by ordinal: last position used, -1: none
  std::vector<analysis::Token> tokens_;
  // By ordinal, only for keyword fields with more than kScannedTerms terms: their terms.
  std::unordered_map<size_t, std::unordered_set<std::string>> terms_;
  std::unordered_set<size_t> marked_empty_;  // ordinals of the text fields that MarkEmptyText has marked
  size_t comparisons_ = 0;
  int32_t empty_texts_ = -1;  // index of index::kEmptyTextField in document_.fields, -1: not there yet
  size_t term_bytes_ = 0;     // of the document's terms so far
};

}  // namespace trine::operations
