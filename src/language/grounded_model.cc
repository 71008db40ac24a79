#include "language/grounded_model.h"

#include <algorithm>
#include <utility>

#include "analysis/analyzer.h"
#include "base/check.h"
#include "base/text.h"
#include "catalogue/role.h"
#include "format/json.h"
#include "language/plain_text.h"
#include "language/prompt.h"

namespace trine::language {
namespace {

using format::Json;

constexpr size_t kMaxJsonBytes = 1u << 20;  // a longer answer in JSON is withheld
constexpr size_t kMaxJsonDepth = 64;

bool HasMaterial(const GroundingMaterial& material) {
  return !material.items.empty() || !material.documents.empty();
}

std::string WithheldText(const std::string& question) {
  return HasHangul(question) ? "주어진 상품과 문서로 확인되는 답을 드릴 수 없어요."
                             : "I cannot give an answer that the given items and documents support.";
}

// The JSON of an answer without a fence of Markdown around it.
std::string_view WithoutFence(std::string_view text) {
  text = Trim(text);
  if (!text.starts_with("```") || !text.ends_with("```") || text.size() < 6) return text;
  text.remove_suffix(3);
  const size_t line = text.find('\n');
  return line == std::string_view::npos ? text : Trim(text.substr(line));
}

bool LooksLikeJson(std::string_view text) {
  return text.starts_with('{') || text.starts_with('[') || text.starts_with("```");
}

// Checks the values of an answer in JSON. Use once.
class JsonCheck {
 public:
  explicit JsonCheck(const SentenceChecker& checker) : checker_(checker) {}

  // Replaces what the material does not support by null, and removes members whose names are such texts.
  void Check(Json* json) { CheckValue("", {}, json, 0); }
  size_t dropped() const { return dropped_; }
  size_t kept() const { return kept_; }

 private:
  // `name`: the name of the member that has the value; empty: none. `texts`: the strings of the object that
  // has it.
  void CheckValue(const std::string& name, const std::vector<std::string>& texts, Json* json, size_t depth) {
    if (depth > kMaxJsonDepth) return Drop(json);
    if (json->is_string()) {
      Keep(checker_.WhyUnsupported(json->string()).empty(), json);
    } else if (json->is_number()) {
      Keep(MayState(name, texts, json->number()), json);
    } else if (json->is_array()) {
      for (Json& element : json->array()) CheckValue(name, texts, &element, depth + 1);
    } else if (json->is_object()) {
      CheckObject(json, depth);
    }
  }

  void CheckObject(Json* json, size_t depth) {
    std::vector<std::string> texts;
    for (const auto& [name, value] : json->object()) {
      if (value.is_string()) texts.push_back(value.string());
    }
    // A name of several words is a text for the reader.
    dropped_ += std::erase_if(json->object(), [this](const Json::Member& member) {
      return member.first.find_first_of(" \t\n./:") != std::string::npos &&
             !checker_.WhyUnsupported(member.first).empty();
    });
    for (auto& [name, value] : json->object()) CheckValue(name, texts, &value, depth + 1);
  }

  bool MayState(const std::string& name, const std::vector<std::string>& texts, double number) const {
    const auto role = catalogue::RoleOfName(name);
    const bool price = role && role->role == catalogue::Role::kPrice;
    if (price && !checker_.MayHavePrice(texts, number)) return false;
    // A share, such as a score, is the model's own judgement.
    const bool share = !role && number >= 0 && number <= 1;
    return share || checker_.StatesNumber(number);
  }

  void Keep(bool supported, Json* json) {
    if (!supported) return Drop(json);
    ++kept_;
  }
  void Drop(Json* json) {
    *json = Json();
    ++dropped_;
  }

  const SentenceChecker& checker_;
  size_t dropped_ = 0, kept_ = 0;
};

// Passes the sentences of one answer on as they are checked.
class Release {
 public:
  Release(GroundingMaterial material, bool json, TokenSink sink)
      : question_(material.question),
        checker_(std::move(material)),
        wants_json_(json),
        json_(json),
        sink_(std::move(sink)) {}

  Status Add(std::string_view part) {
    if (!decided_) {
      begin_ += part;
      const std::string_view seen = Trim(begin_);
      if (seen.empty()) return Ok();
      decided_ = true;
      json_ = json_ || LooksLikeJson(seen);
      if (!json_) return Pass(checker_.Add(std::exchange(begin_, {})));
      return Ok();
    }
    if (!json_) return Pass(checker_.Add(part));
    if (begin_.size() <= kMaxJsonBytes) begin_ += part;
    return Ok();
  }

  // Completes the answer and fills in its text and what became of it.
  Status Finish(ChatAnswer* answer) {
    if (json_) {
      TRINE_TRY(FinishJson());
    } else {
      TRINE_TRY(Pass(checker_.Finish()));
    }
    answer->grounding = withheld_ ? Grounding::kWithheld : Grounding::kChecked;
    answer->dropped_sentences = dropped_;
    if (IsBlank(text_) && dropped_ > 0 && answer->tool_calls.empty()) {
      answer->grounding = Grounding::kWithheld;
      TRINE_TRY(Emit(WithheldText(question_)));
    }
    answer->text = std::move(text_);
    return Ok();
  }

 private:
  Status Pass(const std::vector<CheckedSentence>& sentences) {
    for (const CheckedSentence& sentence : sentences) {
      if (sentence.supported) {
        TRINE_TRY(Emit(sentence.text));
      } else {
        ++dropped_;
      }
    }
    return Ok();
  }

  Status FinishJson() {
    auto parsed = format::ParseJson(WithoutFence(begin_));
    if (wants_json_ && (!parsed.ok() || begin_.size() > kMaxJsonBytes) && !IsBlank(begin_)) {
      // The client reads JSON only, so that a text would be an error to it.
      ++dropped_;
      withheld_ = true;
      return Emit("{}");
    }
    if (!parsed.ok() || begin_.size() > kMaxJsonBytes) {
      // It only looked like JSON, or is a list in brackets: judged as sentences.
      if (begin_.size() <= kMaxJsonBytes) TRINE_TRY(Pass(checker_.Add(begin_)));
      if (begin_.size() > kMaxJsonBytes) ++dropped_;
      return Pass(checker_.Finish());
    }
    JsonCheck check(checker_);
    check.Check(&*parsed);
    dropped_ += check.dropped();
    withheld_ = check.kept() == 0 && check.dropped() > 0;
    return Emit(check.dropped() == 0 ? begin_ : format::ToString(*parsed));
  }

  Status Emit(const std::string& text) {
    text_ += text;
    return sink_ && !text.empty() ? sink_(text) : Ok();
  }

  const std::string question_;
  SentenceChecker checker_;
  const bool wants_json_;
  bool json_;
  const TokenSink sink_;
  bool decided_ = false;
  std::string begin_;  // the text until it is known whether it is JSON; all of it if it is
  std::string text_;   // released
  size_t dropped_ = 0;
  bool withheld_ = false;
};

class GroundedModel final : public LanguageModel {
 public:
  explicit GroundedModel(LanguageModel& inner) : inner_(inner) {}
  std::string name() const override { return inner_.name(); }
  bool ChecksSentences(const ChatRequest& request) const override { return HasMaterial(MaterialOf(request)); }

  Result<ChatAnswer> Complete(const ChatRequest& request, const Deadline& deadline,
                              const TokenSink& sink) override {
    GroundingMaterial material = MaterialOf(request);
    if (!HasMaterial(material)) return inner_.Complete(request, deadline, sink);
    Release release(std::move(material), request.want_json, sink);
    TokenSink check;
    if (sink) check = [&release](std::string_view part) { return release.Add(part); };
    auto answer = inner_.Complete(request, deadline, check);
    if (!answer.ok()) return answer;
    if (!sink) TRINE_TRY(release.Add(answer->text));
    TRINE_TRY(release.Finish(&*answer));
    return answer;
  }

 private:
  LanguageModel& inner_;
};

// The material of a request, collected from its messages.
class Collector {
 public:
  // Where items were read. If sources give an item different prices, that with the lower number is right: the
  // system message is written by the program, and a message of the user may be the shopper's own.
  enum class Source { kSystem = 0, kTool = 1, kUser = 2 };

  void AddPrompt(Prompt prompt, Source source) {
    ItemList list{source, {}};
    for (PromptItem& one : prompt.items) {
      one.item.attributes.emplace_back("text", one.facts.named + "\n" + one.facts.text);
      list.items.push_back(std::move(one.item));
    }
    if (!list.items.empty()) lists_.push_back(std::move(list));
    std::string document;
    for (const std::string& line : prompt.documents) document += line + "\n";
    if (!document.empty()) material.documents.push_back(std::move(document));
    for (std::string& line : prompt.material) {
      const bool in_document =
          std::find(prompt.documents.begin(), prompt.documents.end(), line) != prompt.documents.end();
      if (!in_document) material.facts.push_back(std::move(line));
    }
  }

  // Adds the items: those of the better source and of the later message first; an item that they have already
  // only adds its attributes.
  GroundingMaterial Take() {
    std::reverse(lists_.begin(), lists_.end());
    std::stable_sort(lists_.begin(), lists_.end(),
                     [](const ItemList& a, const ItemList& b) { return a.source < b.source; });
    for (ItemList& list : lists_) {
      const size_t before = material.items.size();
      for (AnswerItem& item : list.items) {
        const std::string title = analysis::Fold(item.title);
        const auto end = material.items.begin() + static_cast<ptrdiff_t>(before);
        const auto known = std::find_if(material.items.begin(), end, [&](const AnswerItem& other) {
          return analysis::Fold(other.title) == title;
        });
        if (known == end) {
          material.items.push_back(std::move(item));
          continue;
        }
        if (!known->price) known->price = item.price;
        if (!known->grams) known->grams = item.grams;
        for (auto& attribute : item.attributes) known->attributes.push_back(std::move(attribute));
      }
    }
    return std::move(material);
  }

  GroundingMaterial material;

 private:
  struct ItemList {
    Source source;
    std::vector<AnswerItem> items;
  };
  std::vector<ItemList> lists_;
};

// Whether the items of a prompt are products: a numbered list may also be one of rules or steps.
bool ListsProducts(const Prompt& prompt) {
  return !prompt.items.empty() &&
         (prompt.has_list || std::any_of(prompt.items.begin(), prompt.items.end(), [](const PromptItem& one) {
            return one.has_id || one.facts.price || one.facts.grams || one.facts.in_stock ||
                   !one.item.attributes.empty();
          }));
}

void AddResult(const std::string& text, Collector* collector) {
  if (IsBlank(text)) return;
  Prompt prompt = ReadPromptText(text);
  if (!ListsProducts(prompt)) {
    collector->material.documents.push_back(text);
    return;
  }
  // The question of a result is a line like any other.
  if (!IsBlank(prompt.question)) collector->material.documents.push_back(prompt.question);
  collector->AddPrompt(std::move(prompt), Collector::Source::kTool);
}

}  // namespace

GroundingMaterial MaterialOf(const ChatRequest& request) {
  using Source = Collector::Source;
  Collector collector;
  std::string& question = collector.material.question;
  for (const ChatMessage& message : request.messages) {
    for (const ToolResult& result : message.tool_results) AddResult(result.text, &collector);
    if (message.role == ChatMessage::Role::kAssistant || IsBlank(message.text)) continue;
    const bool system = message.role == ChatMessage::Role::kSystem;
    Prompt prompt = ReadPromptText(message.text);
    const bool carries = ListsProducts(prompt) || !prompt.documents.empty();
    if (system && !carries) collector.material.facts.push_back(message.text);
    if (!system) question += (question.empty() ? "" : "\n") + (carries ? prompt.question : message.text);
    if (carries) collector.AddPrompt(std::move(prompt), system ? Source::kSystem : Source::kUser);
  }
  return collector.Take();
}

std::unique_ptr<LanguageModel> NewGroundedModel(LanguageModel& inner) {
  return std::make_unique<GroundedModel>(inner);
}

}  // namespace trine::language
