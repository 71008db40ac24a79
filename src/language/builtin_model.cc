// The built-in language model: finds the task and the material in a prompt (prompt.h) and answers from them
// alone. The material is quoted and never followed as instructions.
#include <algorithm>
#include <limits>

#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/utf8.h"
#include "format/json.h"
#include "language/answer.h"
#include "language/claim.h"
#include "language/intent.h"
#include "language/model.h"
#include "language/plain_text.h"
#include "language/prompt.h"

namespace trine::language {
namespace {

constexpr std::string_view kName = "trine-builtin-1";
constexpr size_t kNamedItems = 5;         // named in one answer, and as many that do not fit
constexpr size_t kQuotedLines = 3;        // lines of the material that one answer may quote
constexpr size_t kMaxQuotedBytes = 2000;  // bytes of one line
constexpr size_t kMaxTitleBytes = 160;

std::string IntentText(const QueryIntent& intent) {
  using format::Json;
  const auto list = [](const std::vector<std::string>& texts) {
    Json out(Json::Array{});
    for (const std::string& text : texts) out.Push(text);
    return out;
  };
  Json out, price;
  price.Set("min", intent.price.min ? Json(*intent.price.min) : Json());
  price.Set("max", intent.price.max ? Json(*intent.price.max) : Json());
  if (intent.price.min_exclusive) price.Set("min_exclusive", true);
  if (intent.price.max_exclusive) price.Set("max_exclusive", true);
  out.Set("language", intent.language);
  out.Set("keywords", list(intent.keywords));
  out.Set("excluded", list(intent.excluded_words));
  out.Set("price", std::move(price));
  out.Set("use", intent.use.empty() ? Json() : Json(intent.use));
  out.Set("season", intent.season.empty() ? Json() : Json(intent.season));
  out.Set("wants", list(intent.wants));
  out.Set("outfit", intent.outfit);
  out.Set("open", intent.open);
  out.Set("specificity", intent.specificity);
  return format::ToString(out);
}

class BuiltinModel final : public LanguageModel {
 public:
  explicit BuiltinModel(const analysis::Analyzers& analyzers) : analyzers_(analyzers) {}
  std::string name() const override { return std::string(kName); }

  Result<ChatAnswer> Complete(const ChatRequest& request, const Deadline& deadline,
                              const TokenSink& sink) override {
    TRINE_TRY(deadline.Check("the built-in model"));
    if (request.tool_choice.kind == ToolChoice::Kind::kAny ||
        request.tool_choice.kind == ToolChoice::Kind::kNamed)
      return Error(ErrorCode::kUnsupported, "the built-in model does not call tools")
          .Expected("tool choice \"auto\" or \"none\"");
    ChatAnswer answer;
    answer.model = kName;
    for (const ChatMessage& message : request.messages) answer.input_tokens += CountTokens(message.text);
    answer.text = Text(ReadPrompt(request));
    Cut(request, &answer);
    answer.output_tokens = CountTokens(answer.text);
    if (sink) TRINE_TRY(Stream(answer.text, sink));
    return answer;
  }
  bool ChecksSentences(const ChatRequest&) const override { return false; }

 private:
  std::string Text(const Prompt& prompt) const {
    if (prompt.wants_json) return IntentText(ParseIntent(prompt.question, nullptr, analyzers_));
    if (!prompt.items.empty()) return UnreadNote(prompt) + FromItems(prompt);
    return FromMaterial(prompt, ParseIntent(prompt.question, nullptr, analyzers_));
  }

  // The answer covers the listed products only, so it names the lines that were not read.
  static std::string UnreadNote(const Prompt& prompt) {
    if (prompt.unread == 0) return "";
    const std::string lines = std::to_string(prompt.unread);
    if (HasHangul(prompt.question)) return "가격이 있는 " + lines + "줄은 상품으로 읽지 못했어요. ";
    return "I could not read " + lines + (prompt.unread == 1 ? " line" : " lines") +
           " with a price as products. ";
  }

  // Returns the roles and values that the listed products state.
  IntentOptions OptionsOf(const std::vector<PromptItem>& items) const {
    IntentOptions options;
    options.has_price = options.has_weight = options.has_stock = options.has_created = false;
    bool several = false;
    std::vector<double> prices;
    for (const PromptItem& one : items) {
      if (one.facts.price) prices.push_back(one.facts.price->amount);
      options.has_price = options.has_price || one.facts.price;
      options.has_weight = options.has_weight || one.facts.grams;
      options.has_stock = options.has_stock || one.facts.in_stock;
      // A shorter id ("a", "1") is a word of the question.
      constexpr size_t kLeastIdBytes = 4;
      const bool digit = one.item.id.find_first_of("0123456789") != std::string::npos;
      const bool letter = one.item.id.find_first_not_of("0123456789") != std::string::npos;
      if (digit && letter && one.item.id.size() >= kLeastIdBytes)
        options.ids.push_back(analysis::Fold(one.item.id));
      if (!one.facts.price || one.facts.price->currency.empty()) continue;
      // Prices in several currencies are compared one by one.
      several = several || (!options.currency.empty() && options.currency != one.facts.price->currency);
      options.currency = one.facts.price->currency;
    }
    if (several) options.currency.clear();
    if (options.currency.empty() && !several && !prices.empty()) JudgeCurrency(SummaryOf(prices), &options);
    return options;
  }

  // An answer that presents the prompt's products that fit, in their order, which is a ranking, and says of
  // the others why they do not.
  std::string FromItems(const Prompt& prompt) const {
    VocabularyBuilder builder(analyzers_);
    std::vector<ProductFacts> facts;
    for (const PromptItem& one : prompt.items) {
      builder.Add({one.item.title}, {});
      facts.push_back(one.facts);
    }
    const auto vocabulary = builder.Build();
    QueryIntent intent = ParseIntent(prompt.question, vocabulary.get(), analyzers_, OptionsOf(prompt.items));
    std::vector<const PromptItem*> fitting, others;
    if (intent.outfit) intent = OutfitConditions(std::move(intent));
    AddUncheckedParts(prompt.question, facts, nullptr, &intent);
    TellKinds(
        prompt.question, [](size_t) { return std::string(); }, vocabulary.get(), &facts, &intent);
    for (size_t i = 0; i < prompt.items.size(); ++i) {
      const PromptItem& one = prompt.items[i];
      const auto& refused = intent.excluded_ids;
      if (std::find(refused.begin(), refused.end(), analysis::Fold(one.item.id)) != refused.end()) continue;
      (Fits(intent, facts[i]) ? fitting : others).push_back(&one);
    }
    const auto is_worn = [](const PromptItem* one) { return IsWorn(one->facts.named); };
    if (intent.outfit) std::stable_partition(fitting.begin(), fitting.end(), is_worn);
    SortAsAsked(intent, &fitting);
    std::vector<AnswerItem> items;
    for (const PromptItem* one : fitting) {
      items.push_back(one->item);
      items.back().worn = !intent.outfit || is_worn(one);
    }
    const bool korean = intent.language == "ko";
    if (items.empty()) return NothingFits(intent, others, korean);
    return ComposeAnswer(intent, items).text + WhyNot(intent, others, korean);
  }

  // Orders the products as a superlative asks; those of which the number is not known come last.
  static void SortAsAsked(const QueryIntent& intent, std::vector<const PromptItem*>* items) {
    using Sort = QueryIntent::Sort;
    const bool price = intent.sort == Sort::kPriceAsc || intent.sort == Sort::kPriceDesc;
    if (!price && intent.sort != Sort::kLightest) return;
    const auto number = [&](const PromptItem* one) {
      const double unknown = std::numeric_limits<double>::infinity();
      if (!price) return one->facts.grams.value_or(unknown);
      if (!one->facts.price) return unknown;
      return intent.sort == Sort::kPriceAsc ? one->facts.price->amount : -one->facts.price->amount;
    };
    std::stable_sort(items->begin(), items->end(),
                     [&](const PromptItem* a, const PromptItem* b) { return number(a) < number(b); });
  }

  // Lines such as "블랙 후디: ‘블랙’, 가격 조건에 맞지 않아 제외했어요." What a product does not say is told
  // apart from what it does not meet.
  static std::string WhyNot(const QueryIntent& intent, const std::vector<const PromptItem*>& others,
                            bool korean) {
    std::string text;
    for (size_t i = 0; i < std::min(others.size(), kNamedItems); ++i) {
      std::string unmet, unknown;
      for (const std::string& part : UnmetParts(intent, others[i]->facts)) {
        const std::string said = part == kPricePart   ? (korean ? "가격" : "the price condition")
                                 : part == kStockPart ? (korean ? "재고" : "the stock condition")
                                                      : "‘" + PlainLine(part, kMaxTitleBytes) + "’";
        std::string& parts = IsUnknown(part, intent, others[i]->facts) ? unknown : unmet;
        parts += (parts.empty() ? "" : ", ") + said;
      }
      text += "\n" + PlainLine(others[i]->item.title, kMaxTitleBytes) + ": ";
      if (unmet.empty() && unknown.empty()) {
        text += korean ? "찾으시는 종류의 상품이 아니어서 제외했어요."
                       : "left out because it is another kind of product.";
      } else if (korean) {
        if (!unmet.empty()) text += unmet + (unknown.empty() ? " 조건에 맞지 않아" : " 조건에 맞지 않고 ");
        if (!unknown.empty()) text += unknown + " 조건은 알 수 없어";
        text += " 제외했어요.";
      } else {
        text += "left out because " + (unmet.empty() ? "" : "it does not meet " + unmet) +
                (unmet.empty() || unknown.empty() ? "" : " and ") +
                (unknown.empty() ? "" : "it is not known to meet " + unknown) + ".";
      }
    }
    return text;
  }

  static std::string NothingFits(const QueryIntent& intent, const std::vector<const PromptItem*>& others,
                                 bool korean) {
    return UncheckedSentences(intent) +
           std::string(korean ? "목록에서 딱 맞는 상품은 찾지 못했어요."
                              : "None of the listed products matches your question.") +
           WhyNot(intent, others, korean);
  }

  // The lines of the material that share the most words with the question.
  std::string FromMaterial(const Prompt& prompt, const QueryIntent& intent) const {
    std::vector<std::pair<size_t, const std::string*>> scored;
    const std::string question = analysis::Fold(prompt.question);
    for (const std::string& line : prompt.material) {
      const std::string folded = analysis::Fold(line);
      // The question itself is never an answer.
      if (!question.empty() &&
          (folded.find(question) != std::string::npos || question.find(folded) != std::string::npos))
        continue;
      size_t shared = 0;
      for (const std::string& word : intent.keywords)
        shared += folded.find(analysis::Fold(word)) != std::string::npos ? 1 : 0;
      if (shared > 0) scored.emplace_back(shared, &line);
    }
    std::stable_sort(scored.begin(), scored.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::string text;
    for (size_t i = 0; i < std::min(scored.size(), kQuotedLines); ++i)
      text += (text.empty() ? "" : "\n") + PlainLine(*scored[i].second, kMaxQuotedBytes);
    if (!text.empty()) return text;
    return intent.language == "ko"
               ? "주어진 내용에서 답을 찾지 못했어요. 상품 목록이나 참고 문서를 함께 보내 주세요."
               : "I found no answer in the given text. Please include a list of products or reference "
                 "documents.";
  }

  // Cuts the answer at the first stop sequence and at max_tokens.
  static void Cut(const ChatRequest& request, ChatAnswer* answer) {
    size_t end = std::string::npos;
    for (const std::string& stop : request.stop) {
      const size_t at = answer->text.find(stop);
      if (at < end) {
        end = at;
        answer->stop = stop;
        answer->finish = ChatAnswer::Finish::kStop;
      }
    }
    if (end != std::string::npos) answer->text.resize(end);
    if (CountTokens(answer->text) <= request.max_tokens) return;
    // Binary search for the longest allowed prefix.
    size_t low = 0, high = answer->text.size();
    while (low + 1 < high) {
      const size_t middle = (low + high) / 2;
      (CountTokens(CutUtf8(answer->text, middle)) <= request.max_tokens ? low : high) = middle;
    }
    answer->text = std::string(CutUtf8(answer->text, low));
    TRINE_DCHECK(answer->text.empty() || CountTokens(answer->text) <= request.max_tokens);
    answer->finish = ChatAnswer::Finish::kMaxTokens;
    answer->stop.clear();
  }

  static Status Stream(std::string_view text, const TokenSink& sink) {
    while (!text.empty()) {
      const size_t space = text.find(' ', 1);
      TRINE_TRY(sink(text.substr(0, space)));
      text = space == std::string_view::npos ? std::string_view{} : text.substr(space);
    }
    return Ok();
  }

  const analysis::Analyzers& analyzers_;
};

}  // namespace

std::unique_ptr<LanguageModel> NewBuiltinModel(const analysis::Analyzers& analyzers) {
  return std::make_unique<BuiltinModel>(analyzers);
}

uint32_t CountTokens(std::string_view text) {
  // Common tokenizers make about one token per four Latin letters or per Hangul syllable.
  size_t latin = 0, wide = 0;
  for (const char c : text) {
    const unsigned char b = static_cast<unsigned char>(c);
    if (b < 0x80)
      ++latin;
    else if ((b & 0xC0) != 0x80)
      ++wide;
  }
  return static_cast<uint32_t>((latin + 3) / 4 + wide);
}

}  // namespace trine::language
