#include "analysis/options.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/check.h"

namespace trine::analysis {
namespace {

// Whether OpenSearch has an option of this name, on any component, that changes tokens and that no component
// here implements.
bool IsUnbuilt(std::string_view name) {
  constexpr std::string_view kUnbuilt[] = {"stopwords_path",
                                           "synonyms_path",
                                           "mappings_path",
                                           "user_dictionary",
                                           "user_dictionary_rules",
                                           "ignored_scripts",
                                           "stem_exclusion_path",
                                           "synonym_analyzer",
                                           "analyzer",
                                           "tokenizer",
                                           "rules",
                                           "rules_path",
                                           "keywords",
                                           "keywords_path",
                                           "keywords_pattern",
                                           "tokenizer_on_chars"};
  return std::find(std::begin(kUnbuilt), std::end(kUnbuilt), name) != std::end(kUnbuilt);
}

}  // namespace

void OptionReader::Only(std::string_view name, std::string_view value) {
  const std::string* given = Find(name);
  if (given != nullptr && *given != value) Fail(name, value);
}

const std::string* OptionReader::Find(std::string_view name) {
  known_.emplace(name);
  const auto it = options_.find(std::string(name));
  return it == options_.end() ? nullptr : &it->second;
}

bool OptionReader::Has(std::string_view name) { return Find(name) != nullptr; }

void OptionReader::Fail(std::string_view name, std::string_view expected) {
  if (error_) return;
  const std::string* value = Find(name);
  error_ =
      Error(ErrorCode::kInvalid, std::string(value == nullptr ? "missing option \"" : "invalid option \"") +
                                     std::string(name) + "\" for \"" + std::string(component_) + "\"")
          .Expected(std::string(expected))
          .Got(value == nullptr ? "nothing" : *value);
}

int OptionReader::Int(std::string_view name, int fallback, int lowest, int highest) {
  TRINE_CHECK_LE(lowest, highest);
  const std::string* text = Find(name);
  if (text == nullptr) return fallback;
  int value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < lowest || value > highest) {
    Fail(name, "a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest));
    return fallback;
  }
  return value;
}

uint32_t OptionReader::Uint(std::string_view name, uint32_t fallback, uint32_t lowest, uint32_t highest) {
  TRINE_CHECK_LE(highest, static_cast<uint32_t>(std::numeric_limits<int>::max()));
  return static_cast<uint32_t>(
      Int(name, static_cast<int>(fallback), static_cast<int>(lowest), static_cast<int>(highest)));
}

bool OptionReader::Bool(std::string_view name, bool fallback) {
  const std::string* text = Find(name);
  if (text == nullptr) return fallback;
  if (*text == "true") return true;
  if (*text != "false") Fail(name, "true or false");
  return false;
}

std::string OptionReader::Text(std::string_view name, std::string_view fallback) {
  const std::string* text = Find(name);
  return text == nullptr ? std::string(fallback) : *text;
}

std::optional<std::vector<std::string>> OptionReader::List(std::string_view name) {
  const std::string* text = Find(name);
  if (text == nullptr) return std::nullopt;
  std::vector<std::string> items;
  for (size_t from = 0; from < text->size();) {
    const size_t to = std::min(text->find('\n', from), text->size());
    if (to > from) items.push_back(text->substr(from, to - from));
    from = to + 1;
  }
  return items;
}

std::string OptionReader::Choice(std::string_view name, std::string_view fallback,
                                 const std::vector<std::string_view>& choices) {
  const std::string* text = Find(name);
  if (text == nullptr) return std::string(fallback);
  std::string expected = "one of";
  for (const std::string_view choice : choices) {
    if (*text == choice) return *text;
    expected.append(" ").append(choice);
  }
  Fail(name, expected);
  return std::string(fallback);
}

Status OptionReader::Finish() const {
  if (error_) return *error_;
  for (const auto& [name, value] : options_) {
    if (known_.contains(name) || !IsUnbuilt(name)) continue;
    return Error(ErrorCode::kUnsupported,
                 "option \"" + name + "\" of \"" + std::string(component_) + "\" is not supported yet")
        .Got(name);
  }
  return Ok();
}

}  // namespace trine::analysis
