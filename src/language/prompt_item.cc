#include "language/prompt_item.h"

#include <re2/re2.h>

#include <algorithm>

#include "analysis/analyzer.h"
#include "base/text.h"
#include "base/utf8.h"
#include "catalogue/role.h"
#include "catalogue/roles.h"
#include "format/json.h"
#include "format/quantity_text.h"
#include "format/text.h"
#include "language/list_mark.h"
#include "language/quantity.h"
#include "language/stated_price.h"

namespace trine::language {
namespace {

using catalogue::Role;
using format::Json;

constexpr size_t kMaxTitleBytes = 120;   // longer titles are cut: they are prose and not names
constexpr size_t kMaxIdBytes = 128;      // a longer text before a colon is not an id
constexpr size_t kMaxKeyBytes = 60;      // a longer text is not the name of a value
constexpr size_t kMaxPairsBytes = 2000;  // a longer line is not one of pairs; bounds the search for names

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

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

void SetPrice(std::optional<ItemPrice> price, PromptItem* item) {
  item->item.price = price;
  item->facts.price = std::move(price);
}

void SetGrams(std::optional<double> grams, PromptItem* item) { item->item.grams = item->facts.grams = grams; }

// The role of the name of a value that belongs to a product, but is neither its title nor its id.
bool IsAttributeName(std::string_view name) {
  const auto role = catalogue::RoleOfName(name);
  return role && role->role != Role::kTitle;
}

// The grams of a weight column: "950g", or "950" below "weight_g".
std::optional<double> GramsIn(const std::string& text, const catalogue::NamedRole& role) {
  if (const auto grams = format::ParseGrams(text)) return grams;
  const auto number = format::ParseMoney(text);
  const auto unit = format::GramsPer(role.unit);
  if (!number || !unit || *number < 0) return std::nullopt;
  return *number * *unit;
}

// The values of the columns of one product, by their roles.
struct ReadCells {
  std::string id, title, details, asides, currency;
  std::optional<format::Money> price;
  size_t price_rank = 0;
  bool has_price = false;  // some column is named for the price
  std::optional<bool> in_stock;
  std::optional<double> grams;
};

void ReadPriceCell(const std::string& text, const catalogue::NamedRole& role, ReadCells* read) {
  read->has_price = true;
  auto price = format::FindMoney(text);
  if (!price || (read->price && read->price_rank <= role.rank)) return;
  if (price->currency.empty()) price->currency = role.currency;
  read->price = std::move(price);
  read->price_rank = role.rank;
}

void ReadStockCell(const std::string& text, const catalogue::NamedRole& role, ReadCells* read) {
  // The bare value of the column means nothing in a text ("N" for 품절여부).
  if (!read->in_stock) read->in_stock = catalogue::StockOf(Json(text), role.inverse);
  if (!read->in_stock && !role.inverse) read->in_stock = StockIn(analysis::Fold("재고 " + text));
}

void ReadCell(const std::string& name, const std::string& text, bool has_name, ReadCells* read) {
  const auto role = catalogue::RoleOfName(name);
  // A column "product" is the title only if no other column is.
  if (role && role->role == Role::kTitle && read->title.empty() && !(role->general && has_name)) {
    read->title = text;
    return;
  }
  if (read->id.empty() && IsIdName(name)) {
    read->id = text;
    return;
  }
  if (role && role->role == Role::kPrice) return ReadPriceCell(text, *role, read);
  if (role && role->role == Role::kStock) return ReadStockCell(text, *role, read);
  if (role && role->role == Role::kCurrency) {
    read->currency = format::CurrencyCode(text);
    return;
  }
  if (role && role->role == Role::kWeight && !read->grams) read->grams = GramsIn(text, *role);
  std::string& texts = IsOtherAmount(name) ? read->asides : read->details;
  if (!text.empty()) texts += (texts.empty() ? "" : ", ") + text;
}

}  // namespace

PromptItem MakeItem(std::string id, std::string_view title, std::string_view details) {
  PromptItem out;
  out.item.id = std::move(id);
  out.item.title = CutTitle(title);
  const std::string whole = std::string(title) + "\n" + std::string(details);
  // The first sentence describes the product; what follows is prose about it.
  const size_t sentence = std::min(details.find(". "), details.size());
  out.facts.named = analysis::Fold(title) + "\n" + analysis::Fold(details.substr(0, sentence)) + "\n";
  out.facts.title_bytes = analysis::Fold(title).size();
  out.facts.text = analysis::Fold(details.substr(sentence));
  if (const auto money = StatedPrice(whole)) SetPrice(ItemPrice{money->amount, money->currency}, &out);
  SetGrams(StatedGrams(analysis::Fold(whole)), &out);
  out.facts.in_stock = StockIn(out.facts.named);
  return out;
}

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
    if (IsAttributeName(WithoutQuotes(head))) return std::nullopt;
    size_t begin = 0, end = 0;
    const bool price =
        format::FindMoney(tail, &begin, &end) && begin == 0 && end == tail.size() && !StatedPrice(head);
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
  static const RE2 kSeparator(
      R"(\s+[-–—]\s+|\s*[(|;{\[<\n]|\s*,(?:[^0-9]|$)|:\s|\.\s|\s(?:[$₩€£]|us\$)\s*[0-9])");
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
  item.has_id = named;
  return item;
}

std::optional<PromptItem> ItemOf(const ItemCells& cells) {
  ReadCells read;
  const bool has_name = std::any_of(cells.begin(), cells.end(), [](const auto& cell) {
    const auto role = catalogue::RoleOfName(cell.first);
    return role && role->role == Role::kTitle && !role->general;
  });
  for (const auto& [name, text] : cells) ReadCell(name, text, has_name, &read);
  if (read.title.empty()) read.title = read.id;
  if (read.title.empty()) return std::nullopt;
  PromptItem item = MakeItem(read.id.empty() ? CutTitle(read.title) : read.id, read.title, read.details);
  if (!read.asides.empty()) item.facts.text += "\n" + analysis::Fold(read.asides);
  // Amounts in other columns are not prices if a column of prices exists.
  if (read.has_price) SetPrice(std::nullopt, &item);
  if (read.price) {
    if (read.price->currency.empty()) read.price->currency = read.currency;
    SetPrice(ItemPrice{read.price->amount, read.price->currency}, &item);
  }
  if (read.grams) SetGrams(read.grams, &item);
  if (read.in_stock) item.facts.in_stock = read.in_stock;
  item.has_id = !read.id.empty();
  for (const auto& [name, text] : cells) {
    const auto role = catalogue::RoleOfName(name);
    if (!text.empty() && !IsIdName(name) && !(role && role->role == Role::kTitle))
      item.item.attributes.emplace_back(name, text);
  }
  return item;
}

bool IsIdName(std::string_view name) {
  const std::string folded = analysis::Fold(name);
  if (folded == "sku" || folded.ends_with("코드") || folded.ends_with("번호")) return true;
  if (!folded.ends_with("id") || folded.size() != name.size()) return false;
  if (folded.size() == 2) return true;
  // "paid" is not an id: a name of several words ends with the word.
  const char before = folded[folded.size() - 3];
  const bool letter = before >= 'a' && before <= 'z';
  return !letter || (name[name.size() - 2] == 'I' && name[name.size() - 3] == before);
}

bool IsColumn(std::string_view name) {
  if (name.empty() || IsAsciiDigit(name.back())) return false;  // "item_1" is an id
  const auto role = catalogue::RoleOfName(name);
  const std::string folded = analysis::Fold(name);
  return (role && role->role == Role::kTitle) || folded == "id" || folded == "sku" || folded == "item_id" ||
         folded == "product_id" || folded == "상품번호" || folded == "상품코드";
}

std::string WithoutQuotes(std::string_view text) {
  text = Trim(text, " \t*");
  const bool quoted =
      text.size() > 1 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  return std::string(quoted ? text.substr(1, text.size() - 2) : text);
}

ItemCells PairsOf(std::string_view line) {
  ItemCells pairs;
  if (line.size() > kMaxPairsBytes) return pairs;
  size_t size = 0;
  size_t mark = PairMark(line, &size);
  while (mark != std::string_view::npos && pairs.size() < kMaxItemCells) {
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

}  // namespace trine::language
