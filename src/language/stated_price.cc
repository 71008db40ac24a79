#include "language/stated_price.h"

#include <algorithm>
#include <array>

#include "analysis/analyzer.h"
#include "base/check.h"
#include "base/text.h"

namespace trine::language {
namespace {

// Words before amounts that are not the price. The Korean words are those of 상품정보제공고시 and of the order forms of
// Cafe24 and Smartstore, the English ones those of schema.org (shippingRate, priceType) and of the help pages
// of Shopify ("compare-at price").
constexpr std::array<std::string_view, 30> kOtherBefore = {"배송비",
                                                           "배송료",
                                                           "택배비",
                                                           "운임",
                                                           "적립금",
                                                           "적립",
                                                           "포인트",
                                                           "쿠폰",
                                                           "보증금",
                                                           "예약금",
                                                           "설치비",
                                                           "할인액",
                                                           "할인금액",
                                                           "수수료",
                                                           "shipping",
                                                           "shipping fee",
                                                           "shipping cost",
                                                           "delivery",
                                                           "delivery fee",
                                                           "postage",
                                                           "deposit",
                                                           "coupon",
                                                           "points",
                                                           "tax",
                                                           "save",
                                                           "you save",
                                                           "discount",
                                                           "fee",
                                                           "free shipping over",
                                                           "free shipping from"};
constexpr std::array<std::string_view, 15> kOtherAfter = {
    "배송비",    "배송료", "적립",     "쿠폰",     "할인 쿠폰", "할인쿠폰", "이상 구매", "이상 무료",
    "이상 주문", "off",    "discount", "shipping", "delivery",  "coupon",   "credit"};
constexpr std::array<std::string_view, 21> kFormerBefore = {
    "정가",           "소비자가",   "소비자가격",       "원가",          "시중가",    "출시가",
    "기존가",         "할인 전",    "할인전",           "was",           "list",      "list price",
    "msrp",           "rrp",        "regular",          "regular price", "regularly", "originally",
    "original price", "compare at", "compare-at price",
};
constexpr std::array<std::string_view, 4> kFormerAfter = {"→", "->", "=>", "➜"};

bool IsLatin(char c) { return c >= 'a' && c <= 'z'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }

// Whether the text ends with one of the words, before blanks and colons.
template <size_t N>
bool EndsWith(std::string_view text, const std::array<std::string_view, N>& words) {
  const size_t last = text.find_last_not_of(" :=+");
  text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  return std::any_of(words.begin(), words.end(), [text](std::string_view word) {
    if (!text.ends_with(word)) return false;
    return text.size() == word.size() || !IsLetter(text[text.size() - word.size() - 1]);
  });
}

template <size_t N>
bool StartsWith(std::string_view text, const std::array<std::string_view, N>& words) {
  text = text.substr(std::min(text.find_first_not_of(' '), text.size()));
  return std::any_of(words.begin(), words.end(), [text](std::string_view word) {
    if (!text.starts_with(word)) return false;
    return !IsLatin(word.back()) || text.size() == word.size() || !IsLetter(text[word.size()]);
  });
}

// The text with blanks in place of the amounts that are not the price.
std::string WithoutOtherAmounts(std::string_view text, bool former) {
  const std::string folded = ToLowerAscii(text);
  std::string out(text);
  for (const format::AmountPlace& amount : format::FindAmounts(text)) {
    const std::string_view before = std::string_view(folded).substr(0, amount.begin),
                           after = std::string_view(folded).substr(amount.end);
    // "5,000원 할인" is a discount, "할인가 5,000원" a price.
    const bool discount = after.starts_with(" 할인") && !after.starts_with(" 할인가");
    const bool other = discount || EndsWith(before, kOtherBefore) || StartsWith(after, kOtherAfter);
    const bool struck = before.ends_with("~~") && after.starts_with("~~");
    const bool was = former && (struck || EndsWith(before, kFormerBefore) || StartsWith(after, kFormerAfter));
    if (other || was)
      std::fill_n(out.begin() + static_cast<ptrdiff_t>(amount.begin), amount.end - amount.begin, ' ');
  }
  return out;
}

}  // namespace

std::optional<format::Money> StatedPrice(std::string_view text) {
  auto money = format::FindMoney(WithoutOtherAmounts(text, true));
  if (!money || money->currency.empty()) money = format::FindMoney(WithoutOtherAmounts(text, false));
  if (!money || money->currency.empty()) return std::nullopt;
  return money;
}

bool IsOtherAmount(std::string_view name) {
  std::string folded = analysis::Fold(name);
  std::replace(folded.begin(), folded.end(), '_', ' ');
  const auto names = [&folded](std::string_view word) {
    return static_cast<unsigned char>(word[0]) >= 0x80
               ? folded.starts_with(word)
               : folded == word || folded.starts_with(std::string(word) + " ");
  };
  return std::any_of(kOtherBefore.begin(), kOtherBefore.end(), names);
}

}  // namespace trine::language
