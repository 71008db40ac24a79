// NaiveIndex: the expected content of an index, kept as plain documents that are searched one by one. The
// twin with which the readers of src/index are compared.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "index/document.h"
#include "index/reader.h"

namespace trine::test {

// A document with random fields: a text that all documents have, a text that few have, keywords, integers and
// doubles, vectors. Terms are drawn unevenly, so that some posting lists are long.
index::IndexDocument RandomDocument(SeqNo seq_no, std::string id, Random* random);

class NaiveIndex {
 public:
  void Add(index::IndexDocument document);
  void Delete(SeqNo seq_no);
  void Refresh();  // makes all additions and deletions so far visible
  // Documents added and not deleted, visible or not.
  std::vector<SeqNo> Live() const;
  const index::IndexDocument* Find(SeqNo seq_no) const;  // deleted or not; nullptr when it was never added

  // Compares everything that `reader` provides with the documents: the live rows, and in each segment the
  // ids, terms, counts, postings, positions, bounds, norms, columns and vectors. Empty when all are equal,
  // else a description of the first difference.
  std::string Difference(const index::IndexReader& reader, Random* random) const;

 private:
  struct Known {
    index::IndexDocument document;
    bool added_visible = false;
    bool deleted = false, deleted_visible = false;
  };
  std::map<SeqNo, Known> documents_;
};

// Reads everything that a segment provides and ignores the values: for damaged segments.
void TouchAll(const index::SegmentReader& segment);

}  // namespace trine::test
