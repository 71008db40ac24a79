// The tables of words for uses, seasons, sort orders, connectives, wishes and garments, Korean and English.
#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "base/check.h"
#include "language/intent_rules.h"
#include "language/refusal_marks.h"
#include "language/season.h"

namespace trine::language {
namespace {

// A name and its spellings; unused elements are empty. A Latin spelling matches a whole word only; a Korean
// one matches anywhere, since endings and particles may follow it.
struct Entry {
  const char* name;
  std::array<std::string_view, 20> spellings;
};

constexpr std::array kUses = {
    Entry{"camping", {"캠핑", "캠프", "차박", "백패킹", "camping", "camp", "backpacking"}},
    Entry{"hiking", {"등산", "트레킹", "하이킹", "hiking", "hike", "trekking"}},
    Entry{"office", {"출근", "사무실", "회사", "오피스", "비즈니스", "office", "work", "commute"}},
    Entry{"sports",
          {"운동", "헬스", "러닝", "달리기", "요가", "workout", "gym", "running", "yoga", "sports"}},
    Entry{"travel", {"여행", "출장", "휴가", "travel", "trip", "vacation"}},
    Entry{"gift", {"선물", "생일", "집들이", "gift", "present", "birthday"}},
    Entry{"wedding", {"결혼식", "하객", "wedding"}},
    Entry{"party", {"파티", "모임", "party"}},
    Entry{"weekend", {"주말", "weekend"}},
};

constexpr std::array kSeasons = {
    Entry{"spring", {"봄", "spring"}},
    Entry{"summer", {"여름", "summer"}},
    Entry{"autumn", {"가을", "autumn", "fall"}},
    Entry{"winter", {"겨울", "winter"}},
};
constexpr Entry kNow = {"now",
                        {"요즘", "이번 주말", "이번주말", "오늘", "지금", "요새", "this weekend",
                         "these days", "right now", "today"}};

// The first match applies, so "안 비싼" comes before "비싼", and "비싼" before "싼", which it contains.
constexpr std::array kSorts = {
    Entry{"lightest", {"가장 가벼운", "제일 가벼운", "lightest"}},
    Entry{"price_asc",
          {"안 비싼", "비싸지 않", "not expensive", "less expensive", "least expensive", "inexpensive"}},
    Entry{"price_desc", {"비싼", "고가", "최고급", "최고가", "expensive", "priciest", "luxury", "premium"}},
    Entry{"price_asc",
          {"저렴", "싼", "싸고", "싸게", "값싼", "가성비", "최저가", "cheap", "cheapest", "cheaper",
           "affordable", "budget"}},
    Entry{"newest",
          {"신상", "새로 나온", "최신", "newest", "latest", "new arrivals", "what's new", "whats new"}},
    Entry{"popular",
          {"인기", "잘 나가는", "잘나가는", "베스트", "많이 팔린", "popular", "bestseller", "bestsellers",
           "best seller", "best sellers", "best selling", "trending"}},
};
constexpr Entry kMost = {"most",
                         {"제일", "가장", "최저가", "최고가", "cheapest", "lightest", "newest", "priciest",
                          "most", "least expensive", "lowest price", "highest price"}};

constexpr std::array<std::string_view, 8> kAnd = {"그리고", "또는", "및", "아니면",
                                                  "혹은",   "and",  "or", "plus"};
constexpr std::array<std::string_view, 4> kOf = {"for", "with", "of", "in"};
constexpr std::array<std::string_view, 7> kAndEndings = {"랑", "이랑", "와", "과", "하고", "나", "이나"};

// A wish: the spellings that express it in a question, and the words that catalogues use for it.
struct WishEntry {
  const char* name;
  std::array<std::string_view, 8> spellings;
  std::array<std::string_view, 6> catalogue;
};
constexpr std::array kWishes = {
    WishEntry{"light",
              {"가벼", "가볍", "경량", "light", "lightweight", "ultralight", "lightest"},
              {"초경량", "경량", "가벼운", "ultralight", "lightweight"}},
    WishEntry{"warm",
              {"따뜻", "보온", "기모", "포근", "warm", "cozy", "thermal"},
              {"기모", "보온", "따뜻한", "warm", "fleece"}},
    WishEntry{"waterproof", {"방수", "비 올", "비올", "waterproof", "rainproof"}, {"방수", "waterproof"}},
    WishEntry{"quiet",
              {"조용", "저소음", "노이즈", "quiet", "silent", "noise cancelling", "noise canceling"},
              {"저소음", "노이즈 캔슬링", "noise cancelling"}},
    WishEntry{
        "cool", {"시원", "통풍", "냉감", "breathable", "cooling"}, {"냉감", "통풍", "시원한", "breathable"}},
    WishEntry{"sturdy", {"튼튼", "내구", "sturdy", "durable"}, {"튼튼한", "내구성", "durable"}},
    WishEntry{"compact",
              {"컴팩트", "콤팩트", "휴대", "접이식", "작은", "compact", "portable", "foldable"},
              {"접이식", "휴대용", "컴팩트", "foldable", "portable"}},
    WishEntry{"comfortable", {"편한", "편안", "comfortable", "comfy"}, {"편안한", "편한", "comfortable"}},
};

constexpr Entry kOutfit = {"outfit",
                           {"뭐 입", "뭐입", "뭘 입", "뭘입", "무엇을 입", "코디", "옷차림", "입을까", "입지",
                            "what to wear", "should i wear", "outfit"}};

constexpr std::string_view kInStock[] = {"지금 바로 구매할 수 있",
                                         "지금 바로 살 수",
                                         "바로 구매할 수 있",
                                         "재고 있",
                                         "재고있",
                                         "재고가 있",
                                         "재고 남",
                                         "재고가 남",
                                         "품절 안",
                                         "품절되지 않",
                                         "구매 가능",
                                         "구입 가능",
                                         "주문 가능",
                                         "구매할 수 있",
                                         "주문할 수 있",
                                         "지금 살 수",
                                         "바로 살 수",
                                         "지금 구매",
                                         "바로 구매",
                                         "판매 중인",
                                         "판매중인",
                                         "in stock",
                                         "available now",
                                         "currently available",
                                         "available to buy",
                                         "available for purchase",
                                         "can buy now",
                                         "can buy right now"};

bool IsLatin(char c) { return static_cast<unsigned char>(c) < 0x80; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool Occurs(std::string_view text, std::string_view spelling) {
  TRINE_DCHECK(!spelling.empty());
  for (size_t at = text.find(spelling); at != std::string_view::npos; at = text.find(spelling, at + 1)) {
    if (!IsLatin(spelling.front())) {
      // A single syllable matches only at the start of a word: "싼" is not found in "감싼".
      if (spelling.size() > 3 || at == 0 || IsLatin(text[at - 1])) return true;
      continue;
    }
    const size_t end = at + spelling.size();
    if ((at == 0 || !IsLetter(text[at - 1])) && (end == text.size() || !IsLetter(text[end]))) return true;
  }
  return false;
}

template <size_t N>
bool AnyOccurs(std::string_view text, const std::array<std::string_view, N>& spellings) {
  return std::any_of(spellings.begin(), spellings.end(),
                     [&](std::string_view s) { return !s.empty() && Occurs(text, s); });
}

template <typename Table>
const Entry* First(std::string_view text, const Table& table) {
  for (const Entry& entry : table) {
    if (AnyOccurs(text, entry.spellings)) return &entry;
  }
  return nullptr;
}

}  // namespace

std::string FindUse(std::string_view folded) {
  const Entry* entry = First(folded, kUses);
  return entry != nullptr ? entry->name : "";
}

std::string FindSeason(std::string_view folded, std::string_view season_now) {
  const Entry* entry = First(folded, kSeasons);
  if (entry != nullptr) return entry->name;
  return AnyOccurs(folded, kNow.spellings) ? std::string(season_now) : "";
}

std::vector<std::string> SeasonNames(std::string_view season) {
  std::vector<std::string> names;
  for (const Entry& entry : kSeasons) {
    if (season != entry.name) continue;
    for (const std::string_view spelling : entry.spellings) {
      if (!spelling.empty()) names.emplace_back(spelling);
    }
  }
  return names;
}

std::string ParseSeason(std::string_view folded) {
  for (const Entry& entry : kSeasons) {
    for (const std::string_view spelling : entry.spellings) {
      if (!spelling.empty() && folded == spelling) return entry.name;
    }
  }
  return "";
}

RequestedSort FindSort(std::string_view folded) {
  const Entry* entry = First(folded, kSorts);
  if (entry == nullptr) return {};
  RequestedSort order;
  order.superlative = AnyOccurs(folded, kMost.spellings);
  const std::string_view name = entry->name;
  order.sort = name == "lightest"     ? QueryIntent::Sort::kLightest
               : name == "price_asc"  ? QueryIntent::Sort::kPriceAsc
               : name == "price_desc" ? QueryIntent::Sort::kPriceDesc
               : name == "newest"     ? QueryIntent::Sort::kNewest
                                      : QueryIntent::Sort::kPopular;
  return order;
}

Connective ConnectiveOf(std::string_view folded) {
  const auto is = [&](std::string_view word) { return folded == word; };
  if (std::any_of(kAnd.begin(), kAnd.end(), is)) return Connective::kAnd;
  return std::any_of(kOf.begin(), kOf.end(), is) ? Connective::kOf : Connective::kNone;
}

bool IsAndEnding(std::string_view folded) {
  return std::any_of(kAndEndings.begin(), kAndEndings.end(), [&](std::string_view w) { return folded == w; });
}

bool IsOr(std::string_view folded) {
  static constexpr std::string_view kOr[] = {"or", "또는", "아니면", "혹은", "나", "이나"};
  return std::find(std::begin(kOr), std::end(kOr), folded) != std::end(kOr);
}

bool IsUseWord(std::string_view folded) {
  const auto is = [&](const Entry& entry) {
    return std::any_of(entry.spellings.begin(), entry.spellings.end(),
                       [&](std::string_view s) { return folded == s; });
  };
  if (folded.empty()) return false;
  return std::any_of(kUses.begin(), kUses.end(), is) || std::any_of(kSeasons.begin(), kSeasons.end(), is);
}

namespace {

constexpr std::array<std::string_view, 8> kSoldOut = {
    "품절", "매진", "sold out", "sold-out", "out of stock", "out-of-stock", "재고 없는", "재고없는"};

// The bytes of the words that refuse products which are sold out: "품절은 빼고", "not sold out". Equal: none.
std::pair<size_t, size_t> FindSoldOutRefusal(std::string_view text) {
  for (const std::string_view noun : kSoldOut) {
    for (size_t at = text.find(noun); at != std::string_view::npos; at = text.find(noun, at + 1)) {
      if (IsLatin(noun.front()) ? at > 0 && IsLetter(text[at - 1]) : at > 0 && !IsLatin(text[at - 1]))
        continue;
      size_t end = at + noun.size();
      for (const std::string_view between :
           {"된", " 상품", " 제품", " 거", " 것", " items", " ones", "은", "는", "이", "도"}) {
        if (text.substr(end).starts_with(between)) end += between.size();
      }
      const size_t mark = std::min(text.find_first_not_of(' ', end), text.size());
      if (const auto after = MarkAt(text, mark, kNoun)) return {at, after->end};
      std::string_view head = text.substr(0, at);
      for (const std::string_view link : {" ", " the", " any", " "}) {
        if (head.ends_with(link)) head.remove_suffix(link.size());
      }
      if (const auto before = MarkBefore(text, head.size(), kNoun)) return {before->begin, at + noun.size()};
    }
  }
  return {0, 0};
}

// "available gloves" and "gloves available", but not "available in red".
bool AsksForAvailable(std::string_view folded) {
  static constexpr std::string_view kOthers[] = {" in", " as", " with", " from", " at", " on"};
  constexpr std::string_view kAvailable = "available";
  if (!Occurs(folded, kAvailable)) return false;
  const std::string_view rest = folded.substr(folded.find(kAvailable) + kAvailable.size());
  return std::none_of(std::begin(kOthers), std::end(kOthers), [rest](std::string_view word) {
    return rest.starts_with(word) && (rest.size() == word.size() || !IsLetter(rest[word.size()]));
  });
}

}  // namespace

bool AsksForStock(std::string_view folded) {
  const auto [begin, end] = FindSoldOutRefusal(folded);
  return begin < end ||
         std::any_of(std::begin(kInStock), std::end(kInStock),
                     [&](std::string_view s) { return Occurs(folded, s); }) ||
         AsksForAvailable(folded);
}

void BlankStockRequest(std::string* folded) {
  const auto blank = [folded](size_t begin, size_t end) {
    TRINE_DCHECK_LE(end, folded->size());
    std::fill_n(folded->begin() + static_cast<ptrdiff_t>(begin), end - begin, ' ');
  };
  const auto [refused, until] = FindSoldOutRefusal(*folded);
  blank(refused, until);
  for (const std::string_view spelling : kInStock) {
    for (size_t at = folded->find(spelling); at != std::string::npos; at = folded->find(spelling, at)) {
      size_t end = at + spelling.size();
      // The ending of a Korean verb: "재고 있는".
      while (end < folded->size() && !IsLatin(spelling[0]) && !IsLatin((*folded)[end])) ++end;
      blank(at, end);
    }
  }
}

bool AsksForOutfit(std::string_view folded) { return AnyOccurs(folded, kOutfit.spellings); }

std::vector<Wish> FindWishes(std::string_view folded) {
  std::vector<Wish> wishes;
  for (const WishEntry& entry : kWishes) {
    if (!AnyOccurs(folded, entry.spellings)) continue;
    Wish wish{entry.name, {}, {}, {}};
    for (const std::string_view spelling : entry.spellings) {
      if (!spelling.empty() && Occurs(folded, spelling)) wish.matched_spellings.emplace_back(spelling);
    }
    for (const std::string_view word : entry.catalogue) {
      if (!word.empty()) wish.catalogue_words.emplace_back(word);
    }
    wishes.push_back(std::move(wish));
  }
  return wishes;
}

bool IsWishWord(std::string_view folded) {
  static const std::unordered_set<std::string_view> kOthers = {
      "만원",      "만",          "천원",    "천",       "원",     "won",    "krw",    "usd",    "dollars",
      "이하",      "이상",        "미만",    "이내",     "초과",   "사이",   "대",     "까지",   "부터",
      "under",     "below",       "over",    "above",    "less",   "more",   "than",   "most",   "least",
      "between",   "from",        "to",      "가장",     "제일",   "저렴",   "싸",     "싸다",   "싼",
      "비싸",      "비싼",        "가성비",  "인기",     "베스트", "신상",   "최신",   "최저가", "cheap",
      "cheapest",  "affordable",  "budget",  "popular",  "latest", "newest", "코디",   "옷차림", "outfit",
      "expensive", "inexpensive", "cheaper", "priciest", "luxury", "값싼",   "값싸다", "싸다",   "비싸다",
      "저렴하다",  "저렴한",      "최고가",  "고가",     "새로",   "나온",   "나오다", "잘",     "나가는",
      "나가다",    "많이",        "팔린",    "팔리다",   "사이",   "넘지",   "달러",   "불",     "짜리",
      "엔",        "위안",        "유로",    "예산",     "최대",   "최소",   "넘는",   "내외"};
  if (kOthers.contains(folded)) return true;
  for (const WishEntry& entry : kWishes) {
    for (const std::string_view spelling : entry.spellings) {
      // A Korean spelling is the stem of a word ("가벼"), a Latin one the whole word.
      if (!spelling.empty() && (IsLatin(spelling[0]) ? folded == spelling : folded.rfind(spelling, 0) == 0))
        return true;
    }
  }
  return false;
}

const std::vector<std::string>& GarmentWords() {
  static const std::vector<std::string> kWords = {
      "상의",  "하의",     "아우터",   "신발",     "원피스",  "패션",    "의류",
      "의상",  "여성의류", "남성의류", "모자",     "tops",    "bottoms", "outerwear",
      "shoes", "dresses",  "apparel",  "clothing", "fashion", "hats",    "footwear"};
  return kWords;
}

}  // namespace trine::language
