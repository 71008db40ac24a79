#include "formation/ask_prompt.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "analysis/analyzer.h"
#include "base/check.h"
#include "format/quantity_text.h"
#include "language/plain_text.h"

namespace trine::formation {
namespace {

constexpr size_t kMaxTitleBytes = 160;  // as in the built-in answer
constexpr size_t kMaxValueBytes = 80;
constexpr size_t kMaxReasonBytes = 300;
constexpr size_t kMaxAttributes = 10;      // per item; the first facets say most
constexpr size_t kMaxDocumentBytes = 400;  // per item: about 100 tokens
constexpr const char* kFieldSeparator = " | ";

using language::AnswerItem;

bool MayRecommend(const AskState& state, const AnswerItem& item) {
  return item.fits && (!state.intent.outfit || item.worn);
}

// Untrusted text as a part of a line, which it can neither end nor divide.
std::string Part(std::string_view text, size_t max_bytes) {
  std::string part = language::PlainLine(text, max_bytes);
  std::replace(part.begin(), part.end(), '|', '/');
  return part;
}

std::string TitleLine(const AnswerItem& item) {
  return Part(item.title.empty() ? item.id : item.title, kMaxTitleBytes);
}

// One line: "1. Tent | price: $20.00 | brand: Pine | why: Because you recently viewed ‘Lamp’."
std::string ItemLine(const AskState& state, size_t rank, const AnswerItem& item) {
  const bool korean = state.intent.language == "ko";
  std::string line = std::to_string(rank) + ". " + TitleLine(item);
  const auto add = [&line](std::string_view name, std::string_view value, size_t max_bytes) {
    line += kFieldSeparator + Part(name, kMaxValueBytes) + ": " + Part(value, max_bytes);
  };
  if (item.price)
    add(korean ? "가격" : "price", format::FormatMoney(item.price->amount, item.price->currency, korean),
        kMaxValueBytes);
  size_t attributes = 0;
  for (const auto& [name, value] : item.attributes) {
    if (name == state.roles.price || value.empty()) continue;
    if (++attributes > kMaxAttributes) break;
    add(name, value, kMaxValueBytes);
  }
  if (!item.reason.empty()) add(korean ? "추천 이유" : "why", item.reason, kMaxReasonBytes);
  return line + "\n";
}

// The first description of a record, as one line.
std::string DescriptionOf(const AskState& state, const Candidate& candidate) {
  for (const std::string& field : state.roles.texts) {
    // A text field of another language would lead the model to answer in it.
    const bool other = (field.ends_with("_en") && state.intent.language == "ko") ||
                       (field.ends_with("_ko") && state.intent.language != "ko");
    if (other) continue;
    for (const std::string& text : catalogue::TextsAt(candidate.source, field)) {
      if (!text.empty()) return language::PlainLine(text, kMaxDocumentBytes);
    }
  }
  return "";
}

// The question without the parts that nobody could check, so that no sentence repeats one as if it were met.
std::string CheckedPartOf(const AskState& state) {
  std::string question = state.call.question;
  for (const language::UncheckedPart& part : state.intent.unchecked) {
    if (part.text.empty()) continue;
    for (size_t at = question.find(part.text); at != std::string::npos;
         at = question.find(part.text, at + part.text.size()))
      question.replace(at, part.text.size(), std::string(part.text.size(), ' '));
  }
  return question;
}

}  // namespace

AnswerPrompt MakeAnswerPrompt(const AskState& state, const std::vector<AnswerItem>& items, size_t max_items) {
  TRINE_CHECK_LE(items.size(), state.candidates.size());
  AnswerPrompt out;
  std::string lines, documents, taste;
  for (size_t i = 0; i < items.size() && out.material.items.size() < max_items; ++i) {
    if (!MayRecommend(state, items[i])) continue;
    TRINE_DCHECK_EQ(items[i].id, state.candidates[i].item_id);
    out.material.items.push_back(items[i]);
    out.material.items.back().title = TitleLine(items[i]);  // as the model sees it
    lines += ItemLine(state, out.material.items.size(), items[i]);
    if (!items[i].reason.empty()) out.material.facts.push_back(items[i].reason);
    std::string text = DescriptionOf(state, state.candidates[i]);
    if (text.empty()) continue;
    std::string document = TitleLine(items[i]) + ": " + text;
    documents += document + "\n";
    out.material.documents.push_back(std::move(document));
    // Not every sentence of a description names the product, but each is about it.
    out.material.items.back().attributes.emplace_back("description", std::move(text));
  }
  Taste known = TasteOf(state, items.size());
  for (std::string& sentence : known.sentences) {
    if (sentence.empty()) continue;
    taste += language::PlainLine(sentence, kMaxReasonBytes) + "\n";
    out.material.facts.push_back(std::move(sentence));
  }
  for (const std::string& title : known.titles) {
    // By itself the name of a product claims nothing.
    out.material.facts.push_back(language::PlainLine(title, kMaxTitleBytes));
    out.other_titles.push_back(out.material.facts.back());
  }
  out.material.question = CheckedPartOf(state);
  const auto without_end = [](std::string text) {
    if (text.ends_with('\n')) text.pop_back();
    return text;
  };
  out.values = {{"items", without_end(std::move(lines))},
                {"documents", without_end(std::move(documents))},
                {"taste", without_end(std::move(taste))},
                {"question", language::PlainLine(state.call.question, limits::kMaxQuestionBytes)}};
  return out;
}

}  // namespace trine::formation
