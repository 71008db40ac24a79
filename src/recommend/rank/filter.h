// Filter: decides which items may be recommended, by attributes of the item and the user and by the user's
// events. The APIs parse their filter languages into this tree.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "format/json.h"
#include "history/history.h"

namespace trine::recommend {

// One comparison, with literal `values` or with the request's values for the names in `parameters`.
struct Condition {
  enum class Subject { kItem, kUser, kCurrentItem, kInteraction } subject = Subject::kItem;
  // In upper case. If `subject` is kInteraction, "EVENT_TYPE" or an empty name means the type of the event,
  // and any other name is one of its attributes.
  std::string attribute;
  enum class Op { kIn, kNotIn, kEq, kNe, kLt, kLe, kGt, kGe } op = Op::kIn;
  std::vector<format::Json> values;  // for the type of an event, a single value "*" matches all types
  std::vector<std::string> parameters;
  // If `other_attribute` is not empty, the comparison is with this attribute of the user or the current item.
  Subject other_subject = Subject::kUser;
  std::string other_attribute;
};
// Texts, including ids, are compared as bytes, numbers by value; only the types of events ignore case.
//
// Conditions in disjunctive normal form: an item matches if all conditions of at least one group in `any_of`
// hold.
struct FilterClause {
  bool include = true;
  std::vector<std::vector<Condition>> any_of;
  std::vector<Condition> only_if;  // about the user; the clause applies only if all of them hold
};
struct Filter {
  // An item passes if an including clause matches it, or there is none, and no excluding clause matches it.
  std::vector<FilterClause> clauses;
  std::vector<std::string> Parameters() const;  // names without duplicates
};
using FilterValues = std::vector<std::pair<std::string, std::vector<std::string>>>;

// A filter bound to one request: parameters have their values, and conditions about the user are evaluated.
// Used by one thread.
class FilterCheck {
 public:
  // A condition with its values for this request.
  struct BoundCondition {
    const Condition* condition;
    std::vector<format::Json> values;
    // kInteraction: the items of the user's matching events are those of all these sets. Empty for other
    // subjects. The sets belong to FilterSubject::items or to `columns`.
    std::vector<const history::ItemIds*> items;
    history::PersonItemsParts columns;
    bool HasItem(std::string_view id) const;
  };
  // The remaining conditions of a clause, which are about items.
  struct BoundClause {
    bool include = true;
    std::vector<std::vector<BoundCondition>> any_of;
  };

  explicit FilterCheck(std::vector<BoundClause> clauses) : clauses_(std::move(clauses)) {}
  // `attribute(name)` reads an attribute of the item under test; nullptr if the item lacks it. A comparison
  // with a missing attribute never matches.
  bool Passes(std::string_view item_id,
              const std::function<const format::Json*(std::string_view)>& attribute) const;

 private:
  const std::vector<BoundClause> clauses_;
};
// The data that conditions may refer to besides the item under test.
struct FilterSubject {
  const history::User* user = nullptr;  // nullptr: unknown user
  // The items of all of the user's events, by event type; nullptr: no events. Required if UsesInteractions
  // returns true for the filter.
  const history::PersonItemsParts* items = nullptr;
  // The items of all of the user's events by the values of a column; empty: no events. Used for conditions on
  // columns other than EVENT_TYPE.
  std::function<Result<history::PersonItemsParts>(std::string_view column)> items_by_column;
  std::function<const format::Json*(std::string_view)> current_item;  // empty: there is none
};
// Returns true if a condition of the filter is about the user's events.
bool UsesInteractions(const Filter& filter);
// Returns true if a condition of the filter is about the item that a request names, or compares with it.
bool UsesCurrentItem(const Filter& filter);
// Binds a filter to a request. Returns kFilterValue if an include clause lacks the value of a parameter, if
// `values` contains an unknown parameter, or if an ordering comparison gets anything but one number. An
// exclude clause that lacks a value does not apply, which is not an error. kIo and kCorrupt come from
// `items_by_column`. `filter` and `subject` must outlive the result.
Result<std::unique_ptr<FilterCheck>> Bind(const Filter& filter, const FilterValues& values,
                                          const FilterSubject& subject);

}  // namespace trine::recommend
