// AskOptions: the tuning constants of `AskService`. The defaults were tuned on the questions in bench/ask.
// They are not memory limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "formation/score_blend.h"
#include "language/prompt_templates.h"

namespace trine::formation {

struct RetrieveOptions {
  size_t list_size = 100;  // maximum hits of the lexical list and of the vector list
  // Length of the supplementary list (recommended or newest products). All of its hits become candidates,
  // regardless of their search scores.
  size_t supplementary_size = 60;
  // Below this specificity (0..1) the person is browsing, so recommendations become candidates too.
  double browsing_specificity = 0.35;

  // Factors by which the lexical query multiplies the score of a match.
  float title_boost = 3;          // for a word in a title
  float text_boost = 1;           // for a word in another text field
  float expansion_boost = 0.35f;  // for a related word that is not in the question; multiplies the two above
  float facet_boost = 4;          // for a facet value that the question names
  float hint_boost = 1.5f;        // for a facet value of the season or use that the question implies
  float named_id_boost = 1000;    // for a record whose id is in the question; puts it above all others
};

// How the lists are fused. The search score of a record is multiplied by the factors (0..1) whose condition
// holds, except that mismatch_factor does not apply together with outside_category_factor.
struct FuseOptions {
  float lexical_weight = 0.65f, vector_weight = 0.35f;  // of the min-max-normalised lists
  size_t max_matched = 120;              // maximum hits of the lexical and vector lists that are kept
  double outside_category_factor = 0.4;  // if the record lacks a facet value that the question names
  double mismatch_factor = 0.7;      // if the record does not match or lacks a number ("55"), but others do
  double other_season_factor = 0.5;  // if the record's season differs from the question's
  // Minimum search score of a candidate that has the named facet values but is not in the lexical list, which
  // ends after `RetrieveOptions::list_size` hits although hundreds of records may match equally well.
  double facet_floor = 0.5;
};

// How a language model takes part in a question. Without one (AskDependencies::model) these have no effect.
struct ModelOptions {
  bool understand = true;  // it may propose parts of the intent
  bool answer = true;      // it words the answer
  // Shares of the time left to the question that one call may take. A call that takes longer is given up. The
  // stages between the two calls need some 10 ms, and the answer needs the more tokens.
  double understand_share = 0.35, answer_share = 0.9;
  int64_t least_millis = 20;  // with less time no model answers, so that the call is not worth its price
  size_t max_items = 5;       // in the prompt, best first; with more, answers of models become worse
  size_t understand_tokens = 256, answer_tokens = 384;  // at most, of one answer of the model
  // 0 makes answers repeatable. nullopt: the model's default, for models that accept no other value.
  std::optional<double> temperature = 0;
  std::shared_ptr<const language::PromptTemplates> prompts = {};  // nullptr: those of the program
  // Bounds of the cache of the model's answers. An entry has the size of a prompt, some 4 KiB.
  size_t cache_entries = 4096, cache_bytes = 16u << 20;
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
  ModelOptions model = {};
};

}  // namespace trine::formation
