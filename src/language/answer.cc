#include "language/answer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>
#include <utility>

#include "analysis/analyzer.h"
#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
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

const std::string* Attribute(const AnswerItem& item, std::string_view part) {
  for (const auto& [name, value] : item.attributes) {
    if (analysis::Fold(name).find(part) != std::string::npos && !value.empty()) return &value;
  }
  return nullptr;
}

std::string AmountText(double number) {
  char digits[40];
  std::snprintf(digits, sizeof(digits), "%.0f", std::fabs(number));
  return format::WithCommas(digits);
}

// The price, and the weight if the question asks for a light product: "39,000원, 950g".
std::string Facts(const AnswerItem& item, const QueryIntent& intent) {
  std::string facts;
  const auto add = [&facts](const std::string& text) { facts += (facts.empty() ? "" : ", ") + text; };
  if (const std::string* price = Attribute(item, "price")) {
    if (const auto number = format::ParseDouble(*price)) {
      // A whole number of at least 100 is taken to be won; any other price is shown as in the catalogue.
      const bool won = *number >= 100 && *number == std::floor(*number);
      add(won ? (intent.language == "ko" ? AmountText(*number) + "원" : "₩" + AmountText(*number)) : *price);
    }
  }
  const bool light = std::find(intent.wants.begin(), intent.wants.end(), "light") != intent.wants.end();
  if (const std::string* weight = Attribute(item, "weight_g"); weight != nullptr && light) add(*weight + "g");
  return facts;
}

void AddLine(size_t number, const AnswerItem& item, const QueryIntent& intent, CitedTextBuilder* writer) {
  writer->Add("\n" + std::to_string(number) + ". ");
  writer->AddItem(item);
  const std::string facts = Facts(item, intent);
  if (!facts.empty()) writer->Add(" (" + facts + ")");
  if (!item.reason.empty()) writer->Add(" — " + PlainLine(item.reason, kMaxTitleBytes));
}

// The price bounds as a phrase: "100,000원에서 200,000원 사이로 ". Empty unless the price of every item is
// within them.
std::string Bounds(const QueryIntent& intent, const std::vector<AnswerItem>& items, bool korean) {
  const auto keeps = [&](const AnswerItem& item) {
    const std::string* text = Attribute(item, "price");
    const auto price = text == nullptr ? std::nullopt : format::ParseDouble(*text);
    return price && (!intent.price_min || *price >= *intent.price_min) &&
           (!intent.price_max || *price <= *intent.price_max);
  };
  if ((!intent.price_min && !intent.price_max) || !std::all_of(items.begin(), items.end(), keeps)) return "";
  const std::string low = intent.price_min ? AmountText(*intent.price_min) : "",
                    high = intent.price_max ? AmountText(*intent.price_max) : "";
  if (korean)
    return high.empty()  ? low + "원 이상으로 "
           : low.empty() ? high + "원 이하로 "
                         : low + "원에서 " + high + "원 사이로 ";
  return high.empty()  ? " priced at " + low + " and above"
         : low.empty() ? " priced at up to " + high
                       : " priced between " + low + " and " + high;
}

// The first sentence, for an answer that shows the first `count` of `items`.
std::string Opening(const QueryIntent& intent, const std::vector<AnswerItem>& items, size_t count,
                    bool korean) {
  TRINE_DCHECK_LE(count, items.size());
  std::string note;
  if (intent.price_ignored)
    note = korean ? "말씀하신 금액은 상품 가격과 통화가 달라 반영하지 못했어요. "
                  : "Prices here are in another currency, so the amount you gave was ignored. ";
  const auto page_end = items.begin() + static_cast<ptrdiff_t>(count);
  const auto fitting = static_cast<size_t>(
      std::count_if(items.begin(), page_end, [](const AnswerItem& item) { return item.fits; }));
  const std::string n = std::to_string(fitting), rest = std::to_string(count - fitting);
  if (fitting == 0)
    return note + (korean ? "딱 맞는 상품은 찾지 못했어요. 대신 비슷한 상품을 보여 드릴게요."
                          : "I found nothing that fits exactly. These are the closest matches.");
  if (intent.outfit)
    return note + (korean ? "이렇게 맞춰 입어 보세요." : "Here is an outfit that goes together.");
  const std::string bound = Bounds(intent, items, korean);
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

// Adds a sentence saying that the first two items go together.
void AddOutfit(const std::vector<AnswerItem>& items, bool korean, CitedTextBuilder* writer) {
  if (items.size() < 2) return;
  writer->Add("\n");
  writer->AddItem(items[0]);
  if (korean) {
    const std::string title = TitleOf(items[0]);
    writer->Add(WithParticle(title, Particle::kAnd).substr(title.size()) + " ");
    writer->AddItem(items[1]);
    const std::string second = TitleOf(items[1]);
    writer->Add(WithParticle(second, Particle::kObject).substr(second.size()) + " 함께 입으면 잘 어울려요.");
  } else {
    writer->Add(" goes well with ");
    writer->AddItem(items[1]);
    writer->Add(".");
  }
}

// Splits text after '.', '!', '?' and line breaks; a full stop inside a number or a name does not end a
// sentence. Joining the sentences gives the original text.
std::vector<std::string_view> Sentences(std::string_view text) {
  std::vector<std::string_view> out;
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool decimal = c == '.' && i + 1 < text.size() && text[i + 1] != ' ' && text[i + 1] != '\n';
    if ((c == '.' && !decimal) || c == '!' || c == '?' || c == '\n' || i + 1 == text.size()) {
      if (i + 1 > start) out.push_back(text.substr(start, i + 1 - start));
      start = i + 1;
    }
  }
  return out;
}

// The numbers in a text, without the commas between thousands.
std::vector<std::string> Numbers(std::string_view text) {
  std::vector<std::string> out;
  std::string number;
  for (size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    if (c >= '0' && c <= '9')
      number += c;
    else if ((c == ',' || c == '.') && !number.empty() && i + 1 < text.size() && text[i + 1] >= '0' &&
             text[i + 1] <= '9')
      number += c == '.' ? "." : "";
    else if (!number.empty())
      out.push_back(std::exchange(number, {}));
  }
  return out;
}

// Words that look like identifiers: at least four characters, including a digit and an underscore or hyphen.
std::vector<std::string> IdLikeWords(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  for (size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    const bool part =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
    if (part) {
      word += c;
      continue;
    }
    const bool digit = word.find_first_of("0123456789") != std::string::npos,
               joined = word.find_first_of("_-") != std::string::npos;
    if (digit && joined && word.size() >= 4) out.push_back(word);
    word.clear();
  }
  return out;
}

// Returns the item whose title or id `text` starts with (the longest one if there are several) and sets
// `length` to its length. Returns nullptr if there is none.
const AnswerItem* NamedItem(std::string_view text, const std::vector<AnswerItem>& items, size_t* length) {
  const AnswerItem* named = nullptr;
  *length = 0;
  for (const AnswerItem& item : items) {
    for (const std::string* name : {&item.title, &item.id}) {
      if (name->size() <= *length || !text.starts_with(*name)) continue;
      named = &item;
      *length = name->size();
    }
  }
  return named;
}

// Copies a sentence and cites the items that it names.
void AddCited(std::string_view sentence, const std::vector<AnswerItem>& items, CitedTextBuilder* writer) {
  for (size_t at = 0; at < sentence.size();) {
    size_t length = 0;
    const AnswerItem* named = NamedItem(sentence.substr(at), items, &length);
    if (named != nullptr) {
      AnswerItem as_written = *named;
      as_written.title = std::string(sentence.substr(at, length));
      writer->AddItem(as_written);
      at += length;
      continue;
    }
    size_t next = at + 1;
    while (next < sentence.size() && (static_cast<unsigned char>(sentence[next]) & 0xC0) == 0x80) ++next;
    writer->Add(sentence.substr(at, next - at));
    at = next;
  }
}

}  // namespace

Answer ComposeAnswer(const QueryIntent& intent, const std::vector<AnswerItem>& items) {
  const bool korean = intent.language == "ko";
  CitedTextBuilder writer;
  if (items.empty()) {
    writer.Add(korean ? "조건에 맞는 상품을 찾지 못했어요. 다른 검색어나 더 넓은 조건으로 다시 찾아보세요."
                      : "I found no product that fits. Try other words or broader conditions.");
    return writer.Take();
  }
  const size_t count = std::min(items.size(), kMaxNamedItems);
  writer.Add(Opening(intent, items, count, korean));
  for (size_t i = 0; i < count; ++i) AddLine(i + 1, items[i], intent, &writer);
  if (intent.outfit) AddOutfit(items, korean, &writer);
  return writer.Take();
}

Answer Ground(std::string_view text, const std::vector<AnswerItem>& items, std::string provider) {
  std::set<std::string> ids, numbers;
  std::string known;
  for (size_t i = 0; i < items.size(); ++i) {
    numbers.insert(std::to_string(i + 1));
    ids.insert(items[i].id);
    known += items[i].id + " " + items[i].title + " ";
    for (const auto& [name, value] : items[i].attributes) known += value + " ";
  }
  numbers.insert(std::to_string(items.size()));
  for (std::string& number : Numbers(known)) numbers.insert(std::move(number));
  CitedTextBuilder writer;
  bool kept_any = false;
  for (const std::string_view sentence : Sentences(text)) {
    const auto words = IdLikeWords(sentence);
    const bool ids_given = std::all_of(words.begin(), words.end(), [&](const std::string& w) {
      return ids.count(w) != 0 || known.find(w) != std::string::npos;
    });
    const auto said = Numbers(sentence);
    const bool numbers_given =
        std::all_of(said.begin(), said.end(), [&](const std::string& n) { return numbers.count(n) != 0; });
    if (!ids_given || !numbers_given) continue;
    kept_any = kept_any || !IsBlank(sentence, " \n");
    AddCited(sentence, items, &writer);
  }
  Answer answer = writer.Take();
  answer.provider = std::move(provider);
  answer.grounded = kept_any;
  return answer;
}

}  // namespace trine::language
