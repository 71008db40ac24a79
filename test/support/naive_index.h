// NaiveIndex: the expected content of an index, kept as plain documents. Tests compare the readers in
// src/index with it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "index/document.h"
#include "index/reader.h"

namespace trine::test {

// Returns a document with random fields: a text field that all documents have, one that few have, keywords,
// integers, doubles and vectors. Some terms are much more frequent, so that their posting lists are long.
index::IndexDocument RandomDocument(SeqNo seq_no, std::string id, Random* random);

class NaiveIndex {
 public:
  void Add(index::IndexDocument document);
  void Delete(SeqNo seq_no);
  void Refresh();  // makes all additions and deletions so far visible
  // Returns the documents that were added and not deleted, visible or not.
  std::vector<SeqNo> Live() const;
  const index::IndexDocument* Find(SeqNo seq_no) const;  // deleted or not; nullptr if never added

  // Compares everything that `reader` provides with the documents: the live rows, and in each segment the
  // ids, terms, counts, postings, positions, bounds, norms, columns and vectors. Returns a description of the
  // first difference, or an empty string.
  std::string Difference(const index::IndexReader& reader, Random* random) const;

 private:
  struct Known {
    index::IndexDocument document;
    bool added_visible = false;
    bool deleted = false, deleted_visible = false;
  };
  std::map<SeqNo, Known> documents_;
};

// Reads everything that a segment provides, to test that a corrupt segment does no harm.
void TouchAll(const index::SegmentReader& segment);

}  // namespace trine::test
