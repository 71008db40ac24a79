// ParseJson and ParseStrictJson: simdjson's DOM parser. A document that is rejected goes to the fallback
// parser (json_fallback.h), which finds the position.
#include "format/json.h"

#include <simdjson.h>

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "base/text.h"
#include "format/json_fallback.h"
#include "format/strict_json.h"

namespace trine::format {
namespace {

// A simdjson parser keeps buffers for its largest document so far. Buffers above this capacity are freed.
constexpr size_t kKeptCapacity = 1u << 20;

// One parser per thread. Its buffers are scratch memory; no part of a document outlives the call.
class ScratchParser {
 public:
  ScratchParser() { Renew(); }
  simdjson::dom::parser& parser() { return *parser_; }
  void GiveBackLargeBuffers() {
    if (parser_->capacity() > kKeptCapacity) Renew();
  }

 private:
  void Renew() {
    parser_ = std::make_unique<simdjson::dom::parser>();
    // If this allocation fails, parsing reports the error.
    const auto unused = parser_->allocate(4096, kMaxJsonNesting + 1);
    static_cast<void>(unused);
  }
  std::unique_ptr<simdjson::dom::parser> parser_;
};

// Returns the number tokens of a parsed text one after another. The document does not keep their text, but
// the parser keeps where each token begins.
class NumberTokens {
 public:
  NumberTokens(std::string_view text, const simdjson::dom::parser& parser)
      : text_(text),
        starts_(parser.implementation->structural_indexes.get()),
        count_(parser.implementation->n_structural_indexes) {}
  // Requires a further number in the text.
  std::string_view Next() {
    for (; at_ < count_; ++at_) {
      const size_t begin = starts_[at_];
      if (begin >= text_.size() || !(text_[begin] == '-' || IsAsciiDigit(text_[begin]))) continue;
      ++at_;
      size_t end = begin + 1;
      while (end < text_.size() && IsNumberByte(text_[end])) ++end;
      return text_.substr(begin, end - begin);
    }
    TRINE_CHECK(false);
    return {};
  }

 private:
  static bool IsNumberByte(char c) {
    return IsAsciiDigit(c) || c == '.' || c == 'e' || c == 'E' || c == '-' || c == '+';
  }
  const std::string_view text_;
  const uint32_t* const starts_;
  const size_t count_;
  size_t at_ = 0;
};

// Converts a simdjson document to Json. Returns false at the first limit that is exceeded, and at the first
// duplicate key if those are refused.
class Converter {
 public:
  Converter(NumberTokens numbers, const JsonLimits& limits, DuplicateKeys duplicates)
      : numbers_(numbers),
        max_depth_(limits.max_depth),
        duplicates_(duplicates),
        values_left_(limits.max_values) {}

  bool Convert(const simdjson::dom::element& in, size_t depth, Json* out) {
    using simdjson::dom::element_type;
    if (values_left_ == 0) return false;
    --values_left_;
    switch (in.type()) {
      case element_type::ARRAY:
        return Array(in.get_array().value_unsafe(), depth, out);
      case element_type::OBJECT:
        return Object(in.get_object().value_unsafe(), depth, out);
      case element_type::STRING:
        *out = Json(std::string_view(in.get_string().value_unsafe()));
        break;
      case element_type::INT64: {
        const std::string_view token = numbers_.Next();
        *out = token == "-0" ? Json::Number(token) : Json(int64_t{in.get_int64().value_unsafe()});
        break;
      }
      case element_type::UINT64:
        numbers_.Next();
        *out = Json(uint64_t{in.get_uint64().value_unsafe()});
        break;
      case element_type::DOUBLE:
        *out = Json::Number(numbers_.Next());
        break;
      case element_type::BOOL:
        *out = Json(in.get_bool().value_unsafe());
        break;
      case element_type::NULL_VALUE:
        *out = Json();
        break;
    }
    return true;
  }
  bool too_deep() const { return too_deep_; }
  bool duplicate_key() const { return duplicate_key_; }

 private:
  bool Array(const simdjson::dom::array& in, size_t depth, Json* out) {
    if (depth >= max_depth_) return too_deep_ = true, false;
    Json::Array items;
    items.reserve(std::min(in.size(), values_left_));
    for (const auto& item : in) {
      if (!Convert(item, depth + 1, &items.emplace_back())) return false;
    }
    *out = Json(std::move(items));
    return true;
  }
  bool Object(const simdjson::dom::object& in, size_t depth, Json* out) {
    if (depth >= max_depth_) return too_deep_ = true, false;
    Json::Object members;
    members.reserve(std::min(in.size(), values_left_));
    for (const auto& [key, value] : in) {
      if (!Convert(value, depth + 1, &members.emplace_back(std::string(key), Json()).second)) return false;
    }
    if (RemoveDuplicateMembers(&members) && duplicates_ == DuplicateKeys::kRefused)
      return duplicate_key_ = true, false;
    *out = Json(std::move(members));
    return true;
  }

  NumberTokens numbers_;
  const size_t max_depth_;
  const DuplicateKeys duplicates_;
  size_t values_left_;
  bool too_deep_ = false, duplicate_key_ = false;
};

// Whether a text has more than `most` values, judged by the commas outside strings. Cheap beside parsing, for
// which simdjson and the values together take many times the size of the text. May return false for a text
// with more values.
bool HasMoreValues(std::string_view text, size_t most) {
  size_t values = 1;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == ',' && ++values > most) {
      return true;
    }
  }
  return false;
}

Result<Json> Parse(std::string_view text, const JsonLimits& limits, DuplicateKeys duplicates) {
  if (text.size() > limits.max_bytes) {
    return Error(ErrorCode::kJsonBytes, "the JSON text is too long")
        .Expected("at most " + std::to_string(limits.max_bytes) + " bytes")
        .Got(std::to_string(text.size()));
  }
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.starts_with(kByteOrderMark)) return ParseJsonFallback(text, limits, duplicates);  // rejects it
  // A text with so few bytes cannot have more values than that.
  if (text.size() / 2 > limits.max_values && HasMoreValues(text, limits.max_values))
    return JsonValueCountError(limits.max_values);
  JsonLimits within = limits;
  within.max_depth = std::min(limits.max_depth, kMaxJsonNesting);
  thread_local ScratchParser scratch;
  simdjson::dom::element root;
  const auto failed = scratch.parser().parse(text.data(), text.size()).get(root);
  if (failed == simdjson::DEPTH_ERROR) return JsonDepthError(within.max_depth);
  Json value;
  Converter converter(NumberTokens(text, scratch.parser()), within, duplicates);
  const bool fits = failed != simdjson::SUCCESS || converter.Convert(root, 0, &value);
  scratch.GiveBackLargeBuffers();
  if (failed != simdjson::SUCCESS || converter.duplicate_key())
    return ParseJsonFallback(text, within, duplicates);
  if (!fits)
    return converter.too_deep() ? JsonDepthError(within.max_depth) : JsonValueCountError(within.max_values);
  return value;
}

}  // namespace

Result<Json> ParseJson(std::string_view text, const JsonLimits& limits) {
  return Parse(text, limits, DuplicateKeys::kLastWins);
}

Result<Json> ParseStrictJson(std::string_view text, const JsonLimits& limits) {
  return Parse(text, limits, DuplicateKeys::kRefused);
}

}  // namespace trine::format
