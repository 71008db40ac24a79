#include "format/json_fallback.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"
#include "base/utf8.h"

namespace trine::format {
namespace {

// A recursive-descent parser for RFC 8259. It stops at the first error. `at_` is the offset of the next byte.
class FallbackReader {
 public:
  FallbackReader(std::string_view text, const JsonLimits& limits, DuplicateKeys duplicates)
      : text_(text), limits_(limits), duplicates_(duplicates) {}

  Result<Json> Read() {
    const size_t valid = ValidUtf8Prefix(text_);
    if (valid != text_.size()) {
      at_ = valid;
      return Fail("the text is not UTF-8", "UTF-8", Byte(text_[valid]));
    }
    SkipSpace();
    if (at_ == text_.size()) return Fail("the text contains no JSON value", "a JSON value", "nothing");
    TRINE_ASSIGN(Json value, Value(0));
    SkipSpace();
    if (at_ != text_.size()) return Fail("unexpected text after the JSON value", "the end", Here());
    return value;
  }

 private:
  static std::string Byte(char c) {
    constexpr char kHex[] = "0123456789abcdef";
    const auto b = static_cast<unsigned char>(c);
    return std::string("byte 0x") + kHex[b >> 4] + kHex[b & 15];
  }

  std::string Here() const {
    if (at_ >= text_.size()) return "the end of the text";
    const char c = text_[at_];
    return c > ' ' && c < 0x7f ? "'" + std::string(1, c) + "'" : Byte(c);
  }

  Error Fail(const std::string& message, std::string expected, std::string got) const {
    TRINE_CHECK_LE(at_, text_.size());
    const std::string_view before = text_.substr(0, at_);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const size_t start = before.rfind('\n');
    const size_t column = start == std::string_view::npos ? at_ + 1 : at_ - start;
    return Error(ErrorCode::kJsonSyntax, "invalid JSON: " + message)
        .Expected(std::move(expected))
        .Got(std::move(got))
        .Where("line " + std::to_string(line) + ", column " + std::to_string(column));
  }

  void SkipSpace() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }
  bool Accept(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool AcceptWord(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  Result<Json> Value(size_t depth) {
    if (values_++ >= limits_.max_values) return JsonValueCountError(limits_.max_values);
    SkipSpace();
    if (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '{' || c == '[') {
        if (depth >= limits_.max_depth) return JsonDepthError(limits_.max_depth);
        ++at_;
        return c == '{' ? Object(depth + 1) : Array(depth + 1);
      }
      if (c == '"') {
        TRINE_ASSIGN(std::string text, String());
        return Json(std::move(text));
      }
      if (c == '-' || IsAsciiDigit(c)) return Number();
      if (AcceptWord("true")) return Json(true);
      if (AcceptWord("false")) return Json(false);
      if (AcceptWord("null")) return Json(nullptr);
    }
    return Fail("a value is missing", "a JSON value", Here());
  }

  Result<Json> Array(size_t depth) {
    Json::Array items;
    SkipSpace();
    if (Accept(']')) return Json(std::move(items));
    for (;;) {
      TRINE_ASSIGN(Json item, Value(depth));
      items.push_back(std::move(item));
      SkipSpace();
      if (Accept(']')) return Json(std::move(items));
      if (!Accept(',')) return Fail("unexpected text after an array element", "',' or ']'", Here());
    }
  }

  Result<Json> Object(size_t depth) {
    Json::Object members;
    std::set<std::string> keys;  // filled only if duplicates are refused
    SkipSpace();
    if (Accept('}')) return Json(std::move(members));
    for (;;) {
      SkipSpace();
      if (at_ >= text_.size() || text_[at_] != '"') return Fail("a key is missing", "'\"'", Here());
      const size_t key_start = at_;
      TRINE_ASSIGN(std::string key, String());
      if (duplicates_ == DuplicateKeys::kRefused && !keys.insert(key).second) {
        at_ = key_start;
        return Fail("a key appears twice in one object", "each key once", '"' + key.substr(0, 100) + '"')
            .Detail("duplicate_key", key.substr(0, 100));
      }
      SkipSpace();
      if (!Accept(':')) return Fail("a key is not followed by a colon", "':'", Here());
      TRINE_ASSIGN(Json value, Value(depth));
      members.emplace_back(std::move(key), std::move(value));
      SkipSpace();
      if (Accept('}')) break;
      if (!Accept(',')) return Fail("unexpected text after an object member", "',' or '}'", Here());
    }
    RemoveDuplicateMembers(&members);
    return Json(std::move(members));
  }

  Result<std::string> String() {
    ++at_;  // the opening quote
    std::string out;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return out;
      }
      if (static_cast<unsigned char>(c) < 0x20) {
        return Fail("a control character inside a string", "a \\u escape", Byte(c));
      }
      if (c == '\\') {
        ++at_;
        TRINE_TRY(Escape(&out));
      } else {
        out += c;
        ++at_;
      }
    }
    return Fail("a string is not terminated", "'\"'", Here());
  }

  Status Escape(std::string* out) {
    constexpr std::string_view kNames = "\"\\/bfnrt", kValues = "\"\\/\b\f\n\r\t";
    if (at_ < text_.size() && text_[at_] == 'u') {
      ++at_;
      TRINE_ASSIGN(uint32_t unit, FourHex());
      if (unit >= 0xd800 && unit < 0xdc00 && text_.substr(at_, 2) == "\\u") {
        const size_t back = at_;
        at_ += 2;
        TRINE_ASSIGN(const uint32_t low, FourHex());
        if (low >= 0xdc00 && low < 0xe000) {
          unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        } else {
          at_ = back;
        }
      }
      AppendUtf8(unit, out);  // a lone surrogate becomes U+FFFD
      return Ok();
    }
    const size_t which = at_ < text_.size() ? kNames.find(text_[at_]) : std::string_view::npos;
    if (which == std::string_view::npos)
      return Fail("an unknown escape sequence", "one of \"\\/bfnrtu", Here());
    *out += kValues[which];
    ++at_;
    return Ok();
  }

  Result<uint32_t> FourHex() {
    uint32_t unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = at_ < text_.size() ? text_[at_] : ' ';
      uint32_t digit = 0;
      if (IsAsciiDigit(c)) {
        digit = static_cast<uint32_t>(c - '0');
      } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
        digit = static_cast<uint32_t>((c | 0x20) - 'a' + 10);
      } else {
        return Fail("an invalid \\u escape", "four hexadecimal digits", Here());
      }
      unit = unit * 16 + digit;
    }
    return unit;
  }

  Result<Json> Number() {
    const size_t start = at_;
    Accept('-');
    if (!Accept('0')) TRINE_TRY(Digits());
    if (Accept('.')) TRINE_TRY(Digits());
    if (Accept('e') || Accept('E')) {
      if (!Accept('+')) Accept('-');
      TRINE_TRY(Digits());
    }
    const std::string_view token = text_.substr(start, at_ - start);
    Json number = Json::Number(token);
    if (std::isfinite(number.number())) return number;
    at_ = start;
    return Fail("a number is out of range", "a 64-bit floating point number",
                std::string(token.substr(0, 40)));
  }

  Status Digits() {
    const size_t start = at_;
    while (at_ < text_.size() && IsAsciiDigit(text_[at_])) ++at_;
    if (at_ == start) return Fail("an invalid number", "a digit", Here());
    return Ok();
  }

  std::string_view text_;
  size_t at_ = 0;
  const JsonLimits limits_;
  const DuplicateKeys duplicates_;
  size_t values_ = 0;
};

}  // namespace

Result<Json> ParseJsonFallback(std::string_view text, JsonLimits limits, DuplicateKeys duplicates) {
  limits.max_depth = std::min(limits.max_depth, kMaxJsonNesting);
  return FallbackReader(text, limits, duplicates).Read();
}

Error JsonValueCountError(size_t max_values) {
  return Error(ErrorCode::kJsonValues, "the JSON contains too many values")
      .Expected("at most " + std::to_string(max_values));
}

Error JsonDepthError(size_t max_depth) {
  return Error(ErrorCode::kJsonDepth, "the JSON is nested too deeply")
      .Expected("at most " + std::to_string(max_depth) + " levels");
}

bool RemoveDuplicateMembers(Json::Object* object) {
  const size_t n = object->size();
  std::vector<bool> drop;
  auto merge = [&](size_t first, size_t last) {
    if (drop.empty()) drop.resize(n);
    (*object)[first].second = std::move((*object)[last].second);
    drop[last] = true;
  };
  // Most objects are this small. For them, comparing all pairs is faster than sorting.
  if (n <= 16) {
    for (size_t i = 0; i < n; ++i) {
      if (!drop.empty() && drop[i]) continue;
      for (size_t k = i + 1; k < n; ++k) {
        if ((*object)[i].first == (*object)[k].first) merge(i, k);
      }
    }
  } else {
    std::vector<uint32_t> order(n);
    for (size_t i = 0; i < n; ++i) order[i] = static_cast<uint32_t>(i);
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      const int c = (*object)[a].first.compare((*object)[b].first);
      return c != 0 ? c < 0 : a < b;
    });
    for (size_t i = 0, first = 0; i < n; ++i) {
      if ((*object)[order[i]].first != (*object)[order[first]].first) first = i;
      if (i != first) merge(order[first], order[i]);
    }
  }
  if (drop.empty()) return false;
  size_t kept = 0;
  for (size_t i = 0; i < n; ++i) {
    if (drop[i]) continue;
    if (kept != i) (*object)[kept] = std::move((*object)[i]);
    ++kept;
  }
  TRINE_CHECK_LT(kept, n);
  object->resize(kept);
  return true;
}

}  // namespace trine::format
