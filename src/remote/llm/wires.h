// The three wires: OpenAI's chat completions, Anthropic's messages, and Amazon Bedrock's Converse.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net/sigv4.h"
#include "remote/llm/wire.h"

namespace trine::remote::llm {

// `url` is the base: "http://127.0.0.1:8080/v1" for OpenAI, where "/chat/completions" is appended;
// "https://api.anthropic.com" for Anthropic, with or without "/v1". It ends without a slash.
struct WireOptions {
  std::string url;
  std::string model;
  std::string key;  // may be empty for servers without credentials
};

std::unique_ptr<Wire> NewOpenAiWire(WireOptions options);
std::unique_ptr<Wire> NewAnthropicWire(WireOptions options);

// Signs each request with `aws_key`, or else sends `key`, a Bedrock API key, as a bearer token.
struct BedrockOptions {
  std::string url;  // "https://bedrock-runtime.us-east-1.amazonaws.com"
  std::string model;
  std::string key;
  std::string region;
  std::optional<net::AwsKey> aws_key;
};
std::unique_ptr<Wire> NewBedrockWire(BedrockOptions options);

}  // namespace trine::remote::llm
