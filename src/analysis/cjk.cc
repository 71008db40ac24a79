// The filters of Lucene's CJK analyzer: character widths and overlapping pairs.
#include <utility>

#include "analysis/filters.h"
#include "analysis/utf8.h"

namespace trine::analysis {
namespace {

// Half-width katakana U+FF65 to U+FF9D in their usual form.
constexpr char32_t kKatakana[] = {
    0x30FB, 0x30F2, 0x30A1, 0x30A3, 0x30A5, 0x30A7, 0x30A9, 0x30E3, 0x30E5, 0x30E7, 0x30C3, 0x30FC,
    0x30A2, 0x30A4, 0x30A6, 0x30A8, 0x30AA, 0x30AB, 0x30AD, 0x30AF, 0x30B1, 0x30B3, 0x30B5, 0x30B7,
    0x30B9, 0x30BB, 0x30BD, 0x30BF, 0x30C1, 0x30C4, 0x30C6, 0x30C8, 0x30CA, 0x30CB, 0x30CC, 0x30CD,
    0x30CE, 0x30CF, 0x30D2, 0x30D5, 0x30D8, 0x30DB, 0x30DE, 0x30DF, 0x30E0, 0x30E1, 0x30E2, 0x30E4,
    0x30E6, 0x30E8, 0x30E9, 0x30EA, 0x30EB, 0x30EC, 0x30ED, 0x30EF, 0x30F3, 0x3099, 0x309A};

// The voiced form of a katakana letter, or its half-voiced form (ハ to パ) if `half`; 0 if there is none.
char32_t Voiced(char32_t c, bool half) {
  const bool h_row = c >= 0x30CF && c <= 0x30DB && (c - 0x30CF) % 3 == 0;
  if (half) return h_row ? c + 2 : 0;
  if (h_row) return c + 1;
  if (c == 0x30A6) return 0x30F4;
  if (c >= 0x30AB && c <= 0x30C1 && (c - 0x30AB) % 2 == 0) return c + 1;
  if (c == 0x30C4 || c == 0x30C6 || c == 0x30C8) return c + 1;
  if (c == 0x30EF) return 0x30F7;
  if (c == 0x30F2) return 0x30FA;
  if (c == 0x30FD) return 0x30FE;
  return 0;
}

class WidthFilter final : public TokenFilter {
 public:
  void Filter(std::vector<Token>* tokens) const override {
    for (Token& token : *tokens) {
      if (token.term.find('\xEF') == std::string::npos) continue;
      std::u32string out;
      for (size_t i = 0; i < token.term.size();) Fold(DecodeUtf8(token.term, &i), &out);
      token.term.clear();
      for (const char32_t c : out) AppendUtf8(c, &token.term);
    }
  }

 private:
  static void Fold(char32_t c, std::u32string* out) {
    if (c >= 0xFF01 && c <= 0xFF5E) {
      out->push_back(c - 0xFEE0);
    } else if (c == 0xFF9E || c == 0xFF9F) {
      const char32_t voiced = out->empty() ? 0 : Voiced(out->back(), c == 0xFF9F);
      if (voiced != 0) {
        out->back() = voiced;
      } else {
        out->push_back(kKatakana[c - 0xFF65]);
      }
    } else {
      out->push_back(c >= 0xFF65 && c <= 0xFF9D ? kKatakana[c - 0xFF65] : c);
    }
  }
};

bool IsCjk(TokenType type) {
  return type == TokenType::kHangul || type == TokenType::kIdeographic || type == TokenType::kHiragana ||
         type == TokenType::kKatakana;
}

class BigramFilter final : public TokenFilter {
 public:
  explicit BigramFilter(bool unigrams) : unigrams_(unigrams) {}
  void Filter(std::vector<Token>* tokens) const override {
    std::vector<Token> out;
    TokenCollector sink(*tokens, &out);
    std::vector<Character> run;
    uint32_t position = 0;
    for (size_t i = 0; i < tokens->size() && !sink.full(); ++i) {
      Token& token = (*tokens)[i];
      if (!IsCjk(token.type)) {
        Flush(&run, &position, &sink);
        token.position = position++;
        sink.Add(std::move(token));
        continue;
      }
      if (!run.empty() && run.back().end != token.start) Flush(&run, &position, &sink);
      Spread(token, &run);
    }
    Flush(&run, &position, &sink);
    *tokens = std::move(out);
  }

 private:
  struct Character {
    std::string text;
    uint32_t start;
    uint32_t end;
    TokenType type;
  };
  // Appends the characters of a token. If the term and its source differ in length, every character gets the
  // offsets of the whole token.
  static void Spread(const Token& token, std::vector<Character>* run) {
    uint32_t units = 0;
    const bool exact = Utf16Length(token.term) == token.end - token.start;
    for (size_t i = 0; i < token.term.size();) {
      const size_t from = i;
      const uint32_t width = Utf16Units(DecodeUtf8(token.term, &i));
      const uint32_t start = exact ? token.start + units : token.start;
      units += width;
      run->push_back(
          {token.term.substr(from, i - from), start, exact ? token.start + units : token.end, token.type});
    }
  }
  // Emits the pairs of a run and clears it.
  void Flush(std::vector<Character>* run, uint32_t* position, TokenCollector* sink) const {
    const size_t n = run->size();
    for (size_t i = 0; i < n; ++i) {
      const Character& c = (*run)[i];
      const bool pair = i + 1 < n;
      if (unigrams_ || n == 1) sink->Add({c.text, c.start, c.end, *position, c.type});
      if (pair) {
        const Character& d = (*run)[i + 1];
        sink->Add({c.text + d.text, c.start, d.end, *position, c.type});
      }
      if (pair || unigrams_ || n == 1) ++*position;
    }
    run->clear();
  }
  bool unigrams_;
};

}  // namespace

FilterPtr NewCjkWidthFilter() { return std::make_shared<WidthFilter>(); }
FilterPtr NewCjkBigramFilter(bool output_unigrams) { return std::make_shared<BigramFilter>(output_unigrams); }

}  // namespace trine::analysis
