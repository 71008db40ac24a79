// AnswerBuilder: collects an answer from the parts that a provider sends, checks and bounds them, and passes
// the text on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "language/chat.h"

namespace trine::remote::llm {

// One answer. Everything that it is given is untrusted. The text becomes valid UTF-8: a character may be
// split between two parts, and broken bytes become U+FFFD. Not thread-safe.
class AnswerBuilder {
 public:
  // Bounds the tool calls of one answer: a model has no use for more, and each costs memory.
  static constexpr size_t kMaxToolCalls = 64;

  // `max_bytes` bounds text and inputs of tool calls together. `sink` may be empty.
  AnswerBuilder(size_t max_bytes, language::TokenSink sink) : max_bytes_(max_bytes), sink_(std::move(sink)) {}

  // Return an error if the sink returns one (see sink_error), or if the bound is reached, after the text up
  // to the bound was taken (see cut). The transfer is then to be ended.
  Status AddText(std::string_view bytes);
  Status AddToolInput(size_t index, std::string_view fragment);
  // Begins the tool call `index`, or completes it: empty texts leave a member as it is.
  // kUnavailable if there are too many.
  Status AddTool(size_t index, std::string_view id, std::string_view name);

  void SetFinish(language::ChatAnswer::Finish finish, std::string_view stop = {});
  void SetRefused() { refused_ = true; }  // overrides SetFinish
  void SetInputTokens(uint32_t tokens) { input_tokens_ = tokens; }
  void SetOutputTokens(uint32_t tokens) { output_tokens_ = tokens; }

  bool has_finish() const { return finish_.has_value(); }
  bool has_text() const { return !text_.empty(); }
  bool sent() const { return sent_; }  // whether the sink received text
  bool cut() const { return cut_; }    // whether the bound was reached
  const std::optional<Error>& sink_error() const { return sink_error_; }
  // Estimates the output so far, for the budget of a call that failed.
  uint32_t EstimatedOutputTokens() const;

  // Returns the answer. Token counts that the provider did not give are estimated, the input's from
  // `input_estimate`. `tools` are the offered tools. kUnavailable if a tool call has a name that was not
  // offered, or an input that is not a JSON object. Tool calls of an answer that was cut are left out unless
  // they are complete. Call once, at the end.
  Result<language::ChatAnswer> Take(uint32_t input_estimate, const std::vector<language::Tool>& tools);

 private:
  Status Pass(std::string text);
  Result<bool> FinishTool(language::ToolCall& call, size_t position, const std::vector<language::Tool>& tools,
                          bool is_cut) const;

  const size_t max_bytes_;
  const language::TokenSink sink_;
  std::string text_, unfinished_, stop_;
  std::vector<language::ToolCall> tools_;
  size_t tool_bytes_ = 0;
  std::optional<language::ChatAnswer::Finish> finish_;
  std::optional<uint32_t> input_tokens_, output_tokens_;
  std::optional<Error> sink_error_;
  bool sent_ = false, cut_ = false, refused_ = false;
};

}  // namespace trine::remote::llm
