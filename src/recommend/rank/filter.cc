#include "recommend/rank/filter.h"

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "base/text.h"
#include "format/text.h"
#include "recommend/model/event_class.h"

namespace trine::recommend {
namespace {

using format::Json;
using Op = Condition::Op;
using Subject = Condition::Subject;
using Attribute = std::function<const Json*(std::string_view)>;

// Calls `visit` with each value of an attribute, as text. A list has several values, and so has the string
// "a|b|c".
void ForEachValue(const Json& attribute, const std::function<void(std::string_view)>& visit) {
  if (attribute.is_array()) {
    for (const Json& element : attribute.array()) ForEachValue(element, visit);
  } else if (attribute.is_string()) {
    std::string_view rest = attribute.string();
    while (true) {
      const size_t bar = rest.find('|');
      visit(rest.substr(0, bar));
      if (bar == std::string_view::npos) return;
      rest.remove_prefix(bar + 1);
    }
  } else if (!attribute.is_null() && !attribute.is_object()) {
    visit(format::ToString(attribute));
  }
}

std::optional<double> NumberOf(const Json& value) {
  if (value.is_number()) return value.number();
  if (value.is_bool()) return value.boolean() ? 1 : 0;
  if (value.is_string()) return format::ParseDouble(value.string());
  return std::nullopt;
}

// Returns true if both are the same number, or the same text ignoring case.
bool SameValue(std::string_view text, const Json& value) {
  if (value.is_string() && EqualsIgnoreCase(text, value.string())) return true;
  const auto a = format::ParseDouble(text), b = NumberOf(value);
  if (value.is_bool())
    return EqualsIgnoreCase(text, value.boolean() ? "true" : "false") || (a && b && *a == *b);
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
    bool found = IsAny(values);
    ForEachValue(*attribute, [&](std::string_view text) {
      found = found || std::ranges::any_of(values, [&](const Json& v) { return SameValue(text, v); });
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
    return ready.items.contains(item_id) == (c.op == Op::kIn || c.op == Op::kEq);
  if (c.subject == Subject::kItem && EqualsIgnoreCase(c.attribute, "ITEM_ID")) {
    const Json id(item_id);
    return Holds(c.op, &id, ready.values).value_or(false);
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
    BoundCondition ready{&condition, condition.values, {}};
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
        ForEachValue(*other, [&](std::string_view text) { ready.values.emplace_back(Json(text)); });
      }
    }
    if (condition.subject == Subject::kInteraction) MatchEvents(&ready);
    return std::optional<BoundCondition>(std::move(ready));
  }

  // Evaluates a condition whose result is the same for every item under test.
  bool HoldsForRequest(const BoundCondition& ready) const {
    const Condition& c = *ready.condition;
    if (c.subject == Subject::kInteraction)
      return !ready.items.empty() == (c.op == Op::kIn || c.op == Op::kEq);
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

  // Collects the items of matching events among the newest kUserHistoryForFilters of each type.
  void MatchEvents(BoundCondition* ready) const {
    if (subject_.events == nullptr) return;
    std::vector<std::pair<std::string, size_t>> seen;
    for (const history::Event& event : *subject_.events) {
      const std::string type = LowerType(event.type);
      auto count = std::ranges::find(seen, type, &std::pair<std::string, size_t>::first);
      if (count == seen.end()) count = seen.insert(seen.end(), {type, 0});
      if (++count->second > limits::kUserHistoryForFilters) continue;
      if (EventMatches(*ready, event)) ready->items.insert(event.item_id);
    }
  }

  static bool EventMatches(const BoundCondition& ready, const history::Event& event) {
    const std::string& attribute = ready.condition->attribute;
    if (IsAny(ready.values)) return true;
    const auto among = [&](std::string_view text) {
      return std::ranges::any_of(ready.values, [&](const Json& v) { return SameValue(text, v); });
    };
    if (attribute.empty() || EqualsIgnoreCase(attribute, "EVENT_TYPE")) return among(event.type);
    return std::ranges::any_of(event.attributes, [&](const auto& a) {
      return EqualsIgnoreCase(a.first, attribute) && among(a.second);
    });
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

bool FilterCheck::Passes(std::string_view item_id, const Attribute& attribute) const {
  return std::ranges::all_of(clauses_, [&](const BoundClause& clause) {
    const bool matches = std::ranges::any_of(clause.any_of, [&](const std::vector<BoundCondition>& group) {
      return std::ranges::all_of(group,
                                 [&](const BoundCondition& r) { return Matches(r, item_id, attribute); });
    });
    return matches == clause.include;
  });
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
