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
#include "catalogue/roles.h"
#include "format/json.h"
#include "format/quantity_text.h"
#include "format/text.h"
#include "language/list_mark.h"
#include "language/quantity.h"

namespace trine::language {
namespace {

using format::Json;

constexpr size_t kMaxPromptBytes = 200'000;    // longer prompts are cut; bounds the work of one call
constexpr size_t kMaxItems = 100;              // read from one prompt
constexpr size_t kMaxTitleBytes = 120;         // longer titles are cut: they are prose and not names
constexpr size_t kMaxIdBytes = 128;            // a longer text before a colon is not an id
constexpr size_t kMaxHeadingBytes = 120;       // a longer line is not a heading
constexpr size_t kMaxJsonBytes = 100'000;      // of one block of JSON
constexpr size_t kMaxParsedBytes = 2'000'000;  // parsed as JSON in all, so that hostile prompts cost little
constexpr size_t kMaxColumns = 40;             // of a table
constexpr size_t kMaxKeyBytes = 60;            // of the name of a value
constexpr size_t kMaxPairsBytes = 2000;        // of a line of pairs; bounds the search for names in it
constexpr size_t kMaxXmlBytes = 100'000;       // of one element
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
  return line.size() <= kMaxHeadingBytes && RE2::PartialMatch(Piece(line), kHeading);
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

std::string CutTitle(std::string_view title) {
  std::string out;
  for (const char c : CutUtf8(Trim(title), kMaxTitleBytes)) {
    if (c != '*' && c != '`') out += c;
  }
  return std::string(Trim(out));
}

// Whether a product is in stock, by what its text says: "품절", "재고 5개", "in stock: 0", "sold out".
// nullopt if it does not say, or says both.
std::optional<bool> StockIn(std::string_view folded) {
  static const RE2 kNot(R"((?:품절|매진)\s*(?:임박|아님|아니|안\s*됨)|\bnot (?:yet )?(?:sold|out)|미품절)");
  static const RE2 kOut(
      R"(품절|매진|판매\s*(?:중지|종료|중단)|재고\s*[:：=(]?\s*(?:없|소진|x\b|no\b)|\bin[ -]?stock\s*[:=]\s*(?:no|n|false|x)\b|\b(?:sold[ -]?out|out[ -]of[ -]stock|unavailable|not in stock|no stock)\b)");
  static const RE2 kCount(
      R"((?:재고(?:\s*수량|량)?|\bin[ -]?stock|\bstock|\binventory)\s*[:：=(]?\s*([0-9][0-9,]*))");
  static const RE2 kCountBefore(
      R"(\b([0-9][0-9,]*)\s*(?:개|ea|pcs|units?|items?|left)?\s*(?:in stock|left in stock|available)\b)");
  static const RE2 kIn(
      R"(재고\s*[:：=(]?\s*(?:있|충분|보유|남|o\b|yes\b)|(?:구매|주문)\s*가능|판매\s*중|\b(?:in[ -]?stock|available)\b)");
  const re2::StringPiece text = Piece(folded);
  std::string count;
  if (RE2::PartialMatch(text, kNot)) return true;
  if (RE2::PartialMatch(text, kOut)) return false;
  if (RE2::PartialMatch(text, kCount, &count) || RE2::PartialMatch(text, kCountBefore, &count))
    return count.find_first_not_of("0,") != std::string::npos;
  if (RE2::PartialMatch(text, kIn)) return true;
  return std::nullopt;
}

// Completes an item: what its text says about price, mass and stock.
PromptItem MakeItem(std::string id, std::string_view title, std::string_view details) {
  PromptItem out;
  out.item.id = std::move(id);
  out.item.title = CutTitle(title);
  const std::string whole = std::string(title) + "\n" + std::string(details);
  // The first sentence describes the product; what follows is prose about it.
  const size_t sentence = std::min(details.find(". "), details.size());
  out.facts.named = analysis::Fold(title) + "\n" + analysis::Fold(details.substr(0, sentence)) + "\n";
  out.facts.text = analysis::Fold(details.substr(sentence));
  if (const auto money = format::FindMoney(whole); money && !money->currency.empty())
    out.item.price = ItemPrice{money->amount, money->currency};
  out.item.grams = StatedGrams(analysis::Fold(whole));
  out.facts.in_stock = StockIn(out.facts.named);
  return out;
}

void Complete(PromptItem* item) {
  item->facts.price = item->item.price;
  item->facts.grams = item->item.grams;
}

// A line "- id: text", "1. text" or "a) text": an id without spaces, then the title up to the first
// separator. `listed`: the line is one of a list, so that a bullet or a letter without an id or a price is a
// product too.
std::optional<PromptItem> ItemLine(std::string_view line, bool listed) {
  const auto mark = ListMarkAt(line);
  if (!mark) return std::nullopt;
  std::string_view text = Trim(line.substr(mark->size));
  if (text.empty()) return std::nullopt;
  const bool numbered = mark->kind == ListMark::Kind::kNumber;
  std::string id = mark->label;
  const size_t colon = text.find(':');
  bool named = false;
  std::string_view title, details;
  if (colon != 0 && colon != std::string_view::npos && colon <= kMaxIdBytes) {
    const std::string_view head = Trim(text.substr(0, colon)), tail = Trim(text.substr(colon + 1));
    size_t begin = 0, end = 0;
    const bool price = format::FindMoney(tail, &begin, &end) && begin == 0 && end == tail.size();
    if (price) {
      // "Tent: 200,000 KRW" has no id.
      title = head;
      details = tail;
    } else if (head.find_first_of(" \t\"'") == std::string_view::npos) {
      id = CutTitle(head);
      text = tail;
      named = true;
    }
  }
  static const RE2 kSeparator(R"(\s+[-–—]\s+|\s*[(|,;{\[<\n]|:\s|\.\s|\s(?:[$₩€£]|us\$)\s*[0-9])");
  re2::StringPiece found;
  const re2::StringPiece piece = Piece(text);
  const bool split = kSeparator.Match(piece, 0, piece.size(), RE2::UNANCHORED, &found, 1);
  const size_t cut = split ? static_cast<size_t>(found.data() - text.data()) : text.size();
  if (title.empty()) {
    title = Trim(text.substr(0, cut));
    details = text.substr(cut);
  }
  const bool product = named || numbered || listed || format::FindMoney(details).has_value();
  if (title.empty() || !product) return std::nullopt;
  if (id.empty()) id = CutTitle(title);
  PromptItem item = MakeItem(std::move(id), title, details);
  Complete(&item);
  return item;
}

// A product as cells with the names of their columns.
std::optional<PromptItem> ItemOf(const std::vector<std::pair<std::string, std::string>>& cells) {
  std::string id, title, details;
  std::optional<format::Money> price;
  std::optional<bool> in_stock;
  std::string currency;
  const bool has_name = std::any_of(cells.begin(), cells.end(), [](const auto& cell) {
    const auto role = catalogue::RoleOfName(cell.first);
    return role && role->role == catalogue::Role::kTitle && !role->general;
  });
  for (const auto& [name, text] : cells) {
    const auto role = catalogue::RoleOfName(name);
    const std::string folded = analysis::Fold(name);
    // A column "product" is the title only if no other column is.
    if (role && role->role == catalogue::Role::kTitle && title.empty() && !(role->general && has_name)) {
      title = text;
      continue;
    }
    if (id.empty() && (folded == "id" || folded.ends_with("_id") || folded.ends_with("id") ||
                       folded == "sku" || folded.ends_with("코드") || folded.ends_with("번호"))) {
      id = text;
      continue;
    }
    if (role && role->role == catalogue::Role::kPrice && !price) {
      price = format::FindMoney(text);
      if (price && price->currency.empty()) price->currency = role->currency;
      continue;
    }
    if (role && role->role == catalogue::Role::kStock) {
      // The bare value of the column means nothing in a text ("N" for 품절여부).
      if (!in_stock) in_stock = catalogue::StockOf(Json(text), role->inverse);
      if (!in_stock && !role->inverse) in_stock = StockIn(analysis::Fold("재고 " + text));
      continue;
    }
    if (role && role->role == catalogue::Role::kCurrency) currency = format::CurrencyCode(text);
    details += (details.empty() ? "" : ", ") + text;
  }
  if (title.empty()) title = id;
  if (title.empty()) return std::nullopt;
  PromptItem item = MakeItem(id.empty() ? CutTitle(title) : id, title, details);
  if (price) item.item.price = ItemPrice{price->amount, price->currency.empty() ? currency : price->currency};
  if (in_stock) item.facts.in_stock = in_stock;
  Complete(&item);
  return item;
}

std::string ScalarText(const Json& value) {
  if (value.is_string()) return value.string();
  if (value.is_array()) {
    std::string out;
    for (const Json& one : value.array()) out += (out.empty() ? "" : ", ") + ScalarText(one);
    return out;
  }
  return value.is_number() || value.is_bool() ? format::ToString(value) : "";
}

void AddJsonItems(const Json& json, std::vector<PromptItem>* items) {
  if (json.is_array()) {
    for (const Json& one : json.array()) {
      if (one.is_object()) AddJsonItems(one, items);
      if (one.is_string()) {
        PromptItem item = MakeItem(one.string(), one.string(), "");
        Complete(&item);
        if (items->size() < kMaxItems) items->push_back(std::move(item));
      }
    }
    return;
  }
  if (!json.is_object()) return;
  std::vector<std::pair<std::string, std::string>> cells;
  for (const auto& [name, value] : json.object()) {
    const bool list = value.is_array() && !value.array().empty() && value.array()[0].is_object();
    if (list) AddJsonItems(value, items);
    if (!value.is_object() && !list) cells.emplace_back(name, ScalarText(value));
  }
  if (auto item = ItemOf(cells); item && items->size() < kMaxItems) items->push_back(std::move(*item));
}

// Whether the name of a value says that a product is described: a title or an id.
bool IsColumn(std::string_view name) {
  if (name.empty() || IsAsciiDigit(name.back())) return false;  // "item_1" is an id
  const auto role = catalogue::RoleOfName(name);
  const std::string folded = analysis::Fold(name);
  return (role && role->role == catalogue::Role::kTitle) || folded == "id" || folded == "sku" ||
         folded == "item_id" || folded == "product_id" || folded == "상품번호" || folded == "상품코드";
}

std::string WithoutQuotes(std::string_view text) {
  text = Trim(text);
  const bool quoted =
      text.size() > 1 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  return std::string(quoted ? text.substr(1, text.size() - 2) : text);
}

// The place of the mark between the name and the value of a pair, and its size; npos: the text is not a pair.
size_t PairMark(std::string_view text, size_t* size) {
  const size_t mark = std::min(text.find_first_of(":="), text.find("："));
  if (mark == std::string_view::npos || mark == 0 || mark > kMaxKeyBytes) return std::string_view::npos;
  *size = text[mark] == ':' || text[mark] == '=' ? 1 : std::string_view("：").size();
  const std::string name = WithoutQuotes(text.substr(0, mark));
  const bool letters =
      !name.empty() && !IsAsciiDigit(name[0]) && name.find_first_of(",;|<>{}[]") == std::string::npos;
  return letters ? mark : std::string_view::npos;
}

// The pairs of a line "name: Tent" or "name: Tent, price: 20"; empty if it is none.
std::vector<std::pair<std::string, std::string>> PairsOf(std::string_view line) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (line.size() > kMaxPairsBytes) return pairs;
  size_t size = 0;
  size_t mark = PairMark(line, &size);
  while (mark != std::string_view::npos && pairs.size() < kMaxColumns) {
    const std::string name = WithoutQuotes(line.substr(0, mark));
    line.remove_prefix(mark + size);
    // A separator before the name of another value ends this value.
    size_t cut = std::string_view::npos;
    mark = std::string_view::npos;
    for (size_t at = line.find_first_of(",|;/");
         at != std::string_view::npos && mark == std::string_view::npos;
         at = line.find_first_of(",|;/", at + 1)) {
      const std::string_view next = Trim(line.substr(at + 1));
      const size_t next_mark = PairMark(next, &size);
      if (next_mark == std::string_view::npos ||
          !catalogue::RoleOfName(WithoutQuotes(next.substr(0, next_mark))))
        continue;
      cut = at;
      mark = next_mark;
    }
    pairs.emplace_back(name, WithoutQuotes(line.substr(0, cut)));
    if (cut == std::string_view::npos) break;
    line = Trim(line.substr(cut + 1));
  }
  return pairs;
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
    std::vector<std::pair<std::string, std::string>> cells;
  };
  std::vector<Element> open;
  const auto finish = [items](const Element& element) {
    const bool named = std::any_of(element.cells.begin(), element.cells.end(), [](const auto& cell) {
      const auto role = catalogue::RoleOfName(cell.first);
      return role && role->role == catalogue::Role::kTitle;
    });
    if (!named || items->size() >= kMaxItems) return;
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
    if (leaf && !open.empty() && open.back().cells.size() < kMaxColumns)
      open.back().cells.emplace_back(element.name,
                                     XmlText(xml.substr(element.text_begin, tag_begin - element.text_begin)));
    if (element.inner || !element.cells.empty()) finish(element);
  }
}

// The cells of one line of a table; empty if the line is none.
std::vector<std::string> CellsOf(std::string_view line, char delimiter) {
  std::vector<std::string> cells;
  if (delimiter == '|') {
    if (line.starts_with('|')) line.remove_prefix(1);
    if (line.ends_with('|')) line.remove_suffix(1);
  }
  for (size_t start = 0; start <= line.size();) {
    const size_t end = std::min(line.find(delimiter, start), line.size());
    cells.emplace_back(Trim(line.substr(start, end - start)));
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
      lines_.push_back(Trim(text.substr(start, end - start)));
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
        if (lines_[i].find('?') != std::string_view::npos && !ItemLine(lines_[i], false)) Take(i);
      }
    }
    for (size_t i = lines_.size(); i-- > 0 && prompt_.question.empty();) {
      if (!lines_[i].empty() && !ItemLine(lines_[i], false) && !IsPlaceholder(lines_[i])) Take(i);
    }
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
        prompt_.material.emplace_back(line);
      return i + 1;
    }
    if (IsDocumentHeading(line)) {
      part_ = Part::kDocuments;
      return i + 1;
    }
    return ReadOutsideDocuments(i);
  }

  size_t ReadOutsideDocuments(size_t i) {
    const std::string_view line = lines_[i];
    if (line.front() == '[' || line.front() == '{') {
      if (const size_t end = ReadJson(i); end > i) return end;
    }
    if (const size_t end = ReadTable(i); end > i) return end;
    if (const size_t end = ReadXml(i); end > i) return end;
    if (const size_t end = ReadPairs(i); end > i) return end;
    if (auto item = ItemLine(line, part_ == Part::kList || IsInSequence(i))) {
      if (prompt_.items.size() < kMaxItems) prompt_.items.push_back(std::move(*item));
      return i + 1;
    }
    // Below the heading of a list, a line with a price is a product also without a mark.
    if (part_ == Part::kList && format::FindMoney(line)) {
      if (auto item = ItemLine("- " + std::string(line), true); item && prompt_.items.size() < kMaxItems) {
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
    const auto amounts = format::FindAmounts(line.substr(0, kMaxPairsBytes));
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
    std::vector<std::pair<std::string, std::string>> cells = PairsOf(lines_[i].substr(mark ? mark->size : 0));
    if (cells.empty() || !IsColumn(cells[0].first)) return i;
    size_t end = i + 1;
    for (; end < lines_.size() && end != question_line_ && cells.size() < kMaxColumns; ++end) {
      const std::string_view line = lines_[end];
      if (ListMarkAt(line) || AfterQuestionLabel(line)) break;
      const auto more = PairsOf(line);
      if (more.empty() || more[0].first == cells[0].first) break;
      cells.insert(cells.end(), more.begin(), more.end());
    }
    const auto has = [&cells](auto... roles) {
      return std::any_of(cells.begin(), cells.end(), [&](const auto& cell) {
        const auto role = catalogue::RoleOfName(cell.first);
        return role && ((role->role == roles) || ...);
      });
    };
    using catalogue::Role;
    const bool product =
        has(Role::kTitle) && (mark || part_ == Part::kList || has(Role::kPrice, Role::kStock));
    if (!product) return i;
    if (auto item = ItemOf(cells); item && prompt_.items.size() < kMaxItems)
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
      auto json = format::ParseJson(block);
      if (last == ',') block[block.size() - 2] = ',';
      if (!json.ok()) continue;
      const size_t before = prompt_.items.size();
      AddJsonItems(*json, &prompt_.items);
      return prompt_.items.size() > before ? end + 1 : i;
    }
    return i;
  }

  // Reads a table whose header is the line. Returns the index of the line after it; `i` if there is none.
  size_t ReadTable(size_t i) {
    for (const char delimiter : {'|', '\t', ','}) {
      const std::vector<std::string> header = CellsOf(lines_[i], delimiter);
      const bool rows = header.size() >= 2 && header.size() <= kMaxColumns && i + 1 < lines_.size() &&
                        CellsOf(lines_[i + 1], delimiter).size() == header.size();
      if (!rows || !IsHeader(header)) continue;
      size_t end = i + 1;
      for (; end < lines_.size() && end != question_line_; ++end) {
        const std::vector<std::string> row = CellsOf(lines_[end], delimiter);
        if (row.size() != header.size()) break;
        if (row[0].find_first_not_of("-: ") == std::string::npos && !row[0].empty()) continue;  // |---|---|
        std::vector<std::pair<std::string, std::string>> cells;
        for (size_t c = 0; c < row.size(); ++c) cells.emplace_back(header[c], row[c]);
        if (auto item = ItemOf(cells); item && prompt_.items.size() < kMaxItems)
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
