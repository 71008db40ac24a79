#include "language/text_markup.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <memory>

#include "analysis/analyzer.h"
#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "format/text.h"

namespace trine::language {
namespace {

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

bool IsWordByte(char c) {
  return IsAsciiDigit(c) || (ToLowerAscii(c) >= 'a' && ToLowerAscii(c) <= 'z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The common form of a wide character (block "Halfwidth and Fullwidth Forms"); others unchanged. Wide marks
// of sentences keep their form.
char32_t Narrow(char32_t c) {
  const bool letter =
      (c >= 0xFF10 && c <= 0xFF19) || (c >= 0xFF21 && c <= 0xFF3A) || (c >= 0xFF41 && c <= 0xFF5A);
  const bool sign = c == 0xFF04 || c == 0xFF05 || c == 0xFF0C || c == 0xFF0E || c == 0xFF0F || c == 0xFF1A ||
                    c == 0xFF1C || c == 0xFF1E || c == 0xFF20;
  if (letter || sign) return c - 0xFEE0;
  return c == 0xFFE6 ? U'₩' : c;
}

// Removes emphasis. A '*' between digits or letters is a sign of multiplication.
std::string WithoutEmphasis(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '`' || (c == '~' && at + 1 < text.size() && text[at + 1] == '~')) {
      at += c == '~' ? 1 : 0;
      continue;
    }
    if (c == '*') {
      size_t end = at;
      while (end < text.size() && text[end] == '*') ++end;
      const bool between =
          at > 0 && end < text.size() && IsAsciiDigit(text[at - 1]) && IsAsciiDigit(text[end]);
      const bool blanks = (at == 0 || text[at - 1] == ' ') && end < text.size() && text[end] == ' ';
      if (end - at == 1 && (between || blanks)) out += c;
      at = end - 1;
      continue;
    }
    out += c;
  }
  return out;
}

}  // namespace

std::string WithoutMarkup(std::string_view text) {
  static const RE2 kTag(R"(</?[A-Za-z!?][^<>\n]*>)");
  static const RE2 kHeading(R"((?m)^([ \t]*)#{1,6}[ \t]+)");
  static const RE2 kQuote(R"((?m)^([ \t]*)(?:>[ \t]?)+)");
  static const RE2 kBullet(R"((?m)^([ \t]*)\*[ \t]+)");
  const std::string printable = format::Printable(text, true);
  std::string narrow;
  for (size_t at = 0; at < printable.size();) AppendUtf8(Narrow(DecodeUtf8(printable, &at)), &narrow);
  RE2::GlobalReplace(&narrow, kTag, "");
  RE2::GlobalReplace(&narrow, kHeading, "\\1");
  RE2::GlobalReplace(&narrow, kQuote, "\\1");
  RE2::GlobalReplace(&narrow, kBullet, "\\1- ");
  std::string out = WithoutEmphasis(narrow);
  // Tags may be left that are not complete, or that were around others.
  for (char& c : out) {
    if (c == '<' || c == '>') c = '/';
  }
  TRINE_DCHECK(IsValidUtf8(out));
  return out;
}

std::string WhyUnsafe(std::string_view text, const std::vector<std::string>& allowed_links,
                      std::string_view known) {
  static const RE2 kHtml(R"(&(?:[a-zA-Z]{2,8}|#x?[0-9a-fA-F]+);)");
  static const RE2 kMarkdownLink(R"(\]\s?\(|!\[|^\s*\[[^\]]*\]:)");
  static const RE2 kAddress(
      R"((?i)\b[a-z][a-z0-9+.-]{1,20}:\s?(?://|\\\\)|\b(?:javascript|data|mailto|tel|sms|hxxps?):|\bwww\.|(?:^|[\s"'(])//[\pL0-9]|\b(?:dot|점|닷)\s*(?:com|net|org|kr|co|io)\b|닷컴)");
  static const RE2 kDomain(
      R"((?:^|[^\pL0-9_.-])((?:[\pL0-9-]{2,}\.)+(?:[a-z]{2,24}|[A-Z]{2,24})(?:/[^\s]*)?)(?:$|[^A-Za-z0-9.]|\.(?:\s|$)))");
  static const RE2 kEmail(R"([^\s@]@[\pL0-9-]+\.[\pL])");
  static const RE2 kPhone(
      R"((?:^|[^0-9])(?:(?:\+[0-9]{1,3}[ .-]?)?\(?0?[0-9]{1,4}\)?[ .-][0-9]{3,4}[ .-][0-9]{4}|1[5-9][0-9]{2}[ -][0-9]{4}|01[016789][0-9]{7,8}|\+[0-9]{9,14})(?:$|[^0-9]))");
  static const RE2 kMixed(
      R"([A-Za-z][\p{Cyrillic}\p{Greek}]|[\p{Cyrillic}\p{Greek}][A-Za-z]|[\x{1100}-\x{11FF}])");
  static const RE2 kOtherDigits(
      R"([\x{0660}-\x{0669}\x{06F0}-\x{06F9}\x{0966}-\x{096F}\x{1D7CE}-\x{1D7FF}])");
  std::string rest(text);
  for (const std::string& link : allowed_links) {
    for (size_t at = rest.find(link); !link.empty() && at != std::string::npos; at = rest.find(link, at)) {
      const size_t end = at + link.size();
      // A longer address is another one.
      const bool whole =
          end == rest.size() ||
          !(IsWordByte(rest[end]) || rest[end] == '/' || rest[end] == '?' || rest[end] == '&' ||
            rest[end] == '#' || rest[end] == '@' || rest[end] == '=' || rest[end] == '-' ||
            rest[end] == ':' || (rest[end] == '.' && end + 1 < rest.size() && IsWordByte(rest[end + 1])));
      if (whole)
        std::fill(rest.begin() + static_cast<ptrdiff_t>(at), rest.begin() + static_cast<ptrdiff_t>(end), ' ');
      at = end;
    }
  }
  const re2::StringPiece piece(rest);
  if (RE2::PartialMatch(piece, kHtml)) return "it has HTML";
  if (RE2::PartialMatch(piece, kMarkdownLink) || RE2::PartialMatch(piece, kAddress)) return "it has a link";
  if (RE2::PartialMatch(piece, kEmail)) return "it has an e-mail address";
  re2::StringPiece at = piece, domain;
  while (RE2::FindAndConsume(&at, kDomain, &domain)) {
    const std::string folded = analysis::Fold(std::string_view(domain.data(), domain.size()));
    const bool name = folded.find('/') == std::string::npos && known.find(folded) != std::string_view::npos &&
                      known.find("/" + folded) == std::string_view::npos &&
                      known.find("." + folded) == std::string_view::npos;
    if (!name) return "it has the address \"" + std::string(domain.data(), domain.size()) + "\"";
  }
  if (RE2::PartialMatch(piece, kPhone)) return "it has a telephone number";
  if (RE2::PartialMatch(piece, kMixed) || RE2::PartialMatch(piece, kOtherDigits))
    return "it has letters or digits that look like others";
  return "";
}

std::string WhyForbidden(std::string_view text, std::string_view masked) {
  struct Pattern {
    const char* why;
    bool also_in_names;
    std::unique_ptr<RE2> expression;
  };
  static const auto* const kPatterns = [] {
    auto* patterns = new std::vector<Pattern>();
    const auto add = [patterns](const char* why, bool also_in_names, const char* expression) {
      patterns->push_back({why, also_in_names, std::make_unique<RE2>("(?i)" + std::string(expression))});
      TRINE_CHECK(patterns->back().expression->ok());
    };
#define FORBIDDEN_CLAIM(why, also_in_names, expression) add(why, also_in_names, expression);
#include "language/forbidden_claims.inc"
#undef FORBIDDEN_CLAIM
    return patterns;
  }();
  for (const Pattern& pattern : *kPatterns) {
    if (RE2::PartialMatch(Piece(pattern.also_in_names ? text : masked), *pattern.expression))
      return pattern.why;
  }
  return "";
}

}  // namespace trine::language
