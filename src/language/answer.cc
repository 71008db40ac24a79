#include "language/answer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <set>
#include <utility>

#include "analysis/analyzer.h"
#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "format/quantity_text.h"
#include "format/text.h"
#include "language/plain_text.h"

namespace trine::language {
namespace {

using analysis::Particle;
using analysis::WithParticle;

constexpr size_t kMaxNamedItems = 5;  // per answer; more are hard to compare
constexpr size_t kMaxTitleBytes = 160;

std::string TitleOf(const AnswerItem& item) {
  return PlainLine(item.title.empty() ? item.id : item.title, kMaxTitleBytes);
}

// Builds an answer's text and records where items are named.
class CitedTextBuilder {
 public:
  void Add(std::string_view text) {
    answer_.text += text;
    units_ += Utf16Length(text);
  }
  void AddItem(const AnswerItem& item) {
    const std::string title = TitleOf(item);
    const size_t start = units_;
    Add(title);
    TRINE_DCHECK_LE(start, units_);
    answer_.citations.push_back({item.id, start, units_});
  }
  Answer Take() {
    answer_.provider = "builtin";
    return std::move(answer_);
  }

 private:
  Answer answer_;
  size_t units_ = 0;
};

// "950g", "1.2kg".
std::string MassText(double grams) {
  return grams < 1000 ? format::ShortestDouble(std::round(grams * 10) / 10) + "g"
                      : format::ShortestDouble(std::round(grams) / 1000) + "kg";
}

// The price, and the weight if the question asks for a light product: "39,000원, 950g".
std::string Facts(const AnswerItem& item, const QueryIntent& intent) {
  std::string facts;
  const auto add = [&facts](const std::string& text) { facts += (facts.empty() ? "" : ", ") + text; };
  if (item.price)
    add(PlainLine(format::FormatMoney(item.price->amount, item.price->currency, intent.language == "ko"),
                  kMaxTitleBytes));
  const bool light = std::find(intent.wants.begin(), intent.wants.end(), "light") != intent.wants.end();
  if (item.grams && light) add(MassText(*item.grams));
  return facts;
}

void AddLine(size_t number, const AnswerItem& item, const QueryIntent& intent, CitedTextBuilder* writer) {
  writer->Add("\n" + std::to_string(number) + ". ");
  writer->AddItem(item);
  const std::string facts = Facts(item, intent);
  if (!facts.empty()) writer->Add(" (" + facts + ")");
  if (!item.reason.empty()) writer->Add(" — " + PlainLine(item.reason, kMaxTitleBytes));
}

// The price bounds as a phrase: "100,000원에서 200,000원 사이로 ", "50,000원 미만으로 ". Empty unless the
// price of every item is within them.
std::string PricePhrase(const QueryIntent& intent, const std::vector<AnswerItem>& items, bool korean) {
  const Bounds& price = intent.price;
  const auto keeps = [&](const AnswerItem& item) {
    return item.price && item.price->currency == items.front().price->currency &&
           price.Contains(item.price->amount);
  };
  if (price.empty() || !items.front().price || !std::all_of(items.begin(), items.end(), keeps)) return "";
  const std::string& currency = items.front().price->currency;
  const auto amount = [&](std::optional<double> bound) {
    return bound ? format::FormatMoney(*bound, currency, korean) : "";
  };
  const std::string low = amount(price.min), high = amount(price.max);
  const bool inclusive = !price.min_exclusive && !price.max_exclusive;
  if (korean) {
    if (!low.empty() && !high.empty() && inclusive) return low + "에서 " + high + " 사이로 ";
    const std::string above = low.empty() ? "" : low + (price.min_exclusive ? " 초과" : " 이상");
    const std::string below = high.empty() ? "" : high + (price.max_exclusive ? " 미만" : " 이하");
    const std::string both = above + (above.empty() || below.empty() ? "" : " ") + below;
    return both + (both.ends_with("하") || both.ends_with("과") ? "로 " : "으로 ");
  }
  if (!low.empty() && !high.empty()) {
    if (inclusive) return " priced between " + low + " and " + high;
    return " priced " + std::string(price.min_exclusive ? "above " : "from ") + low +
           (price.max_exclusive ? " to below " : " up to ") + high;
  }
  if (high.empty()) return price.min_exclusive ? " priced above " + low : " priced at " + low + " and above";
  return price.max_exclusive ? " priced below " + high : " priced at up to " + high;
}

std::string QuotedList(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts)
    list += (list.empty() ? "‘" : ", ‘") + PlainLine(text, kMaxTitleBytes) + "’";
  return list;
}

// The sentence about products that meet what could be checked of a question.
std::string RestOfQuestion(const std::string& bound, size_t fitting, size_t count, bool korean) {
  const std::string n = std::to_string(fitting), rest = std::to_string(count - fitting);
  if (korean)
    return "나머지 조건으로 " + bound + "찾은 상품 " + n + "개" +
           (fitting < count ? "와 비슷한 상품 " + rest + "개" : "") + "예요.";
  const bool one = fitting == 1;
  return "Going by the rest of your question, " + std::string(one ? "this is " : "these are ") + n +
         (one ? " product" : " products") + bound +
         (fitting < count ? ", and " + rest + " that " + (count - fitting == 1 ? "comes" : "come") + " close."
                          : ".");
}

// The first sentence, for an answer that shows the first `count` of `items`.
std::string Opening(const QueryIntent& intent, const std::vector<AnswerItem>& items, size_t count,
                    bool korean) {
  TRINE_DCHECK_LE(count, items.size());
  const std::string note = UncheckedSentences(intent);
  const auto page_end = items.begin() + static_cast<ptrdiff_t>(count);
  const auto fitting = static_cast<size_t>(
      std::count_if(items.begin(), page_end, [](const AnswerItem& item) { return item.fits; }));
  const std::string n = std::to_string(fitting), rest = std::to_string(count - fitting);
  if (fitting == 0)
    return note + (korean ? "딱 맞는 상품은 찾지 못했어요. 대신 비슷한 상품을 보여 드릴게요."
                          : "I found nothing that fits exactly. These are the closest matches.");
  if (intent.outfit &&
      std::none_of(items.begin(), page_end, [](const AnswerItem& item) { return item.worn; }))
    return note + (korean ? "입을 만한 상품은 찾지 못했어요. 함께 쓸 만한 상품을 보여 드릴게요."
                          : "I found nothing to wear. These may be useful with an outfit.");
  if (intent.outfit)
    return note + (korean ? "이렇게 맞춰 입어 보세요." : "Here is an outfit that goes together.");
  const std::string bound = PricePhrase(intent, items, korean);
  if (!intent.unchecked.empty() && !intent.open) return note + RestOfQuestion(bound, fitting, count, korean);
  if (intent.open && fitting == count)
    return note + (korean ? "이런 상품은 어떠세요? " + bound + n + "개를 골랐어요."
                          : "Here " + std::string(fitting == 1 ? "is " : "are ") + n +
                                (fitting == 1 ? " product" : " products") + bound + " you may like.");
  if (korean)
    return note + bound + "찾으시는 조건에 맞는 상품 " + n + "개" +
           (fitting < count ? "와 비슷한 상품 " + rest + "개" : "") + "를 골랐어요.";
  const bool one = fitting == 1;
  return note + "Here " + (one ? "is " : "are ") + n + (one ? " product" : " products") + bound + " that " +
         (one ? "fits" : "fit") + " what you asked for" +
         (fitting < count ? ", and " + rest + " that " + (count - fitting == 1 ? "comes" : "come") + " close."
                          : ".");
}

// Adds a sentence saying that the first two items that are worn go together.
void AddOutfit(const std::vector<AnswerItem>& items, bool korean, CitedTextBuilder* writer) {
  std::vector<const AnswerItem*> worn;
  for (const AnswerItem& item : items) {
    if (item.worn && worn.size() < 2) worn.push_back(&item);
  }
  if (worn.size() < 2) return;
  writer->Add("\n");
  writer->AddItem(*worn[0]);
  if (korean) {
    const std::string title = TitleOf(*worn[0]);
    writer->Add(WithParticle(title, Particle::kAnd).substr(title.size()) + " ");
    writer->AddItem(*worn[1]);
    const std::string second = TitleOf(*worn[1]);
    writer->Add(WithParticle(second, Particle::kObject).substr(second.size()) + " 함께 입으면 잘 어울려요.");
  } else {
    writer->Add(" goes well with ");
    writer->AddItem(*worn[1]);
    writer->Add(".");
  }
}

}  // namespace

std::string UncheckedSentences(const QueryIntent& intent) {
  const bool korean = intent.language == "ko";
  using About = UncheckedPart::About;
  std::vector<std::string> words, quantities, weights, prices, refusals, amounts;
  std::string note;
  for (const UncheckedPart& part : intent.unchecked) {
    if (part.about == About::kWord) words.push_back(part.text);
    if (part.about == About::kQuantity) quantities.push_back(part.text);
    if (part.about == About::kWeight) weights.push_back(part.text);
    if (part.about == About::kRefusal) refusals.push_back(part.text);
    if (part.about == About::kPrice) prices.push_back(part.text);
    if (part.about == About::kCurrency)
      note += korean ? "말씀하신 금액" + (part.text.empty() ? "" : "(" + QuotedList({part.text}) + ")") +
                           "은 상품 가격과 통화가 달라 반영하지 못했어요. "
                     : "Prices here are in another currency, so the amount you gave" +
                           (part.text.empty() ? "" : " (" + QuotedList({part.text}) + ")") + " was ignored. ";
    if (part.about == About::kUnknownCurrency) amounts.push_back(part.text);
    if (part.about == About::kKind) {
      const std::string quoted = QuotedList({part.text});
      note += korean ? quoted + " 자체인지, 거기에 쓰는 다른 상품인지는 확인하지 못했어요. "
                     : "I could not tell whether these are " + quoted + " or something that goes with it. ";
    }
    if (part.about == About::kStock)
      note += korean ? "재고 조건은 확인하지 못했어요. " : "I could not check what is in stock. ";
    if (part.about == About::kNewest)
      note += korean ? "등록일을 알 수 없어 신상품 조건은 확인하지 못했어요. "
                     : "I could not check which products are new. ";
    if (part.about == About::kPopular)
      note += korean ? "인기 조건은 확인하지 못했어요. " : "I could not check which products are popular. ";
  }
  const auto add = [&](const std::vector<std::string>& texts, const char* ko, const char* en) {
    if (texts.empty()) return;
    std::vector<std::string> said;
    std::copy_if(texts.begin(), texts.end(), std::back_inserter(said),
                 [](const auto& t) { return !t.empty(); });
    const std::string quoted = said.empty() ? "" : "(" + QuotedList(said) + ")";
    note += korean ? ko + quoted + "은 확인하지 못했어요. "
                   : std::string("I could not check ") + en + (quoted.empty() ? "" : " " + quoted) + ". ";
  };
  if (!amounts.empty())
    note += korean ? "상품 가격의 통화를 알 수 없어 금액(" + QuotedList(amounts) + ")은 숫자로만 비교했어요. "
                   : "The currency of the prices is not known, so I only compared the numbers (" +
                         QuotedList(amounts) + "). ";
  add(prices, "가격 조건", "the price");
  add(weights, "무게 조건", "the weight");
  if (!quantities.empty())
    note += korean ? QuotedList(quantities) + " 조건은 확인하지 못했어요. "
                   : "I could not check " + QuotedList(quantities) + ". ";
  if (!refusals.empty())
    note += korean ? QuotedList(refusals) + " 제외 조건은 확인하지 못했어요. "
                   : "I could not leave out " + QuotedList(refusals) + " for certain. ";
  if (!words.empty())
    note += korean ? QuotedList(words) +
                         WithParticle(words.back(), Particle::kTopic).substr(words.back().size()) +
                         " 상품 정보에 없어 확인하지 못했어요. "
                   : "I could not check " + QuotedList(words) + ": no product mentions it. ";
  return note;
}

Answer ComposeAnswer(const QueryIntent& intent, const std::vector<AnswerItem>& items) {
  const bool korean = intent.language == "ko";
  CitedTextBuilder writer;
  if (items.empty()) {
    writer.Add(UncheckedSentences(intent));
    writer.Add(korean ? "딱 맞는 상품은 찾지 못했어요. 다른 검색어나 더 넓은 조건으로 다시 찾아보세요."
                      : "I found nothing that fits exactly, and no product that comes close. Try other words "
                        "or broader "
                        "conditions.");
    return writer.Take();
  }
  const size_t count = std::min(items.size(), kMaxNamedItems);
  writer.Add(Opening(intent, items, count, korean));
  const bool any_worn = std::any_of(items.begin(), items.begin() + static_cast<ptrdiff_t>(count),
                                    [](const AnswerItem& item) { return item.worn; });
  bool accompanying = false;
  for (size_t i = 0; i < count; ++i) {
    if (intent.outfit && any_worn && !items[i].worn && !std::exchange(accompanying, true))
      writer.Add(korean ? "\n함께 쓰기 좋은 상품이에요." : "\nThese go with it.");
    AddLine(i + 1, items[i], intent, &writer);
  }
  if (intent.outfit) AddOutfit(items, korean, &writer);
  return writer.Take();
}

}  // namespace trine::language
