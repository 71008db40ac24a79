#include "server/terms_mark.h"

#include <charconv>

#include "analysis/analyzer.h"

namespace trine::server {
namespace {

constexpr std::string_view kVersionLine = "trine terms ";
constexpr std::string_view kWith = "korean dictionary\n", kWithout = "no korean dictionary\n";

}  // namespace

std::string TermsMarkText(bool korean_dictionary) {
  return std::string(kVersionLine) + std::to_string(analysis::kTermsVersion) + "\n" +
         std::string(korean_dictionary ? kWith : kWithout);
}

std::optional<TermsMark> ReadTermsMark(std::string_view text) {
  if (!text.starts_with(kVersionLine)) return std::nullopt;
  text.remove_prefix(kVersionLine.size());
  TermsMark mark;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mark.version);
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (error != std::errc() || mark.version <= 0 || !text.starts_with('\n')) return std::nullopt;
  text.remove_prefix(1);
  if (text.empty()) return mark;
  if (text != kWith && text != kWithout) return std::nullopt;
  mark.korean_dictionary = text == kWith;
  return mark;
}

std::optional<std::string> DictionaryIsLost(storage::Directory& indexes, bool korean_dictionary) {
  const auto bytes = indexes.Open(kTermsFile);
  const auto mark = bytes.ok() ? ReadTermsMark((*bytes)->bytes()) : std::nullopt;
  if (korean_dictionary || !mark || !mark->korean_dictionary.value_or(false)) return std::nullopt;
  return "the indexes were made with a Korean dictionary, and none is found now: Korean words of questions "
         "and "
         "of new documents are divided in another way than those of the stored documents, so searches miss "
         "documents; start with --korean-dictionary DIR, or do without the dictionary: trine rebuild";
}

}  // namespace trine::server
