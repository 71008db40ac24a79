#include "analysis/locale/korean_tokenizer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "analysis/filters.h"
#include "analysis/locale/korean.h"
#include "analysis/locale/korean_text.h"
#include "analysis/utf8.h"

namespace trine::analysis {
namespace {

constexpr uint32_t kMaxWordBytes = 255 * 3;  // longer words give their parts only

TokenType TypeOf(PieceKind kind) {
  switch (kind) {
    case PieceKind::kHangul:
      return TokenType::kHangul;
    case PieceKind::kHan:
      return TokenType::kIdeographic;
    case PieceKind::kKana:
      return TokenType::kKatakana;
    case PieceKind::kNumber:
      return TokenType::kNum;
    case PieceKind::kLetters:
      break;
  }
  return TokenType::kAlphanum;
}

class BigramTokenizer final : public Tokenizer {
 public:
  void Tokenize(std::string_view source, std::vector<Token>* tokens) const override {
    const KoreanText korean = ReadKoreanText(source);
    Utf16Cursor cursor(korean.text);
    uint32_t position = 0;
    for (const Word& word : korean.words) {
      const uint32_t start = cursor.At(word.start);
      if (word.piece_count > 1 && word.end - word.start <= kMaxWordBytes) {
        Add(korean, word.start, word.end, start, TokenType::kWord, position, tokens);
      }
      uint32_t at = start;
      for (uint32_t i = 0; i < word.piece_count; ++i) {
        const Piece& piece = korean.pieces[word.first_piece + i];
        at = AddPiece(korean, piece, at, &position, tokens);
      }
    }
    for (Token& token : *tokens) {
      token.start = korean.to_source.Before(token.start);
      token.end = std::max(token.start, korean.to_source.Before(token.end));
    }
  }

 private:
  static void Add(const KoreanText& korean, uint32_t from, uint32_t to, uint32_t start, TokenType type,
                  uint32_t position, std::vector<Token>* tokens) {
    std::string term = korean.text.substr(from, to - from);
    const uint32_t units = Utf16Length(term);
    if (type != TokenType::kHangul) LowercaseTerm(&term);
    tokens->push_back({std::move(term), start, start + units, position, type});
  }
  // Returns the UTF-16 position behind the piece.
  static uint32_t AddPiece(const KoreanText& korean, const Piece& piece, uint32_t start, uint32_t* position,
                           std::vector<Token>* tokens) {
    const std::string_view text = std::string_view(korean.text).substr(piece.start, piece.end - piece.start);
    const uint32_t end = start + Utf16Length(text);
    const TokenType type = TypeOf(piece.kind);
    const bool pairs = piece.kind != PieceKind::kNumber && piece.kind != PieceKind::kLetters;
    if (!pairs || CountCodePoints(text) == 1) {
      Add(korean, piece.start, piece.end, start, type, (*position)++, tokens);
      return end;
    }
    // A one-syllable noun would be lost in its pair with a particle: "책을".
    const size_t stem = WithoutParticle(text);
    if (stem == 3 && text.size() > stem)
      Add(korean, piece.start, piece.start + 3, start, type, *position, tokens);
    for (size_t first = 0, units = start; first < text.size();) {
      size_t second = first;
      const uint32_t width = Utf16Units(Decode(text, &second));
      if (second == text.size()) break;
      size_t after = second;
      static_cast<void>(Decode(text, &after));
      Add(korean, piece.start + static_cast<uint32_t>(first), piece.start + static_cast<uint32_t>(after),
          static_cast<uint32_t>(units), type, (*position)++, tokens);
      units += width;
      first = second;
    }
    return end;
  }
};

}  // namespace

Result<std::shared_ptr<const Tokenizer>> MakeKoreanTokenizer(
    OptionReader* options, std::shared_ptr<const MorphemeDictionary> dictionary) {
  static_cast<void>(options);
  static_cast<void>(dictionary);
  return std::shared_ptr<const Tokenizer>(std::make_shared<BigramTokenizer>());
}

}  // namespace trine::analysis
