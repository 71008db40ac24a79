#include "remote/llm/answer_builder.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/utf8.h"
#include "format/json.h"
#include "format/text.h"
#include "language/model.h"

namespace trine::remote::llm {
namespace {

using Finish = language::ChatAnswer::Finish;

constexpr size_t kMaxNameBytes = 256;  // of tools, ids and stop strings; real ones are shorter

Error Full() { return Error(ErrorCode::kLimit, "the answer of the language model provider is too long"); }

}  // namespace

Status AnswerBuilder::AddText(std::string_view bytes) {
  TRINE_CHECK(!cut_);
  unfinished_ += bytes;
  const size_t whole = unfinished_.size() - IncompleteUtf8Suffix(unfinished_);
  std::string text;
  AppendSanitizedUtf8(std::string_view(unfinished_).substr(0, whole), &text);
  unfinished_.erase(0, whole);
  return Pass(std::move(text));
}

Status AnswerBuilder::Pass(std::string text) {
  const size_t used = text_.size() + tool_bytes_, room = max_bytes_ - std::min(used, max_bytes_);
  if (text.size() > room) {
    text.resize(CutUtf8(text, room).size());
    cut_ = true;
  }
  if (!text.empty()) {
    text_ += text;
    if (sink_) {
      sent_ = true;
      Status taken = sink_(text);
      if (!taken.ok()) return sink_error_ = taken.error(), taken;
    }
  }
  return cut_ ? Status(Full()) : Ok();
}

Status AnswerBuilder::AddTool(size_t index, std::string_view id, std::string_view name) {
  if (index >= kMaxToolCalls) {
    return Error(ErrorCode::kUnavailable, "the answer of the language model provider has too many tool calls")
        .Expected("at most " + std::to_string(kMaxToolCalls));
  }
  if (index >= tools_.size()) tools_.resize(index + 1);
  if (!id.empty()) tools_[index].id = CutUtf8(id, kMaxNameBytes);
  if (!name.empty()) tools_[index].name = CutUtf8(name, kMaxNameBytes);
  return Ok();
}

Status AnswerBuilder::AddToolInput(size_t index, std::string_view fragment) {
  TRINE_TRY(AddTool(index, {}, {}));
  tool_bytes_ += fragment.size();
  if (text_.size() + tool_bytes_ > max_bytes_) return cut_ = true, Full();
  tools_[index].input += fragment;
  return Ok();
}

void AnswerBuilder::SetFinish(Finish finish, std::string_view stop) {
  finish_ = finish;
  stop_ = format::Printable(CutUtf8(stop, kMaxNameBytes), true);
}

uint32_t AnswerBuilder::EstimatedOutputTokens() const {
  uint32_t tokens = language::CountTokens(text_);
  for (const language::ToolCall& call : tools_)
    tokens += language::CountTokens(call.name) + language::CountTokens(call.input);
  return tokens;
}

// Completes a tool call. Returns false if it is to be left out.
Result<bool> AnswerBuilder::FinishTool(language::ToolCall& call, size_t position,
                                       const std::vector<language::Tool>& tools, bool is_cut) const {
  if (call.input.empty()) call.input = "{}";
  const auto input = format::ParseJson(call.input);
  const bool offered = std::ranges::any_of(tools, [&](const auto& tool) { return tool.name == call.name; });
  if (offered && input.ok() && input->is_object()) {
    call.input = format::ToString(*input);
    if (call.id.empty()) call.id = "call_" + std::to_string(position + 1);
    return true;
  }
  // A skipped index leaves an empty entry.
  if (is_cut || (call.name.empty() && call.input == "{}")) return false;
  return Error(ErrorCode::kUnavailable,
               offered ? "the input of a tool call of the language model provider is malformed"
                       : "the language model provider called a tool that was not offered")
      .Expected(offered ? "a JSON object" : "the name of an offered tool")
      .Got(offered ? "" : format::Printable(CutUtf8(call.name, 64)));
}

Result<language::ChatAnswer> AnswerBuilder::Take(uint32_t input_estimate,
                                                 const std::vector<language::Tool>& tools) {
  if (!cut_ && !unfinished_.empty()) {
    std::string rest;
    AppendSanitizedUtf8(std::exchange(unfinished_, {}), &rest);
    Status passed = Pass(std::move(rest));
    if (sink_error_) return std::move(passed).error();
  }
  language::ChatAnswer answer;
  answer.finish = cut_ ? Finish::kMaxTokens : finish_.value_or(Finish::kEnd);
  if (refused_) answer.finish = Finish::kRefused;
  answer.stop = answer.finish == Finish::kStop ? stop_ : "";
  answer.output_tokens = output_tokens_.value_or(EstimatedOutputTokens());
  answer.input_tokens = input_tokens_.value_or(input_estimate);
  for (size_t i = 0; i < tools_.size(); ++i) {
    TRINE_ASSIGN(const bool keep, FinishTool(tools_[i], i, tools, answer.finish == Finish::kMaxTokens));
    if (keep) answer.tool_calls.push_back(std::move(tools_[i]));
  }
  if (!answer.tool_calls.empty() && answer.finish == Finish::kEnd) answer.finish = Finish::kToolCalls;
  if (answer.tool_calls.empty() && answer.finish == Finish::kToolCalls) answer.finish = Finish::kEnd;
  answer.text = std::move(text_);
  TRINE_CHECK(IsValidUtf8(answer.text));
  return answer;
}

}  // namespace trine::remote::llm
