// Fuzzes the readers of streamed answers of language model providers: no input may break them, the text is
// valid UTF-8 and does not depend on the pieces in which the stream arrives.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "remote/llm/wires.h"

namespace {

using trine::Result;
namespace llm = trine::remote::llm;

std::string Read(const llm::Wire& wire, std::string_view bytes, size_t step) {
  std::string sent;
  llm::AnswerBuilder answer(4096, [&](std::string_view part) {
    TRINE_CHECK(trine::IsValidUtf8(part));
    sent += part;
    return trine::Ok();
  });
  const auto reader = wire.NewStream(answer);
  for (size_t at = 0; at < bytes.size(); at += step) {
    if (!reader->Add(bytes.substr(at, step)).ok()) return sent + "|failed";
  }
  if (!reader->Finish().ok()) return sent + "|cut";
  const auto taken = answer.Take(0, {{"find", "", "{}"}});
  if (!taken.ok()) return sent + "|unusable";
  TRINE_CHECK(taken->text == sent);
  return sent + "|" + std::to_string(static_cast<int>(taken->finish));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  // The first byte selects the protocol.
  std::unique_ptr<llm::Wire> wire;
  if (data[0] % 3 == 0) wire = llm::NewOpenAiWire({"http://h", "m", ""});
  if (data[0] % 3 == 1) wire = llm::NewAnthropicWire({"http://h", "m", ""});
  if (data[0] % 3 == 2) wire = llm::NewBedrockWire({"http://h", "m", "k", "us-east-1", std::nullopt});
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  TRINE_CHECK(Read(*wire, bytes, size) == Read(*wire, bytes, 1));
  llm::AnswerBuilder answer(4096, {});
  static_cast<void>(wire->ReadAnswer(bytes, answer));
  return 0;
}
