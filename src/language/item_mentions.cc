#include "language/item_mentions.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>

#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "language/plain_text.h"
#include "language/text_markup.h"

namespace trine::language {
namespace {

constexpr size_t kMaxItems = 200;         // further items are not found; bounds the work of one sentence
constexpr size_t kMaxTitleBytes = 160;    // as answers quote titles
constexpr size_t kMaxShortForms = 6;      // forms of one title
constexpr size_t kMinShortBytes = 5;      // a shorter word is too common: two syllables have six bytes
constexpr size_t kMinIdBytes = 2;         // shorter ids are letters of lists
constexpr size_t kMinNumericIdBytes = 5;  // shorter numbers are counts and prices
constexpr size_t kMaxMentions = 64;       // in one sentence

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

bool IsNameByte(char c) {
  return IsAsciiDigit(c) || (ToLowerAscii(c) >= 'a' && ToLowerAscii(c) <= 'z') || c == '_';
}
bool IsWide(char c) { return static_cast<unsigned char>(c) >= 0x80; }
bool IsHangulLead(char c) {
  return static_cast<unsigned char>(c) >= 0xEA && static_cast<unsigned char>(c) <= 0xED;
}

// Whether a name may end before this text: a particle, the copula or a suffix of nouns follows a Korean name.
bool MayFollow(std::string_view rest, bool after_id) {
  if (rest.empty()) return true;
  if (IsNameByte(rest[0])) return false;
  if (after_id && rest[0] == '-' && rest.size() > 1 && IsNameByte(rest[1])) return false;
  if (!IsHangulLead(rest[0])) return true;
  static const RE2 kTail(
      R"(^(?:은|는|이|가|을|를|와|과|도|의|에|로|으로|만|랑|나|이나|하고|보다|처럼|부터|까지|같|중|등|및|대신|뿐|입|예|인|고|며|라|죠|요|께|외|님|야|한|여|제품|상품|세트)(?:[^가-힣]|$|[가-힣]*(?:[^가-힣]|$)))");
  static const RE2 kCompound(R"(^(?:커버|케이스|백|걸이|용|형|식|화|류|전용))");
  return RE2::PartialMatch(Piece(rest), kTail) && !RE2::PartialMatch(Piece(rest), kCompound);
}

bool MayPrecede(std::string_view head, char first) {
  if (head.empty()) return true;
  const char last = head.back();
  if (IsNameByte(last) || (last == '-' && head.size() > 1 && IsNameByte(head[head.size() - 2]))) return false;
  if (!IsWide(last) || !IsWide(first)) return true;
  // The character before: Hangul would make the name a part of a longer word.
  size_t begin = head.size() - 1;
  while (begin > 0 && (static_cast<unsigned char>(head[begin]) & 0xC0) == 0x80) --begin;
  return !IsHangulLead(head[begin]);
}

// Whether the sentence compares something with the mention: "B보다", "than B", "unlike B".
bool IsCompared(std::string_view text, const Mention& mention) {
  static const RE2 kAfter(
      R"(^(?:\s*(?:제품|상품))?(?:보다|에\s*비해|에\s*비하|와\s*달리|과\s*달리|와는\s*달리|과는\s*달리|와\s*비교|과\s*비교|\s+대비))");
  static const RE2 kBefore(
      R"((?i)\b(?:than|unlike|compared (?:to|with)|instead of|versus|vs\.?)\s+(?:the\s+)?["'‘“]?$)");
  return RE2::PartialMatch(Piece(text.substr(mention.end)), kAfter) ||
         RE2::PartialMatch(Piece(text.substr(0, mention.begin)), kBefore);
}

std::vector<std::string_view> WordsOf(std::string_view text) {
  std::vector<std::string_view> words;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

}  // namespace

MentionFinder::MentionFinder(const std::vector<AnswerItem>& items) {
  for (size_t i = 0; i < std::min(items.size(), kMaxItems); ++i) {
    Add(items[i].title, i, true, false);
    Add(PlainLine(items[i].title, kMaxTitleBytes), i, true, false);
    Add(WithoutMarkup(PlainLine(items[i].title, kMaxTitleBytes)), i, true, false);
    Add(items[i].id, i, true, true);
  }
  AddShortForms(items);
  std::stable_sort(names_.begin(), names_.end(), [](const Name& a, const Name& b) {
    return a.text.size() != b.text.size() ? a.text.size() > b.text.size() : a.full > b.full;
  });
}

void MentionFinder::Add(std::string_view name, size_t item, bool full, bool is_id) {
  const std::string text = ToLowerAscii(Trim(name));
  const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
  if (text.size() < kMinIdBytes || (digits && text.size() < kMinNumericIdBytes)) return;
  // A letter or a sign that marks a line of a list is not a name.
  if (is_id && CountCodePoints(text) < 2) return;
  for (Name& known : names_) {
    if (known.text != text) continue;
    if (std::find(known.items.begin(), known.items.end(), item) == known.items.end())
      known.items.push_back(item);
    return;
  }
  names_.push_back({text, {item}, full, is_id});
}

void MentionFinder::AddShortForms(const std::vector<AnswerItem>& items) {
  const size_t count = std::min(items.size(), kMaxItems);
  std::vector<std::string> titles;
  for (size_t i = 0; i < count; ++i)
    titles.push_back(ToLowerAscii(PlainLine(items[i].title, kMaxTitleBytes)));
  std::vector<Name> forms;
  for (size_t i = 0; i < count; ++i) {
    const std::string_view whole = titles[i];
    const std::string_view core = Trim(whole.substr(0, whole.find_first_of("([{")));
    std::vector<std::string> candidates;
    if (core.size() < whole.size()) candidates.emplace_back(core);
    const auto words = WordsOf(core);
    for (size_t first = 1; first < words.size() && candidates.size() < kMaxShortForms; ++first)
      candidates.emplace_back(core.substr(static_cast<size_t>(words[first].data() - core.data())));
    for (size_t size = words.size(); size-- > 2 && candidates.size() < kMaxShortForms;)
      candidates.emplace_back(
          core.substr(0, static_cast<size_t>(words[size - 1].data() - core.data()) + words[size - 1].size()));
    for (const std::string& form : candidates) {
      const bool digits = form.find_first_not_of("0123456789.,") == std::string::npos;
      const bool unique = std::none_of(titles.begin(), titles.end(), [&](const std::string& title) {
        return &title != &titles[i] && title.find(form) != std::string::npos;
      });
      if (form.size() >= kMinShortBytes && !digits && unique) forms.push_back({form, {i}, false, false});
    }
  }
  for (const Name& form : forms) Add(form.text, form.items[0], false, false);
}

std::vector<Mention> MentionFinder::Find(std::string_view text) const {
  const std::string lower = ToLowerAscii(text);
  std::vector<Mention> found;
  const auto is_free = [&found](size_t begin, size_t end) {
    return std::none_of(found.begin(), found.end(),
                        [&](const Mention& other) { return begin < other.end && other.begin < end; });
  };
  for (const Name& name : names_) {
    for (size_t at = lower.find(name.text); at != std::string::npos && found.size() < kMaxMentions;
         at = lower.find(name.text, at + 1)) {
      const size_t end = at + name.text.size();
      if (!is_free(at, end)) continue;
      const std::string_view whole = lower;
      if (!MayPrecede(whole.substr(0, at), name.text[0]) || !MayFollow(whole.substr(end), name.is_id))
        continue;
      found.push_back({name.items, at, end, name.is_id, name.full, false});
    }
  }
  std::sort(found.begin(), found.end(), [](const Mention& a, const Mention& b) { return a.begin < b.begin; });
  for (Mention& mention : found) mention.compared = IsCompared(lower, mention);
  return found;
}

std::string WithoutMentions(std::string_view text, const std::vector<Mention>& mentions) {
  std::string out(text);
  for (const Mention& mention : mentions) {
    TRINE_CHECK_LE(mention.begin, mention.end);
    TRINE_CHECK_LE(mention.end, out.size());
    std::fill(out.begin() + static_cast<ptrdiff_t>(mention.begin),
              out.begin() + static_cast<ptrdiff_t>(mention.end), ' ');
  }
  return out;
}

}  // namespace trine::language
