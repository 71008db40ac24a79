// AskOptions: the tuning constants of `AskService`. The defaults were tuned on the questions in bench/ask.
// They are not memory limits.
#pragma once

#include <cstddef>

#include "formation/score_blend.h"

namespace trine::formation {

struct RetrieveOptions {
  size_t list_size = 100;  // maximum hits of the lexical list and of the vector list
  // Length of the supplementary list (recommended or newest products). All of its hits become candidates,
  // regardless of their search scores.
  size_t supplementary_size = 60;
  // Below this specificity (0..1) the person is browsing, so recommendations become candidates too.
  double browsing_specificity = 0.35;

  // Boosts of the clauses of the lexical query, relative to a word in a text field.
  float title_boost = 3;
  float text_boost = 1;
  float expansion_boost = 0.35f;  // another catalogue word for a word of the question
  float facet_boost = 4;          // a value that the question names
  float hint_boost = 1.5f;        // season and use that the question implies
  float named_id_boost = 1000;    // a record whose id is in the question: outranks all others
};

// How the lists are fused. The factors (0..1) apply to the search score.
struct FuseOptions {
  float lexical_weight = 0.65f, vector_weight = 0.35f;  // of the min-max-normalised lists
  size_t max_matched = 120;              // maximum hits of the lexical and vector lists that are kept
  double outside_category_factor = 0.4;  // the record lacks a facet value that the question names
  double mismatch_factor = 0.7;          // the record does not match the question, but others do
  double other_season_factor = 0.5;      // the record's season differs from the question's
  // Minimum search score of a candidate that has the named facet values but is not in the lexical list, which
  // ends after `RetrieveOptions::list_size` hits although hundreds of records may match equally well.
  double facet_floor = 0.5;
};

struct AskOptions {
  RetrieveOptions retrieve;
  FuseOptions fuse;
  BlendOptions blend;
  size_t personal_window = 200;  // candidates that the recommender ranks; the rest keep their search order
  // Candidates that do not match the question are dropped if their search score is below a limit. The limit
  // is this share if some candidate matches, otherwise this share times the best search score.
  double distant_share = 0.45;
  size_t outfit_style_items = 8;  // items per style that are compared to choose an outfit's style
};

}  // namespace trine::formation
