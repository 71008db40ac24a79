#include "language/synonyms.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace trine::language {
namespace {

using Group = std::array<const char*, 14>;

// Each colour as shops and people write it. A shade such as "cobalt blue" is found by its last word.
constexpr std::array kColours = {
    Group{"black", "블랙", "검정", "검정색", "검은색", "검은", "검다", "까만", "까만색", "까맣다", "검은빛"},
    Group{"white", "화이트", "흰색", "흰", "하얀", "하얀색", "하양", "하얗다", "백색", "희다"},
    Group{"red", "레드", "빨강", "빨간", "빨간색", "빨강색", "빨갛다", "붉은", "붉은색", "붉다"},
    Group{"blue", "블루", "파랑", "파란", "파란색", "파랑색", "파랗다", "푸른", "푸른색", "푸르다"},
    Group{"yellow", "옐로", "옐로우", "노랑", "노란", "노란색", "노랑색", "노랗다"},
    Group{"green", "그린", "초록", "초록색", "녹색", "초록빛"},
    Group{"gray", "grey", "그레이", "회색", "잿빛", "쥐색"},
    Group{"charcoal", "차콜", "진회색", "먹색"},
    Group{"navy", "네이비", "남색", "곤색", "감색", "navy blue"},
    Group{"sky blue", "스카이블루", "하늘색", "하늘빛"},
    Group{"pink", "핑크", "분홍", "분홍색", "핑크색"},
    Group{"purple", "퍼플", "보라", "보라색", "자주색", "violet", "바이올렛"},
    Group{"orange", "오렌지", "주황", "주황색", "오렌지색"},
    Group{"brown", "브라운", "갈색", "밤색"},
    Group{"beige", "베이지", "베이지색"},
    Group{"ivory", "아이보리", "상아색", "미색"},
    Group{"cream", "크림", "크림색"},
    Group{"khaki", "카키", "카키색", "국방색"},
    Group{"mint", "민트", "민트색", "박하색"},
    Group{"silver", "실버", "은색"},
    Group{"gold", "골드", "금색"},
};

constexpr Group kMen = {"men", "남성", "남자", "남성용", "남자용", "man", "men's", "mens", "male", "남"};
constexpr Group kWomen = {"women", "여성",    "여자",   "여성용", "여자용",
                          "woman", "women's", "womens", "female", "여"};
constexpr Group kUnisex = {"unisex", "공용", "남녀공용", "유니섹스", "남녀"};

constexpr std::array kGoods = {
    Group{"후디", "후드티", "후드", "후드티셔츠", "hoodie", "hoody", "hooded sweatshirt"},
    Group{"이어폰", "이어버드", "earphone", "earbud", "earphones", "earbuds"},
    Group{"헤드폰", "헤드셋", "headphone", "headset", "headphones"},
    Group{"체어", "의자", "chair"},
    Group{"테이블", "탁자", "table"},
    Group{"티셔츠", "티", "티셔트", "t-shirt", "tee", "tshirt"},
    Group{"바지", "팬츠", "하의", "pants", "trousers"},
    Group{"반바지", "쇼츠", "shorts"},
    Group{"운동화", "스니커즈", "sneaker", "sneakers"},
    Group{"청바지", "데님", "진", "jeans", "denim"},
    Group{"가방", "백팩", "배낭", "backpack", "rucksack"},
    Group{"재킷", "자켓", "jacket"},
    Group{"외투", "아우터", "겉옷", "outerwear"},
    Group{"조명", "램프", "lamp"},
    Group{"냄비", "쿡웨어", "cookware"},
    Group{"보조배터리", "보조 배터리", "파워뱅크", "power bank", "powerbank"},
    Group{"텀블러", "물병", "water bottle", "bottle"},
    Group{"스웨터", "니트", "knitwear", "sweater"},
    Group{"이불", "침구", "bedding"},
    Group{"완구", "장난감", "toy", "toys"},
    Group{"캔들", "향초", "candle"},
    Group{"패딩", "다운재킷", "푸퍼", "puffer"},
};

bool Holds(const Group& group, std::string_view word) {
  return std::any_of(group.begin(), group.end(), [&](const char* w) { return w != nullptr && word == w; });
}

std::vector<std::string> Members(const Group& group) {
  std::vector<std::string> out;
  for (const char* word : group) {
    if (word != nullptr) out.emplace_back(word);
  }
  return out;
}

// The group of each word. A word is looked up several times per word of a question.
using GroupsByWord = std::unordered_map<std::string_view, const Group*>;
template <size_t N>
const GroupsByWord* NewGroupsByWord(const std::array<Group, N>& groups) {
  auto* by_word = new GroupsByWord;
  for (const Group& group : groups) {
    for (const char* word : group) {
      if (word != nullptr) by_word->emplace(word, &group);
    }
  }
  return by_word;
}

std::vector<std::string> GroupOf(const GroupsByWord& groups, std::string_view word) {
  const auto at = groups.find(word);
  return at == groups.end() ? std::vector<std::string>() : Members(*at->second);
}

}  // namespace

std::vector<std::string> ColourSynonyms(std::string_view folded) {
  static const GroupsByWord* const kByWord = NewGroupsByWord(kColours);
  return GroupOf(*kByWord, folded);
}
std::vector<std::string> GoodsSynonyms(std::string_view folded) {
  static const GroupsByWord* const kByWord = NewGroupsByWord(kGoods);
  return GroupOf(*kByWord, folded);
}

std::optional<GenderWords> FindGender(std::string_view folded) {
  if (Holds(kMen, folded)) return GenderWords{Members(kMen), Members(kWomen), Members(kUnisex)};
  if (Holds(kWomen, folded)) return GenderWords{Members(kWomen), Members(kMen), Members(kUnisex)};
  return std::nullopt;
}

bool IsGenderField(std::string_view folded) {
  for (const char* part : {"gender", "sex", "성별"}) {
    if (folded.find(part) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace trine::language
