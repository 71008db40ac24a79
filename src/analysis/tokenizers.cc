#include "analysis/tokenizers.h"

#include <re2/re2.h>
#include <unicode/uchar.h>

#include <utility>

#include "analysis/pattern.h"
#include "analysis/utf8.h"
#include "base/check.h"

namespace trine::analysis {
namespace {

class StandardTokenizer final : public Tokenizer {
 public:
  StandardTokenizer(std::shared_ptr<const WordSegmenter> rules, uint32_t max)
      : rules_(std::move(rules)), max_(max) {
    TRINE_CHECK(rules_ != nullptr);
    TRINE_CHECK_GE(max_, 1u);
  }
  void Tokenize(std::string_view text, std::vector<Token>* tokens) const override {
    uint32_t units = 0;
    uint32_t position = 0;
    tokens->reserve(tokens->size() + text.size() / 8);
    for (size_t i = 0; i < text.size();) {
      if (text[i] == ' ') {
        ++i;
        ++units;
        continue;
      }
      const WordSegmenter::Match match = rules_->Longest(text, i, max_);
      if (match.bytes == 0) {
        units += Utf16Units(DecodeUtf8(text, &i));
        continue;
      }
      tokens->push_back(
          {std::string(text.substr(i, match.bytes)), units, units + match.units, position++, match.type});
      i += match.bytes;
      units += match.units;
    }
  }

 private:
  std::shared_ptr<const WordSegmenter> rules_;
  uint32_t max_;
};

// Makes a token of each run of characters for which `Keep` returns true. `Change` maps each of the
// characters.
template <typename Keep, typename Change>
class RunTokenizer final : public Tokenizer {
 public:
  RunTokenizer(Keep keep, Change change, uint32_t max) : keep_(keep), change_(change), max_(max) {
    TRINE_CHECK_GE(max_, 1u);
  }
  void Tokenize(std::string_view text, std::vector<Token>* tokens) const override {
    uint32_t units = 0;
    uint32_t position = 0;
    Token token;
    token.type = TokenType::kWord;
    const auto finish = [&] {
      if (token.term.empty()) return;
      token.end = units;
      token.position = position++;
      tokens->push_back(std::exchange(token, Token{{}, 0, 0, 0, TokenType::kWord}));
    };
    for (size_t i = 0; i < text.size();) {
      const char32_t c = DecodeUtf8(text, &i);
      if (!keep_(c)) {
        finish();
        units += Utf16Units(c);
        continue;
      }
      if (token.term.empty()) token.start = units;
      AppendUtf8(change_(c), &token.term);
      units += Utf16Units(c);
      if (units - token.start >= max_) finish();
    }
    finish();
  }

 private:
  Keep keep_;
  Change change_;
  uint32_t max_;
};

template <typename Keep, typename Change>
std::shared_ptr<const Tokenizer> MakeRuns(Keep keep, Change change, uint32_t max) {
  return std::make_shared<RunTokenizer<Keep, Change>>(keep, change, max);
}

class KeywordTokenizer final : public Tokenizer {
 public:
  void Tokenize(std::string_view text, std::vector<Token>* tokens) const override {
    tokens->push_back({std::string(text), 0, Utf16Length(text), 0, TokenType::kWord});
  }
};

class NgramTokenizer final : public Tokenizer {
 public:
  explicit NgramTokenizer(NgramOptions options) : options_(std::move(options)) {
    TRINE_CHECK_GE(options_.min, 1u);
    TRINE_CHECK_LE(options_.min, options_.max);
  }
  void Tokenize(std::string_view text, std::vector<Token>* tokens) const override {
    TokenCollector sink({}, tokens);
    std::vector<Edge> run;  // the character boundaries of the current run
    uint32_t position = 0;
    uint32_t units = 0;
    for (size_t i = 0; i < text.size() && !sink.full();) {
      const Edge before{i, units};
      const char32_t c = DecodeUtf8(text, &i);
      units += Utf16Units(c);
      const bool keep = !options_.kinds.any() || options_.kinds.Has(c);
      if (keep && run.empty()) run.push_back(before);
      if (keep) run.push_back({i, units});
      if (!keep || i == text.size()) {
        Grams(text, run, &position, &sink);
        run.clear();
      }
    }
  }

 private:
  struct Edge {
    size_t byte;
    uint32_t units;
  };
  void Grams(std::string_view text, const std::vector<Edge>& run, uint32_t* position,
             TokenCollector* sink) const {
    for (size_t first = 0; first + 1 < run.size(); ++first) {
      for (size_t size = options_.min; size <= options_.max && first + size < run.size(); ++size) {
        const Edge& a = run[first];
        const Edge& b = run[first + size];
        if (!sink->Add({std::string(text.substr(a.byte, b.byte - a.byte)), a.units, b.units, (*position)++,
                        TokenType::kWord})) {
          return;
        }
      }
      if (options_.edge) break;
    }
  }
  NgramOptions options_;
};

class PatternTokenizer final : public Tokenizer {
 public:
  PatternTokenizer(std::unique_ptr<RE2> pattern, int group) : pattern_(std::move(pattern)), group_(group) {}
  void Tokenize(std::string_view text, std::vector<Token>* tokens) const override {
    std::vector<re2::StringPiece> groups(static_cast<size_t>(std::max(group_, 0)) + 1);
    Utf16Cursor cursor(text);
    uint32_t position = 0;
    const auto add = [&](size_t from, size_t to) {
      if (from >= to) return;
      const uint32_t start = cursor.At(from);
      tokens->push_back(
          {std::string(text.substr(from, to - from)), start, cursor.At(to), position++, TokenType::kWord});
    };
    size_t rest = 0;  // the end of the last match
    ForEachMatch(*pattern_, text, &groups, [&](size_t from, size_t to) {
      if (group_ < 0) {
        add(rest, from);
        rest = to;
      } else if (const re2::StringPiece& g = groups[static_cast<size_t>(group_)]; g.data() != nullptr) {
        const size_t group_from = static_cast<size_t>(g.data() - text.data());
        add(group_from, group_from + g.size());
      }
    });
    if (group_ < 0) add(rest, text.size());
  }

 private:
  std::unique_ptr<RE2> pattern_;
  int group_;
};

}  // namespace

bool IsSpace(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
  return u_isWhitespace(static_cast<UChar32>(c)) != 0;
}

bool IsLetter(char32_t c) {
  if (c < 0x80) return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
  return u_isalpha(static_cast<UChar32>(c)) != 0;
}

bool CharacterKinds::Has(char32_t c) const {
  const auto mask = U_GET_GC_MASK(static_cast<UChar32>(c));
  return (letter && IsLetter(c)) || (digit && (mask & U_GC_ND_MASK) != 0) || (whitespace && IsSpace(c)) ||
         (punctuation && (mask & U_GC_P_MASK) != 0) || (symbol && (mask & U_GC_S_MASK) != 0) ||
         custom.find(c) != std::u32string::npos;
}

std::shared_ptr<const Tokenizer> NewStandardTokenizer(std::shared_ptr<const WordSegmenter> rules,
                                                      uint32_t max_token_length) {
  return std::make_shared<StandardTokenizer>(std::move(rules), max_token_length);
}

std::shared_ptr<const Tokenizer> NewWhitespaceTokenizer(uint32_t max_token_length) {
  return MakeRuns([](char32_t c) { return !IsSpace(c); }, [](char32_t c) { return c; }, max_token_length);
}

std::shared_ptr<const Tokenizer> NewLetterTokenizer(bool lower) {
  const auto same = [](char32_t c) { return c; };
  const auto lowered = [](char32_t c) { return static_cast<char32_t>(u_tolower(static_cast<UChar32>(c))); };
  const auto letter = [](char32_t c) { return IsLetter(c); };
  return lower ? MakeRuns(letter, lowered, kDefaultMaxTokenLength)
               : MakeRuns(letter, same, kDefaultMaxTokenLength);
}

std::shared_ptr<const Tokenizer> NewKeywordTokenizer() { return std::make_shared<KeywordTokenizer>(); }

std::shared_ptr<const Tokenizer> NewNgramTokenizer(NgramOptions options) {
  return std::make_shared<NgramTokenizer>(std::move(options));
}

Result<std::shared_ptr<const Tokenizer>> NewPatternTokenizer(const std::string& pattern, int group,
                                                             bool ignore_case) {
  TRINE_ASSIGN(auto compiled, CompilePattern(pattern, ignore_case));
  if (group < -1 || group > compiled->NumberOfCapturingGroups()) {
    return Error(ErrorCode::kInvalid, "option \"group\" refers to a group that the pattern does not have")
        .Expected("-1 to " + std::to_string(compiled->NumberOfCapturingGroups()))
        .Got(std::to_string(group));
  }
  return std::shared_ptr<const Tokenizer>(std::make_shared<PatternTokenizer>(std::move(compiled), group));
}

}  // namespace trine::analysis
