// ChatRequest and ChatAnswer: a question to a language model and its answer, independent of any provider's
// wire format. LanguageModel: the interface of all models.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"

namespace trine::language {

// A function that the model may ask its caller to run.
struct Tool {
  std::string name;          // 1..64 letters, digits, '_' and '-'
  std::string description;   // may be empty
  std::string input_schema;  // a JSON schema of an object, as text
};
// The model's request to run a tool.
struct ToolCall {
  std::string id;     // unique within the conversation
  std::string name;   // the name of an offered tool
  std::string input;  // a JSON object, as text
};
// The result that the caller returns for a tool call.
struct ToolResult {
  std::string call_id;
  std::string text;
  bool failed = false;
};

struct ChatMessage {
  enum class Role { kSystem, kUser, kAssistant } role = Role::kUser;
  std::string text;                           // may be empty beside tool calls or results
  std::vector<ToolCall> tool_calls = {};      // kAssistant: follow the text
  std::vector<ToolResult> tool_results = {};  // kUser: precede the text
};

struct ToolChoice {
  // kAny: the model must call some tool; kNamed: it must call `name`.
  enum class Kind { kAuto, kNone, kAny, kNamed } kind = Kind::kAuto;
  std::string name;
};

struct ChatRequest {
  std::vector<ChatMessage> messages;         // oldest first
  size_t max_tokens = 512;                   // maximum length of the answer, as counted by the model
  std::vector<std::string> stop;             // strings that end the answer and are not part of it
  std::optional<double> temperature, top_p;  // nullopt: the model's default
  // Asks for an answer in JSON. The built-in model also answers in JSON if the prompt asks for it.
  bool want_json = false;
  std::string json_schema;       // with want_json: the schema of the answer, as JSON text; empty: any object
  std::string json_schema_name;  // with json_schema
  std::vector<Tool> tools;
  ToolChoice tool_choice;
  std::string model;  // the model that the client named; empty: the default. Models may ignore it
  std::string
      caller;  // the name of the credentials, whose budget pays for the answer; empty: without a budget
};

// Whether the sentences of an answer were checked against the items and documents of its prompt.
enum class Grounding {
  kNothingToCheck,  // the prompt has neither items nor documents, so the text was passed on unchanged
  kChecked,         // every sentence was checked; unsupported ones were dropped
  kWithheld,        // no sentence was supported; the text says so instead
};

struct ChatAnswer {
  std::string text;
  std::vector<ToolCall> tool_calls;  // follow the text
  // kRefused: the provider's own filter ended the answer.
  enum class Finish { kEnd, kMaxTokens, kStop, kToolCalls, kRefused } finish = Finish::kEnd;
  std::string stop;  // with kStop: the string that ended the answer; empty if the provider does not tell it
  uint32_t input_tokens = 0, output_tokens = 0;
  std::string model;  // the name of the model that answered: "trine-builtin-1"
  Grounding grounding = Grounding::kNothingToCheck;
  size_t dropped_sentences = 0;  // with kChecked and kWithheld
  double cost = 0;               // in the unit of the price table; 0 without one
};

// Receives the answer's text in parts, in order. If it returns an error, Complete returns that error.
using TokenSink = std::function<Status(std::string_view)>;

// Thread-safe.
class LanguageModel {
 public:
  virtual ~LanguageModel() = default;
  virtual std::string name() const = 0;
  // Answers the last user message, and waits for the answer. The parts sent to `sink`, if there is one, add
  // up to the answer's text; tool calls are in the answer only. kTimeout if the deadline passes; kUnavailable
  // if the provider cannot be reached, fails or answers with something that cannot be understood, also after
  // parts were sent; kBusy if a limit or a budget is used up; kUnsupported if the model lacks something that
  // the request demands; kInvalid if the provider rejects the request.
  virtual Result<ChatAnswer> Complete(const ChatRequest& request, const Deadline& deadline,
                                      const TokenSink& sink = {}) = 0;
  // Whether the sentences of the answer to this request are checked against the items and documents of its
  // prompt. Known before the answer, for the head of a streamed response.
  virtual bool ChecksSentences(const ChatRequest& request) const = 0;
};

}  // namespace trine::language
