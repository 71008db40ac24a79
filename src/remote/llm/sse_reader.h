// SseReader: splits a stream of server-sent events into events. Source: the HTML standard, section 9.2.6
// ("Interpreting an event stream"), with two differences for real providers: an event that the end of the
// stream cuts off after its last line is still passed on, and the field "error", which llama.cpp sends, is an
// event of that name.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trine::remote::llm {

// Accepts lines that end with LF, CR or CRLF, comments, and data of several lines. Bytes are passed on as
// they are; they need not be UTF-8. Not thread-safe.
class SseReader {
 public:
  // Bounds one line and the data of one event: many times a long answer, and little memory.
  static constexpr size_t kMaxEventBytes = 4u << 20;

  // `name` is empty for an event without one. The texts are valid during the call.
  using Take = std::function<Status(std::string_view name, std::string_view data)>;

  // Takes the next bytes, and calls `take` for each event that they complete. kUnavailable if a line or an
  // event is too long; an error of `take` is returned. After an error the reader must not be used.
  Status Add(std::string_view bytes, const Take& take);
  // Ends the stream.
  Status Finish(const Take& take);

 private:
  Status EndLine(const Take& take);
  Status Dispatch(const Take& take);

  std::string line_, name_, data_;
  bool has_data_ = false;
  bool after_cr_ = false;   // the next LF belongs to the CR before it
  bool first_line_ = true;  // may begin with a byte order mark
};

}  // namespace trine::remote::llm
