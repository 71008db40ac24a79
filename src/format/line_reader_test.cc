#include "format/line_reader.h"

#include <gtest/gtest.h>

#include <vector>

namespace trine::format {
namespace {

// Returns the pieces one by one, then `end`.
class PieceSource final : public ByteSource {
 public:
  explicit PieceSource(std::vector<std::string> pieces, Result<std::string_view> end = std::string_view())
      : pieces_(std::move(pieces)), end_(std::move(end)) {}
  Result<std::string_view> Next() override {
    if (at_ == pieces_.size()) return end_;
    return std::string_view(pieces_[at_++]);
  }

 private:
  const std::vector<std::string> pieces_;
  const Result<std::string_view> end_;
  size_t at_ = 0;
};

LineReader Reader(std::vector<std::string> pieces, size_t max_bytes = 100) {
  return LineReader(std::make_unique<PieceSource>(std::move(pieces)), max_bytes);
}

TEST(LineReader, JoinsPiecesAndRemovesLineEndings) {
  LineReader lines = Reader({"on", "e\r", "\n\ntw", "o\nlast"});
  std::string line;
  for (const char* expected : {"one", "", "two", "last"}) {
    ASSERT_TRUE(lines.Next(&line).value());
    EXPECT_EQ(line, expected);
  }
  EXPECT_EQ(lines.line(), 4u);
  EXPECT_FALSE(lines.Next(&line).value());
  EXPECT_EQ(line, "");
  EXPECT_EQ(lines.line(), 4u);
}

TEST(LineReader, ReturnsNoLineForAnEmptyStream) {
  LineReader lines = Reader({});
  std::string line = "before";
  EXPECT_FALSE(lines.Next(&line).value());
  EXPECT_EQ(lines.line(), 0u);
}

TEST(LineReader, ContinuesAfterATooLongLine) {
  LineReader lines = Reader({"12345\n12", "3456", "789\nab", "c"}, 5);
  std::string line;
  ASSERT_TRUE(lines.Next(&line).value());
  EXPECT_EQ(line, "12345");
  const Result<bool> too_long = lines.Next(&line);
  ASSERT_FALSE(too_long.ok());
  EXPECT_EQ(too_long.error().kind(), ErrorKind::kLimit);
  EXPECT_TRUE(lines.too_long());
  EXPECT_EQ(line, "");
  EXPECT_EQ(lines.line(), 2u);
  ASSERT_TRUE(lines.Next(&line).value());
  EXPECT_FALSE(lines.too_long());
  EXPECT_EQ(line, "abc");
  EXPECT_EQ(lines.line(), 3u);
  EXPECT_FALSE(lines.Next(&line).value());
}

TEST(LineReader, EndsAfterATooLongLastLine) {
  LineReader lines = Reader({"12", "3456"}, 5);
  std::string line;
  EXPECT_FALSE(lines.Next(&line).ok());
  EXPECT_FALSE(lines.Next(&line).value());
}

TEST(LineReader, ReturnsErrorsFromItsSource) {
  LineReader lines(
      std::make_unique<PieceSource>(std::vector<std::string>{"a\nb"}, Error(ErrorCode::kIo, "broken")), 100);
  std::string line;
  ASSERT_TRUE(lines.Next(&line).value());
  const Result<bool> failed = lines.Next(&line);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().message, "broken");
  EXPECT_FALSE(lines.too_long());
}

}  // namespace
}  // namespace trine::format
