#include "api/personalize/filter_columns.h"

#include <algorithm>

#include "base/nearest_name.h"
#include "base/text.h"
#include "catalogue/item_attribute.h"
#include "format/text.h"

namespace trine::api::personalize {
namespace {

using catalogue::FieldType;
using format::Json;
using history::DatasetType;
using recommend::Condition;
using Op = Condition::Op;
using Subject = Condition::Subject;

bool IsOrdered(Op op) { return op == Op::kLt || op == Op::kLe || op == Op::kGt || op == Op::kGe; }

Error NotValid(const std::string& message, std::string_view column) {
  return Invalid("The filter expression is not valid: " + message).Where(std::string(column));
}

bool IsNumber(const Json& literal) {
  return literal.is_number() || (literal.is_string() && format::ParseDouble(literal.string()));
}
bool IsBoolean(const Json& literal) {
  return literal.is_bool() || (literal.is_string() && (EqualsIgnoreCase(literal.string(), "true") ||
                                                       EqualsIgnoreCase(literal.string(), "false")));
}

// The schema that an import inferred; nullopt if there is none.
std::optional<history::Schema> InferredSchema(const Call& call, const std::string& group, DatasetType type) {
  using recommend::ResourceKind;
  const auto dataset =
      call.deps.resources.Get(ResourceKind::kDataset, group + "/" + ToUpperAscii(history::Name(type)));
  const auto schema = dataset
                          ? call.deps.resources.Get(ResourceKind::kSchema, TextOf(dataset->spec, "schema"))
                          : std::nullopt;
  if (!schema) return std::nullopt;
  Result<history::Schema> parsed = history::ParseSchema(TextOf(schema->spec, "text"));
  if (!parsed.ok()) return std::nullopt;
  return *std::move(parsed);
}

}  // namespace

void GroupColumns::Dataset::Add(std::string name, Type type) {
  const auto same = [&](const Column& known) { return catalogue::SameAttribute(known.name, name); };
  if (std::ranges::none_of(columns, same)) columns.push_back({std::move(name), type});
}

void GroupColumns::AddSchema(const Call& call, const recommend::Resource& group, DatasetType type,
                             Dataset* dataset) {
  // The types of an inferred schema follow the first rows; later rows need not have them.
  const auto declared = SchemaOf(call, group.path, type);
  const auto schema = declared ? declared : InferredSchema(call, group.path, type);
  if (!schema) return;
  dataset->open = false;
  dataset->described = true;
  for (const history::Column& column : schema->columns) {
    Type kind = Type::kNumber;
    if (column.type == history::ColumnType::kString) kind = Type::kText;
    if (column.type == history::ColumnType::kBoolean) kind = Type::kBoolean;
    dataset->Add(column.name, declared ? kind : Type::kUnknown);
  }
}

// A visible index has the types of its mapping, and the columns of the schema come from it only if it has
// such a field. So its fields are added first.
void GroupColumns::AddBoundFields(const Call& call, const recommend::Resource& group) {
  const auto binding = call.deps.catalogue.BindingOf(group.group);
  const auto collection = binding ? call.deps.catalogue.Get(binding->collection) : nullptr;
  if (collection == nullptr || collection->hidden) return;
  const auto type_of = [](const catalogue::Field* field) {
    if (field == nullptr) return Type::kUnknown;
    if (catalogue::IsNumeric(field->type) || field->type == FieldType::kDate) return Type::kNumber;
    if (field->type == FieldType::kText || field->type == FieldType::kKeyword) return Type::kText;
    return field->type == FieldType::kBoolean ? Type::kBoolean : Type::kUnknown;
  };
  for (const auto& [attribute, path] : binding->fields)
    items_.Add(attribute, type_of(collection->mapping.Find(path)));
  for (const catalogue::Field& field : collection->mapping.properties)
    items_.Add(field.name, type_of(&field));
  // An index without any field has no documents yet.
  if (collection->mapping.properties.empty()) return;
  items_.open = false;
  items_.described = true;
}

GroupColumns::GroupColumns(const Call& call, const recommend::Resource& group) {
  items_.Add("ITEM_ID", Type::kText);
  users_.Add("USER_ID", Type::kText);
  interactions_.Add("EVENT_TYPE", Type::kText);
  // Without a dataset, only what is stored already may be named: users and events can be put without one.
  items_.open = call.deps.catalogue.BindingOf(group.group).has_value();
  users_.open = call.deps.history.UserCount(group.group) > 0;
  interactions_.open = call.deps.history.EventCount(group.group) > 0;
  AddBoundFields(call, group);
  AddSchema(call, group, DatasetType::kItems, &items_);
  AddSchema(call, group, DatasetType::kUsers, &users_);
  AddSchema(call, group, DatasetType::kInteractions, &interactions_);
}

const GroupColumns::Dataset& GroupColumns::DatasetOf(Subject subject) const {
  switch (subject) {
    case Subject::kUser:
      return users_;
    case Subject::kInteraction:
      return interactions_;
    case Subject::kItem:
    case Subject::kCurrentItem:
      break;
  }
  return items_;
}

std::optional<GroupColumns::Type> GroupColumns::Find(Subject subject, std::string_view name) const {
  const Dataset& dataset = DatasetOf(subject);
  // Columns of items are matched as filters read them; others only ignore case.
  const bool items = &dataset == &items_;
  for (const Column& column : dataset.columns) {
    if (items ? catalogue::SameAttribute(column.name, name) : EqualsIgnoreCase(column.name, name))
      return column.type;
  }
  if (dataset.open) return Type::kUnknown;
  return std::nullopt;
}

Status GroupColumns::CheckName(Subject subject, std::string_view name) const {
  if (Find(subject, name)) return Ok();
  const Dataset& dataset = DatasetOf(subject);
  if (!dataset.described) {
    const char* word = &dataset == &users_ ? "Users" : &dataset == &items_ ? "Items" : "Interactions";
    return NotValid(
        "the dataset group has no " + std::string(word) + " dataset, so it has no field " + std::string(name),
        name);
  }
  std::vector<std::string> known;
  for (const Column& column : dataset.columns) known.push_back(column.name);
  return NotValid("no dataset of the group has the field " + std::string(name) + NearestNameHint(name, known),
                  name);
}

Status GroupColumns::CheckLiteral(const Condition& condition, Type type, const Json& literal) {
  const auto wrong = [&](const char* expected) {
    return NotValid("a value does not have the type of the field " + condition.attribute, condition.attribute)
        .Expected(expected)
        .Got(literal.is_string() ? "\"" + literal.string().substr(0, 80) + "\"" : format::ToString(literal));
  };
  if (literal.is_string() && literal.string() == "*") {
    const bool list = condition.op == Op::kIn || condition.op == Op::kNotIn;
    if (list && condition.subject == Subject::kInteraction && condition.attribute == "EVENT_TYPE")
      return Ok();
    return NotValid("\"*\" is allowed only in a list for Interactions.EVENT_TYPE", condition.attribute);
  }
  if (type == Type::kNumber || (type == Type::kUnknown && IsOrdered(condition.op)))
    return IsNumber(literal) ? Ok() : Status(wrong("a number"));
  if (type == Type::kText) return literal.is_string() ? Ok() : Status(wrong("a text in double quotes"));
  if (type == Type::kBoolean) return IsBoolean(literal) ? Ok() : Status(wrong("true or false"));
  return Ok();
}

Status GroupColumns::CheckCondition(const Condition& condition) const {
  TRINE_TRY(CheckName(condition.subject, condition.attribute));
  const Type type = Find(condition.subject, condition.attribute).value_or(Type::kUnknown);
  if (IsOrdered(condition.op) && (type == Type::kText || type == Type::kBoolean)) {
    return NotValid("the field " + condition.attribute + " is not a number, so it has no order",
                    condition.attribute)
        .Expected("IN, NOT IN, = or !=");
  }
  for (const Json& literal : condition.values) TRINE_TRY(CheckLiteral(condition, type, literal));
  if (condition.other_attribute.empty()) return Ok();
  TRINE_TRY(CheckName(condition.other_subject, condition.other_attribute));
  const Type other = Find(condition.other_subject, condition.other_attribute).value_or(Type::kUnknown);
  if (type == other || type == Type::kUnknown || other == Type::kUnknown) return Ok();
  return NotValid(
      "the fields " + condition.attribute + " and " + condition.other_attribute + " have different types",
      condition.other_attribute);
}

Status GroupColumns::Check(const recommend::Filter& filter) const {
  for (const recommend::FilterClause& clause : filter.clauses) {
    for (const auto& all : clause.any_of) {
      for (const Condition& condition : all) TRINE_TRY(CheckCondition(condition));
    }
    for (const Condition& condition : clause.only_if) TRINE_TRY(CheckCondition(condition));
  }
  return Ok();
}

}  // namespace trine::api::personalize
