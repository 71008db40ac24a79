// Bodies of OpenAI's embeddings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json.h"
#include "language/model.h"

namespace trine::api::chat {

struct EmbeddingsCall {
  std::string model;
  std::vector<std::string> texts;  // 1 to kMaxInputs, none empty
  size_t dimensions = 0;           // 0: the embedder's own
  bool base64 = false;             // little-endian floats in Base64 instead of a list of numbers
};

// Whether the model of this id is the embedder: its id contains "embed".
bool IsEmbedder(std::string_view model);

// kInvalid for a wrong body or a model that is not an embedder; kUnsupported for lists of token ids.
Result<EmbeddingsCall> ParseEmbeddings(const format::Json& body);

// All vectors have length 1.
std::string PrintEmbeddings(const EmbeddingsCall& call, const language::Embedder& embedder);

}  // namespace trine::api::chat
