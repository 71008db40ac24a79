// Statistics: what scoring must know of a whole collection, gathered once per search and field.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/reader.h"
#include "search/score/bm25.h"

namespace trine::search {

// One term in every segment.
struct TermEverywhere {
  std::vector<std::optional<index::TermStats>> segments;
  uint64_t rows = 0;  // deleted ones included
};

// Not thread-safe; the reader outlives it.
class Statistics {
 public:
  explicit Statistics(const index::IndexReader& reader) : reader_(reader) {}
  struct Field {
    FieldStats stats;
    std::shared_ptr<const InverseNorms> inverse;
  };
  // nullptr when no row of the collection has the field.
  const Field* FieldOf(const std::string& field);
  TermEverywhere TermOf(const std::string& field, std::string_view term) const;
  const index::IndexReader& reader() const { return reader_; }

 private:
  const index::IndexReader& reader_;
  std::map<std::string, Field> fields_;
};

}  // namespace trine::search
