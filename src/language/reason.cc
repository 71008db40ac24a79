// ComposeReason: one sentence about why an item was recommended.
#include <algorithm>
#include <array>
#include <string>

#include "analysis/analyzer.h"
#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/text.h"
#include "format/text.h"
#include "language/answer.h"
#include "language/plain_text.h"

namespace trine::language {
namespace {

using Kind = ReasonCause::Kind;
using analysis::Particle;
using analysis::WithParticle;

constexpr size_t kMaxTitleBytes = 90;
constexpr size_t kMaxCauses = 2;
constexpr int64_t kDayMillis = 86'400'000;

// An event as a Korean verb in "-서" form and an English past participle. The first row whose `event` occurs
// in the event type applies.
struct Verb {
  const char* event;
  const char* korean;
  const char* english;
};
constexpr std::array kVerbs = {Verb{"purchase", "구매하셔서", "bought"},
                               Verb{"buy", "구매하셔서", "bought"},
                               Verb{"order", "주문하셔서", "ordered"},
                               Verb{"addtocart", "장바구니에 담으셔서", "put in the cart"},
                               Verb{"cart", "장바구니에 담으셔서", "put in the cart"},
                               Verb{"click", "눌러 보셔서", "clicked"},
                               Verb{"view", "살펴보셔서", "viewed"},
                               Verb{"detail", "살펴보셔서", "viewed"},
                               Verb{"watch", "보셔서", "watched"},
                               Verb{"like", "좋아하셔서", "liked"},
                               Verb{"wishlist", "찜하셔서", "saved"}};

const Verb& VerbOf(std::string_view event_type) {
  std::string folded;
  for (char c : event_type) {
    if (c != '_' && c != '-' && c != ' ') folded += ToLowerAscii(c);
  }
  for (const Verb& verb : kVerbs) {
    if (folded.find(verb.event) != std::string::npos) return verb;
  }
  static constexpr Verb kOther = {"", "관심을 보이셔서", "took an interest in"};
  return kOther;
}

std::string Plain(std::string_view text) {
  return PlainLine(text, kMaxTitleBytes) + (text.size() > kMaxTitleBytes ? "…" : "");
}

std::string Quoted(std::string_view text) { return "‘" + Plain(text) + "’"; }

// Formats a range of prices: if the attribute is a price, the value "50000-100000" becomes "50,000~100,000".
// Empty for any other attribute or value.
std::string PriceBand(const ReasonCause& c) {
  if (analysis::Fold(c.attribute).find("price") == std::string::npos) return "";
  const size_t dash = c.value.find('-');
  const auto digits = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (dash == std::string::npos || !digits(c.value.substr(0, dash)) || !digits(c.value.substr(dash + 1)))
    return "";
  return format::WithCommas(c.value.substr(0, dash)) + "~" + format::WithCommas(c.value.substr(dash + 1));
}

std::string When(Millis time, Millis now, bool korean) {
  const int64_t days = time.value > 0 ? (now.value - time.value) / kDayMillis : 1000;
  if (days < 1) return korean ? "방금 " : "just ";
  if (days < 30) return korean ? "최근 " : "recently ";
  return "";
}

std::string KoreanClause(const ReasonCause& c, Millis now) {
  switch (c.kind) {
    case Kind::kEvent: {
      const Verb& verb = VerbOf(c.event_type);
      const bool interest = *verb.event == '\0';
      return When(c.time, now, true) +
             (interest ? Quoted(c.item_title) + "에 "
                       : WithParticle(Quoted(c.item_title), Particle::kObject) + " ") +
             verb.korean;
    }
    case Kind::kItemAttribute:
      if (const std::string band = PriceBand(c); !band.empty()) return band + " 가격대를 즐겨 찾으셔서";
      return Quoted(c.value) + " 상품을 즐겨 찾으셔서";
    case Kind::kUserAttribute:
      return "비슷한 고객(" + Plain(c.value) + ")이 많이 찾는 상품이어서";
    case Kind::kPopularity:
      return "많은 분이 찾는 인기 상품이어서";
    case Kind::kTrend:
      return "요즘 찾는 분이 빠르게 늘고 있어서";
    case Kind::kSeason:
      return "지금 계절에 많이 찾는 상품이어서";
    case Kind::kRegion:
      return (c.value.empty() ? "고객님 지역" : Quoted(c.value) + " 지역") + "에서 많이 찾는 상품이어서";
    case Kind::kExploration:
      return "새로 들어온 상품이어서";
    case Kind::kQuery:
      return "찾으신 " + Quoted(c.value) + "에 맞아서";
  }
  return "";
}

std::string EnglishClause(const ReasonCause& c, Millis now) {
  switch (c.kind) {
    case Kind::kEvent:
      return "you " + When(c.time, now, false) + VerbOf(c.event_type).english + " " + Quoted(c.item_title);
    case Kind::kItemAttribute:
      if (const std::string band = PriceBand(c); !band.empty())
        return "you often choose products that cost " + band;
      return "you often choose " + Quoted(c.value);
    case Kind::kUserAttribute:
      return "people like you (" + Plain(c.value) + ") often choose it";
    case Kind::kPopularity:
      return "many people choose it";
    case Kind::kTrend:
      return "interest in it is rising fast";
    case Kind::kSeason:
      return "it is popular at this time of year";
    case Kind::kRegion:
      return "it is often chosen in " + (c.value.empty() ? std::string("your region") : Plain(c.value));
    case Kind::kExploration:
      return "it is new";
    case Kind::kQuery:
      return "it matches " + Quoted(c.value);
  }
  return "";
}

}  // namespace

std::string ComposeReason(const std::vector<ReasonCause>& causes, std::string_view language, Millis now) {
  std::vector<ReasonCause> best;
  for (const ReasonCause& cause : causes) {
    const bool there =
        std::any_of(best.begin(), best.end(), [&](const ReasonCause& b) { return b.kind == cause.kind; });
    // One cause per kind: a second click explains no more than the first.
    if (cause.amount > 0 && !there && best.size() < kMaxCauses) best.push_back(cause);
  }
  if (best.empty()) return "";
  TRINE_DCHECK_LE(best.size(), kMaxCauses);
  const bool korean = language == "ko";
  std::string text;
  for (const ReasonCause& cause : best)
    text += (text.empty() ? ""
             : korean     ? ", "
                          : ", and ") +
            (korean ? KoreanClause(cause, now) : EnglishClause(cause, now));
  return korean ? text + " 추천해 드려요." : "Because " + text + ".";
}

}  // namespace trine::language
