// DocumentMapper: converts documents to index documents by the mapping of one collection snapshot.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "analysis/analyzer.h"
#include "base/ids.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "format/json.h"
#include "index/document.h"
#include "operations/mapping/mapping_plan.h"

namespace trine::operations {

// One record in the form that the index accepts. `grown` has the fields that the mapping lacks (empty: none).
// MapDocument returns kFieldParse, kStrictMapping or a similar error, with the field's path as `where`.
struct MappedDocument {
  index::IndexDocument document;
  catalogue::Mapping grown;
  // MapStored: why a value is not indexed although its field had accepted it; nullopt: all are.
  std::optional<Error> incomplete;
  // MapStored: how many values do not fit the mapping and are left out, and why the first is.
  size_t left_out = 0;
  std::optional<Error> first_left_out;
};
Result<MappedDocument> MapDocument(const catalogue::Collection& collection, std::string_view id, SeqNo seq_no,
                                   const format::Json& source, const analysis::Analyzers& analyzers);

// Immutable; thread-safe. Keeps the collection snapshot alive; `analyzers` must outlive it.
class DocumentMapper {
 public:
  // A field whose analyzer, normalizer or date format does not exist or cannot be built refuses values; the
  // other fields work.
  static Result<std::shared_ptr<const DocumentMapper>> Compile(catalogue::CollectionPtr collection,
                                                               const analysis::Analyzers& analyzers);
  // As MapDocument, with the compiled mapping.
  Result<MappedDocument> Map(std::string_view id, SeqNo seq_no, const format::Json& source) const;
  // Maps a document that was accepted earlier, perhaps under an older mapping. A mapping only grows, so a
  // value that does not fit today's mapping belongs to a field that was added later, and was not indexed
  // then: such a value is left out and counted, and so is a field that the mapping lacks, which is not
  // counted. Dates that only 0.1.0 accepted are read as it read them. Adds no fields. Fails if the source is
  // not an object.
  Result<MappedDocument> MapStored(std::string_view id, SeqNo seq_no, const format::Json& source) const;
  const catalogue::CollectionPtr& collection() const { return collection_; }

 private:
  DocumentMapper(catalogue::CollectionPtr collection, const analysis::Analyzers& analyzers)
      : collection_(std::move(collection)), analyzers_(analyzers) {}
  Result<MappedDocument> MapAs(bool stored, std::string_view id, SeqNo seq_no,
                               const format::Json& source) const;
  const catalogue::CollectionPtr collection_;
  const analysis::Analyzers& analyzers_;
  std::unique_ptr<PlannedField> root_;
  size_t leaves_ = 0;
};

// Whether `base` has every field of `more` with the same type, format, analyzer, sub-fields and copy_to.
bool MappingCovers(const catalogue::Mapping& base, const catalogue::Mapping& more);

}  // namespace trine::operations
