#include "analysis/locale/user_words.h"

#include <algorithm>

#include "analysis/utf8.h"
#include "base/text.h"

namespace trine::analysis {
namespace {

constexpr size_t kMaxWords = 100'000;  // some megabytes; nori's own dictionary has 800,000
constexpr size_t kMaxWordBytes = 255;

enum class Kind { kLetter, kDigit, kOther };
Kind KindOf(char c) {
  if (c >= '0' && c <= '9') return Kind::kDigit;
  return (c >= 'a' && c <= 'z') ? Kind::kLetter : Kind::kOther;
}
bool Continues(char before, char after) {
  return KindOf(before) != Kind::kOther && KindOf(before) == KindOf(after);
}

std::vector<std::string_view> SplitAtSpaces(std::string_view rule) {
  std::vector<std::string_view> words;
  for (size_t from = rule.find_first_not_of(" \t\r"); from != std::string_view::npos;) {
    const size_t to = std::min(rule.find_first_of(" \t\r", from), rule.size());
    words.push_back(rule.substr(from, to - from));
    from = rule.find_first_not_of(" \t\r", to);
  }
  return words;
}

}  // namespace

Result<std::shared_ptr<const UserWords>> UserWords::Parse(const std::vector<std::string>& rules) {
  auto words = std::make_shared<UserWords>();
  for (const std::string& given : rules) {
    const std::string rule = ReplaceIllFormed(std::string_view(given).substr(0, given.find('#')));
    const std::vector<std::string_view> pieces = SplitAtSpaces(rule);
    if (pieces.empty()) continue;
    const std::string word = ToLowerAscii(pieces[0]);
    size_t characters = 0;
    for (size_t i = 1; i < pieces.size(); ++i) characters += CountCodePoints(pieces[i]);
    if (characters > CountCodePoints(word)) {
      return Error(ErrorCode::kInvalid, "the parts of a user dictionary entry are longer than the word")
          .Expected("a word, or a compound and its parts, such as \"세종시 세종 시\"")
          .Got(rule);
    }
    Parts parts;
    size_t at = 0;
    for (size_t i = 1; i < pieces.size(); ++i) {
      // A part takes as many characters of the word as it has itself, as in Lucene.
      const size_t from = at;
      for (size_t left = CountCodePoints(pieces[i]); left > 0; --left) {
        static_cast<void>(DecodeUtf8(word, &at));
      }
      parts.push_back(static_cast<uint32_t>(at - from));
    }
    if (word.size() > kMaxWordBytes || words->words_.size() >= kMaxWords) {
      return Error(ErrorCode::kLimit, "the user dictionary is too large")
          .Expected("at most " + std::to_string(kMaxWords) + " words of at most " +
                    std::to_string(kMaxWordBytes) + " bytes")
          .Got(rule);
    }
    if (!words->words_.try_emplace(word, std::move(parts)).second) continue;
    auto& lengths = words->lengths_[static_cast<unsigned char>(word[0])];
    const auto length = static_cast<uint32_t>(word.size());
    if (std::find(lengths.begin(), lengths.end(), length) == lengths.end()) lengths.push_back(length);
  }
  for (auto& lengths : words->lengths_) std::sort(lengths.rbegin(), lengths.rend());
  return std::shared_ptr<const UserWords>(std::move(words));
}

UserWords::Match UserWords::Longest(std::string_view folded, size_t at) const {
  TRINE_DCHECK_LT(at, folded.size());
  if (at > 0 && Continues(folded[at - 1], folded[at])) return {};
  for (const uint32_t length : lengths_[static_cast<unsigned char>(folded[at])]) {
    if (length > folded.size() - at) continue;
    const size_t end = at + length;
    if (end < folded.size() && Continues(folded[end - 1], folded[end])) continue;
    const auto it = words_.find(folded.substr(at, length));
    if (it != words_.end()) return {length, &it->second};
  }
  return {};
}

}  // namespace trine::analysis
