// AskOptions: the judgement constants of `AskService` in one place. The defaults were chosen on the questions
// of bench/ask; they are not limits that protect memory.
#pragma once

#include <cstddef>

#include "formation/score_blend.h"

namespace trine::formation {

struct RetrieveOptions {
  size_t list_size = 100;  // hits of the lexical list, and of the vector list
  // Length of the supplementary list (recommended or newest products). All of it is scored, regardless of
  // search scores.
  size_t supplementary_size = 60;
  // Below this specificity the person browses: recommendations are candidates too. 0..1.
  double browsing_specificity = 0.35;

  // Boosts of the clauses of the lexical query, relative to a word in a text field.
  float title_boost = 3;
  float text_boost = 1;
  float expansion_boost = 0.35f;  // a word that the catalogue uses instead of the user's
  float facet_boost = 4;          // a value that the question names
  float hint_boost = 1.5f;        // season and use that the question implies
  float named_id_boost = 1000;    // a record whose id was typed: above everything else
};

// Factors on the search score, 0..1.
struct FuseOptions {
  float lexical_weight = 0.65f, vector_weight = 0.35f;  // of the min-max-normalised lists
  size_t max_matched = 120;              // hits of the lexical and vector lists that are scored further
  double outside_category_factor = 0.4;  // lacks a facet value that the question names
  double mismatch_factor = 0.7;          // does not match the question while other candidates do
  double other_season_factor = 0.5;      // is for another season than the question's
  // Least search score of a candidate that has the named facet values but is not in the lexical list: that
  // list ends after `RetrieveOptions::list_size` hits, while hundreds of records may match equally well.
  double facet_floor = 0.5;
};

struct AskOptions {
  RetrieveOptions retrieve;
  FuseOptions fuse;
  BlendOptions blend;
  size_t personal_window = 200;  // candidates that the recommender ranks; the rest keep their search order
  // Candidates that do not match the question are dropped below this share of the best search score (of 1
  // when some candidate does match).
  double distant_share = 0.45;
  size_t outfit_style_items = 8;  // best items per style that decide which style an outfit is built in
};

}  // namespace trine::formation
