// Folding to ASCII with ICU's Latin-ASCII transform. Each filter tabulates the transform once, for the
// Unicode blocks that it can change.
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <map>
#include <memory>
#include <utility>

#include "analysis/filters.h"
#include "analysis/utf8.h"

namespace trine::analysis {
namespace {

class AsciiFoldingFilter final : public TokenFilter {
 public:
  explicit AsciiFoldingFilter(bool keep) : keep_(keep) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::Transliterator> folder(
        icu::Transliterator::createInstance("Latin-ASCII", UTRANS_FORWARD, status));
    const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
    if (U_FAILURE(status)) return;
    for (const auto& [first, last] : {std::pair{0x80, 0x24F},
                                      {0x1D00, 0x1EFF},
                                      {0x2000, 0x24FF},
                                      {0x2700, 0x27BF},
                                      {0x2C60, 0x2C7F},
                                      {0x2E00, 0x2E5F},
                                      {0xA720, 0xA7FF},
                                      {0xFB00, 0xFB06},
                                      {0xFF01, 0xFF5E}}) {
      for (UChar32 c = first; c <= last; ++c) {
        if (!IsFolded(c)) continue;
        icu::UnicodeString text(c);
        if ((U_GET_GC_MASK(c) & U_GC_NO_MASK) != 0) text = nfkc->normalize(text, status);
        folder->transliterate(text);
        std::string ascii;
        text.toUTF8String(ascii);
        bool plain = !ascii.empty();
        for (const char ch : ascii) plain &= static_cast<unsigned char>(ch) < 0x80;
        if (c == 0xAB || c == 0xBB) ascii = "\"";
        if (c == 0x2039 || c == 0x203A) ascii = "'";
        if (plain && ascii != " ") table_.emplace(static_cast<char32_t>(c), std::move(ascii));
      }
    }
  }
  void Filter(std::vector<Token>* tokens) const override {
    std::vector<Token> out;
    out.reserve(tokens->size());
    for (Token& token : *tokens) {
      std::string folded = Fold(token.term);
      const bool changed = folded != token.term;
      Token& kept = out.emplace_back(std::move(token));
      if (!changed) continue;
      Token original = kept;
      kept.term = std::move(folded);
      if (keep_) out.push_back(std::move(original));
    }
    *tokens = std::move(out);
  }

 private:
  // Symbols, fractions and the inverted Spanish punctuation marks are not folded, because they have a meaning
  // of their own.
  static bool IsFolded(UChar32 c) {
    const bool sign = (U_GET_GC_MASK(c) & (U_GC_S_MASK | U_GC_CF_MASK)) != 0;
    return !sign && c != 0xA1 && c != 0xBF && !(c >= 0xBC && c <= 0xBE);
  }
  std::string Fold(const std::string& term) const {
    std::string out;
    for (size_t i = 0; i < term.size();) {
      const size_t from = i;
      const char32_t c = DecodeUtf8(term, &i);
      const auto it = c < 0x80 ? table_.end() : table_.find(c);
      if (it == table_.end()) {
        out.append(term, from, i - from);
      } else {
        out.append(it->second);
      }
    }
    return out;
  }
  bool keep_;
  std::map<char32_t, std::string> table_;
};

}  // namespace

FilterPtr NewAsciiFoldingFilter(bool preserve_original) {
  return std::make_shared<AsciiFoldingFilter>(preserve_original);
}

}  // namespace trine::analysis
