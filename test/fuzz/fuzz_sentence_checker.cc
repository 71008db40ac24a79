// The checker of sentences: any text in any parts, with any material. A released text is valid UTF-8 without
// angle brackets, its citations are ranges of it, and the parts in which the answer arrives change nothing
// but the white space behind dropped sentences.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/utf8.h"
#include "language/grounding.h"
#include "language/sentence_splitter.h"

namespace {

using trine::language::CheckedSentence;

trine::language::GroundingMaterial MaterialOf(std::string_view text) {
  trine::language::GroundingMaterial material;
  trine::language::AnswerItem given{"id-1", std::string(text), {{"text", std::string(text)}}};
  trine::language::AnswerItem priced{
      "SX-200", "Linen Shirt", {{"color", "blue"}, {"url", "https://a.example/x"}}};
  priced.price = trine::language::ItemPrice{39000, "KRW"};
  material.items = {given, priced};
  material.documents.emplace_back(text);
  material.question = text.substr(0, text.size() / 2);
  return material;
}

// The supported sentences of an answer that arrives in parts of `step` bytes, without white space.
std::string ReleasedText(const trine::language::GroundingMaterial& material, std::string_view answer,
                         size_t step) {
  trine::language::SentenceChecker checker(material);
  std::string released;
  size_t last_end = 0;
  const auto take = [&](const std::vector<CheckedSentence>& sentences) {
    for (const CheckedSentence& sentence : sentences) {
      TRINE_CHECK(sentence.supported == sentence.why.empty());
      TRINE_CHECK(trine::IsValidUtf8(sentence.text));
      TRINE_CHECK(sentence.text.find_first_of("<>") == std::string::npos);
      if (!sentence.supported) continue;
      released += sentence.text;
      for (const auto& citation : sentence.citations) {
        TRINE_CHECK_GE(citation.start, last_end);
        TRINE_CHECK_LT(citation.start, citation.end);
        last_end = citation.end;
      }
      TRINE_CHECK_LE(last_end, trine::Utf16Length(released));
    }
  };
  for (size_t at = 0; at < answer.size(); at += step) take(checker.Add(answer.substr(at, step)));
  take(checker.Finish());
  std::erase_if(released, [](char c) { return c == ' ' || c == '\n'; });
  return released;
}

}  // namespace

// The input up to the first zero byte is a title and a document, the rest is the answer of a model.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(input.find('\0'), input.size());
  const auto material = MaterialOf(input.substr(0, end));
  const std::string_view answer = end == input.size() ? input : input.substr(end + 1);
  const std::string by_seven = ReleasedText(material, answer, 7);
  // A sentence that is too long is cut where its parts happen to end.
  if (answer.size() < trine::language::SentenceSplitter::kMaxSentenceBytes)
    TRINE_CHECK_EQ(by_seven, ReleasedText(material, answer, 1));
  return 0;
}
