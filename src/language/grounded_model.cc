#include "language/grounded_model.h"

#include <algorithm>
#include <utility>

#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/text.h"
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

// Replaces what the material does not support by null, and counts it.
void CheckJson(const SentenceChecker& checker, Json* json, size_t depth, size_t* dropped) {
  const auto drop = [&] {
    *json = Json();
    ++*dropped;
  };
  if (depth > kMaxJsonDepth) return drop();
  if (json->is_string()) {
    if (!checker.WhyUnsupported(json->string()).empty()) drop();
  } else if (json->is_number()) {
    if (!checker.StatesNumber(json->number())) drop();
  } else if (json->is_array()) {
    for (Json& element : json->array()) CheckJson(checker, &element, depth + 1, dropped);
  } else if (json->is_object()) {
    for (auto& [name, value] : json->object()) CheckJson(checker, &value, depth + 1, dropped);
  }
}

// Passes the sentences of one answer on as they are checked.
class Release {
 public:
  Release(GroundingMaterial material, bool json, TokenSink sink)
      : question_(material.question), checker_(std::move(material)), json_(json), sink_(std::move(sink)) {}

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
    answer->grounding = Grounding::kChecked;
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
    if (!parsed.ok() || begin_.size() > kMaxJsonBytes) {
      // It only looked like JSON, or is a list in brackets: judged as sentences.
      if (begin_.size() <= kMaxJsonBytes) TRINE_TRY(Pass(checker_.Add(begin_)));
      if (begin_.size() > kMaxJsonBytes) ++dropped_;
      return Pass(checker_.Finish());
    }
    const size_t before = dropped_;
    CheckJson(checker_, &*parsed, 0, &dropped_);
    return Emit(dropped_ == before ? begin_ : format::ToString(*parsed));
  }

  Status Emit(const std::string& text) {
    text_ += text;
    return sink_ && !text.empty() ? sink_(text) : Ok();
  }

  const std::string question_;
  SentenceChecker checker_;
  bool json_;
  const TokenSink sink_;
  bool decided_ = false;
  std::string begin_;  // the text until it is known whether it is JSON; all of it if it is
  std::string text_;   // released
  size_t dropped_ = 0;
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

void AddPrompt(Prompt prompt, GroundingMaterial* material) {
  for (PromptItem& one : prompt.items) {
    one.item.attributes.emplace_back("text", one.facts.named + "\n" + one.facts.text);
    material->items.push_back(std::move(one.item));
  }
  std::string document;
  for (const std::string& line : prompt.documents) document += line + "\n";
  if (!document.empty()) material->documents.push_back(std::move(document));
  for (std::string& line : prompt.material) {
    const bool in_document =
        std::find(prompt.documents.begin(), prompt.documents.end(), line) != prompt.documents.end();
    if (!in_document) material->facts.push_back(std::move(line));
  }
}

}  // namespace

GroundingMaterial MaterialOf(const ChatRequest& request) {
  GroundingMaterial material;
  for (const ChatMessage& message : request.messages) {
    for (const ToolResult& result : message.tool_results) {
      AddPrompt(ReadPromptText(result.text), &material);
      if (!IsBlank(result.text)) material.documents.push_back(result.text);
    }
    if (message.role == ChatMessage::Role::kAssistant || IsBlank(message.text)) continue;
    Prompt prompt = ReadPromptText(message.text);
    const bool carries = !prompt.items.empty() || !prompt.documents.empty();
    if (message.role == ChatMessage::Role::kSystem) {
      if (!carries) material.facts.push_back(message.text);
    } else {
      material.question +=
          (material.question.empty() ? "" : "\n") + (carries ? prompt.question : message.text);
    }
    if (carries) AddPrompt(std::move(prompt), &material);
  }
  return material;
}

std::unique_ptr<LanguageModel> NewGroundedModel(LanguageModel& inner) {
  return std::make_unique<GroundedModel>(inner);
}

}  // namespace trine::language
