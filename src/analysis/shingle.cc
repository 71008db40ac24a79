#include <algorithm>
#include <utility>

#include "analysis/filters.h"
#include "base/check.h"

namespace trine::analysis {
namespace {

class ShingleFilter final : public TokenFilter {
 public:
  explicit ShingleFilter(ShingleOptions options) : options_(std::move(options)) {
    TRINE_CHECK_GE(options_.min, 1u);
    TRINE_CHECK_LE(options_.min, options_.max);
  }
  void Filter(std::vector<Token>* tokens) const override {
    const std::vector<Element> elements = Elements(*tokens);
    std::vector<Token> out;
    TokenCollector sink(*tokens, &out);
    bool any = false;
    for (size_t i = 0; i < elements.size() && !sink.full(); ++i) {
      if (options_.output_unigrams && elements[i].token != nullptr) sink.Add(*elements[i].token);
      any |= AddShingles(elements, i, &sink);
    }
    if (!any && !options_.output_unigrams && options_.output_unigrams_if_no_shingles) return;
    *tokens = std::move(out);
  }

 private:
  struct Element {
    const Token* token;  // nullptr: a gap where a token was removed
    uint32_t position;
    uint32_t at;  // start offset; for a gap, that of the next token
  };
  std::vector<Element> Elements(const std::vector<Token>& tokens) const {
    std::vector<Element> elements;
    uint32_t next = 0;
    for (const Token& token : tokens) {
      // Adds at most max - 1 elements per gap, because a shingle that contains a word has room for no more.
      const uint32_t gap = token.position > next ? std::min(token.position - next, options_.max - 1) : 0;
      for (uint32_t g = gap; g > 0; --g) elements.push_back({nullptr, token.position - g, token.start});
      elements.push_back({&token, token.position, token.start});
      next = token.position + 1;
    }
    return elements;
  }
  bool AddShingles(const std::vector<Element>& elements, size_t first, TokenCollector* sink) const {
    Token shingle;
    shingle.type = TokenType::kShingle;
    shingle.position = elements[first].position;
    shingle.start = elements[first].at;
    bool real = false;
    bool any = false;
    for (size_t n = 0; n < options_.max && first + n < elements.size(); ++n) {
      const Element& element = elements[first + n];
      if (n > 0) shingle.term.append(options_.separator);
      shingle.term.append(element.token == nullptr ? options_.filler : element.token->term);
      shingle.end = element.token == nullptr ? element.at : std::max(shingle.end, element.token->end);
      real |= element.token != nullptr;
      if (n + 1 < std::max<size_t>(2, options_.min) || !real) continue;
      any = true;
      if (!sink->Add(shingle)) break;
    }
    return any;
  }
  ShingleOptions options_;
};

}  // namespace

FilterPtr NewShingleFilter(ShingleOptions options) {
  return std::make_shared<ShingleFilter>(std::move(options));
}

}  // namespace trine::analysis
