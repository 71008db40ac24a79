// GroupColumns: the columns of a dataset group, against which a filter is checked when it is created.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/personalize/call.h"
#include "recommend/rank/filter.h"

namespace trine::api::personalize {

// Lives for one call. The columns of items come from the schema, the binding and the mapping of the bound
// index. Without a schema, a dataset that has rows allows every column, and one without rows has only its ids
// and the type of events.
class GroupColumns {
 public:
  GroupColumns(const Call& call, const recommend::Resource& group);

  // kInvalid if a condition names an unknown column (the message names the nearest known one), if a literal
  // does not have the column's type, or if a list contains "*" for anything but the type of an event.
  Status Check(const recommend::Filter& filter) const;

 private:
  enum class Type { kUnknown, kText, kNumber, kBoolean };
  struct Column {
    std::string name;
    Type type = Type::kUnknown;
  };
  // The columns of one dataset. `open`: others may exist too.
  struct Dataset {
    std::vector<Column> columns;
    bool open = true;
    bool described = false;  // a schema or a mapping lists its columns
    void Add(std::string name, Type type);
  };
  static void AddSchema(const Call& call, const recommend::Resource& group, history::DatasetType type,
                        Dataset* dataset);
  void AddBoundFields(const Call& call, const recommend::Resource& group);
  const Dataset& DatasetOf(recommend::Condition::Subject subject) const;
  // nullopt: there is no such column.
  std::optional<Type> Find(recommend::Condition::Subject subject, std::string_view name) const;
  Status CheckName(recommend::Condition::Subject subject, std::string_view name) const;
  Status CheckCondition(const recommend::Condition& condition) const;
  static Status CheckLiteral(const recommend::Condition& condition, Type type, const format::Json& literal);

  Dataset items_, users_, interactions_;
};

}  // namespace trine::api::personalize
