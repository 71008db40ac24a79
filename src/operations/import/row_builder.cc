#include "operations/import/row_builder.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/utf8.h"
#include "catalogue/item_attribute.h"
#include "format/text.h"
#include "operations/write/item_view.h"

namespace trine::operations {
namespace {

using format::Json;
using Type = ImportOptions::Type;

struct Role {
  std::string_view name;
  bool required = false;
};
const std::vector<Role>& RolesOf(Type type) {
  static const std::vector<Role> interactions = {
      {"USER_ID", false},  {"SESSION_ID", false},        {"ITEM_ID", true},
      {"TIMESTAMP", true}, {"EVENT_TYPE", false},        {"EVENT_VALUE", false},
      {"EVENT_ID", false}, {"RECOMMENDATION_ID", false}, {"IMPRESSION", false}};
  static const std::vector<Role> users = {{"USER_ID", true}};
  static const std::vector<Role> items = {{"ITEM_ID", true}};
  static const std::vector<Role> documents = {{"ID", false}};
  switch (type) {
    case Type::kInteractions:
      return interactions;
    case Type::kUsers:
      return users;
    case Type::kItems:
      return items;
    case Type::kDocuments:
      return documents;
  }
  return documents;
}

// The attribute name for a column name: ASCII letters become upper case; spaces and hyphens become
// underscores.
std::string AttributeName(std::string_view source_name) {
  std::string name = ToUpperAscii(source_name);
  for (char& c : name) {
    if (c == ' ' || c == '-') c = '_';
  }
  return name;
}

std::string UnparsedCell(const std::string& column, const std::string& text) {
  constexpr size_t kShown = 100;
  const size_t whole = ValidUtf8Prefix(std::string_view(text).substr(0, kShown));
  return column + " '" + text.substr(0, whole) + "'";
}

Error RowError(std::string message) { return Error(ErrorCode::kBadRow, std::move(message)); }

}  // namespace

Result<std::unique_ptr<RowBuilder>> RowBuilder::Make(const ImportOptions& options,
                                                     const std::vector<std::string>& header) {
  std::unique_ptr<RowBuilder> builder(new RowBuilder(options, header));
  TRINE_TRY(builder->PlanRoles());
  TRINE_TRY(builder->PlanAttributes());
  return builder;
}

bool RowBuilder::IsRole(std::string_view name) const {
  const std::vector<Role>& roles = RolesOf(options_.type);
  return std::any_of(roles.begin(), roles.end(),
                     [&](const Role& r) { return catalogue::SameAttribute(r.name, name); });
}

// Whether the schema requires the column `role`. A file without a required column is rejected as a whole.
bool RowBuilder::Wanted(const std::string& role) const {
  const history::Column* column = options_.schema != nullptr ? options_.schema->Find(role) : nullptr;
  return column != nullptr && !column->nullable;
}

Status RowBuilder::PlanRoles() {
  for (const Role& role : RolesOf(options_.type)) {
    const std::string name(role.name);
    std::optional<ColumnSource> source = plan_.Find(name);
    if (!source && (role.required || Wanted(name))) {
      const Result<ColumnSource> missing = plan_.Require(name);
      if (!missing.ok()) return missing.error();
    }
    if (source) roles_.push_back(*std::move(source));
  }
  if (options_.type != Type::kInteractions || header_.empty()) return Ok();
  const auto is_person = [](const ColumnSource& s) { return s.name == "USER_ID" || s.name == "SESSION_ID"; };
  if (std::any_of(roles_.begin(), roles_.end(), is_person)) return Ok();
  const Result<ColumnSource> missing = plan_.Require("USER_ID");
  return missing.ok() ? Ok() : Status(missing.error());
}

void RowBuilder::AddAttribute(ColumnSource source, const history::Column* column) {
  Attribute attribute;
  attribute.column = column;
  if (column == nullptr && options_.type != Type::kInteractions) {
    attribute.guess = guesses_.size();
    guesses_.emplace_back(source.name);
  }
  attribute.source = std::move(source);
  attributes_.push_back(std::move(attribute));
}

Status RowBuilder::PlanAttributes() {
  if (options_.schema != nullptr && options_.type != Type::kDocuments) {
    for (const history::Column& column : options_.schema->columns) {
      if (IsRole(column.name)) continue;
      std::optional<ColumnSource> source = plan_.Find(column.name);
      if (source) {
        AddAttribute(*std::move(source), &column);
      } else if (!column.nullable) {
        const Result<ColumnSource> missing = plan_.Require(column.name);
        if (!missing.ok()) return missing.error();
      }
    }
    return Ok();
  }
  std::vector<std::string> asked;
  for (const auto& [target_name, source_name] : options_.columns) asked.push_back(target_name);
  for (const auto& [target_name, text] : options_.constants) asked.push_back(target_name);
  for (const std::string& target_name : asked) {
    if (IsRole(target_name)) continue;
    TRINE_ASSIGN(ColumnSource source, plan_.Require(target_name));
    if (source.path_part == 1 && source.column) {
      category_path_ = source;
      category_path_->path_part = 0;
    }
    AddAttribute(std::move(source), nullptr);
  }
  if (options_.type == Type::kInteractions) return Ok();
  for (const size_t i : plan_.Unmapped()) {
    if (IsRole(header_[i])) continue;
    ColumnSource source;
    source.name = options_.type == Type::kDocuments ? header_[i] : AttributeName(header_[i]);
    source.source_name = header_[i];
    source.column = i;
    if (!source.name.empty()) AddAttribute(std::move(source), nullptr);
  }
  return Ok();
}

void RowBuilder::Observe(const RawRow& row) {
  for (const Attribute& attribute : attributes_) {
    if (!attribute.guess) continue;
    const std::optional<std::string> text = ColumnPlan::Text(attribute.source, row);
    TRINE_DCHECK_LT(*attribute.guess, guesses_.size());
    if (text) guesses_[*attribute.guess].Observe(*text);
  }
}

std::string RowBuilder::Text(const RawRow& row, const std::string& role) const {
  for (const ColumnSource& source : roles_) {
    if (source.name == role) return ColumnPlan::Text(source, row).value_or("");
  }
  return "";
}

Result<std::string> RowBuilder::Id(const RawRow& row, const std::string& role, bool required) const {
  std::string id(Trim(Text(row, role), " \t"));
  if (id.empty() && required) return RowError(role + " is empty");
  if (id.size() > limits::kMaxIdBytes) {
    return RowError(role + " has " + std::to_string(id.size()) + " bytes, at most " +
                    std::to_string(limits::kMaxIdBytes) + " are allowed");
  }
  if (row.broken && id.find("\uFFFD") != std::string::npos)
    return std::move(RowError(role + " contains bytes that cannot be decoded")).Got(id);
  return id;
}

// A value of an optional column that cannot be read ("-", "품절") is dropped; it does not reject the row.
Result<Json> RowBuilder::Typed(const history::Column& column, const std::string& text, Unread* unread) const {
  Result<Json> typed = TypedCell(column, text, options_.offset_minutes);
  if (typed.ok() || !column.nullable || column.type == history::ColumnType::kString) return typed;
  unread->push_back(UnparsedCell(column.name, text));
  return Json();
}

Result<history::Event> RowBuilder::BuildEvent(const RawRow& row, Unread* unread) const {
  history::Event event;
  TRINE_ASSIGN(event.user_id, Id(row, "USER_ID", false));
  TRINE_ASSIGN(event.session_id, Id(row, "SESSION_ID", false));
  if (event.user_id.empty() && event.session_id.empty()) return RowError("USER_ID is empty");
  TRINE_ASSIGN(event.item_id, Id(row, "ITEM_ID", true));
  TRINE_ASSIGN(event.event_id, Id(row, "EVENT_ID", false));
  TRINE_ASSIGN(event.recommendation_id, Id(row, "RECOMMENDATION_ID", false));
  event.type = Text(row, "EVENT_TYPE");
  if (event.type.empty() && Wanted("EVENT_TYPE")) return RowError("EVENT_TYPE is empty");
  const std::string time = Text(row, "TIMESTAMP");
  Result<Millis> read = TimeCell(time, options_.offset_minutes);
  if (!read.ok()) {
    Error error = std::move(read).error();
    error.code = ErrorCode::kBadRow;
    error.message = "cannot parse TIMESTAMP" + (error.message.empty() ? "" : ": " + error.message);
    return error;
  }
  event.time = *read;
  if (const std::string value = Text(row, "EVENT_VALUE"); !value.empty()) {
    event.value = NumberCell(value);
    if (!event.value && Wanted("EVENT_VALUE"))
      return std::move(RowError("cannot parse EVENT_VALUE")).Expected("a number").Got(value.substr(0, 100));
    if (!event.value) unread->push_back(UnparsedCell("EVENT_VALUE", value));
  }
  const std::string impression = Text(row, "IMPRESSION");
  for (size_t from = 0; from < impression.size();) {
    const size_t bar = std::min(impression.find('|', from), impression.size());
    if (bar > from) event.impression.push_back(impression.substr(from, bar - from));
    from = bar + 1;
  }
  for (const Attribute& attribute : attributes_) {
    std::optional<std::string> text = ColumnPlan::Text(attribute.source, row);
    if (!text || text->empty()) {
      if (attribute.column != nullptr && !attribute.column->nullable)
        return RowError(attribute.source.name + " is empty");
      continue;
    }
    if (attribute.column != nullptr) {
      TRINE_ASSIGN(const Json typed, Typed(*attribute.column, *text, unread));
      if (typed.is_null()) continue;
      if (!typed.is_string()) text = format::ToString(typed);
    }
    event.attributes.emplace_back(AttributeName(attribute.source.name), *std::move(text));
  }
  return event;
}

Result<Json> RowBuilder::BuildAttributes(const RawRow& row, Unread* unread) const {
  Json object = Json::Object{};
  // NDJSON without a schema: every member becomes an attribute, except nulls, roles (ids, time ...) and
  // members that `columns` of the options maps to a target.
  if (header_.empty() && options_.schema == nullptr) {
    for (const auto& [name, value] : row.object.object()) {
      const auto is_theirs = [&source_name = name](const auto& pair) { return pair.second == source_name; };
      if (std::any_of(options_.columns.begin(), options_.columns.end(), is_theirs)) continue;
      if (IsRole(name) || value.is_null()) continue;
      object.Set(options_.type == Type::kDocuments ? name : AttributeName(name), value);
    }
  }
  for (const Attribute& attribute : attributes_) {
    const std::optional<std::string> text = ColumnPlan::Text(attribute.source, row);
    Json value;
    if (attribute.column != nullptr) {
      TRINE_ASSIGN(value, Typed(*attribute.column, text.value_or(""), unread));
    } else if (text && attribute.guess) {
      TRINE_DCHECK_LT(*attribute.guess, guesses_.size());
      TRINE_ASSIGN(value, guesses_[*attribute.guess].Read(*text, options_.offset_minutes));
    }
    if (!value.is_null()) object.Set(attribute.source.name, std::move(value));
  }
  if (category_path_ && object.Find("CATEGORY") == nullptr) {
    const std::optional<std::string> path = ColumnPlan::Text(*category_path_, row);
    if (path && path->find('>') != std::string::npos) object.Set("CATEGORY", *path);
  }
  return object;
}

Result<ImportedRow> RowBuilder::Build(const RawRow& row) const {
  ImportedRow built;
  switch (options_.type) {
    case Type::kInteractions: {
      TRINE_ASSIGN(built.event, BuildEvent(row, &built.unread));
      return built;
    }
    case Type::kUsers: {
      TRINE_ASSIGN(built.user.id, Id(row, "USER_ID", true));
      TRINE_ASSIGN(built.user.attributes, BuildAttributes(row, &built.unread));
      return built;
    }
    case Type::kItems:
    case Type::kDocuments: {
      const bool items = options_.type == Type::kItems;
      TRINE_ASSIGN(built.id, Id(row, items ? "ITEM_ID" : "ID", items));
      TRINE_ASSIGN(built.attributes, BuildAttributes(row, &built.unread));
      return built;
    }
  }
  return built;
}

}  // namespace trine::operations
