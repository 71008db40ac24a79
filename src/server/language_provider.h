// The outside language model of a server: from options and a key file to a language::LanguageModel.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "formation/ask_options.h"
#include "language/chat.h"
#include "net/client.h"
#include "server/options.h"

namespace trine::server {

// Makes the model. Reads the key file, and for Bedrock without one the AWS keys and the region of the
// environment and of the AWS files. Does not call the provider, which need not run yet. kUsage if an option
// is wrong, kInvalid for a key file that cannot be used. Requires options.configured(). `client`, `clock`,
// `log` and `metrics` must outlive the model.
Result<std::unique_ptr<language::LanguageModel>> OpenLanguageProvider(const LanguageOptions& options,
                                                                      net::HttpClient& client,
                                                                      const Clock& clock, Log& log,
                                                                      Metrics& metrics);

// How the model takes part in questions. kUsage if a prompt of options.prompt_dir cannot be used.
Result<formation::ModelOptions> AskModelOptions(const LanguageOptions& options);

// Asks a model for a word, streamed, to find out whether its provider works. Returns a sentence with its name
// and the milliseconds of the answer.
Result<std::string> TryLanguageProvider(language::LanguageModel& model, const Clock& clock,
                                        const Deadline& deadline);

}  // namespace trine::server
