#include "operations/import/row_builder.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/id_text.h"
#include "base/limits.h"
#include "base/nearest_name.h"
#include "base/text.h"
#include "base/utf8.h"
#include "catalogue/item_attribute.h"
#include "catalogue/role.h"
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
  static const std::vector<Role> kInteractions = {
      {"USER_ID", false},    {"SESSION_ID", false},     {"ITEM_ID", true},   {"TIMESTAMP", true},
      {"EVENT_TYPE", false}, {"EVENT_VALUE", false},    {"EVENT_ID", false}, {"RECOMMENDATION_ID", false},
      {"IMPRESSION", false}, {kUnverifiedColumn, false}};
  static const std::vector<Role> kUsers = {{"USER_ID", true}};
  static const std::vector<Role> kItems = {{"ITEM_ID", true}};
  static const std::vector<Role> kDocuments = {{"ID", false}};
  switch (type) {
    case Type::kInteractions:
      return kInteractions;
    case Type::kUsers:
      return kUsers;
    case Type::kItems:
      return kItems;
    case Type::kDocuments:
      return kDocuments;
  }
  return kDocuments;
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
  TRINE_TRY(builder->PlanReferences());
  TRINE_TRY(builder->CheckDistinct());
  TRINE_TRY(builder->PlanRoles());
  TRINE_TRY(builder->PlanAttributes());
  return builder;
}

Status RowBuilder::PlanReferences() {
  TRINE_TRY(plan_.CheckMapped());
  TRINE_ASSIGN(filter_, RowFilter::Make(options_.where, plan_));
  if (!header_.empty()) return Ok();
  for (const auto& [target_name, source_name] : options_.columns) unseen_.push_back(source_name);
  for (const RowCondition& condition : options_.where) unseen_.push_back(condition.column);
  return Ok();
}

// Whether a column with this name is imported although no option mentions it.
bool RowBuilder::IsImported(std::string_view name) const {
  if (IsRole(name)) return true;
  if (options_.type == Type::kInteractions || options_.type == Type::kUsers ||
      options_.type == Type::kItems) {
    if (options_.schema != nullptr) return options_.schema->Find(name) != nullptr;
    return options_.type != Type::kInteractions;
  }
  return false;
}

// One of two columns A and a would be lost: attributes have upper-case names. Fields of documents are
// distinguished by case. A column that the options name is the one that is meant.
Status RowBuilder::CheckDistinct() const {
  const auto named = [&](const std::string& column) {
    return std::any_of(options_.columns.begin(), options_.columns.end(),
                       [&](const auto& pair) { return pair.second == column; });
  };
  for (size_t i = 0; i < header_.size(); ++i) {
    for (size_t k = i + 1; k < header_.size(); ++k) {
      if (header_[i].empty() || !EqualsIgnoreCase(header_[i], header_[k])) continue;
      if (named(header_[i]) || named(header_[k]) || !IsImported(header_[i])) continue;
      return Error(ErrorCode::kInvalid,
                   "the columns " + header_[i] + " and " + header_[k] + " differ only in case")
          .Expected("different names, or a mapping that names one of them");
    }
  }
  return Ok();
}

std::optional<DeclaredType> RowBuilder::DeclaredAs(std::string_view name) const {
  for (const auto& [declared, type] : options_.declared) {
    if (declared == name) return type;
  }
  return std::nullopt;
}

// The currency that the options or the name of the column say.
std::string RowBuilder::KnownCurrency(const ColumnSource& source) const {
  for (const auto& [name, currency] : options_.currencies) {
    if (name == source.name) return currency;
  }
  const auto named = catalogue::RoleOfName(source.name);
  return named && named->role == catalogue::Role::kPrice ? named->currency : "";
}

bool RowBuilder::HasDocumentId() const {
  return plan_.IsMapped("ID") || std::any_of(roles_.begin(), roles_.end(), [](const ColumnSource& role) {
           return role.column || role.constant;
         });
}

// Whether the column is the only source of the id, so that it need not be stored as well.
bool RowBuilder::IsIdColumn(size_t column) const {
  return std::any_of(roles_.begin(), roles_.end(), [&](const ColumnSource& role) {
    return role.column == column && !plan_.IsMapped(role.name);
  });
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
    guesses_.emplace_back(source.name, DeclaredAs(source.name));
  }
  attribute.currency = ColumnCurrency(KnownCurrency(source));
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
  const bool documents = options_.type == Type::kDocuments;
  for (const size_t i : plan_.Unmapped()) {
    if (documents ? IsIdColumn(i) : IsRole(header_[i])) continue;
    ColumnSource source;
    source.name = documents ? header_[i] : AttributeName(header_[i]);
    source.source_name = header_[i];
    source.column = i;
    if (!source.name.empty()) AddAttribute(std::move(source), nullptr);
  }
  return Ok();
}

void RowBuilder::ObserveNames(const RawRow& row) {
  sampled_ = true;
  std::erase_if(unseen_, [&](const std::string& name) { return FindLoosely(row.object, name) != nullptr; });
  if (!unseen_.empty() && row.object.is_object()) {
    constexpr size_t kMaxNames = 200;
    for (const auto& [name, value] : row.object.object()) {
      const bool known = std::find(seen_names_.begin(), seen_names_.end(), name) != seen_names_.end();
      if (!known && seen_names_.size() < kMaxNames) seen_names_.push_back(name);
    }
  }
}

void RowBuilder::Observe(const RawRow& row) {
  for (const Attribute& attribute : attributes_) {
    if (!attribute.guess) continue;
    const std::optional<std::string> text = ColumnPlan::Text(attribute.source, row);
    TRINE_DCHECK_LT(*attribute.guess, guesses_.size());
    if (text) guesses_[*attribute.guess].Observe(*text, row.line);
  }
}

Status RowBuilder::CheckSample() const {
  if (!sampled_ || unseen_.empty()) return Ok();
  return Error(ErrorCode::kMissingColumn, "none of the first rows has a member " + unseen_.front() +
                                              NearestNameHint(unseen_.front(), seen_names_))
      .Got(unseen_.front());
}

namespace {

const char* TypeOfRole(std::string_view role) {
  if (role == "TIMESTAMP") return "time";
  if (role == "EVENT_VALUE") return "number";
  if (role == kUnverifiedColumn) return "boolean";
  return role == "EVENT_TYPE" ? "text" : "id";
}

}  // namespace

std::vector<ColumnNote> RowBuilder::Columns() const {
  std::vector<std::pair<size_t, ColumnNote>> placed;  // by position in the file
  const auto place = [&](const ColumnSource& source) {
    return source.column ? *source.column : header_.size();
  };
  const auto origin = [](const ColumnSource& source) {
    return source.constant ? std::string() : source.source_name;
  };
  for (const ColumnSource& role : roles_)
    if (role.column || role.constant)
      placed.push_back({place(role), {origin(role), role.name, TypeOfRole(role.name), ""}});
  for (const Attribute& attribute : attributes_) {
    ColumnNote note{origin(attribute.source), attribute.source.name, "text", ""};
    if (attribute.column != nullptr) note.type = history::Name(attribute.column->type);
    if (attribute.guess) {
      note.type = guesses_[*attribute.guess].type();
      note.remark = guesses_[*attribute.guess].Remark();
    }
    note.currency = attribute.currency.code();
    note.other_currencies = attribute.currency.Others();
    placed.emplace_back(place(attribute.source), std::move(note));
  }
  for (size_t i = 0; i < header_.size(); ++i) {
    const bool used =
        std::any_of(placed.begin(), placed.end(), [&](const auto& entry) { return entry.first == i; });
    if (!used) placed.push_back({i, {header_[i], "", "", ""}});
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<ColumnNote> notes;
  for (auto& [at, note] : placed) notes.push_back(std::move(note));
  return notes;
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
  // Documents may have any id, as in OpenSearch.
  if (const Status text = CheckIdText(id, role); !text.ok() && options_.type != Type::kDocuments) {
    Error error = text.error();
    error.code = ErrorCode::kBadRow;
    return error;
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

Result<history::Event> RowBuilder::BuildEvent(const RawRow& row, Unread* unread) {
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
  if (read->value < 0) {
    return std::move(RowError("cannot parse TIMESTAMP"))
        .Expected("a time since 1970-01-01")
        .Got(time.substr(0, 100));
  }
  event.time = *read;
  const std::string unverified = Text(row, std::string(kUnverifiedColumn));
  event.unverified = EqualsIgnoreCase(unverified, "true");
  if (!event.unverified && !unverified.empty() && !EqualsIgnoreCase(unverified, "false")) {
    return std::move(RowError("cannot parse " + std::string(kUnverifiedColumn)))
        .Expected("true or false")
        .Got(unverified.substr(0, 100));
  }
  if (const std::string value = Text(row, "EVENT_VALUE"); !value.empty()) {
    event.value = NumberCell(value);
    if (!event.value && Wanted("EVENT_VALUE"))
      return std::move(RowError("cannot parse EVENT_VALUE")).Expected("a number").Got(value.substr(0, 100));
    if (!event.value) unread->push_back(UnparsedCell("EVENT_VALUE", value));
    // $5 after 12,900원 is not the least of the values.
    const Status same = event.value ? value_currency_.Check("EVENT_VALUE", value, row.line) : Ok();
    if (!same.ok() && Wanted("EVENT_VALUE")) return same.error();
    if (!same.ok()) {
      unread->push_back(same.error().ToString());
      event.value.reset();
    }
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

Result<Json> RowBuilder::BuildAttributes(const RawRow& row, Unread* unread) {
  Json object = Json::Object{};
  // NDJSON without a schema: every member becomes an attribute, except nulls, roles (ids, time ...) and
  // members that `columns` of the options maps to a target.
  if (header_.empty() && options_.schema == nullptr) {
    for (const auto& [name, value] : row.object.object()) {
      const auto is_theirs = [&, &source_name = name](const auto& pair) {
        return pair.second == source_name && !StaysAField(options_, pair.first, source_name);
      };
      if (std::any_of(options_.columns.begin(), options_.columns.end(), is_theirs)) continue;
      if (value.is_null()) continue;
      // A document whose id is another member keeps its member "id".
      const bool id_is_mapped = options_.type == Type::kDocuments && plan_.IsMapped("ID");
      if (IsRole(name) && !(id_is_mapped && name != "_id")) continue;
      object.Set(options_.type == Type::kDocuments ? name : AttributeName(name), value);
    }
  }
  for (Attribute& attribute : attributes_) {
    const std::optional<std::string> text = ColumnPlan::Text(attribute.source, row);
    Json value;
    if (attribute.column != nullptr) {
      TRINE_ASSIGN(value, Typed(*attribute.column, text.value_or(""), unread));
    } else if (text && attribute.guess) {
      TRINE_DCHECK_LT(*attribute.guess, guesses_.size());
      TRINE_ASSIGN(value, guesses_[*attribute.guess].Read(*text, options_.offset_minutes));
    }
    const bool priced = options_.type == Type::kItems || options_.type == Type::kDocuments;
    if (priced && text && value.is_number()) {
      const Status same = attribute.currency.Check(attribute.source.name, *text, row.line);
      const bool optional = attribute.column != nullptr && attribute.column->nullable;
      if (!same.ok() && !optional) return same.error();
      if (!same.ok()) {
        unread->push_back(same.error().ToString());
        value = Json();
      }
    }
    if (!value.is_null()) object.Set(attribute.source.name, std::move(value));
  }
  if (category_path_ && object.Find("CATEGORY") == nullptr) {
    const std::optional<std::string> path = ColumnPlan::Text(*category_path_, row);
    if (path && path->find('>') != std::string::npos) object.Set("CATEGORY", *path);
  }
  return object;
}

Result<ImportedRow> RowBuilder::Build(const RawRow& row) {
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
      // A random id instead of an empty one would add the document again with every import.
      TRINE_ASSIGN(built.id, Id(row, items ? "ITEM_ID" : "ID", items || HasDocumentId()));
      TRINE_ASSIGN(built.attributes, BuildAttributes(row, &built.unread));
      return built;
    }
  }
  return built;
}

}  // namespace trine::operations
