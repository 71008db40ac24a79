// Model ids: which family of bodies a model id stands for, and the table of models that are listed.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "format/json.h"

namespace trine::api::bedrock {

// A family of models whose InvokeModel bodies have the same format.
enum class Family {
  kClaudeMessages,
  kClaudeText,  // claude-v2, claude-instant: one prompt
  kTitanText,
  kNova,
  kLlama,
  kMistral,
  kCohereCommand,
  kCohereChat,  // command-r
  kTitanEmbed,
  kCohereEmbed,
  kNovaEmbed,
  kRerank,
  kConverseOnly,  // chat models that are served by Converse, but whose own bodies are not
  kOpaque,        // an ARN that does not tell the model; the body does (FamilyOfBody)
  kUnknown,
};

bool IsChat(Family family);  // includes kConverseOnly and kOpaque

// Returns the id of the foundation model in a model id: without the prefix of a cross-region profile ("us."),
// and taken from the ARN of a foundation model, an inference profile or a custom model. Returns "" for an ARN
// that names only an object of the account (provisioned, imported or deployed models, application profiles).
std::string_view BaseModelId(std::string_view model_id);

// The family of a decoded model id.
Family FamilyOf(std::string_view model_id);
// Guesses the family from the members of a body, for kOpaque. kUnknown if no family has such a body.
Family FamilyOfBody(const format::Json& body);

struct ModelInfo {
  std::string_view id;
  std::string_view name;      // at most 20 characters, as the service model demands
  std::string_view provider;  // the same
};
// The listed models, ordered by id. Other ids of the same families are accepted too.
std::span<const ModelInfo> Models();

}  // namespace trine::api::bedrock
