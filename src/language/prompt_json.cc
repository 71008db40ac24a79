#include "language/prompt_json.h"

#include <algorithm>
#include <array>

#include "catalogue/role.h"
#include "format/text.h"

namespace trine::language {
namespace {

using catalogue::Role;
using format::Json;

constexpr size_t kMaxDepth = 8;  // of objects in each other
// Members that hold the fields of a product: of a hit of OpenSearch, of a retrieval result of Bedrock, of a
// resource of JSON:API, of a connection of GraphQL, and names in common use.
constexpr std::array<std::string_view, 12> kHolders = {"_source",    "fields", "metadata", "attributes",
                                                       "properties", "node",   "document", "data",
                                                       "product",    "item",   "record",   "details"};

// Converts a literal of Python to JSON. Use once.
class PythonReader {
 public:
  explicit PythonReader(std::string_view text) : text_(text) {}

  std::optional<std::string> Read() {
    while (at_ < text_.size()) {
      if (!ReadOne()) return std::nullopt;
    }
    return std::move(out_);
  }

 private:
  bool ReadOne() {
    const char c = text_[at_];
    if (c == '\'' || c == '"') return ReadString();
    if (c >= 'A' && c <= 'Z') return ReadWord();
    ++at_;
    if (c == '(' || c == '[') {
      out_ += '[';
    } else if (c == ')' || c == ']' || c == '}') {
      while (!out_.empty() && (out_.back() == ' ' || out_.back() == ',' || out_.back() == '\n'))
        out_.pop_back();
      out_ += c == '}' ? '}' : ']';
    } else if (std::string_view("{:,+-.eE0123456789 \t\r\n").find(c) != std::string_view::npos) {
      out_ += c;
    } else {
      return false;
    }
    return true;
  }

  bool ReadString() {
    const char quote = text_[at_++];
    out_ += '"';
    while (at_ < text_.size() && text_[at_] != quote) {
      const char c = text_[at_++];
      if (c == '\\') {
        if (!ReadEscape()) return false;
      } else if (c == '"') {
        out_ += "\\\"";
      } else if (c == '\n') {
        return false;
      } else {
        out_ += c;
      }
    }
    if (at_ >= text_.size()) return false;
    ++at_;
    out_ += '"';
    return true;
  }

  // Reads what follows a backslash.
  bool ReadEscape() {
    if (at_ >= text_.size()) return false;
    const char c = text_[at_++];
    if (c == '\'') {
      out_ += c;
    } else if (std::string_view("\\\"ntru").find(c) != std::string_view::npos) {
      out_ += '\\';
      out_ += c;
    } else if (c == 'x') {
      out_ += "\\u00";
    } else {
      return false;
    }
    return true;
  }

  bool ReadWord() {
    const std::string_view rest = text_.substr(at_);
    struct Word {
      std::string_view python, json;
    };
    for (const auto& [python, json] : {Word{"True", "true"}, Word{"False", "false"}, Word{"None", "null"}}) {
      if (!rest.starts_with(python)) continue;
      at_ += python.size();
      out_ += json;
      return true;
    }
    constexpr std::string_view kDecimal = "Decimal(";
    if (!rest.starts_with(kDecimal)) return false;
    at_ += kDecimal.size();
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"') || !ReadString()) return false;
    return at_ < text_.size() && text_[at_++] == ')';
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string out_;
};

std::string ScalarText(const Json& value) {
  if (value.is_string()) return value.string();
  if (value.is_array()) {
    std::string out;
    for (const Json& one : value.array()) out += (out.empty() ? "" : ", ") + ScalarText(one);
    return out;
  }
  return value.is_number() || value.is_bool() ? format::ToString(value) : "";
}

bool HasRole(const Json& object, Role wanted) {
  return std::any_of(object.object().begin(), object.object().end(), [wanted](const auto& member) {
    const auto role = catalogue::RoleOfName(member.first);
    return role && role->role == wanted;
  });
}

// The content of one object: its own values, and the objects in it that are products of their own.
struct ReadObject {
  ItemCells cells;
  std::vector<std::pair<std::string, const Json*>> products;  // the key, and an object or an array
};

void ReadMembers(const Json& object, const std::string& prefix, size_t depth, ReadObject* read) {
  for (const auto& [name, value] : object.object()) {
    const bool list = value.is_array() && !value.array().empty() && value.array()[0].is_object();
    if (list) {
      read->products.emplace_back("", &value);
    } else if (!value.is_object()) {
      if (read->cells.size() < kMaxItemCells) read->cells.emplace_back(prefix + name, ScalarText(value));
    } else if (depth < kMaxDepth) {
      const bool holder = std::find(kHolders.begin(), kHolders.end(), name) != kHolders.end();
      const bool product = !holder && HasRole(value, Role::kTitle) && HasRole(value, Role::kPrice);
      if (product)
        read->products.emplace_back(name, &value);
      else
        ReadMembers(value, holder ? prefix : prefix + name + ".", depth + 1, read);
    }
  }
}

void AddItem(PromptItem item, std::vector<PromptItem>* items) {
  if (items->size() < kMaxPromptItems) items->push_back(std::move(item));
}

void AddItems(const Json& json, const std::string& id, size_t depth, std::vector<PromptItem>* items) {
  if (depth > kMaxDepth) return;
  if (json.is_array()) {
    for (const Json& one : json.array()) {
      if (one.is_object()) AddItems(one, id, depth + 1, items);
      if (one.is_string()) AddItem(MakeItem(one.string(), one.string(), ""), items);
    }
    return;
  }
  if (!json.is_object()) return;
  ReadObject read;
  ReadMembers(json, "", 0, &read);
  const auto is_title = [](const auto& cell) {
    const auto role = catalogue::RoleOfName(cell.first);
    return role && role->role == Role::kTitle;
  };
  const auto is_id = [](const auto& cell) { return IsIdName(cell.first); };
  const bool titled = std::any_of(read.cells.begin(), read.cells.end(), is_title);
  // The id of a list is not a product.
  if (titled || read.products.empty()) {
    if (!id.empty() && std::none_of(read.cells.begin(), read.cells.end(), is_id))
      read.cells.emplace_back("id", id);
    if (auto item = ItemOf(read.cells)) AddItem(std::move(*item), items);
  }
  for (const auto& [key, product] : read.products) AddItems(*product, key, depth + 1, items);
}

}  // namespace

std::optional<std::string> JsonOfPython(std::string_view text) { return PythonReader(text).Read(); }

std::optional<Json> ParsePrinted(std::string_view text) {
  if (auto json = format::ParseJson(text); json.ok()) return std::move(*json);
  const auto converted = JsonOfPython(text);
  if (!converted) return std::nullopt;
  auto json = format::ParseJson(*converted);
  return json.ok() ? std::optional(std::move(*json)) : std::nullopt;
}

void AddJsonItems(const Json& json, const std::string& id, std::vector<PromptItem>* items) {
  AddItems(json, id, 0, items);
}

}  // namespace trine::language
