// Knowledge: what a question needs to know about one collection, namely the role of each field, the
// vocabulary of the catalogue, a text embedder trained on it, and a vector for each record. Derived from the
// records; may be deleted at any time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/analyzer.h"
#include "base/deadline.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "catalogue/roles.h"
#include "format/json.h"
#include "language/intent.h"
#include "language/model.h"
#include "numeric/vector_table.h"
#include "storage/directory.h"

namespace trine::formation {

// Returns the declared roles of a collection as text: two collections with equal texts and records
// have equal roles.
std::string DeclarationText(const catalogue::Mapping& mapping, const catalogue::Binding* binding,
                            const catalogue::RoleDeclarations& declared);

// Immutable once built; thread-safe. Do not copy or move: `embedder` reads `embedder_bytes`.
struct Knowledge {
  catalogue::Roles roles;    // from declarations, names and the values of a sample of the records
  std::string declarations;  // DeclarationText when it was built
  std::shared_ptr<const language::Vocabulary> vocabulary;
  std::string embedder_bytes;  // of the trained embedder; empty: `embedder` is the hash embedder
  std::shared_ptr<const language::Embedder> embedder;
  std::vector<std::string> ids;  // record ids, in the order of the rows of `vectors`
  // One row per id, of embedder->dimension(); nullptr: see `without_vectors`.
  std::shared_ptr<const numeric::VectorTable> vectors;
  std::optional<Error> without_vectors;  // why there are none: they would take too much memory
  SeqNo end;                             // one past the newest write that is included
  uint64_t described_by = 0;             // fingerprint of the roles that the vectors are made by
  uint64_t described = 0;                // fingerprint of the ids and texts that the vectors are made from
  // By row of `ids`, in the catalogue's currency and in grams; NaN: the record has none.
  std::vector<double> prices, grams;
  language::PriceSummary price_summary;  // of `prices`
  // The whole texts of a facet that contain a tag, by field and tag; only for facets with a delimiter.
  std::map<std::string, std::map<std::string, std::vector<std::string>>> texts_of_tags;

  // The whole texts that contain a tag; nullptr if there are none.
  const std::vector<std::string>* TextsOfTag(const std::string& field, const std::string& tag) const;

  // The k records nearest to `text` by cosine similarity, best first; only those with a positive similarity.
  // Empty if there are no vectors.
  std::vector<std::pair<std::string, float>> Nearest(std::string_view text, size_t k) const;
};

struct KnowledgeDependencies {
  const analysis::Analyzers& analyzers;
  const catalogue::RecordStore& records;
  MemoryBudget* memory = nullptr;  // bounds the vectors; nullptr: unbounded
};
// Resolves the roles of a collection from its declarations, names, and a sample of its records, oldest first.
// `declared` is what its binding declares.
Result<catalogue::Roles> SampleRoles(const catalogue::RecordStore& records,
                                     const catalogue::Collection& collection,
                                     const catalogue::Binding* binding,
                                     const catalogue::RoleDeclarations& declared);

// Reads every live record of the collection, which `binding` (may be nullptr) binds. Reuses the embedder of
// `before` (may be nullptr) until the collection has grown by more than a fifth, so that most builds need not
// train. Also reuses the vectors of `before` if neither the roles nor the texts of the records have changed.
// Without vectors if they would take more memory than is allowed for knowledge. Takes seconds to minutes;
// returns kTimeout at the deadline, and kBusy while other work has the memory.
Result<std::shared_ptr<const Knowledge>> BuildKnowledge(const KnowledgeDependencies& deps,
                                                        const catalogue::CollectionPtr& collection,
                                                        const catalogue::Binding* binding,
                                                        const catalogue::RoleDeclarations& declared,
                                                        const std::shared_ptr<const Knowledge>& before,
                                                        const Deadline& deadline);

// Save and load the embedder and the vectors as one checksummed file in `directory`
// (docs/formats/knowledge.md), so that a restart need not train. LoadVectors fails with kNotFound or
// kCorrupt. A loaded Knowledge has no vocabulary; BuildKnowledge adds it from the records. SaveVectors
// requires vectors.
Status SaveVectors(storage::Directory& directory, const std::string& name, const Knowledge& knowledge);
Result<std::shared_ptr<const Knowledge>> LoadVectors(storage::Directory& directory, const std::string& name,
                                                     const analysis::Analyzers& analyzers);

}  // namespace trine::formation
