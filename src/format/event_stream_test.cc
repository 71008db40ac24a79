#include "format/event_stream.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace trine::format {
namespace {

std::string FromHex(std::string_view hex) {
  std::string out;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return out;
}

// The whole stream, in pieces of `step` bytes.
Result<std::vector<EventMessage>> Decode(std::string_view bytes, size_t step = 1'000'000) {
  EventStreamDecoder decoder;
  std::vector<EventMessage> messages;
  for (size_t at = 0; at < bytes.size(); at += step) {
    TRINE_TRY(decoder.Add(bytes.substr(at, step),
                          [&](EventMessage m) { return messages.push_back(std::move(m)), Ok(); }));
  }
  TRINE_TRY(decoder.Finish());
  return messages;
}

ErrorCode CodeOf(std::string_view bytes) {
  const auto decoded = Decode(bytes);
  return decoded.ok() ? ErrorCode::kInternal : decoded.error().code;
}

// The test vectors of the specification: an empty message, and one with a header and a payload.
const std::string kEmpty = FromHex("000000100000000005c248eb7d98c8ff");
const std::string kOneHeader = FromHex(
    "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e"
    "7b27666f6f273a27626172277d8d9c08b1");

TEST(EventStream, ReproducesTheVectorsOfTheSpecification) {
  std::string out;
  AppendEventMessage({}, &out);
  EXPECT_EQ(out, kEmpty);
  out.clear();
  AppendEventMessage({{{"content-type", "application/json"}}, "{'foo':'bar'}"}, &out);
  EXPECT_EQ(out, kOneHeader);
}

TEST(EventStream, ReadsMessagesInPiecesOfAnySize) {
  const std::string stream = kOneHeader + kEmpty + kOneHeader;
  for (size_t step = 1; step <= stream.size(); ++step) {
    const auto messages = Decode(stream, step);
    ASSERT_TRUE(messages.ok()) << messages.error().ToString();
    ASSERT_EQ(messages->size(), 3u) << step;
    EXPECT_EQ((*messages)[0].Header("content-type"), "application/json");
    EXPECT_EQ((*messages)[0].Header("Content-Type"), "");
    EXPECT_EQ((*messages)[0].payload, "{'foo':'bar'}");
    EXPECT_TRUE((*messages)[1].headers.empty() && (*messages)[1].payload.empty());
  }
}

TEST(EventStream, SkipsHeadersThatAreNotText) {
  // Headers of every type, named a (true) to j (an identifier); h is the text "hi".
  const auto messages = Decode(
      FromHex("0000005f0000004dd70cba5e016100016201016302010164030001016504000000010166050000000000000001"
              "01670600020102016807000268690169080000000000000000016a09000102030405060708090a0b0c0d0e0f7b"
              "7df038029c"));
  ASSERT_TRUE(messages.ok()) << messages.error().ToString();
  ASSERT_EQ(messages->size(), 1u);
  ASSERT_EQ(messages->front().headers.size(), 1u);
  EXPECT_EQ(messages->front().Header("h"), "hi");
  EXPECT_EQ(messages->front().payload, "{}");
}

TEST(EventStream, RejectsHeadersThatDoNotParse) {
  // All checksums are right.
  EXPECT_EQ(CodeOf(FromHex("0000001300000003db6b638101610affab9622")), ErrorCode::kCorrupt);  // type 10
  EXPECT_EQ(CodeOf(FromHex("000000170000000729860158016107000568697a4223cc")),
            ErrorCode::kCorrupt);  // a value of 5 bytes of which 2 are there
  EXPECT_EQ(CodeOf(FromHex("0000001200000002910c7aa700007bc1361e")), ErrorCode::kCorrupt);  // no name
  EXPECT_EQ(CodeOf(FromHex("0000001200000002910c7aa705613c039395")), ErrorCode::kCorrupt);  // a cut name
}

TEST(EventStream, RejectsEveryFlippedBit) {
  for (size_t bit = 0; bit < kOneHeader.size() * 8; ++bit) {
    std::string damaged = kOneHeader;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(CodeOf(damaged), ErrorCode::kCorrupt) << bit;
  }
}

TEST(EventStream, RejectsAStreamThatIsCut) {
  for (size_t bytes = 1; bytes < kOneHeader.size(); ++bytes)
    EXPECT_EQ(CodeOf(std::string_view(kOneHeader).substr(0, bytes)), ErrorCode::kCorrupt) << bytes;
  EXPECT_TRUE(Decode("").ok());
}

TEST(EventStream, RejectsLargeMessagesBeforeTheyArrive) {
  // Only the lengths and their checksums, which are right.
  EXPECT_EQ(CodeOf(FromHex("ffffffff00000000ffffffff")), ErrorCode::kLimit);    // a message of 4 GiB
  EXPECT_EQ(CodeOf(FromHex("001000000004000005f5eb7b")), ErrorCode::kLimit);    // headers of 256 KiB
  EXPECT_EQ(CodeOf(FromHex("0000001400000010edf5fe4f")), ErrorCode::kCorrupt);  // headers beyond the message
}

TEST(EventStream, StaysFailed) {
  EventStreamDecoder decoder;
  const auto ignore = [](EventMessage) { return Ok(); };
  EXPECT_FALSE(decoder.Add(std::string(12, 'x'), ignore).ok());
  EXPECT_FALSE(decoder.Add(kEmpty, ignore).ok());
  EXPECT_FALSE(decoder.Finish().ok());
  EventStreamDecoder refused;
  const Status s = refused.Add(kEmpty, [](EventMessage) -> Status { return Error(ErrorCode::kIo, "full"); });
  ASSERT_FALSE(s.ok());
  EXPECT_EQ(s.error().message, "full");
}

TEST(EventStream, ReturnsRandomMessagesUnchanged) {
  Random random(7);
  for (int round = 0; round < 50; ++round) {
    EventMessage message;
    for (uint64_t i = random.Below(4); i > 0; --i)
      message.headers.emplace_back("h" + std::to_string(i), std::string(random.Below(300), 'v'));
    for (uint64_t i = random.Below(2000); i > 0; --i) message.payload += static_cast<char>(random.Next());
    std::string bytes;
    AppendEventMessage(message, &bytes);
    const auto decoded = Decode(bytes, 1 + random.Below(100));
    ASSERT_TRUE(decoded.ok());
    ASSERT_EQ(decoded->size(), 1u);
    EXPECT_EQ(decoded->front().headers, message.headers);
    EXPECT_EQ(decoded->front().payload, message.payload);
  }
}

}  // namespace
}  // namespace trine::format
