#include "recommend/rank/filter.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "format/text.h"

namespace trine::recommend {
namespace {

using format::Json;
using Op = Condition::Op;
using Subject = Condition::Subject;
using Attribute = std::function<const Json*(std::string_view)>;

// Calls `visit` with each value of an attribute. A list has several values, and so has the string "a|b|c",
// which is also visited as a whole because '|' separates values only in categorical columns.
void ForEachValue(const Json& attribute, const std::function<void(const Json&)>& visit) {
  if (attribute.is_array()) {
    for (const Json& element : attribute.array()) ForEachValue(element, visit);
    return;
  }
  if (attribute.is_null() || attribute.is_object()) return;
  visit(attribute);
  if (!attribute.is_string() || attribute.string().find('|') == std::string::npos) return;
  std::string_view rest = attribute.string();
  while (true) {
    const size_t bar = rest.find('|');
    visit(Json(rest.substr(0, bar)));
    if (bar == std::string_view::npos) return;
    rest.remove_prefix(bar + 1);
  }
}

std::optional<double> NumberOf(const Json& value) {
  if (value.is_number()) return value.number();
  if (value.is_string()) return format::ParseDouble(value.string());
  return std::nullopt;
}

std::optional<int64_t> IntegerOf(const Json& value) {
  if (value.is_int()) return value.integer();
  if (value.is_string()) return format::ParseInt(value.string());
  return std::nullopt;
}

std::optional<bool> BooleanOf(const Json& value) {
  if (value.is_bool()) return value.boolean();
  if (!value.is_string()) return std::nullopt;
  if (EqualsIgnoreCase(value.string(), "true")) return true;
  if (EqualsIgnoreCase(value.string(), "false")) return false;
  return std::nullopt;
}

// Compares by the type of the stored value: texts are equal if their bytes are, numbers if their values are.
// The values of request parameters are always texts, so a text literal may stand for a number or a boolean.
bool SameValue(const Json& stored, const Json& literal) {
  if (stored.is_string()) {
    if (literal.is_string()) return stored.string() == literal.string();
    if (literal.is_bool()) return BooleanOf(stored) == literal.boolean();
    return stored.string() == format::ToString(literal);
  }
  if (stored.is_bool()) return BooleanOf(literal) == stored.boolean();
  const auto whole = IntegerOf(stored), other = IntegerOf(literal);
  if (whole && other) return *whole == *other;
  const auto a = NumberOf(stored), b = NumberOf(literal);
  return a && b && *a == *b;
}

bool IsAny(const std::vector<Json>& values) {
  return values.size() == 1 && values[0].is_string() && values[0].string() == "*";
}

// Returns nullopt, which never matches, if the attribute is missing or if one side of an ordering comparison
// is not a number.
std::optional<bool> Holds(Op op, const Json* attribute, const std::vector<Json>& values) {
  if (attribute == nullptr || attribute->is_null()) return std::nullopt;
  if (op == Op::kIn || op == Op::kNotIn || op == Op::kEq || op == Op::kNe) {
    bool found = false;
    ForEachValue(*attribute, [&](const Json& stored) {
      found = found || std::ranges::any_of(values, [&](const Json& v) { return SameValue(stored, v); });
    });
    return (op == Op::kIn || op == Op::kEq) == found;
  }
  const auto left = NumberOf(*attribute);
  const auto right = values.empty() ? std::nullopt : NumberOf(values[0]);
  if (!left || !right) return std::nullopt;
  switch (op) {
    case Op::kLt:
      return *left < *right;
    case Op::kLe:
      return *left <= *right;
    case Op::kGt:
      return *left > *right;
    default:
      return *left >= *right;
  }
}

using BoundCondition = FilterCheck::BoundCondition;
using BoundClause = FilterCheck::BoundClause;

// Returns whether the item under test fulfils a condition about items.
bool Matches(const BoundCondition& ready, std::string_view item_id, const Attribute& attribute) {
  const Condition& c = *ready.condition;
  if (c.subject == Subject::kInteraction)
    return ready.HasItem(item_id) == (c.op == Op::kIn || c.op == Op::kEq);
  if (c.subject == Subject::kItem && EqualsIgnoreCase(c.attribute, "ITEM_ID")) {
    const Json id(item_id);  // an id is one value, whatever characters it has
    const bool found = std::ranges::any_of(ready.values, [&](const Json& v) { return SameValue(id, v); });
    return found == (c.op == Op::kIn || c.op == Op::kEq);
  }
  return Holds(c.op, attribute(c.attribute), ready.values).value_or(false);
}

bool IsOrderComparison(Op op) { return op == Op::kLt || op == Op::kLe || op == Op::kGt || op == Op::kGe; }

// An ordering comparison (< <= > >=) needs exactly one number. With anything else no item would pass, and the
// caller would not learn why.
Status CheckNumber(const std::string& name, const std::vector<std::string>& values) {
  if (values.size() == 1 && format::ParseDouble(values[0])) return Ok();
  return Error(ErrorCode::kFilterValue, "invalid value for the filter parameter '" + name +
                                            "', which is used in an ordering comparison")
      .Expected("one number")
      .Got(values.size() == 1 ? values[0].substr(0, 80) : std::to_string(values.size()) + " values")
      .Where(name);
}

// Binds conditions to one request.
class ConditionBinder {
 public:
  ConditionBinder(const FilterValues& values, const FilterSubject& subject)
      : values_(values), subject_(subject) {}

  // Returns nullopt if a parameter has no value and `optional` is true. If `optional` is false, a missing
  // value is an error.
  Result<std::optional<BoundCondition>> Bind(const Condition& condition, bool optional) const {
    BoundCondition ready{&condition, condition.values, {}, {}};
    for (const std::string& name : condition.parameters) {
      const auto given = std::ranges::find(values_, name, &FilterValues::value_type::first);
      if (given == values_.end() || given->second.empty()) {
        if (optional) return std::optional<BoundCondition>();
        return Error(ErrorCode::kFilterValue, "missing value for the filter parameter '" + name + "'")
            .Where(name);
      }
      if (IsOrderComparison(condition.op)) TRINE_TRY(CheckNumber(name, given->second));
      for (const std::string& value : given->second) ready.values.emplace_back(Json(value));
    }
    if (!condition.other_attribute.empty()) {
      const Json* other = Read(condition.other_subject, condition.other_attribute);
      ready.values.clear();
      if (other != nullptr) {
        ForEachValue(*other, [&](const Json& value) { ready.values.push_back(value); });
      }
    }
    if (condition.subject == Subject::kInteraction) TRINE_TRY(MatchEvents(&ready));
    return std::optional<BoundCondition>(std::move(ready));
  }

  // Evaluates a condition whose result is the same for every item under test.
  bool HoldsForRequest(const BoundCondition& ready) const {
    const Condition& c = *ready.condition;
    return Holds(c.op, Read(c.subject, c.attribute), ready.values).value_or(false);
  }

 private:
  const Json* Read(Subject subject, std::string_view attribute) const {
    if (subject == Subject::kCurrentItem) {
      return subject_.current_item ? subject_.current_item(attribute) : nullptr;
    }
    if (subject != Subject::kUser || subject_.user == nullptr) return nullptr;
    if (const Json* exact = subject_.user->attributes.Find(attribute)) return exact;
    if (!subject_.user->attributes.is_object()) return nullptr;
    for (const auto& [name, value] : subject_.user->attributes.object()) {
      if (EqualsIgnoreCase(name, attribute)) return &value;
    }
    return nullptr;
  }

  static bool IsEventType(const Condition& condition) {
    return condition.attribute.empty() || EqualsIgnoreCase(condition.attribute, "EVENT_TYPE");
  }

  // Collects the items of the user's matching events.
  Status MatchEvents(BoundCondition* ready) const {
    if (!IsEventType(*ready->condition)) return MatchEventColumns(ready);
    if (subject_.items == nullptr) return Ok();
    for (const auto& part : *subject_.items) {
      for (const auto& [type, items] : part->by_value) {
        if (IsAny(ready->values) || std::ranges::any_of(ready->values, [&](const Json& value) {
              return value.is_string() && EqualsIgnoreCase(value.string(), type);
            })) {
          ready->items.push_back(&items);
        }
      }
    }
    return Ok();
  }

  Status MatchEventColumns(BoundCondition* ready) const {
    if (!subject_.items_by_column) return Ok();
    TRINE_ASSIGN(ready->columns, subject_.items_by_column(ready->condition->attribute));
    for (const auto& part : ready->columns) {
      for (const auto& [text, items] : part->by_value) {
        const Json stored(text);  // columns of events are stored as texts
        if (std::ranges::any_of(ready->values, [&](const Json& v) { return SameValue(stored, v); }))
          ready->items.push_back(&items);
      }
    }
    return Ok();
  }

  const FilterValues& values_;
  const FilterSubject& subject_;
};

Status CheckNames(const Filter& filter, const FilterValues& values) {
  const std::vector<std::string> known = filter.Parameters();
  for (const auto& [name, given] : values) {
    if (std::ranges::find(known, name) != known.end()) continue;
    return Error(ErrorCode::kFilterValue, "unknown filter parameter '" + name + "'").Where(name);
  }
  return Ok();
}

// nullopt: the clause does not apply to this request.
Result<std::optional<BoundClause>> BindClause(const FilterClause& clause, const ConditionBinder& binder) {
  BoundClause ready;
  ready.include = clause.include;
  for (const Condition& condition : clause.only_if) {
    TRINE_ASSIGN(auto bound, binder.Bind(condition, !clause.include));
    if (!bound || !binder.HoldsForRequest(*bound)) return std::optional<BoundClause>();
  }
  for (const auto& group : clause.any_of) {
    std::vector<BoundCondition> conditions;
    bool holds = true;
    for (const Condition& condition : group) {
      TRINE_ASSIGN(auto bound, binder.Bind(condition, !clause.include));
      if (!bound) return std::optional<BoundClause>();
      if (condition.subject == Subject::kUser || condition.subject == Subject::kCurrentItem) {
        holds = holds && binder.HoldsForRequest(*bound);
      } else {
        conditions.push_back(*std::move(bound));
      }
    }
    if (holds) ready.any_of.push_back(std::move(conditions));
  }
  return std::optional<BoundClause>(std::move(ready));
}

}  // namespace

std::vector<std::string> Filter::Parameters() const {
  std::vector<std::string> names;
  const auto add = [&](const std::vector<Condition>& conditions) {
    for (const Condition& c : conditions) {
      for (const std::string& name : c.parameters) {
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
      }
    }
  };
  for (const FilterClause& clause : clauses) {
    for (const auto& group : clause.any_of) add(group);
    add(clause.only_if);
  }
  return names;
}

namespace {

bool AnyCondition(const Filter& filter, const std::function<bool(const Condition&)>& test) {
  return std::ranges::any_of(filter.clauses, [&](const FilterClause& clause) {
    return std::ranges::any_of(clause.only_if, test) ||
           std::ranges::any_of(clause.any_of,
                               [&](const auto& group) { return std::ranges::any_of(group, test); });
  });
}

}  // namespace

bool UsesInteractions(const Filter& filter) {
  return AnyCondition(filter, [](const Condition& c) { return c.subject == Subject::kInteraction; });
}

bool UsesCurrentItem(const Filter& filter) {
  return AnyCondition(filter, [](const Condition& c) {
    return c.subject == Subject::kCurrentItem ||
           (!c.other_attribute.empty() && c.other_subject == Subject::kCurrentItem);
  });
}

bool FilterCheck::BoundCondition::HasItem(std::string_view id) const {
  return std::ranges::any_of(items, [&](const history::ItemIds* set) { return set->contains(id); });
}

// The union of what the including clauses match, without what the excluding clauses match.
bool FilterCheck::Passes(std::string_view item_id, const Attribute& attribute) const {
  const auto matches = [&](const BoundClause& clause) {
    return std::ranges::any_of(clause.any_of, [&](const std::vector<BoundCondition>& group) {
      return std::ranges::all_of(group,
                                 [&](const BoundCondition& r) { return Matches(r, item_id, attribute); });
    });
  };
  bool includes = false, included = false;
  for (const BoundClause& clause : clauses_) {
    if (clause.include && included) continue;
    const bool match = matches(clause);
    if (!clause.include && match) return false;
    includes = includes || clause.include;
    included = included || (clause.include && match);
  }
  return included || !includes;
}

Result<std::unique_ptr<FilterCheck>> Bind(const Filter& filter, const FilterValues& values,
                                          const FilterSubject& subject) {
  TRINE_TRY(CheckNames(filter, values));
  const ConditionBinder binder(values, subject);
  std::vector<BoundClause> clauses;
  for (const FilterClause& clause : filter.clauses) {
    TRINE_ASSIGN(auto ready, BindClause(clause, binder));
    if (ready) clauses.push_back(*std::move(ready));
  }
  return std::make_unique<FilterCheck>(std::move(clauses));
}

}  // namespace trine::recommend
