// The checker of sentences: any text in any parts, with any material.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "language/grounding.h"

// The input up to the first zero byte is a title and a document, the rest is the answer of a model.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(input.find('\0'), input.size());
  trine::language::GroundingMaterial material;
  trine::language::AnswerItem item{
      "id-1", std::string(input.substr(0, end)), {{"text", std::string(input.substr(0, end))}}};
  material.items.push_back(item);
  material.documents.emplace_back(input.substr(0, end));
  trine::language::SentenceChecker checker(material);
  const std::string_view answer = end == input.size() ? input : input.substr(end + 1);
  for (size_t at = 0; at < answer.size(); at += 7) checker.Add(answer.substr(at, 7));
  checker.Finish();
  return 0;
}
