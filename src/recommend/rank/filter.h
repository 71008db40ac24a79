// Filter: which items may be recommended, by item attributes, the user's attributes and what the
// user did. Foreign filter languages are parsed into this tree by api/*.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json.h"
#include "history/history.h"

namespace trine::recommend {

// One comparison. `values` hold literals; `parameters` the names whose values the request brings.
struct Condition {
  enum class Subject { kItem, kUser, kCurrentItem, kInteraction } subject = Subject::kItem;
  std::string attribute;  // upper case; "EVENT_TYPE" for interactions
  enum class Op { kIn, kNotIn, kEq, kNe, kLt, kLe, kGt, kGe } op = Op::kIn;
  std::vector<format::Json> values;  // the text "*" means any
  std::vector<std::string> parameters;
  // Compares with an attribute of the current user or item instead of a literal; else empty.
  Subject other_subject = Subject::kUser;
  std::string other_attribute;
};
// Conditions in disjunctive form: any of the groups, each needing all of its conditions.
struct FilterClause {
  bool include = true;  // false: exclude what matches
  std::vector<std::vector<Condition>> any_of;
  std::vector<Condition> only_if;  // about the user; the clause counts only when all hold
};
struct Filter {
  std::vector<FilterClause> clauses;            // all must let the item pass
  std::vector<std::string> Parameters() const;  // names, each once
};
using FilterValues = std::vector<std::pair<std::string, std::vector<std::string>>>;

// A filter ready for one request: parameters filled in, the user read.
class FilterCheck {
 public:
  virtual ~FilterCheck() = default;
  // `attribute(name)` reads the item under test; nullptr when it has none.
  virtual bool Passes(std::string_view item_id,
                      const std::function<const format::Json*(std::string_view)>& attribute) const = 0;
};
struct FilterSubject {
  const history::User* user = nullptr;                                // nullptr: unknown
  const std::vector<history::Event>* events = nullptr;                // of the user, newest first
  std::function<const format::Json*(std::string_view)> current_item;  // related items only
};
// kFilterValue when an include clause lacks a parameter value or a value is
// unknown. An exclude clause without its values is left out. What it is given must outlive it.
Result<std::unique_ptr<FilterCheck>> Bind(const Filter& filter, const FilterValues& values,
                                          const FilterSubject& subject);

}  // namespace trine::recommend
