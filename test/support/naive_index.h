// NaiveIndex: what an index must hold, kept as plain documents and looked through one by one. The twin
// that readers of src/index are compared with.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "index/document.h"
#include "index/reader.h"

namespace trine::test {

// A document of random fields: a text that all have, a text that few have, keywords, numbers of both
// kinds, vectors. Terms are drawn unevenly, so that some lists are long.
index::IndexDocument RandomDocument(SeqNo seq_no, std::string id, Random* random);

class NaiveIndex {
 public:
  void Add(index::IndexDocument document);
  void Delete(SeqNo seq_no);
  void Refresh();  // what was added and deleted so far is visible from here on
  // Documents added and not deleted, visible or not.
  std::vector<SeqNo> Live() const;
  const index::IndexDocument* Find(SeqNo seq_no) const;  // deleted ones too; nullptr: never added

  // Compares everything that `reader` shows with the documents: which rows are live, and in each
  // segment ids, terms, counts, postings, positions, bounds, norms, columns, vectors. Empty when all
  // is right, else the first difference.
  std::string Difference(const index::IndexReader& reader, Random* random) const;

 private:
  struct Known {
    index::IndexDocument document;
    bool added_visible = false;
    bool deleted = false, deleted_visible = false;
  };
  std::map<SeqNo, Known> documents_;
};

// Reads everything that a segment gives, whatever it is: for damaged ones.
void TouchAll(const index::SegmentReader& segment);

}  // namespace trine::test
