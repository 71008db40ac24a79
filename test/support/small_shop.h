// Small collections for tests: one-line mappings, documents in JSON, a simple analyzer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analysis/analyzer.h"
#include "catalogue/catalogue.h"
#include "format/json.h"
#include "test/support/memory_reader.h"

namespace trine::test {

// Returns analyzers that split at spaces and lower-case ASCII; "a|b" produces two tokens at one position.
// Every name and every chain returns the same analyzer, except that a chain with the tokenizer "keyword"
// keeps the text as one token.
std::unique_ptr<analysis::Analyzers> MakePlainAnalyzers();

// Returns a collection named `name` with the given fields, such as "title:text price:integer brand:keyword
// v:knn_vector". A field with '!' after its type is not indexed and only has a column. Vectors have two
// dimensions.
std::shared_ptr<catalogue::Collection> MakeCollection(const std::string& name, const std::string& fields);

// Converts a document for the index with the collection's mapping. Fields without a mapping are left out;
// each array element is a value.
index::IndexDocument MakeDocument(const catalogue::Collection& collection, const std::string& id,
                                  uint64_t seq_no, const format::Json& source);

}  // namespace trine::test
