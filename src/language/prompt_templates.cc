#include "language/prompt_templates.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/check.h"
#include "base/nearest_name.h"
#include "base/text.h"
#include "base/utf8.h"
#include "language/prompt_sources.h"

namespace trine::language {
namespace {

constexpr std::string_view kSystemLine = "[system]\n", kUserLine = "[user]\n";
constexpr std::string_view kOpen = "{{", kClose = "}}";

const std::vector<std::string>& PlacesOf(PromptKind kind) {
  static const std::vector<std::string> kOfUnderstand = {"question"};
  static const std::vector<std::string> kOfAnswer = {"items", "documents", "taste", "question"};
  return kind == PromptKind::kUnderstand ? kOfUnderstand : kOfAnswer;
}

size_t IndexOf(PromptKind kind, bool korean) {
  return static_cast<size_t>(kind) * kPromptLanguages + (korean ? 1 : 0);
}

// The index of the prompt with this file name.
size_t IndexOf(std::string_view file_name) {
  const std::vector<std::string> names = PromptTemplates::FileNames();
  const auto at = std::find(names.begin(), names.end(), file_name);
  TRINE_CHECK(at != names.end());
  return static_cast<size_t>(at - names.begin());
}

PromptKind KindOf(size_t index) { return static_cast<PromptKind>(index / kPromptLanguages); }

std::string Joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "{{" : ", {{") + name + "}}";
  return out;
}

std::string PlaceOf(std::string_view file_name, std::string_view text, size_t at) {
  const auto lines = std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(at), '\n');
  return std::string(file_name) + ", line " + std::to_string(lines + 1);
}

// The text with '\n' alone at the ends of lines, as files of other systems are read.
std::string WithoutCarriageReturns(std::string_view text) {
  std::string out(text);
  std::erase(out, '\r');
  return out;
}

Result<std::string> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return Error(ErrorCode::kIo, "cannot open the prompt file").Where(path.string());
  std::string text(PromptTemplates::kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.eof() && file.fail())
    return Error(ErrorCode::kIo, "cannot read the prompt file").Where(path.string());
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

// Whether a file is meant as a prompt, so that a wrong name is an error.
bool LooksLikePrompt(std::string_view name) {
  return name.ends_with(".txt") && (name.starts_with("understand.") || name.starts_with("answer."));
}

std::string Escaped(std::string value) {
  for (char& c : value) {
    if (c == '<' || c == '>') c = '/';
  }
  return value;
}

}  // namespace

std::vector<std::string> PromptTemplates::FileNames() {
  return {"understand.v1.en.txt", "understand.v1.ko.txt", "answer.v1.en.txt", "answer.v1.ko.txt"};
}

Result<PromptTemplates::Template> PromptTemplates::Parse(PromptKind kind, std::string_view file_name,
                                                         std::string_view given) {
  if (given.size() > kMaxFileBytes)
    return Error(ErrorCode::kInvalid, "the prompt is too long")
        .Expected("at most " + std::to_string(kMaxFileBytes) + " bytes")
        .Where(std::string(file_name));
  if (const size_t valid = ValidUtf8Prefix(given); valid < given.size())
    return Error(ErrorCode::kInvalid, "the prompt is not UTF-8").Where(PlaceOf(file_name, given, valid));
  const std::string text = WithoutCarriageReturns(given);
  const size_t user = text.find("\n" + std::string(kUserLine));
  if (!text.starts_with(kSystemLine) || user == std::string::npos || user + 1 < kSystemLine.size())
    return Error(ErrorCode::kInvalid, "the prompt lacks one of its two parts")
        .Expected("a first line \"[system]\", and a later line \"[user]\"")
        .Where(std::string(file_name));
  Template out;
  out.system = Trim(std::string_view(text).substr(kSystemLine.size(), user + 1 - kSystemLine.size()));
  if (out.system.find(kOpen) != std::string::npos)
    return Error(ErrorCode::kInvalid, "a place for data is among the instructions")
        .Expected("places only below the line \"[user]\"")
        .Where(PlaceOf(file_name, text, text.find(kOpen)));
  const std::vector<std::string>& known = PlacesOf(kind);
  size_t at = user + 1 + kUserLine.size();
  for (;;) {
    const size_t open = text.find(kOpen, at);
    out.literals.push_back(text.substr(at, std::min(open, text.size()) - at));
    if (open == std::string::npos) break;
    const size_t close = text.find(kClose, open);
    if (close == std::string::npos)
      return Error(ErrorCode::kInvalid, "a place for data does not end")
          .Expected("}} on the same line")
          .Where(PlaceOf(file_name, text, open));
    const std::string name(Trim(std::string_view(text).substr(open + 2, close - open - 2)));
    if (std::find(known.begin(), known.end(), name) == known.end())
      return Error(ErrorCode::kInvalid, "unknown place {{" + name + "}}" + NearestNameHint(name, known))
          .Expected(Joined(known))
          .Where(PlaceOf(file_name, text, open));
    if (std::find(out.places.begin(), out.places.end(), name) != out.places.end())
      return Error(ErrorCode::kInvalid, "the place {{" + name + "}} occurs twice")
          .Where(PlaceOf(file_name, text, open));
    out.places.push_back(name);
    at = close + kClose.size();
  }
  for (const std::string& name : known) {
    if (std::find(out.places.begin(), out.places.end(), name) == out.places.end())
      return Error(ErrorCode::kInvalid, "the prompt lacks the place {{" + name + "}}")
          .Expected(Joined(known))
          .Where(std::string(file_name));
  }
  TRINE_DCHECK_EQ(out.literals.size(), out.places.size() + 1);
  return out;
}

Status PromptTemplates::Replace(std::string_view file_name, std::string_view text) {
  const size_t index = IndexOf(file_name);
  TRINE_ASSIGN(templates_[index], Parse(KindOf(index), file_name, text));
  return Ok();
}

PromptTemplates PromptTemplates::Builtin() {
  PromptTemplates out;
  for (const std::string& name : FileNames()) {
    const Status replaced = out.Replace(name, PromptSource(name));
    TRINE_CHECK(replaced.ok());  // a test parses them
  }
  return out;
}

Result<PromptTemplates> PromptTemplates::Load(const std::string& folder) {
  PromptTemplates out = Builtin();
  const std::vector<std::string> names = FileNames();
  std::error_code failed;
  for (std::filesystem::directory_iterator it(folder, failed), end; !failed && it != end;
       it.increment(failed)) {
    const std::string name = it->path().filename().string();
    if (!LooksLikePrompt(name)) continue;
    if (std::find(names.begin(), names.end(), name) == names.end())
      return Error(ErrorCode::kInvalid, "unknown prompt file '" + name + "', which would have no effect" +
                                            NearestNameHint(name, names))
          .Where(folder);
    TRINE_ASSIGN(const std::string text, ReadFile(it->path()));
    TRINE_TRY(out.Replace(name, text));
  }
  if (failed)
    return Error(ErrorCode::kIo, "cannot read the folder of prompts: " + failed.message()).Where(folder);
  return out;
}

FilledPrompt PromptTemplates::Fill(PromptKind kind, std::string_view language, const Values& values) const {
  const Template& from = templates_[IndexOf(kind, language == "ko")];
  TRINE_CHECK(!from.literals.empty());
  FilledPrompt out;
  out.system = from.system;
  out.user = from.literals.front();
  for (size_t i = 0; i < from.places.size(); ++i) {
    const auto value =
        std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.first == from.places[i]; });
    TRINE_CHECK(value != values.end());
    out.user += Escaped(value->second) + from.literals[i + 1];
  }
  return out;
}

}  // namespace trine::language
