// Phrases: rows where terms stand one after another, or nearly so.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "search/cursor/cursor.h"
#include "search/score/bm25.h"
#include "search/score/plan.h"

namespace trine::search {

// The occurrences of one position of a phrase in one row: ascending word positions.
struct PhrasePlace {
  const std::vector<uint32_t>* words = nullptr;
  uint32_t offset = 0;                           // of this position in the phrase
  const std::vector<uint32_t>* terms = nullptr;  // ids of its terms, ascending; only for repeats
};

// How often the phrase occurs exactly: words w0, w1 ... with wi - offset_i all equal.
uint32_t ExactPhraseCount(const std::vector<PhrasePlace>& places);

// The sum of 1 / (1 + d) over the occurrences within distance d <= slop that a sweep over the places
// finds, in float32: what Lucene's sloppy phrases count. Places that share a term never stand on the
// same word.
float SloppyPhraseFrequency(const std::vector<PhrasePlace>& places, uint32_t slop);

// One position of a phrase in one segment: the postings (with positions) of its terms there.
struct PhrasePart {
  uint32_t offset = 0;
  std::vector<std::shared_ptr<index::PostingCursor>> postings;  // never empty; one for all places of a term
  std::vector<uint32_t> terms;                                  // ids, one a distinct term of the phrase
  uint64_t cost = 0;
};
// Rows with the phrase. `field` and `run` outlive the cursor, which ends when the run's deadline passes.
CursorPtr PhraseRows(std::vector<PhrasePart> parts, uint32_t slop, const index::FieldTerms& field, Bm25 bm25,
                     Run* run);

// The phrase frequency of the row a cursor of PhraseRows stands on.
float PhraseFrequency(const Cursor& phrase);

}  // namespace trine::search
