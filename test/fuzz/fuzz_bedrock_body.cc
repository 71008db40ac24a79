// Fuzzes the request bodies of Bedrock. The first line of an input is a model id and an operation with a
// blank between them; the rest is the body. Whatever the body, the response is an answer, a stream whose
// events can be read, or an error of the caller; a stream never fails.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "test/support/bedrock_api.h"

namespace {

using namespace trine;  // NOLINT: a program of one file

void CheckStream(const net::Response& response) {
  test::BodyText out;
  if (!response.stream(out).ok()) std::abort();
  format::EventStreamDecoder decoder;
  const auto take = [](const format::EventMessage& message) {
    if (!format::ParseJson(message.payload).ok()) std::abort();
    return Ok();
  };
  if (!decoder.Add(out.text, take).ok() || !decoder.Finish().ok()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = input.find('\n');
  const size_t blank = input.find(' ');
  if (line == std::string_view::npos || blank >= line) return 0;
  static test::FixedModel model;
  static const ManualClock clock{Millis{1}};
  static const auto embedder = std::make_shared<const test::LetterEmbedder>();
  static const api::bedrock::Api api{api::bedrock::Dependencies{
      model, []() -> Result<std::shared_ptr<const language::Embedder>> { return {embedder}; }, clock,
      NullLog()}};
  net::Request request;
  request.method = "POST";
  request.path = "/model/" + std::string(input.substr(0, blank)) + "/" +
                 std::string(input.substr(blank + 1, line - blank - 1));
  if (input.starts_with("/guardrail")) request.path = "/guardrail/g/version/1/apply";
  request.body = std::string(input.substr(line + 1));
  request.id = "id";
  const net::Response response = api.Handle(request);
  if (response.status >= 500) std::abort();
  if (response.stream) {
    CheckStream(response);
  } else if (!format::ParseJson(response.body).ok()) {
    std::abort();
  }
  return 0;
}
