#include "catalogue/field_statistics.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "format/quantity_text.h"
#include "format/text.h"

namespace trine::catalogue {
namespace {

constexpr size_t kMaxDistinct = 5000;     // per field; bounds memory
constexpr size_t kMaxScannedBytes = 512;  // of one value; longer texts are prose whatever they contain
constexpr size_t kProseBytes = 90;        // a longer text is prose
constexpr size_t kProseWords = 8;         // as is one with more words
constexpr double kProseShare = 0.1;       // prose values above which a field is prose
constexpr size_t kPieceBytes = 40;        // a longer piece is not a tag
constexpr double kTagShare = 0.1;         // lists above which a field holds tags
constexpr std::array kDelimiters = {'|', ';', ',', '#'};
constexpr std::array<std::string_view, 14> kSizes = {"XXS",  "XS",  "S",   "M",   "L",    "XL", "XXL",
                                                     "XXXL", "2XL", "3XL", "4XL", "FREE", "F",  "프리"};
constexpr std::array<std::string_view, 6> kPictureEnds = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"};

size_t WordCount(std::string_view text) {
  size_t words = 0;
  for (size_t i = 0; i < text.size(); ++i) words += text[i] != ' ' && (i == 0 || text[i - 1] == ' ') ? 1 : 0;
  return words;
}

bool IsSentence(std::string_view text) {
  const bool ends =
      text.ends_with('.') || text.ends_with('!') || text.ends_with("다") || text.ends_with("요");
  return ends && WordCount(text) >= 4;
}

bool IsPicture(std::string_view text) {
  const std::string lower = ToLowerAscii(text.substr(0, text.find('?')));
  return std::any_of(kPictureEnds.begin(), kPictureEnds.end(),
                     [&](std::string_view end) { return lower.ends_with(end); });
}

void AddPieces(std::string_view text, char delimiter, FieldStatistics::Pieces* pieces) {
  std::vector<std::string_view> found;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(delimiter, start), text.size());
    const std::string_view piece = Trim(text.substr(start, end - start));
    if (piece.size() > kPieceBytes) return;
    if (!piece.empty()) found.push_back(piece);
    start = end + 1;
  }
  const bool list = text.find(delimiter) != std::string_view::npos;
  if (list) ++pieces->lists;
  pieces->pieces += static_cast<uint32_t>(found.size());
  for (const std::string_view piece : found) {
    if (pieces->distinct.size() < kMaxDistinct) pieces->distinct.insert(Hash64(piece, 0));
  }
}

void AddText(std::string_view whole, FieldStatistics* s) {
  const std::string_view text = Trim(whole.substr(0, kMaxScannedBytes));
  ++s->texts;
  const bool spaced = text.find(' ') != std::string_view::npos;
  if (spaced) ++s->spaced;
  if (!spaced && text.find_first_of("0123456789") != std::string_view::npos) ++s->coded;
  s->bytes += whole.size();
  if (s->distinct.size() < kMaxDistinct) s->distinct.insert(Hash64(whole, 0));
  const bool link = text.starts_with("http://") || text.starts_with("https://") || text.starts_with("//");
  if (link) ++s->links;
  if (IsPicture(text)) ++s->pictures;
  const bool path = text.find('>') != std::string_view::npos && text.find('<') == std::string_view::npos;
  if (path) ++s->paths;
  if (!link && (whole.size() > kProseBytes || (!path && WordCount(text) > kProseWords) || IsSentence(text)))
    ++s->prose;
  if (whole.size() > kProseBytes) return;
  if (const auto money = format::FindMoney(text)) {
    ++s->numbers;
    if (!money->currency.empty()) {
      ++s->money;
      ++s->currencies[money->currency];
    }
  } else if (format::ParseDouble(text)) {
    ++s->numbers;
  }
  if (format::ParseGrams(text)) ++s->masses;
  if (const std::string code = format::CurrencyCode(text); !code.empty()) {
    ++s->codes;
    ++s->currencies[code];
  }
  if (std::any_of(kSizes.begin(), kSizes.end(),
                  [&](std::string_view size) { return EqualsIgnoreCase(size, text); }))
    ++s->sizes;
  for (const char delimiter : kDelimiters) AddPieces(text, delimiter, &s->delimited[delimiter]);
}

}  // namespace

bool FieldStatistics::IsProse() const { return texts > 0 && Share(prose) > kProseShare; }

char FieldStatistics::Delimiter() const {
  if (IsProse() || Share(money) > kTagShare) return '\0';
  for (const char delimiter : kDelimiters) {
    const auto it = delimited.find(delimiter);
    if (it == delimited.end() || Share(it->second.lists) < kTagShare) continue;
    const Pieces& pieces = it->second;
    // The pieces of names ("Smith, John") do not repeat; '|' and '#' are used for nothing but lists.
    const bool repeat = pieces.distinct.size() * 2 <= pieces.pieces;
    if (delimiter == '|' || delimiter == '#' || repeat) return delimiter;
  }
  return '\0';
}

void CatalogueStatistics::Add(const format::Json& source) {
  ++records_;
  if (source.is_object()) AddValue(source, "", 0);
}

void CatalogueStatistics::AddValue(const format::Json& value, const std::string& path, size_t depth) {
  if (value.is_object()) {
    if (depth >= kMaxDepth) return;
    for (const auto& [name, member] : value.object())
      AddValue(member, path.empty() ? name : path + "." + name, depth + 1);
    return;
  }
  if (value.is_array()) {
    // A list of numbers is a vector or a list of codes, never a role.
    for (const format::Json& element : value.array()) {
      if (element.is_string() || element.is_object()) AddValue(element, path, depth + 1);
    }
    return;
  }
  if (value.is_null() || (value.is_string() && IsBlank(value.string()))) return;
  const auto it = fields_.find(path);
  if (it == fields_.end() && fields_.size() >= kMaxFields) return;
  FieldStatistics& statistics = it == fields_.end() ? fields_[path] : it->second;
  ++statistics.values;
  if (value.is_number()) ++statistics.numbers;
  if (value.is_string()) AddText(value.string(), &statistics);
}

const FieldStatistics* CatalogueStatistics::Find(std::string_view path) const {
  const auto it = fields_.find(path);
  return it == fields_.end() ? nullptr : &it->second;
}

}  // namespace trine::catalogue
