// Compares every hit of every query, in order, with the scores that Lucene 10 printed (tools/lucene), to the
// last bit.
#include <gtest/gtest.h>

#include <bit>
#include <fstream>
#include <map>
#include <sstream>

#include "search/query/clause.h"
#include "search/search.h"
#include "test/support/small_shop.h"
#include "test/support/source_folder.h"

namespace trine::search {
namespace {

using test::MakeCollection;
using test::MakeDocument;
using test::MemorySegment;

std::vector<std::string> Lines(const std::string& name) {
  std::ifstream in(test::SourceFolder() + "/test/data/" + name);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> Split(const std::string& line, char at) {
  std::vector<std::string> parts(1);
  for (const char c : line) {
    if (c == at) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// Parses the expressions of tools/lucene/src/Scores.java into queries.
class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text) {}

  QueryPtr Parse() {
    Space();
    ++at_;
    const std::string kind = Word();
    if (kind == "all") return Close(MakeQuery(MatchAll{}));
    if (kind == "bool") return ParseBool();
    if (kind == "dismax") return ParseDisMax();
    if (kind == "const") return Close(MakeQuery(ConstantScore{Parse()}));
    if (kind == "boost") {
      const float boost = std::stof(Word());
      // Nested boosts are multiplied.
      auto boosted = std::make_shared<Query>(*Parse());
      boosted->boost *= boost;
      return Close(boosted);
    }
    if (kind == "match") {
      const bool all = Word() == "and";
      Match match;
      match.op = all ? Operator::kAnd : Operator::kOr;
      match.field = Word();
      match.text = Words();
      return MakeQuery(match);
    }
    if (kind == "least") {
      Match match;
      match.minimum_should_match = Word();
      match.field = Word();
      match.text = Words();
      return MakeQuery(match);
    }
    if (kind == "phrase") {
      MatchPhrase phrase;
      phrase.field = Word();
      phrase.slop = static_cast<uint32_t>(std::stoul(Word()));
      phrase.text = Words();
      return MakeQuery(phrase);
    }
    const std::string field = Word();
    const std::string value = Word();
    if (kind == "prefix") return Close(MakeQuery(Prefix{field, value}));
    EXPECT_EQ(kind, "term");
    return Close(MakeQuery(Term{field, value}));
  }

 private:
  void Space() {
    while (text_[at_] == ' ') ++at_;
  }
  std::string Word() {
    Space();
    const size_t from = at_;
    while (text_[at_] != ' ' && text_[at_] != ')') ++at_;
    return text_.substr(from, at_ - from);
  }
  bool More() {
    Space();
    if (text_[at_] != ')') return true;
    ++at_;
    return false;
  }
  std::string Words() {
    std::string words;
    while (More()) words += Word() + " ";
    return words;
  }
  QueryPtr Close(QueryPtr query) {
    EXPECT_FALSE(More());
    return query;
  }
  QueryPtr ParseDisMax() {
    DisMax best;
    best.tie_breaker = std::stof(Word());
    while (More()) best.queries.push_back(Parse());
    return MakeQuery(best);
  }
  QueryPtr ParseBool() {
    Bool all;
    while (More()) {
      const char sign = text_[at_++];
      if (sign == '~') {
        all.minimum_should_match = Word();
        continue;
      }
      auto& list = sign == '+'   ? all.must
                   : sign == '#' ? all.filter
                   : sign == '?' ? all.should
                                 : all.must_not;
      list.push_back(Parse());
    }
    return MakeQuery(all);
  }

  const std::string text_;
  size_t at_ = 0;
};

// Returns the test documents in their segments, with blocks of `block_size` postings for pruning.
Target LuceneTarget(uint32_t block_size) {
  auto collection = MakeCollection("lucene", "title:text tag:keyword");
  // Lucene scores the terms of all fields; OpenSearch does so for keyword fields with this parameter.
  for (catalogue::Field& field : collection->mapping.properties) {
    if (field.name == "tag") field.client_parameters.emplace_back("use_similarity", true);
  }
  std::map<std::string, MemorySegment> segments;
  uint64_t seq_no = 0;
  for (const std::string& line : Lines("lucene_docs.tsv")) {
    const auto parts = Split(line, '\t');
    MemorySegment& segment = segments[parts[0]];
    segment.block_size = block_size;
    format::Json source;
    if (!parts[3].empty()) source.Set("tag", parts[3]);
    if (!parts[4].empty()) source.Set("title", parts[4]);
    if (parts[1] == "deleted") segment.deleted.insert(static_cast<Row>(segment.documents.size()));
    segment.documents.push_back(MakeDocument(*collection, parts[2], seq_no++, source));
  }
  std::vector<MemorySegment> list;
  for (auto& [name, segment] : segments) list.push_back(std::move(segment));
  return {collection, MakeMemoryReader(std::move(list)), nullptr};
}

std::string HitsOf(const SearchResult& result) {
  std::string out;
  for (const Hit& hit : result.hits) {
    std::ostringstream one;
    one << (out.empty() ? "" : " ") << hit.id << '=' << std::hex << std::bit_cast<uint32_t>(hit.score);
    out += one.str();
  }
  return out;
}

TEST(LuceneTest, HitsAndScoresEqualLucene) {
  const auto analyzers = test::MakePlainAnalyzers();
  const Searcher searcher(*analyzers);
  const Target target = LuceneTarget(index::kBlockSize);
  const auto lines = Lines("lucene_bm25.tsv");
  ASSERT_GT(lines.size(), 200u);
  for (const std::string& line : lines) {
    const auto parts = Split(line, '\t');
    ASSERT_EQ(parts.size(), 3u);
    SearchRequest request;
    request.query = Parser(parts[0]).Parse();
    request.size = 1000;
    request.track_total_hits = -1;
    const auto result = searcher.Search({target}, request, {});
    ASSERT_TRUE(result.ok()) << parts[0] << ": " << result.error().ToString();
    EXPECT_EQ(result->total, std::stoul(parts[1])) << parts[0];
    EXPECT_EQ(HitsOf(*result), parts[2]) << parts[0] << "\n" << *searcher.Validate(target, request.query);
  }
}

TEST(LuceneTest, PruningKeepsTopHits) {
  const auto analyzers = test::MakePlainAnalyzers();
  const Searcher searcher(*analyzers);
  const Target target = LuceneTarget(4);
  for (const std::string& line : Lines("lucene_bm25.tsv")) {
    const auto parts = Split(line, '\t');
    for (const size_t size : {1, 3, 10}) {
      SearchRequest request;
      request.query = Parser(parts[0]).Parse();
      request.size = size;
      request.track_total_hits = 0;
      const auto result = searcher.Search({target}, request, {});
      ASSERT_TRUE(result.ok());
      const std::string hits = HitsOf(*result);
      EXPECT_EQ(hits, parts[2].substr(0, hits.size())) << parts[0];
      EXPECT_EQ(result->hits.size(), std::min<size_t>(size, std::stoul(parts[1]))) << parts[0];
    }
  }
}

TEST(LuceneTest, ExplanationValuesEqualScores) {
  const auto analyzers = test::MakePlainAnalyzers();
  const Searcher searcher(*analyzers);
  const Target target = LuceneTarget(index::kBlockSize);
  for (const std::string& line : Lines("lucene_bm25.tsv")) {
    const auto parts = Split(line, '\t');
    SearchRequest request;
    request.query = Parser(parts[0]).Parse();
    request.size = 5;
    request.explain = true;
    const auto result = searcher.Search({target}, request, {});
    ASSERT_TRUE(result.ok());
    for (const Hit& hit : result->hits) {
      ASSERT_NE(hit.explanation, nullptr);
      EXPECT_TRUE(hit.explanation->match) << parts[0];
      EXPECT_EQ(hit.explanation->value, hit.score) << parts[0];
    }
  }
}

}  // namespace
}  // namespace trine::search
