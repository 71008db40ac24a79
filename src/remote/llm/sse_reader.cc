#include "remote/llm/sse_reader.h"

#include "base/check.h"

namespace trine::remote::llm {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

Error TooLong() {
  return Error(ErrorCode::kUnavailable, "an event of the stream is too long")
      .Expected("at most " + std::to_string(SseReader::kMaxEventBytes) + " bytes");
}

}  // namespace

Status SseReader::Add(std::string_view bytes, const Take& take) {
  while (!bytes.empty()) {
    if (after_cr_ && bytes.front() == '\n') bytes.remove_prefix(1);
    after_cr_ = false;
    const size_t end = bytes.find_first_of("\r\n");
    const std::string_view part = bytes.substr(0, end);
    if (line_.size() + part.size() > kMaxEventBytes) return TooLong();
    line_ += part;
    if (end == std::string_view::npos) return Ok();
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    TRINE_TRY(EndLine(take));
  }
  return Ok();
}

Status SseReader::Finish(const Take& take) {
  if (!line_.empty()) TRINE_TRY(EndLine(take));
  return Dispatch(take);
}

Status SseReader::EndLine(const Take& take) {
  std::string_view line = line_;
  if (first_line_ && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  first_line_ = false;
  if (line.empty()) {
    line_.clear();
    return Dispatch(take);
  }
  const size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  const bool is_error = field == "error";
  if (field == "event") name_ = value;
  if (is_error) name_ = field;
  if (field == "data" || is_error) {
    if (data_.size() + 1 + value.size() > kMaxEventBytes) return TooLong();
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  }
  line_.clear();
  return Ok();
}

Status SseReader::Dispatch(const Take& take) {
  TRINE_DCHECK(line_.empty());
  const bool whole = has_data_;
  has_data_ = false;
  Status taken = whole ? take(name_, data_) : Ok();
  name_.clear();
  data_.clear();
  return taken;
}

}  // namespace trine::remote::llm
