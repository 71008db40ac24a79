// CollectionStatistics: the statistics of a whole collection that scoring needs, gathered once per search and
// field.
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

// One term in all segments of a collection.
struct TermStatistics {
  std::vector<std::optional<index::TermStats>> segments;  // by ordinal; nullopt: not in that segment
  uint64_t rows = 0;                                      // rows with the term, including deleted ones
};

// Belongs to one target of one search. Not thread-safe. The reader must outlive it.
class CollectionStatistics {
 public:
  explicit CollectionStatistics(const index::IndexReader& reader) : reader_(reader) {}
  struct Field {
    FieldStatistics stats;
    std::shared_ptr<const InverseNorms> inverse;
  };
  // Returns nullptr if no row of the collection has the field. The result lives as long as this object.
  const Field* FieldOf(const std::string& field);
  TermStatistics TermOf(const std::string& field, std::string_view term) const;
  const index::IndexReader& reader() const { return reader_; }

 private:
  const index::IndexReader& reader_;
  std::map<std::string, Field> fields_;
};

}  // namespace trine::search
