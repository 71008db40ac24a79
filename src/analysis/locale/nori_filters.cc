#include "analysis/locale/nori_filters.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "analysis/locale/korean.h"
#include "analysis/utf8.h"

namespace trine::analysis {
namespace {

class PartOfSpeechFilter final : public TokenFilter {
 public:
  explicit PartOfSpeechFilter(PartOfSpeechSet stop) : stop_(stop) {}
  void Filter(std::vector<Token>* tokens) const override {
    std::erase_if(*tokens, [this](const Token& token) {
      return token.tag != PartOfSpeech::kNone && stop_.test(static_cast<size_t>(token.tag));
    });
  }

 private:
  const PartOfSpeechSet stop_;
};

// Whether every character may be Han: outside ASCII and not Hangul.
bool MayBeHan(std::string_view term) {
  for (size_t i = 0; i < term.size();) {
    const char32_t c = DecodeUtf8(term, &i);
    if (c < 0x2E80 || IsHangul(c)) return false;
  }
  return !term.empty();
}

class ReadingFormFilter final : public TokenFilter {
 public:
  explicit ReadingFormFilter(std::shared_ptr<const MorphemeDictionary> dictionary)
      : dictionary_(std::move(dictionary)) {}
  void Filter(std::vector<Token>* tokens) const override {
    if (dictionary_ == nullptr) return;
    for (Token& token : *tokens) {
      if (!MayBeHan(token.term)) continue;
      std::string reading;
      bool complete = true;
      dictionary_->Visit(token.term, {}, [&](const DictionaryEntry& entry) {
        complete &= !entry.reading.empty() && entry.reading != "*";
        reading.append(entry.reading);
      });
      if (complete && !reading.empty()) token.term = reading;
    }
  }

 private:
  const std::shared_ptr<const MorphemeDictionary> dictionary_;
};

// A decimal number: `digits` times ten to the power of minus `scale`.
struct Decimal {
  unsigned __int128 digits = 0;
  uint32_t scale = 0;
};
constexpr uint32_t kMaxScale = 30;
constexpr unsigned __int128 kMaxDigits = ~static_cast<unsigned __int128>(0) / 10;

bool TimesTen(Decimal* number) {
  if (number->scale > 0) return --number->scale, true;
  if (number->digits > kMaxDigits) return false;
  number->digits *= 10;
  return true;
}

// Multiplies by 10 to the power of `exponent`. False if the result is too large.
bool Raise(Decimal* number, uint32_t exponent) {
  for (; exponent > 0; --exponent) {
    if (number->digits == 0) return true;
    if (!TimesTen(number)) return false;
  }
  return true;
}

bool AddTo(Decimal* sum, Decimal other) {
  while (sum->scale != other.scale) {
    Decimal& smaller = sum->scale < other.scale ? *sum : other;
    if (smaller.digits > kMaxDigits) return false;
    smaller.digits *= 10;
    ++smaller.scale;
  }
  if (other.digits > ~sum->digits) return false;
  sum->digits += other.digits;
  return true;
}

std::string Print(Decimal number) {
  while (number.scale > 0 && number.digits % 10 == 0) {
    number.digits /= 10;
    --number.scale;
  }
  std::string text;
  for (uint32_t i = 0; number.digits > 0 || i <= number.scale; ++i) {
    if (i > 0 && i == number.scale) text.push_back('.');
    text.push_back(static_cast<char>('0' + static_cast<int>(number.digits % 10)));
    number.digits /= 10;
  }
  std::reverse(text.begin(), text.end());
  return text;
}

// The meaning of one character in a number.
struct Numeral {
  enum class Kind { kOther, kDigit, kExponent, kPoint, kComma } kind = Kind::kOther;
  uint32_t value = 0;  // of a digit; the power of ten of an exponent
};

Numeral NumeralOf(char32_t c) {
  if (c >= '0' && c <= '9') return {Numeral::Kind::kDigit, c - '0'};
  if (c >= 0xFF10 && c <= 0xFF19) return {Numeral::Kind::kDigit, c - 0xFF10};
  if (c == '.' || c == 0xFF0E) return {Numeral::Kind::kPoint, 0};
  if (c == ',' || c == 0xFF0C) return {Numeral::Kind::kComma, 0};
  static constexpr std::u32string_view kDigits = U"영일이삼사오육칠팔구";
  if (const size_t at = kDigits.find(c); at != std::u32string_view::npos) {
    return {Numeral::Kind::kDigit, static_cast<uint32_t>(at)};
  }
  static constexpr std::u32string_view kExponents = U"십백천만억조경해";
  static constexpr uint32_t kPowers[] = {1, 2, 3, 4, 8, 12, 16, 20};
  if (const size_t at = kExponents.find(c); at != std::u32string_view::npos) {
    return {Numeral::Kind::kExponent, kPowers[at]};
  }
  return {};
}

// Reads a number from left to right: groups of digits, each followed by at most one of 십, 백 and 천, are
// added up until one of 만, 억 ... multiplies the sum. A missing factor is one. ok() is false after a number
// that is too large or has two decimal points.
class NumeralReader {
 public:
  explicit NumeralReader(std::string_view text) {
    for (size_t i = 0; i < text.size();) numerals_.push_back(NumeralOf(DecodeUtf8(text, &i)));
  }
  bool ok() const { return ok_; }

  std::optional<Decimal> Number() {
    return SumOf([this] { return Large(); });
  }

 private:
  template <typename Read>
  std::optional<Decimal> SumOf(Read read) {
    std::optional<Decimal> sum;
    for (std::optional<Decimal> next = read(); ok_ && next; next = read()) {
      if (!sum) sum.emplace();
      ok_ = ok_ && AddTo(&*sum, *next);
    }
    return sum;
  }
  std::optional<Decimal> Large() {
    return Times(SumOf([this] { return Times(Digits(), 1, 3); }), 4, 20);
  }
  // `factor` times the exponent that follows, if it is from `least` to `most`.
  std::optional<Decimal> Times(std::optional<Decimal> factor, uint32_t least, uint32_t most) {
    if (at_ >= numerals_.size() || numerals_[at_].kind != Numeral::Kind::kExponent) return factor;
    const uint32_t exponent = numerals_[at_].value;
    if (exponent < least || exponent > most) return factor;
    ++at_;
    Decimal product = factor.value_or(Decimal{1, 0});
    ok_ = ok_ && Raise(&product, exponent);
    return product;
  }
  std::optional<Decimal> Digits() {
    std::optional<Decimal> number;
    bool point = false;
    size_t digits = 0;
    for (; at_ < numerals_.size() && ok_; ++at_) {
      const Numeral& numeral = numerals_[at_];
      if (numeral.kind == Numeral::Kind::kExponent || numeral.kind == Numeral::Kind::kOther) break;
      if (numeral.kind == Numeral::Kind::kComma) continue;
      if (!number) number.emplace();
      if (numeral.kind == Numeral::Kind::kPoint) {
        ok_ = !std::exchange(point, true);
        continue;
      }
      ++digits;
      ok_ = number->digits <= kMaxDigits - 1 && number->scale < kMaxScale;
      if (!ok_) break;
      number->digits = number->digits * 10 + numeral.value;
      if (point) ++number->scale;
    }
    ok_ = ok_ && (!number || digits > 0);
    return number;
  }

  std::vector<Numeral> numerals_;
  size_t at_ = 0;
  bool ok_ = true;
};

bool IsNumeral(std::string_view term, bool punctuation) {
  bool numerals = true, marks = true;
  for (size_t i = 0; i < term.size();) {
    const Numeral::Kind kind = NumeralOf(DecodeUtf8(term, &i)).kind;
    const bool mark = kind == Numeral::Kind::kPoint || kind == Numeral::Kind::kComma;
    numerals &= kind != Numeral::Kind::kOther && !mark;
    marks &= mark;
  }
  return !term.empty() && (numerals || (punctuation && marks));
}

class NumberFilter final : public TokenFilter {
 public:
  void Filter(std::vector<Token>* tokens) const override {
    std::vector<Token> out;
    out.reserve(tokens->size());
    uint32_t removed = 0;  // positions
    for (size_t i = 0; i < tokens->size();) {
      size_t j = i;
      std::string number;
      while (j < tokens->size() && IsNumeral((*tokens)[j].term, j > i) && IsAlone(*tokens, j)) {
        number += (*tokens)[j++].term;
      }
      Token token = std::move((*tokens)[i]);
      token.position -= removed;
      if (j > i) {
        token.end = j - 1 == i ? token.end : (*tokens)[j - 1].end;
        if (j - 1 > i) removed += (*tokens)[j - 1].position - token.position - removed;
        token.term = DecimalForm(number);
      }
      out.push_back(std::move(token));
      i = std::max(j, i + 1);
    }
    *tokens = std::move(out);
  }

 private:
  // Whether no other token has the position of tokens[i].
  static bool IsAlone(const std::vector<Token>& tokens, size_t i) {
    const uint32_t position = tokens[i].position;
    return (i == 0 || tokens[i - 1].position != position) &&
           (i + 1 == tokens.size() || tokens[i + 1].position != position);
  }
};

}  // namespace

std::string DecimalForm(std::string_view number) {
  NumeralReader reader(number);
  const std::optional<Decimal> value = reader.Number();
  return reader.ok() && value ? Print(*value) : std::string(number);
}

FilterPtr NewPartOfSpeechFilter(PartOfSpeechSet stop) { return std::make_shared<PartOfSpeechFilter>(stop); }
FilterPtr NewReadingFormFilter(std::shared_ptr<const MorphemeDictionary> dictionary) {
  return std::make_shared<ReadingFormFilter>(std::move(dictionary));
}
FilterPtr NewNumberFilter() { return std::make_shared<NumberFilter>(); }

}  // namespace trine::analysis
