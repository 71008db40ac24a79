// BlockNumbers: gives the tool calls of an answer numbers of their own, because some protocols number texts
// and tool calls together.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "remote/llm/answer_builder.h"

namespace trine::remote::llm {

// Not thread-safe.
class BlockNumbers {
 public:
  // The number of a block that was not begun as a tool call, or is one too many.
  static constexpr size_t kNoTool = AnswerBuilder::kMaxToolCalls;

  // Begins a tool call in block `block`, and returns its number: 0, 1, ...
  size_t Begin(uint32_t block) {
    if (Find(block) == kNoTool && blocks_.size() < kNoTool) blocks_.push_back(block);
    return Find(block);
  }
  size_t Find(uint32_t block) const {
    const auto at = std::ranges::find(blocks_, block);
    return at == blocks_.end() ? kNoTool : static_cast<size_t>(at - blocks_.begin());
  }

 private:
  std::vector<uint32_t> blocks_;
};

}  // namespace trine::remote::llm
