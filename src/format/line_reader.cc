#include "format/line_reader.h"

#include <utility>

namespace trine::format {

Status LineReader::ReadLine(std::string* out, bool* any) {
  for (;;) {
    if (piece_.empty()) {
      TRINE_ASSIGN(piece_, source_->Next());
      if (piece_.empty()) return Ok();
    }
    *any = true;
    const size_t end = piece_.find('\n');
    const std::string_view part = piece_.substr(0, end);
    if (out != nullptr && part.size() > max_bytes_ - out->size()) {
      too_long_ = true;
      return Error(ErrorCode::kLimit, "a line has more than " + std::to_string(max_bytes_) + " bytes");
    }
    if (out != nullptr) *out += part;
    piece_.remove_prefix(end == std::string_view::npos ? piece_.size() : end + 1);
    if (end != std::string_view::npos) return Ok();
  }
}

Result<bool> LineReader::Next(std::string* line) {
  line->clear();
  bool any = false;
  if (std::exchange(too_long_, false)) TRINE_TRY(ReadLine(nullptr, &any));  // skip the rest of that line
  any = false;
  const Status read = ReadLine(line, &any);
  if (any) ++line_;
  if (!read.ok()) return line->clear(), read.error();
  if (line->ends_with('\r')) line->pop_back();
  return any;
}

}  // namespace trine::format
