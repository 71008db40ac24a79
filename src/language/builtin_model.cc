// The built-in language model: finds the task and the material in a prompt and answers from them alone. The
// material is quoted and never followed as instructions.
#include <algorithm>
#include <array>
#include <map>

#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "format/json.h"
#include "language/answer.h"
#include "language/intent.h"
#include "language/model.h"

namespace trine::language {
namespace {

constexpr std::string_view kName = "trine-builtin-1";
constexpr size_t kMaxPromptBytes = 200'000;  // longer prompts are cut; bounds the work of one call
constexpr size_t kMaxItems = 100;            // read from one prompt
constexpr size_t kNamedItems = 5;            // named in one answer
constexpr size_t kQuotedLines = 3;           // lines of the material that one answer may quote
constexpr size_t kMaxTitleBytes = 120;       // longer titles are cut: they are prose and not names
constexpr size_t kMaxIdBytes = 128;          // a longer text before a colon is not an id
constexpr size_t kMaxLabelBytes = 40;        // between the start of a label such as "질문" and its colon

// The parts of a prompt.
struct Prompt {
  std::string question;
  std::vector<AnswerItem> items;
  std::vector<std::string> material;  // other lines that may be quoted
  bool wants_json = false;
};

// Parses a line "- id: text": an id without spaces, then the title up to the first bracket, bar or comma.
std::optional<AnswerItem> ItemLine(std::string_view line) {
  if (line.size() < 4 || (line[0] != '-' && line[0] != '*') || line[1] != ' ') return std::nullopt;
  line = Trim(line.substr(2));
  const size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon > kMaxIdBytes) return std::nullopt;
  const std::string_view id = line.substr(0, colon);
  if (id.find_first_of(" \t\"'") != std::string_view::npos) return std::nullopt;
  AnswerItem item;
  item.id = std::string(id);
  const std::string_view text = Trim(line.substr(colon + 1));
  std::string_view title = text.substr(0, text.find_first_of("(|,;{[<\n"));
  // If the text has several sentences, it is a description, and its first sentence is enough to name the
  // item.
  title = Trim(title.substr(0, title.find(". ")));
  item.title = std::string(Trim(CutUtf8(title, kMaxTitleBytes)));
  return item;
}

// Returns the question: the text in quotes after a label such as "질문:", else the rest of that line, else
// the last line with a question mark, else the last line. Sets `line_with_it` to the line that contains it.
std::string QuestionOf(std::string_view text, std::string* line_with_it) {
  static constexpr std::array kLabels = {"사용자의 질문", "사용자 질문", "질문",
                                         "user question", "question",    "query",
                                         "User question", "Question",    "Query"};
  for (const char* label : kLabels) {
    const size_t at = text.rfind(label);
    if (at == std::string_view::npos) continue;
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon > kMaxLabelBytes) continue;
    *line_with_it = std::string(line);
    std::string_view rest = Trim(line.substr(colon + 1));
    if (rest.size() > 2 && (rest.front() == '"' || rest.front() == '\''))
      rest = rest.substr(1, rest.find(rest.front(), 1) - 1);
    if (!rest.empty()) return std::string(rest);
  }
  std::string last, asking;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = Trim(text.substr(start, end - start));
    if (!line.empty() && !ItemLine(line)) last = std::string(line);
    if (line.find('?') != std::string_view::npos && !ItemLine(line)) asking = std::string(line);
    start = end + 1;
  }
  *line_with_it = asking.empty() ? last : asking;
  return *line_with_it;
}

// Whether a line is an unfilled placeholder such as "{rag_retrieved_docs}".
bool IsPlaceholder(std::string_view line) {
  return line.size() > 2 && line.front() == '{' && line.back() == '}' &&
         line.find(' ') == std::string_view::npos;
}

bool Mentions(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

Prompt ReadPrompt(const ChatRequest& request) {
  Prompt prompt;
  prompt.wants_json = request.want_json;
  std::string_view text;
  for (const ChatMessage& message : request.messages) {
    if (message.role == ChatMessage::Role::kSystem)
      prompt.wants_json = prompt.wants_json || Mentions(message.text, "JSON");
    if (message.role == ChatMessage::Role::kUser) text = message.text;  // the last user message is answered
  }
  text = CutUtf8(text, kMaxPromptBytes);
  std::string question_line;
  prompt.question = QuestionOf(text, &question_line);
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = Trim(text.substr(start, end - start));
    start = end + 1;
    if (line.empty() || IsPlaceholder(line) || line == question_line) continue;
    if (auto item = ItemLine(line)) {
      if (prompt.items.size() < kMaxItems) prompt.items.push_back(std::move(*item));
    } else {
      // Item lines cannot request JSON, because their text comes from a catalogue.
      prompt.wants_json = prompt.wants_json || Mentions(line, "JSON");
      prompt.material.emplace_back(line);
    }
  }
  prompt.wants_json = prompt.wants_json || Mentions(prompt.question, "JSON");
  return prompt;
}

std::string IntentText(const QueryIntent& intent) {
  using format::Json;
  const auto list = [](const std::vector<std::string>& texts) {
    Json out(Json::Array{});
    for (const std::string& text : texts) out.Push(text);
    return out;
  };
  Json out, price;
  price.Set("min", intent.price_min ? Json(*intent.price_min) : Json());
  price.Set("max", intent.price_max ? Json(*intent.price_max) : Json());
  out.Set("language", intent.language);
  out.Set("keywords", list(intent.keywords));
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
    ChatAnswer answer;
    answer.model = kName;
    for (const ChatMessage& message : request.messages) answer.input_tokens += CountTokens(message.text);
    answer.text = Text(ReadPrompt(request));
    Cut(request, &answer);
    answer.output_tokens = CountTokens(answer.text);
    if (sink) TRINE_TRY(Stream(answer.text, sink));
    return answer;
  }

 private:
  std::string Text(const Prompt& prompt) const {
    const QueryIntent intent = ParseIntent(prompt.question, nullptr, analyzers_);
    if (prompt.wants_json) return IntentText(intent);
    if (!prompt.items.empty()) return FromItems(prompt, intent);
    return FromMaterial(prompt, intent);
  }

  // An answer that presents the prompt's items in their order, which is a ranking.
  std::string FromItems(const Prompt& prompt, const QueryIntent& intent) const {
    std::vector<AnswerItem> items(
        prompt.items.begin(),
        prompt.items.begin() + static_cast<ptrdiff_t>(std::min(prompt.items.size(), kNamedItems)));
    return ComposeAnswer(intent, items).text;
  }

  // The lines of the material that share the most words with the question.
  std::string FromMaterial(const Prompt& prompt, const QueryIntent& intent) const {
    std::vector<std::pair<size_t, const std::string*>> scored;
    for (const std::string& line : prompt.material) {
      const std::string folded = analysis::Fold(line);
      size_t shared = 0;
      for (const std::string& word : intent.keywords)
        shared += folded.find(analysis::Fold(word)) != std::string::npos ? 1 : 0;
      if (shared > 0) scored.emplace_back(shared, &line);
    }
    std::stable_sort(scored.begin(), scored.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::string text;
    for (size_t i = 0; i < std::min(scored.size(), kQuotedLines); ++i)
      text += (text.empty() ? "" : "\n") + *scored[i].second;
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
