// Small collections for tests: mappings written in one line, documents in JSON, an analyzer that only splits.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analysis/analyzer.h"
#include "catalogue/catalogue.h"
#include "format/json.h"
#include "test/support/memory_reader.h"

namespace trine::test {

// Analyzers that split at spaces and lower-case ASCII; "a|b" gives b as an alternative at the position of a.
// Every name and every chain gives this analyzer; a chain with the tokenizer "keyword" keeps the text as one
// token.
std::unique_ptr<analysis::Analyzers> MakePlainAnalyzers();

// A collection named `name` with the given fields, such as "title:text price:integer brand:keyword
// v:knn_vector". A field with '!' after its type is not indexed and has only a column. Vectors have two
// dimensions.
std::shared_ptr<catalogue::Collection> MakeCollection(const std::string& name, const std::string& fields);

// Converts a document for the index by the collection's mapping. Fields without a mapping are left out; each
// element of an array is a value.
index::IndexDocument MakeDocument(const catalogue::Collection& collection, const std::string& id,
                                  uint64_t seq_no, const format::Json& source);

}  // namespace trine::test
