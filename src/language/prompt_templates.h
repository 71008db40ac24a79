// PromptTemplates: the texts by which a language model is asked, as versioned files with places for data.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace trine::language {

// The task that a prompt describes.
enum class PromptKind { kUnderstand, kAnswer };
inline constexpr size_t kPromptKinds = 2, kPromptLanguages = 2;

// A prompt whose places are filled.
struct FilledPrompt {
  std::string system;  // instructions only
  std::string user;    // the data between tags
};

// The prompts of all kinds, in Korean and English. Immutable once loaded; thread-safe.
//
// A prompt is a UTF-8 file with the name KIND.vN.LANGUAGE.txt: "answer.v1.ko.txt". It consists of a line
// "[system]" with the instructions below it, and a line "[user]" with the data below it. "{{name}}" is a
// place for data. Each place of the kind occurs exactly once, in the part [user]: "question" in both kinds,
// and "items", "documents" and "taste" in an answer prompt.
class PromptTemplates {
 public:
  // Enough for instructions; a longer prompt is a mistake that would cost money with every question.
  static constexpr size_t kMaxFileBytes = 16u << 10;

  // The prompts of this program.
  static PromptTemplates Builtin();
  // The prompts of this program, except those of which `folder` has a file of the same name. kIo if the
  // folder or a file cannot be read; kInvalid, with the file and the line in `where`, if a prompt is
  // malformed, and for a file that is named almost like a prompt ("answer.v2.ko.txt"), which would have no
  // effect.
  static Result<PromptTemplates> Load(const std::string& folder);

  // The names of the files of all prompts: "understand.v1.ko.txt" ...
  static std::vector<std::string> FileNames();
  // Replaces one prompt. Errors as in Load; then the former prompt remains. Requires one of FileNames().
  Status Replace(std::string_view file_name, std::string_view text);

  // Puts data into the places of a prompt. `language` is "ko", or anything else for English. Requires a value
  // for each place of the kind. The values are untrusted: '<' and '>' become '/', so that a value cannot end
  // the part between two tags, and places in a value are not filled.
  using Values = std::vector<std::pair<std::string_view, std::string>>;
  FilledPrompt Fill(PromptKind kind, std::string_view language, const Values& values) const;

 private:
  // A prompt as it was parsed. `user` is a list of literal texts, with the place between each and the next.
  struct Template {
    std::string system;
    std::vector<std::string> literals;  // one more than `places`
    std::vector<std::string> places;
  };
  PromptTemplates() = default;
  static Result<Template> Parse(PromptKind kind, std::string_view file_name, std::string_view text);

  std::array<Template, kPromptKinds * kPromptLanguages> templates_;
};

}  // namespace trine::language
