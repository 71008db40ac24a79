// Phrases: rows in which terms follow one another, exactly or within a distance (slop). A phrase consists of
// slots: one per position, with one or more alternative terms.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "search/cursor/cursor.h"
#include "search/score/bm25.h"
#include "search/score/query_context.h"

namespace trine::search {

// The occurrences of one slot in one row.
struct SlotOccurrences {
  const std::vector<uint32_t>* positions = nullptr;  // ascending
  uint32_t offset = 0;                               // offset of the slot in the phrase
  const std::vector<uint32_t>* terms = nullptr;      // ids of its terms, ascending; slots can share terms
};

// Returns the number of exact occurrences of the phrase: positions p0, p1, ... for which every pi - offset_i
// is the same. Requires slots in ascending order of offset, the first at offset 0.
uint32_t ExactPhraseCount(const std::vector<SlotOccurrences>& slots);

// Returns the sum of 1 / (1 + d), in float32, over the occurrences with a distance d <= slop that Lucene's
// SloppyPhraseMatcher finds (see sloppy_phrase.cc). Slots that share a term never match the same position.
float SloppyPhraseFrequency(const std::vector<SlotOccurrences>& slots, uint32_t slop);

// One slot of a phrase in one segment: the postings of its terms, with positions. Slots that contain the same
// term share the cursor of the term.
struct PhraseSlot {
  uint32_t offset = 0;
  std::vector<std::shared_ptr<index::PostingCursor>> postings;  // one per term in the segment; not empty
  std::vector<uint32_t> terms;  // ids of its terms, ascending; equal terms of the phrase have equal ids
  uint64_t cost = 0;            // total number of rows in `postings`
};
// Returns the rows that contain the phrase. Requires at least one slot. `field` and `context` must outlive
// the cursor. The cursor ends at the deadline of `context` and then sets context.incomplete.
CursorPtr MakePhraseCursor(std::vector<PhraseSlot> slots, uint32_t slop, const index::FieldTerms& field,
                           Bm25 bm25, QueryContext& context);

// Returns the frequency of the phrase in the current row. Requires a cursor that MakePhraseCursor returned.
float PhraseFrequency(const Cursor& phrase);

}  // namespace trine::search
