#include "recommend/model/event_class.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace trine::recommend {
namespace {

constexpr std::array<std::string_view, 12> kPurchase = {
    "purchase",       "purchased",         "buy",         "bought", "order", "ordered", "checkout",
    "ordercompleted", "orderconfirmation", "transaction", "구매",   "주문"};
constexpr std::array<std::string_view, 14> kCart = {
    "cart",     "addtocart",     "basket", "addtobasket", "like", "favorite", "favourite",
    "wishlist", "addtowishlist", "save",   "장바구니",    "찜",   "좋아요",   "rating"};
constexpr std::array<std::string_view, 12> kView = {
    "view",     "viewed", "click",           "clicked",     "detail", "detailview",
    "pageview", "watch",  "impressionclick", "viewproduct", "조회",   "클릭"};

}  // namespace

std::string LowerType(std::string_view type) { return ToLowerAscii(type); }

EventClass ClassOf(std::string_view type) {
  std::string plain = LowerType(type);
  std::erase_if(plain, [](char c) { return c == '_' || c == '-' || c == ' '; });
  const auto among = [&](const auto& words) { return std::ranges::find(words, plain) != words.end(); };
  if (among(kView)) return EventClass::kView;
  if (among(kPurchase)) return EventClass::kPurchase;
  if (among(kCart)) return EventClass::kCart;
  return EventClass::kOther;
}

double TasteWeight(EventClass c) {
  switch (c) {
    case EventClass::kPurchase:
      return 1.0;
    case EventClass::kCart:
      return 0.9;
    case EventClass::kOther:
      return 0.7;
    case EventClass::kView:
      return 0.6;
  }
  return 0.7;
}

}  // namespace trine::recommend
