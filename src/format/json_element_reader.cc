#include "format/json_element_reader.h"

#include <algorithm>

#include "base/text.h"

namespace trine::format {

// Reads until there is text. Returns false at the end of the stream.
Result<bool> JsonElementReader::Fill() {
  if (!piece_.empty()) return true;
  TRINE_ASSIGN(piece_, source_->Next());
  return !piece_.empty();
}

Error JsonElementReader::Unexpected(char c) const {
  return Error(ErrorCode::kInvalid, "the JSON text is not a list of objects")
      .Expected("an object")
      .Got(std::string(1, static_cast<unsigned char>(c) < 0x80 ? c : '?'))
      .Where("line " + std::to_string(next_line_));
}

// Goes to the '{' of the next object. Returns false at the end.
Result<bool> JsonElementReader::FindObject() {
  for (;;) {
    TRINE_ASSIGN(const bool more, Fill());
    if (!more && array_ && !closed_)
      return Error(ErrorCode::kCorrupt, "the JSON text ends inside its array")
          .Where("line " + std::to_string(next_line_));
    if (!more) return false;
    const char c = piece_[0];
    if (c == '{') {
      if (closed_ || (array_ && !comma_)) return Unexpected(c);
      any_ = true;
      comma_ = false;
      return true;
    }
    piece_.remove_prefix(1);
    if (c == '\n') ++next_line_;
    if (kBlanks.find(c) != std::string_view::npos) continue;
    if (c == '[' && !array_ && !any_) {
      array_ = true;
    } else if (c == ']' && array_ && !closed_) {
      closed_ = true;
    } else if (c == ',' && array_ && !comma_ && !closed_) {
      comma_ = true;
    } else {
      return Unexpected(c);
    }
  }
}

Result<bool> JsonElementReader::Next(std::string* text) {
  text->clear();
  TRINE_ASSIGN(const bool found, FindObject());
  if (!found) return false;
  line_ = next_line_;
  size_t depth = 0;
  bool quoted = false, escaped = false;
  for (;;) {
    TRINE_ASSIGN(const bool more, Fill());
    if (!more)
      return Error(ErrorCode::kCorrupt, "the JSON text ends inside an object")
          .Where("line " + std::to_string(line_));
    size_t end = 0;
    bool complete = false;
    while (end < piece_.size() && !complete) {
      const char c = piece_[end++];
      if (c == '\n') ++next_line_;
      if (quoted) {
        if (c == '"' && !escaped) quoted = false;
        escaped = c == '\\' && !escaped;
      } else if (c == '"') {
        quoted = true;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        complete = --depth == 0;
      }
    }
    if (text->size() + end > max_bytes_)
      return Error(ErrorCode::kLimit, "a JSON object has more than " + std::to_string(max_bytes_) + " bytes")
          .Where("line " + std::to_string(line_));
    text->append(piece_.substr(0, end));
    piece_.remove_prefix(end);
    if (complete) return true;
  }
}

}  // namespace trine::format
