#include "language/list_mark.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "base/check.h"

namespace trine::language {
namespace {

// The order of the Korean syllables and letters that number lists (the order of consonants, 한글 맞춤법
// 제4항).
constexpr std::array<std::string_view, 14> kSyllables = {"가", "나", "다", "라", "마", "바", "사",
                                                         "아", "자", "차", "카", "타", "파", "하"};

int OrdinalOf(std::string_view label) {
  if (label.size() == 1) return (label[0] | 0x20) - 'a' + 1;
  const auto it = std::find(kSyllables.begin(), kSyllables.end(), label);
  return it == kSyllables.end() ? 1 : static_cast<int>(it - kSyllables.begin()) + 1;
}

}  // namespace

std::optional<ListMark> ListMarkAt(std::string_view line) {
  // Marks in common use in texts: the list marks of Markdown, the enclosed numbers and letters of Unicode
  // (blocks Enclosed Alphanumerics, Dingbats and Enclosed CJK Letters), and those of Korean documents.
  static const RE2 kBullet(R"(^(?:[-*+–—]\s+|[•·∙‣◦▪▫●○■□◆◇▶►▷▸☞※✓✔✅➤➢]\s*))");
  static const RE2 kNumber(
      R"(^(?:[(\[]?(?:(?i:no\.?|item|product)\s*|#|상품\s*|제품\s*)?([0-9]{1,3})(?:\s*번)?(?:[.:]\s+|[)\]][.:]?\s*|번\s+)|([0-9])\x{FE0F}?\x{20E3}\s*|([①-⑳⑴-⒇❶-❿➀-➓])\s*))");
  static const RE2 kLetter(
      R"(^(?:[(\[]?([a-zA-Z가나다라마바사아자차카타파하])(?:\.\s+|[)\]][.:]?\s+)|[(\[]?((?i:[ivx]{1,4}))[.)\]]\s+|([ⓐ-ⓩ㉠-㉭㉮-㉻⒜-⒵])\s*))");
  re2::StringPiece rest(line.data(), line.size());
  std::array<re2::StringPiece, 3> labels;
  ListMark mark;
  const auto label = [&labels] {
    for (const re2::StringPiece& one : labels) {
      if (!one.empty()) return std::string(one.data(), one.size());
    }
    return std::string();
  };
  if (RE2::Consume(&rest, kBullet)) {
    mark.kind = ListMark::Kind::kBullet;
  } else if (RE2::Consume(&rest, kNumber, &labels[0], &labels[1], &labels[2])) {
    mark.kind = ListMark::Kind::kNumber;
    mark.label = label();
  } else if (RE2::Consume(&rest, kLetter, &labels[0], &labels[1], &labels[2])) {
    mark.kind = ListMark::Kind::kLetter;
    mark.label = label();
    mark.ordinal = labels[0].empty() ? 1 : OrdinalOf(mark.label);
  } else {
    return std::nullopt;
  }
  if (rest.empty()) return std::nullopt;
  mark.size = line.size() - rest.size();
  TRINE_DCHECK_GT(mark.size, 0u);
  return mark;
}

}  // namespace trine::language
