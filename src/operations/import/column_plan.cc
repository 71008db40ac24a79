#include "operations/import/column_plan.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/nearest_name.h"
#include "base/text.h"
#include "catalogue/item_attribute.h"
#include "operations/mapping/field_values.h"
#include "operations/write/item_view.h"

namespace trine::operations {
namespace {

constexpr std::string_view kCategoryLevel = "CATEGORY_L";
// The columns that are split into category levels if no column is named CATEGORY_L1.
constexpr std::array<std::string_view, 3> kCategoryColumns = {"CATEGORY", "CATEGORY_PATH", "카테고리"};

// Returns the level that a target name stands for: 1 for CATEGORY_L1, 2 for CATEGORY_L2 and so on; 0 for any
// other name.
int CategoryLevel(std::string_view target_name) {
  if (target_name.size() != kCategoryLevel.size() + 1 || !target_name.starts_with(kCategoryLevel)) return 0;
  const char digit = target_name.back();
  return digit >= '1' && digit <= '9' ? digit - '0' : 0;
}

std::string PathPart(std::string_view path, int part) {
  TRINE_DCHECK_GE(part, 1);
  for (int i = 1; i < part; ++i) {
    const size_t next = path.find('>');
    if (next == std::string_view::npos) return "";
    path.remove_prefix(next + 1);
  }
  return std::string(Trim(path.substr(0, path.find('>')), " \t"));
}

std::optional<std::string> JoinedText(const format::Json& value) {
  if (!value.is_array()) return ScalarText(value);
  std::string joined;
  for (const format::Json& element : value.array()) {
    const std::optional<std::string> text = ScalarText(element);
    if (!text) return std::nullopt;
    if (!joined.empty()) joined += '|';
    joined += *text;
  }
  return joined;
}

constexpr const char* kDocumentId = "_id";

bool IsDocumentId(const ImportOptions& options, std::string_view target_name) {
  return options.type == ImportOptions::Type::kDocuments && catalogue::SameAttribute(target_name, "ID");
}

std::string Listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

}  // namespace

const format::Json* FindLoosely(const format::Json& object, std::string_view name) {
  if (const format::Json* exact = object.FindPath(name)) return exact;
  for (const auto& [key, value] : object.object()) {
    if (catalogue::SameAttribute(key, name)) return &value;
  }
  return nullptr;
}

bool StaysAField(const ImportOptions& options, std::string_view target_name, std::string_view source_name) {
  return IsDocumentId(options, target_name) && source_name != kDocumentId;
}

std::optional<size_t> ColumnPlan::IndexOf(std::string_view source_name) const {
  for (size_t i = 0; i < header_.size(); ++i) {
    if (header_[i] == source_name) return i;
  }
  for (size_t i = 0; i < header_.size(); ++i) {
    if (catalogue::SameAttribute(header_[i], source_name)) return i;
  }
  return std::nullopt;
}

std::optional<ColumnSource> ColumnPlan::Find(const std::string& target_name) const {
  ColumnSource source;
  source.name = target_name;
  source.path_part = CategoryLevel(target_name);
  for (const auto& [name, text] : options_.constants) {
    if (catalogue::SameAttribute(name, target_name)) {
      source.constant = text;
      return source;
    }
  }
  source.source_name = target_name;
  // Documents may have a field called id beside their _id.
  if (IsDocumentId(options_, target_name) && IndexOf(kDocumentId)) source.source_name = kDocumentId;
  bool mapped = false;
  for (const auto& [name, source_name] : options_.columns) {
    if (!catalogue::SameAttribute(name, target_name)) continue;
    source.source_name = source_name;
    mapped = true;
  }
  source.column = IndexOf(source.source_name);
  source.by_name = header_.empty();
  if (source.column || mapped || source.path_part == 0) {
    return source.column || source.by_name ? std::optional(source) : std::nullopt;
  }
  if (source.path_part > 1 && !source.by_name) {
    std::optional<ColumnSource> first = Find(std::string(kCategoryLevel) + "1");
    if (!first || !first->column) return std::nullopt;
    first->name = target_name;
    first->path_part = source.path_part;
    first->path_only = true;
    return first;
  }
  for (const std::string_view name : kCategoryColumns) {
    if (!source.column) source.column = IndexOf(name);
  }
  if (source.column) source.source_name = header_[*source.column];
  return source.column || source.by_name ? std::optional(source) : std::nullopt;
}

Result<ColumnSource> ColumnPlan::Require(const std::string& target_name) const {
  if (std::optional<ColumnSource> source = Find(target_name)) return *std::move(source);
  std::string wanted = target_name, hint;
  for (const auto& [name, source_name] : options_.columns) {
    if (!catalogue::SameAttribute(name, target_name)) continue;
    wanted += " (mapped to " + source_name + ")";
    hint = NearestNameHint(source_name, header_);
  }
  const std::string there = Listed(header_);
  return Error(ErrorCode::kMissingColumn,
               "the header has no column for " + wanted + "; it has: " + there + hint)
      .Expected(target_name)
      .Got(there);
}

Result<ColumnSource> ColumnPlan::OfFile(const std::string& source_name) const {
  ColumnSource source;
  source.name = source.source_name = source_name;
  source.by_name = header_.empty();
  source.column = IndexOf(source_name);
  if (source.column || source.by_name) return source;
  return Error(ErrorCode::kMissingColumn, "the header has no column " + source_name + "; it has: " +
                                              Listed(header_) + NearestNameHint(source_name, header_))
      .Got(source_name);
}

Status ColumnPlan::CheckMapped() const {
  if (header_.empty()) return Ok();
  for (const auto& [name, source_name] : options_.columns) {
    if (IndexOf(source_name)) continue;
    const Result<ColumnSource> missing = Require(name);
    if (!missing.ok()) return missing.error();
    // The target is found although this mapping is not: another mapping or a constant overrides it.
    const Result<ColumnSource> unknown = OfFile(source_name);
    if (!unknown.ok()) return unknown.error();
  }
  return Ok();
}

bool ColumnPlan::IsMapped(std::string_view target_name) const {
  return std::any_of(options_.columns.begin(), options_.columns.end(),
                     [&](const auto& pair) { return catalogue::SameAttribute(pair.first, target_name); });
}

std::optional<std::string> ColumnPlan::Text(const ColumnSource& source, const RawRow& row) {
  std::optional<std::string> text = source.constant;
  if (!text && source.column) {
    TRINE_DCHECK_LT(*source.column, row.cells.size());
    text = row.cells[*source.column];
  }
  if (!text && source.by_name) {
    const format::Json* value = FindLoosely(row.object, source.source_name);
    if (value != nullptr) text = JoinedText(*value);
  }
  if (!text || source.path_part == 0) return text;
  if (text->find('>') == std::string::npos) return source.path_only ? std::nullopt : text;
  return PathPart(*text, source.path_part);
}

std::vector<size_t> ColumnPlan::Unmapped() const {
  std::vector<size_t> free;
  for (size_t i = 0; i < header_.size(); ++i) {
    bool taken = false;
    for (const auto& [name, source_name] : options_.columns)
      taken = taken || (IndexOf(source_name) == i && !StaysAField(options_, name, source_name));
    for (const auto& [name, text] : options_.constants)
      taken = taken || catalogue::SameAttribute(name, header_[i]);
    if (!taken) free.push_back(i);
  }
  return free;
}

}  // namespace trine::operations
