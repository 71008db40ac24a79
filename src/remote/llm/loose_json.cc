#include "remote/llm/loose_json.h"

#include <limits>
#include <utility>

#include "base/check.h"
#include "base/utf8.h"

namespace trine::remote::llm {
namespace {

// Bounds the memory of one document: many times the members of a long answer with probabilities of tokens.
constexpr size_t kMaxValues = 200'000;

// A byte that is not part of valid UTF-8 is passed through the JSON parser as a character of the last private
// use plane, which no model writes, and turned back into the byte behind it.
constexpr char32_t kFirstByteCharacter = 0x10ff00;

std::string HideBrokenBytes(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  while (!text.empty()) {
    const size_t valid = ValidUtf8Prefix(text);
    out += text.substr(0, valid);
    if (valid == text.size()) break;
    AppendUtf8(kFirstByteCharacter + static_cast<unsigned char>(text[valid]), &out);
    text.remove_prefix(valid + 1);
  }
  return out;
}

}  // namespace

std::string LooseJson::Bytes(const std::string& text) const {
  if (!broken) return text;
  TRINE_DCHECK(IsValidUtf8(text));
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t start = at;
    const char32_t c = DecodeUtf8(text, &at);
    if (c >= kFirstByteCharacter && c <= kFirstByteCharacter + 0xff)
      out += static_cast<char>(c - kFirstByteCharacter);
    else
      out.append(text, start, at - start);
  }
  return out;
}

Result<LooseJson> ParseLooseJson(std::string_view text, const char* subject) {
  LooseJson loose;
  loose.broken = !IsValidUtf8(text);
  const format::JsonLimits limits{.max_values = kMaxValues};
  auto parsed =
      loose.broken ? format::ParseJson(HideBrokenBytes(text), limits) : format::ParseJson(text, limits);
  if (!parsed.ok() || !parsed->is_object()) {
    return Error(ErrorCode::kUnavailable,
                 std::string(subject) + " of the language model provider is malformed")
        .Expected("a JSON object");
  }
  loose.json = *std::move(parsed);
  return loose;
}

format::Json ParsedJson(std::string_view text) {
  auto json = format::ParseJson(text);
  TRINE_CHECK(json.ok());
  return *std::move(json);
}

const std::string* FindText(const format::Json* object, std::string_view key) {
  const format::Json* const member = object != nullptr ? object->Find(key) : nullptr;
  return member != nullptr && member->is_string() ? &member->string() : nullptr;
}

const format::Json* FindObject(const format::Json* object, std::string_view key) {
  const format::Json* const member = object != nullptr ? object->Find(key) : nullptr;
  return member != nullptr && member->is_object() ? member : nullptr;
}

const format::Json* FindArray(const format::Json* object, std::string_view key) {
  const format::Json* const member = object != nullptr ? object->Find(key) : nullptr;
  return member != nullptr && member->is_array() ? member : nullptr;
}

std::optional<uint32_t> FindCount(const format::Json* object, std::string_view key) {
  const format::Json* const member = object != nullptr ? object->Find(key) : nullptr;
  if (member == nullptr || !member->is_int()) return std::nullopt;
  const int64_t value = member->integer();
  if (value < 0 || value > std::numeric_limits<int32_t>::max()) return std::nullopt;
  return static_cast<uint32_t>(value);
}

}  // namespace trine::remote::llm
