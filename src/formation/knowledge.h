// Knowledge: what a question needs to know about one collection, namely the role of each field, the
// vocabulary of the catalogue, a text embedder trained on it, and a vector for each record. Derived from the
// records; may be deleted at any time.
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

// The role of each field in a question, guessed from its name and type.
struct FieldRoles {
  std::vector<std::string> titles;     // text: the name of a product, in any language
  std::vector<std::string> texts;      // other text
  std::vector<std::string> facets;     // descriptive keywords: brand, colour, category ...
  std::string price, weight, created;  // names of two number fields and a date field; empty: none
};
FieldRoles RolesOf(const catalogue::Mapping& mapping);

// The currency of prices: "KRW" if all are whole numbers with a median above 1,000, else empty (unknown).
std::string CurrencyOf(std::vector<double> prices);

// The values of a field as strings: a scalar, or each scalar of an array. Objects have none.
std::vector<std::string> TextsAt(const format::Json& source, std::string_view path);

// Immutable once built; thread-safe. Do not copy or move: `embedder` reads `embedder_bytes`.
struct Knowledge {
  FieldRoles roles;
  std::shared_ptr<const language::Vocabulary> vocabulary;
  std::string embedder_bytes;  // of the trained embedder; empty: `embedder` is the hash embedder
  std::shared_ptr<const language::Embedder> embedder;
  std::vector<std::string> ids;                         // record ids, in the order of the rows of `vectors`
  std::shared_ptr<const numeric::VectorTable> vectors;  // one row per id, of embedder->dimension()
  SeqNo end;                                            // one past the newest write that is included
  std::string currency;                                 // see CurrencyOf

  // The k records nearest to `text` by cosine similarity, best first; only those with a positive similarity.
  // Empty if there are no vectors.
  std::vector<std::pair<std::string, float>> Nearest(std::string_view text, size_t k) const;
};

struct KnowledgeDependencies {
  const analysis::Analyzers& analyzers;
  const catalogue::RecordStore& records;
};
// Reads every live record of the collection. Reuses the embedder of `before` (may be nullptr) until the
// collection has grown by more than a fifth, so that most builds need not train. Also reuses the vectors of
// `before` if the collection has not changed since. Takes seconds to minutes; returns kTimeout at the
// deadline.
Result<std::shared_ptr<const Knowledge>> BuildKnowledge(const KnowledgeDependencies& deps,
                                                        const catalogue::CollectionPtr& collection,
                                                        const std::shared_ptr<const Knowledge>& before,
                                                        const Deadline& deadline);

// Save and load the embedder and the vectors as one checksummed file in `directory`
// (docs/formats/knowledge.md), so that a restart need not train. LoadVectors fails with kNotFound or
// kCorrupt. A loaded Knowledge has no vocabulary; BuildKnowledge adds it from the records.
Status SaveVectors(storage::Directory& directory, const std::string& name, const Knowledge& knowledge);
Result<std::shared_ptr<const Knowledge>> LoadVectors(storage::Directory& directory, const std::string& name,
                                                     const analysis::Analyzers& analyzers);

}  // namespace trine::formation
