#include "analysis/analyzer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <set>

#include "analysis/porter.h"
#include "analysis/utf8.h"
#include "test/support/source_folder.h"

namespace trine::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Analyzers& BuiltIn() {
  static const std::unique_ptr<Analyzers> kAnalyzers = NewAnalyzers({}).value();
  return *kAnalyzers;
}

std::shared_ptr<const Analyzer> Named(std::string_view name) { return BuiltIn().Find(name).value(); }

// "term[start,end)@position", joined by spaces.
std::string Print(const std::vector<Token>& tokens) {
  std::string out;
  for (const Token& t : tokens) {
    out += (out.empty() ? "" : " ") + t.term + "[" + std::to_string(t.start) + "," + std::to_string(t.end) +
           ")@" + std::to_string(t.position);
  }
  return out;
}
std::string Print(const Analyzer& analyzer, std::string_view text) {
  std::vector<Token> tokens;
  analyzer.Analyze(text, &tokens);
  return Print(tokens);
}

std::vector<std::string> Split(const std::string& line, char by) {
  std::vector<std::string> parts(1);
  for (const char c : line) {
    if (c == by) {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  return parts;
}
std::string Unescape(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out.push_back(text[i]);
      continue;
    }
    const char c = text[++i];
    out.push_back(c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c);
  }
  return out;
}
std::string Escape(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '%':
        out += "%25";
        break;
      case '|':
        out += "%7C";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}
const char* TypeName(TokenType type) {
  constexpr const char* kNames[] = {"ALPHANUM", "NUM",  "HANGUL",  "IDEOGRAPHIC",     "HIRAGANA", "KATAKANA",
                                    "EMOJI",    "word", "SYNONYM", "SOUTHEAST_ASIAN", "shingle"};
  return kNames[static_cast<size_t>(type)];
}

// Lucene 10.6 printed test/data/analysis/lucene_tokens.tsv with tools/lucene/Tokens.java.
TEST(Lucene, TokensOffsetsPositionsAndTypesMatch) {
  std::ifstream file(test::SourceFolder() + "/test/data/analysis/lucene_tokens.tsv", std::ios::binary);
  AnalysisSettings settings;
  settings.analyzers["asciifolding"] = {"keyword", {"asciifolding"}, {}};
  settings.filters["pairs"] = {"shingle", {{"max_shingle_size", "3"}}};
  settings.analyzers["shingle"] = {"standard", {"lowercase", "stop", "pairs"}, {}};
  size_t cases = 0;
  for (std::string line; std::getline(file, line); ++cases) {
    std::vector<std::string> parts = Split(line, '\t');
    ASSERT_GE(parts.size(), 2u);
    const bool cjk = parts[0] == "cjk";  // Lucene gives these tokens the types SINGLE and DOUBLE
    const auto analyzer = BuiltIn().Build(parts[0], settings);
    ASSERT_TRUE(analyzer.ok()) << analyzer.error().ToString();
    std::vector<Token> tokens;
    (*analyzer)->Analyze(Unescape(parts[1]), &tokens);
    std::vector<std::string> got;
    got.reserve(tokens.size());
    for (const Token& t : tokens) {
      got.push_back(Escape(t.term) + "|" + std::to_string(t.start) + "|" + std::to_string(t.end) + "|" +
                    std::to_string(t.position) + (cjk ? "" : std::string("|") + TypeName(t.type)));
    }
    std::vector<std::string> expected(parts.begin() + 2, parts.end());
    for (std::string& token : expected) {
      if (cjk) token.resize(token.rfind('|'));
    }
    EXPECT_EQ(got, expected) << parts[0] << ": " << parts[1];
  }
  EXPECT_GT(cases, 400u);
}

TEST(PorterStem, TakesLinearTimeOnRunsOfY) {
  std::string word(1u << 20, 'y');
  PorterStem(&word);
  EXPECT_EQ(word.size(), 1u << 20);
  EXPECT_EQ(word.back(), 'i');
}

TEST(Analyzers, AppendsTokensWithPositionsFromZero) {
  std::vector<Token> tokens;
  Named("standard")->Analyze("a b", &tokens);
  Named("standard")->Analyze("c", &tokens);
  EXPECT_EQ(Print(tokens), "a[0,1)@0 b[2,3)@1 c[0,1)@0");
}

TEST(Analyzers, OnlyKeywordReturnsATokenForEmptyText) {
  for (const char* name : {"standard", "simple", "whitespace", "stop", "english", "korean", "cjk"}) {
    EXPECT_THAT(Named(name)->Terms(""), IsEmpty()) << name;
    EXPECT_THAT(Named(name)->Terms(" \n\t"), IsEmpty()) << name;
  }
  EXPECT_THAT(Named("keyword")->Terms(""), ElementsAre(""));
}

TEST(Analyzers, ReadsIllFormedBytesAsReplacementCharacters) {
  EXPECT_EQ(Print(*Named("standard"),
                  "caf\xC3 bar\xFF"
                  "baz"),
            "caf[0,3)@0 bar[5,8)@1 baz[9,12)@2");
  EXPECT_EQ(Print(*Named("keyword"), "a\xE3\x81z"), "a\uFFFDz[0,3)@0");
  EXPECT_EQ(Print(*Named("whitespace"), "\xED\xA0\x80 x"), "\uFFFD\uFFFD\uFFFD[0,3)@0 x[4,5)@1");
}

TEST(Analyzers, CountsOffsetsInUtf16Units) {
  EXPECT_EQ(Print(*Named("standard"), "\U0001D49C\U0001D4B7 \uAC00 z"),
            "\U0001D49C\U0001D4B7[0,4)@0 \uAC00[5,6)@1 z[7,8)@2");
}

TEST(Analyzers, SplitsLongTokens) {
  const std::string text(1000, 'a');
  for (const char* name : {"standard", "whitespace", "simple"}) {
    std::string joined;
    for (const std::string& term : Named(name)->Terms(text)) joined += term;
    EXPECT_EQ(joined, text) << name;
  }
}

TEST(Analyzers, TakeLinearTimeOnMegabytesOfText) {
  // Quadratic work would take hours here.
  const std::string unit = "Wireless 캠핑체어를 noise-cancelling 1,299.50 <b>東京 👩‍👩‍👧 ";
  std::string text;
  while (text.size() < 1u << 20) text += unit;
  size_t per_unit = 0;
  for (const char* name : {"standard", "simple", "whitespace", "english", "korean", "cjk"}) {
    std::vector<Token> tokens;
    Named(name)->Analyze(text, &tokens);
    per_unit = tokens.size() / (text.size() / unit.size());
    EXPECT_GE(per_unit, 4u) << name;
  }
  for (const std::string& hostile :
       {std::string(1u << 20, 'a'), std::string(1u << 20, '<'), std::string(1u << 20, '\''),
        std::string(1u << 20, '_'), std::string(1u << 20, '\xCC')}) {
    for (const char* name : {"standard", "english", "korean", "cjk"}) {
      std::vector<Token> tokens;
      Named(name)->Analyze(hostile, &tokens);
      EXPECT_LE(tokens.size(), hostile.size());
    }
  }
}

RC_GTEST_PROP(AnalyzersProperty, TokensOfAnyBytesAreOrderedAndInRange,
              (const std::string& bytes, bool words)) {
  std::string text = bytes;
  if (words) {
    const auto picks = *rc::gen::container<std::vector<std::string>>(
        rc::gen::element<std::string>("a", "B7", " ", ".", "'", "_", "가나", "캠핑을", "漢", "カ", "ﾊﾟ",
                                      "👍🏽", "\u200d", "ㅋ", "\xE1\x84", "²", "ﬁ", "\n", "1,0", "ㄱㅏ"));
    for (const std::string& pick : picks) text += pick;
  }
  const std::string repaired = IsValidUtf8(text) ? text : ReplaceIllFormed(text);
  const uint32_t units = Utf16Length(repaired);
  for (const char* name :
       {"standard", "simple", "whitespace", "keyword", "stop", "english", "korean", "cjk"}) {
    std::vector<Token> tokens;
    Named(name)->Analyze(text, &tokens);
    for (size_t i = 0; i < tokens.size(); ++i) {
      RC_ASSERT(tokens[i].start <= tokens[i].end);
      RC_ASSERT(tokens[i].end <= units);
      RC_ASSERT(IsValidUtf8(tokens[i].term));
      if (i == 0) continue;
      RC_ASSERT(tokens[i].position >= tokens[i - 1].position);
      if (tokens[i].position > tokens[i - 1].position) RC_ASSERT(tokens[i].start >= tokens[i - 1].start);
    }
  }
}

std::shared_ptr<const Analyzer> ChainOf(const AnalyzerSpec& spec, const AnalysisSettings& settings = {}) {
  auto chain = BuiltIn().BuildChain(spec, settings);
  EXPECT_TRUE(chain.ok()) << chain.error().ToString();
  return std::move(chain).value();
}
std::shared_ptr<const Analyzer> WithFilter(const ComponentSpec& spec, const char* tokenizer = "whitespace") {
  AnalysisSettings settings;
  settings.filters["f"] = spec;
  return ChainOf({tokenizer, {"f"}, {}}, settings);
}
std::shared_ptr<const Analyzer> WithTokenizer(const ComponentSpec& spec) {
  AnalysisSettings settings;
  settings.tokenizers["t"] = spec;
  return ChainOf({"t", {}, {}}, settings);
}
std::shared_ptr<const Analyzer> WithCharFilter(const ComponentSpec& spec,
                                               const char* tokenizer = "whitespace") {
  AnalysisSettings settings;
  settings.char_filters["c"] = spec;
  return ChainOf({tokenizer, {}, {"c"}}, settings);
}

TEST(AnalyzerChain, AppliesConfiguredTokenizers) {
  EXPECT_EQ(Print(*WithTokenizer({"ngram", {{"min_gram", "2"}, {"max_gram", "3"}}}), "ab𝒜"),
            "ab[0,2)@0 ab𝒜[0,4)@1 b𝒜[1,4)@2");
  EXPECT_EQ(Print(*WithTokenizer({"edge_ngram", {{"max_gram", "2"}, {"token_chars", "letter\ndigit"}}}),
                  "x1 가-나다"),
            "x[0,1)@0 x1[0,2)@1 가[3,4)@2 나[5,6)@3 나다[5,7)@4");
  EXPECT_EQ(Print(*WithTokenizer({"pattern", {{"pattern", ","}}}), "가,,b c"), "가[0,1)@0 b c[3,6)@1");
  EXPECT_EQ(Print(*WithTokenizer({"pattern", {{"pattern", "'([^']*)'"}, {"group", "1"}}}), "'a' b 'cd'"),
            "a[1,2)@0 cd[7,9)@1");
  EXPECT_EQ(Print(*WithTokenizer({"standard", {{"max_token_length", "3"}}}), "abcdefg"),
            "abc[0,3)@0 def[3,6)@1 g[6,7)@2");
  EXPECT_EQ(Print(*ChainOf({"letter", {}, {}}), "Ab1C"), "Ab[0,2)@0 C[3,4)@1");
}

TEST(AnalyzerChain, AppliesTermFilters) {
  EXPECT_THAT(WithFilter({"uppercase", {}})->Terms("straße"), ElementsAre("STRAßE"));
  EXPECT_THAT(WithFilter({"length", {{"min", "2"}, {"max", "3"}}})->Terms("a 가나 abcd abc"),
              ElementsAre("가나", "abc"));
  EXPECT_THAT(WithFilter({"trim", {}}, "keyword")->Terms("  a b\u3000"), ElementsAre("a b"));
  EXPECT_THAT(WithFilter({"truncate", {{"length", "2"}}})->Terms("가나다 a"), ElementsAre("가나", "a"));
  EXPECT_THAT(WithFilter({"reverse", {}})->Terms("가나b"), ElementsAre("b나가"));
  EXPECT_THAT(WithFilter({"stemmer", {{"language", "english"}}})->Terms("running"), ElementsAre("run"));
  EXPECT_THAT(WithFilter({"snowball", {{"language", "German"}}})->Terms("häuser"), ElementsAre("haus"));
  EXPECT_THAT(WithFilter({"snowball", {}})->Terms("skis"), ElementsAre("ski"));
  EXPECT_THAT(WithFilter({"stemmer", {{"language", "possessive_english"}}})->Terms("dog's"),
              ElementsAre("dog"));
  EXPECT_EQ(Print(*WithFilter({"edge_ngram", {{"max_gram", "2"}, {"preserve_original", "true"}}}), "abc d"),
            "a[0,3)@0 ab[0,3)@0 abc[0,3)@0 d[4,5)@1");
  EXPECT_EQ(Print(*WithFilter({"asciifolding", {{"preserve_original", "true"}}}), "é e"),
            "e[0,1)@0 é[0,1)@0 e[2,3)@1");
}

TEST(AnalyzerChain, StopFilterLeavesGapsAndUniqueFilterDropsRepeats) {
  EXPECT_EQ(Print(*WithFilter({"stop", {{"stopwords", "THE"}, {"ignore_case", "true"}}}), "The cat the"),
            "cat[4,7)@1");
  EXPECT_EQ(Print(*WithFilter({"stop", {{"remove_trailing", "false"}}}), "the cat the"),
            "cat[4,7)@1 the[8,11)@2");
  EXPECT_EQ(Print(*WithFilter({"unique", {}}), "a b a"), "a[0,1)@0 b[2,3)@1");
}

TEST(AnalyzerChain, SynonymsReplaceAddAndSpanWords) {
  const auto analyzer = WithFilter(
      {"synonym", {{"synonyms", "tv, television\nwireless earbuds => 에어팟\nnyc => new york city"}}});
  EXPECT_EQ(Print(*analyzer, "buy tv"), "buy[0,3)@0 tv[4,6)@1 television[4,6)@1");
  EXPECT_EQ(Print(*analyzer, "wireless earbuds case"), "에어팟[0,16)@0 case[17,21)@1");
  EXPECT_EQ(Print(*analyzer, "nyc map"), "new[0,3)@0 york[0,3)@1 map[4,7)@1 city[0,3)@2");
  EXPECT_THAT(WithFilter({"synonym", {{"synonyms", "a, b"}, {"expand", "false"}}})->Terms("b a"),
              ElementsAre("a", "a"));
}

TEST(AnalyzerChain, CharFiltersKeepSourceOffsets) {
  EXPECT_EQ(Print(*WithCharFilter({"html_strip", {}}), "<p>fat &amp; <b>cat</b></p>"),
            "fat[3,6)@0 &[7,12)@1 cat[16,19)@2");
  EXPECT_EQ(
      Print(*WithCharFilter({"html_strip", {}}), "a<script>if (x<y) {}</script>b <!-- c --> 5 < 6 &#xAC00;"),
      "a[0,1)@0 b[29,30)@1 5[42,43)@2 <[44,45)@3 6[46,47)@4 가[48,56)@5");
  EXPECT_EQ(Print(*WithCharFilter({"mapping", {{"mappings", ":) => _happy_\nph => f"}}}), "ph :) z"),
            "f[0,2)@0 _happy_[3,5)@1 z[6,7)@2");
  EXPECT_EQ(
      Print(*WithCharFilter({"pattern_replace", {{"pattern", "(\\d+)-(\\d+)"}, {"replacement", "$2_$1"}}}),
            "가 123-4 x"),
      "가[0,1)@0 4_123[2,7)@1 x[8,9)@2");
  EXPECT_EQ(Print(*WithCharFilter({"pattern_replace", {{"pattern", "-"}, {"replacement", ""}}}), "a-b c"),
            "ab[0,3)@0 c[4,5)@1");
}

// The size of tokens as TokenCollector counts it.
size_t BytesOf(const std::vector<Token>& tokens) {
  size_t bytes = 0;
  for (const Token& token : tokens) bytes += sizeof(Token) + token.term.size();
  return bytes;
}

TEST(GrowthBudget, StopsReplacementsWithoutLosingText) {
  const std::string text = std::string(10'000, 'a') + "z";
  const std::string many(10'000, 'b');
  std::string groups;
  for (int i = 0; i < 1000; ++i) groups += "$0";
  for (const ComponentSpec& spec :
       {ComponentSpec{"mapping", {{"mappings", "a=>" + many}}},
        ComponentSpec{"pattern_replace", {{"pattern", "a"}, {"replacement", many}}},
        ComponentSpec{"pattern_replace", {{"pattern", "a"}, {"replacement", groups}}},
        ComponentSpec{"pattern_replace", {{"pattern", "a+"}, {"replacement", groups}}}}) {
    std::vector<Token> tokens;
    WithCharFilter(spec, "keyword")->Analyze(text, &tokens);
    ASSERT_EQ(tokens.size(), 1u);
    EXPECT_LE(tokens[0].term.size(), text.size() * 10);
    EXPECT_EQ(tokens[0].term.back(), 'z');
    EXPECT_EQ(tokens[0].end, text.size());
    std::vector<Token> again;
    WithCharFilter(spec, "keyword")->Analyze(text, &again);
    EXPECT_EQ(again[0].term, tokens[0].term);
  }
}

TEST(GrowthBudget, AllowsLongReplacementWithinBudget) {
  const std::string long_form(50'000, 'b');
  EXPECT_EQ(WithCharFilter({"mapping", {{"mappings", "a=>" + long_form}}}, "keyword")->Terms("xax"),
            std::vector<std::string>{"x" + long_form + "x"});
}

TEST(GrowthBudget, IsSharedByAllCharFiltersInAChain) {
  AnalysisSettings settings;
  AnalyzerSpec spec;
  spec.tokenizer = "keyword";
  for (int i = 0; i < 40; ++i) {
    const std::string name = "double" + std::to_string(i);
    settings.char_filters[name] = {"mapping", {{"mappings", "a=>aa"}}};
    spec.char_filters.push_back(name);
  }
  const auto terms = ChainOf(spec, settings)->Terms("aa");
  ASSERT_EQ(terms.size(), 1u);
  EXPECT_EQ(terms[0].size(), 2 + (64u << 10));
}

TEST(TokenCollector, DropsTokensBeyondTheBound) {
  const std::string run(2'000'000, 'a');
  std::string words, pairs = "a b => ";
  for (int i = 0; i < 200'000; ++i) words += "a b ";
  for (int i = 0; i < 1000; ++i) pairs += "w" + std::to_string(i) + ",";
  pairs.pop_back();
  const std::string separator(10'000, '-');
  const ComponentSpec grams{"ngram", {{"min_gram", "200"}, {"max_gram", "208"}}};
  for (const auto& [analyzer, text] :
       {std::pair{WithFilter(grams, "keyword"), run}, std::pair{WithTokenizer(grams), run},
        std::pair{WithFilter({"shingle", {{"max_shingle_size", "16"}, {"token_separator", separator}}}),
                  words},
        std::pair{WithFilter({"synonym", {{"synonyms", pairs}}}), words}}) {
    std::vector<Token> tokens;
    analyzer->Analyze(text, &tokens);
    EXPECT_GT(BytesOf(tokens), 30u << 20);
    EXPECT_LE(BytesOf(tokens), 64u << 20);
  }
}

TEST(TokenCollector, BoundsStackedFilters) {
  AnalysisSettings settings;
  AnalyzerSpec spec;
  spec.tokenizer = "whitespace";
  settings.filters["wide"] = {"shingle", {{"max_shingle_size", "16"}}};
  for (int i = 0; i < 6; ++i) spec.filters.push_back("wide");
  std::string words;
  for (int i = 0; i < 1000; ++i) words += "word" + std::to_string(i) + " ";
  std::vector<Token> tokens;
  ChainOf(spec, settings)->Analyze(words, &tokens);
  EXPECT_LE(BytesOf(tokens), 256u << 20);
}

TEST(SynonymFilter, RejectsRulesThatExpandBeyondTheLimit) {
  const auto refused = [](const std::string& rules) {
    AnalysisSettings settings;
    settings.filters["f"] = {"synonym", {{"synonyms", rules}}};
    const auto made = BuiltIn().BuildChain({"whitespace", {"f"}, {}}, settings);
    return made.ok() ? "" : made.error().ToString();
  };
  std::string line, rules;
  for (int i = 0; i < 1000; ++i) line += (i == 0 ? "word" : ",word") + std::to_string(i);
  EXPECT_THAT(refused(line + std::string(30, ',')),
              testing::HasSubstr("at most 1024 alternatives in one rule"));
  EXPECT_THAT(refused(line), testing::HasSubstr("MiB"));  // a million pairs
  for (int i = 0; i < 1000; ++i) rules += "w" + std::to_string(i) + ",v" + std::to_string(i) + "\n";
  EXPECT_EQ(refused(rules), "");
}

TEST(Analyzers, NormalizerKeepsTextAsOneToken) {
  AnalysisSettings settings;
  settings.normalizers["n"] = {"", {"lowercase", "asciifolding"}, {}};
  EXPECT_THAT(BuiltIn().Build("n", settings).value()->Terms("Crème Brûlée"), ElementsAre("creme brulee"));
}

TEST(Analyzers, BuildsBuiltInAnalyzersWithOptions) {
  AnalysisSettings settings;
  settings.configured["s"] = {"standard", {{"stopwords", "_english_\nfoo"}, {"max_token_length", "4"}}};
  EXPECT_EQ(Print(*BuiltIn().Build("s", settings).value(), "the foo Barbar"), "barb[8,12)@2 ar[12,14)@3");
  settings.configured["e"] = {"english", {{"stem_exclusion", "running"}}};
  EXPECT_THAT(BuiltIn().Build("e", settings).value()->Terms("running jumping"),
              ElementsAre("running", "jump"));
}

void ExpectInvalid(const ComponentSpec& filter, const std::string& named) {
  AnalysisSettings settings;
  settings.filters["mine"] = filter;
  const auto made = BuiltIn().BuildChain({"standard", {"mine"}, {}}, settings);
  ASSERT_FALSE(made.ok()) << filter.type << " " << named;
  EXPECT_EQ(made.error().kind(), ErrorKind::kInvalid);
  EXPECT_THAT(made.error().message, HasSubstr(named));
  EXPECT_THAT(made.error().where, HasSubstr("mine"));
}

TEST(AnalysisErrors, NamesTheInvalidOption) {
  ExpectInvalid({"ngram", {{"min_gram", "two"}}}, "\"min_gram\"");
  ExpectInvalid({"ngram", {{"min_gram", "3"}, {"max_gram", "2"}}}, "\"max_gram\"");
  ExpectInvalid({"ngram", {{"min_gram", "1"}, {"max_gram", "256"}}}, "\"max_gram\"");
  ExpectInvalid({"edge_ngram", {{"side", "back"}}}, "\"side\"");
  ExpectInvalid({"shingle", {{"min_shingle_size", "4"}, {"max_shingle_size", "3"}}}, "\"max_shingle_size\"");
  ExpectInvalid({"stop", {{"ignore_case", "yes"}}}, "\"ignore_case\"");
  ExpectInvalid({"stop", {{"stopwords", "_klingon_"}}}, "\"stopwords\"");
  ExpectInvalid({"lowercase", {{"language", "greek"}}}, "\"language\"");
  ExpectInvalid({"stemmer", {{"language", "klingon"}}}, "\"klingon\"");
  ExpectInvalid({"synonym", {}}, "\"synonyms\"");
  ExpectInvalid({"synonym", {{"synonyms", "a => b => c"}}}, "\"synonyms\"");
}

TEST(AnalysisOptions, IgnoresUnknownOptionsButNotUnbuiltOnes) {
  AnalysisSettings settings;
  settings.filters["grams"] = {"edge_ngram", {{"max_gram", "3"}, {"side", "front"}, {"language", "english"}}};
  settings.filters["stem"] = {"porter_stem", {{"language", "english"}}};
  const auto made = BuiltIn().BuildChain({"standard", {"stem", "grams"}, {}}, settings);
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  EXPECT_THAT((*made)->Terms("tents"), testing::ElementsAre("t", "te", "ten"));
  settings.filters["stop"] = {"stop", {{"stopwords_path", "words.txt"}}};
  const auto unbuilt = BuiltIn().BuildChain({"standard", {"stop"}, {}}, settings);
  ASSERT_FALSE(unbuilt.ok());
  EXPECT_EQ(unbuilt.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(unbuilt.error().message, HasSubstr("\"stopwords_path\""));
}

TEST(AnalysisErrors, RejectsMinGramAboveMaxGram) {
  AnalysisSettings settings;
  for (const char* type : {"ngram", "edge_ngram"}) {
    settings.tokenizers["t"] = {type, {{"min_gram", "3"}, {"max_gram", "2"}}};
    const auto made = BuiltIn().BuildChain({"t", {}, {}}, settings);
    ASSERT_FALSE(made.ok()) << type;
    EXPECT_EQ(made.error().kind(), ErrorKind::kInvalid);
    EXPECT_THAT(made.error().message, HasSubstr("\"max_gram\""));
  }
}

TEST(AnalysisErrors, RejectsUnsupportedPatterns) {
  AnalysisSettings settings;
  settings.tokenizers["p"] = {"pattern", {{"pattern", "(?=x)"}}};
  EXPECT_EQ(BuiltIn().BuildChain({"p", {}, {}}, settings).error().kind(), ErrorKind::kInvalid);
  // A match of one byte would cut a character in two.
  for (const char* bytes : {"\\C", "a|(\\C)", "\\\\\\C", "\\Qx\\E\\C"}) {
    settings.tokenizers["p"] = {"pattern", {{"pattern", bytes}, {"group", "0"}}};
    EXPECT_FALSE(BuiltIn().BuildChain({"p", {}, {}}, settings).ok()) << bytes;
    settings.char_filters["r"] = {"pattern_replace", {{"pattern", bytes}, {"replacement", ""}}};
    EXPECT_FALSE(BuiltIn().BuildChain({"keyword", {}, {"r"}}, settings).ok()) << bytes;
  }
  for (const char* harmless : {"\\\\C", "\\Q\\C\\E", "C"}) {
    settings.tokenizers["p"] = {"pattern", {{"pattern", harmless}, {"group", "0"}}};
    EXPECT_TRUE(BuiltIn().BuildChain({"p", {}, {}}, settings).ok()) << harmless;
  }
  settings.tokenizers["p"] = {"pattern", {{"pattern", "a"}, {"group", "1"}}};
  EXPECT_THAT(BuiltIn().BuildChain({"p", {}, {}}, settings).error().message, HasSubstr("\"group\""));
}

TEST(AnalysisErrors, ListsKnownNamesIfNameIsUnknown) {
  EXPECT_EQ(BuiltIn().Find("klingon").error().kind(), ErrorKind::kNotFound);
  EXPECT_THAT(BuiltIn().Find("klingon").error().expected, HasSubstr("english"));
  EXPECT_EQ(BuiltIn().BuildChain({"standard", {"klingon"}, {}}, {}).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(BuiltIn().BuildChain({"klingon", {}, {}}, {}).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(BuiltIn().BuildChain({"standard", std::vector<std::string>(65, "trim"), {}}, {}).error().kind(),
            ErrorKind::kLimit);
}

TEST(AnalysisErrors, ReportsMissingDictionaryAsUnavailable) {
  const auto made = NewAnalyzers({"/nonexistent", ""});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().kind(), ErrorKind::kUnavailable);
}

TEST(Fold, FoldsEquivalentSpellingsToOneForm) {
  EXPECT_EQ(Fold("  ＡＢＣ　ｘ "), "abc x");
  EXPECT_EQ(Fold("\u1112\u1161\u11AB\u1100\u1173\u11AF"), "한글");
  EXPECT_EQ(Fold("STRASSE"), Fold("straße"));
  EXPECT_EQ(Fold("a\xFF"
                 "b"),
            "a\uFFFDb");
  EXPECT_EQ(Fold(""), "");
}

// Text of ASCII alone takes another path, which must agree with the general one.
RC_GTEST_PROP(Fold, FoldsAsciiAsPartOfOtherText, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
  const std::string plain = Fold(text + "|"), mixed = Fold(text + "|\u2026x");
  RC_ASSERT(plain + "...x" == mixed);
}

}  // namespace
}  // namespace trine::analysis
