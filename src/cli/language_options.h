// The options of an outside language model, for `trine serve` and `trine doctor`.
#pragma once

#include <CLI/App.hpp>

#include "server/options.h"

namespace trine::cli {

// Adds the options --llm-*, each also as an environment variable TRINE_LLM_*. `options` must outlive `verb`.
void AddLanguageOptions(CLI::App* verb, server::LanguageOptions* options);

}  // namespace trine::cli
