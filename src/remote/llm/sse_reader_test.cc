#include "remote/llm/sse_reader.h"

#include <gtest/gtest.h>

namespace trine::remote::llm {
namespace {

// The events of a stream as "name=data|", read in pieces of `step` bytes.
Result<std::string> Events(std::string_view stream, size_t step = 1'000'000) {
  SseReader reader;
  std::string events;
  const auto take = [&](std::string_view name, std::string_view data) -> Status {
    events.append(name).append("=").append(data).append("|");
    return Ok();
  };
  for (size_t at = 0; at < stream.size(); at += step) TRINE_TRY(reader.Add(stream.substr(at, step), take));
  TRINE_TRY(reader.Finish(take));
  return events;
}

TEST(SseReader, ReadsEveryLineEndAndFieldInPiecesOfAnySize) {
  const struct {
    std::string_view stream, events;
  } rows[] = {
      {"data: a\n\ndata: b\n\n", "=a|=b|"},
      {"data: a\r\n\r\ndata: b\r\n\r\n", "=a|=b|"},
      {"data: a\r\rdata: b\r\r", "=a|=b|"},
      {": keep-alive\n\n: x\ndata: a\n\n", "=a|"},
      {"data: a\ndata: b\ndata\n\n", "=a\nb\n|"},  // several lines, the last without a value
      {"data:  a\ndata:b\n\n", "= a\nb|"},         // only one blank belongs to the field
      {"event: ping\ndata: {}\n\ndata: x\n\n", "ping={}|=x|"},
      {"event: ping\n\ndata: x\n\n", "=x|"},  // an event without data is none
      {"id: 1\nretry: 5\nunknown: y\ndata: a\n\n", "=a|"},
      {"\xef\xbb\xbf"
       "data: a\n\n",
       "=a|"},
      {"data: a\n\ndata: cut", "=a|=cut|"},  // the end of the stream ends the event
      {"error: {\"code\":500}\n\n", "error={\"code\":500}|"},
      {"", ""},
      {"\n\n\r\n", ""},
      {"data\n\n", "=|"},
  };
  for (const auto& row : rows) {
    for (size_t step = 1; step < 9; ++step) {
      const auto events = Events(row.stream, step);
      ASSERT_TRUE(events.ok());
      EXPECT_EQ(*events, row.events) << row.stream << " in steps of " << step;
    }
  }
}

TEST(SseReader, BoundsLinesAndEvents) {
  const std::string half(SseReader::kMaxEventBytes / 2, 'x');
  EXPECT_TRUE(Events("data: " + half + "\n\n", 4096).ok());
  EXPECT_EQ(Events("data: " + half + half + "\n\n", 4096).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(Events("data: " + half + "\ndata: " + half + "\n\n", 4096).error().code, ErrorCode::kUnavailable);
}

TEST(SseReader, ReturnsTheErrorOfTheReceiver) {
  SseReader reader;
  const Status s = reader.Add("data: a\n\n", [](std::string_view, std::string_view) -> Status {
    return Error(ErrorCode::kConflict, "no");
  });
  ASSERT_FALSE(s.ok());
  EXPECT_EQ(s.error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace trine::remote::llm
