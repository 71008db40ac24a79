#include "language/sentence_splitter.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"

namespace trine::language {
namespace {

constexpr size_t kLongestMark = 3;        // bytes of a mark or a closing quotation mark in UTF-8
constexpr size_t kMaxBracketBytes = 200;  // a longer text in brackets is divided like any other
constexpr size_t kMaxNames = 200;         // bounds the work at one mark
constexpr size_t kMaxNameBytes = 200;     // a longer name is not protected

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The length of the mark that may end a sentence at `at`; 0 if there is none.
size_t MarkAt(std::string_view text, size_t at) {
  const char c = text[at];
  if (c == '.' || c == '!' || c == '?') return 1;
  static constexpr std::array<std::string_view, 4> kWide = {"。", "！", "？", "…"};
  for (const std::string_view mark : kWide) {
    if (text.substr(at).starts_with(mark)) return mark.size();
  }
  return 0;
}

// The length of the mark at `at` that belongs to the sentence before it: a quotation mark, a bracket,
// emphasis.
size_t CloserAt(std::string_view text, size_t at) {
  const char c = text[at];
  if (c == '"' || c == '\'' || c == ')' || c == ']' || c == '*' || c == '_' || c == '`' || c == '~') return 1;
  static constexpr std::array<std::string_view, 5> kWide = {"”", "’", "」", "』", "）"};
  for (const std::string_view mark : kWide) {
    if (text.substr(at).starts_with(mark)) return mark.size();
  }
  return 0;
}

// The common abbreviations of English after which a sentence goes on (The Chicago Manual of Style, chapter
// 10).
bool IsAbbreviation(std::string_view word) {
  static constexpr std::array<std::string_view, 19> kKnown = {
      "e.g", "i.e",  "mr",   "mrs", "ms",  "dr",  "st",  "vs",  "approx", "ca",
      "cf",  "incl", "excl", "max", "min", "qty", "est", "fig", "vol"};
  const std::string lower = ToLowerAscii(word);
  return std::find(kKnown.begin(), kKnown.end(), lower) != kKnown.end();
}

// Whether the full stop at `at` belongs to the word before it: "e.g.", "J.", "1." at the beginning of a list
// item, "No." before a number. `text` begins with the sentence; `next` is the character after the white
// space.
bool BelongsToWord(std::string_view text, size_t at, char next) {
  size_t begin = at;
  while (begin > 0 && !IsSpace(text[begin - 1]) && text[begin - 1] != '(') --begin;
  const std::string_view word = text.substr(begin, at - begin);
  if (word.empty()) return false;
  const bool digits = word.find_first_not_of("0123456789") == std::string_view::npos;
  if (digits) return IsBlank(text.substr(0, begin), " \t\r\n-*#>");
  if (EqualsIgnoreCase(word, "no") || EqualsIgnoreCase(word, "nr")) return IsAsciiDigit(next);
  const char only = word.front();
  const bool letter =
      word.size() == 1 && ToUpperAscii(only) >= 'A' && ToUpperAscii(only) <= 'Z' && only != 'I';
  return letter || IsAbbreviation(word);
}

// Whether the place is inside round brackets that opened a short while ago.
bool IsInBrackets(std::string_view text, size_t at) {
  const size_t from = at - std::min(at, kMaxBracketBytes);
  int depth = 0;
  for (const char c : text.substr(from, at - from))
    depth = c == '(' ? depth + 1 : c == ')' ? depth - 1 : depth;
  return depth > 0;
}

bool HasInnerMark(std::string_view name) {
  for (size_t at = 0; at < name.size(); ++at) {
    if (MarkAt(name, at) > 0) return true;
  }
  return false;
}

}  // namespace

SentenceSplitter::SentenceSplitter(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (names_.size() < kMaxNames && name.size() <= kMaxNameBytes && HasInnerMark(name))
      names_.push_back(name);
  }
}

std::vector<SentenceSplitter::Sentence> SentenceSplitter::Add(std::string_view part) {
  std::vector<Sentence> out;
  buffer_ += part;
  while (true) {
    const size_t end = FindEnd();
    if (end != std::string::npos && end <= kMaxSentenceBytes) {
      Take(end, in_long_, &out);
      in_long_ = false;
    } else if (buffer_.size() > kMaxSentenceBytes) {
      const size_t most = CutUtf8(buffer_, kMaxSentenceBytes).size();
      Take(most == 0 ? kMaxSentenceBytes : most, true, &out);
      in_long_ = true;
    } else {
      return out;
    }
  }
}

std::vector<SentenceSplitter::Sentence> SentenceSplitter::Finish() {
  std::vector<Sentence> out;
  if (!buffer_.empty()) Take(buffer_.size(), in_long_, &out);
  in_long_ = false;
  return out;
}

SentenceSplitter::Certain SentenceSplitter::IsInName(size_t at) const {
  const std::string_view text = buffer_;
  Certain most = Certain::kNoEnd;
  for (const std::string& name : names_) {
    for (size_t mark = 0; mark < name.size(); ++mark) {
      if (name[mark] != text[at] || mark > at) continue;
      const std::string_view there = text.substr(at - mark, name.size());
      if (!std::string_view(name).starts_with(there)) continue;
      // A mark at the end of a name ends the sentence as well.
      if (there.size() == name.size() && mark + 1 < name.size()) return Certain::kEnd;
      if (there.size() < name.size()) most = Certain::kUnknown;
    }
  }
  return most;
}

SentenceSplitter::Certain SentenceSplitter::Judge(size_t at, size_t mark, size_t* end) const {
  const std::string_view text = buffer_;
  size_t after = at + mark;
  for (size_t more = 1; after < text.size() && more != 0; after += more)
    more = std::max(MarkAt(text, after), CloserAt(text, after));
  const bool wide = mark > 1 && text[at] != '\xE2';  // an ellipsis is also used within a sentence
  if (after == text.size()) return Certain::kUnknown;
  // A closing quotation mark may have arrived in part.
  if (text.size() - after < kLongestMark && static_cast<unsigned char>(text[after]) >= 0x80)
    return Certain::kUnknown;
  if (!wide && !IsSpace(text[after])) return Certain::kNoEnd;
  size_t next = after;
  while (next < text.size() && (text[next] == ' ' || text[next] == '\t' || text[next] == '\r')) ++next;
  const bool line_ends = next < text.size() && text[next] == '\n';
  if (!line_ends && text[at] == '.' && after == at + 1) {
    // Only a number tells whether "No." is an abbreviation, so that its end is certain one character later.
    if (next == text.size() && ToLowerAscii(text.substr(0, at)).ends_with("no")) return Certain::kUnknown;
    if (BelongsToWord(text, at, next < text.size() ? text[next] : ' ')) return Certain::kNoEnd;
  }
  if (!line_ends && IsInBrackets(text, after)) return Certain::kNoEnd;
  if (const Certain named = IsInName(at); named != Certain::kNoEnd)
    return named == Certain::kEnd ? Certain::kNoEnd : Certain::kUnknown;
  *end = line_ends ? next + 1 : next;
  return Certain::kEnd;
}

size_t SentenceSplitter::FindEnd() {
  const std::string_view text = buffer_;
  for (size_t at = scanned_; at < text.size(); ++at) {
    ++work_;
    // Until more arrives, a mark or a closing quotation mark may be incomplete.
    scanned_ = at;
    if (text[at] == '\n') return at + 1;
    const size_t mark = MarkAt(text, at);
    if (mark == 0) continue;
    size_t end = 0;
    const Certain certain = Judge(at, mark, &end);
    if (certain == Certain::kEnd) return end;
    if (certain == Certain::kUnknown) return std::string::npos;
  }
  // The last bytes may begin a mark of several bytes.
  scanned_ = text.size() - std::min(text.size(), IncompleteUtf8Suffix(text));
  return std::string::npos;
}

void SentenceSplitter::Take(size_t end, bool cut, std::vector<Sentence>* out) {
  TRINE_CHECK_GT(end, 0u);
  TRINE_CHECK_LE(end, buffer_.size());
  out->push_back({buffer_.substr(0, end), cut});
  buffer_.erase(0, end);
  scanned_ = 0;
}

}  // namespace trine::language
