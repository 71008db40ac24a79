// Small collections for tests: a mapping in a line, documents in JSON, an analyzer that only splits.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analysis/analyzer.h"
#include "catalogue/catalogue.h"
#include "format/json.h"
#include "test/support/memory_reader.h"

namespace trine::test {

// Splits at spaces and lowers ASCII; "a|b" gives b as an alternative at the position of a. Every name
// is this analyzer, and a chain is too (with the tokenizer "keyword": the whole text as one token).
std::unique_ptr<analysis::Analyzers> MakePlainAnalyzers();

// "title:text price:integer brand:keyword v:knn_vector" as a collection named `name`. A '!' after the
// type: not indexed, columns only.
std::shared_ptr<catalogue::Collection> MakeCollection(const std::string& name, const std::string& fields);

// A document as the index takes it, by the collection's mapping. Fields that are not mapped are left
// out. Arrays give several values.
index::IndexDocument MakeDocument(const catalogue::Collection& collection, const std::string& id,
                                  uint64_t seq_no, const format::Json& source);

}  // namespace trine::test
