#include "api/bedrock/model_id.h"

#include <array>

#include "base/check.h"

namespace trine::api::bedrock {
namespace {

struct Rule {
  std::string_view prefix;
  Family family;
};

// The first prefix that fits decides, so longer prefixes come first.
constexpr std::array kRules = {
    Rule{"anthropic.claude-v2", Family::kClaudeText},
    Rule{"anthropic.claude-v1", Family::kClaudeText},
    Rule{"anthropic.claude-instant", Family::kClaudeText},
    Rule{"anthropic.", Family::kClaudeMessages},
    Rule{"amazon.titan-embed-text", Family::kTitanEmbed},
    Rule{"amazon.titan-embed-g1-text", Family::kTitanEmbed},
    Rule{"amazon.titan-text", Family::kTitanText},
    Rule{"amazon.titan-tg1", Family::kTitanText},
    Rule{"amazon.nova-2-multimodal-embeddings", Family::kNovaEmbed},
    Rule{"amazon.nova-canvas", Family::kUnknown},  // images
    Rule{"amazon.nova-reel", Family::kUnknown},    // videos
    Rule{"amazon.nova-sonic", Family::kUnknown},   // speech
    Rule{"amazon.nova", Family::kNova},
    Rule{"amazon.rerank", Family::kRerank},
    Rule{"meta.llama", Family::kLlama},
    Rule{"mistral.", Family::kMistral},
    Rule{"cohere.command-r", Family::kCohereChat},
    Rule{"cohere.command", Family::kCohereCommand},
    Rule{"cohere.embed", Family::kCohereEmbed},
    Rule{"cohere.rerank", Family::kRerank},
    Rule{"ai21.", Family::kConverseOnly},
    Rule{"deepseek.", Family::kConverseOnly},
    Rule{"openai.", Family::kConverseOnly},
    Rule{"qwen.", Family::kConverseOnly},
    Rule{"writer.", Family::kConverseOnly},
};

constexpr std::array<std::string_view, 8> kProfilePrefixes = {"us.", "eu.", "apac.",   "jp.",
                                                              "au.", "ca.", "us-gov.", "global."};

constexpr std::array kModels = {
    ModelInfo{"amazon.nova-2-multimodal-embeddings-v1:0", "Nova 2 Embeddings", "Amazon"},
    ModelInfo{"amazon.nova-lite-v1:0", "Nova Lite", "Amazon"},
    ModelInfo{"amazon.nova-micro-v1:0", "Nova Micro", "Amazon"},
    ModelInfo{"amazon.nova-premier-v1:0", "Nova Premier", "Amazon"},
    ModelInfo{"amazon.nova-pro-v1:0", "Nova Pro", "Amazon"},
    ModelInfo{"amazon.rerank-v1:0", "Rerank 1.0", "Amazon"},
    ModelInfo{"amazon.titan-embed-text-v1", "Titan Embeddings G1", "Amazon"},
    ModelInfo{"amazon.titan-embed-text-v2:0", "Titan Embeddings V2", "Amazon"},
    ModelInfo{"amazon.titan-text-express-v1", "Titan Text Express", "Amazon"},
    ModelInfo{"amazon.titan-text-lite-v1", "Titan Text Lite", "Amazon"},
    ModelInfo{"amazon.titan-text-premier-v1:0", "Titan Text Premier", "Amazon"},
    ModelInfo{"anthropic.claude-3-5-haiku-20241022-v1:0", "Claude 3.5 Haiku", "Anthropic"},
    ModelInfo{"anthropic.claude-3-5-sonnet-20240620-v1:0", "Claude 3.5 Sonnet", "Anthropic"},
    ModelInfo{"anthropic.claude-3-5-sonnet-20241022-v2:0", "Claude 3.5 Sonnet v2", "Anthropic"},
    ModelInfo{"anthropic.claude-3-7-sonnet-20250219-v1:0", "Claude 3.7 Sonnet", "Anthropic"},
    ModelInfo{"anthropic.claude-3-haiku-20240307-v1:0", "Claude 3 Haiku", "Anthropic"},
    ModelInfo{"anthropic.claude-3-sonnet-20240229-v1:0", "Claude 3 Sonnet", "Anthropic"},
    ModelInfo{"anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5", "Anthropic"},
    ModelInfo{"anthropic.claude-instant-v1", "Claude Instant", "Anthropic"},
    ModelInfo{"anthropic.claude-sonnet-4-20250514-v1:0", "Claude Sonnet 4", "Anthropic"},
    ModelInfo{"anthropic.claude-sonnet-4-5-20250929-v1:0", "Claude Sonnet 4.5", "Anthropic"},
    ModelInfo{"anthropic.claude-v2:1", "Claude 2.1", "Anthropic"},
    ModelInfo{"cohere.command-light-text-v14", "Command Light", "Cohere"},
    ModelInfo{"cohere.command-r-plus-v1:0", "Command R+", "Cohere"},
    ModelInfo{"cohere.command-r-v1:0", "Command R", "Cohere"},
    ModelInfo{"cohere.command-text-v14", "Command", "Cohere"},
    ModelInfo{"cohere.embed-english-v3", "Embed English", "Cohere"},
    ModelInfo{"cohere.embed-multilingual-v3", "Embed Multilingual", "Cohere"},
    ModelInfo{"cohere.rerank-v3-5:0", "Rerank 3.5", "Cohere"},
    ModelInfo{"meta.llama3-1-70b-instruct-v1:0", "Llama 3.1 70B", "Meta"},
    ModelInfo{"meta.llama3-1-8b-instruct-v1:0", "Llama 3.1 8B", "Meta"},
    ModelInfo{"meta.llama3-70b-instruct-v1:0", "Llama 3 70B Instruct", "Meta"},
    ModelInfo{"meta.llama3-8b-instruct-v1:0", "Llama 3 8B Instruct", "Meta"},
    ModelInfo{"mistral.mistral-7b-instruct-v0:2", "Mistral 7B Instruct", "Mistral AI"},
    ModelInfo{"mistral.mistral-large-2402-v1:0", "Mistral Large", "Mistral AI"},
    ModelInfo{"mistral.mistral-small-2402-v1:0", "Mistral Small", "Mistral AI"},
    ModelInfo{"mistral.mixtral-8x7b-instruct-v0:1", "Mixtral 8x7B", "Mistral AI"},
};

}  // namespace

bool IsChat(Family family) {
  switch (family) {
    case Family::kClaudeMessages:
    case Family::kClaudeText:
    case Family::kTitanText:
    case Family::kNova:
    case Family::kLlama:
    case Family::kMistral:
    case Family::kCohereCommand:
    case Family::kCohereChat:
    case Family::kConverseOnly:
    case Family::kOpaque:
      return true;
    case Family::kTitanEmbed:
    case Family::kCohereEmbed:
    case Family::kNovaEmbed:
    case Family::kRerank:
    case Family::kUnknown:
      return false;
  }
  FailCheck(__FILE__, __LINE__, "a family outside its enumeration");
}

std::string_view BaseModelId(std::string_view id) {
  if (id.starts_with("arn:")) {
    // arn:PARTITION:bedrock:REGION:ACCOUNT:KIND/NAME[/...]; the name may itself have colons.
    for (int colons = 0; colons < 5; ++colons) {
      const size_t colon = id.find(':');
      if (colon == std::string_view::npos) return "";
      id.remove_prefix(colon + 1);
    }
    const size_t slash = id.find('/');
    if (slash == std::string_view::npos) return "";
    const std::string_view kind = id.substr(0, slash);
    id.remove_prefix(slash + 1);
    if (kind == "custom-model") id = id.substr(0, id.find('/'));
    if (kind != "foundation-model" && kind != "inference-profile" && kind != "custom-model") return "";
  }
  for (const std::string_view prefix : kProfilePrefixes) {
    if (id.starts_with(prefix)) {
      id.remove_prefix(prefix.size());
      break;
    }
  }
  return id;
}

Family FamilyOf(std::string_view model_id) {
  const std::string_view base = BaseModelId(model_id);
  if (base.empty()) {
    for (const std::string_view kind : {":provisioned-model/", ":imported-model/",
                                        ":custom-model-deployment/", ":application-inference-profile/"}) {
      if (model_id.starts_with("arn:") && model_id.find(kind) != std::string_view::npos &&
          !model_id.ends_with(kind))
        return Family::kOpaque;
    }
    return Family::kUnknown;
  }
  for (const Rule& rule : kRules) {
    if (base.starts_with(rule.prefix)) return rule.family;
  }
  return Family::kUnknown;
}

Family FamilyOfBody(const format::Json& body) {
  const auto has = [&](const char* name) { return body.Find(name) != nullptr; };
  if (has("anthropic_version")) return has("prompt") ? Family::kClaudeText : Family::kClaudeMessages;
  if (has("max_tokens_to_sample")) return Family::kClaudeText;
  if (has("textGenerationConfig")) return Family::kTitanText;
  if (has("inputText")) return Family::kTitanEmbed;
  if (has("singleEmbeddingParams")) return Family::kNovaEmbed;
  if (has("texts") || has("input_type")) return Family::kCohereEmbed;
  if (has("query") && has("documents")) return Family::kRerank;
  if (has("message")) return Family::kCohereChat;
  if (has("schemaVersion") || has("inferenceConfig") || has("toolConfig")) return Family::kNova;
  if (has("max_gen_len")) return Family::kLlama;
  if (const format::Json* messages = body.Find("messages"); messages != nullptr) {
    const bool blocks = messages->is_array() && !messages->array().empty() &&
                        messages->array()[0].Find("content") != nullptr &&
                        messages->array()[0].Find("content")->is_array();
    return blocks ? Family::kNova : Family::kMistral;
  }
  if (has("return_likelihoods") || has("num_generations")) return Family::kCohereCommand;
  return has("prompt") ? Family::kMistral : Family::kUnknown;
}

std::span<const ModelInfo> Models() { return kModels; }

}  // namespace trine::api::bedrock
