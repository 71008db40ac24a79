#include "language/prompt.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "analysis/analyzer.h"
#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "catalogue/role.h"
#include "format/quantity_text.h"
#include "language/list_mark.h"
#include "language/prompt_item.h"
#include "language/prompt_json.h"
#include "language/stated_price.h"

namespace trine::language {
namespace {

using catalogue::Role;

constexpr size_t kMaxPromptBytes = 200'000;    // longer prompts are cut; bounds the work of one call
constexpr size_t kMaxHeadingBytes = 120;       // a longer line is not a heading
constexpr size_t kMaxJsonBytes = 100'000;      // a longer block of JSON is not read
constexpr size_t kMaxParsedBytes = 2'000'000;  // parsed as JSON in all, so that hostile prompts cost little
constexpr size_t kMaxPriceLineBytes = 2000;    // a longer line has no price; bounds the search for it
constexpr size_t kMaxXmlBytes = 100'000;       // a longer element is not read
constexpr size_t kMaxXmlDepth = 16;            // of elements in each other

std::string_view StripMarks(std::string_view line) {
  while (!line.empty() && (line.front() == '#' || line.front() == '*' || line.front() == '>' ||
                           line.front() == ' ' || line.front() == '\t'))
    line.remove_prefix(1);
  return line;
}

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

// The text after a label such as "질문:"; nullopt if the line does not begin with one.
std::optional<std::string_view> AfterQuestionLabel(std::string_view line) {
  static const RE2 kLabel(
      R"((?i)(?:(?:사용자|고객|유저)(?:의|님의)?\s*)?(?:질문|문의|질의)(?:\s*내용)?\s*\**\s*[:：]\**)"
      R"(|(?i)(?:(?:the\s+)?(?:user|customer|shopper)(?:'s|’s)?\s+)?(?:question|query|request|asks?)\s*\**\s*[:：]\**)"
      R"(|(?i)q\s*[:：])");
  const std::string_view plain = StripMarks(line);
  re2::StringPiece rest = Piece(plain);
  if (!RE2::Consume(&rest, kLabel)) return std::nullopt;
  return std::string_view(rest.data(), rest.size());
}

// The question without quotation marks around it; text after the closing mark is dropped.
std::string Unquoted(std::string_view text) {
  text = Trim(text);
  struct Quote {
    std::string_view open, close;
  };
  for (const auto& [open, close] : {Quote{"\"", "\""}, Quote{"'", "'"}, Quote{"“", "”"}, Quote{"‘", "’"}}) {
    if (!text.starts_with(open)) continue;
    const size_t end = text.find(close, open.size());
    if (end == std::string_view::npos) return std::string(Trim(text.substr(open.size())));
    return std::string(Trim(text.substr(open.size(), end - open.size())));
  }
  return std::string(text);
}

bool IsDocumentHeading(std::string_view line) {
  static const RE2 kHeading(
      R"((?i)^(?:\[?\s*(?:참고|관련|검색된?|아래)?\s*(?:문서|자료|리뷰|본문)[^:：]{0,40}[:：\]]\s*$)"
      R"(|.{0,60}(?:참고|관련)\s*(?:문서|자료)[^:：]{0,40}[:：]\s*$)"
      R"(|.{0,60}\b(?:documents?|context|references?|passages?|reviews?|search results|articles?)\b[^:]{0,30}:\s*$))");
  static const RE2 kTag(R"((?i)^<(?:documents?|docs|context|references?|passages?)\b[^>]*>)");
  if (line.size() > kMaxHeadingBytes) return RE2::PartialMatch(Piece(line), kTag);
  const std::string_view plain = StripMarks(line);
  return RE2::PartialMatch(Piece(plain), kHeading) || RE2::PartialMatch(Piece(line), kTag);
}

bool IsDocumentEnd(std::string_view line) {
  static const RE2 kTag(R"((?i)</(?:documents|docs|context|references|passages)>\s*$)");
  return RE2::PartialMatch(Piece(line), kTag);
}

bool IsListHeading(std::string_view line) {
  static const RE2 kHeading(
      R"((?i)(?:상품|제품|목록|후보|아이템|products?|items?|catalogu?e?|candidates?|list)[^:：]{0,40}[:：]\s*\**\s*$)");
  static const RE2 kTag(
      R"((?i)^<(?:products?|items?|catalogu?e?|candidates?|list|inventory|상품|상품목록|목록)>$)");
  return line.size() <= kMaxHeadingBytes &&
         (RE2::PartialMatch(Piece(line), kHeading) || RE2::PartialMatch(Piece(line), kTag));
}

// Whether an instruction demands an answer in JSON.
bool DemandsJson(std::string_view line) {
  static const RE2 kKorean(R"((?i)json[^.]{0,40}(?:답|출력|응답|반환|작성|변환|정리|만들|추출|돌려|으로만))");
  static const RE2 kEnglish(
      R"((?i)(?:^|[.,;:!]\s*|\bplease\s+|\band\s+|\bmust\s+|\bshould\s+|\bonly\s+|\bto\s+)(?:answer|respond|reply|return|output|give|produce|write|provide|format|extract|generate|print|convert|use)\b[^.]*\bjson\b)"
      R"(|(?i)\bjson\s+only\b|(?i)\bonly\s+(?:in\s+|as\s+|with\s+)?(?:valid\s+)?json\b)");
  return RE2::PartialMatch(Piece(line), kKorean) || RE2::PartialMatch(Piece(line), kEnglish);
}

bool AsksInJson(std::string_view question) {
  static const RE2 kAs(R"((?i)\b(?:in|as|with)\s+(?:a\s+)?json\b|json\s*(?:으로|로|형식|형태))");
  return DemandsJson(question) || RE2::PartialMatch(Piece(question), kAs);
}

// Whether a line is an unfilled placeholder such as "{rag_retrieved_docs}".
bool IsPlaceholder(std::string_view line) {
  return line.size() > 2 && line.front() == '{' && line.back() == '}' &&
         line.find_first_of(" \":") == std::string_view::npos;
}

// The text between two places of XML, without CDATA marks and the five entities.
std::string XmlText(std::string_view text) {
  std::string out(Trim(text));
  if (out.starts_with("<![CDATA[") && out.ends_with("]]>")) return out.substr(9, out.size() - 12);
  for (const auto& [entity, sign] :
       {std::pair{"&lt;", "<"}, std::pair{"&gt;", ">"}, std::pair{"&quot;", "\""}, std::pair{"&apos;", "'"},
        std::pair{"&amp;", "&"}})
    RE2::GlobalReplace(&out, RE2::QuoteMeta(entity), sign);
  return out;
}

// Adds the products of a piece of XML: elements with attributes or inner elements of which one is a title.
void AddXmlItems(std::string_view xml, std::vector<PromptItem>* items) {
  static const RE2 kTag(
      R"(<(/?)([\pL_][\pL\pN_.:-]*)((?:\s+[\pL_][\pL\pN_.:-]*\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*)\s*(/?)>)"),
      kAttribute(R"re(([\pL_][\pL\pN_.:-]*)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'))re");
  struct Element {
    std::string name;
    size_t text_begin = 0;
    bool inner = false;
    ItemCells cells;
  };
  std::vector<Element> open;
  const auto finish = [items](const Element& element) {
    const bool named = std::any_of(element.cells.begin(), element.cells.end(), [](const auto& cell) {
      const auto role = catalogue::RoleOfName(cell.first);
      return role && role->role == catalogue::Role::kTitle;
    });
    if (!named || items->size() >= kMaxPromptItems) return;
    if (auto item = ItemOf(element.cells)) items->push_back(std::move(*item));
  };
  re2::StringPiece rest = Piece(xml), close, name, attributes, empty;
  while (RE2::FindAndConsume(&rest, kTag, &close, &name, &attributes, &empty)) {
    const size_t tag_begin = static_cast<size_t>(close.data() - xml.data()) - 1;
    if (close.empty()) {
      if (!open.empty()) open.back().inner = true;
      if (open.size() >= kMaxXmlDepth) return;
      Element element{std::string(name.data(), name.size()), xml.size() - rest.size(), false, {}};
      re2::StringPiece key, plain, single;
      while (RE2::FindAndConsume(&attributes, kAttribute, &key, &plain, &single))
        element.cells.emplace_back(std::string(key.data(), key.size()),
                                   XmlText(std::string_view(plain.empty() ? single.data() : plain.data(),
                                                            std::max(plain.size(), single.size()))));
      open.push_back(std::move(element));
      if (empty.empty()) continue;
    } else if (open.empty() || open.back().name != std::string_view(name.data(), name.size())) {
      continue;
    }
    Element element = std::move(open.back());
    open.pop_back();
    const bool leaf = !element.inner && empty.empty();
    if (leaf && !open.empty() && open.back().cells.size() < kMaxItemCells) {
      std::string text = XmlText(xml.substr(element.text_begin, tag_begin - element.text_begin));
      // <price currency="USD">20</price>
      for (const auto& [key, value] : element.cells) {
        if (key == "currency" || key == "unit") text += " " + value;
      }
      open.back().cells.emplace_back(element.name, std::move(text));
    }
    if (element.inner || !element.cells.empty()) finish(element);
  }
}

// The cells of one line of a table; empty if the line is none. A cell in quotation marks may have delimiters.
std::vector<std::string> CellsOf(std::string_view line, char delimiter) {
  std::vector<std::string> cells;
  if (delimiter == '|') {
    if (line.starts_with('|')) line.remove_prefix(1);
    if (line.ends_with('|')) line.remove_suffix(1);
  }
  for (size_t start = 0; start <= line.size();) {
    const bool quoted = delimiter != '|' && start < line.size() && line[start] == '"';
    size_t close = quoted ? line.find('"', start + 1) : std::string_view::npos;
    while (close != std::string_view::npos && close + 1 < line.size() && line[close + 1] == '"')
      close = line.find('"', close + 2);
    const size_t from = close == std::string_view::npos ? start : close;
    const size_t end = std::min(line.find(delimiter, from), line.size());
    std::string cell(Trim(line.substr(start, end - start)));
    if (quoted && cell.size() > 1 && cell.ends_with('"')) {
      cell = cell.substr(1, cell.size() - 2);
      RE2::GlobalReplace(&cell, "\"\"", "\"");
    }
    cells.push_back(std::move(cell));
    start = end + 1;
  }
  return cells.size() < 2 ? std::vector<std::string>() : cells;
}

// Reads the lines of a prompt one after the other. Use once.
class PromptReader {
 public:
  explicit PromptReader(std::string_view text) {
    for (size_t start = 0; start < text.size();) {
      const size_t end = std::min(text.find('\n', start), text.size());
      AddLine(Trim(text.substr(start, end - start)));
      start = end + 1;
    }
  }

  Prompt Read(bool system_wants_json) {
    prompt_.wants_json = system_wants_json;
    FindQuestion();
    for (size_t i = 0; i < lines_.size();) i = ReadLine(i);
    prompt_.wants_json = prompt_.wants_json || AsksInJson(prompt_.question);
    return std::move(prompt_);
  }

 private:
  enum class Part { kFree, kList, kDocuments };

  // Adds a line. JSON behind the heading of a list ("Products: [{...") is a line of its own.
  void AddLine(std::string_view line) {
    const size_t json = std::min(line.find(": ["), line.find(": {"));
    const size_t end = json == std::string_view::npos ? 0 : json + 1;
    const bool heading = end > 0 && IsListHeading(line.substr(0, end)) && !ListMarkAt(line);
    if (heading) lines_.push_back(line.substr(0, end));
    lines_.push_back(heading ? Trim(line.substr(end)) : line);
  }

  // Sets the question and the index of its line.
  void FindQuestion() {
    size_t documents = lines_.size();
    std::optional<size_t> before, last;
    for (size_t i = 0; i < lines_.size(); ++i) {
      if (documents == lines_.size() && IsDocumentHeading(lines_[i])) documents = i;
      const bool labelled = AfterQuestionLabel(lines_[i]).has_value() || lines_[i].starts_with("<question>");
      if (!labelled) continue;
      last = i;
      if (i < documents) before = i;
    }
    if (before || last) {
      question_line_ = before ? *before : *last;
      ReadLabelled();
    }
    if (!prompt_.question.empty()) return;
    question_line_ = lines_.size();
    // Without a label, a line of a document may be taken for the question only if there is no other.
    for (const bool outside : {true, false}) {
      for (size_t i = lines_.size(); i-- > 0 && prompt_.question.empty();) {
        if (outside && i >= documents) continue;
        if (lines_[i].find('?') != std::string_view::npos && MayBeQuestion(i)) Take(i);
      }
    }
    for (size_t i = lines_.size(); i-- > 0 && prompt_.question.empty();) {
      if (MayBeQuestion(i)) Take(i);
    }
    for (size_t i = lines_.size(); i-- > 0 && prompt_.question.empty();) {
      if (!lines_[i].empty() && !ItemLine(lines_[i], false) && !IsPlaceholder(lines_[i])) Take(i);
    }
  }

  // Whether a line without a label may be the question: it is not a part of a list, a table or an object.
  bool MayBeQuestion(size_t i) const {
    const std::string_view line = lines_[i];
    if (line.empty() || std::string_view("|{}[]<#`").find(line.front()) != std::string_view::npos)
      return false;
    const auto mark = ListMarkAt(line);
    const ItemCells pairs = PairsOf(line.substr(mark ? mark->size : 0));
    return !ItemLine(line, false) && (pairs.empty() || !catalogue::RoleOfName(pairs[0].first)) &&
           !IsListHeading(line);
  }

  void Take(size_t line) {
    question_line_ = line;
    prompt_.question = Unquoted(lines_[line]);
  }

  void ReadLabelled() {
    std::string_view line = lines_[question_line_];
    if (line.starts_with("<question>")) {
      line.remove_prefix(std::string_view("<question>").size());
      prompt_.question = Unquoted(line.substr(0, line.find("</question>")));
    } else {
      prompt_.question = Unquoted(*AfterQuestionLabel(line));
    }
    // "질문:" may stand on a line of its own.
    for (size_t i = question_line_ + 1; prompt_.question.empty() && i < lines_.size(); ++i) {
      if (lines_[i].empty()) continue;
      question_line_ = i;
      prompt_.question = Unquoted(lines_[i]);
    }
  }

  // Reads the line at `i` and returns the index of the next line.
  size_t ReadLine(size_t i) {
    const std::string_view line = lines_[i];
    if (i == question_line_) {
      part_ = Part::kFree;
      return i + 1;
    }
    if (line.empty()) {
      blank_ = true;
      return i + 1;
    }
    const bool after_blank = std::exchange(blank_, false) || i == 0;
    if (IsPlaceholder(line) || line.starts_with("```") || AfterQuestionLabel(line)) return i + 1;
    if (part_ == Part::kDocuments) {
      if (IsDocumentEnd(line))
        part_ = Part::kFree;
      else if (prompt_.items.empty() && after_blank && IsListHeading(line))
        part_ = Part::kList;
      else
        AddDocumentLine(line);
      return i + 1;
    }
    if (IsDocumentHeading(line)) {
      part_ = Part::kDocuments;
      return i + 1;
    }
    return ReadOutsideDocuments(i);
  }

  void AddDocumentLine(std::string_view line) {
    prompt_.material.emplace_back(line);
    prompt_.documents.emplace_back(line);
  }

  size_t ReadOutsideDocuments(size_t i) {
    const std::string_view line = lines_[i];
    if (line.front() == '[' || line.front() == '{') {
      if (const size_t end = ReadJson(i); end > i) return end;
    }
    if (const size_t end = ReadTable(i); end > i) return end;
    if (const size_t end = ReadXml(i); end > i) return end;
    if (ReadObjectLine(line)) return i + 1;
    if (const size_t end = ReadPairs(i); end > i) return end;
    if (const size_t end = ReadDescribed(i); end > i) return end;
    if (auto item = ItemLine(line, part_ == Part::kList || IsInSequence(i))) {
      if (prompt_.items.size() < kMaxPromptItems) prompt_.items.push_back(std::move(*item));
      return i + 1;
    }
    // Below the heading of a list, a line with a price is a product also without a mark.
    if (part_ == Part::kList && format::FindMoney(line)) {
      if (auto item = ItemLine("- " + std::string(line), true);
          item && prompt_.items.size() < kMaxPromptItems) {
        prompt_.items.push_back(std::move(*item));
        return i + 1;
      }
    }
    if (IsListHeading(line)) {
      prompt_.wants_json = prompt_.wants_json || DemandsJson(line);
      part_ = Part::kList;
      return i + 1;
    }
    prompt_.wants_json = prompt_.wants_json || DemandsJson(line);
    part_ = Part::kFree;
    prompt_.unread += HasPrice(line) ? 1 : 0;
    prompt_.material.emplace_back(line);
    return i + 1;
  }

  static bool HasPrice(std::string_view line) {
    const auto amounts = format::FindAmounts(line.substr(0, kMaxPriceLineBytes));
    return std::any_of(amounts.begin(), amounts.end(),
                       [](const auto& amount) { return !amount.money.currency.empty(); });
  }

  // Whether a line "b) ..." follows a line "a) ...", or precedes "c) ...": one letter may also begin a
  // sentence.
  bool IsInSequence(size_t i) const {
    const auto ordinal = [this](size_t line) {
      const auto mark =
          line < lines_.size() && line != question_line_ ? ListMarkAt(lines_[line]) : std::nullopt;
      return mark && mark->kind == ListMark::Kind::kLetter ? mark->ordinal : -1;
    };
    const int own = ordinal(i);
    return own > 0 && ((i > 0 && ordinal(i - 1) == own - 1) || ordinal(i + 1) == own + 1);
  }

  // Reads one product that is written as lines "name: value", as in YAML. Returns the index of the line after
  // it; `i` if there is none.
  size_t ReadPairs(size_t i) {
    const auto mark = ListMarkAt(lines_[i]);
    ItemCells cells = PairsOf(lines_[i].substr(mark ? mark->size : 0));
    if (cells.empty() || !IsColumn(cells[0].first)) return i;
    size_t end = i + 1;
    for (; end < lines_.size() && end != question_line_ && cells.size() < kMaxItemCells; ++end) {
      const std::string_view line = lines_[end];
      if (ListMarkAt(line) || AfterQuestionLabel(line)) break;
      const ItemCells more = PairsOf(line);
      if (more.empty() || more[0].first == cells[0].first) break;
      cells.insert(cells.end(), more.begin(), more.end());
    }
    const auto has = [&cells](auto... roles) {
      return std::any_of(cells.begin(), cells.end(), [&](const auto& cell) {
        const auto role = catalogue::RoleOfName(cell.first);
        return role && ((role->role == roles) || ...);
      });
    };
    const bool product =
        has(Role::kTitle) && (mark || part_ == Part::kList || has(Role::kPrice, Role::kStock));
    if (!product) return i;
    if (auto item = ItemOf(cells); item && prompt_.items.size() < kMaxPromptItems)
      prompt_.items.push_back(std::move(*item));
    return end;
  }

  // Reads one product that is an element of XML. Returns the index of the line after it; `i` if there is
  // none.
  size_t ReadXml(size_t i) {
    static const RE2 kOpen(R"(^<([\pL_][\pL\pN_.:-]*)(?:\s[^<>]*)?>)");
    re2::StringPiece tag;
    if (!RE2::PartialMatch(Piece(lines_[i]), kOpen, &tag)) return i;
    const std::string close = "</" + std::string(tag.data(), tag.size()) + ">";
    std::string block;
    size_t end = i;
    bool closed = false;
    const size_t most = std::min(kMaxXmlBytes, xml_bytes_left_);
    for (; end < lines_.size() && end != question_line_ && block.size() < most && !closed; ++end) {
      block += std::string(lines_[end]) + "\n";
      closed = lines_[end].ends_with(close) || (end == i && lines_[end].ends_with("/>"));
    }
    const size_t before = prompt_.items.size();
    if (block.size() > xml_bytes_left_) return i;
    xml_bytes_left_ -= block.size();
    if (closed) AddXmlItems(block, &prompt_.items);
    if (prompt_.items.size() > before) return end;
    return i;
  }

  // Reads a line "- {...}" or "- id: {...}".
  bool ReadObjectLine(std::string_view line) {
    const auto mark = ListMarkAt(line);
    std::string_view text = Trim(line.substr(mark ? mark->size : 0));
    const size_t begin = text.find('{');
    if (begin == std::string_view::npos || !text.ends_with('}') || text.size() > json_bytes_left_)
      return false;
    std::string_view id = Trim(text.substr(0, begin));
    if (!id.empty() && !id.ends_with(':')) return false;
    if (!id.empty()) id = Trim(id.substr(0, id.size() - 1));
    if ((!mark && id.empty()) || id.find_first_of(" \t") != std::string_view::npos) return false;
    text.remove_prefix(begin);
    json_bytes_left_ -= text.size();
    const auto json = ParsePrinted(text);
    const size_t before = prompt_.items.size();
    if (json) AddJsonItems(*json, WithoutQuotes(id), &prompt_.items);
    return prompt_.items.size() > before;
  }

  // The values of a line below the name of a product: "- Price: $20", "가격: 20,000원". Empty if the line is
  // none. `any_name`: the name may be unknown ("- Material: steel"), unless the value has a price.
  ItemCells AttributesAt(size_t i, bool any_name = false) const {
    if (i >= lines_.size() || i == question_line_ || lines_[i].empty()) return {};
    if (AfterQuestionLabel(lines_[i]) || IsDocumentHeading(lines_[i])) return {};
    const auto mark = ListMarkAt(lines_[i]);
    if (mark && mark->kind != ListMark::Kind::kBullet) return {};
    ItemCells pairs = PairsOf(lines_[i].substr(mark ? mark->size : 0));
    if (pairs.empty() || IsIdName(pairs[0].first)) return {};
    const auto role = catalogue::RoleOfName(pairs[0].first);
    const bool known = role && role->role != Role::kTitle;
    return known || (any_name && !role && !StatedPrice(pairs[0].second)) ? pairs : ItemCells();
  }

  // Reads one product whose name is a heading or a line of a list, with its values on the lines below:
  // "1. Tent", "- Price: $20". Returns the index of the line after it; `i` if there is none.
  size_t ReadDescribed(size_t i) {
    std::string_view line = lines_[i];
    const bool heading = line.starts_with('#') || (line.starts_with("**") && line.ends_with("**"));
    if (heading) line = Trim(StripMarks(line), " *");
    const auto mark = ListMarkAt(line);
    if (!heading && !mark) return i;
    size_t end = i + 1;
    if (heading && end < lines_.size() && lines_[end].empty()) ++end;
    if (AttributesAt(end).empty()) return i;
    const auto item = ItemLine(mark ? std::string(line) : "- " + std::string(line), true);
    if (!item) return i;
    ItemCells cells = {{"id", item->item.id}, {"title", item->item.title}};
    const size_t title = line.find(item->item.title);
    if (title != std::string_view::npos)
      cells.emplace_back("note", line.substr(title + item->item.title.size()));
    const bool bullet = mark && mark->kind == ListMark::Kind::kBullet;
    for (; cells.size() < kMaxItemCells; ++end) {
      const ItemCells more = AttributesAt(end, !bullet);
      if (more.empty()) break;
      cells.insert(cells.end(), more.begin(), more.end());
    }
    if (auto described = ItemOf(cells); described && prompt_.items.size() < kMaxPromptItems)
      prompt_.items.push_back(std::move(*described));
    return end;
  }

  // Reads JSON that begins at the line. Returns the index of the line after it; `i` if there is none.
  size_t ReadJson(size_t i) {
    std::string block;
    for (size_t end = i; end < lines_.size() && block.size() < kMaxJsonBytes && end != question_line_;
         ++end) {
      block += std::string(lines_[end]) + "\n";
      const char last = lines_[end].empty() ? ' ' : lines_[end].back();
      if (last != ']' && last != '}' && last != ',') continue;
      if (last == ',') block[block.size() - 2] = ' ';
      if (block.size() > json_bytes_left_) return i;
      json_bytes_left_ -= block.size();
      const auto json = ParsePrinted(block);
      if (last == ',') block[block.size() - 2] = ',';
      if (!json) continue;
      const size_t before = prompt_.items.size();
      AddJsonItems(*json, "", &prompt_.items);
      return prompt_.items.size() > before ? end + 1 : i;
    }
    return i;
  }

  // Reads a table whose header is the line. Returns the index of the line after it; `i` if there is none.
  size_t ReadTable(size_t i) {
    for (const char delimiter : {'|', '\t', ','}) {
      const std::vector<std::string> header = CellsOf(lines_[i], delimiter);
      const size_t first = i + 1 < lines_.size() ? CellsOf(lines_[i + 1], delimiter).size() : 0;
      // The blanks at the end of a line were empty cells.
      const bool same = first == header.size() || (delimiter == '\t' && first > 0 && first < header.size());
      const bool rows = header.size() >= 2 && header.size() <= kMaxItemCells && same;
      if (!rows || !IsHeader(header)) continue;
      size_t end = i + 1;
      for (; end < lines_.size() && end != question_line_; ++end) {
        std::vector<std::string> row = CellsOf(lines_[end], delimiter);
        if (delimiter == '\t' && !row.empty() && row.size() < header.size()) row.resize(header.size());
        if (row.size() != header.size()) break;
        if (row[0].find_first_not_of("-: ") == std::string::npos && !row[0].empty()) continue;  // |---|---|
        ItemCells cells;
        for (size_t c = 0; c < row.size(); ++c) cells.emplace_back(header[c], row[c]);
        if (auto item = ItemOf(cells); item && prompt_.items.size() < kMaxPromptItems)
          prompt_.items.push_back(std::move(*item));
      }
      if (end > i + 1) return end;
    }
    return i;
  }

  // Whether the cells name a title or id and something else.
  static bool IsHeader(const std::vector<std::string>& cells) {
    bool named = false;
    size_t known = 0;
    for (const std::string& cell : cells) {
      const auto role = catalogue::RoleOfName(cell);
      named = named || (role && role->role == catalogue::Role::kTitle);
      known += role || analysis::Fold(cell).ends_with("id") ? 1 : 0;
    }
    return named && known >= 2;
  }

  std::vector<std::string_view> lines_;
  Prompt prompt_;
  size_t question_line_ = 0;
  Part part_ = Part::kFree;
  bool blank_ = false;
  size_t json_bytes_left_ = kMaxParsedBytes, xml_bytes_left_ = kMaxParsedBytes;
};

}  // namespace

Prompt ReadPrompt(const ChatRequest& request) {
  bool system_wants_json = request.want_json;
  std::string_view text;
  for (const ChatMessage& message : request.messages) {
    if (message.role == ChatMessage::Role::kSystem)
      system_wants_json = system_wants_json || message.text.find("JSON") != std::string::npos;
    if (message.role == ChatMessage::Role::kUser) text = message.text;  // the last user message is answered
  }
  return PromptReader(CutUtf8(text, kMaxPromptBytes)).Read(system_wants_json);
}

Prompt ReadPromptText(std::string_view text) {
  return PromptReader(CutUtf8(text, kMaxPromptBytes)).Read(false);
}

// Clothes, shoes, hats and clothing accessories: the groups of "Apparel & Accessories" in Google's product
// taxonomy that are worn, in the words of Korean and English shops.
bool IsWorn(std::string_view folded_title) {
  static constexpr std::array kKorean = {
      "후디",   "후드",   "티셔츠",   "셔츠",   "블라우스", "니트",     "스웨터", "가디건", "카디건",
      "맨투맨", "조끼",   "베스트",   "자켓",   "재킷",     "점퍼",     "패딩",   "코트",   "바람막이",
      "푸퍼",   "파카",   "팬츠",     "바지",   "청바지",   "데님",     "슬랙스", "레깅스", "쇼츠",
      "스커트", "치마",   "원피스",   "드레스", "점프수트", "수트",     "정장",   "한복",   "잠옷",
      "파자마", "속옷",   "양말",     "스타킹", "운동화",   "스니커즈", "구두",   "로퍼",   "부츠",
      "샌들",   "슬리퍼", "신발",     "힐",     "모자",     "비니",     "캡",     "버킷햇", "머플러",
      "목도리", "스카프", "장갑",     "벨트",   "넥타이",   "상의",     "하의",   "아우터", "의류",
      "수영복", "비키니", "래쉬가드", "폴로",   "탑",       "나시",     "티"};
  static constexpr std::array kEnglish = {
      "hoodie",   "hoody",       "t-shirt",    "tshirt",   "tee",       "shirt",   "blouse",   "knitwear",
      "sweater",  "cardigan",    "sweatshirt", "vest",     "jacket",    "blazer",  "jumper",   "parka",
      "coat",     "windbreaker", "puffer",     "pants",    "trousers",  "jeans",   "slacks",   "leggings",
      "shorts",   "skirt",       "dress",      "jumpsuit", "suit",      "pajamas", "pyjamas",  "underwear",
      "socks",    "tights",      "sneakers",   "sneaker",  "shoes",     "loafers", "boots",    "sandals",
      "slippers", "heels",       "hat",        "beanie",   "cap",       "scarf",   "muffler",  "gloves",
      "belt",     "tie",         "tops",       "bottoms",  "outerwear", "apparel", "swimsuit", "bikini",
      "polo",     "joggers",     "overalls",   "kimono",   "hanbok",    "chinos",  "top"};
  // Things that are named after what is worn, but are not worn.
  static constexpr std::array kThings = {"걸이", "신발장", "정리함", "보관",      "행거",    "다리미",
                                         "세제", "클리너", "케이스", "건조기",    "스팀",    "브러시",
                                         "수납", "rack",   "hanger", "organizer", "cabinet", "cleaner",
                                         "case", "dryer",  "iron",   "steamer",   "storage", "detergent"};
  const auto says = [&](const char* word) { return HasWord(folded_title, word); };
  if (std::any_of(kThings.begin(), kThings.end(), says)) return false;
  return std::any_of(kKorean.begin(), kKorean.end(), says) ||
         std::any_of(kEnglish.begin(), kEnglish.end(), says);
}

}  // namespace trine::language
