#include "analysis/char_filters.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "analysis/pattern.h"
#include "analysis/utf8.h"
#include "base/check.h"
#include "base/text.h"

namespace trine::analysis {
namespace {

// Writes the filtered text and its offset map from left to right. Offsets are UTF-16 units.
class Rewriter {
 public:
  Rewriter(std::string* out, GrowthBudget* growth, OffsetMap* offsets)
      : out_(*out), growth_(*growth), offsets_(*offsets) {}
  void Copy(std::string_view part) {
    const uint32_t units = Utf16Length(part);
    out_.append(part);
    to_ += units;
    from_ += units;
  }
  // Call before building a long replacement for `part`; `bytes` is the replacement's length. Returns false if
  // the replacement would exceed the growth budget even with three bytes per UTF-16 unit, which is the
  // maximum. Later replacements that lengthen the text are then skipped too.
  bool MayReplace(std::string_view part, size_t bytes) {
    const bool may = bytes / 3 <= size_t{Utf16Length(part)} + growth_.left();
    if (!may) growth_.Stop();
    return may;
  }
  // Writes `with` in place of `part`, or copies `part` if the growth budget is too small. If `with` is longer
  // than `part`, the offsets of its excess characters map to the end of `part`.
  void Replace(std::string_view part, std::string_view with) {
    if (!MayReplace(part, with.size())) return Copy(part);
    const uint32_t was = Utf16Length(part);
    const uint32_t is = Utf16Length(with);
    if (is > was && !growth_.Take(is - was)) return Copy(part);
    out_.append(with);
    for (uint32_t i = was; i < is; ++i) offsets_.Add(to_ + i, int64_t{from_} + was - to_ - i);
    from_ += was;
    to_ += is;
    if (is == 0) {
      offsets_.AddRemoval(to_, int64_t{from_} - to_);
    } else {
      offsets_.Add(to_, int64_t{from_} - to_);
    }
  }

 private:
  std::string& out_;
  GrowthBudget& growth_;
  OffsetMap& offsets_;
  uint32_t from_ = 0;
  uint32_t to_ = 0;
};

class MappingCharFilter final : public CharFilter {
 public:
  explicit MappingCharFilter(std::map<std::string, std::string, std::less<>> rules)
      : rules_(std::move(rules)) {
    for (const auto& [from, to] : rules_) longest_ = std::max(longest_, from.size());
  }
  std::string Filter(std::string_view text, GrowthBudget* growth, OffsetMap* offsets) const override {
    std::string out;
    out.reserve(text.size());
    Rewriter rewriter(&out, growth, offsets);
    for (size_t i = 0; i < text.size();) {
      size_t size = std::min(longest_, text.size() - i);
      auto rule = rules_.end();
      for (; size > 0 && rule == rules_.end(); --size) rule = rules_.find(text.substr(i, size));
      if (rule != rules_.end()) {
        rewriter.Replace(text.substr(i, rule->first.size()), rule->second);
        i += rule->first.size();
      } else {
        const size_t from = i;
        static_cast<void>(DecodeUtf8(text, &i));
        rewriter.Copy(text.substr(from, i - from));
      }
    }
    return out;
  }

 private:
  std::map<std::string, std::string, std::less<>> rules_;
  size_t longest_ = 0;
};

// Decodes the escapes in one side of a rule. Returns false if an escape is incomplete or invalid.
bool Unescape(std::string_view text, std::string* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out->push_back(text[i]);
      continue;
    }
    if (++i == text.size()) return false;
    const std::string_view codes = "nrtbf";
    const size_t code = codes.find(text[i]);
    if (code != std::string_view::npos) {
      out->push_back("\n\r\t\b\f"[code]);
    } else if (text[i] == 'u') {
      if (i + 4 >= text.size()) return false;
      unsigned value = 0;
      const char* end = text.data() + i + 5;
      const auto [at, error] = std::from_chars(text.data() + i + 1, end, value, 16);
      if (error != std::errc() || at != end) return false;
      AppendUtf8(value, out);
      i += 4;
    } else {
      out->push_back(text[i]);
    }
  }
  return true;
}

class PatternReplaceCharFilter final : public CharFilter {
 public:
  struct ReplacementPart {
    int group;  // group number, or -1 for the literal `text`
    std::string text;
  };
  PatternReplaceCharFilter(std::unique_ptr<RE2> pattern, std::vector<ReplacementPart> parts, int groups)
      : pattern_(std::move(pattern)), parts_(std::move(parts)), groups_(static_cast<size_t>(groups) + 1) {}
  std::string Filter(std::string_view text, GrowthBudget* growth, OffsetMap* offsets) const override {
    std::string out;
    Rewriter rewriter(&out, growth, offsets);
    std::vector<re2::StringPiece> found(groups_);
    size_t copied = 0;
    ForEachMatch(*pattern_, text, &found, [&](size_t from, size_t to) {
      rewriter.Copy(text.substr(copied, from - copied));
      const std::string_view part = text.substr(from, to - from);
      if (rewriter.MayReplace(part, ReplacementBytes(found))) {
        rewriter.Replace(part, Replacement(found));
      } else {
        rewriter.Copy(part);
      }
      copied = to;
    });
    rewriter.Copy(text.substr(copied));
    return out;
  }

 private:
  using Found = std::vector<re2::StringPiece>;
  static std::string_view TextOf(const ReplacementPart& part, const Found& found) {
    if (part.group < 0) return part.text;
    TRINE_DCHECK_LT(static_cast<size_t>(part.group), found.size());
    const re2::StringPiece& group = found[static_cast<size_t>(part.group)];
    return group.data() == nullptr ? std::string_view() : std::string_view(group.data(), group.size());
  }
  size_t ReplacementBytes(const Found& found) const {
    size_t bytes = 0;
    for (const ReplacementPart& part : parts_) bytes += TextOf(part, found).size();
    return bytes;
  }
  std::string Replacement(const Found& found) const {
    std::string with;
    for (const ReplacementPart& part : parts_) with.append(TextOf(part, found));
    return with;
  }

  std::unique_ptr<RE2> pattern_;
  std::vector<ReplacementPart> parts_;
  size_t groups_;
};

// Splits a replacement into text and groups. Returns false if a '$' is not followed by the number of one of
// the pattern's groups.
bool ReadReplacement(const std::string& text, int groups,
                     std::vector<PatternReplaceCharFilter::ReplacementPart>* parts, int* highest) {
  std::string literal;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      literal.push_back(text[++i]);
    } else if (text[i] == '$') {
      if (i + 1 == text.size() || text[i + 1] < '0' || text[i + 1] > '9') return false;
      const int group = text[++i] - '0';
      if (group > groups) return false;
      *highest = std::max(*highest, group);
      parts->push_back({-1, std::exchange(literal, {})});
      parts->push_back({group, {}});
    } else {
      literal.push_back(text[i]);
    }
  }
  parts->push_back({-1, std::move(literal)});
  return true;
}

class HtmlStripCharFilter final : public CharFilter {
 public:
  explicit HtmlStripCharFilter(const std::vector<std::string>& escaped) : escaped_(escaped) {}
  std::string Filter(std::string_view text, GrowthBudget* growth, OffsetMap* offsets) const override {
    std::string out;
    out.reserve(text.size());
    Rewriter rewriter(&out, growth, offsets);
    size_t copied = 0;
    Progress progress;
    for (size_t i = 0; i < text.size();) {
      std::string with;
      size_t size = 0;
      if (text[i] == '<') size = Markup(text.substr(i), &progress, &with);
      if (text[i] == '&') size = Entity(text.substr(i), &with);
      if (size == 0) {
        ++i;
        continue;
      }
      rewriter.Copy(text.substr(copied, i - copied));
      rewriter.Replace(text.substr(i, size), with);
      i += size;
      copied = i;
    }
    rewriter.Copy(text.substr(copied));
    return out;
  }

 private:
  // The unclosed tags and comments that one Filter call has found so far. Needed because otherwise each
  // unclosed tag or comment would cause a search to the end of the text, which takes quadratic time.
  struct Progress {
    bool comments_end = true;
    int open_tags = 0;
    size_t LongestTag() const { return open_tags < 64 ? 65536 : 256; }
  };

  static bool NameByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == ':' || c == '_';
  }

  // Returns the length in bytes of the markup at the start of `text` and sets `with` to its replacement.
  // Returns 0 if there is no markup.
  size_t Markup(std::string_view text, Progress* progress, std::string* with) const {
    if (text.starts_with("<!--")) {
      const size_t end = progress->comments_end ? text.find("-->", 4) : std::string_view::npos;
      progress->comments_end = end != std::string_view::npos;
      return progress->comments_end ? end + 3 : 0;
    }
    size_t i = 1;
    if (i < text.size() && (text[i] == '/' || text[i] == '!' || text[i] == '?')) ++i;
    std::string name;
    for (; i < text.size() && name.size() < 64 && NameByte(ToLowerAscii(text[i])); ++i)
      name.push_back(ToLowerAscii(text[i]));
    if (name.empty() || name.front() < 'a' || name.front() > 'z') return 0;
    if (std::find(escaped_.begin(), escaped_.end(), name) != escaped_.end()) return 0;
    const size_t end = TagEnd(text.substr(0, progress->LongestTag()), i);
    if (end == 0) {
      ++progress->open_tags;
      return 0;
    }
    if ((name == "script" || name == "style") && text[1] != '/') return SkipElement(text, end, name, with);
    if (IsBlock(name)) *with = "\n";
    return end;
  }
  // The offset after the '>' that ends the tag; a '>' inside a quoted attribute value does not end it. 0 if
  // the tag has no end.
  static size_t TagEnd(std::string_view text, size_t i) {
    char quote = 0;
    for (; i < text.size(); ++i) {
      if (quote != 0) {
        if (text[i] == quote) quote = 0;
      } else if (text[i] == '"' || text[i] == '\'') {
        quote = text[i];
      } else if (text[i] == '>') {
        return i + 1;
      } else if (text[i] == '<') {
        return 0;
      }
    }
    return 0;
  }
  static size_t SkipElement(std::string_view text, size_t from, const std::string& name, std::string* with) {
    *with = "\n";
    for (size_t i = text.find("</", from); i != std::string_view::npos; i = text.find("</", i + 2)) {
      size_t n = 0;
      while (n < name.size() && i + 2 + n < text.size() && ToLowerAscii(text[i + 2 + n]) == name[n]) ++n;
      if (n < name.size()) continue;
      const size_t end = text.find('>', i);
      return end == std::string_view::npos ? text.size() : end + 1;
    }
    return text.size();
  }
  static bool IsBlock(const std::string& name) {
    static constexpr std::string_view kBlocks[] = {
        "address", "article", "aside",  "blockquote", "body",     "br",     "center", "dd",
        "dir",     "div",     "dl",     "dt",         "fieldset", "figure", "footer", "form",
        "h1",      "h2",      "h3",     "h4",         "h5",       "h6",     "head",   "header",
        "hr",      "html",    "legend", "li",         "main",     "menu",   "nav",    "ol",
        "option",  "p",       "pre",    "section",    "select",   "table",  "tbody",  "td",
        "tfoot",   "th",      "thead",  "title",      "tr",       "ul"};
    static_assert(std::is_sorted(std::begin(kBlocks), std::end(kBlocks)));
    return std::binary_search(std::begin(kBlocks), std::end(kBlocks), name);
  }
  // Returns the length in bytes of the entity at the start of `text` and sets `with` to its character.
  // Returns 0 if there is no entity.
  static size_t Entity(std::string_view text, std::string* with) {
    const size_t end = text.substr(0, 12).find(';');
    if (end == std::string_view::npos || end < 2) return 0;
    std::string_view name = text.substr(1, end - 1);
    if (name.front() == '#') {
      name.remove_prefix(1);
      const bool hex = !name.empty() && (name.front() == 'x' || name.front() == 'X');
      if (hex) name.remove_prefix(1);
      uint32_t value = 0;
      const auto [at, error] = std::from_chars(name.data(), name.data() + name.size(), value, hex ? 16 : 10);
      if (name.empty() || error != std::errc() || at != name.data() + name.size()) return 0;
      AppendUtf8(value, with);
      return end + 1;
    }
    static constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
        {"amp", "&"},         {"lt", "<"},          {"gt", ">"},          {"quot", "\""},
        {"apos", "'"},        {"nbsp", " "},        {"copy", "\u00A9"},   {"reg", "\u00AE"},
        {"trade", "\u2122"},  {"deg", "\u00B0"},    {"middot", "\u00B7"}, {"bull", "\u2022"},
        {"hellip", "\u2026"}, {"ndash", "\u2013"},  {"mdash", "\u2014"},  {"lsquo", "\u2018"},
        {"rsquo", "\u2019"},  {"ldquo", "\u201C"},  {"rdquo", "\u201D"},  {"times", "\u00D7"},
        {"frac12", "\u00BD"}, {"eacute", "\u00E9"}, {"agrave", "\u00E0"}, {"uuml", "\u00FC"},
        {"ouml", "\u00F6"},   {"auml", "\u00E4"},   {"szlig", "\u00DF"},  {"ccedil", "\u00E7"},
        {"ntilde", "\u00F1"}, {"euro", "\u20AC"},   {"pound", "\u00A3"},  {"yen", "\u00A5"},
        {"cent", "\u00A2"},   {"laquo", "\u00AB"},  {"raquo", "\u00BB"}};
    for (const auto& [from, to] : kEntities) {
      if (from == name) return with->assign(to), end + 1;
    }
    return 0;
  }

  std::vector<std::string> escaped_;
};

}  // namespace

Result<CharFilterPtr> NewMappingCharFilter(const std::vector<std::string>& rules) {
  std::map<std::string, std::string, std::less<>> map;
  for (const std::string& rule : rules) {
    const size_t arrow = rule.find("=>");
    std::string from, to;
    const bool readable = arrow != std::string::npos &&
                          Unescape(Trim(std::string_view(rule).substr(0, arrow), " \t"), &from) &&
                          Unescape(Trim(std::string_view(rule).substr(arrow + 2), " \t"), &to) &&
                          !from.empty() && IsValidUtf8(from) && IsValidUtf8(to);
    if (!readable || !map.emplace(from, to).second) {
      return Error(ErrorCode::kInvalid, "invalid rule in option \"mappings\"")
          .Expected("\"from => to\", with each `from` in one rule only")
          .Got(rule);
    }
  }
  return CharFilterPtr(std::make_shared<MappingCharFilter>(std::move(map)));
}

Result<CharFilterPtr> NewPatternReplaceCharFilter(const std::string& pattern, const std::string& replacement,
                                                  bool ignore_case) {
  TRINE_ASSIGN(auto compiled, CompilePattern(pattern, ignore_case));
  std::vector<PatternReplaceCharFilter::ReplacementPart> parts;
  int highest = 0;
  const std::string repaired = IsValidUtf8(replacement) ? replacement : ReplaceIllFormed(replacement);
  if (!ReadReplacement(repaired, compiled->NumberOfCapturingGroups(), &parts, &highest)) {
    return Error(ErrorCode::kInvalid,
                 "option \"replacement\" contains a $ that does not refer to a group of the pattern")
        .Got(replacement);
  }
  return CharFilterPtr(
      std::make_shared<PatternReplaceCharFilter>(std::move(compiled), std::move(parts), highest));
}

CharFilterPtr NewHtmlStripCharFilter(const std::vector<std::string>& escaped_tags) {
  return std::make_shared<HtmlStripCharFilter>(escaped_tags);
}

}  // namespace trine::analysis
