// Knowledge: what a question needs to know of one collection: the part each field plays, the words
// the catalogue uses, a text embedder trained on it and a vector for each record. Derived from the records;
// may be thrown away at any time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/analyzer.h"
#include "base/deadline.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "format/json.h"
#include "language/intent.h"
#include "language/model.h"
#include "numeric/vector_table.h"
#include "storage/directory.h"

namespace trine::formation {

// The part each field plays in a question, guessed from names and types.
struct FieldRoles {
  std::vector<std::string> titles;     // text: what a product is called, in any language
  std::vector<std::string> texts;      // other text
  std::vector<std::string> facets;     // keywords that describe: brand, colour, category ...
  std::string price, weight, created;  // numbers and a date; empty: none
};
FieldRoles RolesOf(const catalogue::Mapping& mapping);

// The currency that prices look like: won has no fractions, and its median price is above a thousand. Empty:
// cannot be told.
std::string CurrencyOf(std::vector<double> prices);

// The values of a field in a record as texts: scalars and arrays of them.
std::vector<std::string> TextsAt(const format::Json& source, std::string_view path);

// Immutable; thread-safe.
struct Knowledge {
  FieldRoles roles;
  std::shared_ptr<const language::Vocabulary> vocabulary;
  std::string embedder_bytes;  // of the trained embedder; empty: the hash embedder is used
  std::shared_ptr<const language::Embedder> embedder;
  std::vector<std::string> ids;                         // record ids, row by row of `vectors`
  std::shared_ptr<const numeric::VectorTable> vectors;  // a row an id, of embedder->dimension()
  SeqNo end;                                            // records below it are in
  std::string currency;                                 // of the prices: "KRW"; empty: unknown

  // The k nearest records by cosine, best first, only those with a positive one.
  std::vector<std::pair<std::string, float>> Nearest(std::string_view text, size_t k) const;
};

// Reads every live record of the collection. `before` (may be nullptr) lends its embedder while the
// collection has not changed by more than a fifth, so that vectors keep their version.
struct KnowledgeDependencies {
  const analysis::Analyzers& analyzers;
  const catalogue::RecordStore& records;
};
Result<std::shared_ptr<const Knowledge>> BuildKnowledge(const KnowledgeDependencies& deps,
                                                        const catalogue::CollectionPtr& collection,
                                                        const std::shared_ptr<const Knowledge>& before,
                                                        const Deadline& deadline);

// Embedder and vectors as one checksummed file of `directory`, so that a start need not train: format in
// docs/formats/knowledge.md. Loading gives kNotFound or kCorrupt; the vocabulary is read from the records.
Status SaveVectors(storage::Directory& directory, const std::string& name, const Knowledge& knowledge);
Result<std::shared_ptr<const Knowledge>> LoadVectors(storage::Directory& directory, const std::string& name,
                                                     const analysis::Analyzers& analyzers);

}  // namespace trine::formation
